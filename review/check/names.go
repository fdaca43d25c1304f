package check

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/atelier-attack/atelier/review/attack"
)

// Codes of the rules about names, stable for programs.
const (
	CodeNameLength   = "name_length"
	CodeNameIsID     = "name_is_id"
	CodeNameCase     = "name_case"
	CodeNameInTactic = "name_in_tactic"
	CodeNameTaken    = "name_taken"
	CodeSimilar      = "similar_name"
	CodeAlike        = "possible_duplicate"
)

// maxName is how long a name of a few words may be, in letters; ATT&CK's
// longest of a technique has 57.
const maxName = 64

func nameRules() []Rule {
	return []Rule{
		{ID: CodeNameLength, Level: Warning, Group: groupName, Title: "A long or empty name", Link: linkContribute, Craft: true, find: (*run).nameLength,
			Why: "A name stands in a cell of the matrix and in sentences. ATT&CK's have two to five words.", How: "Leave to the description what the name need not say."},
		{ID: CodeNameIsID, Level: Error, Group: groupName, Title: "A name that is an id", Link: linkContribute, find: (*run).nameIsID,
			Why: "An object gets its id at release. A name says what it is.", How: "Write what it is called."},
		{ID: CodeNameCase, Level: Warning, Group: groupName, Title: "Not in title case", Link: linkContribute, Craft: true, find: (*run).nameCase,
			Why: "ATT&CK begins each word of a name with a capital, but for short words within it such as of, for and with.", How: "Write it in title case."},
		{ID: CodeNameInTactic, Level: Error, Group: groupName, Title: "A name twice in a tactic", Link: linkDesign, find: (*run).nameInTactic,
			Why: "In a column of the matrix, names tell techniques apart, and below a technique its sub-techniques.", How: "Refine the one that is there, or choose another name."},
		{ID: CodeNameTaken, Level: Warning, Group: groupName, Title: "A name that is taken", Link: linkContribute, find: (*run).nameTaken,
			Why: "Two objects of one name are taken for one.", How: "Refine the one that is there, or choose another name."},
		{ID: CodeAlike, Level: Warning, Group: groupName, Title: "Perhaps there already", Link: linkContribute, find: (*run).alike,
			Why: "Most of what it says is said by an object that exists, perhaps under another name.", How: "Read that one. If it is the same, refine it; if not, say in a sentence how they differ."},
		{ID: CodeSimilar, Level: Hint, Group: groupName, Title: "Names like it", Link: linkContribute, find: (*run).similar,
			Why: "Somebody who looks for one may find the other.", How: "Nothing is to be done if it is another thing."},
	}
}

// newName gives the name, unless a refinement leaves it as it is.
func (r *run) newName() string {
	name := r.text(attack.FieldName)
	if r.Form.Modifies && name == r.Base[attack.FieldName].Text {
		return ""
	}
	return name
}

// described says whether objects of a type are named by a few words of title
// case; others have names of their own, or whole sentences.
func described(objectType string) bool {
	switch objectType {
	case attack.TypeTechnique, attack.TypeTactic, attack.TypeMitigation, attack.TypeComponent, attack.TypeAsset:
		return true
	}
	return false
}

func (r *run) nameLength() {
	name := r.newName()
	switch n := utf8.RuneCountInString(name); {
	case name == "":
	case n < 2 || !strings.ContainsFunc(name, unicode.IsLetter):
		r.found(attack.FieldName, "%q is too short for a name.", name)
	case n > maxName && described(r.Form.Type):
		r.found(attack.FieldName, "The name has %d characters; ATT&CK's have fewer than %d.", n, maxName)
	}
}

func (r *run) nameIsID() {
	name := r.newName()
	id := strings.ToUpper(strings.Trim(name, "()[] "))
	_, isObject := attack.TypeOfName(attack.TypeOf(name))
	// Groups, campaigns and malware may be called by letters and numbers: G1018 is
	// called TA2541, and a campaign without a name has its own id as one.
	if attack.IsID(id) && described(r.Form.Type) || attack.IsLabel(id) || isObject && strings.Contains(name, "--") {
		r.found(attack.FieldName, "%q is an id and no name.", cut(name))
		return
	}
	first, rest, _ := strings.Cut(name, " ")
	if id := strings.ToUpper(strings.Trim(first, "()[]:–- ")); described(r.Form.Type) && rest != "" && (attack.IsID(id) || attack.IsLabel(id)) {
		rest = strings.TrimLeft(rest, ":–- ")
		r.fixable(attack.FieldName, put("Take it out", attack.FieldName, attack.Value{Text: rest}), "The name begins with an id, %s; a release gives it one.", cut(first))
	}
}

