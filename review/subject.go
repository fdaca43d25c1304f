package review

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/compound"
	"github.com/atelier-attack/atelier/review/merge"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// untitled names a proposal whose name was not written yet.
const untitled = "Untitled"

// subject is what lists, the matrix and other checks need to know of a
// proposal's content. It is kept beside it, so that a list reads no content.
type subject struct {
	Object     ProposedObject `json:"object"`
	Tactics    []string       `json:"tactics"`
	Techniques []string       `json:"techniques"`
	Relation   string         `json:"relation,omitempty"`
	Source     string         `json:"source,omitempty"`
	Target     string         `json:"target,omitempty"`
	Refers     []string       `json:"refers,omitempty"` // STIX ids of objects that the content names
	Makes      []MadeObject   `json:"makes,omitempty"`  // new objects of one that changes several
}

// describe gives the subject and the title of content; look finds the objects
// that it names, also those that are proposed.
func (r proposalRow) describe(now *taxonomy.Snapshot, look lookUp, form attack.Form, content attack.Content) (subject, string) {
	s := subject{Object: ProposedObject{STIXID: r.ObjectID, Type: form.Type, Name: content[attack.FieldName].Text, Label: r.label()},
		Tactics: append([]string{}, content[attack.FieldTactics].List...), Techniques: []string{},
		Source: content[attack.FieldSource].Text, Relation: cmp.Or(content[attack.FieldRelation].Text, attack.Uses),
		Target: cmp.Or(content[attack.FieldTarget].Text, content[attack.FieldReplacement].Text)}
	if o, ok := now.InDomain(r.Domain, r.ObjectID); ok && form.Modifies {
		s.Object.Name = cmp.Or(s.Object.Name, o.Name)
		s.Object.AttackID, s.Object.Label = o.ATTACK, o.Label()
		if o.Type == attack.TypeRelationship {
			s.Source, s.Relation, s.Target = o.Source, o.Kind, o.Target
		}
	}
	if form.Type == attack.TypeRelationship {
		s.Object.Name = look.name(s.Source) + " " + s.Relation + " " + look.name(s.Target)
		s.Object.Label = fmt.Sprintf("#%d", r.Number)
	}
	refers := func(id string) {
		if !slices.Contains(s.Refers, id) && (form.Action != attack.Several || attack.TypeOf(id) != attack.TypeRelationship) {
			s.Refers = append(s.Refers, id)
		}
	}
	for _, ref := range form.Refs(content) {
		refers(ref.ID)
	}
	look.linked(form, content, refers)
	touched := []string{content[attack.FieldParent].Text, s.Source, s.Target, r.ObjectID}
	title := s.Object.Name
	if form.Action == attack.Several {
		parts := compound.Expand(compound.In(now, r.Domain), r.compound(form, content))
		title, s.Makes = r.titled(now, look, form, content, parts), r.makes(parts)
		s.Refers = slices.DeleteFunc(s.Refers, func(id string) bool {
			return slices.ContainsFunc(s.Makes, func(one MadeObject) bool { return one.STIXID == id })
		})
		if form.Selects() {
			s.Object, touched = ProposedObject{Label: fmt.Sprintf("#%d", r.Number)}, nil
		}
		for _, one := range parts {
			touched = append(touched, one.Object)
		}
	}
	for _, id := range touched {
		if _, exists := now.Object(id); attack.TypeOf(id) == attack.TypeTechnique && (exists || form.Action != attack.Several) && !slices.Contains(s.Techniques, id) {
			s.Techniques = append(s.Techniques, id)
		}
	}
	return s, cmp.Or(title, untitled)
}

// Known is what checks may look up of a domain as it is.
func Known(now *taxonomy.Snapshot, domain string) check.Known {
	words := now.Vocabulary(domain)
	has := func(list []taxonomy.Term, value string) bool {
		return slices.ContainsFunc(list, func(t taxonomy.Term) bool { return t.Value == value })
	}
	return check.Known{
		HasTerm: func(vocabulary, value string) bool {
			if vocabulary == attack.VocabularyTactics {
				return has(words.Tactics, value)
			}
			return has(words.Platforms, value)
		},
		Object: func(id string) (check.Object, bool) {
			o, ok := now.ObjectFor(domain, id)
			if !ok {
				return check.Object{}, false
			}
			if own, here := now.InDomain(domain, o.ID); here {
				c := checked(now, own)
				c.Parent = len(now.Children(o.ID)) > 0
				return c, true
			}
			c := checked(now, o)
			c.Elsewhere = true
			return c, true
		},
		Similar: func(name, objectType string) []check.Object {
			var list []check.Object
			for _, one := range now.Similar(taxonomy.Draft{Name: name, Type: objectType, Domain: domain, Limit: 2 * maxSimilar}) {
				if o, ok := now.InDomain(domain, one.STIXID); ok && one.Named {
					list = append(list, checked(now, o))
				}
			}
			return list
		},
		Alike: func(name, description, objectType string) []check.Object {
			var list []check.Object
			for _, one := range now.Similar(taxonomy.Draft{Name: name, Description: description, Type: objectType, Domain: domain, Limit: maxSimilar}) {
				if o, ok := now.InDomain(domain, one.STIXID); ok && one.Class == taxonomy.LikelySame {
					list = append(list, checked(now, o))
				}
			}
			return list
		},
		Source: now.Source,
		Relating: func(relation, source, target string) []string {
			var ids []string
			for _, r := range now.Outgoing(source) {
				if r.Kind == relation && r.Target == target {
					ids = append(ids, r.ID)
				}
			}
			return ids
		},
		Relations: func(source, target string) []string {
			var kinds []string
			for _, r := range words.Relations {
				if r.Source == source && r.Target == target {
					kinds = append(kinds, r.Kind)
				}
			}
			return kinds
		},
	}
}

