package release

import (
	"cmp"
	"fmt"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/merge"
)

// specVersion is the version of ATT&CK's specification that new objects follow
// where a domain names none.
const specVersion = "3.3.0"

// stamp is what all objects of the release have in common.
func (p *planner) stamp(stixID string) attack.Stamp {
	return attack.Stamp{STIXID: stixID, Created: p.moment, Modified: p.moment, Domain: p.domain, KillChain: cmp.Or(p.style.KillChain, "mitre-attack"),
		SourceName: cmp.Or(p.style.SourceName, "mitre-attack"), Spec: cmp.Or(p.style.Spec, specVersion), Identity: p.style.Identity, Markings: p.style.Markings}
}

// make writes what a proposal adds, unless something is wrong with it.
func (p *planner) make(i int, form attack.Form) error {
	if form.Modifies || len(p.items[i].Problems) > 0 {
		return nil
	}
	a := p.accepted[i]
	id := a.Proposal.Object.STIXID
	s := p.stamp(id)
	if attack.Describe(form.Type).Versioned {
		s.AttackID, s.Version = p.ids[id], attack.FirstVersion
		p.items[i].VersionTo = s.Version
	}
	raw, err := attack.NewObject(form, p.linked(i, form, a.Content, nil), s)
	if err != nil {
		return err
	}
	if err := p.put(written{raw: raw}); err != nil {
		return err
	}
	if form.Type == attack.TypeTactic {
		return p.column(id)
	}
	if form.Kind != attack.NewSubtechnique {
		return nil
	}
	raw, err = attack.Relate(attack.SubtechniqueOf, id, a.Content[attack.FieldParent].Text,
		p.stamp(idFor(attack.TypeRelationship, p.release, a.Proposal.ID, attack.SubtechniqueOf)))
	if err != nil {
		return err
	}
	return p.put(written{raw: raw})
}

// change writes an existing object anew, where it changes at all.
func (p *planner) change(e *edit) error {
	for _, i := range e.items {
		p.items[i].VersionTo = e.object.Version
	}
	changed := len(merge.Changed(e.form, e.was, e.content)) > 0
	retires := e.retired.Retires()
	if !changed && !retires {
		return nil
	}
	version := e.object.Version
	if changed && attack.Describe(e.object.Type).Versioned && !retires {
		var err error
		if version, err = attack.BumpVersion(cmp.Or(version, "0.0"), e.bump); err != nil {
			for _, i := range e.items {
				p.problem(i, "The version of %s is %q, which is not of the form MAJOR.MINOR.", e.object.Label(), e.object.Version)
			}
			return nil
		}
	}
	for _, i := range e.items {
		p.items[i].VersionTo = version
	}
	old, err := p.raw(e.object.Row)
	if err != nil {
		return err
	}
	s := p.stamp(e.object.ID)
	s.Version, s.Modified = version, after(p.moment, e.object.Stamp())
	form := e.form
	form.Action = cmp.Or(e.retired.Action, form.Action)
	raw, err := attack.Apply(old, form, p.linked(e.last(), e.form, e.content, e.was), s)
	if err != nil {
		return fmt.Errorf("change %s: %w", e.object.Label(), err)
	}
	return p.put(written{before: e.object, raw: raw})
}

// last is the proposal that is told what is wrong with an edit as a whole.
func (e *edit) last() int {
	if len(e.items) == 0 {
		return 0
	}
	return e.items[len(e.items)-1]
}

func (p *planner) put(w written) (err error) {
	if w.after, err = attack.Parse(w.raw); err != nil {
		return fmt.Errorf("read what was written: %w", err)
	}
	p.out = append(p.out, w)
	return nil
}
