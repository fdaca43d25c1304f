package review

import (
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
)

// builtIn are the templates that are there in every workshop: what ATT&CK
// expects of the kinds that people propose most, as hints.
func builtIn() []Template {
	text := func(paragraphs ...string) attack.Value { return attack.Value{Text: strings.Join(paragraphs, "\n\n")} }
	source := attack.Value{References: []attack.Reference{{SourceName: "{{who published it, what about, and when}}",
		Description: "{{Last name, initial}}. ({{year, month day}}). {{Title}}. Retrieved {{month day, year}}.", URL: ""}}}
	cited := "(Citation: {{who published it, what about, and when}})"
	list := []Template{
		{ID: "built-in-technique", Name: "Technique", Kind: attack.NewTechnique, Content: attack.Content{
			attack.FieldName: text("{{What adversaries do, in two to four words}}"),
			attack.FieldDescription: text(
				"Adversaries may {{do what}} to {{reach which aim}}. {{What this is, for somebody who does not know the system.}}"+cited,
				"{{How it is done: by which steps, commands or features, and what has to be given before.}}"+cited,
				"{{Why it works, what adversaries gain by it, and how it differs from the techniques that are nearest; link to those.}}"),
			attack.FieldReferences: source}, Rationale: "{{Where this was seen, and why no technique of ATT&CK covers it}}"},
		{ID: "built-in-sub-technique", Name: "Sub-technique", Kind: attack.NewSubtechnique, Content: attack.Content{
			attack.FieldName: text("{{The specific way, without the name of its technique}}"),
			attack.FieldDescription: text(
				"Adversaries may {{do what the technique does}} by {{this specific way}}. {{What the system, the feature or the protocol is for.}}"+cited,
				"{{How adversaries use it, with commands or settings as code, and what it gives them.}}"+cited),
			attack.FieldReferences: source}, Rationale: "{{What sets it apart from the other sub-techniques}}"},
		{ID: "built-in-procedure-example", Name: "Procedure example", Kind: attack.ProcedureExample, Content: attack.Content{
			attack.FieldDescription: text("{{Who, as a link by its id}} has {{done what, in one or two sentences: the tool or the command, and what for}}." + cited),
			attack.FieldReferences:  source}, Rationale: "{{What the source shows, and how sure it is}}"},
		{ID: "built-in-group", Name: "Group", Kind: "group", Content: attack.Content{
			attack.FieldName: text("{{The name that most sources use}}"),
			attack.FieldDescription: text(
				"{{The name}} is a {{kind of}} threat group that has been active since at least {{year}}. {{Which sectors and regions it has targeted, in general words.}}"+cited,
				"{{What is known of its aims and of its overlap with other groups.}}"+cited),
			attack.FieldReferences: source}, Rationale: "{{Why it is not one of the groups that ATT&CK has}}"},
		{ID: "built-in-mitigation", Name: "Mitigation", Kind: "mitigation", Content: attack.Content{
			attack.FieldName: text("{{What to do or to set up, in two to four words}}"),
			attack.FieldDescription: text("{{What it is, and which kinds of behaviour it prevents or limits.}}",
				"{{How it is put into effect, on which systems, whatever product is used.}}")}, Rationale: "{{Which techniques it mitigates}}"},
		{ID: "built-in-detection-strategy", Name: "Detection strategy", Kind: "detection-strategy", Content: attack.Content{
			attack.FieldName: text("Detect {{which behaviour}}")}, Rationale: "{{Which technique it detects, and what its analytics look at}}"},
		{ID: "built-in-analytic", Name: "Analytic", Kind: "analytic", Content: attack.Content{
			attack.FieldName:        text("Analytic {{number}}"),
			attack.FieldDescription: text("{{What is observed, in the order in which it happens, and what sets it apart from everyday use.}}")}, Rationale: "{{Which detection strategy it belongs to}}"},
	}
	for i := range list {
		list[i].BuiltIn = true
	}
	return list
}
