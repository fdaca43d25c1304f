package taxonomy

import (
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
)

// Marks is a set of techniques that has a name, such as those that a group
// uses.
type Marks struct {
	Label      string   `json:"label" doc:"what they have in common"`
	Techniques []string `json:"techniques" doc:"STIX ids of live techniques and sub-techniques, in the order of the bundle"`
}

// Having is something that a technique can have or lack.
type Having string

// What a technique can have or lack.
const (
	HasExamples    Having = "examples"    // procedure examples
	HasMitigations Having = "mitigations" // mitigations
	HasDetection   Having = "detection"   // detection strategies, data components or a text on detection
)

// havings lists what a technique can have, with the kind of relationship that
// gives it and what the techniques are called that have it.
func havings() []struct {
	having Having
	kind   string
	label  string
} {
	return []struct {
		having Having
		kind   string
		label  string
	}{
		{HasExamples, attack.Uses, "with procedure examples"},
		{HasMitigations, attack.Mitigates, "with mitigations"},
		{HasDetection, attack.Detects, "with detection"},
	}
}

// end is a live relationship to a live technique from a live object.
type end struct{ source, target *Object }

// ends lists the live relationships of a kind from live objects to live
// techniques.
func (s *state) ends(kind string) []end {
	var list []end
	for _, r := range s.living(attack.TypeRelationship) {
		if r.Kind != kind {
			continue
		}
		source, target := s.byID[r.Source], s.byID[r.Target]
		if source != nil && source.Live() && target != nil && target.Live() && target.Type == attack.TypeTechnique {
			list = append(list, end{source, target})
		}
	}
	return list
}

// counts says how many of something each technique has. A text that says how a
// technique is detected counts as one, as long as nothing better is there.
func (s *state) counts(h Having) map[string]int {
	counts := map[string]int{}
	for _, one := range havings() {
		if one.having != h {
			continue
		}
		for _, e := range s.ends(one.kind) {
			counts[e.target.ID]++
		}
	}
	if h == HasDetection {
		for _, o := range s.living(attack.TypeTechnique) {
			if o.detection && counts[o.ID] == 0 {
				counts[o.ID] = 1
			}
		}
	}
	return counts
}

// marks makes a set of those techniques that are in it.
func (s *state) marks(label string, in func(o *Object) bool) Marks {
	m := Marks{label, []string{}}
	for _, o := range s.living(attack.TypeTechnique) {
		if in(o) {
			m.Techniques = append(m.Techniques, o.ID)
		}
	}
	return m
}

// UsedBy gives the techniques of a domain that an object, such as a group,
// uses itself; ok is false where the domain has no such object. The object is
// named by STIX id or ATT&CK id.
func (s *Snapshot) UsedBy(domain, id string) (m Marks, ok bool) {
	state := s.of(domain)
	if state == nil {
		return m, false
	}
	user := state.byID[id]
	if user == nil {
		if named, ok := s.byAttack[id]; ok {
			user = state.byID[named.ID]
		}
	}
	if user == nil {
		return m, false
	}
	used := map[string]bool{}
	for _, e := range state.ends(attack.Uses) {
		if e.source.ID == user.ID {
			used[e.target.ID] = true
		}
	}
	return state.marks(strings.TrimSpace(user.ATTACK+" "+user.Name), func(o *Object) bool { return used[o.ID] }), true
}

// With gives the techniques of a domain that have something; ok is false where
// the domain is not loaded.
func (s *Snapshot) With(domain string, h Having) (m Marks, ok bool) {
	state := s.of(domain)
	if state == nil {
		return m, false
	}
	counts := state.counts(h)
	for _, one := range havings() {
		if one.having == h {
			m.Label = one.label
		}
	}
	return state.marks(m.Label, func(o *Object) bool { return counts[o.ID] > 0 }), true
}

// Marked gives the techniques of a domain that somebody else chose; ok is false
// where it is not loaded.
func (s *Snapshot) Marked(domain, label string, in func(stixID string) bool) (m Marks, ok bool) {
	state := s.of(domain)
	if state == nil {
		return m, false
	}
	return state.marks(label, func(o *Object) bool { return in(o.ID) }), true
}
