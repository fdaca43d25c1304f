package attack

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/atelier-attack/atelier/realtime/markdown"
)

// Type is what the code knows of one STIX type of ATT&CK. Objects of types that
// are not in the table are kept, shown and linked by what they have.
type Type struct {
	Name      string     // as STIX has it
	Label     string     // for people, one
	Plural    string     // for people, many
	Letters   string     // that its ATT&CK ids start with; empty: it has none
	Nested    bool       // its ATT&CK ids may name a part, as T1055.001 does
	Folder    string     // of its pages at MITRE; empty: their addresses do not follow from the id
	Compared  string     // the group in which diff_stix compares it; empty: in none
	Versioned bool       // has an x_mitre_version, which a change counts up
	Revocable bool       // MITRE's data model knows objects of it that another takes the place of
	Summary   string     // what a new one is, for who chooses what to propose
	Fields    []Field    // what people may write, in the order of forms; nil: nothing is proposed about it
	Embedded  []Embedded // properties that name other objects
	Facts     []Fact     // properties that its page shows beside the text, in this order
}

// Embedded is a property that names other objects, and the headings under
// which the two ends list each other.
type Embedded struct {
	Path string // of the property; a dot leads into the objects of a list
	Here string // on the page of the object that has the property
	Back string // on the page of the object that is named; empty: not listed there
	Part bool   // what is named is a part of the object, and shown with it
}

// Fact is a property that a page shows by a name for people.
type Fact struct {
	Property string
	Label    string
	Shown    Shown
}

// Shown says how a fact is shown.
type Shown string

// The ways in which facts are shown.
const (
	Plain Shown = ""      // its value, whatever it is
	Cited Shown = "cited" // Markdown with citations, in a line
	Prose Shown = "prose" // Markdown with citations, which stands on its own
)

// Types is the table, in the order in which lists of types show them. It
// belongs to the package and is not changed.
func Types() []Type { return types }

