package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/guard"
)

// Object is what checks need to know of an object of the taxonomy.
type Object struct {
	STIXID       string
	AttackID     string
	Type         string
	Name         string
	Aliases      []string // its other names
	Tactics      []string
	Subtechnique bool
	Of           string // STIX id of the technique of which it is a sub-technique
	Retired      bool   // revoked or deprecated
	Elsewhere    bool   // not in the domain that is worked on
	Parent       bool   // has living sub-techniques
	Proposed     string // the proposal that makes it, as NEW-12; empty: it exists
	Draft        bool   // that proposal is a draft of who asks, which was never submitted
}

// Pending is an open proposal of the same workshop.
type Pending struct {
	STIXID   string // of its object
	Label    string // NEW-12 or #12
	Kind     string
	Name     string
	Relation string
	Source   string
	Target   string
	Tactics  []string
	State    string // of one that was turned down: withdrawn or rejected
	Number   int64
	Title    string
}

// Known answers what the taxonomy and the workshop hold already. A nil
// function knows nothing.
type Known struct {
	HasTerm func(vocabulary, value string) bool
	Object  func(id string) (Object, bool)
	Similar func(name, objectType string) []Object // likeliest first, the same name included
	// Alike lists objects that are likely the same thing, by name and text.
	Alike func(name, description, objectType string) []Object
	// Relating lists the STIX ids of the living relationships of a kind between
	// two objects.
	Relating func(relation, source, target string) []string
	// Relations lists the kinds of relationships that the domain has from one
	// type of objects to another.
	Relations func(sourceType, targetType string) []string
	// Source finds a reference by the name under which objects cite it.
	Source  func(name string) (attack.Reference, bool)
	Pending []Pending
	Lost    []Pending         // what proposals would have made that were turned down
	Guard   *guard.Guard      // of the workshop; nil: it is not known, nor its marking
	Reasons map[string]string // why findings of the guard may stand, by their keys
	Levels  map[string]Level  // of rules by id, where the workshop chose another than theirs
}

// Subject is the content that is looked at.
type Subject struct {
	Form     attack.Form
	Self     string         // STIX id of the object that it makes or changes
	Base     attack.Content // what a refinement starts from; nil otherwise
	Content  attack.Content
	Versions Versions
}

// Run lists the findings on a subject, by field in the order of the form. What
// a refinement leaves as it found it is no error of the author: errors there
// are told as warnings, and hints and what the guard finds are not told.
func Run(s Subject, known Known) []Check {
	r := &run{Subject: s, known: known, checks: []Check{}}
	for _, rule := range Rules() {
		r.follow(rule)
	}
	r.soften()
	r.guarded()
	place := func(field string) int {
		if i := slices.IndexFunc(s.Form.Fields, func(f attack.Field) bool { return f.Name == field }); i >= 0 {
			return i
		}
		return len(s.Form.Fields)
	}
	slices.SortStableFunc(r.checks, func(a, b Check) int { return cmp.Compare(place(a.Field), place(b.Field)) })
	return Distinct(r.checks)
}

// Distinct tells each finding once: two rows can have the same gap.
func Distinct(checks []Check) []Check {
	seen := map[[4]string]bool{}
	return slices.DeleteFunc(checks, func(c Check) bool {
		key := [4]string{string(c.Level), c.Field, c.Code, c.Message}
		again := c.Shared == nil && seen[key]
		seen[key] = true
		return again
	})
}

type run struct {
	Subject
	known  Known
	rule   Rule // that is followed
	level  Level
	checks []Check
	proses map[string]string   // what people read of a field, made once
	alikes map[string][]Object // objects of a name like it, looked up once
}

// follow looks for what one rule is about.
func (r *run) follow(rule Rule) {
	r.rule, r.level = rule, r.known.LevelOf(rule)
	if rule.find == nil || r.level == Off || rule.Craft && r.Form.Retires() {
		return
	}
	start := len(r.checks)
	rule.find(r)
	if rule.Craft && r.Form.Modifies && len(r.checks) > start {
		r.checks = append(r.checks[:start], r.own(rule, r.checks[start:])...)
	}
}

// own leaves out what a rule finds in the text that a refinement starts from,
// too.
func (r *run) own(rule Rule, found []Check) []Check {
	before := &run{Subject: Subject{Form: r.Form, Self: r.Self, Base: r.Base, Content: r.Base}, known: r.known, rule: rule, level: r.level}
	rule.find(before)
	return slices.DeleteFunc(slices.Clone(found), func(c Check) bool { return slices.ContainsFunc(before.checks, c.Same) })
}

// LevelOf gives what the findings of a rule weigh here.
func (k Known) LevelOf(rule Rule) Level {
	if rule.Fixed {
		return rule.Level
	}
	return cmp.Or(k.Levels[rule.ID], rule.Level)
}

// found adds a finding of the rule that is followed.
func (r *run) found(field, message string, args ...any) { r.fixable(field, nil, message, args...) }

func (r *run) fixable(field string, fix *Fix, message string, args ...any) {
	r.add(r.level, field, r.rule.ID, message, args...)
	r.checks[len(r.checks)-1].Fix = fix
}

// put is a fix that changes one field.
func put(label, field string, value attack.Value) *Fix {
	return &Fix{Label: label, Field: field, Value: value}
}

func (r *run) add(level Level, field, code, message string, args ...any) {
	if len(args) > 0 {
		message = fmt.Sprintf(message, args...)
	}
	r.checks = append(r.checks, Check{Level: level, Field: field, Code: code, Message: message})
}

func (r *run) soften() {
	if !r.Form.Modifies {
		return
	}
	object, _ := attack.WholeForm(r.Form.Type)
	kept := r.checks[:0]
	for _, c := range r.checks {
		f, ok := r.Form.Field(c.Field)
		_, found := object.Field(c.Field) // what only the form asks for, nobody left so
		if !ok || !found || !r.Content[f.Name].Equal(r.Base[f.Name]) {
			kept = append(kept, c)
			continue
		}
		if c.Level == Hint {
			continue
		}
		c.Level = Warning
		kept = append(kept, c)
	}
	r.checks = kept
}

func (r *run) text(field string) string { return strings.TrimSpace(r.Content[field].Text) }

// fields lists the fields of some kinds that hold something.
func (r *run) fields(kinds ...attack.Kind) []attack.Field {
	var list []attack.Field
	for _, f := range r.Form.Fields {
		if slices.Contains(kinds, f.Kind) && !r.Content[f.Name].Empty() {
			list = append(list, f)
		}
	}
	return list
}

// written says whether a line is text, not a word of the domain.
func written(f attack.Field) bool { return f.Vocabulary == "" }
