package attack

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// ownAlone are properties that an object does not share with the one that it
// was made from.
var ownAlone = map[string]bool{"id": true, "created": true, "created_by_ref": true, "modified": true, "revoked": true, "x_mitre_deprecated": true,
	"spec_version": true, "type": true, "object_marking_refs": true, "external_references": true, "x_mitre_domains": true, "x_mitre_is_subtechnique": true}

// Derive writes a new object of a form, which takes over what another one has
// beside the fields of the form.
func Derive(from []byte, form Form, content Content, s Stamp) (jsontext.Value, error) {
	old, err := Parse(from)
	if err != nil {
		return nil, err
	}
	rest, err := parseMembers(from)
	if err != nil {
		return nil, err
	}
	fresh, err := NewObject(form, content, s)
	if err != nil {
		return nil, err
	}
	m, err := parseMembers(fresh)
	if err != nil {
		return nil, err
	}
	written := map[string]bool{"kill_chain_phases": true}
	for _, f := range form.Fields {
		written[f.Property] = true
	}
	for _, one := range rest {
		if !ownAlone[one.key] && !written[one.key] && m.get(one.key) == nil {
			m.put(one.key, one.value)
		}
	}
	m.dropUnserved(old.Tactics(), content[FieldTactics].List)
	// Sources that it has in common keep what is not edited, such as a CAPEC id.
	sources := slices.DeleteFunc(slices.Clone(old.References), func(r ExternalReference) bool { return IsID(r.ExternalID) })
	if err := m.set(referencesKey, s.references(content[FieldReferences].References, append([]ExternalReference{{}}, sources...))); err != nil {
		return nil, err
	}
	m.heal()
	return m.bytes()
}
