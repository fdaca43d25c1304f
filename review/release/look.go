package release

import (
	"fmt"
	"slices"

	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/guard"
)

// look runs the checks on content as it will be released. Errors are problems
// and warnings hints, but for those that base, what a refinement is merged
// onto, had already, and those about how it is written.
func (p *planner) look(i int, form attack.Form, base, content attack.Content) {
	known := p.known
	known.Object, known.Similar, known.Alike = p.knownObject, nil, nil // names were looked at before
	item := p.works[i].item
	known.Reasons = p.accepted[item].Reasons
	for _, ref := range form.Refs(content) {
		p.needs(item, ref.ID)
	}
	s := check.Subject{Form: form, Self: p.works[i].Object, Base: base, Content: content}
	if form.Modifies && p.works[i].Key == "" {
		if o, ok := p.object(s.Self); ok {
			s.Versions = check.Versions{Here: o.Version, Bump: p.works[i].bump}
		}
	}
	var before []check.Check
	if form.Modifies {
		before = check.Run(check.Subject{Form: form, Self: s.Self, Base: base, Content: base}, known)
	}
	found := check.Run(s, known)
	if p.works[i].Key == "" {
		p.share(item, append(found, check.Text(review.FieldRationale, p.accepted[item].Proposal.Rationale, known)...))
	}
	for _, c := range found {
		switch {
		case c.Shared != nil: // of a part, it is looked for in what people wrote
		case c.Code == check.CodeUnchanged, c.Code == check.CodeLink, c.Code == check.CodeTypedLink: // the plan has its own word for these
		case c.Level == check.Error:
			p.problem(i, "%s", c.Message)
		case crafted(c.Code): // those who reviewed it were told
		case c.Level == check.Warning && !slices.ContainsFunc(before, c.Same):
			p.hint(i, "%s", c.Message)
		}
	}
}

// share tells what an item has that must not be shared.
func (p *planner) share(i int, found []check.Check) {
	item := &p.items[i]
	for _, c := range found {
		switch {
		case c.Shared != nil && c.Level == check.Error:
			item.Problems = append(item.Problems, c.Message+" Somebody has to say why it may stand, or it is taken off.")
			item.Shared = append(item.Shared, c)
		case c.Shared != nil:
			item.Hints = append(item.Hints, c.Message+" It may stand: "+c.Shared.Reason)
		}
	}
}

// written looks for what must not be shared in what people wrote of a proposal
// that changes several objects.
func (p *planner) written(i int, form attack.Form, base, content attack.Content) {
	known := p.known
	known.Reasons, known.Object, known.Similar, known.Alike = p.accepted[i].Reasons, nil, nil, nil
	found := check.Run(check.Subject{Form: form, Base: base, Content: content}, known)
	p.share(i, append(found, check.Text(review.FieldRationale, p.accepted[i].Proposal.Rationale, known)...))
}

// said looks at what a maintainer wrote of a release, which all read. It may
// thank who took part, and say where there is more; the rest is changed, or
// somebody says why it may stand.
func (p *planner) said(r row) (found []review.Check, problems []string, err error) {
	known := p.known
	if known.Reasons, err = r.reasons(); err != nil {
		return nil, nil, err
	}
	found = []review.Check{}
	for _, c := range append(check.Text("name", r.Name, known), check.Text("notes", r.Notes, known)...) {
		if c.Shared != nil && slices.Contains([]guard.Kind{guard.Organisation, guard.Domain, guard.URL, guard.Email}, c.Shared.Kind) {
			continue
		}
		found = append(found, c)
		if c.Level == check.Error {
			problems = append(problems, "The "+c.Field+" of this release: "+c.Message+" Change it, or say why it may stand.")
		}
	}
	return found, problems, nil
}

// crafted says whether a finding is about how something is written.
func crafted(code string) bool {
	rule, ok := check.RuleOf(code)
	return ok && rule.Craft
}

// knownObject finds an object of the domain, or one that the release makes.
func (p *planner) knownObject(id string) (check.Object, bool) {
	if i, ok := p.made[id]; ok {
		w := p.works[i]
		return check.Object{STIXID: id, AttackID: p.ids[id], Type: w.Form().Type, Name: w.name,
			Tactics: w.Content[attack.FieldTactics].List, Subtechnique: w.Kind == attack.NewSubtechnique}, true
	}
	if o, ok := p.known.Object(id); ok {
		return o, true
	}
	m, ok := p.makers[id] // it is needed, and that is told
	return m.Object(), ok
}

// needs tells of what an item names and another proposal makes that is not on
// the release, what to do about that; ok is false where there is no such one.
func (p *planner) needs(i int, id string) (ok bool) {
	m, ok := p.makers[id]
	if _, here := p.made[m.Object().STIXID]; !ok || here {
		return false
	}
	if _, there := p.known.Object(m.Object().STIXID); there {
		return false
	}
	item := &p.items[i]
	if slices.ContainsFunc(item.Needs, func(one review.Maker) bool { return one.ID == m.ID }) {
		return true
	}
	item.Needs = append(item.Needs, m)
	item.Problems = append(item.Problems, wanting(m))
	return true
}

// wanting says what to do about a proposal that another one builds on.
func wanting(m review.Maker) string {
	what := fmt.Sprintf("It builds on #%d %s, which is not on this release. ", m.Number, m.Title)
	switch {
	case m.State == review.StateAccepted:
		return what + "Add that, or take this one off until it is released."
	case slices.Contains(review.Waiting(), m.State):
		return what + "That has to be accepted first: take this one off until it is."
	}
	return what + "That will not be released as it stands: take this one off, and have it revised."
}
