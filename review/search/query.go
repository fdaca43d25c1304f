package search

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of the work of one query.
const (
	mostWords  = 12   // that count; of more, the rarest
	mostRead   = 400  // that are looked at
	mostBegun  = 48   // stems that an unfinished word may stand for
	mostNear   = 6    // words that a misspelled one may stand for
	mostTitles = 400  // that begin with the query
	mostTexts  = 9000 // that an unfinished word may find; of more, only names
)

// What a form of a word is worth, compared with the word as typed.
const (
	factorBegun  = 0.75
	factorNear   = 0.6 // for each letter that is other
	seldom       = 3   // a word that so few texts have may be a mistake in them
	splitAtLeast = 3   // letters of each part of a word that lacks a space
)

// form is a stem that a word of the query may stand for.
type form struct {
	stem   uint32
	factor float32
	start  byte // how its words begin
	names  bool // only names count
}

// asked is one word of a query.
type asked struct {
	text  string
	stop  bool
	begun bool // it may go on: it is the last, and nothing follows it
	forms []form
	idf   float32
	meant string // the word that it was probably meant to be; empty: itself
}

// readQuery takes a query apart and finds out what its words stand for.
func (x *Index) readQuery(text string) []asked {
	all := x.split(text)
	if slices.ContainsFunc(all, func(a asked) bool { return !a.stop }) {
		all = slices.DeleteFunc(all, func(a asked) bool { return a.stop && !a.begun })
	}
	for i := range all {
		x.understand(&all[i])
	}
	all = x.apart(all)
	for i := range len(all) - 1 {
		x.join(&all[i], &all[i+1])
	}
	for i := range all {
		all[i].idf = x.rarity(all[i].forms)
	}
	return rarest(all)
}

// split lists the different words of a query.
func (x *Index) split(text string) []asked {
	var all []asked
	w := words{text: text}
	for n := 0; n < mostRead && w.next(); n++ {
		word := string(w.word)
		if !slices.ContainsFunc(all, func(a asked) bool { return a.text == word }) {
			all = append(all, asked{text: word, stop: stop(word)})
		}
	}
	if last, _ := utf8.DecodeLastRuneInString(text); len(all) > 0 && (unicode.IsLetter(last) || unicode.IsDigit(last)) {
		all[len(all)-1].begun = true
	}
	return all
}

// understand finds the forms of a word: itself, what it begins, and, where
// nobody or hardly anybody uses it, what is spelled nearly so.
func (x *Index) understand(a *asked) {
	known := false
	if i, ok := x.find(a.text); ok {
		known = x.isNamed(i) || x.count[x.stems[i]] > seldom
	}
	if n, ok := x.vocabulary.stem(a.text); ok {
		a.add(form{stem: n, factor: 1, start: a.text[0]})
	}
	if a.begun {
		known = x.begin(a) || known
	}
	if !known && !a.stop {
		x.spell(a)
	}
}

func (a *asked) add(f form) {
	for i := range a.forms {
		if a.forms[i].stem == f.stem {
			a.forms[i].factor = max(a.forms[i].factor, f.factor)
			return
		}
	}
	a.forms = append(a.forms, f)
}

