package check

import (
	"net/netip"
	"regexp"
	"strings"
)

var (
	tagPattern    = regexp.MustCompile(`(?i)<(?:/?(?:[a-z][a-z0-9-]*)(?:\s[^<>]*)?/?|!--)>?`)
	codePattern   = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	ipPattern     = regexp.MustCompile(`\b\d{1,3}(?:(?:\.|\[\.\])\d{1,3}){3}\b`)
	hashPattern   = regexp.MustCompile(`(?i)\b(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})\b`)
	mailPattern   = regexp.MustCompile(`(?i)\b[a-z0-9._%+-]+(?:@|\[@\])([a-z0-9-]+(?:(?:\.|\[\.\])[a-z0-9-]+)+)\b`)
	fangPattern   = regexp.MustCompile(`(?i)\bhxxps?(?:://|\[:\]//)\S+|\b[a-z0-9-]+(?:\[\.\][a-z0-9-]+)+\b`)
	victimPattern = regexp.MustCompile(`(?i)\b(?:our|my)\s+(?:own\s+)?(?:compan(?:y|ies)|organi[sz]ations?|networks?|customers?|clients?|employees?|staff|environments?|bank|hospital|ministry|agency|incident)\b`)
)

// documentation ranges, loopback and what is reserved for local use stand for
// nobody.
var harmless = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("255.255.255.255/32"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
}

// guard hints at text that names a machine, a file or a victim: a taxonomy is
// about behaviour only.
func (r *run) guard(field, text string) {
	if found := indicatorIn(text); found != "" {
		r.add(Hint, field, CodeIndicator, "%q looks like an indicator. Describe the behaviour; indicators belong into a reference.", cut(found))
	}
	if found := victimPattern.FindString(text); found != "" {
		r.add(Hint, field, CodeVictim, "%q speaks of a victim. Only what attackers do belongs here.", cut(found))
	}
}

// indicatorIn gives the first thing that looks like an indicator, or nothing.
func indicatorIn(text string) string {
	for _, found := range ipPattern.FindAllString(text, -1) {
		addr, err := netip.ParseAddr(strings.ReplaceAll(found, "[.]", "."))
		if err == nil && !isHarmless(addr) {
			return found
		}
	}
	if found := hashPattern.FindString(text); found != "" {
		return found
	}
	for _, m := range mailPattern.FindAllStringSubmatch(text, -1) {
		if !exampleDomain(m[1]) {
			return m[0]
		}
	}
	for _, found := range fangPattern.FindAllString(text, -1) {
		if _, err := netip.ParseAddr(strings.ReplaceAll(found, "[.]", ".")); err != nil && !exampleDomain(found) {
			return found
		}
	}
	return ""
}

func isHarmless(addr netip.Addr) bool {
	for _, p := range harmless {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

func exampleDomain(text string) bool {
	text = strings.TrimRight(strings.ToLower(strings.ReplaceAll(text, "[.]", ".")), "/.,;)")
	for _, d := range []string{"example.com", "example.org", "example.net", ".example", ".invalid", ".test", "localhost"} {
		if strings.HasSuffix(text, d) {
			return true
		}
	}
	return false
}

// htmlIn gives the first HTML tag outside of code, other than <code>, which
// ATT&CK's own text uses.
func htmlIn(text string) string {
	for _, tag := range tagPattern.FindAllString(codePattern.ReplaceAllString(text, ""), -1) {
		name := strings.ToLower(strings.Trim(tag, "</>"))
		if name != "code" {
			return tag
		}
	}
	return ""
}
