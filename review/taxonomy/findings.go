package taxonomy

import "slices"

// Kinds of findings in a file. None stops an import unless it is strict, and
// all that is found is kept as it came.
const (
	SubtechniqueCycle  = "subtechnique_cycle"
	SharedID           = "shared_attack_id"
	SelfRelationship   = "self_relationship"
	ConflictingVersion = "conflicting_version"
	ModifiedTooEarly   = "modified_before_created"
	ChangedSilently    = "changed_without_modified"
	TakenID            = "taken_attack_id"
	UnknownTactic      = "unknown_tactic"
	ActiveMarkup       = "active_markup"
	LongName           = "long_name"
	BadTime            = "bad_time"
	LooseRelationship  = "relationship_without_ends"
	SeveralParents     = "several_parents"
	NoParent           = "subtechnique_without_parent"
	IDElsewhere        = "attack_id_elsewhere"
	UnknownType        = "unknown_type"
	DanglingReference  = "dangling_reference"
	DuplicateObject    = "duplicate_object"
	RevokedNoSuccessor = "revoked_without_replacement"
	UnresolvedCitation = "unresolved_citation"
	RepeatedName       = "repeated_name"
	ReusedID           = "reused_attack_id"
)

// Severity says how much a finding means.
type Severity string

// The severities. A strict import refuses a file with anything severe.
const (
	Severe  Severity = "severe"  // the file contradicts itself; readers have to choose
	Warning Severity = "warning" // somebody should look at it
	Notice  Severity = "notice"  // official ATT&CK has it, too
)

// meaning is what one kind of finding means to people.
type meaning struct {
	kind     string
	severity Severity
	title    string
	text     string
}

// meanings is the one table of findings, in the order in which they are shown.
func meanings() []meaning {
	return []meaning{
		{SubtechniqueCycle, Severe, "Sub-techniques in a circle", "Each is a sub-technique of the next, so none is at the top. They are kept, and pages show each with its own parent."},
		{SharedID, Severe, "One ATT&CK id for two objects", "Two living objects claim the same ATT&CK id. Both are kept; the address of the id shows the first, the STIX id shows each."},
		{SelfRelationship, Severe, "Relationships of an object to itself", "Source and target are the same object. The relationship is kept and says nothing."},
		{ConflictingVersion, Severe, "Two contents for one version", "The same id and the same time of change, but not the same content. Both are kept and come out again; pages show the first."},
		{ModifiedTooEarly, Severe, "Changed before it was made", "The time of change lies before the time of creation. Which version is newer may be told wrongly."},
		{TakenID, Warning, "ATT&CK ids that a release here gave away", "The file gives these ids to objects of its own. Their address belongs to the file's objects now; those of the releases are found by their STIX id, and no id is given again."},
		{UnknownTactic, Warning, "Tactics that do not exist", "A technique serves a tactic that neither the file nor its domain has, so no column of the matrix shows it there."},
		{ActiveMarkup, Warning, "Scripts and other active HTML", "Text has HTML that would do something in a browser. It is kept in the object; pages show it as plain text or leave it out."},
		{LongName, Warning, "Very long names", "A name of more than 500 characters. It is kept whole and shown shortened."},
		{BadTime, Warning, "Times that are none", "The time of creation or change is missing or cannot be read, so versions are told apart by their order as text."},
		{LooseRelationship, Warning, "Relationships without ends", "A relationship does not say what it leads from or to."},
		{SeveralParents, Warning, "Sub-techniques of several techniques", "A sub-technique has more than one parent. Pages show the first."},
		{NoParent, Warning, "Sub-techniques of no technique", "An object says that it is a sub-technique, and no relationship says of which."},
		{ChangedSilently, Notice, "Other content than before, under the same time of change", "An object with this id and this time of change was loaded before, with other content. Both are kept as versions."},
		{IDElsewhere, Notice, "ATT&CK ids that another domain uses", "A living object of another domain that is loaded has the same ATT&CK id. Both are kept; the address of the id shows one of them."},
		{UnknownType, Notice, "Types that ATT&CK does not have", "Kept, and shown by what the objects have."},
		{DanglingReference, Notice, "References to what is not in the file", "An object refers to another one that the file does not have."},
		{DuplicateObject, Notice, "Objects that are there more than once", "The same id stands in the file several times."},
		{RevokedNoSuccessor, Notice, "Revoked without a replacement", "No relationship says what came instead."},
		{UnresolvedCitation, Notice, "Citations without a source", "A text cites a source that its object does not list."},
		{RepeatedName, Notice, "Names that repeat", "Two living objects of one type have the same name."},
		{ReusedID, Notice, "ATT&CK ids of retired objects that are used again", "A revoked or deprecated object has the same ATT&CK id as another. The address of the id shows the living one."},
	}
}

// maxExamples is how many examples a finding lists.
const maxExamples = 5

// Finding is one kind of oddity in a file.
type Finding struct {
	Kind     string    `json:"kind"`
	Severity Severity  `json:"severity" enum:"severe,warning,notice"`
	Title    string    `json:"title"`
	Text     string    `json:"text" doc:"what it means"`
	Count    int       `json:"count"`
	Examples []Example `json:"examples" doc:"the first few"`
}

// Example is one place where something was found.
type Example struct {
	STIXID string `json:"stix_id" doc:"empty: no single object"`
	Text   string `json:"text"`
}

// maxExample is how much of an example is told, in characters.
const maxExample = 160

// findings collects oddities by kind.
type findings map[string]*Finding

func (f findings) add(kind, stixID, text string) {
	one := f[kind]
	if one == nil {
		one = &Finding{Kind: kind, Examples: []Example{}}
		f[kind] = one
	}
	if one.Count++; len(one.Examples) < maxExamples {
		one.Examples = append(one.Examples, Example{stixID, shortened(text, maxExample)})
	}
}

// list gives the findings in the order of the table.
func (f findings) list() []Finding {
	list := []Finding{}
	for _, m := range meanings() {
		if one := f[m.kind]; one != nil {
			one.Severity, one.Title, one.Text = m.severity, m.title, m.text
			list = append(list, *one)
		}
	}
	return list
}

// Severe lists those findings that a strict import refuses.
func (r Report) Severe() []Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return f.Severity != Severe })
}
