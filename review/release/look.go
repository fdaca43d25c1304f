package release

import (
	"slices"

	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
)

// look runs the checks on content as it will be released. Errors are problems
// and warnings hints, but for those that base, what a refinement is merged
// onto, had already, and those about how it is written.
func (p *planner) look(i int, form attack.Form, base, content attack.Content) {
	known := p.known
	known.Object, known.Similar, known.Alike = p.knownObject, nil, nil // names were looked at before
	known.Reasons = p.accepted[i].Reasons
	s := check.Subject{Form: form, Self: p.accepted[i].Proposal.Object.STIXID, Base: base, Content: content}
	var before []check.Check
	if form.Modifies {
		before = check.Run(check.Subject{Form: form, Self: s.Self, Base: base, Content: base}, known)
	}
	found := append(check.Run(s, known), check.Text(review.FieldRationale, p.accepted[i].Proposal.Rationale, known)...)
	for _, c := range found {
		switch {
		case c.Shared != nil && c.Level == check.Error:
			p.problem(i, "%s Somebody has to say why it may stand, or it is taken off.", c.Message)
			p.items[i].Shared = append(p.items[i].Shared, c)
		case c.Shared != nil:
			p.hint(i, "%s It may stand: %s", c.Message, c.Shared.Reason)
		case c.Code == check.CodeUnchanged, c.Code == check.CodeLink: // the plan has its own word for these
		case c.Level == check.Error:
			p.problem(i, "%s", c.Message)
		case crafted(c.Code): // those who reviewed it were told
		case c.Level == check.Warning && !slices.ContainsFunc(before, c.Same):
			p.hint(i, "%s", c.Message)
		}
	}
}

// crafted says whether a finding is about how something is written.
func crafted(code string) bool {
	rule, ok := check.RuleOf(code)
	return ok && rule.Craft
}

// knownObject finds an object of the domain, or one that the release makes.
func (p *planner) knownObject(id string) (check.Object, bool) {
	if i, ok := p.made[id]; ok {
		a := p.accepted[i]
		return check.Object{STIXID: id, AttackID: p.ids[id], Type: a.Proposal.Object.Type, Name: a.Proposal.Object.Name,
			Tactics: a.Content[attack.FieldTactics].List, Subtechnique: a.Proposal.Kind == attack.NewSubtechnique}, true
	}
	return p.known.Object(id)
}
