package attack

import (
	"slices"
	"strings"
)

// The kinds of forms that change several objects at once.
const (
	ToSubtechnique   = "to-sub-technique"
	ToTechnique      = "to-technique"
	MoveSubtechnique = "move-sub-technique"
	MoveTactics      = "move-to-tactics"
	SplitTechnique   = "split-technique"
	BulkChange       = "bulk-change"
	SearchReplace    = "search-and-replace"

	renaming = "rename-" // and the slug of a type
	merging  = "merge-"  // and the slug of a type
)

// HandOver is the form by which a relationship gets another end. It is a part
// of other forms, and nobody begins with it.
const HandOver = "hand-over-relationship"

// Names of the fields of forms that change several objects.
const (
	FieldObjects         = "objects"
	FieldWith            = "with_subtechniques"
	FieldKeepName        = "keep_name"
	FieldLinks           = "links"
	FieldAddPlatforms    = "add_platforms"
	FieldRemovePlatforms = "remove_platforms"
	FieldAddTactics      = "add_tactics"
	FieldRemoveTactics   = "remove_tactics"
	FieldFind            = "find"
	FieldReplace         = "replace"
	FieldWholeWords      = "whole_words"
	FieldMatchCase       = "match_case"
	FieldNames           = "in_names"
	FieldWithExamples    = "with_examples"
	FieldLeftOut         = "left_out"
	FieldPieces          = "pieces"
	FieldBelow           = "below"
	FieldExamples        = "examples"
	FieldRetire          = "retire"
)

// Columns of the rows of a split.
const (
	ColumnKey     = "key"
	ColumnExample = "example"
	ColumnPiece   = "piece"
)

// Starts says which techniques a form is for.
type Starts string

// What a form for techniques starts from.
const (
	AnyTechnique   Starts = ""
	WholeTechnique Starts = "whole" // one that is no sub-technique
	PartTechnique  Starts = "part"  // a sub-technique
)

// Renames says whether a form gives an object another name, and no more.
func (f Form) Renames() bool { return strings.HasPrefix(f.Kind, renaming) }

// Merges says whether a form merges an object into another one.
func (f Form) Merges() bool { return strings.HasPrefix(f.Kind, merging) }

// Selects says whether a form is about objects that are selected.
func (f Form) Selects() bool {
	_, ok := f.Field(FieldObjects)
	return ok
}

// revoking is the kind of the form that revokes an object of a type.
func (t Type) revoking() string { return "revoke-" + t.slug() }

// Revoking finds the form that revokes objects of a type.
func Revoking(objectType string) (Form, bool) { return FormOf(Describe(objectType).revoking()) }

// partForms are forms that only others use.
func partForms() []Form {
	relationship, _ := TypeOfName(TypeRelationship)
	ends := slices.DeleteFunc(slices.Clone(relationship.Fields), func(f Field) bool { return f.Name != FieldSource && f.Name != FieldTarget })
	return []Form{{Kind: HandOver, Label: "Hand over a relationship", Summary: "It belongs to another object.", Action: Modify, Type: TypeRelationship,
		Modifies: true, Fields: ends}}
}

// compoundForms are those that change several objects at once.
func compoundForms() []Form {
	technique, _ := TypeOfName(TypeTechnique)
	newParent := parentField
	newParent.Label = "New parent"
	under := append([]Field{newParent}, technique.Fields...)
	list := []Form{
		{Kind: ToSubtechnique, Label: "Turn into a sub-technique", Modifies: true, Starts: WholeTechnique, Fields: under,
			Summary: "It gets an id under its parent. Its old id leads there, and its relationships go along."},
		{Kind: ToTechnique, Label: "Turn into a technique", Modifies: true, Starts: PartTechnique, Fields: technique.Fields,
			Summary: "It gets an id of its own. Its old id leads there, and its relationships go along."},
		{Kind: MoveSubtechnique, Label: "Move to another parent", Modifies: true, Starts: PartTechnique, Fields: under,
			Summary: "It gets an id under its new parent. Its old id leads there, and its relationships go along."},
		{Kind: MoveTactics, Label: "Move to other tactics", Modifies: true, Fields: []Field{tacticsField,
			{Name: FieldWith, Label: "Its sub-techniques, too", Kind: Flag, Help: "They lose and get the same tactics; what else they serve stays."}},
			Summary: "The columns of the matrix in which it stands, alone or with its sub-techniques."},
		splitForm(), bulkForm(), replaceForm(),
	}
	for i := range list {
		list[i].Type = TypeTechnique
	}
	for _, t := range types {
		list = append(list, t.renamingForm()...)
		list = append(list, t.mergingForm()...)
	}
	for i := range list {
		list[i] = list[i].named()
		list[i].Action = Several
	}
	return list
}

// having lists the types of which a field of a name is edited.
func having(field string) []string {
	var names []string
	for _, t := range types {
		if t.Letters != "" && slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Name == field }) {
			names = append(names, t.Name)
		}
	}
	return names
}

