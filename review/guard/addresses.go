package guard

import (
	"net/netip"
	"strconv"
	"strings"
)

// nobodys are the ranges that point to nobody: made for documentation and
// tests, the machine itself, all machines, and what the standards reserve.
var nobodys = prefixes(
	"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20", // documentation
	"198.18.0.0/15", "2001:2::/48", // benchmarks
	"127.0.0.0/8", "::1/128", "0.0.0.0/8", "::/128", // oneself, any
	"224.0.0.0/4", "240.0.0.0/4", "ff00::/8", // all, and reserved: masks are there, too
	"169.254.169.254/32", "fd00:ec2::254/128", "168.63.129.16/32", // the same in every cloud
)

// ranges are networks that everybody has.
var ranges = prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "fc00::/7", "fd00::/8", "fe80::/10",
	"2000::/3", "::/0", "64:ff9b::/96", "2002::/16")

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		all[i] = netip.MustParsePrefix(t)
	}
	return all
}

// everybodys says whether an address points to nobody in particular.
func everybodys(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for _, p := range nobodys {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// quadAddress reads an IPv4 address at the beginning of a token.
func (s *scanner) quadAddress(t token) (netip.Addr, int, bool) {
	if t.labels < 4 || t.labels > maxLabels {
		return netip.Addr{}, 0, false
	}
	var quad [4]byte
	end := 0
	for k := range quad {
		l := s.labels[k]
		end = s.runMost(l[0], digit, 4)
		n, err := strconv.Atoi(string(s.b[l[0]:end]))
		if err != nil || n > 255 || end < l[1] && (k < 3 || !s.is(end, joining)) || end-l[0] > 1 && s.b[l[0]] == '0' {
			return netip.Addr{}, 0, false
		}
		quad[k] = byte(n)
	}
	return netip.AddrFrom4(quad), end, true
}

// quad reports an IPv4 address, with the width of its network where one is
// given, and gives where to go on.
func (s *scanner) quad(t token) int {
	addr, end, ok := s.quadAddress(t)
	if !ok {
		return 0
	}
	ranged := s.is(end, joining) && s.is(end+1, digit) // 192.0.2.7-192.0.2.9
	if t.labels > 4 && !ranged && !(t.labels == 5 && s.is(s.labels[4][0], upper)) {
		if s.is(s.labels[4][0], digit) {
			return t.end // an OID or a longer version
		}
		return 0
	}
	if t.how != defanged && s.version(t.start, end) {
		s.versionEnd = end
		return end
	}
	s.addAddress(addr, t.start, end, 32)
	return end
}

// addAddress reports an address, unless it points to nobody.
func (s *scanner) addAddress(addr netip.Addr, start, end, most int) {
	kind, replacement := IPv4, ""
	if addr.Is6() {
		kind = IPv6
	}
	if j := s.joint(end); j.what == '/' && s.is(end+j.size, digit) {
		to := s.runMost(end+j.size, digit, 4)
		bits, err := strconv.Atoi(string(s.b[end+j.size : to]))
		if err == nil && bits <= most && !s.is(to, name) {
			for _, p := range ranges {
				if p.Addr() == addr && p.Bits() == bits {
					return
				}
			}
			if bits == 0 {
				return
			}
			kind, replacement, end = CIDR, "192.0.2.0/24", to
			if addr.Is6() {
				replacement = "2001:db8::/32"
			}
		}
	}
	if !everybodys(addr) {
		s.add(kind, start, end, replacement)
	}
}

// version says whether four numbers are a version or a number of a section.
func (s *scanner) version(start, end int) bool {
	switch s.byteAt(start - 1) {
	case '.':
		if s.is(start-2, alnum) {
			return true
		}
	case '/', '@':
		if s.is(start-2, letter) && s.byteAt(start-1) == '/' {
			return true
		}
	}
	if s.is(end, joining) && s.is(end+1, letter) {
		return true // 1.2.3.4-beta
	}
	const near = 14 // as in "4.5.6.7 through 4.5.6.9"
	if s.versionEnd > 0 && start-s.versionEnd <= near && !strings.ContainsAny(string(s.b[s.versionEnd:start]), ".;\n") {
		return true
	}
	for _, after := range [...]string{" and later", " or later", " and newer", " or newer", " and earlier", " or earlier", " and below", " and above",
		" and prior", " or higher", " and higher", " or below", " and older", " or older", "+"} {
		if s.stands(end, after) {
			return true
		}
	}
	of, found := versioned, false
	s.wordsBefore(start, 3, func(w string) bool {
		found = of[w] || of[strings.TrimSuffix(w, "s")]
		if comparing[w] || linking[w] || numbering(w) {
			if !comparing[w] {
				of = versionWords
			}
			return found
		}
		return true
	})
	return found
}

// numbering says whether a word is a part of a name with a number, as in
// Server 2019.
func numbering(w string) bool {
	_, err := strconv.Atoi(w)
	return err == nil
}
