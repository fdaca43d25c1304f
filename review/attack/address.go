package attack

import (
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxAddress is the longest address that a reference may have, in bytes.
const MaxAddress = 2000

// tracking are parameters that say how a reader came, not what they read.
var tracking = regexp.MustCompile(`(?:utm_[a-z]+|fbclid|gclid|mc_[ce]id)=[^&#]*&?`)

// TidyAddress takes off an address what is no part of it: marks of campaigns,
// and full stops at the end.
func TidyAddress(address string) string {
	tidy := strings.TrimRight(address, " .,;")
	if query := strings.IndexByte(tidy, '?'); query >= 0 {
		tidy = tidy[:query] + strings.TrimRight(tracking.ReplaceAllString(tidy[query:], ""), "?&")
	}
	return tidy
}

// SameAddress gives what two ways to write the same web address have in common:
// not the scheme, the case of the host, www, a usual port, a slash at the end,
// marks of campaigns and the place in the page.
func SameAddress(address string) string {
	u, err := url.Parse(TidyAddress(strings.TrimSpace(address)))
	if err != nil || u.Host == "" {
		return address
	}
	host := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(u.Host), ":443"), ":80")
	same := strings.TrimPrefix(host, "www.") + strings.TrimRight(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		same += "?" + u.RawQuery
	}
	return same
}

var (
	doi      = regexp.MustCompile(`(?i)^(?:https?://(?:dx\.)?doi\.org/|doi:?\s*)?(10\.\d{4,9}/[^\s<>"]+)$`)
	hostName = regexp.MustCompile(`^[\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)+\.?$`)
	bareHost = regexp.MustCompile(`^(?:[a-zA-Z0-9-]+\.)+[a-zA-Z]{2,}(?:[/?#]\S*)?$`)
)

// ReferenceTo begins a reference in ATT&CK's form to a web address or a DOI, as
// it can be read from that alone, on the day on which somebody reads it. What
// it cannot know, such as the author, is left out; so is the name of a DOI. ok
// is false where the text is neither.
func ReferenceTo(text string, day time.Time) (ref Reference, ok bool) {
	text = strings.TrimSpace(text)
	read := "Retrieved " + day.Format("January 2, 2006") + "."
	if m := doi.FindStringSubmatch(text); m != nil && len(text) < MaxAddress {
		u, err := url.Parse("https://doi.org/" + strings.TrimRight(m[1], ".,;"))
		if err != nil {
			return Reference{}, false
		}
		return Reference{Description: read, URL: u.String()}, true
	}
	if bareHost.MatchString(text) {
		text = "https://" + text
	}
	u, err := url.Parse(TidyAddress(text))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || !hostName.MatchString(u.Hostname()) || u.User != nil || strings.ContainsFunc(text, unicode.IsSpace) {
		return Reference{}, false
	}
	ref.URL = u.String()
	if len(ref.URL) > MaxAddress || !utf8.ValidString(u.Path) {
		return Reference{}, false
	}
	p := readPath(u.Path)
	name := append([]string{publisher(u.Hostname())}, p.title[:min(len(p.title), 4)]...)
	if p.month != 0 {
		name = append(name, p.month.String())
	}
	if p.year != "" {
		name = append(name, p.year)
	}
	ref.SourceName = cutAt(strings.Join(name, " "), 300)
	for _, part := range []string{p.date(), cutAt(strings.Join(p.title, " "), 500)} {
		if part != "" {
			ref.Description += part + ". "
		}
	}
	ref.Description += read
	return ref, true
}

// cutAt gives at most so many bytes of a text, in whole characters.
func cutAt(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// publisher guesses who publishes from the name of a host: the part before what
// can be registered, securelist of www.securelist.com.
func publisher(host string) string {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	labels = labels[:len(labels)-1]
	if n := len(labels); n > 1 && len(labels[n-1]) <= 3 { // co.uk, gov.pl
		labels = labels[:n-1]
	}
	if len(labels) == 0 || labels[len(labels)-1] == "" {
		return host
	}
	return capital(labels[len(labels)-1])
}

func capital(word string) string {
	r, size := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(r)) + word[size:]
}

// pathWords is what the path of an address says of a page.
type pathWords struct {
	title []string
	year  string
	month time.Month // 0: not said
	day   string
}

func (p pathWords) date() string {
	switch {
	case p.year == "":
		return ""
	case p.month == 0:
		return "(" + p.year + ")"
	case p.day == "":
		return "(" + p.year + ", " + p.month.String() + ")"
	}
	return "(" + p.year + ", " + p.month.String() + " " + p.day + ")"
}

var (
	dated     = regexp.MustCompile(`/((?:19|20)\d\d)(?:/(0?[1-9]|1[0-2])(?:/(0?[1-9]|[12]\d|3[01]))?)?(?:/|$)`)
	between   = regexp.MustCompile(`[\s\-_+.,:;/\\()\[\]{}<>"'|=&!?*#%~]+`)
	asNumber  = regexp.MustCompile(`^(?:\d{5,}|(?:[0-9a-f]*\d){4}[0-9a-f]{4,})$`)
	acronym   = regexp.MustCompile(`^[a-z]{2,5}\d+$`)
	extension = regexp.MustCompile(`(?i)\.(?:html?|php|aspx?|jsp|pdf|md|txt)$`)
)

// readPath finds the words of the title and the date in the path of an address.
func readPath(address string) pathWords {
	var p pathWords
	if m := dated.FindStringSubmatch(address); m != nil {
		p.year, p.day = m[1], strings.TrimLeft(m[3], "0")
		if n, err := time.Parse("1", strings.TrimLeft(m[2], "0")); err == nil {
			p.month = n.Month()
		}
	}
	last := strings.Trim(address, "/")
	for range 2 { // a page's own part, or where that is a number, the one before
		var part string
		last, part = path.Split(last)
		if words := titleWords(extension.ReplaceAllString(part, "")); len(words) > len(p.title) {
			p.title = words
		}
		last = strings.Trim(last, "/")
	}
	return p
}

// small are words that are small in titles.
var small = map[string]bool{"a": true, "an": true, "and": true, "as": true, "at": true, "by": true, "for": true, "from": true, "in": true,
	"into": true, "of": true, "on": true, "or": true, "the": true, "to": true, "via": true, "with": true}

func titleWords(part string) []string {
	var words []string
	for _, word := range between.Split(part, -1) {
		switch {
		case word == "" || asNumber.MatchString(word) || strings.ContainsFunc(word, unicode.IsControl):
		case acronym.MatchString(word):
			words = append(words, strings.ToUpper(word))
		case len(words) > 0 && small[word]:
			words = append(words, word)
		default:
			words = append(words, capital(word))
		}
	}
	if len(words) == 1 && strings.Trim(words[0], "0123456789") == "" {
		return nil // part of a date
	}
	return words
}
