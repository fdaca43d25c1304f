package search

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// Query says what is looked for.
type Query struct {
	Text   string     // may be empty: then everything that fits the facets
	Facets [][]string // by facet: one of these values; none: any
	Limit  int        // most hits
}

// Where a hit was found.
type Where int

// The places, the strongest first.
const (
	ByKey Where = iota
	ByName
	ByOtherName
	ByText
	ByPassage
)

// Hit is a document that was found.
type Hit struct {
	Document int
	Where    Where
	Passage  int // which one found it, where it was a passage
}

// Count is how many hits have a value.
type Count struct {
	Value  string
	Count  int
	Chosen bool
}

// Result is the answer to a query.
type Result struct {
	Hits   []Hit // best first
	Total  int   // hits without the limit
	Loose  bool  // no document has all the words: these have the most of them
	Facets [][]Count
	Marker *Marker
}

// Ranks of hits; lower is better. Within one, the score decides.
const (
	rankKey = iota
	rankName
	rankOther
	rankKeyBegun
	rankMeant // a name, but for the spelling
	rankNameBegun
	rankOtherBegun
	rankKeyMaybe // begins like a key that might as well be a word
	rankText
	rankBehind // what is behind has this added
)

// What it is worth to have all words in a name.
const (
	inNameBonus  = 1.5
	inOtherBonus = 1.3
)

// passageShare is what a passage counts beside a document's own words, and
// asideShare what it counts for a document that it is not mainly about.
const (
	passageShare = 0.6
	asideShare   = 0.6
)

// state is what a query has found of one text, or through the passages of one
// document.
type state struct {
	words uint64 // bits of words that are there
	score float32
	last  float32 // of the present word
}

// named is which words the names of a document have.
type named struct {
	name, other uint64
}

// via is the best passage of a document.
type via struct {
	words   uint64
	score   float32
	passage uint32
}

// scratch is the memory of one query.
type scratch struct {
	state   []state  // by text
	touched []uint32 // texts with a state
	via     []via    // by document
	through []uint32 // documents with a via
	named   []named  // by document
}

func newScratch(x *Index) *scratch {
	return &scratch{state: make([]state, x.texts), via: make([]via, x.documents), named: make([]named, x.documents)}
}

func (x *Index) borrow() *scratch { return x.scratch.Get().(*scratch) }

func (x *Index) giveBack(s *scratch) {
	for _, n := range s.touched {
		s.state[n] = state{}
		if int(n) < x.documents {
			s.named[n] = named{}
		}
	}
	for _, n := range s.through {
		s.via[n] = via{}
	}
	s.touched, s.through = s.touched[:0], s.through[:0]
	x.scratch.Put(s)
}

// Search finds documents.
func (x *Index) Search(q Query) Result {
	list := x.readQuery(q.Text)
	s := x.borrow()
	defer x.giveBack(s)
	for i := range list {
		s.collect(x, list[i].forms, uint(i), list[i].idf)
	}
	s.throughPassages(x)
	f := x.newFinding(q, list, s)
	f.titles()
	f.all()
	return f.result()
}

// collect adds what the forms of one word say about every text that has one.
func (s *scratch) collect(x *Index, forms []form, word uint, weight float32) {
	bit := uint64(1) << word
	for _, f := range forms {
		for l := x.list(f.stem); l.next(); {
			if f.names && l.where == 0 {
				continue
			}
			t := &s.state[l.text]
			score := weight * f.factor * l.impact
			switch {
			case t.words&bit != 0:
				if score > t.last {
					t.score += score - t.last
					t.last = score
				}
			default:
				if t.words == 0 {
					s.touched = append(s.touched, l.text)
				}
				t.words |= bit
				t.score += score
				t.last = score
			}
			if l.where&inName != 0 {
				s.named[l.text].name |= bit
			}
			if l.where&inOther != 0 {
				s.named[l.text].other |= bit
			}
		}
	}
}

// throughPassages hands on to the documents what was found in passages. Of the
// passages of a document the one counts that adds the most to its own words.
func (s *scratch) throughPassages(x *Index) {
	for _, n := range s.touched {
		if int(n) < x.documents {
			continue
		}
		found, p := &s.state[n], int(n)-x.documents
		for i, d := range x.passages.row(p) {
			score := found.score
			if i >= int(x.main[p]) {
				score *= asideShare
			}
			own, best := s.state[d].words, &s.via[d]
			if best.words == 0 {
				s.through = append(s.through, d)
			}
			more, now := bits.OnesCount64(own|found.words), bits.OnesCount64(own|best.words)
			if best.words == 0 || more > now || more == now && score > best.score {
				*best = via{found.words, score, uint32(p)}
			}
		}
	}
}

// eachDocument calls do once with each document that was found.
func (s *scratch) eachDocument(x *Index, do func(document uint32)) {
	for _, n := range s.touched {
		if int(n) < x.documents {
			do(n)
		}
	}
	for _, n := range s.through {
		if s.state[n].words == 0 {
			do(n)
		}
	}
}

// finding puts the hits of a query together.
type finding struct {
	*Index
	query   Query
	asked   []asked
	s       *scratch
	need    uint64 // bits of the words that count
	filters []filter
	ranks   map[uint32]uint8 // of the documents that a title found
	exact   bool             // one that is not behind has the very name
	best    *top[candidate]
	total   int
	most    int // words that one document has
	least   int // words that a hit must have
	counts  [][]int
}

// compare puts false before true.
func compare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

type candidate struct {
	document uint32
	rank     uint8
	score    float32
}