var types = []Type{
	{
		Name: TypeTactic, Label: "Tactic", Plural: "Tactics", Letters: "TA", Folder: "tactics", Versioned: true,
		Summary: "A reason why attackers act. It becomes the last column of the matrix.",
		Fields:  []Field{plainNameField, aboutField, referencesField, contributorsField},
	},
	{
		Name: TypeTechnique, Label: "Technique", Plural: "Techniques", Letters: "T", Nested: true, Folder: "techniques", Compared: "techniques", Versioned: true, Revocable: true,
		Fields: []Field{nameField, tacticsField, platformsField, descriptionField, referencesField, contributorsField},
		Facts: []Fact{
			{"x_mitre_tactic_type", "Tactic type", Plain}, {"x_mitre_impact_type", "Impact type", Plain},
			{"x_mitre_permissions_required", "Permissions required", Plain}, {"x_mitre_effective_permissions", "Effective permissions", Plain},
			{"x_mitre_defense_bypassed", "Defenses bypassed", Plain}, {"x_mitre_remote_support", "Supports remote", Plain},
			{"x_mitre_network_requirements", "Requires network", Plain}, {"x_mitre_system_requirements", "System requirements", Plain},
			{"x_mitre_data_sources", "Data sources", Plain},
			{"x_mitre_difficulty_for_adversary", "Difficulty for the adversary", Plain},
			{"x_mitre_difficulty_for_adversary_explanation", "Why it is that difficult", Prose},
			{"x_mitre_detectable_by_common_defenses", "Detectable by common defenses", Plain},
			{"x_mitre_detectable_by_common_defenses_explanation", "How common defenses detect it", Prose},
			{"x_mitre_detection", "Notes on detection", Prose},
		},
	},
	{
		Name: TypeGroup, Label: "Group", Plural: "Groups", Letters: "G", Folder: "groups", Compared: "groups", Versioned: true, Revocable: true,
		Summary: "People who attack together, as reports track them.",
		Fields:  []Field{properNameField, aliasesField, aboutField, referencesField, contributorsField},
		Facts:   seen,
	},
	{Name: TypeMalware, Label: "Malware", Plural: "Malware", Letters: "S", Folder: "software", Compared: "software", Versioned: true, Revocable: true, Facts: software,
		Summary: "Software that was made to attack.",
		Fields:  append([]Field{{Name: "family", Label: "A family", Kind: Flag, Property: "is_family", Help: "Whether it stands for several variants, as most entries do."}}, softwareFields...)},
	{Name: TypeTool, Label: "Tool", Plural: "Tools", Letters: "S", Folder: "software", Compared: "software", Versioned: true, Revocable: true, Facts: software,
		Summary: "Software of everybody that attackers use.", Fields: softwareFields},
	{
		Name: TypeCampaign, Label: "Campaign", Plural: "Campaigns", Letters: "C", Folder: "campaigns", Compared: "campaigns", Versioned: true, Revocable: true,
		Summary: "What attackers did over a time, with one aim.",
		Fields: []Field{properNameField, aliasesField, aboutField,
			{Name: "first_seen", Label: "First seen", Kind: Day, Required: true, Property: "first_seen", Help: "The day of which a report says so; the first of the month or the year where it says no more."},
			{Name: "first_seen_citation", Label: "Source of first seen", Kind: Line, Required: true, Property: "x_mitre_first_seen_citation", Help: "(Citation: Source Name)"},
			{Name: "last_seen", Label: "Last seen", Kind: Day, Required: true, Property: "last_seen", Help: "As above."},
			{Name: "last_seen_citation", Label: "Source of last seen", Kind: Line, Required: true, Property: "x_mitre_last_seen_citation", Help: "(Citation: Source Name)"},
			referencesField, contributorsField},
		Facts: seen,
	},
	{Name: TypeMitigation, Label: "Mitigation", Plural: "Mitigations", Letters: "M", Folder: "mitigations", Compared: "mitigations", Versioned: true, Revocable: true,
		Summary: "What prevents techniques, whatever product does it.", Fields: []Field{plainNameField, aboutField, referencesField, contributorsField}},
	{
		Name: TypeAsset, Label: "Asset", Plural: "Assets", Letters: "A", Folder: "assets", Compared: "assets", Versioned: true, Revocable: true,
		Summary: "A device or system that attackers aim at.",
		Fields: []Field{plainNameField, runsOnField, aboutField, {Name: "sectors", Label: "Sectors", Kind: List, Property: "x_mitre_sectors", Help: "Where it is in use.",
			Options: []string{"Electric", "Water and Wastewater", "Manufacturing", "Rail", "Maritime", "General"}},
			{Name: "related_assets", Label: "Related assets", Kind: Rows, Property: "x_mitre_related_assets", Help: "What others call it.",
				Columns: []Column{{Property: "name", Label: "Name"}, {Property: "description", Label: "Description", Optional: true}}}, referencesField, contributorsField},
		Facts: []Fact{{"x_mitre_sectors", "Sectors", Plain}, {"x_mitre_related_assets", "Related assets", Plain}},
	},
	{
		Name: TypeStrategy, Label: "Detection strategy", Plural: "Detection strategies", Letters: "DET", Folder: "detectionstrategies",
		Compared: "detectionstrategies", Versioned: true,
		Summary: "How a technique is noticed: one analytic or several.",
		Fields: []Field{plainNameField, {Name: "analytics", Label: "Analytics", Kind: ObjectRefs, Required: true, Refers: []string{TypeAnalytic}, Property: "x_mitre_analytic_refs",
			Help: "What is looked for, one for each kind of platform."}, contributorsField},
		Embedded: []Embedded{{"x_mitre_analytic_refs", "Analytics", "Detection strategies", true}},
	},
	{
		// An analytic has no page of its own at MITRE: it is a part of its strategy's.
		Name: TypeAnalytic, Label: "Analytic", Plural: "Analytics", Letters: "AN", Compared: "analytics", Versioned: true,
		Summary: "What to look for on a platform, in which logs.",
		Fields: []Field{plainNameField, platformsField, aboutField,
			{Name: "log_sources", Label: "Log sources", Kind: Rows, Property: LogSourceReferences, Help: "Data components, and the logs in which they are seen.",
				Columns: append([]Column{{Property: "x_mitre_data_component_ref", Label: "Data component", Refers: []string{TypeComponent}}}, logFields...)},
			{Name: "mutable_elements", Label: "Mutable elements", Kind: Rows, Property: "x_mitre_mutable_elements", Help: "What has to be tuned where it is used.",
				Columns: []Column{{Property: "field", Label: "Field"}, {Property: "description", Label: "Description"}}}},
		Embedded: []Embedded{{LogSourceReferences + ".x_mitre_data_component_ref", "Log sources", "Analytics", true}},
		Facts:    []Fact{{"x_mitre_mutable_elements", "Mutable elements", Plain}},
	},
	{
		Name: TypeComponent, Label: "Data component", Plural: "Data components", Letters: "DC", Folder: "datacomponents",
		Compared: "datacomponents", Versioned: true, Revocable: true,
		Summary: "A kind of event or state that logs tell of.",
		Fields: []Field{plainNameField, aboutField, {Name: "log_sources", Label: "Log sources", Kind: Rows, Property: "x_mitre_log_sources",
			Help: "Logs in which it is seen.", Columns: logFields}, referencesField},
		Embedded: []Embedded{{"x_mitre_data_source_ref", "Data source", "Data components", false}},
		Facts:    []Fact{{"x_mitre_log_sources", "Log sources", Plain}},
	},
	{
		Name: TypeDataSource, Label: "Data source", Plural: "Data sources", Letters: "DS", Folder: "datasources", Compared: "datasources", Versioned: true,
		Facts: []Fact{{"x_mitre_collection_layers", "Collection layers", Plain}},
	},
	{Name: "x-mitre-log-source", Label: "Log source", Plural: "Log sources", Versioned: true},
	{
		Name: TypeMatrix, Label: "Matrix", Plural: "Matrices", Versioned: true,
		Fields: []Field{plainNameField, aboutField, {Name: FieldColumns, Label: "Tactics", Kind: ObjectRefs, Required: true, Refers: []string{TypeTactic}, Property: "tactic_refs",
			Help: "The columns, from left to right."}},
		Embedded: []Embedded{{"tactic_refs", "Tactics", "Matrices", false}},
	},
	{Name: TypeCollection, Label: "Collection", Plural: "Collections", Versioned: true},
	{
		Name: TypeRelationship, Label: "Relationship", Plural: "Relationships", Embedded: []Embedded{{"source_ref", "From", "", false}, {"target_ref", "To", "", false}},
		Summary: "How two objects belong together: a mitigation and a technique, a campaign and a group …",
		Fields: []Field{
			{Name: FieldSource, Label: "From", Kind: ObjectRef, Required: true, Property: "source_ref", AtStart: true, Help: "Who or what does it."},
			{Name: FieldRelation, Label: "Relation", Kind: Line, Required: true, Vocabulary: VocabularyRelations, Property: "relationship_type", AtStart: true,
				Help: "Those that ATT&CK has between objects of these types."},
			{Name: FieldTarget, Label: "To", Kind: ObjectRef, Required: true, Property: "target_ref", AtStart: true, Help: "To whom or what."},
			{Name: FieldDescription, Label: "Description", Kind: Markdown, Property: "description", Help: "One or two sentences. Cite the source with (Citation: Source Name)."},
			referencesField,
		},
	},
	{Name: TypeIdentity, Label: "Identity", Plural: "Identities", Facts: []Fact{{"identity_class", "Class", Plain}}},
	{Name: TypeMarking, Label: "Marking", Plural: "Markings", Facts: []Fact{{"definition_type", "Kind", Plain}, {"definition", "Definition", Plain}}},
}

