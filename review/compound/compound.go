// Package compound takes proposals that change several objects at once apart
// into parts, each of which is a change of one object as any other proposal
// makes it. It is made of pure functions: the same content on the same
// taxonomy always gives the same parts, with the same ids.
package compound

import (
	"maps"
	"slices"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/merge"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// MaxParts is how many objects one proposal may change.
const MaxParts = 1000

// Part is what a proposal does to one object.
type Part struct {
	Key     string         `json:"key"`              // names it within its proposal; stays the same
	Kind    string         `json:"kind"`             // of its form
	Object  string         `json:"object"`           // STIX id of what it makes or changes
	Copies  string         `json:"copies,omitempty"` // STIX id of the object whose other properties a new one takes over
	Patch   bool           `json:"patch,omitempty"`  // it does not count the version up
	Base    attack.Content `json:"base,omitempty"`   // what it changes says now; nil for what it makes
	Content attack.Content `json:"content"`
}

// Form is the form of a part, which there always is.
func (p Part) Form() attack.Form {
	form, _ := attack.FormOf(p.Kind)
	return form
}

// Makes says whether the part makes a new object.
func (p Part) Makes() bool { return p.Form().Action == attack.Add }

// Changed are the fields of the form that a part changes, or fills in.
func (p Part) Changed() []string { return merge.Changed(p.Form(), p.Base, p.Content) }

// Slim leaves out the fields that a part does not change.
func (p Part) Slim() Part {
	changed := p.Changed()
	only := func(c attack.Content) attack.Content {
		if c == nil {
			return nil
		}
		kept := maps.Clone(c)
		maps.DeleteFunc(kept, func(name string, _ attack.Value) bool { return !slices.Contains(changed, name) })
		return kept
	}
	if p.Makes() { // it is compared with what it copies
		return p
	}
	p.Base, p.Content = only(p.Base), only(p.Content)
	return p
}

// World is the state of a domain in which a proposal is taken apart.
type World struct {
	Object   func(stixID string) (*taxonomy.Object, bool)
	Objects  func() []*taxonomy.Object
	Related  func(stixID string) []*taxonomy.Object // living relationships
	Children func(stixID string) []*taxonomy.Object // living sub-techniques
	Parent   func(stixID string) (*taxonomy.Object, bool)
}

// In gives the world of a domain.
func In(now *taxonomy.Snapshot, domain string) World {
	here := func(list []*taxonomy.Object) []*taxonomy.Object {
		var kept []*taxonomy.Object
		for _, o := range list {
			if own, ok := now.InDomain(domain, o.ID); ok {
				kept = append(kept, own)
			}
		}
		return kept
	}
	return World{
		Object:   func(id string) (*taxonomy.Object, bool) { return now.InDomain(domain, id) },
		Objects:  func() []*taxonomy.Object { return now.Objects(domain) },
		Related:  func(id string) []*taxonomy.Object { return here(slices.Concat(now.Outgoing(id), now.Incoming(id))) },
		Children: func(id string) []*taxonomy.Object { return here(now.Children(id)) },
		Parent:   now.Parent,
	}
}

// Proposal is what is taken apart.
type Proposal struct {
	ID      string
	Form    attack.Form
	About   string // STIX id of the object that it is about; empty: it is about a selection
	Content attack.Content
}

// Expand gives the parts of a proposal. What its content does not say yet, or
// names wrongly, is missing in them or stands in them as it is: checks say so.
func Expand(w World, p Proposal) []Part {
	e := expansion{w, p}
	switch {
	case p.Form.Kind == attack.BulkChange:
		return e.bulk()
	case p.Form.Kind == attack.SearchReplace:
		return e.replace()
	}
	o, ok := w.Object(p.About)
	switch {
	case !ok || !o.Live():
		return nil
	case p.Form.Kind == attack.ToSubtechnique, p.Form.Kind == attack.MoveSubtechnique:
		return e.convert(o, attack.NewSubtechnique)
	case p.Form.Kind == attack.ToTechnique:
		return e.convert(o, attack.NewTechnique)
	case p.Form.Kind == attack.MoveTactics:
		return e.tactics(o)
	case p.Form.Kind == attack.SplitTechnique:
		return e.split(o)
	case p.Form.Renames():
		return e.rename(o)
	case p.Form.Merges():
		return e.merge(o)
	}
	return nil
}

type expansion struct {
	World
	Proposal
}

// newID is the STIX id of a new object. It follows from the proposal, so that
// it stays the same.
func (e expansion) newID(key string) string {
	return attack.DerivedID(attack.TypeTechnique, "compound", e.ID, key)
}

// refinement is a part that changes some fields of an object; ok is false where
// it changes nothing, or its type is not edited.
func refinement(o *taxonomy.Object, change attack.Content) (part Part, ok bool) {
	form, ok := attack.FormFor(o.Type)
	if !ok {
		return part, false
	}
	part = Part{Key: o.ID, Kind: form.Kind, Object: o.ID, Base: attack.ContentOf(o.Object, form)}
	part.Content = maps.Clone(part.Base)
	for name, value := range change {
		if _, ok := form.Field(name); ok {
			part.Content[name] = value
		}
	}
	return part, len(part.Changed()) > 0
}

// revoked is a part by which another object takes the place of one, with its
// relationships.
func revoked(o *taxonomy.Object, next string) (Part, bool) {
	form, ok := attack.Revoking(o.Type)
	return Part{Key: o.ID, Kind: form.Kind, Object: o.ID, Base: attack.Content{},
		Content: attack.Content{attack.FieldReplacement: {Text: next}, attack.FieldCarry: {Text: "true"}}}, ok
}

// said gives those fields of content that a form has.
func said(kind string, content attack.Content) attack.Content {
	form, _ := attack.FormOf(kind)
	kept := attack.Content{}
	for _, f := range form.Fields {
		if v := content[f.Name]; !v.Empty() {
			kept[f.Name] = v
		}
	}
	return kept
}

func (e expansion) flag(field string) bool { return e.Content[field].Text == "true" }
