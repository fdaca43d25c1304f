package check

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
)

// Codes of the rules about other objects, stable for programs.
const (
	CodeDangling    = "dangling_reference"
	CodeWrongType   = "wrong_type"
	CodeElsewhere   = "other_domain"
	CodeSelf        = "refers_to_itself"
	CodeRetired     = "retired_object"
	CodeNested      = "nested_subtechnique"
	CodeTactic      = "tactic_of_parent"
	CodeRelation    = "unknown_relation"
	CodeDepends     = "depends_on_proposal"
	CodeChildren    = "has_subtechniques"
	CodeLink        = "unknown_link"
	CodeTypedLink   = "unknown_id"
	CodeElsewise    = "changed_elsewhere"
	CodeRetiredLink = "retired_link"
)

func objectRules() []Rule {
	return []Rule{
		{ID: CodeDangling, Level: Error, Group: groupObjects, Title: "An object that is not there", Fixed: true, Link: linkModel, find: (*run).dangling,
			Why: "Tools follow the reference and find nothing.", How: "Choose an object of the domain, or of a proposal."},
		{ID: CodeWrongType, Level: Error, Group: groupObjects, Title: "An object of another type", Fixed: true, Link: linkModel, find: (*run).wrongType,
			Why: "MITRE's data model takes certain types of objects only.", How: "Choose an object of a type that fits."},
		{ID: CodeElsewhere, Level: Error, Group: groupObjects, Title: "An object of another domain", Fixed: true, Link: linkModel, find: (*run).elsewhere,
			Why: "The workshop's release is about one domain.", How: "Choose an object of this domain."},
		{ID: CodeSelf, Level: Error, Group: groupObjects, Title: "It names itself", Fixed: true, Link: linkModel, find: (*run).itself,
			Why: "An object that stands in a relationship to itself says nothing.", How: "Choose another object."},
		{ID: CodeRetired, Level: Error, Group: groupObjects, Title: "An object that lives no more", Fixed: true, Link: linkContribute, find: (*run).retired,
			Why: "What was revoked or deprecated is not to be used.", How: "Choose what took its place; its page says what that is."},
		{ID: CodeNested, Level: Error, Group: groupObjects, Title: "A sub-technique below a sub-technique", Fixed: true, Link: linkDesign, find: (*run).nested,
			Why: "ATT&CK has two levels: techniques and their sub-techniques.", How: "Choose the technique above it."},
		{ID: CodeTactic, Level: Warning, Group: groupObjects, Title: "A tactic that the parent lacks", Link: linkDesign, find: (*run).tacticsOfParent,
			Why: "A sub-technique is a form of its technique, and so serves the same tactics or some of them.",
			How: "Take the tactic out, or propose to add it to the parent."},
		{ID: CodeRelation, Level: Error, Group: groupObjects, Title: "A relation that ATT&CK does not have", Fixed: true, Link: linkModel, find: (*run).relation,
			Why: "MITRE's data model knows which types stand in which relations.", How: "Choose one of those that ATT&CK has between these types."},
		{ID: CodeDepends, Level: Hint, Group: groupObjects, Title: "Builds on another proposal", Link: linkContribute, find: (*run).depends,
			Why: "It can be released only with or after the other one.", How: "Nothing is to be done; reviewers see it."},
		{ID: CodeElsewise, Level: Hint, Group: groupObjects, Title: "Another proposal changes it, too", Link: linkContribute, find: (*run).elsewise,
			Why: "Both are merged at release, and where they meet somebody has to choose.", How: "Look at the other one; talk to its authors, or write only what it does not say."},
		{ID: CodeChildren, Level: Error, Group: groupObjects, Title: "Has sub-techniques", Fixed: true, Link: linkDesign, find: (*run).children,
			Why: "Sub-techniques of a technique that lives no more would hang in the air.", How: "Deprecate or revoke the sub-techniques first."},
		{ID: CodeDuplicate, Level: Warning, Group: groupObjects, Title: "It is there already", Link: linkContribute, find: (*run).duplicates,
			Why: "ATT&CK has one relationship of a kind between two objects, which gathers all sources.", How: "Refine the one that is there."},
		{ID: CodeLink, Level: Warning, Group: groupObjects, Title: "A link to what is not there", Link: linkContribute, find: (*run).links,
			Why: "Readers follow links.", How: "Look the id up; typing its name in the search finds it."},
		{ID: CodeTypedLink, Level: Error, Group: groupObjects, Title: "An id that nothing has", Fixed: true, Link: linkContribute, find: (*run).typedLinks,
			Why: "A release writes a link for each (LinkById: …), and stops where there is nothing to link to.", How: "Look the id up; typing its name in the search finds it."},
		{ID: CodeRetiredLink, Level: Warning, Group: groupObjects, Title: "A link to what lives no more", Link: linkContribute, find: (*run).retiredLinks,
			Why: "What was revoked or deprecated is not to be used.", How: "Link to what took its place; its page says what that is."},
	}
}

// named is one object that a field names.
type named struct {
	field  string
	label  string
	refers []string
	id     string
	Object
	there bool
}

