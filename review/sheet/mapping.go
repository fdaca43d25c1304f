package sheet

import (
	"slices"
	"strings"
	"unicode"
)

// Mapping says which column holds what. Columns count from 1; 0: none does.
type Mapping struct {
	Who         int `json:"who"`
	Technique   int `json:"technique"`
	Description int `json:"description"`
	Source      int `json:"source" doc:"the name by which the source is cited"`
	URL         int `json:"url"`
	Citation    int `json:"citation" doc:"the source in full: author, date, title"`
}

// part is what a column can hold, the heading that the template gives it, and
// how people head it, likeliest first, in small letters and digits.
type part struct {
	heading string
	column  func(*Mapping) *int
	called  []string
}

// parts is the table that guessing and the template work from.
func parts() []part {
	return []part{
		{"Who", func(m *Mapping) *int { return &m.Who }, []string{"who", "whoid", "groupid", "softwareid", "campaignid", "group", "software", "campaign", "groupname",
			"softwarename", "campaignname", "actor", "threatactor", "threatgroup", "adversary", "intrusionset", "malware", "tool", "actorname", "apt", "alias"}},
		{"Technique", func(m *Mapping) *int { return &m.Technique }, []string{"techniqueid", "technique", "attackid", "attckid", "attacktechnique", "attcktechnique", "attacktechniqueid", "mitreid",
			"mitretechnique", "tid", "subtechniqueid", "subtechnique", "techniquename", "ttp"}},
		{"Description", func(m *Mapping) *int { return &m.Description }, []string{"description", "procedure", "procedureexample", "example", "proceduredescription",
			"mappingdescription", "use", "details", "text", "behavior", "behaviour", "how"}},
		{"Source", func(m *Mapping) *int { return &m.Source }, []string{"source", "sourcename", "citationname", "reference", "referencename", "report", "reportname",
			"reporttitle", "publication"}},
		{"URL", func(m *Mapping) *int { return &m.URL }, []string{"url", "sourceurl", "referenceurl", "reporturl", "link", "sourcelink", "weblink", "address", "website", "href"}},
		{"Source in full", func(m *Mapping) *int { return &m.Citation }, []string{"sourceinfull", "fullsource", "citationinfull", "fullcitation", "fullreference",
			"sourcedescription", "referencedescription", "bibliography", "citation"}},
	}
}

// Guess finds the columns by their headings: those that are called so, and then
// those that have such a word in them. MITRE's own spreadsheets head who did
// something with "source", and the technique with "target".
func Guess(headings []string) Mapping {
	var m Mapping
	keys, used := make([]string, len(headings)), make([]bool, len(headings))
	for i, h := range headings {
		keys[i] = key(h)
	}
	take := func(into *int, fits func(heading string) bool) {
		for i, k := range keys {
			if *into == 0 && !used[i] && k != "" && fits(k) {
				*into, used[i] = i+1, true
			}
		}
	}
	for _, pair := range [][2]string{{"sourceid", "targetid"}, {"sourcename", "targetname"}} {
		if slices.Contains(keys, pair[0]) && slices.Contains(keys, pair[1]) {
			take(&m.Who, func(k string) bool { return k == pair[0] })
			take(&m.Technique, func(k string) bool { return k == pair[1] })
			for i, k := range keys { // what else is about the two is nothing to cite
				used[i] = used[i] || strings.HasPrefix(k, "source") || strings.HasPrefix(k, "target")
			}
			break
		}
	}
	for _, p := range parts() {
		for _, name := range p.called {
			take(p.column(&m), func(k string) bool { return k == name })
		}
	}
	for _, p := range slices.Backward(parts()) { // "source" is in many headings of what comes behind it
		for _, name := range p.called {
			if len(name) > 4 {
				take(p.column(&m), func(k string) bool { return strings.Contains(k, name) })
			}
		}
	}
	return m
}

// key is what of a heading is compared.
func key(heading string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// Template is a CSV with headings that Guess knows. They are all that is in it,
// and none begins as a formula does.
func Template() []byte {
	var headings []string
	for _, p := range parts() {
		headings = append(headings, p.heading)
	}
	return []byte("\uFEFF" + strings.Join(headings, ",") + "\r\n") // by the mark, Excel knows UTF-8
}