// splitForm makes several techniques of one. Its pieces have keys, by which the
// examples name them.
func splitForm() Form {
	return Form{Kind: SplitTechnique, Label: "Split into several", Modifies: true, Summary: "New techniques or sub-techniques, each with a part of its procedure examples.",
		Fields: []Field{
			{Name: FieldPieces, Label: "The new ones", Kind: Rows, Required: true, Help: "They serve the same tactics on the same platforms; that can be refined later. Cite as in any description.",
				Columns: []Column{{Property: ColumnKey, Label: "Key", Key: true}, {Property: FieldName, Label: "Name"}, {Property: FieldDescription, Label: "Description", Long: true}}},
			{Name: FieldBelow, Label: "Below it, as sub-techniques", Kind: Flag, Help: "Else they stand beside it: as techniques, or as sub-techniques of the same parent."},
			{Name: FieldExamples, Label: "Procedure examples", Kind: Rows, Max: MaxExamples, Help: "Where each goes. Those for which nothing is chosen stay.",
				Columns: []Column{{Property: ColumnExample, Label: "Example", Refers: []string{TypeRelationship}}, {Property: ColumnPiece, Label: "Goes to"}}},
			{Name: FieldRetire, Label: "Deprecate what is split", Kind: Flag, Help: "It is not to be used any more. Else it stays, with what stays of it."},
			referencesField,
		}}
}

// MaxExamples is how many procedure examples a split may place.
const MaxExamples = 1000

func bulkForm() Form {
	terms := func(name, label, vocabulary, help string) Field {
		return Field{Name: name, Label: label, Kind: List, Vocabulary: vocabulary, Help: help}
	}
	return Form{Kind: BulkChange, Label: "Change many at once", Summary: "The same platform or tactic added to many objects, or taken out of them.",
		Fields: []Field{
			{Name: FieldObjects, Label: "Objects", Kind: ObjectRefs, Required: true, Refers: having(FieldPlatforms), Help: "Up to 200; those that have it already stay as they are."},
			terms(FieldAddPlatforms, "Add platforms", VocabularyPlatforms, "Where the behaviour has been seen, too."),
			terms(FieldRemovePlatforms, "Take platforms out", VocabularyPlatforms, "Of those that have them."),
			terms(FieldAddTactics, "Add tactics", VocabularyTactics, "To techniques: why attackers do this, too."),
			terms(FieldRemoveTactics, "Take tactics out", VocabularyTactics, "A technique needs one that stays."),
		}}
}

func replaceForm() Form {
	return Form{Kind: SearchReplace, Label: "Search and replace", Summary: "Some words instead of others in the texts of many objects, each shown first.",
		Fields: []Field{
			{Name: FieldObjects, Label: "Objects", Kind: ObjectRefs, Required: true, Refers: having(FieldDescription), Help: "Up to 200; those without the words stay as they are."},
			{Name: FieldFind, Label: "Look for", Kind: Line, Required: true, Help: "Citations and addresses of links are left alone."},
			{Name: FieldReplace, Label: "Write instead", Kind: Line, Help: "Empty: the words are taken out."},
			{Name: FieldWholeWords, Label: "Whole words only", Kind: Flag, Help: "Not where it begins or ends within a word."},
			{Name: FieldMatchCase, Label: "Capitals matter", Kind: Flag, Help: "Only where they are written in the same way."},
			{Name: FieldNames, Label: "In names, too", Kind: Flag, Help: "Else in descriptions only."},
			{Name: FieldWithExamples, Label: "In their procedure examples, too", Kind: Flag, Help: "What is said where one of the objects is used, or uses another."},
			{Name: FieldLeftOut, Label: "Left as they are", Kind: ObjectRefs, Help: "Those with the words that keep them; they are left out below, where each change is shown."},
		}}
}

func (t Type) renamingForm() []Form {
	i := slices.IndexFunc(t.Fields, func(f Field) bool { return f.Name == FieldName })
	if i < 0 || t.Letters == "" {
		return nil
	}
	fields := []Field{t.Fields[i]}
	if slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Name == FieldAliases }) {
		fields = append(fields, Field{Name: FieldKeepName, Label: "Keep the old name among the other names", Kind: Flag,
			Help: "Whoever looks for the old name then finds it."})
	}
	fields = append(fields, Field{Name: FieldLinks, Label: "Change the links to it", Kind: Flag,
		Help: "Texts of other objects that link to it by its old name get the new one; their versions stay."})
	return []Form{{Kind: renaming + t.slug(), Label: "Rename " + article(t.Label), Type: t.Name, Modifies: true, Fields: fields,
		Summary: "Another name, and where you like, the links of other texts with it."}}
}

func (t Type) mergingForm() []Form {
	if !t.Revocable || t.Fields == nil || t.Name == TypeRelationship {
		return nil
	}
	into := replacementFor(t)
	into.Label, into.Help = "Merge into", "What stays. Whoever looks for the other one is led there, and its relationships are handed over."
	text := Field{Name: FieldDescription, Label: "Its text", Kind: Markdown, Help: "The whole text of the one that stays, if it shall change. Empty: it stays as it is."}
	sources := referencesField
	sources.Label, sources.Help = "More references", "Sources that its text cites and that it does not have yet."
	return []Form{{Kind: merging + t.slug(), Label: "Merge into another " + strings.ToLower(t.Label), Type: t.Name, Modifies: true,
		Fields:  []Field{into, text, sources},
		Summary: "Two are the same: one is revoked, the other stays and gets its relationships."}}
}

// Deprecating finds the form that deprecates objects of a type.
func Deprecating(objectType string) (Form, bool) {
	return FormOf("deprecate-" + Describe(objectType).slug())
}