func checked(now *taxonomy.Snapshot, o *taxonomy.Object) check.Object {
	c := check.Object{STIXID: o.ID, AttackID: o.ATTACK, Type: o.Type, Name: o.Name, Aliases: o.OtherNames(), Tactics: o.Tactics(),
		Subtechnique: o.Subtechnique, Retired: !o.Live()}
	if parent, ok := now.Parent(o.ID); ok && o.Subtechnique {
		c.Of = parent.ID
	}
	return c
}

// shown gives a stored revision, field by field.
func (p *Proposals) shown(row proposalRow, stored revisionRow) (RevisionContent, error) {
	c := RevisionContent{Number: stored.Number, Fields: []FieldContent{}, Checks: []Check{}, At: stored.CreatedAt.UTC(),
		MadeBy: stored.MadeBy, Note: stored.Note}
	var content, base attack.Content
	err := errors.Join(json.Unmarshal([]byte(stored.Content), &content), json.Unmarshal([]byte(stored.Base), &base), json.Unmarshal([]byte(stored.Checks), &c.Checks))
	if err != nil {
		return c, fmt.Errorf("read revision %d of proposal %s: %w", stored.Number, row.ID, err)
	}
	form, err := row.form()
	if err != nil {
		return c, err
	}
	now := p.taxonomy.Snapshot()
	for _, f := range form.Fields {
		c.Fields = append(c.Fields, p.field(now, row.Domain, form, f, base, content))
	}
	return c, nil
}

func (p *Proposals) field(now *taxonomy.Snapshot, domain string, form attack.Form, f attack.Field, base, content attack.Content) FieldContent {
	after := content[f.Name]
	c := FieldContent{Field: f, After: after, Changed: !after.Empty()}
	if form.Modifies {
		before := base[f.Name]
		c.Before, c.Changed = &before, !merge.Same(f.Kind, before, after)
	}
	switch f.Kind {
	case attack.Markdown:
		c.AfterHTML, _ = now.Render(after.Text, content[attack.FieldReferences].References, p.text)
		if c.Before != nil {
			c.BeforeHTML, _ = now.Render(c.Before.Text, base[attack.FieldReferences].References, p.text)
		}
	case attack.ObjectRef, attack.ObjectRefs, attack.Rows:
		c.Labels = named(now, attack.Form{Fields: []attack.Field{f}}, base, content)
		if f.Name == attack.FieldExamples {
			for _, piece := range content[attack.FieldPieces].Rows {
				c.Labels[piece[attack.ColumnKey]] = piece[attack.FieldName]
			}
		}
	case attack.List:
		c.Labels = labels(now.Vocabulary(domain), f.Vocabulary, slices.Concat(base[f.Name].List, after.List))
	}
	return c
}

// named gives what to show for the objects that a field names.
func named(now *taxonomy.Snapshot, form attack.Form, contents ...attack.Content) map[string]string {
	names := map[string]string{}
	for id, link := range links(now, form, contents...) {
		names[id] = strings.TrimSpace(link.AttackID + " " + link.Name)
	}
	return names
}

// links gives the objects that contents name, by STIX id.
func links(now *taxonomy.Snapshot, form attack.Form, contents ...attack.Content) map[string]taxonomy.Link {
	all := map[string]taxonomy.Link{}
	for _, content := range contents {
		for _, ref := range form.Refs(content) {
			if o, ok := now.Object(ref.ID); ok {
				all[ref.ID] = o.Link()
				if o.Type == attack.TypeRelationship { // it has no name of its own
					link := o.Link()
					link.Name = nameOf(now, o.Source) + " " + o.Kind + " " + nameOf(now, o.Target)
					all[ref.ID] = link
				}
			}
		}
	}
	return all
}

// labels names those values that read otherwise than they are written.
func labels(words taxonomy.Vocabulary, vocabulary string, values []string) map[string]string {
	if vocabulary != attack.VocabularyTactics {
		return nil
	}
	names := map[string]string{}
	for _, t := range words.Tactics {
		if slices.Contains(values, t.Value) {
			names[t.Value] = t.Label
		}
	}
	return names
}
