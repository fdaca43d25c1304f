package search

import (
	"unicode"
	"unicode/utf8"
)

// NewMarker marks the words of a query in texts that no index has: a word in any
// of its forms, and the last one also where it is only begun.
func NewMarker(query string) *Marker {
	m := &Marker{loose: map[string]uint64{}}
	var said, only []string
	w := words{text: query}
	for n := 0; n < mostRead && w.next(); n++ {
		said = append(said, string(w.word))
		if !stop(string(w.word)) {
			only = append(only, string(w.word))
		}
	}
	if len(only) == 0 {
		only = said
	}
	last, _ := utf8.DecodeLastRuneInString(query)
	begun := unicode.IsLetter(last) || unicode.IsDigit(last)
	if begun && len(said) > 0 && only[len(only)-1] != said[len(said)-1] {
		only = append(only, said[len(said)-1])
	}
	for i, word := range only {
		root := stem(word)
		if _, known := m.loose[root]; known || m.count == mostWords {
			continue
		}
		m.loose[root] = 1 << m.count
		m.start[word[0]], m.start[root[0]] = true, true
		if begun && i == len(only)-1 {
			m.begun, m.last = word, 1<<m.count
		}
		m.count++
	}
	return m
}

// All says whether all words that were looked for are in a text.
func (m *Marker) All(text string) bool {
	var found uint64
	w := words{text: text}
	for all := uint64(1)<<m.count - 1; found != all; {
		if !w.next() {
			return false
		}
		found |= m.is(w.word)
	}
	return true
}
