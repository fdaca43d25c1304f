package guard

import "strings"

// words goes over the words of the text: names that the workshop has, markings,
// our own side, and users and machines that are called by their names.
func (s *scanner) words() {
	for i := 0; i < len(s.b); {
		if !s.is(i, alnum) {
			i++
			continue
		}
		end := s.run(i, alnum)
		if next := s.wordAt(i, end); next > end {
			end = next
		}
		i = end
	}
}

const longestWord = 40

// wordAt looks at what may begin with a word and gives where it ends.
func (s *scanner) wordAt(i, end int) int {
	if end-i > longestWord {
		return end
	}
	w := s.lower(i, end)
	if end := s.known(i, end, w); end > 0 {
		return end
	}
	switch {
	case w == "tlp":
		return s.tlp(i, end)
	case w == "traffic" && s.stands(end, " light protocol"):
		return s.tlp(i, end+len(" light protocol"))
	case w == "of" && (s.stands(end, " ours") || s.stands(end, " mine")):
		s.ofOurs(i, end+len(" ours"))
	case w == "we":
		s.we(i, end)
	case w == "u" && s.byteAt(i-1) == '-':
		s.calledUser(i, end)
	case w == "as":
		if s.wordsBefore(i, 1, func(w string) bool { return signing[w] }) {
			s.calledUser(i, end)
		}
	case w == "our" || w == "my":
		return s.ours(i, end)
	case userWords[w]:
		s.calledUser(i, end)
	case hostWords[w]:
		s.calledHost(end)
	}
	return end
}

// maxGap is how many signs may stand between two words of a name: emphasis, and
// a blank.
const maxGap = 6

// nextWord gives the word after i, if only blanks and single signs are between.
func (s *scanner) nextWord(i int) (start, end int) {
	start = i
	for start-i < maxGap && start < len(s.b) && classes[s.b[start]]&alnum == 0 {
		start++
	}
	end = s.runMost(start, alnum, longestWord)
	return start, end
}

// levelOf gives how strict a marking is. What is none is clear.
func levelOf(tlp string) int {
	tlp = strings.ToLower(strings.TrimSpace(tlp))
	for level, l := range levels {
		if l == tlp {
			return level
		}
	}
	return 0
}

// levels are the markings of the Traffic Light Protocol 2.0, mildest first.
var levels = [...]string{"clear", "green", "amber", "amber+strict", "red"}

// tlp looks at the colour after TLP.
func (s *scanner) tlp(start, end int) int {
	next, to := s.nextWord(end)
	level := 0
	for l, colour := range levels {
		if s.stands(next, colour) && to-next == min(len(colour), len("amber")) {
			level = l
		}
	}
	if level == levelOf("amber") {
		if strict, far := s.nextWord(to); far-strict == len("strict") && s.stands(strict, "strict") && !strings.ContainsRune(string(s.b[to:strict]), '.') {
			level, to = levelOf("amber+strict"), far
		}
	}
	if level <= s.level {
		return to
	}
	s.add(Marking, start, to, "")
	return to
}

// ours looks for the own side of the writer: our network, my own company.
func (s *scanner) ours(start, end int) int {
	for range 3 {
		next, to := s.nextWord(end)
		if strings.ContainsAny(string(s.b[end:next]), ".,;:!?\n") {
			return end
		}
		w := s.lower(next, to)
		if ownSide[w] {
			s.add(Victim, start, to, "the victim's "+string(s.b[next:to]))
			return to
		}
		if !ownWords[w] {
			return end
		}
		end = to
	}
	return end
}

// ofOurs looks at a client of ours.
func (s *scanner) ofOurs(of, end int) {
	noun := s.back(of-1, alnum, longestWord)
	if noun < of-1 && !s.is(end, alnum) && ownSide[s.lower(noun, of-1)] {
		s.add(Victim, noun, end, "a victim")
	}
}

// we looks for what was done to the writer: we were breached.
func (s *scanner) we(start, end int) {
	for range 3 {
		next, to := s.nextWord(end)
		switch w := s.lower(next, to); {
		case suffered[w]:
			s.add(Victim, start, to, "the victim was "+w)
			return
		case !passive[w]:
			return
		}
		end = to
	}
}