// begin adds what an unfinished word may become: words of names first, and
// then those that many texts have.
func (x *Index) begin(a *asked) bool {
	first, end := x.startingWith(a.text)
	type candidate struct {
		stem  uint32
		named bool
	}
	best := newTop(mostBegun, func(p, q candidate) int {
		if p.named != q.named {
			if p.named {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(x.count[q.stem], x.count[p.stem]), cmp.Compare(p.stem, q.stem))
	})
	for i := first; i < end; i++ {
		best.add(candidate{x.stems[i], x.isNamed(i)})
	}
	list, texts := best.sorted(), uint32(0)
	for _, c := range list {
		texts += x.count[c.stem]
	}
	for _, c := range list {
		a.add(form{stem: c.stem, factor: factorBegun, start: a.text[0], names: texts > mostTexts})
	}
	return slices.ContainsFunc(list, func(c candidate) bool { return c.named })
}

// spell adds the words that differ by a letter or two; digits must be the same,
// for ids and versions that differ are not the same thing misspelled.
func (x *Index) spell(a *asked) {
	letters := utf8.RuneCountInString(a.text)
	most := 2
	switch {
	case letters < 3:
		return
	case letters < 5:
		most = 1
	}
	list := x.spelled(a.text, most, false)
	if len(list) == 0 && a.begun && letters > 3 {
		list = x.spelled(a.text, most, true)
	}
	if len(list) == 0 {
		return
	}
	if len(a.forms) == 0 || x.isNamed(list[0].word) {
		a.meant = x.word(list[0].word)
	}
	for _, n := range list {
		a.add(form{stem: x.stems[n.word], factor: float32(math.Pow(factorNear, float64(n.distance))), start: x.word(n.word)[0]})
	}
}

func (x *Index) spelled(word string, most int, begun bool) []near {
	rank := func(n near) int {
		if x.isNamed(n.word) {
			return 2*n.distance - 1
		}
		return 2 * n.distance
	}
	best := newTop(mostNear, func(p, q near) int {
		return cmp.Or(cmp.Compare(rank(p), rank(q)), cmp.Compare(x.count[x.stems[q.word]], x.count[x.stems[p.word]]), cmp.Compare(p.word, q.word))
	})
	numbers := digits(word)
	for _, n := range x.nearby(word, most, begun) {
		if n.distance > 0 && digits(x.word(n.word)) == numbers {
			best.add(n)
		}
	}
	list := best.sorted()
	return slices.DeleteFunc(list, func(n near) bool { return rank(n) > rank(list[0])+1 })
}

func digits(word string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, word)
}

// apart takes words apart that nobody uses and that are two words of names.
func (x *Index) apart(all []asked) []asked {
	for i := 0; i < len(all) && len(all) < mostWords; i++ {
		a := all[i]
		if len(a.forms) > 0 || len(a.text) > mostSpelled {
			continue
		}
		at, most := 0, uint32(0)
		for cut := splitAtLeast; cut <= len(a.text)-splitAtLeast; cut++ {
			left, okLeft := x.find(a.text[:cut])
			right, okRight := x.find(a.text[cut:])
			if !okLeft || !okRight || !x.isNamed(left) || !x.isNamed(right) {
				continue
			}
			if n := min(x.count[x.stems[left]], x.count[x.stems[right]]); n > most {
				at, most = cut, n
			}
		}
		if at == 0 {
			continue
		}
		left, right := asked{text: a.text[:at]}, asked{text: a.text[at:], begun: a.begun}
		x.understand(&left)
		x.understand(&right)
		all = slices.Replace(all, i, i+1, left, right)
		i++
	}
	return all
}

// join lets two words stand for the one that they are together.
func (x *Index) join(a, b *asked) {
	if i, ok := x.find(a.text + b.text); ok && x.isNamed(i) {
		f := form{stem: x.stems[i], factor: 1, start: a.text[0]}
		a.add(f)
		b.add(f)
	}
}

// rarity is the weight of a word by how few texts have any of its forms.
func (x *Index) rarity(forms []form) float32 {
	var n uint32
	for _, f := range forms {
		if f.factor > factorBegun || len(forms) == 1 {
			n = max(n, x.count[f.stem])
		}
	}
	if n == 0 {
		for _, f := range forms {
			n = max(n, x.count[f.stem])
		}
	}
	return x.idf(n)
}

func (x *Index) idf(texts uint32) float32 {
	return float32(math.Log(1 + (float64(x.texts)-float64(texts)+0.5)/(float64(texts)+0.5)))
}

// rarest keeps the words that say most, in the order that they came.
func rarest(all []asked) []asked {
	if len(all) <= mostWords {
		return all
	}
	weights := make([]float32, len(all))
	for i, a := range all {
		weights[i] = a.idf
	}
	slices.SortFunc(weights, func(a, b float32) int { return cmp.Compare(b, a) })
	least, kept := weights[mostWords-1], all[:0]
	for _, a := range all {
		if a.idf >= least && len(kept) < mostWords {
			kept = append(kept, a)
		}
	}
	return kept
}
