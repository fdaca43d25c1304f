package compound

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// selected gives the living objects of the selection.
func (e expansion) selected() []*taxonomy.Object {
	var list []*taxonomy.Object
	seen := map[string]bool{}
	for _, id := range e.Content[attack.FieldObjects].List {
		if o, ok := e.Object(id); ok && o.Live() && !seen[id] {
			seen[id] = true
			list = append(list, o)
		}
	}
	return list
}

// bulk adds the same to many objects, and takes the same out of them.
func (e expansion) bulk() []Part {
	list := func(field string) []string { return e.Content[field].List }
	var parts []Part
	for _, o := range e.selected() {
		part, ok := refinement(o, attack.Content{
			attack.FieldPlatforms: {List: changed(o.Platforms, list(attack.FieldAddPlatforms), list(attack.FieldRemovePlatforms))},
			attack.FieldTactics:   {List: changed(o.Tactics(), list(attack.FieldAddTactics), list(attack.FieldRemoveTactics))},
		})
		if ok {
			parts = append(parts, part)
		}
	}
	return parts
}

// replace writes some words instead of others in the texts of many objects.
func (e expansion) replace() []Part {
	swap := Replacer(e.Content[attack.FieldFind].Text, e.Content[attack.FieldReplace].Text, e.flag(attack.FieldWholeWords), e.flag(attack.FieldMatchCase))
	if swap == nil {
		return nil
	}
	objects := e.selected()
	if e.flag(attack.FieldWithExamples) {
		objects = append(objects, e.examplesOf(objects)...)
	}
	var parts []Part
	for _, o := range objects {
		if slices.Contains(e.Content[attack.FieldLeftOut].List, o.ID) {
			continue
		}
		change := attack.Content{attack.FieldDescription: {Text: swap(o.Description)}}
		if e.flag(attack.FieldNames) {
			change[attack.FieldName] = attack.Value{Text: swap(o.Name)}
		}
		if part, ok := refinement(o, change); ok {
			parts = append(parts, part)
		}
	}
	return parts
}

// examplesOf gives the procedure examples of objects, whichever end they are at,
// each once.
func (e expansion) examplesOf(objects []*taxonomy.Object) []*taxonomy.Object {
	var list []*taxonomy.Object
	seen := map[string]bool{}
	for _, o := range objects {
		for _, r := range e.Related(o.ID) {
			if r.Kind == attack.Uses && !seen[r.ID] {
				seen[r.ID] = true
				list = append(list, r)
			}
		}
	}
	return list
}

// kept is what no replacement touches: citations, which have to go on naming
// their source, links by id, and the addresses of links.
var kept = regexp.MustCompile(`\((?:Citation|LinkById): [^()]*(?:\([^()]*\)[^()]*)*\)|\]\([^()\s]*\)`)

// Replacer gives the function that replaces one text by another within texts;
// nil where there is nothing to look for.
func Replacer(find, replace string, wholeWords, matchCase bool) func(string) string {
	if find == "" || !utf8.ValidString(find) {
		return nil
	}
	flags := "(?i)"
	if matchCase {
		flags = ""
	}
	pattern := regexp.MustCompile(flags + regexp.QuoteMeta(find))
	within := func(text string) string {
		var out strings.Builder
		at := 0
		for _, m := range pattern.FindAllStringIndex(text, -1) {
			if wholeWords && !whole(text, m[0], m[1]) {
				continue
			}
			out.WriteString(text[at:m[0]])
			out.WriteString(replace)
			at = m[1]
		}
		out.WriteString(text[at:])
		return out.String()
	}
	return func(text string) string {
		var out strings.Builder
		at := 0
		for _, m := range kept.FindAllStringIndex(text, -1) {
			out.WriteString(within(text[at:m[0]]))
			out.WriteString(text[m[0]:m[1]])
			at = m[1]
		}
		out.WriteString(within(text[at:]))
		return out.String()
	}
}

// whole says whether a match does not begin or end within a word.
func whole(text string, from, to int) bool {
	letter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	first, _ := utf8.DecodeRuneInString(text[from:])
	last, _ := utf8.DecodeLastRuneInString(text[:to])
	after, _ := utf8.DecodeRuneInString(text[to:])
	return !(from > 0 && letter(before) && letter(first)) && !(to < len(text) && letter(last) && letter(after))
}
