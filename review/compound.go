package review

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/compound"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// PartContent is what a proposal that changes several objects does to one.
type PartContent struct {
	Key    string         `json:"key" doc:"names it within the proposal"`
	Kind   string         `json:"kind" doc:"of its form"`
	Label  string         `json:"label" doc:"of the form, for people"`
	Action attack.Action  `json:"action" enum:"add,modify,deprecate,revoke"`
	Object taxonomy.Link  `json:"object"`
	Copies *taxonomy.Link `json:"copies,omitempty" doc:"the object that a new one is compared with"`
	Fields []FieldContent `json:"fields" doc:"those that it changes"`
}

// apart takes content of a row apart on the taxonomy as it is now; none for a
// proposal about one object.
func (p *Proposals) apart(row proposalRow, form attack.Form, content attack.Content) []compound.Part {
	if form.Action != attack.Several {
		return nil
	}
	return compound.Expand(compound.In(p.taxonomy.Snapshot(), row.Domain), row.compound(form, content))
}

func (r proposalRow) compound(form attack.Form, content attack.Content) compound.Proposal {
	return compound.Proposal{ID: r.ID, Form: form, About: r.ObjectID, Content: content}
}

// parted writes the parts of content, as a revision keeps them.
func (p *Proposals) parted(row proposalRow, form attack.Form, content attack.Content) (string, error) {
	parts := p.apart(row, form, content)
	if len(parts) == 0 {
		return "", nil
	}
	for i := range parts {
		parts[i] = parts[i].Slim()
	}
	text, err := json.Marshal(parts)
	if err != nil {
		return "", fmt.Errorf("write the parts of a revision: %w", err)
	}
	return string(text), nil
}

// Parts shows what each part of a revision does; of revision 0, of the actor's
// own draft as it is now.
func (p *Proposals) Parts(ctx context.Context, actor Actor, id string, revision int64) ([]PartContent, error) {
	db := p.db.WithContext(ctx)
	row, err := find(db, actor, id)
	if err != nil {
		return nil, err
	}
	var parts []compound.Part
	if revision == 0 {
		if !row.writes(actor.User) {
			return nil, fault.New(fault.Forbidden, "Only its authors see the draft of a proposal.")
		}
		form, err := row.form()
		if err != nil {
			return nil, err
		}
		w, err := row.draft()
		if err != nil {
			return nil, err
		}
		parts = p.apart(row, form, w.Content)
	} else {
		stored, err := findRevision(db, row.ID, revision)
		if err != nil {
			return nil, err
		}
		if stored.Parts != "" {
			if err := json.Unmarshal([]byte(stored.Parts), &parts); err != nil {
				return nil, fmt.Errorf("read the parts of proposal %s: %w", row.ID, err)
			}
		}
	}
	return p.shownParts(row, parts), nil
}

func (p *Proposals) shownParts(row proposalRow, parts []compound.Part) []PartContent {
	now := p.taxonomy.Snapshot()
	made := map[string]string{}
	for _, one := range parts {
		if one.Makes() {
			made[one.Object] = one.Content[attack.FieldName].Text
		}
	}
	list := make([]PartContent, len(parts))
	for i, one := range parts {
		form := one.Form()
		c := PartContent{Key: one.Key, Kind: one.Kind, Label: form.Label, Action: form.Action, Fields: []FieldContent{},
			Object: partObject(now, row.Domain, one)}
		base := one.Base
		if o, ok := now.InDomain(row.Domain, one.Copies); ok {
			link := o.Link()
			c.Copies, base = &link, attack.ContentOf(o.Object, form)
		}
		changed := one.Changed()
		for _, f := range form.Fields {
			if !slices.Contains(changed, f.Name) {
				continue
			}
			field := p.field(now, row.Domain, form, f, base, one.Content)
			if before, ok := base[f.Name]; ok && c.Copies != nil {
				field.Before, field.Changed = &before, !before.Equal(one.Content[f.Name])
			}
			field.AfterHTML, field.BeforeHTML = "", "" // the page of parts shows changed words
			for _, ref := range (attack.Form{Fields: []attack.Field{f}}).Refs(one.Content) {
				if name := made[ref.ID]; name != "" {
					field.Labels[ref.ID] = name
				}
			}
			c.Fields = append(c.Fields, field)
		}
		list[i] = c
	}
	return list
}

// partObject names the object of a part.
func partObject(now *taxonomy.Snapshot, domain string, part compound.Part) taxonomy.Link {
	o, ok := now.InDomain(domain, part.Object)
	if !ok || part.Makes() {
		return taxonomy.Link{STIXID: part.Object, Type: part.Form().Type, Name: part.Content[attack.FieldName].Text}
	}
	link := o.Link()
	if o.Type == attack.TypeRelationship {
		link.Name = nameOf(now, o.Source) + " " + o.Kind + " " + nameOf(now, o.Target)
	}
	return link
}

