package search

import (
	"math/bits"
	"strings"
	"unicode/utf8"
)

// Segment is a piece of a text.
type Segment struct {
	Text string `json:"text"`
	Mark bool   `json:"mark" doc:"true: what was looked for"`
}

// Marker marks the words of a query in texts. It is safe for concurrent use.
type Marker struct {
	index *Index            // nil: texts that no index has
	loose map[string]uint64 // what stems is where there is no index
	stems map[uint32]uint64 // bits of the words that a stem may stand for
	begun string            // the unfinished word
	last  uint64            // its bit
	start [256]bool         // how words begin that may be marked
	count int               // words of the query
}

func (x *Index) marker(list []asked) *Marker {
	m := &Marker{index: x, stems: map[uint32]uint64{}, count: len(list)}
	for i, a := range list {
		for _, f := range a.forms {
			m.stems[f.stem] |= 1 << i
			m.start[f.start] = true
		}
		if a.begun {
			m.begun, m.last = a.text, 1<<i
			m.start[a.text[0]] = true
		}
	}
	return m
}

// is tells which words of the query a word of a text is.
func (m *Marker) is(word []byte) uint64 {
	if !m.start[word[0]] {
		return 0
	}
	var found uint64
	if m.begun != "" && strings.HasPrefix(string(word), m.begun) {
		found = m.last
	}
	if m.index == nil {
		return found | m.loose[stem(string(word))]
	}
	if n, ok := m.index.find(string(word)); ok {
		found |= m.stems[m.index.vocabulary.stems[n]]
	}
	return found
}

// match is a marked word of a text.
type match struct {
	start, end int
	words      uint64
}

// mark goes on with the words of a text that begin before end, and adds those
// that are marked to list.
func (m *Marker) mark(w *words, end int, list []match) []match {
	for w.at < end && w.next() {
		if found := m.is(w.word); found != 0 {
			list = append(list, match{w.start, w.end, found})
		}
	}
	return list
}

func (m *Marker) nothing() bool { return len(m.stems)+len(m.loose) == 0 && m.begun == "" }

// Mark gives a whole text with what was found.
func (m *Marker) Mark(text string) []Segment {
	var list []match
	if !m.nothing() {
		list = m.mark(&words{text: text}, len(text), nil)
	}
	return segments(text, 0, len(text), list)
}

// Has says whether any word that was looked for is in a text.
func (m *Marker) Has(text string) bool {
	w := words{text: text}
	for w.next() {
		if m.is(w.word) != 0 {
			return true
		}
	}
	return false
}

// How much text an excerpt shows, in bytes.
const (
	excerptBefore = 48
	excerptWindow = 150
	excerptLength = 230
)

// Excerpt gives the part of a text that has the most of the words: the first
// that has all of them, or else the best.
func (m *Marker) Excerpt(text string) []Segment {
	if m.nothing() {
		return segments(text, 0, wordEnd(text, excerptLength), nil)
	}
	w := words{text: text}
	list, best := m.densest(&w)
	start := 0
	if len(list) > 0 {
		start = wordStart(text, list[best].start-excerptBefore)
	}
	end := wordEnd(text, start+excerptLength)
	return segments(text, start, end, m.mark(&w, end, list))
}

// densest reads until a part of a text has all words, and gives the matches so
// far and the first one of the best part.
func (m *Marker) densest(w *words) (list []match, best int) {
	most, first := 0, 0
	var seen [64]int // how often each word is in the part
	for most < m.count && w.next() {
		found := m.is(w.word)
		if found == 0 {
			continue
		}
		list = append(list, match{w.start, w.end, found})
		add(&seen, found, 1)
		for w.end-list[first].start > excerptWindow && first < len(list)-1 {
			add(&seen, list[first].words, -1)
			first++
		}
		n := 0
		for _, c := range seen[:m.count] {
			if c > 0 {
				n++
			}
		}
		if n > most {
			best, most = first, n
		}
	}
	return list, best
}

func add(seen *[64]int, words uint64, n int) {
	for words != 0 {
		i := bits.TrailingZeros64(words)
		seen[i] += n
		words &^= 1 << i
	}
}

// wordStart goes back from a place to where a word begins.
func wordStart(text string, at int) int {
	if at <= 0 {
		return 0
	}
	if space := strings.LastIndexAny(text[:at], " \n\t"); space >= 0 && at-space < excerptBefore {
		return space + 1
	}
	for at > 0 && !boundary(text, at) {
		at--
	}
	return at
}

// wordEnd goes on from a place to where a word ends.
func wordEnd(text string, at int) int {
	if at >= len(text) {
		return len(text)
	}
	if space := strings.IndexAny(text[at:], " \n\t"); space >= 0 && space < excerptBefore {
		return at + space
	}
	for at < len(text) && !boundary(text, at) {
		at++
	}
	return at
}

// boundary says whether a character begins here.
func boundary(text string, at int) bool { return text[at]&0xC0 != 0x80 }

// segments cuts text[start:end] where matches are; white space becomes a
// space, and what was left out a sign.
func segments(text string, start, end int, list []match) []Segment {
	var out []Segment
	put := func(part string, mark bool) {
		if part != "" {
			out = append(out, Segment{part, mark})
		}
	}
	at := start
	lead := ""
	if start > 0 {
		lead = "…"
	}
	for _, m := range list {
		if m.start < at || m.end > end {
			continue
		}
		put(lead+spaces(text[at:m.start]), false)
		put(text[m.start:m.end], true)
		lead, at = "", m.end
	}
	tail := lead + spaces(text[at:end])
	if end < len(text) {
		tail += "…"
	}
	put(tail, false)
	if out == nil {
		return []Segment{}
	}
	return out
}

// spaces makes one space of any white space, also at the ends.
func spaces(text string) string {
	if tidy(text) {
		return text
	}
	inner := strings.TrimSpace(text)
	if inner == "" && text != "" {
		return " "
	}
	at := strings.Index(text, inner)
	out := strings.Join(strings.Fields(inner), " ")
	if at > 0 {
		out = " " + out
	}
	if at+len(inner) < len(text) {
		out += " "
	}
	return out
}

// tidy says whether a text has no white space but single spaces, as far as one
// can tell without looking at other letters than those of ASCII.
func tidy(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ' || c >= utf8.RuneSelf:
			return false
		case c == ' ' && i > 0 && text[i-1] == ' ':
			return false
		}
	}
	return true
}
