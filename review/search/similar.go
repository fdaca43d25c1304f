package search

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// Draft is a text that may be about the same as a document.
type Draft struct {
	Name   string
	Text   string
	Facets [][]string // as in a Query
	Limit  int
}

// Alike is a document that is like a draft.
type Alike struct {
	Document int
	Score    float32  // of names, text and passages, by which they are ranked; 0: nothing in common
	Own      float32  // of names and text alone, from 0 to about 1: the very text
	Called   bool     // it has the very name, but for its spelling or a slip
	Named    float32  // how much of the draft's name its names have, from 0 to 1
	Words    int      // of the draft that were compared
	Shared   []string // words of the draft that the document has, too, those that say most first
}

// Bounds of a draft.
const (
	mostTerms  = 48    // that are compared; of more, those that say most
	mostBytes  = 20000 // of the text that are read
	mostShared = 8
	// leastSaying is the part of the weight of a draft's weightiest word that one
	// must have to be named as shared.
	leastSaying = 0.4
)

// term is one word of a draft.
type term struct {
	text   string // as first written
	forms  []form
	weight float32
	times  float32
	named  bool
}

// Similar lists the documents that are most like a draft, best first. Those
// that are behind are left out.
func (x *Index) Similar(d Draft) []Alike {
	terms := x.terms(d)
	s := x.borrow()
	defer x.giveBack(s)
	for i, t := range terms {
		s.collect(x, t.forms, uint(i), t.weight)
		s.together(x, t, uint(i))
	}
	filters := x.filters(d.Facets)
	best := newTop(d.Limit, func(a, b Alike) int {
		return cmp.Or(compare(b.Called, a.Called), cmp.Compare(b.Score, a.Score), cmp.Compare(a.Document, b.Document))
	})
	whole, called := ideal(terms), x.called(d.Name)
	visit := func(n uint32) {
		if !x.behind[n] && x.fits(filters, n) {
			own := s.state[n].score / whole
			best.add(Alike{Document: int(n), Score: own + alikeShare*s.via[n].score/whole, Own: own, Called: slices.Contains(called, n), Words: len(terms)})
		}
	}
	s.eachDocument(x, visit)
	for _, n := range called {
		if s.state[n].words == 0 && s.via[n].words == 0 {
			visit(n)
		}
	}
	list := best.sorted()
	for i := range list {
		n := list[i].Document
		list[i].Named = namedShare(terms, s.named[n].name|s.named[n].other)
		list[i].Shared = shared(terms, s.state[n].words|s.via[n].words)
	}
	return list
}

// alikeShare is what the passages of a document count beside its own words.
// Chosen on 100 paraphrases of techniques; between 0.7 and 1 little changes.
const alikeShare = 0.8

// together adds what the passages of each document say of a term. All count as
// one text, of which each word is taken from where it says most: no example
// tells the whole of a technique, and a draft tells what many have in common.
func (s *scratch) together(x *Index, t term, word uint) {
	one := x.borrow()
	defer x.giveBack(one)
	one.collect(x, t.forms, word, t.weight)
	one.throughPassages(x)
	for _, d := range one.through {
		if s.via[d].words == 0 {
			s.through = append(s.through, d)
		}
		s.via[d].words |= one.via[d].words
		s.via[d].score += one.via[d].score
	}
}

// leastTypo is how long a name is that may be meant with a letter more, less,
// changed or moved: of short ones too many are so near.
const leastTypo = 8

// called lists the documents that have a name, or one that is a slip away.
func (x *Index) called(name string) []uint32 {
	if name = squeeze(name); name == "" {
		return nil
	}
	var list []uint32
	for _, t := range x.titlesFrom(name) {
		if t.text != name {
			break
		}
		if t.kind != titleKey {
			list = append(list, t.document)
		}
	}
	if len(list) > 0 || len(name) < leastTypo {
		return list
	}
	for _, t := range x.titles {
		if t.kind != titleKey && slip(name, t.text) && !slices.Contains(list, t.document) {
			list = append(list, t.document)
		}
	}
	return list
}

// slip says whether two texts differ by one byte more, less or changed, or by
// two that changed places.
func slip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if i == len(a) || a[i+1:] == b[i+1:] {
		return true
	}
	return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// ideal is what a document would get that has all the terms.
func ideal(terms []term) float32 {
	sum := float32(0)
	for _, t := range terms {
		sum += t.weight
	}
	return max(sum, 1e-6)
}

func (x *Index) fits(filters []filter, document uint32) bool {
	for i, chosen := range filters {
		if chosen != nil && !slices.ContainsFunc(x.facets[i].of.row(int(document)), func(v uint32) bool { return chosen[v] }) {
			return false
		}
	}
	return true
}

// terms lists the words of a draft by what they say.
func (x *Index) terms(d Draft) []term {
	var list []term
	at := map[uint32]int{}
	read := func(text string, named bool) {
		w := words{text: text}
		for w.next() {
			word := string(w.word)
			if stop(word) {
				continue
			}
			a := asked{text: word}
			if n, ok := x.vocabulary.stem(word); ok {
				a.add(form{stem: n, factor: 1})
			} else if named && len(list) < mostWords {
				x.spell(&a)
			}
			if len(a.forms) == 0 {
				continue
			}
			i, ok := at[a.forms[0].stem]
			if !ok {
				i = len(list)
				at[a.forms[0].stem] = i
				list = append(list, term{text: text[w.start:w.end], forms: a.forms})
			}
			list[i].times++
			list[i].named = list[i].named || named
		}
	}
	read(d.Name, true)
	read(d.Text[:min(len(d.Text), mostBytes)], false)
	for i := range list {
		t := &list[i]
		t.weight = x.rarity(t.forms) * t.times / (t.times + 1)
	}
	slices.SortFunc(list, func(a, b term) int { return cmp.Or(cmp.Compare(b.weight, a.weight), strings.Compare(a.text, b.text)) })
	return list[:min(len(list), mostTerms)]
}

// namedShare is how much of what the name of a draft says is among words.
func namedShare(terms []term, words uint64) float32 {
	var all, have float32
	for i, t := range terms {
		if !t.named {
			continue
		}
		all += t.weight
		if words&(1<<i) != 0 {
			have += t.weight
		}
	}
	return have / max(all, 1e-6)
}

// shared names words that two texts have. What nearly all texts have says
// nothing, unless there is nothing else.
func shared(terms []term, words uint64) []string {
	list := []string{}
	for words != 0 && len(list) < mostShared {
		i := bits.TrailingZeros64(words)
		if len(list) > 0 && terms[i].weight < terms[0].weight*leastSaying {
			break
		}
		list = append(list, terms[i].text)
		words &^= 1 << i
	}
	return list
}
