package search

import (
	"encoding/binary"
	"iter"
	"math/bits"
	"slices"
	"strings"
)

// How BM25F weighs: how fast a word that is repeated says less, how much the
// length of a text counts, and what names are worth beside the fields.
const (
	saturation  = 1.2
	lengthCount = 0.6
)

// names and other names of a document are fields, too.
var (
	nameField  = Field{Weight: 6, Length: 3}
	otherField = Field{Weight: 4, Length: 4}
)

// Build makes an index of documents, which are numbered in their order, and
// then of the passages that name documents by these numbers.
func Build(shape Shape, documents iter.Seq[Document], passages iter.Seq[Passage]) *Index {
	b := &builder{Index: &Index{shape: shape, facets: make([]facet, shape.Facets)}, known: map[string]uint32{}, stemOf: map[string]uint32{}}
	b.values = make([]map[string]uint32, shape.Facets)
	for i := range b.values {
		b.values[i] = map[string]uint32{}
	}
	for d := range documents {
		b.document(d)
	}
	b.documents = b.texts
	for p := range passages {
		b.passage(p)
	}
	b.finish()
	return b.Index
}

// builder makes an index; what is in it besides is let go at the end.
type builder struct {
	*Index
	known  map[string]uint32   // number of each word
	stemOf map[string]uint32   // number of each stem
	list   []string            // words by number
	stem   []uint32            // of each word
	inName []bool              // of each word
	lists  []growing           // postings by stem
	values []map[string]uint32 // numbers of values by facet

	found []occurrence // in the present text
	at    []int32      // by stem: its place in found, plus one; 0: none
}

// growing is the postings of one stem while they are made.
type growing struct {
	bytes []byte
	last  uint32
	count uint32
}

// occurrence is how often a stem is in the present text, and where.
type occurrence struct {
	stem   uint32
	where  uint8
	weight float32
}

func (b *builder) document(d Document) {
	number := uint32(b.texts)
	for _, key := range d.Keys {
		b.title(key, number, titleKey)
	}
	for i, name := range d.Names {
		if i == 0 {
			b.title(name, number, titleName)
			b.read(name, nameField, inName)
			continue
		}
		b.title(name, number, titleOther)
		b.read(name, otherField, inOther)
	}
	for _, t := range d.Texts {
		b.read(t.Body, b.shape.Fields[t.Field], 0)
	}
	b.weights = append(b.weights, d.Weight)
	b.behind = append(b.behind, d.Behind)
	for i := range b.facets {
		var row []uint32
		if i < len(d.Facets) {
			row = b.numbers(i, d.Facets[i])
		}
		b.facets[i].of.add(row)
	}
	b.post()
}

func (b *builder) title(text string, document uint32, kind uint8) {
	if text = squeeze(text); text != "" {
		b.titles = append(b.titles, title{text, document, kind})
	}
}

func (b *builder) numbers(facet int, values []string) []uint32 {
	row := make([]uint32, 0, len(values))
	for _, v := range values {
		n, ok := b.values[facet][v]
		if !ok {
			n = uint32(len(b.facets[facet].values))
			b.values[facet][v] = n
			b.facets[facet].values = append(b.facets[facet].values, v)
		}
		if !slices.Contains(row, n) {
			row = append(row, n)
		}
	}
	return row
}

func (b *builder) passage(p Passage) {
	row := make([]uint32, 0, len(p.Of))
	for _, n := range p.Of {
		row = append(row, uint32(n))
	}
	b.passages.add(row)
	b.main = append(b.main, uint8(min(p.Main, 255)))
	for _, t := range p.Texts {
		b.read(t.Body, b.shape.Fields[t.Field], 0)
	}
	b.post()
}

// read counts the words of one field of the present text. Words that say
// nothing are kept where they are part of a name only.
func (b *builder) read(text string, f Field, where uint8) {
	if text == "" {
		return
	}
	start, length := len(b.found), float32(0)
	w := words{text: text}
	for w.next() {
		word, ok := b.known[string(w.word)]
		if !ok {
			word = b.learn(string(w.word))
		}
		stem := b.stem[word]
		if where == 0 && stem == unindexed {
			continue
		}
		if where != 0 {
			b.inName[word] = true
			if stem == unindexed {
				stem = b.stemNumber(b.list[word])
			}
		}
		length++
		b.occurs(stem, where, start)
	}
	norm := f.Weight / (1 - lengthCount + lengthCount*length/f.Length)
	for i := start; i < len(b.found); i++ {
		b.found[i].weight *= norm
		b.at[b.found[i].stem] = 0
	}
}

