package check

import (
	"regexp"
	"strings"

	"github.com/atelier-attack/atelier/review/guard"
)

var (
	tagPattern  = regexp.MustCompile(`(?i)<(?:/?(?:[a-z][a-z0-9-]*)(?:\s[^<>]*)?/?|!--)>?`)
	codePattern = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
)

// guard hints at text that names a machine, a file or a victim: a taxonomy is
// about behaviour only. The first of each code is told. Markings are left out
// as long as the workshop's is not known.
func (r *run) guard(field, text string) {
	told := map[string]bool{}
	for _, f := range guard.Find(text, r.known.Guard) {
		code := CodeIndicator
		switch f.Kind {
		case guard.Victim, guard.Organisation:
			code = CodeVictim
		case guard.Marking:
			if code = CodeMarking; r.known.Guard.TLP == "" {
				continue
			}
		}
		if told[code] {
			continue
		}
		told[code] = true
		r.add(Hint, field, code, "%q: %s", cut(f.Text), f.Why)
	}
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
