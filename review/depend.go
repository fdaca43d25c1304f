package review

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
)

// builder is an open proposal: which objects it makes, and which it names.
type builder struct {
	number int64
	title  string
	state  State
	makes  []string
	refers []string
}

func (b builder) String() string { return fmt.Sprintf("#%d %s", b.number, b.title) }

// on says whether a proposal names what another one makes.
func (b builder) on(other builder) bool {
	return slices.ContainsFunc(b.refers, func(id string) bool { return slices.Contains(other.makes, id) })
}

// building reads what a row makes and names.
func (r proposalRow) building() (builder, error) {
	var s subject
	if err := json.Unmarshal([]byte(r.Subject), &s); err != nil {
		return builder{}, fmt.Errorf("read proposal %s: %w", r.ID, err)
	}
	b := builder{number: r.Number, title: r.Title, state: r.State, refers: s.Refers}
	if form, ok := attack.FormOf(r.Kind); ok && form.Action == attack.Add {
		b.makes = append(b.makes, r.ObjectID)
	}
	for _, one := range s.Makes {
		b.makes = append(b.makes, one.STIXID)
	}
	return b, nil
}

// builders lists the other open proposals of a row's workshop.
func (r proposalRow) builders(db *gorm.DB) ([]builder, error) {
	var rows []proposalRow
	err := db.Select("id", "number", "kind", "title", "state", "object_id", "subject").
		Where("workshop_id = ? AND id <> ? AND revision > 0 AND state IN ?", r.WorkshopID, r.ID, Waiting()).Order("number").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find what a proposal depends on: %w", err)
	}
	list := make([]builder, len(rows))
	for i, row := range rows {
		if list[i], err = row.building(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// dependable refuses to approve what names an object of a proposal that is not
// accepted yet.
func (r proposalRow) dependable(db *gorm.DB) error {
	own, err := r.building()
	if err != nil {
		return err
	}
	others, err := r.builders(db)
	if err != nil {
		return err
	}
	for _, other := range others {
		if own.on(other) && other.state != StateAccepted {
			return fault.New(fault.Conflict, "It builds on %s, which has to be accepted first.", other)
		}
	}
	return nil
}

// straight refuses a proposal that builds on others which build on it: none of
// them could be accepted first.
func (r proposalRow) straight(db *gorm.DB) error {
	own, err := r.building()
	if err != nil {
		return err
	}
	others, err := r.builders(db)
	if err != nil {
		return err
	}
	circle := circle(own, others)
	if circle == nil {
		return nil
	}
	names := make([]string, len(circle))
	for i, one := range circle {
		names[i] = one.String()
	}
	return fault.New(fault.Conflict, "It builds on proposals that build on it: %s. None of them could be accepted first. Take one of these references out.",
		strings.Join(append(names, names[0]), " → "))
}

// circle finds the way from a proposal over what it builds on back to it; nil
// where there is none.
func circle(own builder, others []builder) []builder {
	seen := map[int64]bool{}
	var follow func(way []builder) []builder
	follow = func(way []builder) []builder {
		last := way[len(way)-1]
		if len(way) > 1 && last.on(own) {
			return way
		}
		for _, next := range others {
			if !seen[next.number] && last.on(next) {
				seen[next.number] = true
				if found := follow(append(slices.Clone(way), next)); found != nil {
					return found
				}
			}
		}
		return nil
	}
	return follow([]builder{own})
}

// Maker is a proposal that makes objects on which others may build.
type Maker struct {
	ID     string `json:"id"`
	Number int64  `json:"number"`
	Title  string `json:"title"`
	State  State  `json:"state" enum:"draft,submitted,in_review,changes_requested,accepted,rejected,withdrawn,released"`

	object check.Object
}

// Object is what of the maker is looked at from outside.
func (m Maker) Object() check.Object { return m.object }

// MakersIn gives the submitted proposals of a workshop by the STIX ids of the
// objects that they make, and by the labels under which people link to them.
func (p *Proposals) MakersIn(db *gorm.DB, workshop string) (map[string]Maker, error) {
	var rows []proposalRow
	err := db.Select("id", "number", "kind", "title", "state", "object_id", "subject").
		Where("workshop_id = ? AND revision > 0", workshop).Order("number").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find what proposals make: %w", err)
	}
	makers := map[string]Maker{}
	for _, row := range rows {
		var s subject
		if err := json.Unmarshal([]byte(row.Subject), &s); err != nil {
			return nil, fmt.Errorf("read proposal %s: %w", row.ID, err)
		}
		made := s.Makes
		if form, ok := attack.FormOf(row.Kind); ok && form.Action == attack.Add {
			made = append(made, MadeObject{ProposedObject: s.Object, Kind: row.Kind})
		}
		for _, one := range made {
			m := Maker{ID: row.ID, Number: row.Number, Title: row.Title, State: row.State}
			m.object = check.Object{STIXID: one.STIXID, AttackID: one.Label, Type: attack.TypeOf(one.STIXID), Name: one.Name,
				Subtechnique: one.Kind == attack.NewSubtechnique, Proposed: one.Label}
			makers[one.STIXID], makers[one.Label] = m, m
		}
	}
	return makers, nil
}
