package guard

import "strings"

// tokens looks at all names and chains of names: addresses of machines,
// domains, web and e-mail addresses, names of machines.
func (s *scanner) tokens() {
	for i := 0; i < len(s.b); {
		if !s.is(i, alnum) {
			i++
			continue
		}
		i = s.tokenAt(i)
	}
}

// tokenAt looks at the token at i and gives where to go on.
func (s *scanner) tokenAt(i int) int {
	t := s.token(i)
	if t.labels == 1 {
		if host := s.afterScheme(t); host > 0 {
			return s.webAddress(t, host)
		}
	}
	if j := s.joint(t.end); j.what == '@' && s.is(t.end+j.size, alnum) {
		if next := s.mailAddress(t, j); next > 0 {
			return next
		}
		t = s.token(i) // its labels were overwritten
	}
	if t.labels == 1 {
		s.machine(t)
	}
	if end := s.quad(t); end > 0 {
		return end
	}
	if end := s.domain(t); end > 0 {
		return end
	}
	end := t.end
	if p := s.prose(i); p.labels > t.labels {
		if j := s.joint(p.end); j.what == '@' && s.is(p.end+j.size, alnum) {
			if next := s.mailAddress(p, j); next > 0 {
				return next
			}
			p = s.prose(i)
		}
		if next := s.proseAddress(p); next > 0 {
			return next
		}
	}
	return end
}

// proseAddress looks at a chain whose joints may be plain prose: it must look
// all the more like an address.
func (s *scanner) proseAddress(p token) int {
	if end := s.quad(p); end > 0 {
		return end
	}
	for n := p.labels; n > 1; n-- {
		t := s.short(p, n)
		if s.byteAt(t.end) == '.' && s.is(t.end+1, alnum) {
			continue // cut in the middle of another chain
		}
		if !classic[s.lower(s.labels[n-1][0], s.labels[n-1][1])] || articles[s.lower(s.labels[n-2][0], s.labels[n-2][1])] {
			continue
		}
		if wellKnown(s.lower(s.labels[n-2][0], t.end)) != nothing {
			continue // a word and a full stop, or dot, before an example
		}
		if v, _ := s.judge(t, true); v == aDomain {
			s.add(Domain, t.start, t.end, "")
			return t.end
		}
	}
	return 0
}

// domain reports a chain that is a domain or the name of a machine, with the
// path that follows it.
func (s *scanner) domain(t token) int {
	v, t := s.judge(t, false)
	switch v {
	case aDomain, aService:
		path := s.pathAfter(t.end)
		if path > t.end {
			s.add(URL, t.start, path, "")
			return path
		}
		if v == aDomain {
			s.add(Domain, t.start, t.end, "")
		}
		return t.end
	case aDocument:
		return max(t.end, s.pathAfter(t.end))
	case aMachine:
		s.add(Host, t.start, t.end, "")
		return t.end
	case harmless:
		return t.end
	}
	return 0
}

// pathAfter gives the end of the path that follows a host, or the end of the
// host.
func (s *scanner) pathAfter(host int) int {
	i := host
	if s.byteAt(i) == ':' && s.is(i+1, digit) {
		i = s.runMost(i+1, digit, 5)
	}
	j := s.joint(i)
	if j.what != '/' || j.size == 0 || !s.is(i+j.size, alnum) && s.byteAt(i+j.size) != '?' {
		return host
	}
	return s.addressEnd(i)
}

const maxLocal = 64 // bytes before the @, by RFC 5321

// mailAddress looks at a token that is followed by an @.
func (s *scanner) mailAddress(t token, j joint) int {
	next := t.end + j.size
	host := s.token(next)
	if j.how == prose || host.labels == 1 {
		host = s.prose(next)
	}
	v, host := s.judge(host, true)
	switch {
	case v == harmless:
		return host.end
	case v != aDomain && v != aService && v != aDocument && v != aMachine:
		return 0
	}
	start := s.back(t.start, name|local, maxLocal)
	if v == aService && s.lower(start, t.end) == "git" {
		return host.end // everybody's, of services for sources
	}
	if j.how == prose && (host.how != prose || !s.personal(start, t.end)) {
		return 0
	}
	s.add(Email, start, host.end, "")
	return host.end
}

// personal says whether a word before " at " is the first part of an e-mail
// address and not a verb.
func (s *scanner) personal(start, end int) bool {
	for i := start; i < end; i++ {
		if !s.is(i, letter) {
			return true
		}
	}
	return !places[s.lower(start, end)] && !strings.HasSuffix(s.lower(start, end), "ed")
}

