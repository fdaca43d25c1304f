// Package merge brings together two changes of the same content, field by
// field, and texts by paragraph and word: what only one side changed is taken,
// what both changed differently is a conflict for a person to solve. It is made
// of pure functions.
package merge

import (
	"maps"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
)

// Conflict is a field that both sides changed, and not in the same way.
type Conflict struct {
	Field  string       `json:"field"`
	Base   attack.Value `json:"base"`
	Ours   attack.Value `json:"ours"`
	Theirs attack.Value `json:"theirs"`
	// Parts show where in a text the sides meet; other fields have none.
	Parts []TextPart `json:"parts,omitempty" doc:"of a text: what merged and what did not, in order"`
}

// TextPart is a piece of a merged text.
type TextPart struct {
	Conflict bool   `json:"conflict" doc:"both sides changed this place, each in another way"`
	Text     string `json:"text,omitempty" doc:"where there is no conflict: what it says"`
	Base     string `json:"base,omitempty" doc:"in a conflict, as the others"`
	Ours     string `json:"ours,omitempty"`
	Theirs   string `json:"theirs,omitempty"`
}

// KeepOurs solves a conflict for our side. Of a text that is no more than the
// places at which the sides meet: what merged stays.
func (c Conflict) KeepOurs() attack.Value {
	return c.keep(c.Ours, func(p TextPart) string { return p.Ours })
}

// KeepTheirs solves a conflict for their side, as KeepOurs does for ours.
func (c Conflict) KeepTheirs() attack.Value {
	return c.keep(c.Theirs, func(p TextPart) string { return p.Theirs })
}

func (c Conflict) keep(value attack.Value, side func(TextPart) string) attack.Value {
	if len(c.Parts) == 0 {
		return value
	}
	var text strings.Builder
	for _, p := range c.Parts {
		text.WriteString(p.Text)
		if p.Conflict {
			text.WriteString(side(p))
		}
	}
	return attack.Value{Text: strings.TrimSpace(text.String())}
}

// Text merges a text in Markdown by paragraph and word. Where both sides changed
// the same place, each in another way, ok is false and ours stays there.
func Text(base, ours, theirs string) (text string, ok bool) {
	parts := mergeText(base, ours, theirs)
	if text, ok = whole(parts); ok {
		return text, true
	}
	return Conflict{Parts: parts}.KeepOurs().Text, false
}

// Result is merged content. A field in conflict holds our value in it.
type Result struct {
	Content   attack.Content `json:"content"`
	Conflicts []Conflict     `json:"conflicts"`
}

// Merge carries our changes since base over to theirs. Lists are sets whose
// elements merge one by one and never conflict; references merge one by one
// by their source name, and texts by paragraph and word; all other fields merge
// as a whole.
func Merge(form attack.Form, base, ours, theirs attack.Content) Result {
	result := Result{Content: attack.Content{}, Conflicts: []Conflict{}}
	for _, field := range form.Fields {
		b, o, t := base[field.Name], ours[field.Name], theirs[field.Name]
		value, parts, ok := mergeValue(field.Kind, b, o, t)
		if !ok {
			result.Conflicts = append(result.Conflicts, Conflict{Field: field.Name, Base: b, Ours: o, Theirs: t, Parts: parts})
		}
		if !value.Empty() {
			result.Content[field.Name] = value
		}
	}
	return result
}

// mergeValue merges one value; ok is false for a conflict, and parts then show
// where in a text it is.
func mergeValue(kind attack.Kind, base, ours, theirs attack.Value) (value attack.Value, parts []TextPart, ok bool) {
	switch {
	case Same(kind, base, theirs), Same(kind, ours, theirs):
		return ours, nil, true
	case Same(kind, base, ours):
		return theirs, nil, true
	case kind == attack.List, kind == attack.ObjectRefs:
		return attack.Value{List: mergeSet(base.List, ours.List, theirs.List)}, nil, true
	case kind == attack.References:
		refs, ok := mergeReferences(base.References, ours.References, theirs.References)
		if !ok {
			return ours, nil, false
		}
		return attack.Value{References: refs}, nil, true
	case kind == attack.Markdown:
		parts := mergeText(base.Text, ours.Text, theirs.Text)
		if text, ok := whole(parts); ok {
			return attack.Value{Text: text}, nil, true
		}
		return ours, parts, false
	default:
		return ours, nil, false
	}
}

// mergeSet keeps their order, without what we took out, and then what we put in.
func mergeSet(base, ours, theirs []string) []string {
	var merged []string
	for _, x := range theirs {
		removed := slices.Contains(base, x) && !slices.Contains(ours, x)
		if !removed && !slices.Contains(merged, x) {
			merged = append(merged, x)
		}
	}
	for _, x := range ours {
		if !slices.Contains(base, x) && !slices.Contains(merged, x) {
			merged = append(merged, x)
		}
	}
	return merged
}

// mergeReferences merges by source name, in their order, ours behind; ok is
// false where both sides changed one source differently.
func mergeReferences(base, ours, theirs []attack.Reference) (merged []attack.Reference, ok bool) {
	b, o, t := byName(base), byName(ours), byName(theirs)
	seen := map[string]bool{}
	for _, ref := range slices.Concat(theirs, ours) {
		name := ref.SourceName
		if seen[name] {
			continue
		}
		seen[name] = true
		winner, ok := pick(b[name], o[name], t[name])
		if !ok {
			return nil, false
		}
		if winner != nil {
			merged = append(merged, *winner)
		}
	}
	return merged, true
}

// pick chooses between three states of one reference; nil is its absence.
func pick(base, ours, theirs *attack.Reference) (winner *attack.Reference, ok bool) {
	same := func(x, y *attack.Reference) bool {
		return (x == nil) == (y == nil) && (x == nil || *x == *y)
	}
	switch {
	case same(base, theirs), same(ours, theirs):
		return ours, true
	case same(base, ours):
		return theirs, true
	default:
		return nil, false
	}
}

func byName(refs []attack.Reference) map[string]*attack.Reference {
	named := make(map[string]*attack.Reference, len(refs))
	for i := range refs {
		if named[refs[i].SourceName] == nil {
			named[refs[i].SourceName] = &refs[i]
		}
	}
	return named
}

// Same says whether two values of a kind of field mean the same: the order of
// lists and references carries no meaning.
func Same(kind attack.Kind, a, b attack.Value) bool {
	switch kind {
	case attack.List:
		return sameSet(a.List, b.List)
	case attack.ObjectRefs: // they stand in an order
		return slices.Equal(a.List, b.List)
	case attack.Rows:
		return slices.EqualFunc(a.Rows, b.Rows, maps.Equal)
	case attack.References:
		return sameSet(a.References, b.References)
	default:
		return a.Text == b.Text
	}
}

// Changed lists the fields of the form whose values differ.
func Changed(form attack.Form, before, after attack.Content) []string {
	var names []string
	for _, f := range form.Fields {
		if !Same(f.Kind, before[f.Name], after[f.Name]) {
			names = append(names, f.Name)
		}
	}
	return names
}

func sameSet[T comparable](a, b []T) bool {
	return covers(a, b) && covers(b, a)
}

func covers[T comparable](a, b []T) bool {
	for _, x := range b {
		if !slices.Contains(a, x) {
			return false
		}
	}
	return true
}