var (
	seen = []Fact{
		{"first_seen", "First seen", Plain}, {"x_mitre_first_seen_citation", "Source of first seen", Cited},
		{"last_seen", "Last seen", Plain}, {"x_mitre_last_seen_citation", "Source of last seen", Cited},
	}
	software = []Fact{{"labels", "Labels", Plain}, {"is_family", "Is a family", Plain}}
)

// ofAll are references that all types have: who made an object, and how it is
// marked.
var ofAll = []Embedded{
	{"created_by_ref", "Created by", "", false}, {"x_mitre_modified_by_ref", "Last changed by", "", false}, {"object_marking_refs", "Marked with", "", false},
}

// TypeOfName finds a type by its STIX name; ok is false for one that ATT&CK
// has not had so far.
func TypeOfName(name string) (t Type, ok bool) {
	i := slices.IndexFunc(types, func(t Type) bool { return t.Name == name })
	if i < 0 {
		return t, false
	}
	return types[i], true
}

// Describe gives a type of the table, or for another one what its name says.
func Describe(name string) Type {
	if t, ok := TypeOfName(name); ok {
		return t
	}
	label := Humanize(name)
	return Type{Name: name, Label: label, Plural: label}
}

// Owns says whether an ATT&CK id has the form that this type's ids have.
func (t Type) Owns(id string) bool {
	letters, part := splitID(id)
	return letters != "" && letters == t.Letters && (t.Nested || !part)
}

// Reference says what a property that names other objects is called on both
// ends. That of a property that is not in the table follows from its name.
func (t Type) Reference(path string) Embedded {
	for _, e := range slices.Concat(t.Embedded, ofAll) {
		if e.Path == path {
			return e
		}
	}
	name := path[strings.LastIndexByte(path, '.')+1:]
	label := Humanize(strings.TrimSuffix(strings.TrimSuffix(name, "_refs"), "_ref"))
	return Embedded{path, label, t.Plural + " (" + strings.ToLower(label) + ")", false}
}

// Fact says what a property is called; ok is false where that follows from its
// name only. A property that another type of the table has is called as there.
func (t Type) Fact(property string) (f Fact, ok bool) {
	for _, one := range append([]Type{t}, types...) {
		if i := slices.IndexFunc(one.Facts, func(f Fact) bool { return f.Property == property }); i >= 0 {
			return one.Facts[i], true
		}
	}
	return Fact{Property: property, Label: Humanize(property)}, false
}

