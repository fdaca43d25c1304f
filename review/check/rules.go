package check

import "slices"

// Rule is one thing that is looked for in content.
type Rule struct {
	ID    string `json:"id" doc:"stable; the code of its findings"`
	Level Level  `json:"level" enum:"error,warning,hint" doc:"what its findings weigh, unless a workshop says otherwise"`
	Group string `json:"group" doc:"what it is about"`
	Title string `json:"title"`
	Why   string `json:"why" doc:"what ATT&CK expects, and why"`
	How   string `json:"how" doc:"how to put it right"`
	Link  string `json:"link" doc:"where to read more"`
	// Fixed rules keep what a release needs to be one; a workshop cannot change
	// what they weigh.
	Fixed bool `json:"fixed" doc:"true: its level cannot be changed"`
	// Craft rules are about how something is written. Who refines a text is
	// told of what they wrote, not of what they found.
	Craft bool `json:"-"`
	find  func(*run)
}

// Where to read more: MITRE's own pages, and those of the standards.
const (
	linkContribute = "https://attack.mitre.org/resources/engage-with-attack/contribute/"
	linkDesign     = "https://attack.mitre.org/docs/ATTACK_Design_and_Philosophy_March_2020.pdf"
	linkModel      = "https://mitre-attack.github.io/attack-data-model/"
	linkTactics    = "https://attack.mitre.org/tactics/enterprise/"
	linkTLP        = "https://www.first.org/tlp/"
	linkMarkdown   = "https://commonmark.org/help/"
)

// Codes of what the guard finds, stable for programs.
const (
	CodeIndicator = "indicator"
	CodeVictim    = "victim"
	CodeMarking   = "marking"
	CodeShared    = "more_not_shared" // there is more than is told
)

// Groups of the rules.
const (
	groupFields     = "Fields"
	groupObjects    = "Other objects"
	groupName       = "Name"
	groupText       = "Text"
	groupReferences = "References"
	groupShared     = "What is shared"
)

// Rules is the table of all rules, in the order in which findings on a field
// are told.
func Rules() []Rule {
	return slices.Concat(fieldRules(), hintRules(), versionRules(), objectRules(), nameRules(), textRules(), citationRules(), sourceRules(), exampleRules(), guardRules())
}

// RuleOf finds a rule by its id.
func RuleOf(id string) (rule Rule, ok bool) {
	rules := Rules()
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.ID == id })
	if i < 0 {
		return rule, false
	}
	return rules[i], true
}

// guardRules are found together by the guard, which looks at all that people
// write. A person can say why one of its findings may stand; then it is a
// warning.
func guardRules() []Rule {
	const shared = "Only behaviour is shared: what points to a machine, a person or an incident helps nobody to recognise the behaviour, and may harm whom it is about."
	return []Rule{
		{ID: CodeIndicator, Level: Error, Group: groupShared, Title: "Looks like an indicator", Why: shared, Fixed: true, Link: linkDesign,
			How: "Describe the behaviour instead, or use an address that is reserved for examples, such as 192.0.2.1 or example.com. If it may stand, say why in a line; the reviewers read it."},
		{ID: CodeVictim, Level: Error, Group: groupShared, Title: "Names somebody who was attacked", Why: shared, Fixed: true, Link: linkDesign,
			How: "Leave out who it was; the sector says enough. If it may stand, say why in a line; the reviewers read it."},
		{ID: CodeMarking, Level: Error, Group: groupShared, Title: "Marked more strictly than the workshop", Fixed: true, Link: linkTLP,
			Why: "What carries a stricter marking must not be shared here.", How: "Ask the source for a version that may be shared, or leave it out. If it may stand, say why in a line; the reviewers read it."},
		{ID: CodeShared, Level: Error, Group: groupShared, Title: "More than is told", Why: shared, Fixed: true, Link: linkDesign,
			How: "Put right what is told, then the rest is told."},
	}
}
