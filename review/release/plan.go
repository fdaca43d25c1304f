package release

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/compound"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// ground is the state of a domain that a plan builds on, all of it from one
// snapshot.
type ground struct {
	style    taxonomy.Conventions
	objects  []*taxonomy.Object                             // of the domain
	object   func(stixID string) (*taxonomy.Object, bool)   // of the domain
	find     func(attackID string) (*taxonomy.Object, bool) // of any domain
	labels   map[string]string                              // STIX ids by the labels that stood for them at first
	raw      func(row int64) ([]byte, error)
	known    check.Known // without proposals
	world    compound.World
	children func(stixID string) bool               // whether a technique has sub-techniques
	related  func(stixID string) []*taxonomy.Object // living relationships of an object
	// replacement gives what a revoked object is revoked by.
	replacement func(stixID string) (string, bool)
	makers      map[string]review.Maker // of the workshop, by what they make
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
	accepted []review.Accepted // what it is made of
	items    []ReleaseItem
	written  []written
	ids      map[string]string // ATT&CK ids of new objects, by their STIX ids
	heirs    map[string]string // STIX ids of what takes the place of objects, by theirs
	problems []string
	shared   []review.Check // of what the release says of itself
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
	items    []ReleaseItem // one for each of the accepted
	works    []work
	made     map[string]int    // new objects by STIX id: which work makes them
	ids      map[string]string // ATT&CK ids of new objects by STIX id
	edits    map[string]*edit  // changed objects by STIX id
	order    []string          // of edits
	heirs    []succession      // of revoked objects
	out      []written
}

// work is what a proposal does to one object. Most do one; one that changes
// several objects at once has a work for each.
type work struct {
	compound.Part        // without a key where it is all that the proposal does
	item          int    // of whose proposal
	label         string // of the object, as people know it
	name          string
	bump          string
}

// whole is the work of a proposal about one object.
func whole(i int, a review.Accepted) work {
	o := a.Proposal.Object
	return work{compound.Part{Kind: a.Proposal.Kind, Object: o.STIXID, Base: a.Base, Content: a.Content}, i, o.Label, o.Name, a.Proposal.Bump}
}

// said is what a work is called in sentences.
func (w work) said() string { return strings.TrimSpace(w.label + " " + w.name) }

func makePlan(g ground, r row, solved choices, accepted []review.Accepted, moment time.Time) (plan, error) {
	p := &planner{ground: g, domain: r.Domain, release: r.ID, moment: moment, choices: solved, accepted: accepted,
		items: make([]ReleaseItem, len(accepted)), made: map[string]int{}, ids: map[string]string{}, edits: map[string]*edit{}}
	for i, a := range accepted {
		p.items[i] = ReleaseItem{Proposal: a.Proposal, Conflicts: []ReleaseConflict{}, Problems: []string{}, Hints: []string{}, Named: []string{}, Shared: []review.Check{}, Needs: []review.Maker{}}
		p.required(i, a)
		if err := p.take(i, a); err != nil {
			return plan{}, fmt.Errorf("proposal #%d: %w", a.Proposal.Number, err)
		}
	}
	for i, w := range p.works {
		if w.Makes() {
			p.made[w.Object] = i
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
	p.orphans()
	heirs := map[string]string{}
	for _, one := range p.heirs {
		heirs[one.old.ID] = one.next
	}
	shared, stops, err := p.said(r)
	if err != nil {
		return plan{}, err
	}
	return plan{shared: shared, moment: moment, accepted: accepted, items: p.items, written: p.out, ids: p.ids, heirs: heirs, problems: append(p.problems(), stops...)}, nil
}

// take adds the works of a proposal.
func (p *planner) take(i int, a review.Accepted) error {
	form, ok := attack.FormOf(a.Proposal.Kind)
	switch {
	case !ok:
		return fmt.Errorf("it is of the unknown kind %q", a.Proposal.Kind)
	case form.Action == attack.Several:
		return p.apart(i, form)
	}
	p.works = append(p.works, whole(i, a))
	return nil
}

// each calls f for every work.
func (p *planner) each(f func(i int, form attack.Form) error) error {
	for i, w := range p.works {
		if err := f(i, w.Form()); err != nil {
			return fmt.Errorf("proposal #%d: %w", p.items[w.item].Proposal.Number, err)
		}
	}
	return nil
}

// problems are those of the release as a whole.
func (p *planner) problems() []string {
	list := []string{}
	switch {
	case p.style.Current.Source == taxonomy.FromIndex:
		list = append(list, fmt.Sprintf("Only the built-in index of %s is loaded, which has no text. Import MITRE's file first, on the page Import.", p.domain))
	case len(p.items) == 0:
		list = append(list, "There is no proposal on this release.")
	case len(p.out) == 0 && !slices.ContainsFunc(p.items, func(item ReleaseItem) bool { return len(item.Problems) > 0 }):
		list = append(list, "This release changes nothing.")
	}
	return list
}

// number gives ATT&CK ids: to sub-techniques last, because one may be under a
// technique that is new.
func (p *planner) number() {
	for i, w := range p.works {
		form := w.Form()
		letters := attack.Describe(form.Type).Letters
		if form.Action != attack.Add || letters == "" || form.Kind == attack.NewSubtechnique {
			continue
		}
		id, ok := p.numbers.object(letters)
		p.numbered(i, id, ok, "No id is left in the range of this workshop. A facilitator can change where it starts.")
	}
	for i, w := range p.works {
		if w.Kind != attack.NewSubtechnique {
			continue
		}
		id := w.Content[attack.FieldParent].Text
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
	p.ids[p.works[i].Object] = id
	p.outcome(i).AttackID = id
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

// problem tells what stops a work. Of a proposal with several, it says which.
func (p *planner) problem(i int, format string, args ...any) {
	item := p.of(i)
	item.Problems = told(item.Problems, p.works[i], format, args...)
}

func (p *planner) hint(i int, format string, args ...any) {
	item := p.of(i)
	item.Hints = told(item.Hints, p.works[i], format, args...)
}

func told(list []string, w work, format string, args ...any) []string {
	text := fmt.Sprintf(format, args...)
	if w.Key != "" && !strings.Contains(text, w.said()) {
		text = w.said() + ": " + text
	}
	if slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

// of is the item of a work.
func (p *planner) of(i int) *ReleaseItem { return &p.items[p.works[i].item] }

// outcome is where the ids and versions of a work are shown.
func (p *planner) outcome(i int) *ReleasePart {
	item := p.of(i)
	if p.works[i].Key == "" {
		return &item.ReleasePart
	}
	for j := range item.Parts {
		if item.Parts[j].Key == p.works[i].Key {
			return &item.Parts[j].ReleasePart
		}
	}
	return &ReleasePart{}
}

// prepare finds what is wrong with a work, and merges a change.
func (p *planner) prepare(i int, form attack.Form) error {
	if form.Modifies {
		return p.merge(i, form)
	}
	p.look(i, form, nil, p.works[i].Content)
	return nil
}
