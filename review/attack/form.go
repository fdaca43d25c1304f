package attack

import (
	"slices"
	"strings"
)

// Kind says what a field of a form holds and so how it is edited, compared and
// merged.
type Kind string

// The kinds of fields.
const (
	Line       Kind = "line"       // one line of text
	Markdown   Kind = "markdown"   // Markdown with citations
	Day        Kind = "day"        // a date, YYYY-MM-DD
	Flag       Kind = "flag"       // yes or no: the text is "true" or nothing
	List       Kind = "list"       // a set of strings, order kept as typed
	ObjectRef  Kind = "object"     // the STIX id of another object
	ObjectRefs Kind = "objects"    // the STIX ids of other objects, in an order
	References Kind = "references" // external references other than the ATT&CK id
	Rows       Kind = "rows"       // objects of a few properties, which are the columns
)

// Vocabularies that a field draws its values from.
const (
	VocabularyTactics   = "tactics"   // shortnames of the domain's tactics
	VocabularyPlatforms = "platforms" // platforms that the domain's objects name
	VocabularyRelations = "relations" // kinds of relationships that the domain has
)

// Field describes one editable property of a form. Names are stable: they are
// the keys of Content, the names in the API and the anchors of discussions.
type Field struct {
	Name       string   `json:"name"`
	Label      string   `json:"label"`
	Help       string   `json:"help"`
	Kind       Kind     `json:"kind" enum:"line,markdown,day,flag,list,object,objects,references,rows"`
	Required   bool     `json:"required"`
	Vocabulary string   `json:"vocabulary,omitempty" doc:"tactics, platforms or relations; empty: free text"`
	Refers     []string `json:"refers,omitempty" doc:"STIX types that an object field may point at; none: any"`
	Columns    []Column `json:"columns,omitempty" doc:"of rows"`
	Options    []string `json:"options,omitempty" doc:"all that MITRE's data model takes in a list"`
	Max        int      `json:"-"` // of rows; 0: as many as any field
	// Property is where STIX has it; empty: a field that is written in its own
	// way, or only says what a release shall do.
	Property string `json:"-"`
	// AtStart says that it is given when the object is made, and stays.
	AtStart bool `json:"-"`
}

// Column is one property of the rows of a field.
type Column struct {
	Property string   `json:"property"`
	Label    string   `json:"label"`
	Refers   []string `json:"refers,omitempty" doc:"STIX types that it may point at; none: it is text"`
	Optional bool     `json:"optional,omitempty" doc:"a row may lack it"`
	Long     bool     `json:"long,omitempty" doc:"text of several lines"`
	Key      bool     `json:"key,omitempty" doc:"names the row for other fields; nobody types it"`
}

// Action is what a contribution does to an object.
type Action string

// The actions of contributions.
const (
	Add       Action = "add"
	Modify    Action = "modify"
	Deprecate Action = "deprecate" // it stays, but is not to be used
	Revoke    Action = "revoke"    // another object takes its place
	Several   Action = "several"   // several changes, of one object or of many
)

// Form is a kind of contribution: what it makes or changes, and its fields.
type Form struct {
	Kind     string  `json:"kind" doc:"stable name, such as technique, refine-group or revoke-malware"`
	Label    string  `json:"label"`
	Summary  string  `json:"summary"`
	Asks     string  `json:"asks,omitempty" doc:"the question that the choice of its object answers, where there is a better one than which it is about"`
	Action   Action  `json:"action" enum:"add,modify,deprecate,revoke,several"`
	Type     string  `json:"type" doc:"STIX type of the object"`
	TypeName string  `json:"type_label" doc:"the type as people call it, many of it"`
	One      string  `json:"type_word" doc:"one of the type, within a sentence"`
	Common   bool    `json:"common" doc:"what people propose most; the rest is shown behind it"`
	Modifies bool    `json:"modifies" doc:"true: it is about an existing object, named at the start"`
	Starts   Starts  `json:"starts,omitempty" enum:"whole,part" doc:"of techniques, those that it is for: whole, those that are no sub-technique; part, sub-techniques"`
	Fields   []Field `json:"fields"`
}

// The kinds of forms that the code treats by name.
const (
	NewTechnique     = "technique"
	NewSubtechnique  = "sub-technique"
	Refinement       = "refinement" // of a technique
	ProcedureExample = "procedure-example"
	NewRelationship  = "relationship"
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
	Text       string              `json:"text,omitempty" maxLength:"100000"`
	List       []string            `json:"list,omitempty" maxItems:"200"`
	References []Reference         `json:"references,omitempty" maxItems:"300"`
	Rows       []map[string]string `json:"rows,omitempty" maxItems:"1000" doc:"by the properties of the field's columns"`
}

// Content is the editable part of one object, by field name.
type Content map[string]Value

// Forms returns every kind of contribution with its fields. It follows from
// the table of types, and is what editors, differences, checks, merge and
// release work from.
func Forms() []Form { return forms }

var (
	forms   = makeForms()
	parting = partForms()
)