// titled is what a proposal that changes several objects is called.
func (r proposalRow) titled(now *taxonomy.Snapshot, look lookUp, form attack.Form, content attack.Content, parts []compound.Part) string {
	name := look.name(r.ObjectID)
	named := func(field string) string { return look.name(content[field].Text) }
	switch {
	case form.Renames():
		return fmt.Sprintf("%s becomes %s", name, cmp.Or(content[attack.FieldName].Text, "…"))
	case form.Merges():
		return fmt.Sprintf("%s is merged into %s", name, named(attack.FieldReplacement))
	}
	switch form.Kind {
	case attack.ToSubtechnique:
		return fmt.Sprintf("%s becomes a sub-technique of %s", name, named(attack.FieldParent))
	case attack.MoveSubtechnique:
		return fmt.Sprintf("%s moves to %s", name, named(attack.FieldParent))
	case attack.ToTechnique:
		return name + " becomes a technique"
	case attack.MoveTactics:
		return name + " moves to other tactics"
	case attack.SplitTechnique:
		var names []string
		for _, one := range parts {
			if one.Makes() {
				names = append(names, cmp.Or(one.Content[attack.FieldName].Text, "…"))
			}
		}
		return fmt.Sprintf("%s is split into %s", name, cmp.Or(strings.Join(names, ", "), "…"))
	case attack.SearchReplace:
		return fmt.Sprintf("“%s” becomes “%s” in %s", content[attack.FieldFind].Text, content[attack.FieldReplace].Text, objects(len(parts)))
	}
	return bulkTitle(now.Vocabulary(r.Domain), content, len(parts))
}

func bulkTitle(words taxonomy.Vocabulary, content attack.Content, n int) string {
	names := func(fields ...string) string {
		var list []string
		for _, f := range fields {
			for _, v := range content[f].List {
				list = append(list, cmp.Or(labels(words, attack.VocabularyTactics, []string{v})[v], v))
			}
		}
		return strings.Join(list, ", ")
	}
	with, out := names(attack.FieldAddPlatforms, attack.FieldAddTactics), names(attack.FieldRemovePlatforms, attack.FieldRemoveTactics)
	switch {
	case with != "" && out != "":
		return fmt.Sprintf("%s added to %s, %s taken out", with, objects(n), out)
	case out != "":
		return fmt.Sprintf("%s taken out of %s", out, objects(n))
	}
	return fmt.Sprintf("%s added to %s", cmp.Or(with, "…"), objects(n))
}

func objects(n int) string {
	if n == 1 {
		return "1 object"
	}
	return fmt.Sprintf("%d objects", n)
}

// selection resolves the objects that a proposal about a selection starts from.
func (p *Proposals) selection(domain string, form attack.Form, ids []string) ([]string, error) {
	field, ok := form.Field(attack.FieldObjects)
	if !ok {
		return nil, fault.InField("object_ids", "A proposal of this kind (%s) is about one object.", form.Label)
	}
	if len(ids) > check.MaxItems {
		return nil, fault.InField("object_ids", "There are %d objects; %d are allowed at once.", len(ids), check.MaxItems)
	}
	now := p.taxonomy.Snapshot()
	var list []string
	for _, id := range ids {
		o, ok := now.Object(id)
		if ok {
			o, ok = now.InDomain(domain, o.ID)
		}
		switch {
		case !ok:
			return nil, fault.InField("object_ids", "%.60q is not in this workshop's domain.", id)
		case !o.Live():
			return nil, fault.InField("object_ids", "%s was revoked or deprecated. Take it out of the selection.", cmp.Or(o.ATTACK, o.Name))
		case field.Refers != nil && !slices.Contains(field.Refers, o.Type):
			return nil, fault.InField("object_ids", "%s cannot be changed in this way (%s).", o.Name, form.Label)
		case !slices.Contains(list, o.ID):
			list = append(list, o.ID)
		}
	}
	return list, nil
}

// fits says why a form cannot start from an object.
func fits(form attack.Form, o check.Object) error {
	switch {
	case form.Starts == attack.WholeTechnique && o.Subtechnique:
		return fault.InField("object_id", "%s is a sub-technique. Choose a technique (%s).", cmp.Or(o.AttackID, o.Name), form.Label)
	case form.Starts == attack.PartTechnique && !o.Subtechnique:
		return fault.InField("object_id", "%s is no sub-technique. Choose one (%s).", cmp.Or(o.AttackID, o.Name), form.Label)
	case form.Starts == attack.WholeTechnique && form.Kind == attack.ToSubtechnique && o.Parent:
		return fault.InField("object_id", "%s has sub-techniques. Move those first; then it can become one.", cmp.Or(o.AttackID, o.Name))
	}
	return nil
}

// makes lists the objects that parts make, for other proposals to name.
func (r proposalRow) makes(parts []compound.Part) []MadeObject {
	var list []MadeObject
	for _, one := range parts {
		if one.Makes() {
			list = append(list, MadeObject{ProposedObject{STIXID: one.Object, Type: one.Form().Type, Name: one.Content[attack.FieldName].Text,
				Label: fmt.Sprintf("%s.%d", r.label(), len(list)+1)}, one.Kind})
		}
	}
	return list
}