// afterScheme gives where the host begins, if a token is the scheme of a web
// address.
func (s *scanner) afterScheme(t token) int {
	i := t.end
	j := s.joint(i)
	switch {
	case j.size == 0:
		if i = s.runMost(i, blank, maxBlank); s.byteAt(i) != ':' || i == t.end {
			return 0
		}
		i = s.slashes(s.runMost(i+1, blank, maxBlank))
	case j.what == 'S':
		i += j.size
	case j.what == ':':
		i = s.slashes(s.runMost(i+j.size, blank, maxBlank))
	default:
		return 0
	}
	if i == 0 || !s.scheme(t) {
		return 0
	}
	return s.runMost(i, blank, maxBlank)
}

// slashes gives the end of // at i, however written.
func (s *scanner) slashes(i int) int {
	if j := s.bracketed(i); j.what == 'D' {
		return i + j.size
	}
	for range 2 {
		if s.byteAt(i) == '\\' {
			i++
		}
		j := s.joint(i)
		if j.what != '/' {
			return 0
		}
		i += j.size
	}
	return i
}

// scheme says whether a token is a scheme of the network. Of h**p it is only
// the end.
func (s *scanner) scheme(t token) bool {
	text := s.lower(t.start, min(t.end, t.start+maxScheme+1))
	if (text == "p" || text == "ps") && s.stands(t.start-3, "h**") {
		return true
	}
	if len(text) >= 4 && len(text) <= 6 && text[0] == 'h' && (text[len(text)-1] == 'p' || text[len(text)-2:] == "ps") {
		return true // hxxp, hxtp, htxps and what else people make of it
	}
	return schemes[text]
}

const maxScheme = 12

// webAddress looks at an address whose host begins at i.
func (s *scanner) webAddress(scheme token, i int) int {
	start := scheme.start
	if s.stands(start-3, "h**") {
		start -= 3
	}
	host := i
	if at := s.userInfo(i); at > 0 {
		host = at
	}
	next, v := s.hostOf(host)
	if v == nothing || v == harmless {
		return max(i, next)
	}
	end := max(next, s.addressEnd(i))
	if v == aDomain || v == aMachine || end > next+1 {
		if v != aDocument {
			s.add(URL, start, end, "")
		}
	}
	return end
}

// userInfo gives where the host begins behind a user and a password.
func (s *scanner) userInfo(i int) int {
	const most = 128
	for k := i; k < min(len(s.b), i+most); k++ {
		s.steps++
		switch s.b[k] {
		case '@':
			return k + 1
		case '/', '?', '#', ' ', '\n', '"', '<', '>':
			return 0
		}
	}
	return 0
}

// hostOf judges the host at i and gives its end.
func (s *scanner) hostOf(i int) (int, verdict) {
	if s.byteAt(i) == '[' && s.joint(i).size == 0 {
		if six, ok := s.colonAddress(i + 1); ok {
			if everybodys(six.addr) {
				return six.end, harmless
			}
			return six.end, aDomain
		}
		return i + 1, nothing
	}
	if !s.is(i, name) {
		return i, nothing
	}
	t := s.token(i)
	if addr, end, ok := s.quadAddress(t); ok {
		if everybodys(addr) {
			return end, harmless
		}
		return end, aDomain
	}
	if t.labels > 1 {
		v, judged := s.judge(t, true)
		if v == nothing && s.foreignRoot(t) {
			v = aDomain
		}
		return judged.end, v
	}
	if s.numeric(t) || s.machineLike(t.start, t.end) {
		return t.end, aDomain
	}
	return t.end, nothing
}

// numeric says whether a host is an address written as one number.
func (s *scanner) numeric(t token) bool {
	if s.byteAt(t.start) == '0' && s.byteAt(t.start+1)|0x20 == 'x' {
		return t.end-t.start > 8 && s.run(t.start+2, hexadecimal) == t.end
	}
	return t.end-t.start >= 8 && s.run(t.start, digit) == t.end
}

// foreignRoot says whether a host that is no domain of the public Internet
// still is the name of one machine.
func (s *scanner) foreignRoot(t token) bool {
	if t.labels > maxLabels {
		return false
	}
	for k := range t.labels {
		if placeholders[s.lower(s.labels[k][0], s.labels[k][1])] {
			return false
		}
	}
	last := s.labels[t.labels-1]
	return s.run(last[0], letter) == last[1] && last[1]-last[0] > 1
}

// addressEnd gives the end of a web address that goes on at i: it has no
// blanks, its brackets are in pairs, and it does not end with the full stop of
// the sentence.
func (s *scanner) addressEnd(i int) int {
	start, depth := i, 0
loop:
	for ; i < len(s.b); i++ {
		switch c := s.b[i]; c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth < 0 {
				break loop
			}
		case '"', '<', '>', '`', '|', '^':
			break loop
		default:
			if c <= ' ' {
				break loop
			}
		}
	}
	s.steps += i - start + 1
	for i > start {
		switch s.b[i-1] {
		case '.', ',', ';', ':', '!', '?', '\'', '*', '(', '[', '{', '_':
			i--
			s.steps++
			continue
		}
		break
	}
	return i
}
