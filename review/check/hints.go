package check

import (
	"regexp"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
)

// CodeHint is the code of a hint that was left, stable for programs.
const CodeHint = "template_hint"

func hintRules() []Rule {
	return []Rule{
		{ID: CodeHint, Level: Error, Group: groupFields, Title: "A hint of the template is left", Fixed: true, Link: linkContribute, find: (*run).hints,
			Why: "What stands in {{ }} tells authors what to write there; readers of ATT&CK are not to see it.", How: "Write what it asks for in its place, or take it out."},
	}
}

var (
	// hint is what a template says of a text that is to be written.
	hint = regexp.MustCompile(`\{\{[^{}\n]{1,300}\}\}`)
	// codeSpan is text in which two braces are what they are.
	codeSpan = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`|<code>.*?</code>")
)

// Hints lists the hints in a text, in order.
func Hints(text string) []string {
	if !strings.Contains(text, "{{") {
		return nil
	}
	return hint.FindAllString(codeSpan.ReplaceAllString(text, " "), -1)
}

func (r *run) hints() {
	for _, f := range r.Form.Fields {
		var left []string
		for _, text := range textsOf(r.Content[f.Name]) {
			left = append(left, Hints(text)...)
		}
		switch len(left) {
		case 0:
		case 1:
			r.found(f.Name, "A hint of the template is left: %s", cut(left[0]))
		default:
			r.found(f.Name, "%d hints of the template are left, the first is %s", len(left), cut(left[0]))
		}
	}
}

// textsOf lists all texts that a value holds.
func textsOf(v attack.Value) []string {
	texts := append([]string{v.Text}, v.List...)
	for _, ref := range v.References {
		texts = append(texts, ref.SourceName, ref.Description, ref.URL)
	}
	for _, row := range v.Rows {
		for _, text := range row {
			texts = append(texts, text)
		}
	}
	return texts
}
