package taxonomy

import "github.com/atelier-attack/atelier/review/search"

// Draft is a text of which one asks whether it is new.
type Draft struct {
	Name        string
	Description string
	Type        string // STIX type of what it would be; empty: any
	Domain      string // empty: any
	Limit       int
}

// How much an object is like a draft.
const (
	LikelySame = "likely_same" // by its name or nearly all of its text it is the same thing
	IsSimilar  = "similar"
)

// Alike is an object that is like a draft.
type Alike struct {
	Link
	TypeLabel string   `json:"type_label" doc:"the type for people"`
	Parent    *Link    `json:"parent,omitempty" doc:"the technique of which it is a sub-technique"`
	Class     string   `json:"class" enum:"likely_same,similar"`
	Named     bool     `json:"named" doc:"its name has most of the words of the draft's name"`
	Score     float32  `json:"score" doc:"by which they are ranked; 0: nothing in common"`
	Shared    []string `json:"shared" doc:"words of the draft that the object has, too, those that say most first"`
}

// From which score on an object is shown, and from which score of its own words
// it is likely the same. ATT&CK's own descriptions have 0.4 to 0.7 compared with
// themselves, even when every third word is missing; texts on how to detect a
// technique have 0.25, and on other things below 0.3. Of a few words no score
// says much.
const (
	leastAlike = 0.1
	leastSame  = 0.45
	leastWords = 8
	leastNamed = 0.6
)

// Similar lists the live objects that are most like a draft, best first.
func (s *Snapshot) Similar(d Draft) []Alike {
	f := s.finder()
	facets := make([][]string, facets)
	if d.Type != "" {
		facets[facetType] = []string{d.Type}
	}
	if d.Domain != "" {
		facets[facetDomain] = []string{d.Domain}
	}
	list := []Alike{}
	for _, a := range f.index.Similar(search.Draft{Name: d.Name, Text: plain(d.Description), Facets: facets, Limit: d.Limit}) {
		if a.Score < leastAlike && !a.Called {
			continue
		}
		o := f.objects[a.Document]
		one := Alike{Link: o.Link(), TypeLabel: o.TypeLabel(), Parent: s.parentLink(o), Class: IsSimilar, Named: a.Named >= leastNamed,
			Score: a.Score, Shared: a.Shared}
		if a.Called || a.Own >= leastSame && a.Words >= leastWords {
			one.Class = LikelySame
		}
		list = append(list, one)
	}
	return list
}
