package taxonomy

import (
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
)

// Conventions are what a domain's objects have in common in STIX, and what a
// new object of the domain gets.
type Conventions struct {
	KillChain  string   // kill_chain_name of its tactics
	SourceName string   // source_name of its ATT&CK ids
	Identity   string   // who most objects are created by; empty: nobody that is in the domain
	Markings   []string // what most objects are marked with
	Spec       string   // the highest x_mitre_attack_spec_version
	Current    Collection
}

// Conventions gives a domain's conventions; ok is false where the domain is
// not loaded.
func (s *Snapshot) Conventions(domain string) (c Conventions, ok bool) {
	state := s.of(domain)
	if state == nil {
		return c, false
	}
	return state.style, true
}

// conventions finds out what the objects have in common.
func (s *state) conventions() Conventions {
	c := Conventions{Current: s.collection}
	creators, markings := map[string]int{}, map[string]int{}
	for _, o := range s.objects {
		if _, ok := s.byID[o.CreatedBy]; ok {
			creators[o.CreatedBy]++
		}
		if s.allHere(o.Markings) {
			markings[strings.Join(o.Markings, " ")]++
		}
		if attack.CompareVersions(o.AttackSpec, c.Spec) > 0 {
			c.Spec = o.AttackSpec
		}
		if o.Type != attack.TypeTechnique || !o.Live() {
			continue
		}
		if c.KillChain == "" && len(o.Phases) > 0 {
			c.KillChain = o.Phases[0].KillChain
		}
		if c.SourceName == "" && o.ATTACK != "" {
			c.SourceName = o.References[0].SourceName
		}
	}
	c.Identity = most(creators)
	c.Markings = strings.Fields(most(markings))
	return c
}

func (s *state) allHere(ids []string) bool {
	for _, id := range ids {
		if _, ok := s.byID[id]; !ok {
			return false
		}
	}
	return len(ids) > 0
}
