package taxonomy

import (
	"slices"

	"github.com/atelier-attack/atelier/review/attack"
)

// Stray is a technique that names tactics which its domain does not describe,
// such as one of a release here after ATT&CK replaced a tactic.
type Stray struct {
	Object  Link     `json:"object"`
	Tactics []string `json:"tactics" doc:"short names of those that are gone"`
}

// Strays lists the live techniques of a domain that name a tactic which no live
// object describes, in the order of the bundle.
func (s *Snapshot) Strays(domain string) []Stray {
	list := []Stray{}
	state := s.of(domain)
	if state == nil {
		return list
	}
	described := map[string]bool{}
	for _, t := range state.vocabulary.Tactics {
		described[t.Value] = true
	}
	for _, o := range state.living(attack.TypeTechnique) {
		gone := slices.DeleteFunc(o.Tactics(), func(t string) bool { return described[t] })
		if len(gone) > 0 {
			list = append(list, Stray{s.link(o), gone})
		}
	}
	return list
}
