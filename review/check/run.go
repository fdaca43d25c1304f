package check

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/guard"
	"github.com/atelier-attack/atelier/review/merge"
)

// Codes of the findings, stable for programs.
const (
	CodeRequired    = "required"
	CodeUnchanged   = "unchanged"
	CodeUnknownTerm = "unknown_term"
	CodeDangling    = "dangling_reference"
	CodeWrongType   = "wrong_type"
	CodeRetired     = "retired_object"
	CodeElsewhere   = "other_domain"
	CodeSelf        = "refers_to_itself"
	CodeNested      = "nested_subtechnique"
	CodeTactic      = "tactic_of_parent"
	CodeRelation    = "unknown_relation"
	CodeDepends     = "depends_on_proposal"
	CodeChildren    = "has_subtechniques"
	CodeDays        = "days_in_order"
	CodeRow         = "incomplete_row"
	CodeUncited     = "uncited_reference"
	CodeUnresolved  = "unresolved_citation"
	CodeUnnamed     = "unnamed_reference"
	CodeRepeated    = "repeated_reference"
	CodeURL         = "invalid_url"
	CodeLink        = "unknown_link"
	CodeNameTaken   = "name_taken"
	CodeSimilar     = "similar_name"
	CodeDuplicate   = "duplicate_example"
	CodeHTML        = "html"
	CodeIndicator   = "indicator"
	CodeVictim      = "victim"
	CodeMarking     = "marking"
)

// Object is what checks need to know of an object of the taxonomy.
type Object struct {
	STIXID       string
	AttackID     string
	Type         string
	Name         string
	Tactics      []string
	Subtechnique bool
	Retired      bool   // revoked or deprecated
	Elsewhere    bool   // not in the domain that is worked on
	Parent       bool   // has living sub-techniques
	Proposed     string // the proposal that makes it, as NEW-12; empty: it exists
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
}

// Known answers what the taxonomy and the workshop hold already. A nil
// function knows nothing.
type Known struct {
	HasTerm func(vocabulary, value string) bool
	Object  func(id string) (Object, bool)
	Similar func(name, objectType string) []Object // likeliest first, the same name included
	// Relates says whether a living relationship of a kind is between two objects.
	Relates func(relation, source, target string) bool
	// Relations lists the kinds of relationships that the domain has from one
	// type of objects to another.
	Relations func(sourceType, targetType string) []string
	Pending   []Pending
	Guard     guard.Known // of the workshop
}

// Subject is the content that is looked at.
type Subject struct {
	Form    attack.Form
	Self    string         // STIX id of the object that it makes or changes
	Base    attack.Content // what a refinement starts from; nil otherwise
	Content attack.Content
}

// Run lists the findings on a subject, by field in the order of the form. What
// a refinement leaves as it found it is no error of the author: errors there
// are told as warnings, and hints are not told.
func Run(s Subject, known Known) []Check {
	r := &run{Subject: s, known: known, checks: []Check{}}
	for _, f := range s.Form.Fields {
		start := len(r.checks)
		r.field(f)
		if s.Form.Modifies && s.Content[f.Name].Equal(s.Base[f.Name]) {
			r.soften(start)
		}
	}
	if s.Form.Action == attack.Modify && len(merge.Changed(s.Form, s.Base, s.Content)) == 0 {
		r.add(Error, "", CodeUnchanged, "Nothing is changed yet.")
	}
	if s.Form.Retires() {
		r.retires()
	}
	return r.checks
}

type run struct {
	Subject
	known  Known
	checks []Check
}

func (r *run) add(level Level, field, code, message string, args ...any) {
	if len(args) > 0 {
		message = fmt.Sprintf(message, args...)
	}
	r.checks = append(r.checks, Check{Level: level, Field: field, Code: code, Message: message})
}

func (r *run) soften(start int) {
	kept := r.checks[:start]
	for _, c := range r.checks[start:] {
		if c.Level == Hint {
			continue
		}
		c.Level = Warning
		kept = append(kept, c)
	}
	r.checks = kept
}

func (r *run) text(field string) string { return strings.TrimSpace(r.Content[field].Text) }

func (r *run) field(f attack.Field) {
	if r.Content[f.Name].Empty() {
		if f.Required {
			r.add(Error, f.Name, CodeRequired, "%s %s missing.", f.Label, isOrAre(f.Kind))
		}
		return
	}
	switch f.Kind {
	case attack.Line:
		r.line(f)
	case attack.Markdown:
		r.markdown(f)
	case attack.List:
		r.list(f)
	case attack.Day:
		r.day(f)
	case attack.ObjectRef:
		r.object(f.Name, f.Label, f.Refers, r.text(f.Name))
	case attack.ObjectRefs:
		for _, id := range r.Content[f.Name].List {
			r.object(f.Name, f.Label, f.Refers, id)
		}
	case attack.Rows:
		r.rows(f)
	case attack.References:
		r.references(f)
	}
}