func makeForms() []Form {
	technique, _ := TypeOfName(TypeTechnique)
	list := []Form{
		{Kind: NewTechnique, Label: "New technique", Action: Add, Type: TypeTechnique, Fields: technique.Fields,
			Summary: "A behaviour of attackers that ATT&CK does not have yet."},
		{Kind: NewSubtechnique, Label: "New sub-technique", Action: Add, Type: TypeTechnique, Fields: append([]Field{parentField}, technique.Fields...),
			Summary: "A more specific way to carry out a technique that exists.", Asks: "Of which technique is it a specific form?"},
		{Kind: Refinement, Label: "Refine a technique", Action: Modify, Type: TypeTechnique, Modifies: true, Fields: technique.Fields,
			Summary: "Better words, tactics, platforms or references for a technique that exists.", Asks: "Which technique do you want to refine?"},
		{Kind: ProcedureExample, Label: "Procedure example", Action: Add, Type: TypeRelationship,
			Fields:  []Field{sourceField, targetField, exampleField, exampleReferencesField},
			Summary: "How a group, a software or a campaign used a technique, with a source.", Asks: "Which technique was used?"},
	}
	for i := range list {
		list[i] = list[i].named()
		list[i].Common = true
	}
	for _, t := range types {
		if t.Fields == nil {
			continue
		}
		name := article(t.Label)
		add := Form{Kind: t.slug(), Label: "New " + strings.ToLower(t.Label), Action: Add, Type: t.Name, Fields: t.Fields,
			Summary: t.Summary}
		refine := Form{Kind: "refine-" + t.slug(), Label: "Refine " + name, Action: Modify, Type: t.Name, Modifies: true, Fields: later(t.Fields),
			Summary: "Better words, facts or references for " + name + " that exists."}
		deprecate := Form{Kind: "deprecate-" + t.slug(), Label: "Deprecate " + name, Action: Deprecate, Type: t.Name, Modifies: true, Fields: text(t.Fields),
			Summary: "It stays in ATT&CK, but is not to be used any more, and nothing takes its place."}
		revoke := Form{Kind: "revoke-" + t.slug(), Label: "Revoke " + name, Action: Revoke, Type: t.Name, Modifies: true, Fields: []Field{replacementFor(t), carryField},
			Summary: "Another object takes its place, and its relationships if you like."}
		if t.Letters != "" || t.Name == TypeRelationship {
			list = appendForm(list, add)
		}
		if t.Name != TypeTechnique {
			list = appendForm(list, refine)
		}
		list = appendForm(list, deprecate)
		if t.Revocable {
			list = appendForm(list, revoke)
		}
	}
	return append(list, compoundForms()...)
}

// appendForm adds a form, unless one of its kind is there by name.
func appendForm(list []Form, f Form) []Form {
	f = f.named()
	if slices.ContainsFunc(list, func(one Form) bool { return one.Kind == f.Kind }) {
		return list
	}
	return append(list, f)
}

// named adds what people call the type.
func (f Form) named() Form {
	t := Describe(f.Type)
	f.TypeName, f.One = t.Plural, strings.ToLower(t.Label)
	return f
}

// later are the fields of an object that exists.
func later(fields []Field) []Field {
	return slices.DeleteFunc(slices.Clone(fields), func(f Field) bool { return f.AtStart })
}

// text are the fields in which an object says what became of it.
func text(fields []Field) []Field {
	return slices.DeleteFunc(slices.Clone(fields), func(f Field) bool { return f.Name != FieldDescription && f.Name != FieldReferences })
}

func article(label string) string {
	label = strings.ToLower(label)
	if strings.ContainsAny(label[:1], "aeiou") {
		return "an " + label
	}
	if label == "malware" {
		return "a malware"
	}
	return "a " + label
}

// slug is the name of a type in the kinds of forms.
func (t Type) slug() string { return strings.ReplaceAll(strings.ToLower(t.Label), " ", "-") }

// FormOf finds the form of a kind; ok is false for a kind that does not exist.
// Those that only others use are among them.
func FormOf(kind string) (form Form, ok bool) {
	for _, list := range [][]Form{forms, parting} {
		if i := slices.IndexFunc(list, func(f Form) bool { return f.Kind == kind }); i >= 0 {
			return list[i], true
		}
	}
	return Form{}, false
}

// WholeForm gives a form with all fields of a type, also those that are given
// when an object is made; ok is false for a type that is not edited.
func WholeForm(objectType string) (form Form, ok bool) {
	if form, ok = FormFor(objectType); ok {
		form.Fields = Describe(objectType).Fields
	}
	return form, ok
}

// FormFor finds the form that changes all of an existing object's fields; ok is
// false for a type that is not edited.
func FormFor(objectType string) (form Form, ok bool) {
	i := slices.IndexFunc(forms, func(f Form) bool { return f.Type == objectType && f.Action == Modify })
	if i < 0 {
		return Form{}, false
	}
	return forms[i], true
}

// Field finds a field of the form by name.
func (f Form) Field(name string) (field Field, ok bool) {
	i := slices.IndexFunc(f.Fields, func(x Field) bool { return x.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return f.Fields[i], true
}

// Naming finds the first field that may name objects of a type.
func (f Form) Naming(objectType string) (field Field, ok bool) {
	i := slices.IndexFunc(f.Fields, func(x Field) bool {
		return (x.Kind == ObjectRef || x.Kind == ObjectRefs) && (x.Refers == nil || slices.Contains(x.Refers, objectType))
	})
	if i < 0 {
		return field, false
	}
	return f.Fields[i], true
}

// Retires says whether the object of the form lives no more behind it.
func (f Form) Retires() bool { return f.Action == Deprecate || f.Action == Revoke }

// FieldRef is one object that a field names.
type FieldRef struct{ Field, ID string }

// Refs lists the objects that content names, in the order of the fields.
func (f Form) Refs(content Content) []FieldRef {
	var refs []FieldRef
	add := func(field, id string) {
		if id != "" {
			refs = append(refs, FieldRef{field, id})
		}
	}
	for _, field := range f.Fields {
		v := content[field.Name]
		switch field.Kind {
		case ObjectRef:
			add(field.Name, v.Text)
		case ObjectRefs:
			for _, id := range v.List {
				add(field.Name, id)
			}
		case Rows:
			for _, c := range field.Columns {
				for _, row := range v.Rows {
					if c.Refers != nil {
						add(field.Name, row[c.Property])
					}
				}
			}
		}
	}
	return refs
}
