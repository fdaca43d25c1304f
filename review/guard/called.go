package guard

import (
	"slices"
	"strings"
)

// called reads what follows a word such as user: another word that says that a
// name comes, a colon, quotes. It gives where the name begins, and how surely
// it is one.
func (s *scanner) called(i int) (start int, named, quoted bool) {
	for range 2 {
		next, to := s.nextWord(i)
		if gap := string(s.b[i:next]); strings.Trim(gap, " ") != "" {
			break
		}
		w := s.lower(next, to)
		if !callingWords[w] {
			break
		}
		named = named || w != "name" && w != "id" && w != "account"
		i = to
	}
	k := s.runMost(i, blank, maxBlank)
	if c := s.byteAt(k); (c == ':' || c == '=') && k-i <= 1 {
		named = true
		k = s.runMost(k+1, blank, maxBlank)
	}
	switch s.byteAt(k) {
	case '"', '\'', '`':
		return k + 1, named, true
	}
	return k, named, false
}

// calledUser looks for the name of a user after a word that announces one.
func (s *scanner) calledUser(start, i int) {
	k, named, quoted := s.called(i)
	if !s.is(k, alnum) || k == i {
		return
	}
	end := s.accountEnd(k)
	text := s.lower(k, end)
	switch {
	case end-k < 3 || end-k > maxUser || everybody(text) || s.fileName(k, end) || s.byteAt(end) == '\\' || s.byteAt(end) == '@' || s.byteAt(end) == '(':
		return
	case quoted:
		if !strings.ContainsRune("\"'`", rune(s.byteAt(end))) || !named && !s.is(k, lower) {
			return
		}
		if !named && properWords[text] || !s.accountLike(k, end) && !s.single(k, end) {
			return
		}
	case !s.accountLike(k, end):
		s.fullName(start, k)
		return
	case !named && !s.is(k, lower):
		return
	}
	s.add(User, k, end, "")
}

// accountLike says whether a name has what words don't have.
func (s *scanner) accountLike(start, end int) bool {
	letters, others, hyphens := 0, 0, 0
	for i := start; i < end; i++ {
		switch {
		case s.is(i, letter):
			letters++
		case s.b[i] == '-':
			hyphens++
		default:
			others++
		}
	}
	s.steps += end - start
	if others == 0 && hyphens == 0 && s.initialled(start, end) {
		return true
	}
	return letters > 1 && others > 0 && !attackID(s.lower(start, end)) || letters > 1 && hyphens > 0 && prefixed(s.lower(start, end), accountStarts)
}

// initialled says whether a name is an initial and a last name in small
// letters, such as jdoe: no English word begins with two such consonants.
func (s *scanner) initialled(start, end int) bool {
	const vowels, clusters = "aeiouy", "bl br ch cl cr cz dr dw dj fj fl fr gh gl gn gr gw kh kl kn kr lh ll mn ph pl pn pr ps pt qu rh sc sh sk sl sm sn sp sq sr st sv sw th tr ts tw tz vl wh wr xm sy"
	text := string(s.b[start:end])
	if len(text) < 4 || len(text) > 16 || s.runMost(start, lower, maxUser) != end || technical[text] {
		return false
	}
	return !strings.ContainsAny(text[:2], vowels) && !strings.Contains(clusters, text[:2]) && strings.ContainsAny(text[2:], vowels)
}

// single says whether a quoted name is one lower-case word.
func (s *scanner) single(start, end int) bool { return s.runMost(start, lower, maxUser) == end }

func prefixed(text string, starts []string) bool {
	for _, p := range starts {
		if strings.HasPrefix(text, p) {
			return true
		}
	}
	return false
}

// attackID says whether a text in lower case is an id of ATT&CK, a weakness or
// an update: letters and then numbers that people know.
func attackID(text string) bool {
	head := strings.TrimLeft(text, "abcdefghijklmnopqrstuvwxyz")
	switch text[:len(text)-len(head)] {
	case "t", "ta", "g", "s", "c", "m", "ds", "dc", "a", "det", "an":
		number, _, _ := strings.Cut(head, ".")
		return len(number) == 4 && strings.Trim(number, "0123456789") == ""
	case "cve", "cwe", "capec", "kb", "ms", "apt", "fin", "unc":
		head = strings.TrimPrefix(strings.TrimPrefix(head, "-"), "c-")
		return head != "" && head[0] >= '0' && head[0] <= '9'
	}
	return false
}

