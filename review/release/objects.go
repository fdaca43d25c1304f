package release

import (
	"cmp"
	"fmt"
	"slices"

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
	if form.Modifies || len(p.of(i).Problems) > 0 {
		return nil
	}
	w := p.works[i]
	id := w.Object
	s := p.stamp(id)
	if attack.Describe(form.Type).Versioned {
		s.AttackID, s.Version = p.ids[id], attack.FirstVersion
		p.outcome(i).VersionTo = s.Version
	}
	raw, err := p.newObject(i, form, s)
	if err != nil || len(p.of(i).Problems) > 0 {
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
	raw, err = attack.Relate(attack.SubtechniqueOf, id, w.Content[attack.FieldParent].Text, p.stamp(p.beside(i, attack.SubtechniqueOf)))
	if err != nil {
		return err
	}
	return p.put(written{raw: raw})
}

// newObject writes what a work makes: of its content, and where it copies an
// object, of what that has beside.
func (p *planner) newObject(i int, form attack.Form, s attack.Stamp) ([]byte, error) {
	w := p.works[i]
	content := p.credit(form, p.linked(i, form, w.Content, nil), nil, i)
	if w.Copies == "" {
		return attack.NewObject(form, content, s)
	}
	o, ok := p.object(w.Copies)
	if !ok {
		p.problem(i, "%s is not in %s any more.", w.Copies, p.domain)
		return nil, nil
	}
	if e := p.edits[o.ID]; e != nil {
		if other := e.byOthers(p.works, w.item); other >= 0 {
			p.problem(i, "%s is changed by %s, which is on this release, too. Release that one first.", o.Label(), p.called(other))
			return nil, nil
		}
	}
	raw, err := p.raw(o.Row)
	if err != nil {
		return nil, err
	}
	return attack.Derive(raw, form, content, s)
}

// beside is the STIX id of a relationship that a release writes beside a work.
func (p *planner) beside(i int, relation string) string {
	w := p.works[i]
	of := []string{p.release, p.items[w.item].Proposal.ID, relation}
	if w.Key != "" {
		of = append(of, w.Key)
	}
	return idFor(attack.TypeRelationship, of...)
}

// byOthers finds a work of a proposal other than that of an item that changes
// the object; -1: there is none.
func (e *edit) byOthers(works []work, item int) int {
	if i := slices.IndexFunc(e.items, func(i int) bool { return works[i].item != item }); i >= 0 {
		return e.items[i]
	}
	return -1
}

// change writes an existing object anew, where it changes at all.
func (p *planner) change(e *edit) error {
	for _, i := range e.items {
		p.outcome(i).VersionTo = e.object.Version
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
		p.outcome(i).VersionTo = version
	}
	old, err := p.raw(e.object.Row)
	if err != nil {
		return err
	}
	s := p.stamp(e.object.ID)
	s.Version, s.Modified = version, after(p.moment, e.object.Stamp())
	form := e.form
	form.Action = cmp.Or(e.retired.Action, form.Action)
	raw, err := attack.Apply(old, form, p.credit(e.form, p.linked(e.last(), e.form, e.content, e.was), e.was, e.items...), s)
	if err != nil {
		return fmt.Errorf("change %s: %w", e.object.Label(), err)
	}
	return p.put(written{before: e.object, raw: raw})
}

// last is the work that is told what is wrong with an edit as a whole.
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