// takes lists what the field takes, for people.
func (n named) takes() string {
	var names []string
	for _, t := range n.refers {
		if name := strings.ToLower(attack.Describe(t).Plural); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func (n named) fits() bool { return n.refers == nil || slices.Contains(n.refers, n.Type) }

// named lists the objects that the fields name.
func (r *run) named() []named {
	if r.known.Object == nil {
		return nil
	}
	var list []named
	add := func(field, label string, refers []string, id string) {
		if id == "" {
			return
		}
		o, ok := r.known.Object(id)
		list = append(list, named{field, label, refers, id, o, ok})
	}
	for _, f := range r.Form.Fields {
		v := r.Content[f.Name]
		switch f.Kind {
		case attack.ObjectRef:
			add(f.Name, f.Label, f.Refers, strings.TrimSpace(v.Text))
		case attack.ObjectRefs:
			for _, id := range v.List {
				add(f.Name, f.Label, f.Refers, id)
			}
		case attack.Rows:
			for _, row := range v.Rows {
				for _, c := range f.Columns {
					if c.Refers != nil {
						add(f.Name, c.Label, c.Refers, row[c.Property])
					}
				}
			}
		}
	}
	return list
}

// fitting lists those that are there and of the right type.
func (r *run) fitting() []named {
	return slices.DeleteFunc(r.named(), func(n named) bool { return !n.there || !n.fits() })
}

func (r *run) dangling() {
	for _, n := range r.named() {
		if i := slices.IndexFunc(r.known.Lost, func(p Pending) bool { return p.STIXID == n.id }); !n.there && i >= 0 {
			r.gone(n.field, r.known.Lost[i])
		} else if !n.there {
			r.found(n.field, "%s: there is no object %q.", n.label, cut(n.id))
		}
		if n.Draft {
			r.unsubmitted(n.field, n.Object)
		}
	}
	r.eachLink(func(field, id string, o Object, there bool) {
		if i := slices.IndexFunc(r.known.Lost, func(p Pending) bool { return p.Label == id }); !there && i >= 0 {
			r.gone(field, r.known.Lost[i])
		}
		if there && o.Draft {
			r.unsubmitted(field, o)
		}
	})
}

// gone says why what a proposal would have made is not there.
func (r *run) gone(field string, p Pending) {
	r.found(field, "%s was proposed in %s, which was %s. Choose another object, or take it out.", cmp.Or(p.Name, "It"), p.Label, p.State)
}

func (r *run) unsubmitted(field string, o Object) {
	r.found(field, "%s is a draft of yours (%s). Submit that first.", cmp.Or(o.Name, "It"), o.Proposed)
}

func (r *run) wrongType() {
	for _, n := range r.named() {
		if n.there && !n.fits() {
			r.found(n.field, "“%s” takes %s. %s is none.", n.label, n.takes(), cmp.Or(n.Name, "It"))
		}
	}
}

// elsewise looks for open proposals about the same object.
func (r *run) elsewise() {
	if !r.Form.Modifies || r.Self == "" {
		return
	}
	var others []string
	for _, p := range r.known.Pending {
		if form, ok := attack.FormOf(p.Kind); ok && form.Modifies && p.STIXID == r.Self {
			others = append(others, fmt.Sprintf("#%d %s", p.Number, p.Title))
		}
	}
	switch n := len(others); {
	case n > maxNamed:
		r.found("", "%d other proposals are about it, too, such as %s.", n, strings.Join(others[:maxNamed], ", "))
	case n > 0:
		r.found("", "It is also what %s is about.", strings.Join(others, ", "))
	}
}

// maxNamed is how many other proposals are named.
const maxNamed = 3

func (r *run) elsewhere() {
	for _, n := range r.fitting() {
		if n.Elsewhere {
			r.found(n.field, "%s is not in the domain of this workshop.", n.Name)
		}
	}
}

func (r *run) itself() {
	for _, n := range r.fitting() {
		if n.STIXID == r.Self && r.Self != "" {
			r.found(n.field, "“%s” cannot be the object itself.", n.label)
		}
	}
}

func (r *run) retired() {
	for _, n := range r.fitting() {
		if n.Retired && !n.Elsewhere {
			r.found(n.field, "%s was revoked or deprecated; choose what replaced it.", n.Name)
		}
	}
}

func (r *run) nested() {
	for _, n := range r.fitting() {
		if n.field == attack.FieldParent && n.Subtechnique && !n.Elsewhere && !n.Retired {
			r.found(n.field, "%s is a sub-technique itself; choose its parent.", n.Name)
		}
	}
}

func (r *run) depends() {
	for _, n := range r.fitting() {
		if n.Proposed != "" && !n.Draft {
			r.builds(n.field, n.Object)
		}
	}
	r.eachLink(func(field, _ string, o Object, there bool) {
		if there && o.Proposed != "" && !o.Draft {
			r.builds(field, o)
		}
	})
}

func (r *run) builds(field string, o Object) {
	r.found(field, "%s is itself proposed (%s), and has to be accepted first.", cmp.Or(o.Name, "It"), o.Proposed)
}

func (r *run) tacticsOfParent() {
	parent, ok := r.object(attack.FieldParent)
	if !ok || len(parent.Tactics) == 0 {
		return
	}
	tactics := r.Content[attack.FieldTactics].List
	shared := slices.DeleteFunc(slices.Clone(tactics), func(t string) bool { return !slices.Contains(parent.Tactics, t) })
	for _, t := range tactics {
		if !slices.Contains(parent.Tactics, t) {
			var fix *Fix
			if len(shared) > 0 {
				fix = put("Keep those of the parent", attack.FieldTactics, attack.Value{List: shared})
			} else {
				fix = put("Take those of the parent", attack.FieldTactics, attack.Value{List: parent.Tactics})
			}
			r.fixable(attack.FieldTactics, fix, "The parent %s does not have the tactic %q.", parent.AttackID, cut(t))
		}
	}
}

// object finds the object that a field names.
func (r *run) object(field string) (Object, bool) {
	id := r.text(field)
	if id == "" || r.known.Object == nil {
		return Object{}, false
	}
	return r.known.Object(id)
}

// relation says which kinds of relationships there are between two objects.
func (r *run) relation() {
	source, okSource := r.object(attack.FieldSource)
	target, okTarget := r.object(attack.FieldTarget)
	relation := r.text(attack.FieldRelation)
	if !okSource || !okTarget || relation == "" || r.known.Relations == nil {
		return
	}
	kinds := r.known.Relations(source.Type, target.Type)
	if !slices.Contains(kinds, relation) {
		r.found(attack.FieldRelation, "ATT&CK has no %q from %s to %s. It has: %s.", cut(relation), typeName(source.Type), typeName(target.Type),
			cmp.Or(strings.Join(kinds, ", "), "none"))
	}
}

func typeName(objectType string) string { return strings.ToLower(attack.Describe(objectType).Label) }

// children looks at what belongs to an object that shall live no more.
func (r *run) children() {
	if !r.Form.Retires() || r.known.Object == nil {
		return
	}
	if o, ok := r.known.Object(r.Self); ok && o.Parent {
		r.found("", "%s has sub-techniques. Deprecate or revoke them first.", o.Name)
	}
}

// duplicates looks for the same relationship in the taxonomy and the workshop.
func (r *run) duplicates() {
	source, okSource := r.object(attack.FieldSource)
	target, okTarget := r.object(attack.FieldTarget)
	if !okSource || !okTarget || r.Form.Action != attack.Add {
		return
	}
	relation := cmp.Or(r.text(attack.FieldRelation), attack.Uses)
	if r.known.Relating != nil {
		others := slices.DeleteFunc(r.known.Relating(relation, source.STIXID, target.STIXID), func(id string) bool { return id == r.Self })
		if len(others) > 0 {
			r.found(attack.FieldTarget, "ATT&CK already says that %s %s this.", source.Name, relation)
		}
	}
	for _, p := range r.known.Pending {
		if p.Source == source.STIXID && p.Target == target.STIXID && cmp.Or(p.Relation, attack.Uses) == relation {
			r.found(attack.FieldTarget, "The proposal %s already says that %s %s this.", p.Label, source.Name, relation)
		}
	}
}

// pageLink is a Markdown link, of which the address is looked at.
var pageLink = regexp.MustCompile(`\]\((https?://[^\s()]+)\)`)

// linked lists the ids of the objects that a text links to, each once.
func linked(text string) []string {
	ids := attack.TypedLinks(text)
	for _, m := range pageLink.FindAllStringSubmatch(text, -1) {
		if id, ok := attack.IDOfPage(m[1]); ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// eachLink calls for each object that a text links to.
func (r *run) eachLink(found func(field, id string, o Object, there bool)) {
	if r.known.Object == nil {
		return
	}
	for _, f := range r.fields(attack.Markdown) {
		for _, id := range linked(r.Content[f.Name].Text) {
			o, ok := r.known.Object(id)
			found(f.Name, id, o, ok)
		}
	}
}

// unknown calls for each id that a text links to and that nothing has; typed
// says whether a release has to find it.
func (r *run) unknown(found func(field, id string, typed bool)) {
	r.eachLink(func(field, id string, _ Object, there bool) {
		if !there && !slices.ContainsFunc(r.known.Lost, func(p Pending) bool { return p.Label == id }) {
			typed := slices.Contains(attack.TypedLinks(r.Content[field].Text), id) && !slices.Contains(attack.TypedLinks(r.Base[field].Text), id)
			found(field, id, typed)
		}
	})
}

func (r *run) links() {
	r.unknown(func(field, id string, typed bool) {
		if !typed {
			r.found(field, "The text links to %s, which does not exist.", id)
		}
	})
}

func (r *run) typedLinks() {
	r.unknown(func(field, id string, typed bool) {
		if typed {
			r.found(field, "The text links to %s, which does not exist.", id)
		}
	})
}

func (r *run) retiredLinks() {
	r.eachLink(func(field, id string, o Object, there bool) {
		if there && o.Retired {
			r.found(field, "The text links to %s %s, which was revoked or deprecated.", id, o.Name)
		}
	})
}
