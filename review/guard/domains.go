package guard

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

type verdict int

const (
	nothing   verdict = iota // no name of a machine at all
	harmless                 // made for examples
	aDocument                // of a vendor's or a standard's documentation, with all its paths
	aService                 // a service that everybody knows: only a path there points to somebody
	aDomain
	aMachine // a name that only an organisation's own network knows
)

// judge says what a chain of labels is, and how much of it. Sure is whether the
// place already says that it is a host, as in an e-mail address.
func (s *scanner) judge(t token, sure bool) (verdict, token) {
	t = s.trimmed(t)
	if t.labels < 2 || t.labels > maxLabels {
		return nothing, t
	}
	if s.glued(t) {
		t = s.short(t, t.labels-1)
	}
	last := s.labels[t.labels-1]
	tld := s.lastLabel(last[0], last[1])
	top := s.topOf(tld)
	if !top.domain && !top.private {
		return nothing, t
	}
	if !sure && t.how == plain && s.partOfMore(t) {
		return nothing, t
	}
	full, ok := s.wellFormed(t, tld)
	if !ok {
		return nothing, t
	}
	if v := wellKnown(full); v != nothing && !s.disguised(t.start, t.end) {
		return v, t
	}
	if top.private {
		return s.judgeMachine(t, sure), t
	}
	if suffix, _ := publicsuffix.PublicSuffix(full); suffix == full {
		return nothing, t
	}
	if !sure && t.how == plain && (s.code(t, tld, top) || s.file(t, full, top)) {
		return nothing, t
	}
	return aDomain, t
}

// trimmed gives a token without the marks of emphasis at its end.
func (s *scanner) trimmed(t token) token {
	if t.labels == 0 || t.labels > maxLabels {
		return t
	}
	last := &s.labels[t.labels-1]
	last[1] = max(last[0]+1, s.back(last[1], joining, 3))
	t.end = last[1]
	return t
}

// glued says whether the last label is the first word of the next sentence.
func (s *scanner) glued(t token) bool {
	if t.labels < 3 {
		return false
	}
	last, before := s.labels[t.labels-1], s.labels[t.labels-2]
	return s.is(last[0], upper) && s.runMost(last[0]+1, lower, 20) == last[1] && s.runMost(before[0], lower, 20) == before[1]
}

// lastLabel gives a label as the list of top-level domains has it, or nothing.
func (s *scanner) lastLabel(start, end int) string {
	const longest = 24
	if end-start > 4*longest || end-start < 2 || s.is(start, digit) {
		return ""
	}
	if s.stands(start, "xn--") {
		return s.lower(start, end)
	}
	ascii := true
	for i := start; i < end; i++ {
		if !s.is(i, letter) {
			return ""
		}
		ascii = ascii && s.b[i] < 0x80
	}
	if ascii {
		return s.lower(start, end)
	}
	from, to := s.original(start, end)
	written := s.text[from:to]
	label, ok := s.coded[written]
	if ok {
		return label
	}
	label, err := idna.ToASCII(strings.ToLower(written))
	if err != nil {
		label = ""
	}
	if len(s.coded) < maxSuffixes {
		s.coded[written] = label
	}
	return label
}

// partOfMore says whether what stands around a token makes it a part of a path,
// a variable or a call.
func (s *scanner) partOfMore(t token) bool {
	switch s.byteAt(t.start - 1) {
	case '\\', '$', '~':
		return true
	case '/':
		return s.byteAt(t.start-2) != '/'
	case '.':
		return s.is(t.start-2, alnum)
	}
	return s.byteAt(t.end) == '(' || s.byteAt(t.end) == '\\' && s.is(t.end+1, alnum)
}

