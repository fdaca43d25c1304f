package attack

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// timeLayout is how ATT&CK writes times: UTC, milliseconds.
const timeLayout = "2006-01-02T15:04:05.000Z"

// FormatTime writes a time as ATT&CK does.
func FormatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

// Stamp is what a release adds to the content that people wrote.
type Stamp struct {
	STIXID     string
	AttackID   string    // empty for relationships
	Created    time.Time // used for new objects only
	Modified   time.Time
	Version    string // x_mitre_version; empty for relationships
	Domain     string
	KillChain  string // kill_chain_name of the domain's tactics
	SourceName string // source_name of the domain's ATT&CK ids
	Spec       string // x_mitre_attack_spec_version
	Identity   string // who wrote it: created_by_ref and x_mitre_modified_by_ref
	Markings   []string
}

// ContentOf reads the editable part of an object.
func ContentOf(o Object, form Form) Content {
	content := Content{}
	var rest members // read only where a field asks for it
	for _, f := range form.Fields {
		switch {
		case f.Name == FieldTactics:
			content[f.Name] = Value{List: o.Tactics()}
		case f.Kind == References:
			content[f.Name] = Value{References: o.Sources()}
		case f.Name == FieldAliases: // its own name is among them in STIX
			content[f.Name] = Value{List: o.OtherNames()}
		case f.Property != "":
			v, ok := o.value(f)
			if !ok {
				if rest == nil {
					rest, _ = parseMembers(o.Rest) //nolint:errcheck // it was read before, as a part of the object
				}
				v = f.read(rest.get(f.Property))
			}
			content[f.Name] = v
		}
	}
	return content
}

// value reads a field whose property an Object has; ok is false for others.
func (o Object) value(f Field) (v Value, ok bool) {
	switch f.Property {
	case "name":
		return Value{Text: o.Name}, true
	case "description":
		return Value{Text: o.Description}, true
	case "x_mitre_platforms":
		return Value{List: o.Platforms}, true
	case "x_mitre_contributors":
		return Value{List: o.Contributors}, true
	case "source_ref":
		return Value{Text: o.Source}, true
	case "target_ref":
		return Value{Text: o.Target}, true
	case "relationship_type":
		return Value{Text: o.Kind}, true
	case "tactic_refs":
		return Value{List: o.TacticRefs}, true
	}
	return v, false
}

// Equal says whether two values say the same; nil and empty lists do.
func (v Value) Equal(w Value) bool {
	return v.Text == w.Text &&
		(len(v.List) == 0 && len(w.List) == 0 || reflect.DeepEqual(v.List, w.List)) &&
		(len(v.References) == 0 && len(w.References) == 0 || reflect.DeepEqual(v.References, w.References)) &&
		(len(v.Rows) == 0 && len(w.Rows) == 0 || reflect.DeepEqual(v.Rows, w.Rows))
}

// Empty says whether nothing was entered.
func (v Value) Empty() bool { return v.Equal(Value{}) }

// Apply writes content into an existing object. Only fields that differ from
// the object's own, and the release's stamp, are touched; all else keeps its
// bytes and its place.
func Apply(raw []byte, form Form, content Content, s Stamp) (jsontext.Value, error) {
	old, err := Parse(raw)
	if err != nil {
		return nil, err
	}
	m, err := parseMembers(raw)
	if err != nil {
		return nil, err
	}
	before := ContentOf(old, form)
	for _, f := range form.Fields {
		if after, ok := content[f.Name]; ok && !after.Equal(before[f.Name]) {
			if err := m.write(f, after, old, s); err != nil {
				return nil, err
			}
		}
	}
	if err := m.rename(form, content, old); err != nil {
		return nil, err
	}
	if err := m.retire(form.Action); err != nil {
		return nil, err
	}
	if err := m.stamp(s); err != nil {
		return nil, err
	}
	m.heal()
	return m.bytes()
}

// ofTactic are properties that a technique has only as long as it serves a
// tactic.
var ofTactic = map[string]string{
	"x_mitre_permissions_required":  "privilege-escalation",
	"x_mitre_effective_permissions": "privilege-escalation",
	"x_mitre_defense_bypassed":      "defense-evasion",
	"x_mitre_remote_support":        "execution",
	"x_mitre_impact_type":           "impact",
}

// dropUnserved takes out what belonged to a tactic that is gone.
func (m *members) dropUnserved(before, after []string) {
	for key, tactic := range ofTactic {
		if slices.Contains(before, tactic) && !slices.Contains(after, tactic) {
			m.remove(key)
		}
	}
}

// write puts one field where STIX has it; old is the object as it was, empty
// for a new one. Fields without a property say what a release shall do, such
// as the parent, which a relationship of its own says.
func (m *members) write(f Field, v Value, old Object, s Stamp) error {
	switch {
	case f.Name == FieldTactics:
		m.dropUnserved(old.Tactics(), v.List)
		return m.set("kill_chain_phases", s.phases(v.List, old.Phases))
	case f.Kind == References:
		return m.set("external_references", s.references(v.References, old.References))
	case f.Property == "", f.Name == FieldAliases: // names are written together
		return nil
	}
	value, err := f.written(v, m.get(f.Property))
	if err != nil {
		return fmt.Errorf("write %s: %w", f.Name, err)
	}
	return m.set(f.Property, value)
}

// rename writes the names of an object whose type has other names, where one
// of them changed: the first of them is its own.
func (m *members) rename(form Form, content Content, old Object) error {
	f, ok := form.Field(FieldAliases)
	names, written := content[FieldAliases]
	if !ok || !written || content[FieldName].Text == old.Name && names.Equal(Value{List: old.OtherNames()}) {
		return nil
	}
	return m.set(f.Property, append([]string{content[FieldName].Text}, names.List...))
}

