package compound

import (
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/merge"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// convert makes a technique anew elsewhere. As ATT&CK does it, the old object
// is revoked by a new one, which has an id of its new place.
func (e expansion) convert(o *taxonomy.Object, kind string) []Part {
	made := Part{Key: "new", Kind: kind, Object: e.newID("new"), Copies: o.ID, Content: said(kind, e.Content)}
	old, _ := revoked(o, made.Object)
	return []Part{made, old}
}

// tactics moves a technique to other columns, and its sub-techniques by the
// same steps.
func (e expansion) tactics(o *taxonomy.Object) []Part {
	next := e.Content[attack.FieldTactics].List
	var parts []Part
	add := func(o *taxonomy.Object, tactics []string) {
		if part, ok := refinement(o, attack.Content{attack.FieldTactics: {List: tactics}}); ok {
			parts = append(parts, part)
		}
	}
	add(o, next)
	if !e.flag(attack.FieldWith) || len(next) == 0 {
		return parts
	}
	was := o.Tactics()
	for _, child := range e.Children(o.ID) {
		moved := changed(child.Tactics(), without(next, was), without(was, next))
		if len(moved) == 0 { // it served none that stayed
			moved = next
		}
		add(child, moved)
	}
	return parts
}

// changed gives a list with some elements and without others.
func changed(list, with, out []string) []string {
	next := without(list, out)
	for _, one := range with {
		if !slices.Contains(next, one) {
			next = append(next, one)
		}
	}
	return next
}

func without(list, out []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(one string) bool { return slices.Contains(out, one) })
}

// rename gives an object another name, and the links of other texts with it.
func (e expansion) rename(o *taxonomy.Object) []Part {
	name := e.Content[attack.FieldName].Text
	change := attack.Content{attack.FieldName: {Text: name}}
	if e.flag(attack.FieldKeepName) && name != o.Name {
		change[attack.FieldAliases] = attack.Value{List: changed(o.OtherNames(), []string{o.Name}, []string{name})}
	}
	part, ok := refinement(o, change)
	if !ok {
		return nil
	}
	parts := []Part{part}
	if name == "" || !e.flag(attack.FieldLinks) || o.ATTACK == "" {
		return parts
	}
	old, next := "["+o.Name+"]("+attack.PageOf(o.ATTACK)+")", "["+name+"]("+attack.PageOf(o.ATTACK)+")"
	for _, other := range e.Objects() {
		if own, ok := e.Object(other.ID); !ok || own != other || !other.Live() || other.ID == o.ID || !strings.Contains(other.Description, old) {
			continue
		}
		text := strings.ReplaceAll(other.Description, old, next)
		if part, ok := refinement(other, attack.Content{attack.FieldDescription: {Text: text}}); ok {
			part.Patch = true
			parts = append(parts, part)
		}
	}
	return parts
}

// merge revokes an object by another one, whose text may be written anew.
func (e expansion) merge(o *taxonomy.Object) []Part {
	heir := e.Content[attack.FieldReplacement].Text
	old, ok := revoked(o, heir)
	if !ok {
		return nil
	}
	parts := []Part{old}
	next, ok := e.Object(heir)
	if !ok || !next.Live() || next.ID == o.ID {
		return parts
	}
	form, _ := attack.FormFor(next.Type)
	was := attack.ContentOf(next.Object, form)
	change := attack.Content{}
	if text := e.Content[attack.FieldDescription]; !text.Empty() {
		change[attack.FieldDescription] = text
	}
	if more := e.Content[attack.FieldReferences]; !more.Empty() {
		all := slices.Clone(was[attack.FieldReferences].References)
		for _, ref := range more.References {
			if !slices.ContainsFunc(all, func(one attack.Reference) bool { return one.SourceName == ref.SourceName }) {
				all = append(all, ref)
			}
		}
		change[attack.FieldReferences] = attack.Value{References: all}
	}
	if part, ok := refinement(next, change); ok {
		parts = append(parts, part)
	}
	return parts
}

// Same says whether two lists of parts say the same.
func Same(a, b []Part) bool {
	return slices.EqualFunc(a, b, func(a, b Part) bool {
		form := a.Form()
		return a.Key == b.Key && a.Kind == b.Kind && a.Object == b.Object && a.Copies == b.Copies && a.Patch == b.Patch &&
			len(merge.Changed(form, a.Base, b.Base)) == 0 && len(merge.Changed(form, a.Content, b.Content)) == 0
	})
}
