package guard

import (
	"net/netip"
	"strings"
)

// six is an address with colons, and where it ends.
type six struct {
	addr netip.Addr
	end  int
}

// colons looks at all chains of hexadecimal digits and colons: IPv6 addresses,
// addresses of network cards, fingerprints of certificates.
func (s *scanner) colons() {
	for i := 0; i < len(s.b); {
		if !s.colonic(i) || s.is(i-1, name) {
			i++
			continue
		}
		if a, ok := s.colonAddress(i); ok {
			s.addAddress(a.addr, i, a.end, 128)
			i = a.end
			continue
		}
		if pairs, end := s.pairs(i); pairs > 0 {
			s.addPairs(pairs, i, end)
			i = end
			continue
		}
		i = s.afterGroup(i)
	}
}

// afterGroup gives where to go on after a group that begins no address. A chain
// that is longer than any address is left behind as a whole.
func (s *scanner) afterGroup(i int) int {
	start := i
	for s.colonic(i) {
		i++
	}
	s.steps += i - start + 1
	if i-start > maxSix && !s.is(i, name) {
		return i
	}
	i = s.run(start, name)
	if s.byteAt(i) == ':' {
		i++
	}
	return i
}

func (s *scanner) colonic(i int) bool { return s.is(i, hexadecimal) || s.byteAt(i) == ':' }

// maxSix bounds an IPv6 address, in bytes: 39 of hexadecimal digits, 45 with a
// dotted end.
const maxSix = 45

// colonAddress reads an IPv6 address at i.
func (s *scanner) colonAddress(i int) (six, bool) {
	clean := s.clean[:0]
	colons, digits, k := 0, 0, i
	for len(clean) <= maxSix {
		switch {
		case s.is(k, hexadecimal):
			digits++
			clean, k = append(clean, s.b[k]), k+1
			continue
		case s.stands(k, "[::]"):
			colons += 2
			clean, k = append(clean, "::"...), k+4
			continue
		}
		j := s.joint(k)
		if j.how == prose || j.what != ':' && (j.what != '.' || colons < 2) || j.size == 0 {
			break
		}
		if j.what == ':' {
			colons++
		}
		clean, k = append(clean, j.what), k+j.size
		if colons == 0 {
			break
		}
		if digits == 0 && colons > 2 {
			break
		}
	}
	s.steps += k - i + 1
	if colons < 2 || len(clean) > maxSix {
		return six{}, false
	}
	for n := len(clean); n > 0 && (clean[n-1] == '.' || clean[n-1] == ':' && (n < 2 || clean[n-2] != ':')); n-- {
		clean = clean[:n-1] // the full stop or the colon of the sentence
		k--
	}
	if s.is(k, name) {
		return six{}, false
	}
	addr, err := netip.ParseAddr(string(clean))
	if err != nil || !addr.Is6() || !telling(clean, digits) {
		return six{}, false
	}
	return six{addr, k}, true
}

// telling keeps out what only happens to parse: a::b of a program.
func telling(clean []byte, digits int) bool {
	for _, c := range clean {
		if c >= '0' && c <= '9' {
			return digits >= 4
		}
	}
	return digits == 0 || digits >= 12
}

// pairs counts pairs of hexadecimal digits with the same sign between them.
func (s *scanner) pairs(i int) (count, end int) {
	const most = 64
	sign := s.byteAt(i + 2)
	if sign != ':' && sign != '-' {
		return 0, i
	}
	for k := i; count < most; k += 3 {
		if !s.is(k, hexadecimal) || !s.is(k+1, hexadecimal) {
			break
		}
		count, end = count+1, k+2
		if s.byteAt(end) != sign {
			break
		}
	}
	s.steps += end - i
	if count < 6 || s.is(end, alnum) {
		return 0, i
	}
	return count, end
}

func (s *scanner) addPairs(count, start, end int) {
	switch count {
	case 6:
		if card := s.lower(start, end); strings.Trim(card, "f:-") != "" && strings.Trim(card, "0:-") != "" && !strings.HasPrefix(card, "00:00:5e:00:53") {
			s.add(Host, start, end, "") // but for all cards, none, and those of documentation (RFC 7042)
		}
	case 16, 20, 28, 32, 48, 64:
		s.add(Hash, start, end, "")
	}
}

// hashes looks at all long runs of hexadecimal digits, and at those written in
// blocks of eight.
func (s *scanner) hashes() {
	for i := 0; i < len(s.b); {
		if !s.is(i, alnum) {
			i++
			continue
		}
		end := s.run(i, alnum)
		digits := end - i
		if digits == block && s.isBlock(i) {
			for s.byteAt(end) == ' ' && s.isBlock(end+1) {
				digits, end = digits+block, end+1+block
			}
		}
		switch digits {
		case 32, 40, 56, 64, 96, 128:
			if s.hash(i, end) {
				s.add(Hash, i, end, "")
			}
		}
		i = end
	}
}

// block is how many digits of a hash stand together where they are parted.
const block = 8

func (s *scanner) isBlock(start int) bool {
	return s.runMost(start, hexadecimal, block) == start+block && !s.is(start+block, alnum)
}

// hash says whether a run has only hexadecimal digits but for spaces, and
// neither numbers nor letters alone.
func (s *scanner) hash(start, end int) bool {
	var all class
	for i := start; i < end; i++ {
		if !s.is(i, hexadecimal) && s.b[i] != ' ' {
			return false
		}
		all |= classes[s.b[i]]
	}
	s.steps += end - start
	return all&digit != 0 && all&(upper|lower) != 0
}
