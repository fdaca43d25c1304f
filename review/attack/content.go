package attack

import (
	"fmt"
	"reflect"
	"slices"
	"time"

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
	all := Content{
		FieldName:         {Text: o.Name},
		FieldDescription:  {Text: o.Description},
		FieldTactics:      {List: o.Tactics()},
		FieldPlatforms:    {List: o.Platforms},
		FieldContributors: {List: o.Contributors},
		FieldReferences:   {References: o.Sources()},
		FieldSource:       {Text: o.Source},
		FieldTarget:       {Text: o.Target},
	}
	content := Content{}
	for _, f := range form.Fields {
		if v, ok := all[f.Name]; ok {
			content[f.Name] = v
		}
	}
	return content
}

// Equal says whether two values say the same; nil and empty lists do.
func (v Value) Equal(w Value) bool {
	return v.Text == w.Text &&
		(len(v.List) == 0 && len(w.List) == 0 || reflect.DeepEqual(v.List, w.List)) &&
		(len(v.References) == 0 && len(w.References) == 0 || reflect.DeepEqual(v.References, w.References))
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
			if err := m.write(f.Name, after, old, s); err != nil {
				return nil, err
			}
		}
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
// for a new one.
func (m *members) write(field string, v Value, old Object, s Stamp) error {
	switch field {
	case FieldName, FieldDescription:
		return m.set(field, v.Text)
	case FieldTactics:
		m.dropUnserved(old.Tactics(), v.List)
		return m.set("kill_chain_phases", s.phases(v.List, old.Phases))
	case FieldPlatforms:
		return m.set("x_mitre_platforms", v.List)
	case FieldContributors:
		return m.set("x_mitre_contributors", v.List)
	case FieldReferences:
		return m.set("external_references", s.references(v.References, old.References))
	case FieldSource:
		return m.set("source_ref", v.Text)
	case FieldTarget:
		return m.set("target_ref", v.Text)
	case FieldParent: // a relationship of its own says it
		return nil
	}
	return fmt.Errorf("no property is known for the field %s", field)
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

// NewObject writes the object of a new technique, sub-technique or procedure
// example.
func NewObject(form Form, content Content, s Stamp) (jsontext.Value, error) {
	m, err := newMembers(form.Type, s)
	if err != nil {
		return nil, err
	}
	if form.Type == TypeRelationship {
		if err := m.set("relationship_type", Uses); err != nil {
			return nil, err
		}
	}
	if err := m.set("external_references", s.references(nil, nil)); err != nil {
		return nil, err
	}
	for _, f := range form.Fields {
		if err := m.write(f.Name, content[f.Name], Object{}, s); err != nil {
			return nil, err
		}
	}
	if form.Type == TypeTechnique {
		if err := m.set("x_mitre_is_subtechnique", form.Kind == NewSubtechnique); err != nil {
			return nil, err
		}
		if err := m.set("x_mitre_domains", []string{s.Domain}); err != nil {
			return nil, err
		}
	}
	return m.bytes()
}

// NewRelationship writes a relationship that has no text, such as
// subtechnique-of.
func NewRelationship(kind, source, target string, s Stamp) (jsontext.Value, error) {
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
