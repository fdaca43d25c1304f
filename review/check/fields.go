package check

import (
	"maps"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/merge"
)

// Codes of the rules about fields, stable for programs.
const (
	CodeRequired    = "required"
	CodeUnchanged   = "unchanged"
	CodeUnknownTerm = "unknown_term"
	CodeDays        = "days_in_order"
	CodeRow         = "incomplete_row"
	CodeCell        = "empty_cell"
	CodeTwice       = "repeated_row"
	CodeAlias       = "alias_is_name"
	CodeOnePlatform = "one_platform"
	CodeHTML        = "html"
)

func fieldRules() []Rule {
	return []Rule{
		{ID: CodeRequired, Level: Error, Group: groupFields, Title: "Something is missing", Fixed: true, Link: linkModel, find: (*run).required,
			Why: "MITRE's data model takes no object of this type without it.", How: "Fill the field in."},
		{ID: CodeUnchanged, Level: Error, Group: groupFields, Title: "Nothing is changed", Fixed: true, Link: linkContribute, find: (*run).unchanged,
			Why: "A refinement that changes nothing says nothing to reviewers.", How: "Change something, or discard the draft."},
		{ID: CodeUnknownTerm, Level: Error, Group: groupFields, Title: "A word that the domain does not have", Fixed: true, Link: linkTactics, find: (*run).terms,
			Why: "Tactics and platforms are words of the domain: the matrix has a column for each, and tools filter by them.", How: "Choose one of the list."},
		{ID: CodeDays, Level: Error, Group: groupFields, Title: "Days in the wrong order", Fixed: true, Link: linkModel, find: (*run).days,
			Why: "Nothing is seen last before it is seen first.", How: "Look the days up in the sources."},
		{ID: CodeRow, Level: Error, Group: groupFields, Title: "A row names nothing", Fixed: true, Link: linkModel, find: (*run).rows,
			Why: "A row is about the object that it names.", How: "Choose the object, or remove the row."},
		{ID: CodeCell, Level: Error, Group: groupFields, Title: "A row has a gap", Fixed: true, Link: linkModel, find: (*run).cells,
			Why: "MITRE's data model wants each part of a row.", How: "Fill the gap, or remove the row."},
		{ID: CodeTwice, Level: Error, Group: groupFields, Title: "A row is there twice", Fixed: true, Link: linkModel, find: (*run).twice,
			Why: "MITRE's data model takes each log once.", How: "Remove one of the two."},
		{ID: CodeOnePlatform, Level: Error, Group: groupFields, Title: "An analytic for several platforms", Fixed: true, Link: linkModel, find: (*run).onePlatform,
			Why: "MITRE's data model takes one platform for an analytic: logs differ from platform to platform.", How: "Make an analytic for each platform, and name all in the detection strategy."},
		{ID: CodeAlias, Level: Warning, Group: groupFields, Title: "Another name that is none", Link: linkModel, find: (*run).alias,
			Why: "The name itself is the first of the names at release; other names are those that differ.", How: "Remove it from the other names."},
		{ID: CodeHTML, Level: Hint, Group: groupText, Title: "HTML in a text", Link: linkMarkdown, find: (*run).html,
			Why: "Descriptions are Markdown. ATT&CK's site shows only <code> of HTML.", How: "Write it in Markdown."},
	}
}

func (r *run) required() {
	for _, f := range r.Form.Fields {
		if f.Required && r.Content[f.Name].Empty() {
			r.found(f.Name, "%s %s missing.", f.Label, isOrAre(f.Kind))
		}
	}
}

// isOrAre fits the label of a field, which is plural where it holds several.
func isOrAre(k attack.Kind) string {
	switch k {
	case attack.List, attack.References, attack.ObjectRefs, attack.Rows:
		return "are"
	default:
		return "is"
	}
}

func (r *run) unchanged() {
	if r.Form.Action == attack.Modify && len(merge.Changed(r.Form, r.Base, r.Content)) == 0 {
		r.found("", "Nothing is changed yet.")
	}
}

func (r *run) terms() {
	for _, f := range r.fields(attack.List) {
		for _, v := range r.Content[f.Name].List {
			switch {
			case f.Options != nil && !slices.Contains(f.Options, v):
				r.found(f.Name, "%q is not one of %s.", cut(v), strings.Join(f.Options, ", "))
			case f.Options == nil && f.Vocabulary != "" && r.known.HasTerm != nil && !r.known.HasTerm(f.Vocabulary, v):
				r.found(f.Name, "%q is not one of the %s of this domain.", cut(v), f.Vocabulary)
			}
		}
	}
}

// days looks whether what was seen last was not seen before the first.
func (r *run) days() {
	first, last := r.text("first_seen"), r.text("last_seen")
	if f, ok := r.Form.Field("last_seen"); ok && first != "" && last != "" && last < first { // as text, days are in order
		r.found(f.Name, "%s is before %s.", f.Label, first)
	}
}

// gaps calls for each cell of a row that is empty.
func (r *run) gaps(found func(attack.Field, attack.Column)) {
	for _, f := range r.fields(attack.Rows) {
		for _, row := range r.Content[f.Name].Rows {
			for _, c := range f.Columns {
				if row[c.Property] == "" && !c.Optional {
					found(f, c)
				}
			}
		}
	}
}

func (r *run) rows() {
	r.gaps(func(f attack.Field, c attack.Column) {
		if c.Refers != nil {
			r.found(f.Name, "%s: a row has no %s.", f.Label, strings.ToLower(c.Label))
		}
	})
}

func (r *run) cells() {
	r.gaps(func(f attack.Field, c attack.Column) {
		if c.Refers == nil {
			r.found(f.Name, "%s: a row has no %s.", f.Label, strings.ToLower(c.Label))
		}
	})
}

func (r *run) twice() {
	for _, f := range r.fields(attack.Rows) {
		rows := r.Content[f.Name].Rows
		for i, row := range rows {
			if slices.ContainsFunc(rows[:i], func(one map[string]string) bool { return maps.Equal(one, row) }) {
				r.found(f.Name, "%s: two rows say the same.", f.Label)
			}
		}
	}
}

func (r *run) onePlatform() {
	if n := len(r.Content[attack.FieldPlatforms].List); n > 1 && r.Form.Type == attack.TypeAnalytic {
		r.found(attack.FieldPlatforms, "An analytic is for one platform; this one is for %d.", n)
	}
}

func (r *run) alias() {
	name, list := r.text(attack.FieldName), r.Content[attack.FieldAliases].List
	isName := func(alias string) bool { return strings.EqualFold(strings.TrimSpace(alias), name) }
	if name == "" || !slices.ContainsFunc(list, isName) {
		return
	}
	rest := attack.Value{List: slices.DeleteFunc(slices.Clone(list), isName)}
	r.fixable(attack.FieldAliases, put("Remove it", attack.FieldAliases, rest), "%q is the name itself.", cut(name))
}

func (r *run) html() {
	for _, f := range r.fields(attack.Markdown) {
		if tag := htmlIn(r.Content[f.Name].Text); tag != "" {
			r.found(f.Name, "The text contains HTML (%s); use Markdown. It is not shown as HTML.", cut(tag))
		}
	}
}