func (x *Index) newFinding(q Query, list []asked, s *scratch) *finding {
	f := &finding{Index: x, query: q, asked: list, s: s, ranks: map[uint32]uint8{}, filters: x.filters(q.Facets)}
	for i, a := range list {
		if !a.stop {
			f.need |= 1 << i
		}
	}
	if f.need == 0 { // only words that say nothing: then these
		f.need = 1<<len(list) - 1
	}
	f.best = newTop(q.Limit, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), compare(x.behind[a.document], x.behind[b.document]), cmp.Compare(b.score, a.score), cmp.Compare(a.document, b.document))
	})
	for i := range x.facets {
		f.counts = append(f.counts, make([]int, len(x.facets[i].values)))
	}
	return f
}

// titles finds the documents whose key or name is the query or begins so.
func (f *finding) titles() {
	typed := squeeze(f.query.Text)
	if typed == "" {
		return
	}
	digit := strings.ContainsAny(typed, "0123456789")
	for i, t := range f.titlesFrom(typed) {
		if i == mostTitles || !strings.HasPrefix(t.text, typed) {
			break
		}
		whole := t.text == typed
		switch {
		case whole:
			f.exact = f.exact || t.kind != titleKey && !f.behind[t.document]
			f.rank(t.document, rankKey+t.kind)
		case len(typed) < 2:
		case t.kind == titleKey && digit:
			f.rank(t.document, rankKeyBegun)
		case t.kind == titleKey:
			f.rank(t.document, rankKeyMaybe)
		case t.kind == titleName:
			f.rank(t.document, rankNameBegun)
		default:
			f.rank(t.document, rankOtherBegun)
		}
	}
	f.meant(typed)
}

// meant finds the names that are the query but for its spelling.
func (f *finding) meant(typed string) {
	var all strings.Builder
	w := words{text: f.query.Text}
	for w.next() && all.Len() < maxTitle {
		word := string(w.word)
		if i := slices.IndexFunc(f.asked, func(a asked) bool { return a.text == word && a.meant != "" }); i >= 0 {
			word = f.asked[i].meant
		}
		all.WriteString(word)
	}
	if all.String() == typed {
		return
	}
	for _, t := range f.titlesFrom(all.String()) {
		if t.text != all.String() {
			return
		}
		f.rank(t.document, rankMeant)
	}
}

// maxTitle is how many bytes of a query are compared with names.
const maxTitle = 200

func (f *finding) rank(document uint32, rank uint8) {
	if old, ok := f.ranks[document]; !ok || rank < old {
		f.ranks[document] = rank
	}
}

// words counts the words that count and that a document or its best passage has.
func (f *finding) words(document uint32) int {
	return bits.OnesCount64((f.s.state[document].words | f.s.via[document].words) & f.need)
}

// all goes through every document that was found.
func (f *finding) all() {
	f.each(func(document uint32) { f.most = max(f.most, f.words(document)) })
	f.least = min(f.most, needed(bits.OnesCount64(f.need)))
	f.each(f.hit)
}

// needed is how many of n words a hit must have: all of a few, most of many.
func needed(n int) int {
	if n < 4 {
		return n
	}
	return (3*n + 3) / 4
}

// each calls do with each document once.
func (f *finding) each(do func(document uint32)) {
	if len(f.asked) == 0 {
		if strings.TrimSpace(f.query.Text) == "" && slices.ContainsFunc(f.query.Facets, func(list []string) bool { return len(list) > 0 }) {
			for d := range f.documents {
				do(uint32(d))
			}
		}
		return
	}
	f.s.eachDocument(f.Index, do)
	for d := range f.ranks {
		if f.s.state[d].words == 0 && f.s.via[d].words == 0 {
			do(d)
		}
	}
}

func (f *finding) hit(document uint32) {
	rank, titled := f.ranks[document]
	if !titled {
		if len(f.asked) > 0 && f.words(document) < f.least {
			return
		}
		rank = rankText
	}
	if !f.count(document) {
		return
	}
	f.total++
	own, through, bonus := &f.s.state[document], &f.s.via[document], float32(1)
	names := f.s.named[document]
	switch {
	case len(f.asked) == 0:
	case names.name&f.need == f.need:
		bonus = inNameBonus
	case (names.name|names.other)&f.need == f.need:
		bonus = inOtherBonus
	}
	if f.behind[document] && rank != rankKey && (rank > rankOther || f.exact) {
		rank += rankBehind
	}
	share := float32(f.words(document)+1) / float32(bits.OnesCount64(f.need)+1)
	score := (own.score + passageShare*through.score) * share * share * bonus * f.weights[document]
	f.best.add(candidate{document, rank, score})
}

func (f *finding) result() Result {
	n := bits.OnesCount64(f.need)
	r := Result{Hits: []Hit{}, Total: f.total, Facets: f.facetCounts(), Marker: f.marker(f.asked)}
	r.Loose = len(f.asked) > 0 && f.total > 0 && f.most < n && len(f.ranks) == 0
	for _, c := range f.best.sorted() {
		r.Hits = append(r.Hits, f.where(c))
	}
	return r
}

// where says in what a hit was found.
func (f *finding) where(c candidate) Hit {
	h := Hit{Document: int(c.document), Where: ByText, Passage: -1}
	own, through, names := f.s.state[c.document], f.s.via[c.document], f.s.named[c.document]
	switch rank := c.rank % rankBehind; {
	case rank == rankKey || rank == rankKeyBegun || rank == rankKeyMaybe:
		h.Where = ByKey
	case rank == rankName || rank == rankNameBegun || names.name&f.need == f.need:
		h.Where = ByName
	case rank == rankOther || rank == rankOtherBegun || rank == rankMeant || (names.name|names.other)&f.need == f.need:
		h.Where = ByOtherName
	case through.words&^own.words&f.need != 0:
		h.Where, h.Passage = ByPassage, int(through.passage)
	}
	return h
}
