package attack

// Kind says what a field of a form holds and so how it is edited, compared and
// merged.
type Kind string

// The kinds of fields.
const (
	Line       Kind = "line"       // one line of text
	Markdown   Kind = "markdown"   // Markdown with citations
	List       Kind = "list"       // a set of strings, order kept as typed
	ObjectRef  Kind = "object"     // the STIX id of another object
	References Kind = "references" // external references other than the ATT&CK id
)

// Vocabularies that a List field draws its values from.
const (
	VocabularyTactics   = "tactics"   // shortnames of the domain's tactics
	VocabularyPlatforms = "platforms" // platforms that the domain's objects name
)

// Field describes one editable property of a form. Names are stable: they are
// the keys of Content, the names in the API and the anchors of discussions.
type Field struct {
	Name       string   `json:"name"`
	Label      string   `json:"label"`
	Help       string   `json:"help"`
	Kind       Kind     `json:"kind" enum:"line,markdown,list,object,references"`
	Required   bool     `json:"required"`
	Vocabulary string   `json:"vocabulary,omitempty" doc:"tactics or platforms; empty: free text"`
	Refers     []string `json:"refers,omitempty" doc:"STIX types that an object field may point at"`
}

// Form is a kind of contribution: what it makes or changes, and its fields.
type Form struct {
	Kind     string  `json:"kind" doc:"technique, sub-technique, refinement, procedure-example"`
	Label    string  `json:"label"`
	Summary  string  `json:"summary"`
	Type     string  `json:"type" doc:"STIX type of the object"`
	Modifies bool    `json:"modifies" doc:"true: changes an existing object, named at the start"`
	Fields   []Field `json:"fields"`
}

// The kinds of forms.
const (
	NewTechnique     = "technique"
	NewSubtechnique  = "sub-technique"
	Refinement       = "refinement"
	ProcedureExample = "procedure-example"
)

// Names of the fields.
const (
	FieldName         = "name"
	FieldDescription  = "description"
	FieldTactics      = "tactics"
	FieldPlatforms    = "platforms"
	FieldParent       = "parent"
	FieldSource       = "source"
	FieldTarget       = "target"
	FieldReferences   = "references"
	FieldContributors = "contributors"
)

// Reference is an external reference of an object: what a citation points at.
type Reference struct {
	SourceName  string `json:"source_name" maxLength:"300"`
	Description string `json:"description" maxLength:"2000" doc:"Author. (date). Title. Retrieved date."`
	URL         string `json:"url" maxLength:"2000"`
}

// Value is the content of one field; which member is used follows from the
// field's kind.
type Value struct {
	Text       string      `json:"text,omitempty" maxLength:"100000"`
	List       []string    `json:"list,omitempty" maxItems:"200"`
	References []Reference `json:"references,omitempty" maxItems:"300"`
}

// Content is the editable part of one object, by field name.
type Content map[string]Value

// Forms returns every kind of contribution with its fields. It is the one
// table that editors, differences, checks, merge and release work from.
func Forms() []Form {
	return []Form{
		{
			Kind: NewTechnique, Label: "New technique", Type: "attack-pattern",
			Summary: "A behaviour of attackers that ATT&CK does not have yet.",
			Fields:  []Field{nameField, tacticsField, platformsField, descriptionField, referencesField, contributorsField},
		},
		{
			Kind: NewSubtechnique, Label: "New sub-technique", Type: "attack-pattern",
			Summary: "A more specific way to carry out a technique that exists.",
			Fields:  []Field{parentField, nameField, tacticsField, platformsField, descriptionField, referencesField, contributorsField},
		},
		{
			Kind: Refinement, Label: "Refine a technique", Type: "attack-pattern", Modifies: true,
			Summary: "Better words, tactics, platforms or references for a technique that exists.",
			Fields:  []Field{nameField, tacticsField, platformsField, descriptionField, referencesField, contributorsField},
		},
		{
			Kind: ProcedureExample, Label: "Procedure example", Type: "relationship",
			Summary: "How a group, a software or a campaign used a technique, with a source.",
			Fields:  []Field{sourceField, targetField, exampleField, exampleReferencesField},
		},
	}
}

// FormOf finds the form of a kind; ok is false for a kind that does not exist.
func FormOf(kind string) (form Form, ok bool) {
	for _, f := range Forms() {
		if f.Kind == kind {
			return f, true
		}
	}
	return Form{}, false
}

// Field finds a field of the form by name.
func (f Form) Field(name string) (field Field, ok bool) {
	for _, x := range f.Fields {
		if x.Name == name {
			return x, true
		}
	}
	return Field{}, false
}

var (
	nameField = Field{Name: FieldName, Label: "Name", Kind: Line, Required: true,
		Help: "Short, in title case, about the behaviour and not about one tool."}
	tacticsField = Field{Name: FieldTactics, Label: "Tactics", Kind: List, Required: true, Vocabulary: VocabularyTactics,
		Help: "Why attackers do this. Most techniques serve one tactic, some several."}
	platformsField = Field{Name: FieldPlatforms, Label: "Platforms", Kind: List, Required: true, Vocabulary: VocabularyPlatforms,
		Help: "Where the behaviour has been seen or is known to work."}
	descriptionField = Field{Name: FieldDescription, Label: "Description", Kind: Markdown, Required: true,
		Help: "What attackers do and why it works, in Markdown. Cite with (Citation: Source Name); link with (LinkById: T1055)."}
	exampleField = Field{Name: FieldDescription, Label: "Description", Kind: Markdown, Required: true,
		Help: "One or two sentences: who used the technique, and how. Cite the source with (Citation: Source Name)."}
	parentField = Field{Name: FieldParent, Label: "Parent technique", Kind: ObjectRef, Required: true, Refers: []string{"attack-pattern"},
		Help: "The technique of which this is a specific form."}
	sourceField = Field{Name: FieldSource, Label: "Who", Kind: ObjectRef, Required: true,
		Refers: []string{"intrusion-set", "malware", "tool", "campaign"}, Help: "The group, software or campaign that was seen."}
	targetField = Field{Name: FieldTarget, Label: "Technique", Kind: ObjectRef, Required: true, Refers: []string{"attack-pattern"},
		Help: "What it was seen doing."}
	referencesField = Field{Name: FieldReferences, Label: "References", Kind: References,
		Help: "Public sources. Each name can be cited in the description."}
	exampleReferencesField = Field{Name: FieldReferences, Label: "References", Kind: References, Required: true,
		Help: "The public report that the example comes from."}
	contributorsField = Field{Name: FieldContributors, Label: "Contributors", Kind: List,
		Help: "Who is to be credited, as Name, Organisation."}
)