// isOrAre fits the label of a field, which is plural where it holds several.
func isOrAre(k attack.Kind) string {
	switch k {
	case attack.List, attack.References, attack.ObjectRefs, attack.Rows:
		return "are"
	default:
		return "is"
	}
}

func (r *run) line(f attack.Field) {
	text := r.text(f.Name)
	if f.Vocabulary == attack.VocabularyRelations {
		r.relation(f)
		return
	}
	r.guard(f.Name, text)
	r.cites(f.Name, text)
	if f.Name != attack.FieldName || r.Form.Modifies && text == r.Base[f.Name].Text {
		return
	}
	r.name(text)
}

// name looks for objects and proposals that are called the same or nearly so.
func (r *run) name(name string) {
	var similar []string
	if r.known.Similar != nil {
		for _, o := range r.known.Similar(name, r.Form.Type) {
			switch {
			case o.STIXID == r.Self:
			case strings.EqualFold(o.Name, name):
				r.add(Warning, attack.FieldName, CodeNameTaken, "%s is already called %q. Refine it, or choose another name.", o.AttackID, o.Name)
			default:
				similar = append(similar, strings.TrimSpace(o.AttackID+" "+o.Name))
			}
		}
	}
	for _, p := range r.known.Pending {
		if p.Name != "" && strings.EqualFold(p.Name, name) {
			r.add(Warning, attack.FieldName, CodeNameTaken, "The proposal %s is also called %q.", p.Label, p.Name)
		}
	}
	if len(similar) > 0 {
		r.add(Hint, attack.FieldName, CodeSimilar, "Similar names exist: %s.", strings.Join(similar[:min(3, len(similar))], ", "))
	}
}

func (r *run) list(f attack.Field) {
	values := r.Content[f.Name].List
	for _, v := range values {
		if f.Options != nil && !slices.Contains(f.Options, v) {
			r.add(Error, f.Name, CodeUnknownTerm, "%q is not one of %s.", cut(v), strings.Join(f.Options, ", "))
			continue
		}
		if f.Vocabulary == "" {
			r.guard(f.Name, v)
			continue
		}
		if r.known.HasTerm != nil && !r.known.HasTerm(f.Vocabulary, v) {
			r.add(Error, f.Name, CodeUnknownTerm, "%q is not one of the %s of this domain.", cut(v), f.Vocabulary)
		}
	}
	if f.Name == attack.FieldTactics {
		r.tacticsOfParent(values)
	}
}

func (r *run) tacticsOfParent(tactics []string) {
	parent, ok := r.find(attack.FieldParent)
	if !ok || len(parent.Tactics) == 0 {
		return
	}
	for _, t := range tactics {
		if !slices.Contains(parent.Tactics, t) {
			r.add(Hint, attack.FieldTactics, CodeTactic, "The parent %s does not have the tactic %q.", parent.AttackID, cut(t))
		}
	}
}

func (r *run) find(field string) (Object, bool) {
	id := r.text(field)
	if id == "" || r.known.Object == nil {
		return Object{}, false
	}
	return r.known.Object(id)
}

// object looks at one object that a field names.
func (r *run) object(field, label string, refers []string, id string) {
	if r.known.Object == nil {
		return
	}
	o, ok := r.known.Object(id)
	if !ok {
		r.add(Error, field, CodeDangling, "%s: there is no object %q.", label, cut(id))
		return
	}
	switch {
	case refers != nil && !slices.Contains(refers, o.Type):
		r.add(Error, field, CodeWrongType, "%s cannot be %s: it is of the type %s.", label, o.Name, o.Type)
		return
	case o.Elsewhere:
		r.add(Error, field, CodeElsewhere, "%s is not in the domain of this workshop.", o.Name)
	case o.STIXID == r.Self:
		r.add(Error, field, CodeSelf, "%s cannot be the object itself.", label)
	case o.Retired:
		r.add(Error, field, CodeRetired, "%s was revoked or deprecated; choose what replaced it.", o.Name)
	case field == attack.FieldParent && o.Subtechnique:
		r.add(Error, field, CodeNested, "%s is a sub-technique itself; choose its parent.", o.Name)
	case o.Proposed != "":
		r.add(Hint, field, CodeDepends, "%s is itself proposed (%s), and has to be accepted first.", o.Name, o.Proposed)
	}
	if field == attack.FieldTarget {
		r.duplicate(o.STIXID)
	}
}

