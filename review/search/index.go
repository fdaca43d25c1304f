package search

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sort"
	"sync"
)

// Field is a kind of text of documents or passages.
type Field struct {
	Weight float32 // what a word in it says, compared with 1 for the main text
	Length float32 // how many words such a text usually has
}

// Text is what a document or a passage says in one of the fields.
type Text struct {
	Field int // which of Shape.Fields
	Body  string
}

// Shape says what documents are made of.
type Shape struct {
	Fields []Field
	Facets int // in how many ways documents are sorted
}

// Document is something that a search finds.
type Document struct {
	Keys   []string // ids: found whole and by how they begin
	Names  []string // its own name, then others that it is also called
	Texts  []Text
	Facets [][]string // its values by facet
	Weight float32    // of two that fit alike, the heavier comes first; about 1
	Behind bool       // comes behind all that are not
}

// Passage is a text that belongs to documents and finds them.
type Passage struct {
	Of    []int // numbers of documents, which are their positions
	Main  int   // how many of them, from the first, it is mainly about
	Texts []Text
}

// Index finds documents. It is immutable and safe for concurrent use.
type Index struct {
	shape     Shape
	documents int // the texts below this number are documents, the others passages
	texts     int
	weights   []float32 // by document
	behind    []bool    // by document
	passages  table     // the documents of each passage
	main      []uint8   // how many of them it is mainly about
	facets    []facet
	titles    []title // by what they look like
	vocabulary
	postings []byte   // of all stems, end to end
	first    []uint32 // where the postings of a stem start; one more for the end
	count    []uint32 // how many texts have a stem
	scratch  sync.Pool
}

// table is a list of numbers for each row.
type table struct {
	start  []uint32
	values []uint32
}

func (t *table) row(i int) []uint32 { return t.values[t.start[i]:t.start[i+1]] }

func (t *table) add(row []uint32) {
	if len(t.start) == 0 {
		t.start = append(t.start, 0)
	}
	t.values = append(t.values, row...)
	t.start = append(t.start, uint32(len(t.values)))
}

// facet is one way in which documents are sorted.
type facet struct {
	values []string
	of     table // numbers of values by document
}

// Kinds of titles, the strongest first.
const (
	titleKey = iota
	titleName
	titleOther
)

// title is a key or a name, squeezed.
type title struct {
	text     string
	document uint32
	kind     uint8
}

// Where the words of a posting stand, besides in texts.
const (
	inName = 1 << iota
	inOther
	whereBits = iota
)

// posting says that a text has a stem.
type posting struct {
	text   uint32
	where  uint8
	impact float32 // from 0 to 1
}

// list goes through the postings of one stem.
type list struct {
	rest []byte
	posting
}

func (x *Index) list(stem uint32) list {
	return list{rest: x.postings[x.first[stem]:x.first[stem+1]]}
}

// next is false at the end.
func (l *list) next() bool {
	if len(l.rest) == 0 {
		return false
	}
	head, n := binary.Uvarint(l.rest)
	l.text += uint32(head >> whereBits)
	l.where = uint8(head & (1<<whereBits - 1))
	l.impact = float32(l.rest[n]) / 255
	l.rest = l.rest[n+1:]
	return true
}

// titlesFrom gives the range of the titles that begin with a squeezed text.
func (x *Index) titlesFrom(text string) []title {
	from := sort.Search(len(x.titles), func(i int) bool { return x.titles[i].text >= text })
	return x.titles[from:]
}

func sortTitles(titles []title) {
	slices.SortFunc(titles, func(a, b title) int {
		return cmp.Or(cmp.Compare(a.text, b.text), cmp.Compare(a.kind, b.kind), cmp.Compare(a.document, b.document))
	})
}

// Bytes is about how much memory the index takes.
func (x *Index) Bytes() int {
	sum := len(x.blob) + 4*len(x.at) + 4*len(x.stems) + len(x.same) + 8*len(x.named) + len(x.postings) + 4*len(x.first) + 4*len(x.count) +
		4*len(x.weights) + len(x.behind) + len(x.main) + 4*len(x.passages.start) + 4*len(x.passages.values)
	for _, t := range x.titles {
		sum += 24 + len(t.text)
	}
	for _, f := range x.facets {
		sum += 4*len(f.of.start) + 4*len(f.of.values)
	}
	return sum
}

// Words is how many different words the documents use.
func (x *Index) Words() int { return x.size() }
