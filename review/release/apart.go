package release

import (
	"cmp"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/compound"
	"github.com/atelier-attack/atelier/review/merge"
)

// apart takes a proposal that changes several objects apart, on the domain as
// it is now: what it says of its own object is merged onto that first.
func (p *planner) apart(i int, form attack.Form) error {
	a := p.accepted[i]
	content := a.Content
	if form.Modifies {
		o, ok := p.object(a.Proposal.Object.STIXID)
		if !ok || !o.Live() {
			p.items[i].Problems = append(p.items[i].Problems, whole(i, a).said()+" was revoked or deprecated meanwhile.")
			return nil
		}
		var err error
		if content, err = p.solve(i, form, "", nil, merge.Merge(form, a.Base, a.Content, attack.ContentOf(o.Object, form))); err != nil {
			return err
		}
	}
	p.written(i, form, a.Base, content)
	for _, ref := range form.Refs(content) {
		p.needs(i, ref.ID)
	}
	parts := compound.Expand(p.world, compound.Proposal{ID: a.Proposal.ID, Form: form, About: a.Proposal.Object.STIXID, Content: content})
	if len(parts) == 0 {
		p.items[i].Problems = append(p.items[i].Problems, "Nothing would change by it any more.")
	}
	for _, part := range parts {
		p.items[i].Parts = append(p.items[i].Parts, p.part(i, part, a.Proposal.Bump))
	}
	return nil
}

// part adds the work of one part.
func (p *planner) part(i int, part compound.Part, bump string) ItemPart {
	w := work{Part: part, item: i, bump: bump}
	if part.Patch {
		w.bump = attack.BumpPatch
	}
	w.name = part.Content[attack.FieldName].Text
	if o, ok := p.object(part.Object); ok {
		w.label, w.name = o.ATTACK, cmp.Or(o.Name, w.name)
	}
	p.works = append(p.works, w)
	return ItemPart{Key: part.Key, Kind: part.Kind, STIXID: part.Object, Name: w.name}
}
