package check

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review/attack"
)

// Limits of what a field may hold, in characters and elements.
const (
	MaxLine        = 200
	MaxText        = 50_000
	MaxItems       = 200
	MaxReferences  = 300
	MaxSource      = 300
	MaxDescription = 2_000
	MaxURL         = 2_000
	MaxNote        = 10_000
	MaxReason      = 300 // of why something may stand
	MaxReasons     = 500
)

// Shape refuses content that must not even be kept as a draft: fields that the
// form does not have, text that is none, and text without end. What is equal
// to the base is let through, because imported objects keep their oddities.
func Shape(form attack.Form, base, content attack.Content) error {
	for name, value := range content {
		field, ok := form.Field(name)
		if !ok {
			return fault.InField("content."+name, "A proposal of this kind has no field %q.", cut(name))
		}
		if value.Equal(base[name]) {
			continue
		}
		if err := shapeOf(field, value); err != nil {
			return err
		}
	}
	return nil
}

func shapeOf(field attack.Field, v attack.Value) error {
	where := "content." + field.Name
	if used := membersOf(v); slices.ContainsFunc(used, func(k string) bool { return k != memberFor(field.Kind) }) {
		return fault.InField(where, "%s takes %s.", field.Label, memberFor(field.Kind))
	}
	switch field.Kind {
	case attack.Markdown:
		return typed.Text(where, v.Text, MaxText)
	case attack.List, attack.ObjectRefs:
		return shapeOfList(where, v.List)
	case attack.Rows:
		return shapeOfRows(field, v.Rows)
	case attack.Day:
		if _, err := time.Parse(time.DateOnly, v.Text); v.Text != "" && err != nil {
			return fault.InField(where, "%s takes a day, as in 2026-03-31.", field.Label)
		}
		return nil
	case attack.Flag:
		if v.Text != "" && v.Text != "true" {
			return fault.InField(where, "%s is \"true\" or nothing.", field.Label)
		}
		return nil
	case attack.References:
		return shapeOfReferences(where, v.References)
	default:
		return typed.Line(where, v.Text, MaxLine)
	}
}

func shapeOfList(where string, list []string) error {
	if len(list) > MaxItems {
		return fault.InField(where, "There are %d values; %d are allowed.", len(list), MaxItems)
	}
	for _, x := range list {
		if err := typed.Line(where, x, MaxLine); err != nil {
			return err
		}
	}
	return nil
}

func shapeOfRows(field attack.Field, rows []map[string]string) error {
	where := "content." + field.Name
	if most := cmp.Or(field.Max, MaxItems); len(rows) > most {
		return fault.InField(where, "There are %d rows; %d are allowed.", len(rows), most)
	}
	for _, row := range rows {
		for name, text := range row {
			i := slices.IndexFunc(field.Columns, func(c attack.Column) bool { return c.Property == name })
			if i < 0 {
				return fault.InField(where, "%s has no column %q.", field.Label, cut(name))
			}
			if field.Columns[i].Long {
				if err := typed.Text(where, text, MaxText); err != nil {
					return err
				}
				continue
			}
			if err := typed.Line(where, text, MaxDescription); err != nil {
				return err
			}
		}
	}
	return nil
}

func shapeOfReferences(where string, refs []attack.Reference) error {
	if len(refs) > MaxReferences {
		return fault.InField(where, "There are %d references; %d are allowed.", len(refs), MaxReferences)
	}
	for _, r := range refs {
		if err := typed.Line(where, r.SourceName, MaxSource); err != nil {
			return err
		}
		if err := typed.Text(where, r.Description, MaxDescription); err != nil {
			return err
		}
		if err := typed.Line(where, r.URL, MaxURL); err != nil {
			return err
		}
	}
	return nil
}

func memberFor(kind attack.Kind) string {
	switch kind {
	case attack.List, attack.ObjectRefs:
		return "list"
	case attack.Rows:
		return "rows"
	case attack.References:
		return "references"
	default:
		return "text"
	}
}

func membersOf(v attack.Value) []string {
	var used []string
	if v.Text != "" {
		used = append(used, "text")
	}
	if len(v.List) > 0 {
		used = append(used, "list")
	}
	if len(v.References) > 0 {
		used = append(used, "references")
	}
	if len(v.Rows) > 0 {
		used = append(used, "rows")
	}
	return used
}

// Normal gives content as it is kept: white space at the ends, empty and
// repeated elements and foreign line ends taken away. What is equal to the
// base stays as it is, so that it does not become a change.
func Normal(form attack.Form, base, content attack.Content) attack.Content {
	normal := attack.Content{}
	for _, f := range form.Fields {
		v, ok := content[f.Name]
		if !ok {
			continue
		}
		if !v.Equal(base[f.Name]) {
			v = attack.Value{Text: trim(v.Text), List: normalList(v.List), References: normalReferences(v.References), Rows: normalRows(v.Rows)}
		}
		if !v.Empty() {
			normal[f.Name] = v
		}
	}
	return normal
}

func normalList(list []string) []string {
	var kept []string
	for _, x := range list {
		if x = trim(x); x != "" && !slices.Contains(kept, x) {
			kept = append(kept, x)
		}
	}
	return kept
}

func normalRows(rows []map[string]string) []map[string]string {
	var kept []map[string]string
	for _, row := range rows {
		next := map[string]string{}
		for name, text := range row {
			if text = trim(text); text != "" {
				next[name] = text
			}
		}
		if len(next) > 0 && !slices.ContainsFunc(kept, func(one map[string]string) bool { return maps.Equal(one, next) }) {
			kept = append(kept, next)
		}
	}
	return kept
}

func normalReferences(refs []attack.Reference) []attack.Reference {
	var kept []attack.Reference
	for _, r := range refs {
		r = attack.Reference{SourceName: trim(r.SourceName), Description: trim(r.Description), URL: trim(r.URL)}
		if r != (attack.Reference{}) {
			kept = append(kept, r)
		}
	}
	return kept
}

func trim(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"))
}

func cut(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