// wellFormed gives a domain in lower case, if its labels may be one.
func (s *scanner) wellFormed(t token, tld string) (string, bool) {
	const most = 253
	if t.end-t.start > 4*most {
		return "", false
	}
	for k := range t.labels - 1 {
		l := s.labels[k]
		if l[1]-l[0] > 63 || s.b[l[0]] == '-' || s.b[l[1]-1] == '-' || k == t.labels-2 && strings.Contains(s.labelText(k), "_") {
			return "", false
		}
	}
	if t.how == plain && tld == s.labelText(t.labels-1) {
		return s.lower(t.start, t.end), t.end-t.start <= most
	}
	var full strings.Builder
	for k := range t.labels - 1 {
		l := s.labels[k]
		full.WriteString(s.lower(l[0], l[1]))
		full.WriteByte('.')
	}
	full.WriteString(tld)
	return full.String(), full.Len() <= most
}

// wellKnown says whether a domain is one of examples, of documentation, or of a
// service that everybody knows.
func wellKnown(full string) verdict {
	for rest, first := full, true; rest != ""; first = false {
		switch v := everyones[rest]; v {
		case aService:
			if first || entrance[strings.TrimSuffix(full, "."+rest)] {
				return v
			}
		case harmless, aDocument:
			return v
		}
		_, rest, _ = strings.Cut(rest, ".")
	}
	return nothing
}

// code says whether a plain chain reads as one of a program: a package, a
// member of an object, a namespace.
func (s *scanner) code(t token, tld string, top top) bool {
	first := s.lower(s.labels[0][0], s.labels[0][1])
	last := s.labels[t.labels-1]
	switch {
	case codeRoots[first]:
		return true
	case reversed[first] && !top.classic:
		return true
	case s.is(last[0], upper) && !s.shouted(t) && tld != "com":
		return true
	case s.shouted(t) && (frameworks[s.lower(t.start, t.end)] || s.labels[0][1]-s.labels[0][0] < 3):
		return true
	}
	return top.member && !s.evident(t) && !s.hyphenated(t)
}

// shouted says whether a token has no small letter.
func (s *scanner) shouted(t token) bool {
	for i := t.start; i < t.end; i++ {
		s.steps++
		if s.is(i, lower) {
			return false
		}
	}
	return true
}

// file says whether a plain chain reads as the name of a file.
func (s *scanner) file(t token, full string, top top) bool {
	switch {
	case dosPrograms[full], frameworks[full]:
		return true
	case top.extension:
		app := strings.HasSuffix(full, ".app")
		return app && s.is(t.start, upper) || (!app || t.labels < 3) && !s.evident(t)
	case top.rare:
		return t.labels < 3 && !s.hyphenated(t) && !s.evident(t)
	}
	return false
}

// evident says whether something around a token tells that it is a host.
func (s *scanner) evident(t token) bool {
	if s.stands(t.start, "www.") || s.stands(t.start-2, "*.") || s.byteAt(t.start-1) == '@' {
		return true
	}
	if s.byteAt(t.end) == ':' && s.is(t.end+1, digit) || s.byteAt(t.end) == '/' && s.is(t.end+1, alnum) {
		return true
	}
	return s.wordsBefore(t.start, 2, func(w string) bool { return hosting[w] })
}

// hyphenated says whether the label before the last one has what identifiers of
// programs don't have.
func (s *scanner) hyphenated(t token) bool {
	for k := range t.labels - 1 {
		if strings.ContainsAny(s.labelText(k), "-0123456789") {
			return true
		}
	}
	return false
}

// judgeMachine judges a name that ends in a domain of private networks.
func (s *scanner) judgeMachine(t token, sure bool) verdict {
	telling := sure
	for k := range t.labels - 1 {
		label := s.labelText(k)
		if placeholders[label] && k == t.labels-2 {
			return harmless
		}
		telling = telling || strings.ContainsAny(label, "-0123456789")
	}
	if t.labels > 2 || telling || s.evident(t) {
		if systemFiles[s.lower(t.start, t.end)] {
			return nothing
		}
		return aMachine
	}
	return nothing
}