// unindexed stands for the stem of a word that says nothing.
const unindexed = ^uint32(0)

func (b *builder) occurs(stem uint32, where uint8, start int) {
	for int(stem) >= len(b.at) {
		b.at = append(b.at, make([]int32, max(1024, len(b.at)))...)
	}
	if i := int(b.at[stem]) - 1; i >= start {
		b.found[i].weight++
		return
	}
	b.found = append(b.found, occurrence{stem, where, 1})
	b.at[stem] = int32(len(b.found))
}

func (b *builder) learn(word string) uint32 {
	n := uint32(len(b.list))
	b.known[word] = n
	b.list = append(b.list, word)
	b.inName = append(b.inName, false)
	if stop(word) {
		b.stem = append(b.stem, unindexed)
	} else {
		b.stem = append(b.stem, b.stemNumber(stem(word)))
	}
	return n
}

func (b *builder) stemNumber(text string) uint32 {
	n, ok := b.stemOf[text]
	if !ok {
		n = uint32(len(b.lists))
		b.stemOf[strings.Clone(text)] = n
		b.lists = append(b.lists, growing{})
	}
	return n
}

// post writes what was found in the present text, and goes to the next.
func (b *builder) post() {
	slices.SortFunc(b.found, func(x, y occurrence) int { return int(x.stem) - int(y.stem) })
	for i := 0; i < len(b.found); {
		one := b.found[i]
		for i++; i < len(b.found) && b.found[i].stem == one.stem; i++ {
			one.weight += b.found[i].weight
			one.where |= b.found[i].where
		}
		impact := one.weight / (one.weight + saturation)
		l := &b.lists[one.stem]
		l.bytes = binary.AppendUvarint(l.bytes, uint64(uint32(b.texts)-l.last)<<whereBits|uint64(one.where))
		l.bytes = append(l.bytes, uint8(min(255, max(1, impact*255))))
		l.last = uint32(b.texts)
		l.count++
	}
	b.found = b.found[:0]
	b.texts++
}

// finish lays everything end to end.
func (b *builder) finish() {
	x := b.Index
	size := 0
	for _, l := range b.lists {
		size += len(l.bytes)
	}
	x.postings = make([]byte, 0, size)
	x.first, x.count = make([]uint32, 1, len(b.lists)+1), make([]uint32, len(b.lists))
	for i, l := range b.lists {
		x.postings = append(x.postings, l.bytes...)
		x.first = append(x.first, uint32(len(x.postings)))
		x.count[i] = l.count
	}
	sortTitles(x.titles)
	x.titles = slices.Clip(x.titles)
	b.words()
	x.scratch.New = func() any { return newScratch(x) }
}

// words makes the vocabulary: the words that were read, and the stems, by
// which a form of a word is found that nobody used.
func (b *builder) words() {
	for text, n := range b.stemOf {
		if _, ok := b.known[text]; !ok {
			b.list, b.stem, b.inName = append(b.list, text), append(b.stem, n), append(b.inName, false)
		}
	}
	order := make([]uint32, 0, len(b.list))
	size := 0
	for i, word := range b.list {
		if b.stem[i] == unindexed { // it may be part of a name
			n, ok := b.stemOf[word]
			if !ok {
				continue
			}
			b.stem[i] = n
		}
		order = append(order, uint32(i))
		size += len(word)
	}
	slices.SortFunc(order, func(i, j uint32) int { return strings.Compare(b.list[i], b.list[j]) })
	v := vocabulary{at: make([]uint32, 1, len(order)+1), stems: make([]uint32, len(order)), same: make([]uint8, len(order)), named: make([]uint64, len(order)/bits.UintSize+1)}
	var blob strings.Builder
	blob.Grow(size)
	before := ""
	for i, n := range order {
		word := b.list[n]
		blob.WriteString(word)
		v.at = append(v.at, uint32(blob.Len()))
		v.stems[i] = b.stem[n]
		for int(v.same[i]) < min(len(word), len(before)) && word[v.same[i]] == before[v.same[i]] {
			v.same[i]++
		}
		if b.inName[n] {
			v.named[i/64] |= 1 << (i % 64)
		}
		before = word
	}
	v.blob = blob.String()
	b.vocabulary = v
}