// relation says which kinds of relationships there are between two objects.
func (r *run) relation(f attack.Field) {
	source, okSource := r.find(attack.FieldSource)
	target, okTarget := r.find(attack.FieldTarget)
	if !okSource || !okTarget || r.known.Relations == nil {
		return
	}
	kinds := r.known.Relations(source.Type, target.Type)
	if !slices.Contains(kinds, r.text(f.Name)) {
		r.add(Error, f.Name, CodeRelation, "ATT&CK has no %q from %s to %s. It has: %s.", cut(r.text(f.Name)), named(source.Type), named(target.Type),
			cmp.Or(strings.Join(kinds, ", "), "none"))
	}
}

func named(objectType string) string { return strings.ToLower(attack.Describe(objectType).Label) }

// retires looks at what belongs to an object that shall live no more.
func (r *run) retires() {
	if r.known.Object == nil {
		return
	}
	if o, ok := r.known.Object(r.Self); ok && o.Parent {
		r.add(Error, "", CodeChildren, "%s has sub-techniques. Deprecate or revoke them first.", o.Name)
	}
}

// duplicate looks for the same relationship in the taxonomy and the workshop.
func (r *run) duplicate(target string) {
	source, ok := r.find(attack.FieldSource)
	if !ok || r.Form.Action != attack.Add {
		return
	}
	relation := cmp.Or(r.text(attack.FieldRelation), attack.Uses)
	if r.known.Relates != nil && r.known.Relates(relation, source.STIXID, target) {
		r.add(Warning, attack.FieldTarget, CodeDuplicate, "ATT&CK already says that %s %s this.", source.Name, relation)
	}
	for _, p := range r.known.Pending {
		if p.Source == source.STIXID && p.Target == target && cmp.Or(p.Relation, attack.Uses) == relation {
			r.add(Warning, attack.FieldTarget, CodeDuplicate, "The proposal %s already says that %s %s this.", p.Label, source.Name, relation)
		}
	}
}

// day looks whether what was seen last was not seen before the first.
func (r *run) day(f attack.Field) {
	first := r.text("first_seen")
	if f.Name == "last_seen" && first != "" && r.text(f.Name) < first { // as text, days are in order
		r.add(Error, f.Name, CodeDays, "%s is before %s.", f.Label, first)
	}
}

func (r *run) rows(f attack.Field) {
	for _, row := range r.Content[f.Name].Rows {
		for _, c := range f.Columns {
			switch text := row[c.Property]; {
			case text == "" && c.Refers == nil:
				r.add(Warning, f.Name, CodeRow, "%s: a row has no %s.", f.Label, strings.ToLower(c.Label))
			case c.Refers == nil:
				r.guard(f.Name, text)
			case text == "":
				r.add(Error, f.Name, CodeRow, "%s: a row has no %s.", f.Label, strings.ToLower(c.Label))
			default:
				r.object(f.Name, c.Label, c.Refers, text)
			}
		}
	}
}

// cites looks whether what a text cites is among the references.
func (r *run) cites(field, text string) {
	cited := markdown.Citations(text)
	if len(cited) == 0 {
		return
	}
	named := map[string]bool{}
	for _, ref := range r.Content[attack.FieldReferences].References {
		named[ref.SourceName] = true
	}
	for _, source := range cited {
		if !named[source] {
			r.add(Warning, field, CodeUnresolved, "The text cites %q, which is not among the references.", cut(source))
		}
	}
}

func (r *run) markdown(f attack.Field) {
	text := r.Content[f.Name].Text
	r.cites(f.Name, text)
	for _, id := range attack.TypedLinks(text) {
		if r.known.Object == nil {
			break
		}
		if _, ok := r.known.Object(id); !ok {
			r.add(Warning, f.Name, CodeLink, "The text links to %s, which does not exist.", id)
		}
	}
	if tag := htmlIn(text); tag != "" {
		r.add(Hint, f.Name, CodeHTML, "The text contains HTML (%s); use Markdown. It is not shown as HTML.", cut(tag))
	}
	r.guard(f.Name, text)
}

func (r *run) references(f attack.Field) {
	cited := map[string]bool{}
	for _, g := range r.Form.Fields {
		if g.Kind == attack.Markdown || g.Kind == attack.Line {
			for _, source := range markdown.Citations(r.Content[g.Name].Text) {
				cited[source] = true
			}
		}
	}
	seen := map[string]bool{}
	for _, ref := range r.Content[f.Name].References {
		switch {
		case ref.SourceName == "":
			r.add(Error, f.Name, CodeUnnamed, "A reference has no name to cite it by.")
		case seen[ref.SourceName]:
			r.add(Error, f.Name, CodeRepeated, "Two references are called %q.", cut(ref.SourceName))
		case !cited[ref.SourceName]:
			r.add(Warning, f.Name, CodeUncited, "The text does not cite %q.", cut(ref.SourceName))
		}
		seen[ref.SourceName] = true
		if ref.URL != "" && !webAddress(ref.URL) {
			r.add(Error, f.Name, CodeURL, "The address of %q must begin with https:// or http://.", cut(ref.SourceName))
		}
	}
}

func webAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}
