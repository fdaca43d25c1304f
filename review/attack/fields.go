package attack

// Names of the fields that the code treats by name.
const (
	FieldName         = "name"
	FieldDescription  = "description"
	FieldTactics      = "tactics"
	FieldPlatforms    = "platforms"
	FieldParent       = "parent"
	FieldRelation     = "relation"
	FieldSource       = "source"
	FieldTarget       = "target"
	FieldReferences   = "references"
	FieldContributors = "contributors"
	FieldAliases      = "aliases"
	FieldReplacement  = "replacement"
	FieldCarry        = "carry"
	FieldColumns      = "columns" // of a matrix
)

// Fields of several types. Those of one type stand in the table of types.
var (
	nameField = Field{Name: FieldName, Label: "Name", Kind: Line, Required: true, Property: "name",
		Help: "Short, in title case, about the behaviour and not about one tool."}
	properNameField = Field{Name: FieldName, Label: "Name", Kind: Line, Required: true, Property: "name",
		Help: "The name that most reports use; others go under the other names."}
	plainNameField = Field{Name: FieldName, Label: "Name", Kind: Line, Required: true, Property: "name",
		Help: "Short, in title case."}
	tacticsField = Field{Name: FieldTactics, Label: "Tactics", Kind: List, Required: true, Vocabulary: VocabularyTactics,
		Help: "Why attackers do this. Most techniques serve one tactic, some several."}
	platformsField = Field{Name: FieldPlatforms, Label: "Platforms", Kind: List, Required: true, Vocabulary: VocabularyPlatforms, Property: "x_mitre_platforms",
		Help: "Where the behaviour has been seen or is known to work."}
	runsOnField = Field{Name: FieldPlatforms, Label: "Platforms", Kind: List, Vocabulary: VocabularyPlatforms, Property: "x_mitre_platforms",
		Help: "Where it runs."}
	descriptionField = Field{Name: FieldDescription, Label: "Description", Kind: Markdown, Required: true, Property: "description",
		Help: "What attackers do and why it works, in Markdown. Cite with (Citation: Source Name); link with (LinkById: T1055)."}
	aboutField = Field{Name: FieldDescription, Label: "Description", Kind: Markdown, Required: true, Property: "description",
		Help: "What it is, in a few sentences of Markdown. Cite with (Citation: Source Name); link with (LinkById: T1055)."}
	exampleField = Field{Name: FieldDescription, Label: "Description", Kind: Markdown, Required: true, Property: "description",
		Help: "One or two sentences: who used the technique, and how. Cite the source with (Citation: Source Name)."}
	parentField = Field{Name: FieldParent, Label: "Parent technique", Kind: ObjectRef, Required: true, Refers: []string{TypeTechnique},
		Help: "The technique of which this is a specific form."}
	sourceField = Field{Name: FieldSource, Label: "Who", Kind: ObjectRef, Required: true, Property: "source_ref", AtStart: true,
		Refers: []string{TypeGroup, TypeMalware, TypeTool, TypeCampaign}, Help: "The group, software or campaign that was seen."}
	targetField = Field{Name: FieldTarget, Label: "Technique", Kind: ObjectRef, Required: true, Property: "target_ref", AtStart: true,
		Refers: []string{TypeTechnique}, Help: "What it was seen doing."}
	referencesField = Field{Name: FieldReferences, Label: "References", Kind: References,
		Help: "Public sources. Each name can be cited in the description."}
	exampleReferencesField = Field{Name: FieldReferences, Label: "References", Kind: References, Required: true,
		Help: "The public report that the example comes from."}
	contributorsField = Field{Name: FieldContributors, Label: "Contributors", Kind: List, Property: "x_mitre_contributors",
		Help: "Whom the object names already, and names that came with a text. Who has a part in the proposal is named where they agree."}
	aliasesField = Field{Name: FieldAliases, Label: "Other names", Kind: List, Property: "aliases",
		Help: "Names that other reports use for the same."}
	softwareAliasesField = Field{Name: FieldAliases, Label: "Other names", Kind: List, Property: "x_mitre_aliases",
		Help: "Names that other reports use for the same."}
	carryField = Field{Name: FieldCarry, Label: "Carry its relationships over", Kind: Flag,
		Help: "Procedure examples, mitigations and detections then belong to what takes its place; those that it has already are deprecated."}

	softwareFields = []Field{properNameField, softwareAliasesField, runsOnField, aboutField, referencesField, contributorsField}
)

// replacementFor is the field that says what takes the place of an object.
// Malware and tools replace each other in ATT&CK, too.
func replacementFor(t Type) Field {
	refers := []string{t.Name}
	for _, other := range types {
		if other.Letters == t.Letters && other.Name != t.Name {
			refers = append(refers, other.Name)
		}
	}
	return Field{Name: FieldReplacement, Label: "Takes its place", Kind: ObjectRef, Required: true, Refers: refers,
		Help: "The object to which whoever looks for this one is led."}
}

// logFields are the columns by which a log is named.
var logFields = []Column{{Property: "name", Label: "Log"}, {Property: "channel", Label: "Channel or event"}}
