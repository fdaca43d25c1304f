package taxonomy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
)

// Entry is one line of a list of objects.
type Entry struct {
	STIXID    string `json:"stix_id"`
	AttackID  string `json:"attack_id"`
	Type      string `json:"type"`
	TypeLabel string `json:"type_label"`
	Name      string `json:"name" doc:"of a relationship: both ends, and how they are related"`
	Version   string `json:"version"`
	Modified  string `json:"modified"`
	State     State  `json:"state" enum:"live,revoked,deprecated"`
}

// State is whether an object is in use.
type State string

// The states of an object.
const (
	StateLive       State = "live"
	StateRevoked    State = "revoked"
	StateDeprecated State = "deprecated" // and not revoked
)

// State says whether the object is in use.
func (o *Object) State() State {
	switch {
	case o.Revoked:
		return StateRevoked
	case o.Deprecated:
		return StateDeprecated
	}
	return StateLive
}

// ObjectList is a part of a list.
type ObjectList struct {
	Total   int     `json:"total" doc:"how many there are in all"`
	Objects []Entry `json:"objects"`
}

// Listing says what is listed; an empty member does not narrow it.
type Listing struct {
	Type   string
	State  State
	Text   string // within id and name
	Offset int
	Limit  int
}

// part cuts a list.
func part[T any](l Listing, all []T) []T {
	start := min(max(l.Offset, 0), len(all))
	return all[start:min(start+l.Limit, len(all))]
}

// List lists the objects of a domain, by type and ATT&CK id or name; ok is
// false where it is not loaded.
func (s *Snapshot) List(domain string, l Listing) (list ObjectList, ok bool) {
	state := s.of(domain)
	if state == nil {
		return list, false
	}
	wanted := strings.ToLower(strings.TrimSpace(l.Text))
	var found []Entry
	for _, o := range state.once {
		if l.Type != "" && o.Type != l.Type || l.State != "" && o.State() != l.State {
			continue
		}
		e := state.entry(o)
		if wanted == "" || strings.Contains(strings.ToLower(e.AttackID+" "+e.Name), wanted) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.AttackID, b.AttackID), cmp.Compare(a.Name, b.Name), cmp.Compare(a.STIXID, b.STIXID))
	})
	return ObjectList{len(found), append([]Entry{}, part(l, found)...)}, true
}

func (s *state) entry(o *Object) Entry {
	e := Entry{o.ID, o.ATTACK, o.Type, o.TypeLabel(), o.Name, o.Version, o.Stamp(), o.State()}
	if o.Type == attack.TypeRelationship {
		e.Name = strings.Join([]string{s.called(o.Source), strings.ReplaceAll(o.Kind, "-", " "), s.called(o.Target)}, " ")
	}
	return e
}

// called names an object that may be missing.
func (s *state) called(stixID string) string {
	o := s.byID[stixID]
	if o == nil {
		return stixID
	}
	return cmp.Or(strings.TrimSpace(o.ATTACK+" "+o.Name), stixID)
}

// ListChanges lists the objects that a collection added, changed or left out;
// ok is false where the domain has no such collection.
func (t *Taxonomy) ListChanges(ctx context.Context, domain string, collection int64, change Change, l Listing) (list ObjectList, ok bool, err error) {
	step, ok, err := t.stepOf(ctx, domain, collection)
	if err != nil || !ok {
		return list, false, err
	}
	heads := slices.DeleteFunc(step.heads, func(h changedHead) bool {
		return change != "" && h.change != change || l.Type != "" && h.Type != l.Type
	})
	names, err := t.At(ctx, collection) // for the ends of relationships
	if err != nil {
		return list, false, err
	}
	list = ObjectList{len(heads), []Entry{}}
	for _, h := range part(l, heads) {
		raw, err := t.Raw(ctx, h.Row)
		if err != nil {
			return list, false, err
		}
		o, err := attack.Parse(raw)
		if err != nil {
			return list, false, fmt.Errorf("read object %d: %w", h.Row, err)
		}
		list.Objects = append(list.Objects, names.of(domain).entry(newObject(h.Row, o)))
	}
	return list, true, nil
}
