package check

import (
	"cmp"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
)

// Codes of the rules about procedure examples, stable for programs.
const (
	CodeDuplicate = "duplicate_example"
	CodeWho       = "example_who"
)

func exampleRules() []Rule {
	return []Rule{
		{ID: CodeWho, Level: Warning, Group: groupText, Title: "Does not say who", Link: linkContribute, Craft: true, find: (*run).who,
			Why: "A procedure example stands on the page of the technique, and says by itself who did what.", How: "Begin with the name of who was seen."},
	}
}

// isExample says whether the content is a procedure example.
func (r *run) isExample() bool {
	if r.Form.Kind == attack.ProcedureExample {
		return true
	}
	return r.Form.Kind == attack.NewRelationship && cmp.Or(r.text(attack.FieldRelation), attack.Uses) == attack.Uses &&
		attack.TypeOf(r.text(attack.FieldTarget)) == attack.TypeTechnique
}

func (r *run) who() {
	source, ok := r.object(attack.FieldSource)
	text := strings.ToLower(r.Content[attack.FieldDescription].Text)
	if !ok || !r.isExample() || strings.TrimSpace(text) == "" {
		return
	}
	for _, name := range append([]string{source.Name, source.AttackID}, source.Aliases...) {
		if name != "" && strings.Contains(text, strings.ToLower(name)) {
			return
		}
	}
	r.found(attack.FieldDescription, "The example does not name %s.", source.Name)
}
