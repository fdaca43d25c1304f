package compound

import (
	"slices"

	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// split makes several techniques of one: below it, or beside it. Procedure
// examples go where the content says, and else stay.
func (e expansion) split(o *taxonomy.Object) []Part {
	var parts []Part
	ids := map[string]string{}
	for _, row := range e.Content[attack.FieldPieces].Rows {
		key := row[attack.ColumnKey]
		if key == "" || ids[key] != "" {
			continue
		}
		part := e.piece(o, row)
		ids[key] = part.Object
		parts = append(parts, part)
	}
	for _, row := range e.Content[attack.FieldExamples].Rows {
		r, ok := e.Object(row[attack.ColumnExample])
		to := ids[row[attack.ColumnPiece]]
		if !ok || !r.Live() || to == "" || r.Target != o.ID || slices.ContainsFunc(parts, func(p Part) bool { return p.Key == r.ID }) {
			continue
		}
		form, _ := attack.FormOf(attack.HandOver)
		part := Part{Key: r.ID, Kind: form.Kind, Object: r.ID, Base: attack.ContentOf(r.Object, form), Content: attack.ContentOf(r.Object, form)}
		part.Content[attack.FieldTarget] = attack.Value{Text: to}
		parts = append(parts, part)
	}
	if form, ok := attack.Deprecating(o.Type); ok && e.flag(attack.FieldRetire) {
		parts = append(parts, Part{Key: o.ID, Kind: form.Kind, Object: o.ID, Base: attack.ContentOf(o.Object, form), Content: attack.ContentOf(o.Object, form)})
	}
	return parts
}

// piece makes one of the techniques. It serves what the whole one serves, and
// has those of its references that its text cites.
func (e expansion) piece(o *taxonomy.Object, row map[string]string) Part {
	kind, parent := attack.NewTechnique, ""
	if above, ok := e.Parent(o.ID); ok && o.Subtechnique {
		kind, parent = attack.NewSubtechnique, above.ID
	} else if e.flag(attack.FieldBelow) {
		kind, parent = attack.NewSubtechnique, o.ID
	}
	form, _ := attack.FormFor(o.Type)
	content := attack.ContentOf(o.Object, form)
	content[attack.FieldName] = attack.Value{Text: row[attack.FieldName]}
	content[attack.FieldDescription] = attack.Value{Text: row[attack.FieldDescription]}
	content[attack.FieldReferences] = attack.Value{References: e.sources(o, row[attack.FieldDescription])}
	if parent != "" {
		content[attack.FieldParent] = attack.Value{Text: parent}
	}
	return Part{Key: row[attack.ColumnKey], Kind: kind, Object: e.newID("piece " + row[attack.ColumnKey]), Copies: o.ID, Content: said(kind, content)}
}

// sources lists the references that a text cites.
func (e expansion) sources(o *taxonomy.Object, text string) []attack.Reference {
	var list []attack.Reference
	cited := markdown.Citations(text)
	for _, ref := range slices.Concat(e.Content[attack.FieldReferences].References, o.Sources()) {
		if slices.Contains(cited, ref.SourceName) && !slices.ContainsFunc(list, func(one attack.Reference) bool { return one.SourceName == ref.SourceName }) {
			list = append(list, ref)
		}
	}
	return list
}
