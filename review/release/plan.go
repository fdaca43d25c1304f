package release

import (
	"fmt"
	"time"

	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// ground is the state of a domain that a plan builds on, all of it from one
// snapshot.
type ground struct {
	style    taxonomy.Conventions
	objects  []*taxonomy.Object                             // of the domain
	object   func(stixID string) (*taxonomy.Object, bool)   // of the domain
	find     func(attackID string) (*taxonomy.Object, bool) // of any domain
	raw      func(row int64) ([]byte, error)
	known    check.Known                            // without proposals
	children func(stixID string) bool               // whether a technique has sub-techniques
	related  func(stixID string) []*taxonomy.Object // living relationships of an object
	// replacement gives what a revoked object is revoked by.
	replacement func(stixID string) (string, bool)
	numbers     *numbers
}

// written is one object that a release writes.
type written struct {
	before *taxonomy.Object // nil: a new one
	after  attack.Object
	raw    []byte
}

// plan is what becomes of the proposals on a release.
type plan struct {
	moment   time.Time
	items    []ReleaseItem
	written  []written
	heirs    map[string]string // STIX ids of what takes the place of objects, by theirs
	problems []string
}

func (p plan) publishable() bool {
	for _, item := range p.items {
		if len(item.Problems) > 0 {
			return false
		}
	}
	return len(p.problems) == 0
}

// planner makes a plan. Proposals are worked on in the order of their numbers,
// so that a later one is merged onto what an earlier one made of an object.
type planner struct {
	ground
	domain  string
	release string // its id
	moment  time.Time
	choices choices

	accepted []review.Accepted
	items    []ReleaseItem
	made     map[string]int    // new objects by STIX id: which proposal makes them
	ids      map[string]string // ATT&CK ids of new objects by STIX id
	edits    map[string]*edit  // changed objects by STIX id
	order    []string          // of edits
	heirs    []succession      // of revoked objects
	out      []written
}

func makePlan(g ground, r row, solved choices, accepted []review.Accepted, moment time.Time) (plan, error) {
	p := &planner{ground: g, domain: r.Domain, release: r.ID, moment: moment, choices: solved, accepted: accepted,
		items: make([]ReleaseItem, len(accepted)), made: map[string]int{}, ids: map[string]string{}, edits: map[string]*edit{}}
	for i, a := range accepted {
		p.items[i] = ReleaseItem{Proposal: a.Proposal, Conflicts: []ReleaseConflict{}, Problems: []string{}, Hints: []string{}, Shared: []review.Check{}}
		if form, ok := attack.FormOf(a.Proposal.Kind); ok && !form.Modifies {
			p.made[a.Proposal.Object.STIXID] = i
		}
	}
	p.number()
	if err := p.each(p.prepare); err != nil {
		return plan{}, err
	}
	if err := p.each(p.make); err != nil {
		return plan{}, err
	}
	for _, id := range p.order {
		if err := p.change(p.edits[id]); err != nil {
			return plan{}, err
		}
	}
	for _, one := range p.heirs {
		if err := p.succeed(one); err != nil {
			return plan{}, err
		}
	}
	heirs := map[string]string{}
	for _, one := range p.heirs {
		heirs[one.old.ID] = one.next
	}
	return plan{moment: moment, items: p.items, written: p.out, heirs: heirs, problems: p.problems()}, nil
}

// each calls f for every proposal.
func (p *planner) each(f func(i int, form attack.Form) error) error {
	for i, a := range p.accepted {
		form, ok := attack.FormOf(a.Proposal.Kind)
		if !ok {
			return fmt.Errorf("proposal %s is of the unknown kind %q", a.Proposal.ID, a.Proposal.Kind)
		}
		if err := f(i, form); err != nil {
			return fmt.Errorf("proposal #%d: %w", a.Proposal.Number, err)
		}
	}
	return nil
}

// problems are those of the release as a whole.
func (p *planner) problems() []string {
	list := []string{}
	switch {
	case p.style.Current.Source == taxonomy.FromIndex:
		list = append(list, fmt.Sprintf("Only the built-in index of %s is loaded, which has no text. Import MITRE's file first.", p.domain))
	case len(p.items) == 0:
		list = append(list, "There is no proposal on this release.")
	case len(p.out) == 0:
		list = append(list, "This release changes nothing.")
	}
	return list
}

// number gives ATT&CK ids: to sub-techniques last, because one may be under a
// technique that is new.
func (p *planner) number() {
	for i, a := range p.accepted {
		form, _ := attack.FormOf(a.Proposal.Kind)
		letters := attack.Describe(form.Type).Letters
		if form.Action != attack.Add || letters == "" || form.Kind == attack.NewSubtechnique {
			continue
		}
		id, ok := p.numbers.object(letters)
		p.numbered(i, id, ok, "No id is left in the range of this workshop. A facilitator can change where it starts.")
	}
	for i, a := range p.accepted {
		if a.Proposal.Kind != attack.NewSubtechnique {
			continue
		}
		id := a.Content[attack.FieldParent].Text
		if o, ok := p.object(id); ok && o.ATTACK == "" {
			p.problem(i, "%s has no ATT&CK id, so it cannot have sub-techniques.", o.Name)
		}
		if parent := p.attackID(id); parent != "" {
			id, ok := p.numbers.subtechnique(parent)
			p.numbered(i, id, ok, "No sub-technique id is left under "+parent+".")
		}
	}
}

func (p *planner) numbered(i int, id string, ok bool, otherwise string) {
	if !ok {
		p.problem(i, "%s", otherwise)
		return
	}
	p.ids[p.accepted[i].Proposal.Object.STIXID] = id
	p.items[i].AttackID = id
}

// attackID is the ATT&CK id that an object has, or will get by this release.
func (p *planner) attackID(stixID string) string {
	if id := p.ids[stixID]; id != "" {
		return id
	}
	if o, ok := p.object(stixID); ok {
		return o.ATTACK
	}
	return ""
}

func (p *planner) problem(i int, format string, args ...any) {
	p.items[i].Problems = append(p.items[i].Problems, fmt.Sprintf(format, args...))
}

func (p *planner) hint(i int, format string, args ...any) {
	p.items[i].Hints = append(p.items[i].Hints, fmt.Sprintf(format, args...))
}

// prepare finds what is wrong with a proposal, and merges a refinement.
func (p *planner) prepare(i int, form attack.Form) error {
	if form.Modifies {
		return p.merge(i, form)
	}
	p.look(i, form, nil, p.accepted[i].Content)
	return nil
}
