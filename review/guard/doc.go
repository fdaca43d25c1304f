// Package guard finds what must not be shared in a text: addresses, names and
// numbers that point to a machine, a person, a victim or an incident. Only
// behaviour belongs into a taxonomy.
//
// A text is first read as people see it (fold.go): look-alike letters become
// those they look like, invisible characters vanish, and each byte remembers
// where it came from. Then a few passes look for candidates, each from left to
// right, and small deciders say what a candidate is. A decider looks at a
// bounded piece of text, so that the whole work grows with the text's length.
// Nothing is asked of the network and nothing is kept between two calls.
package guard

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Finding is one thing in a text that must not be shared, or looks like it.
type Finding struct {
	Kind        Kind   `json:"kind"`
	Start       int    `json:"start" doc:"where it begins, in bytes"`
	End         int    `json:"end" doc:"where it ends, in bytes"`
	Text        string `json:"text"`
	Why         string `json:"why" doc:"a sentence that says why it must not be shared"`
	Replacement string `json:"replacement,omitempty" doc:"what may stand there instead, where there is something"`
}

// Known is what a workshop knows of itself.
type Known struct {
	Organisations []string // that take part
	Victims       []string // that must not be named
	TLP           string   // clear, green, amber, amber+strict or red; anything else: clear
}

// Find lists what a text has that must not be shared, in order and without
// overlaps. Who looks at many texts makes a Guard.
func Find(text string, known Known) []Finding { return New(known, nil).Find(text) }

// Guard looks at texts for one workshop. It is safe for concurrent use.
type Guard struct {
	names *names
	level int // of the workshop's marking
}

// New makes the Guard of a workshop; what is called by one of own is no
// finding.
func New(known Known, own *Names) *Guard {
	return &Guard{newNames(known, own), levelOf(known.TLP)}
}

// Find lists what a text has that must not be shared, in order and without
// overlaps.
func (g *Guard) Find(text string) []Finding {
	s := newScanner(text, g)
	s.scan()
	return s.findings()
}

// Key stands for what was found, wherever it stands and however it is written
// in capitals, other alphabets and spaces: an explanation is given to it.
func (f Finding) Key() string {
	const bytes = 8
	read := strings.Fields(strings.ToLower(string(newView(f.Text).b)))
	sum := sha256.Sum256([]byte(string(f.Kind) + " " + strings.Join(read, " ")))
	return hex.EncodeToString(sum[:bytes])
}

func (s *scanner) scan() {
	s.tokens()
	s.colons()
	s.hashes()
	s.numbers()
	s.accounts()
	s.paths()
	s.words()
}

// findings puts what was found in order. Where two overlap the one that begins
// first is kept, of those the longest, of those the one that was found first.
func (s *scanner) findings() []Finding {
	earlier := func(a, b span) int { return cmp.Or(a.start-b.start, b.end-a.end) }
	if !slices.IsSortedFunc(s.found, earlier) { // mostly one pass alone found something
		slices.SortStableFunc(s.found, earlier)
	}
	kept := make([]Finding, 0, len(s.found))
	end, own := 0, s.own
	var info KindInfo
	for _, f := range s.found {
		for len(own) > 0 && own[0][1] <= f.start {
			own = own[1:]
		}
		if f.start < end || len(own) > 0 && own[0][0] <= f.start && f.end <= own[0][1] {
			continue
		}
		end = f.end
		from, to := s.original(f.start, f.end)
		if info.Kind != f.kind {
			info = kindOf(f.kind)
		}
		found := Finding{Kind: f.kind, Start: from, End: to, Text: s.text[from:to], Why: info.Why}
		if !info.address || !s.attached(f) {
			found.Replacement = cmp.Or(f.replacement, info.replacement)
		}
		kept = append(kept, found)
	}
	return kept
}

// attached says whether an address hangs on what stands around it, with which
// another one in its place would become a third.
func (s *scanner) attached(f span) bool {
	before, after := s.byteAt(f.start-1), s.joint(f.end)
	return s.is(f.start-1, name) || before == '.' || before == ':' && f.kind == IPv6 || f.kind == Email && s.is(f.start-1, local) ||
		s.is(f.end, name) || after.what == '.' && s.is(f.end+after.size, name)
}