func (r *run) nameCase() {
	name := r.newName()
	if !described(r.Form.Type) || name == "" {
		return
	}
	if title := titled(name); title != name {
		r.fixable(attack.FieldName, put("Write it in title case", attack.FieldName, attack.Value{Text: title}),
			"ATT&CK writes names in title case: %q.", cut(title))
	}
}

// smallWords stay small within a name; ATT&CK writes eitherWords both ways.
const (
	smallWords  = " a an and as at by for from in nor of on or the to with "
	eitherWords = " after before between but into like off onto over per through under using via vs within without "
)

// titled writes a name in title case. Words with capitals or digits within, as
// macOS or rc.local, stay as they are.
func titled(name string) string {
	shouted := strings.ToUpper(name) == name && strings.ContainsFunc(name, unicode.IsSpace) && utf8.RuneCountInString(name) > 12
	if shouted {
		name = strings.ToLower(name)
	}
	words := strings.Fields(name)
	for i, word := range words {
		lower := strings.ToLower(word)
		small, either := strings.Contains(smallWords, " "+lower+" "), strings.Contains(eitherWords, " "+lower+" ")
		within := i > 0 && i < len(words)-1 && !strings.HasSuffix(words[i-1], ":")
		first, size := utf8.DecodeRuneInString(word)
		switch {
		case small && within && word != strings.ToUpper(word):
			words[i] = lower
		case word == lower && unicode.IsLower(first) && !strings.ContainsAny(word, `0123456789./\_@`) && !((small || either) && within):
			words[i] = string(unicode.ToUpper(first)) + word[size:]
		}
	}
	return strings.Join(words, " ")
}

// likeNamed asks the taxonomy once for objects whose names are like one.
func (r *run) likeNamed(name string) []Object {
	list, ok := r.alikes[name]
	if !ok {
		list = r.known.Similar(name, r.Form.Type)
		r.alikes = map[string][]Object{name: list}
	}
	return list
}

// sameName lists the other living objects that are called the same.
func (r *run) sameName() []Object {
	name := r.newName()
	if name == "" || r.known.Similar == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.likeNamed(name)), func(o Object) bool {
		return o.STIXID == r.Self || o.Retired || !strings.EqualFold(o.Name, name)
	})
}

// mistaken says whether one would be mistaken for the other in the matrix: two
// sub-techniques of one technique, or two techniques of one tactic.
func (r *run) mistaken(o Object) bool {
	if o.Type != attack.TypeTechnique || r.Form.Type != attack.TypeTechnique {
		return false
	}
	parent := r.text(attack.FieldParent)
	if self, ok := r.self(); ok && r.Form.Modifies {
		parent = self.Of
	}
	if parent != "" || o.Of != "" {
		return parent == o.Of
	}
	return slices.ContainsFunc(o.Tactics, func(t string) bool { return slices.Contains(r.Content[attack.FieldTactics].List, t) })
}

// self is the object that is changed.
func (r *run) self() (Object, bool) {
	if r.known.Object == nil {
		return Object{}, false
	}
	return r.known.Object(r.Self)
}

func (r *run) nameInTactic() {
	for _, o := range r.sameName() {
		if r.mistaken(o) {
			r.found(attack.FieldName, "%s of the same %s is already called %q.", o.AttackID, aboveOf(o), o.Name)
		}
	}
}

func aboveOf(o Object) string {
	if o.Of != "" {
		return "technique"
	}
	return "tactic"
}

func (r *run) nameTaken() {
	for _, o := range r.sameName() {
		if !r.mistaken(o) {
			r.found(attack.FieldName, "%s is already called %q. Refine it, or choose another name.", o.AttackID, o.Name)
		}
	}
	name := r.newName()
	for _, p := range r.known.Pending {
		if name != "" && strings.EqualFold(p.Name, name) {
			r.found(attack.FieldName, "The proposal %s is also called %q.", p.Label, p.Name)
		}
	}
}

// alike looks for objects that say the same under another name.
func (r *run) alike() {
	name, text := r.text(attack.FieldName), r.text(attack.FieldDescription)
	if r.Form.Action != attack.Add || name == "" || r.known.Alike == nil {
		return
	}
	for _, o := range r.known.Alike(name, text, r.Form.Type) {
		if o.STIXID != r.Self && !strings.EqualFold(o.Name, name) {
			r.found(attack.FieldName, "%s %s may be the same.", o.AttackID, o.Name)
		}
	}
}

func (r *run) similar() {
	name := r.newName()
	if name == "" || r.known.Similar == nil {
		return
	}
	var list []string
	for _, o := range r.likeNamed(name) {
		if o.STIXID != r.Self && !strings.EqualFold(o.Name, name) && len(list) < 3 {
			list = append(list, strings.TrimSpace(o.AttackID+" "+o.Name))
		}
	}
	if len(list) > 0 {
		r.found(attack.FieldName, "Similar names exist: %s.", strings.Join(list, ", "))
	}
}
