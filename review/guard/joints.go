package guard

// How a joint is written.
type writing int

const (
	plain    writing = iota
	prose            // " dot ", " . " or "\.", which may mean something else
	defanged         // [.], (dot) and their like, which mean nothing else
)

// joint is what holds two parts of an address together.
type joint struct {
	what byte // . @ : / or S for ://
	size int  // nought: there is none
	how  writing
}

// joint reads the joint at i.
func (s *scanner) joint(i int) joint {
	switch c := s.byteAt(i); c {
	case '.', '@', ':', '/':
		return joint{c, 1, plain}
	case '\\':
		if s.byteAt(i+1) == '.' {
			return joint{'.', 2, prose}
		}
	case '[':
		if j := s.bracketed(i); j.size > 0 {
			return j
		}
		if s.byteAt(i+1) == '.' && s.is(i+2, alnum) { // evil[.com]
			return joint{'.', 2, defanged}
		}
	case '(', '{', '<':
		return s.bracketed(i)
	case ' ', '\t':
		return s.spaced(i)
	case '%', '&':
		return s.encoded(i)
	}
	return joint{}
}

// encoded reads a joint as web addresses and pages write it.
func (s *scanner) encoded(i int) joint {
	for _, e := range [...]struct {
		text string
		what byte
	}{{"%2e", '.'}, {"%40", '@'}, {"&#46;", '.'}, {"&#x2e;", '.'}, {"&period;", '.'}, {"&#64;", '@'}, {"&#x40;", '@'}, {"&commat;", '@'}} {
		if s.stands(i, e.text) {
			return joint{e.what, len(e.text), defanged}
		}
	}
	return joint{}
}

// maxBlank is how many blanks may stand around a joint.
const maxBlank = 3

func (s *scanner) spaced(i int) joint {
	k := s.runMost(i, blank, maxBlank)
	if j := s.bracketed(k); j.size > 0 {
		return joint{j.what, s.runMost(k+j.size, blank, maxBlank) - i, j.how}
	}
	if s.byteAt(k) == '.' && s.is(k+1, blank) {
		return joint{'.', s.runMost(k+1, blank, maxBlank) - i, prose}
	}
	if c := s.byteAt(k) | 0x20; c != 'd' && c != 'p' && c != 'a' { // mostly it is none of them
		return joint{}
	}
	for _, w := range [...]struct {
		word string
		what byte
	}{{"dot", '.'}, {"punkt", '.'}, {"at", '@'}} {
		if s.stands(k, w.word) && s.is(k+len(w.word), blank) {
			return joint{w.what, s.runMost(k+len(w.word), blank, maxBlank) - i, prose}
		}
	}
	return joint{}
}

// bracketed reads a joint in brackets.
func (s *scanner) bracketed(i int) joint {
	var end byte
	switch s.byteAt(i) {
	case '[':
		end = ']'
	case '(':
		end = ')'
	case '{':
		end = '}'
	case '<':
		end = '>'
	default:
		return joint{}
	}
	k := s.runMost(i+1, blank, maxBlank)
	for _, core := range [...]struct {
		text string
		what byte
	}{{"://", 'S'}, {":", ':'}, {".", '.'}, {"dot", '.'}, {"punkt", '.'}, {"point", '.'}, {"@", '@'}, {"at", '@'}, {"//", 'D'}, {"/", '/'}} {
		if !s.stands(k, core.text) {
			continue
		}
		if k := s.runMost(k+len(core.text), blank, maxBlank); s.byteAt(k) == end {
			return joint{core.what, k + 1 - i, defanged}
		}
	}
	return joint{}
}

// token is a chain of labels joined by dots. Its labels are in the scanner
// until the next one is read.
type token struct {
	start, end int
	labels     int // more than maxLabels: no address
	how        writing
}

// token reads the chain at i, which is the beginning of a name.
func (s *scanner) token(i int) token {
	t := token{start: i}
	for {
		end := s.run(i, name)
		s.label(&t, i, end)
		j := s.joint(end)
		if j.what != '.' || j.size == 0 || j.how == prose || !s.is(end+j.size, name) {
			return t
		}
		t.how = max(t.how, j.how)
		i = end + j.size
	}
}

func (s *scanner) label(t *token, start, end int) {
	if t.labels < maxLabels {
		s.labels[t.labels] = [2]int{start, end}
	}
	t.labels++
	t.end = end
}

// A token of prose is short, because it is read again from each of its parts.
const (
	maxProse      = 6  // labels
	maxProseLabel = 63 // bytes
)

// prose reads on over joints that may mean something else.
func (s *scanner) prose(i int) token {
	t := token{start: i}
	for t.labels < maxProse {
		end := s.runMost(i, name, maxProseLabel)
		if s.is(end, name) {
			return t
		}
		s.label(&t, i, end)
		j := s.joint(end)
		if j.what != '.' || j.size == 0 || !s.is(end+j.size, name) {
			return t
		}
		t.how = max(t.how, j.how)
		i = end + j.size
	}
	return t
}

func (s *scanner) labelText(k int) string { return s.low[s.labels[k][0]:s.labels[k][1]] }

// short gives a token without its last labels.
func (s *scanner) short(t token, labels int) token {
	t.labels = labels
	t.end = s.labels[labels-1][1]
	return t
}
