package taxonomy

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/atelier-attack/atelier/review/attack"
)

// Fact is a property of an object, shown beside its text.
type Fact struct {
	Property string   `json:"property"`
	Label    string   `json:"label"`
	Values   []string `json:"values"`
	Links    []Link   `json:"links,omitempty" doc:"objects that the property names"`
	HTML     string   `json:"html,omitempty" doc:"short text with citations"`
	Table    *Table   `json:"table,omitempty"`
}

// Table is a property that holds objects: one row each.
type Table struct {
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// Prose is a property that holds text of its own.
type Prose struct {
	Property string `json:"property"`
	Label    string `json:"label"`
	HTML     string `json:"html"`
}

// longFact is from how many bytes text that the table of types does not know is
// shown as prose.
const longFact = 200

// facts gives the properties that no other part of a page shows: those that the
// table of types knows, in its order, all others, and who made the object.
func (s *Snapshot) facts(o *Object, text *textWriter) ([]Fact, []Prose) {
	facts, long := []Fact{}, []Prose{}
	t := attack.Describe(o.Type)
	members := attack.Members(o.Rest)
	slices.SortStableFunc(members, func(a, b attack.Member) int { return t.Rank(a.Name) - t.Rank(b.Name) })
	for _, m := range members {
		if s.listedElsewhere(o, m) {
			continue
		}
		known, ok := t.Fact(m.Name)
		words := textOf(m.Value)
		fact := Fact{Property: m.Name, Label: known.Label, Values: []string{}}
		switch {
		case words != "" && (known.Shown == attack.Prose || !ok && len(words) > longFact):
			long = append(long, Prose{m.Name, known.Label, text.write(words)})
			continue
		case known.Shown == attack.Cited && words != "":
			fact.HTML = text.write(words)
		default:
			fact.Values, fact.Table = valuesOf(m.Value)
		}
		if len(fact.Values) > 0 || fact.HTML != "" || fact.Table != nil {
			facts = append(facts, fact)
		}
	}
	if o.Members > 0 {
		facts = append(facts, Fact{Property: "x_mitre_contents", Label: "Objects", Values: []string{strconv.Itoa(o.Members)}})
	}
	return append(facts, s.origin(o, t)...), long
}

// origin says who made an object, and how it is marked.
func (s *Snapshot) origin(o *Object, t attack.Type) []Fact {
	var facts []Fact
	add := func(property string, ids ...string) {
		fact := Fact{Property: property, Label: t.Reference(property).Here, Values: []string{}}
		for _, id := range ids {
			if other := s.byID[id]; other != nil {
				fact.Links = append(fact.Links, s.link(other))
			} else if id != "" {
				fact.Values = append(fact.Values, id)
			}
		}
		if len(fact.Links)+len(fact.Values) > 0 {
			facts = append(facts, fact)
		}
	}
	add("created_by_ref", o.CreatedBy)
	if o.ModifiedBy != o.CreatedBy {
		add("x_mitre_modified_by_ref", o.ModifiedBy)
	}
	add("object_marking_refs", o.Markings...)
	for _, f := range [][3]string{{"x_mitre_shortname", "Short name", o.Shortname}, {"relationship_type", "Kind", o.Kind}, {"x_mitre_attack_spec_version", "ATT&CK specification", o.AttackSpec}} {
		if f[2] != "" {
			facts = append(facts, Fact{Property: f[0], Label: f[1], Values: []string{f[2]}})
		}
	}
	return facts
}

// listedElsewhere says whether all that a property says stands in a section of
// the page: the objects that it names, and what it says beside them.
func (s *Snapshot) listedElsewhere(o *Object, m attack.Member) bool {
	path := ""
	for _, ref := range o.Refs {
		if top, _, _ := strings.Cut(ref.Path, "."); top != m.Name {
			continue
		}
		if s.byID[ref.ID] == nil || path != "" && path != ref.Path {
			return false
		}
		path = ref.Path
	}
	key, nested := strings.CutPrefix(path, m.Name+".")
	if !nested {
		return path != ""
	}
	for _, row := range elements(m.Value) {
		if s.byID[textOf(member(row, key))] == nil {
			return false
		}
	}
	return true
}

// besides gives what a property says of the objects that it names, by their ids,
// where it does so in a list of objects and says anything: of one, or of all
// where only is empty.
func besides(o *Object, path, only string) map[string]*Table {
	top, key, nested := strings.Cut(path, ".")
	if !nested {
		return nil
	}
	named := map[string][]jsontext.Value{}
	for _, row := range elements(member(o.Rest, top)) {
		if id := textOf(member(row, key)); only == "" || id == only {
			named[id] = append(named[id], row)
		}
	}
	tables := make(map[string]*Table, len(named))
	for id, rows := range named {
		if t := table(rows, key); len(t.Columns) > 0 {
			tables[id] = t
		}
	}
	return tables
}

// member gives one value of an object; nil where it has none.
func member(object jsontext.Value, name string) jsontext.Value {
	for _, m := range attack.Members(object) {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}

// elements gives what is in a list; of another value, that value.
func elements(v jsontext.Value) []jsontext.Value {
	if v.Kind() != '[' {
		return []jsontext.Value{v}
	}
	d := jsontext.NewDecoder(bytes.NewReader(v), jsontext.AllowDuplicateNames(true))
	var list []jsontext.Value
	if _, err := d.ReadToken(); err != nil {
		return nil
	}
	for d.PeekKind() != ']' {
		one, err := d.ReadValue()
		if err != nil {
			return list
		}
		list = append(list, one.Clone())
	}
	return list
}

// textOf gives the text of a string; empty for another value.
func textOf(v jsontext.Value) string {
	if v.Kind() != '"' {
		return ""
	}
	text, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return ""
	}
	return string(text)
}

// valuesOf writes a value for people: a list as its values, objects as a table.
func valuesOf(v jsontext.Value) (values []string, t *Table) {
	list := elements(v)
	if slices.ContainsFunc(list, func(one jsontext.Value) bool { return one.Kind() == '{' }) {
		return []string{}, table(list, "")
	}
	values = []string{}
	for _, one := range list {
		if word := wordOf(one); word != "" {
			values = append(values, word)
		}
	}
	return values, nil
}

// wordOf writes a value that stands in one place.
func wordOf(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		return textOf(v)
	case 't':
		return "Yes"
	case 'f':
		return "No"
	case 'n', 0:
		return ""
	case '[':
		var words []string
		for _, one := range elements(v) {
			if one.Kind() == '[' { // as it is: lists may be as deep as they like
				words = append(words, string(one))
				continue
			}
			words = append(words, wordOf(one))
		}
		return strings.Join(words, ", ")
	}
	return string(v)
}

// table writes objects as rows, all but one key of them.
func table(objects []jsontext.Value, without string) *Table {
	t := &Table{Columns: []string{}, Rows: [][]string{}}
	var keys []string
	for _, o := range objects {
		for _, m := range attack.Members(o) {
			if m.Name != without && !slices.Contains(keys, m.Name) {
				keys = append(keys, m.Name)
			}
		}
	}
	for _, key := range keys {
		t.Columns = append(t.Columns, attack.Humanize(key))
	}
	for _, o := range objects {
		row := make([]string, len(keys))
		for i, key := range keys {
			row[i] = wordOf(member(o, key))
		}
		if len(keys) > 0 {
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}