// Rank gives the place of a property on the page: those of the table first.
func (t Type) Rank(property string) int {
	if i := slices.IndexFunc(t.Facts, func(f Fact) bool { return f.Property == property }); i >= 0 {
		return i
	}
	return len(t.Facts)
}

// Humanize makes a name for people of the name of a property or a type:
// x_mitre_impact_type becomes Impact type.
func Humanize(name string) string {
	words := strings.Fields(strings.NewReplacer("_", " ", "-", " ").Replace(name))
	if len(words) > 1 && words[0] == "x" {
		words = words[1:]
	}
	if len(words) > 1 && words[0] == "mitre" {
		words = words[1:]
	}
	text := strings.Join(words, " ")
	if text == "" {
		return name
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// idShape is what all ATT&CK ids look like, those of types to come, too. Before
// they became one, Mobile and PRE-ATT&CK put a word in front of theirs.
const idShape = `(?:(?:MOB|PRE)-)?[A-Z]{1,4}\d{4,6}(?:\.\d{3})?`

var idPattern = regexp.MustCompile(`^` + idShape + `$`)

// IsID says whether text is shaped like an ATT&CK id.
func IsID(text string) bool { return idPattern.MatchString(text) }

var idInText = regexp.MustCompile(`\b` + idShape + `\b`)

// IDsIn finds what is shaped like an ATT&CK id in a text, as pairs of bytes.
func IDsIn(text string) [][]int { return idInText.FindAllStringIndex(text, -1) }

// splitID gives the letters of an ATT&CK id, and whether it names a part.
func splitID(id string) (letters string, part bool) {
	if !IsID(id) {
		return "", false
	}
	if _, bare, ok := strings.Cut(id, "-"); ok {
		id = bare
	}
	return strings.TrimRight(id, "0123456789."), strings.Contains(id, ".")
}

const site = "https://attack.mitre.org/"

// PageOf gives the address of an object's page at MITRE, which is what a
// published description links to; empty where it does not follow from the id.
func PageOf(id string) string {
	for _, t := range types {
		if t.Folder != "" && t.Owns(id) {
			return site + t.Folder + "/" + strings.ReplaceAll(id, ".", "/")
		}
	}
	return ""
}

// IDOfPage gives the ATT&CK id of the object that a page at MITRE is about:
// the id stands in the address's path, with its part behind it, or as its
// fragment. All editions of the site are understood.
func IDOfPage(address string) (id string, ok bool) {
	_, path, ok := strings.Cut(address, "://attack.mitre.org/")
	if !ok {
		return "", false
	}
	path, fragment, _ := strings.Cut(path, "#")
	if IsID(fragment) {
		return fragment, true
	}
	path, _, _ = strings.Cut(path, "?")
	segments := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for i, s := range segments {
		if !IsID(s) {
			continue
		}
		if i+1 < len(segments) && IsID(s+"."+segments[i+1]) {
			s += "." + segments[i+1]
		}
		return s, true
	}
	return "", false
}

// IsPage says whether an address is one of MITRE's own site of ATT&CK.
func IsPage(address string) bool { return strings.HasPrefix(address, site) }

// typedLink is a link as authors type it: to an ATT&CK id, or to the
// provisional label of a proposal.
var typedLink = regexp.MustCompile(`\(LinkById: (` + idShape + `|` + labelShape + `)\)`)

// labelShape is the provisional label of what a proposal makes: NEW-12, or
// NEW-12.2 for the second new object of one that makes several.
const labelShape = `NEW-\d{1,9}(?:\.\d{1,4})?`

var label = regexp.MustCompile(`^` + labelShape + `$`)

// IsLabel says whether text is the provisional label of a new object.
func IsLabel(text string) bool { return label.MatchString(text) }

// TypedLinks lists the ATT&CK ids and the provisional labels that a text links
// to.
func TypedLinks(text string) []string {
	var ids []string
	for _, m := range typedLink.FindAllStringSubmatch(text, -1) {
		if IsID(m[1]) || IsLabel(m[1]) {
			ids = append(ids, m[1])
		}
	}
	return ids
}

// ReplaceTypedLinks writes something else for each link by id; typed is the
// whole of it.
func ReplaceTypedLinks(text string, link func(typed, id string) string) string {
	return typedLink.ReplaceAllStringFunc(text, func(typed string) string {
		return link(typed, typedLink.FindStringSubmatch(typed)[1])
	})
}

// LinkRules are the ways in which ATT&CK's texts link to objects.
func LinkRules() markdown.Rules { return markdown.Rules{IsID: IsID, IsLabel: IsLabel, Page: IDOfPage} }
