package release

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/merge"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// edit is what all proposals of a release make of one existing object.
type edit struct {
	object  *taxonomy.Object
	form    attack.Form    // with all fields of its type
	was     attack.Content // what the object says now
	content attack.Content
	bump    string
	items   []int
	retired attack.Form // of the proposal by which it lives no more; none: it lives on
	by      int         // the work of that
}

// called names the proposal of a work.
func (p *planner) called(i int) string {
	of := p.accepted[p.works[i].item].Proposal
	return fmt.Sprintf("#%d (%s)", of.Number, of.Title)
}

// merge carries a refinement over to the object as it is now, or as an earlier
// proposal of the release made it.
func (p *planner) merge(i int, form attack.Form) error {
	w := p.works[i]
	o, ok := p.object(w.Object)
	switch {
	case !ok:
		p.problem(i, "%s is not in %s any more.", w.said(), p.domain)
		return nil
	case !o.Live():
		p.problem(i, "%s %s was revoked or deprecated meanwhile.", o.Label(), o.Name)
		return nil
	}
	e, err := p.editOf(o)
	if err != nil {
		return err
	}
	if e.retired.Kind != "" {
		p.problem(i, "%s, which is on this release, too, says of %s: %s. Only one of the two can be released.", p.called(e.by), o.Label(), strings.ToLower(e.retired.Label))
		return nil
	}
	merged, err := p.solve(w.item, form, w.Key, e, merge.Merge(form, w.Base, w.Content, e.content))
	if err != nil {
		return err
	}
	before := maps.Clone(e.content)
	for name, value := range settle(form, merged, before) {
		if _, ok := e.form.Field(name); ok { // else it only says what the release shall do
			e.content[name] = value
		}
	}
	p.look(i, form, before, merged)
	e.items = append(e.items, i)
	out := p.outcome(i)
	out.AttackID, out.VersionFrom = o.ATTACK, o.Version
	if form.Retires() {
		e.retired, e.by = form, i
		p.carry(i, o, merged)
		return nil
	}
	if len(merge.Changed(e.form, e.was, e.content)) == 0 {
		p.hint(i, "%s says all of this already.", o.Label())
	}
	if !o.Subtechnique && p.children(o.ID) && !merge.Same(attack.List, e.was[attack.FieldTactics], e.content[attack.FieldTactics]) {
		p.hint(i, "The tactics of %s change, those of its sub-techniques do not.", o.Label())
	}
	e.bump = larger(e.bump, w.bump)
	return nil
}

// editOf gives what the proposals so far made of an object.
func (p *planner) editOf(o *taxonomy.Object) (*edit, error) {
	if e := p.edits[o.ID]; e != nil {
		return e, nil
	}
	form, ok := attack.WholeForm(o.Type)
	if !ok {
		return nil, fmt.Errorf("no form changes a %s", o.Type)
	}
	was := attack.ContentOf(o.Object, form)
	e := &edit{object: o, form: form, was: was, content: maps.Clone(was), bump: attack.BumpPatch}
	p.edits[o.ID] = e
	p.order = append(p.order, o.ID)
	return e, nil
}

// solve applies the solutions of a person to the conflicts of an item. Those of
// a part are told with its key. The edit is what those before it made of the
// object; nil: there can be none.
func (p *planner) solve(i int, form attack.Form, key string, e *edit, result merge.Result) (attack.Content, error) {
	item := &p.items[i]
	for _, c := range result.Conflicts {
		field := c.Field
		if key != "" {
			c.Field = key + " " + field
		}
		digest, err := digestOf(c)
		if err != nil {
			return nil, err
		}
		chosen := p.choices[item.Proposal.ID][c.Field]
		if chosen.Conflict != digest {
			chosen = choice{}
		}
		switch chosen.Side {
		case Theirs:
			result.Content[field] = c.KeepTheirs()
		case Ours:
			result.Content[field] = c.KeepOurs()
		case "":
			item.Problems = append(item.Problems, labelOf(form, field)+" was changed meanwhile, too. Choose which text to keep.")
		}
		yielding := p.yielding(i, e, field, chosen)
		for _, y := range yielding {
			if y.AgreedBy == "" {
				item.Problems = append(item.Problems, fmt.Sprintf("%s: words of #%d give way, and none of its authors has agreed. Without that, keep them, or take #%d off the release.",
					labelOf(form, field), y.Number, y.Number))
			}
		}
		item.Conflicts = append(item.Conflicts, ReleaseConflict{c, chosen.Side, yielding})
	}
	return result.Content, nil
}

// digestOf stands for one conflict as it was seen. Its parts follow from the
// rest, and finding them otherwise is no new conflict.
func digestOf(c merge.Conflict) (string, error) {
	c.Parts = nil
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("write a conflict: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}

func labelOf(form attack.Form, field string) string {
	if f, ok := form.Field(field); ok {
		return f.Label
	}
	return field
}

// settle gives every field a value, and the one that was there where the new
// one means the same: nothing moves that did not change.
func settle(form attack.Form, next, was attack.Content) attack.Content {
	settled := attack.Content{}
	for _, f := range form.Fields {
		settled[f.Name] = next[f.Name]
		if merge.Same(f.Kind, next[f.Name], was[f.Name]) {
			settled[f.Name] = was[f.Name]
		}
	}
	return settled
}

// larger gives the larger of two changes of a version.
func larger(a, b string) string {
	order := []string{attack.BumpPatch, attack.BumpMinor, attack.BumpMajor}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}