// fullName looks for a first and a last name after a word such as employee.
func (s *scanner) fullName(announced, k int) {
	if !s.is(announced, lower) {
		return
	}
	first := s.runMost(k+1, lower|beyond, longestWord)
	if !s.is(k, upper) || first-k < 3 || s.byteAt(first) != ' ' || !s.is(first+1, upper) {
		return
	}
	last := s.runMost(first+2, lower|beyond, longestWord)
	if last-first < 4 || s.is(last, alnum) || properWords[s.lower(k, first)] || properWords[s.lower(first+1, last)] {
		return
	}
	s.add(User, k, last, "")
}

// calledHost looks for the name of a machine after a word that announces one.
func (s *scanner) calledHost(i int) {
	k, named, quoted := s.called(i)
	if !s.is(k, alnum) || k == i {
		return
	}
	end := s.run(k, name)
	if end-k > longestHost || end-k < 4 || s.byteAt(end) == '.' && s.is(end+1, alnum) || s.byteAt(end) == '(' || s.byteAt(end) == '\\' {
		return
	}
	if s.machineLike(k, end) && (named || quoted || s.is(k, upper) || s.hyphen(k, end)) {
		s.add(Host, k, end, "")
	}
}

const longestHost = 63

func (s *scanner) hyphen(start, end int) bool {
	return strings.ContainsRune(string(s.b[start:end]), '-')
}

// machineLike says whether a name looks like that of one machine: letters and a
// number, in capitals or with a hyphen, and nothing that people know.
func (s *scanner) machineLike(start, end int) bool {
	if end-start > longestHost {
		return false
	}
	text := s.lower(start, end)
	head := strings.TrimLeft(text, "abcdefghijklmnopqrstuvwxyz")
	if attackID(text) || head == "" || technical[text[:len(text)-len(head)]] || strings.ContainsRune(text, '_') {
		return false
	}
	if !strings.ContainsAny(text, "0123456789") || head == text && !strings.ContainsRune(text, '-') {
		return false
	}
	hyphen := strings.ContainsRune(text, '-')
	return hyphen && head != text && !strings.HasPrefix(head, "-bit") || s.shouted(token{start: start, end: end}) && len(head) > 1 && len(text)-len(head) > 1
}

// machine looks at a single name that only machines have, wherever it stands.
func (s *scanner) machine(t token) {
	length := t.end - t.start
	if length < 4 || length > longestHost || s.byteAt(t.start-1) == '\\' || s.byteAt(t.start-1) == '.' {
		return
	}
	text := s.lower(t.start, t.end)
	first, rest, hyphen := strings.Cut(text, "-")
	shouted := s.shouted(t)
	switch {
	case !hyphen && shouted && shortMachine(text):
	case !hyphen || length < 7:
		return
	case shouted && (first == "desktop" && len(rest) == 7 || first == "laptop" && len(rest) >= 7 && len(rest) <= 8 || first == "win" && len(rest) == 11):
	case s.numbered(t) && machineStarts[strings.TrimRight(first, "0123456789")] && (shouted || !common[first] || strings.Contains(rest, "-")):
	case s.numbered(t) && shouted && machinePart(rest):
	default:
		return
	}
	s.add(Host, t.start, t.end, "")
}

// shortMachine says whether a name without a hyphen is what machines are called
// and a number: SRV01, MUCDC02.
func shortMachine(text string) bool {
	what := strings.TrimRight(text, "0123456789")
	number := text[len(what):]
	if len(number) < 2 || len(number) > 3 || number[0] != '0' || strings.Trim(what, "abcdefghijklmnopqrstuvwxyz") != "" {
		return false
	}
	return machineStarts[what] || slices.ContainsFunc(machineEnds, func(end string) bool { return strings.HasSuffix(what, end) })
}

// machinePart says whether a part of a name that is not the first tells of a
// machine.
func machinePart(rest string) bool {
	for part := range strings.SplitSeq(rest, "-") {
		if machineStarts[strings.TrimRight(part, "0123456789")] {
			return true
		}
	}
	return false
}

// numbered says whether a name ends with a number of its own, which is no year.
func (s *scanner) numbered(t token) bool {
	digits := s.back(t.end, digit, 8)
	text := string(s.b[digits:t.end])
	return len(text) >= 2 && !(len(text) == 4 && (strings.HasPrefix(text, "19") || strings.HasPrefix(text, "20")))
}
