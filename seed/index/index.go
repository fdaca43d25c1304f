// Package index packs the facts of an ATT&CK bundle into a small file, and
// makes a bundle of them again: ids, names, types, tactics, platforms, domains,
// versions, times, and which object relates to which. No sentence of ATT&CK
// goes in: no description, no citation, no author.
//
// The file is gzip of text. Its first line says what it is; then each type of
// object has a line that names its properties, and below it one line for each
// of them with the values of all objects of the type, as JSON, divided by
// tabs. A value that refers to another object of the file is its number. Values
// of a kind stand together, so that they pack well.
package index

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/atelier-attack/atelier/review/attack"
)

// format names the layout of the file; it changes with it.
const format = "atelier-index-1"

// statement is what a marking definition of the index says in place of MITRE's
// own words.
const statement = `{"statement":"MITRE ATT&CK is a work of The MITRE Corporation; this index holds facts of it and none of its text."}`

// head is the first line.
type head struct {
	Format  string `json:"format"`
	Bundle  string `json:"bundle"`
	Objects int    `json:"objects"`
}

// section is the line above the objects of one type.
type section struct {
	Type       string   `json:"type"`
	Count      int      `json:"count"`
	Properties []string `json:"properties"`
}

// properties that are facts, in the order in which they are written. All
// others stay out, known or not.
func properties() []string {
	return []string{"id", "spec_version", "created", "modified", "name", "revoked", "x_mitre_deprecated", "x_mitre_version",
		"x_mitre_attack_spec_version", "x_mitre_domains", "x_mitre_platforms", "x_mitre_is_subtechnique", "kill_chain_phases",
		"x_mitre_shortname", "aliases", "x_mitre_aliases", "is_family", "identity_class", "first_seen", "last_seen",
		"relationship_type", "source_ref", "target_ref", "tactic_refs", "x_mitre_analytic_refs", "x_mitre_data_source_ref",
		"external_references", "created_by_ref", "x_mitre_modified_by_ref", "object_marking_refs", "definition_type", "definition"}
}

// refers says whether a property holds ids of other objects.
func refers(property string) bool {
	return strings.HasSuffix(property, "_ref") || strings.HasSuffix(property, "_refs")
}

// facts gives the members of an object that are facts.
func facts(raw []byte) (map[string]jsontext.Value, error) {
	var all map[string]jsontext.Value
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	kept := map[string]jsontext.Value{}
	for _, p := range properties() {
		if v, ok := all[p]; ok {
			kept[p] = v
		}
	}
	if _, ok := kept["definition"]; ok {
		kept["definition"] = jsontext.Value(statement)
	}
	delete(kept, "external_references")
	ref, err := ownReference(all["external_references"])
	if err == nil && ref != nil {
		kept["external_references"] = ref
	}
	return kept, err
}

// ownReference keeps of the references the first one, where it names the
// object itself.
func ownReference(raw jsontext.Value) (jsontext.Value, error) {
	if raw == nil {
		return nil, nil
	}
	var refs []attack.ExternalReference
	if err := json.Unmarshal(raw, &refs); err != nil {
		return nil, err
	}
	if len(refs) == 0 || refs[0].ExternalID == "" {
		return nil, nil
	}
	own := refs[0]
	own.Description = ""
	return json.Marshal([]attack.ExternalReference{own})
}
