package taxonomy

import (
	"cmp"
	"slices"
)

// Clash is an ATT&CK id that a release here gave away and that ATT&CK itself
// uses by now. The address of the id is that of ATT&CK's object; the other is
// called by its STIX id.
type Clash struct {
	AttackID string `json:"attack_id"`
	Ours     Link   `json:"ours"`
	Theirs   Link   `json:"theirs"`
}

// yielding lets objects that got their ATT&CK id from a release here go without
// it where another object has it, in the same state or in another one. given is
// the STIX id by the ATT&CK ids that releases gave. States that nothing changes
// in are the same afterwards.
func yielding(states []*state, given map[string]string) []*state {
	rival := map[string]bool{}
	for _, s := range states {
		for _, o := range s.objects {
			if ours, ok := given[o.ATTACK]; ok && ours != o.ID {
				rival[o.ATTACK] = true
			}
		}
	}
	list := slices.Clone(states)
	for i, s := range list {
		if objects := giveWay(s.objects, given, rival); objects != nil {
			list[i] = newState(s.collection, objects)
		}
	}
	return list
}

// giveWay is nil where nothing changes: an object that goes without its id
// already, because of what is no more, gets it back.
func giveWay(objects []*Object, given map[string]string, rival map[string]bool) []*Object {
	var list []*Object
	for i, o := range objects {
		id := cmp.Or(o.ATTACK, o.Yields)
		yields := rival[id] && given[id] == o.ID
		if yields == (o.Yields != "") {
			continue
		}
		if list == nil {
			list = slices.Clone(objects)
		}
		other := *o
		if other.ATTACK, other.Yields = id, ""; yields {
			other.ATTACK, other.Yields = "", id
		}
		list[i] = &other
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
