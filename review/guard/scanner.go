package guard

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

type class uint8

const (
	digit class = 1 << iota
	upper
	lower
	hexadecimal
	beyond // of another script
	joining
	local // in an e-mail address before the @, besides names
	blank

	letter = upper | lower | beyond
	alnum  = letter | digit
	name   = alnum | joining
)

var classes = func() (t [256]class) {
	for c := range t {
		switch b := byte(c); {
		case b >= 0x80:
			t[c] = beyond
		case b >= '0' && b <= '9':
			t[c] = digit | hexadecimal
		case b >= 'a' && b <= 'z':
			t[c] = lower
		case b >= 'A' && b <= 'Z':
			t[c] = upper
		case b == '-' || b == '_':
			t[c] = joining
		case b == '.' || b == '+' || b == '%' || b == '\'':
			t[c] = local
		case b == ' ' || b == '\t' || b == '\n' || b == '\r':
			t[c] = blank
		}
		if c := byte(c) | 0x20; c >= 'a' && c <= 'f' {
			t[c] |= hexadecimal
			t[c-0x20] |= hexadecimal
		}
	}
	return t
}()

type span struct {
	start, end  int
	kind        Kind
	replacement string
}

// scanner goes over one text. Whatever looks at a piece of unknown length adds
// that to steps: a test holds the sum against the length of the text.
type scanner struct {
	view
	low    string // the view in lower case
	found  []span
	labels [maxLabels][2]int // of the token that is looked at
	clean  [64]byte          // an address without what defangs it
	tops   map[string]top    // what is known of last labels
	last   string            // the last label that was looked at
	lastIs top               // what is known of it
	coded  map[string]string // last labels of other scripts, as the list has them
	names  *names
	level  int      // of the workshop's marking
	own    [][2]int // names that are everybody's, in order

	hive       int // where the last registry path begins, or -1
	versionEnd int // where the last version that was read ends
	steps      int
}

func newScanner(text string, g *Guard) *scanner {
	s := &scanner{view: newView(text), tops: map[string]top{}, coded: map[string]string{}, names: g.names, level: g.level}
	s.blankCitations()
	low := make([]byte, len(s.b))
	for i, c := range s.b {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		low[i] = c
	}
	s.low = string(low)
	return s
}

const (
	citation    = "(Citation: "
	maxCitation = 400 // bytes; what is longer is no citation
)

// blankCitations makes citations invisible: they name references, which may be
// called after anything.
func (s *scanner) blankCitations() {
	for i := 0; i+len(citation) <= len(s.b); i++ {
		if s.b[i] != '(' || string(s.b[i:i+len(citation)]) != citation {
			continue
		}
		end := s.closing(i + 1)
		for k := i; k < end; k++ {
			s.b[k] = ' '
		}
		i = max(i, end-1)
	}
}

// closing gives the end of a citation whose parenthesis was opened before i,
// or nought.
func (s *scanner) closing(i int) int {
	depth := 1
	for end := min(len(s.b), i+maxCitation); i < end; i++ {
		s.steps++
		switch s.b[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '\n':
			return 0
		}
		if depth == 0 {
			return i + 1
		}
		if depth > 2 {
			return 0
		}
	}
	return 0
}

func (s *scanner) add(kind Kind, start, end int, replacement string) {
	if len(s.found) == cap(s.found) { // append adds a quarter, and copies all the more often
		s.found = slices.Grow(s.found, max(16, len(s.found)))
	}
	s.found = append(s.found, span{start, end, kind, replacement})
}

// byteAt gives nought outside of the text.
func (s *scanner) byteAt(i int) byte {
	if i < 0 || i >= len(s.b) {
		return 0
	}
	return s.b[i]
}

func (s *scanner) is(i int, c class) bool { return i >= 0 && i < len(s.b) && classes[s.b[i]]&c != 0 }

// run gives the end of the run of a class that begins at i.
func (s *scanner) run(i int, c class) int {
	start := i
	for i < len(s.b) && classes[s.b[i]]&c != 0 {
		i++
	}
	s.steps += i - start + 1
	return i
}

// runMost is run that goes at most so far.
func (s *scanner) runMost(i int, c class, most int) int {
	start, end := i, min(len(s.b), i+most)
	for i < end && classes[s.b[i]]&c != 0 {
		i++
	}
	s.steps += i - start + 1
	return i
}

// back gives the beginning of the run of a class that ends before i, at most
// so far back.
func (s *scanner) back(i int, c class, most int) int {
	start, end := i, max(0, i-most)
	for i > end && classes[s.b[i-1]]&c != 0 {
		i--
	}
	s.steps += start - i + 1
	return i
}

// lower gives a piece in lower case.
func (s *scanner) lower(start, end int) string { return s.low[start:end] }

// stands says whether a text stands at i, whatever its case. It is given in
// lower case.
func (s *scanner) stands(i int, text string) bool {
	return i >= 0 && i < len(s.low) && strings.HasPrefix(s.low[i:], text)
}

// wordsBefore calls f with up to so many words before i, the last one first,
// in lower case, until it says true.
func (s *scanner) wordsBefore(i, most int, f func(word string) bool) bool {
	const far, long = 4, 24
	for range most {
		start := i
		for i > 0 && start-i < far && classes[s.b[i-1]]&alnum == 0 && (s.byteAt(i) == ':' || !strings.ContainsRune(".!?;\n", rune(s.b[i-1]))) {
			i--
		}
		s.steps += start - i + 1
		begin := s.back(i, alnum, long)
		if begin == i {
			return false
		}
		if f(s.lower(begin, i)) {
			return true
		}
		i = begin
	}
	return false
}

// top is what the tables have of the last label of a chain.
type top struct {
	domain    bool // of the public list, or beside it
	private   bool
	classic   bool
	member    bool
	extension bool
	rare      bool // an extension more often than not a domain
}

// topOf gives what the tables have of a label, which is in lower case.
func (s *scanner) topOf(label string) top {
	if label == s.last {
		return s.lastIs
	}
	t, ok := s.tops[label]
	if !ok {
		t = top{unlisted[label], private[label], classic[label], members[label], extensions[label], rareExtensions[label]}
		if !t.domain && label != "" {
			_, t.domain = publicsuffix.PublicSuffix("a.a." + label)
		}
		if len(s.tops) < maxSuffixes {
			s.tops[label] = t
		}
	}
	s.last, s.lastIs = label, t
	return t
}

const (
	maxLabels   = 128 // more do not fit into a domain's 253 bytes
	maxSuffixes = 4096
)