// retire marks what does not live any more.
func (m *members) retire(a Action) error {
	switch a {
	case Deprecate:
		return m.set("x_mitre_deprecated", true)
	case Revoke:
		return m.set("revoked", true)
	default:
		return nil
	}
}

// phases puts tactics into the domain's kill chain; one that an old object has
// in another stays there.
func (s Stamp) phases(tactics []string, old []KillChainPhase) []KillChainPhase {
	phases := make([]KillChainPhase, len(tactics))
	for i, t := range tactics {
		phases[i] = KillChainPhase{s.KillChain, t}
		if j := slices.IndexFunc(old, func(p KillChainPhase) bool { return p.Phase == t }); j >= 0 {
			phases[i] = old[j]
		}
	}
	return phases
}

// references puts the ATT&CK id before the sources; that of an old object
// stays as it is.
func (s Stamp) references(sources []Reference, old []ExternalReference) []ExternalReference {
	var list []ExternalReference
	if len(old) > 0 && IsID(old[0].ExternalID) {
		list = append(list, old[0])
	} else if s.AttackID != "" {
		list = append(list, ExternalReference{SourceName: s.SourceName, URL: PageOf(s.AttackID), ExternalID: s.AttackID})
	}
	for _, r := range sources {
		ref := ExternalReference{SourceName: r.SourceName, Description: r.Description, URL: r.URL}
		// A source that stays keeps what is not edited here, such as a CAPEC id.
		for _, o := range old {
			if o.SourceName == r.SourceName && o.Description == r.Description && o.URL == r.URL {
				ref = o
			}
		}
		list = append(list, ref)
	}
	return list
}

func (m *members) stamp(s Stamp) error {
	values := []struct {
		key   string
		value string
	}{
		{"modified", FormatTime(s.Modified)},
		{"x_mitre_version", s.Version},
		{"x_mitre_attack_spec_version", s.Spec},
		{"x_mitre_modified_by_ref", s.Identity},
	}
	for _, v := range values {
		if err := m.set(v.key, v.value); err != nil {
			return err
		}
	}
	return nil
}

// NewObject writes the object that a form makes.
func NewObject(form Form, content Content, s Stamp) (jsontext.Value, error) {
	m, err := newMembers(form.Type, s)
	if err != nil {
		return nil, err
	}
	if _, relates := form.Field(FieldRelation); form.Type == TypeRelationship && !relates {
		if err := m.set("relationship_type", Uses); err != nil {
			return nil, err
		}
	}
	if err := m.set("external_references", s.references(nil, nil)); err != nil {
		return nil, err
	}
	for _, f := range form.Fields {
		if err := m.write(f, content[f.Name], Object{}, s); err != nil {
			return nil, err
		}
	}
	if form.Type == TypeRelationship {
		return m.bytes()
	}
	if err := m.rename(form, Content{FieldName: content[FieldName], FieldAliases: content[FieldAliases]}, Object{}); err != nil {
		return nil, err
	}
	switch form.Type {
	case TypeTechnique:
		err = m.set("x_mitre_is_subtechnique", form.Kind == NewSubtechnique)
	case TypeTactic:
		err = m.set("x_mitre_shortname", Shortname(content[FieldName].Text))
	}
	if err != nil {
		return nil, err
	}
	if err := m.set("x_mitre_domains", []string{s.Domain}); err != nil {
		return nil, err
	}
	return m.bytes()
}

// Shortname is the name of a tactic in the kill chain phases of techniques.
func Shortname(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), "-")
}

// Relate writes a relationship that has no text, such as subtechnique-of.
func Relate(kind, source, target string, s Stamp) (jsontext.Value, error) {
	m, err := newMembers(TypeRelationship, s)
	if err != nil {
		return nil, err
	}
	for _, v := range [][2]string{{"relationship_type", kind}, {"source_ref", source}, {"target_ref", target}} {
		if err := m.set(v[0], v[1]); err != nil {
			return nil, err
		}
	}
	return m.bytes()
}

// Redirect writes a relationship anew so that an end of it that was one object
// is another.
func Redirect(raw []byte, from, to string, s Stamp) (jsontext.Value, error) {
	m, err := parseMembers(raw)
	if err != nil {
		return nil, err
	}
	for _, end := range []string{"source_ref", "target_ref"} {
		if m.text(end) != from {
			continue
		}
		if err := m.set(end, to); err != nil {
			return nil, err
		}
	}
	if err := m.stamp(s); err != nil {
		return nil, err
	}
	m.heal()
	return m.bytes()
}

// Retire writes an object anew that lives no more.
func Retire(raw []byte, a Action, s Stamp) (jsontext.Value, error) {
	m, err := parseMembers(raw)
	if err != nil {
		return nil, err
	}
	if err := m.retire(a); err != nil {
		return nil, err
	}
	if err := m.stamp(s); err != nil {
		return nil, err
	}
	m.heal()
	return m.bytes()
}

// newMembers starts an object with what all have.
func newMembers(objectType string, s Stamp) (members, error) {
	var m members
	for _, v := range []struct {
		key   string
		value any
	}{
		{"type", objectType}, {"spec_version", "2.1"}, {"id", s.STIXID},
		{"created", FormatTime(s.Created)}, {"created_by_ref", s.Identity}, {"revoked", false},
		{"object_marking_refs", s.Markings}, {"x_mitre_deprecated", false},
	} {
		if err := m.set(v.key, v.value); err != nil {
			return nil, err
		}
	}
	return m, m.stamp(s)
}
