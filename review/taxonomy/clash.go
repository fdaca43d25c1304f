package taxonomy

import "slices"

// Clash is an ATT&CK id that a release here gave away and that ATT&CK itself
// uses by now. The address of the id is that of ATT&CK's object; the other is
// called by its STIX id.
type Clash struct {
	AttackID string `json:"attack_id"`
	Ours     Link   `json:"ours"`
	Theirs   Link   `json:"theirs"`
}

// giveWay lets objects that got their ATT&CK id from a release here go without
// it where another object of the same state has it. given is the STIX id by
// the ATT&CK ids that releases gave.
func giveWay(objects []*Object, given map[string]string) []*Object {
	rival := map[string]bool{}
	for _, o := range objects {
		if ours, ok := given[o.ATTACK]; ok && ours != o.ID {
			rival[o.ATTACK] = true
		}
	}
	if len(rival) == 0 {
		return objects
	}
	list := slices.Clone(objects)
	for i, o := range list {
		if rival[o.ATTACK] && given[o.ATTACK] == o.ID {
			without := *o
			without.ATTACK, without.Yields = "", o.ATTACK
			list[i] = &without
		}
	}
	return list
}

// Clash finds what took the ATT&CK id of an object; nil where nothing did.
func (s *Snapshot) Clash(o *Object) *Clash {
	other := s.byAttack[o.Yields]
	if o.Yields == "" || other == nil {
		return nil
	}
	return &Clash{AttackID: o.Yields, Ours: o.Link(), Theirs: other.Link()}
}

// Clashes lists the ids of a domain that were given here and that ATT&CK uses
// by now.
func (s *Snapshot) Clashes(domain string) []Clash {
	list := []Clash{}
	for _, o := range s.Objects(domain) {
		if c := s.Clash(o); c != nil {
			list = append(list, *c)
		}
	}
	return list
}
