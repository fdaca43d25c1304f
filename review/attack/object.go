package attack

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Types of objects that the code treats by name; all others are kept and shown
// by what they have.
const (
	TypeTechnique    = "attack-pattern"
	TypeTactic       = "x-mitre-tactic"
	TypeMatrix       = "x-mitre-matrix"
	TypeCollection   = "x-mitre-collection"
	TypeGroup        = "intrusion-set"
	TypeMalware      = "malware"
	TypeTool         = "tool"
	TypeCampaign     = "campaign"
	TypeMitigation   = "course-of-action"
	TypeAsset        = "x-mitre-asset"
	TypeStrategy     = "x-mitre-detection-strategy"
	TypeAnalytic     = "x-mitre-analytic"
	TypeComponent    = "x-mitre-data-component"
	TypeDataSource   = "x-mitre-data-source"
	TypeRelationship = "relationship"
	TypeIdentity     = "identity"
	TypeMarking      = "marking-definition"
)

// Kinds of relationships that the code treats by name.
const (
	Uses           = "uses"
	Mitigates      = "mitigates"
	Detects        = "detects"
	SubtechniqueOf = "subtechnique-of"
	RevokedBy      = "revoked-by"
	AttributedTo   = "attributed-to"
)

// LogSourceReferences is the property in which an analytic names its data
// components and, beside each, the log that has them.
const LogSourceReferences = "x_mitre_log_source_references"

// Object is what the code reads of a STIX object. It is never written back:
// an object's own bytes are (section "Fidelity" of the design).
type Object struct {
	ID           string              `json:"id"`
	Type         string              `json:"type"`
	SpecVersion  string              `json:"spec_version"`
	Created      string              `json:"created"`
	Modified     string              `json:"modified"`
	Name         string              `json:"name"`
	Description  string              `json:"description"`
	Revoked      bool                `json:"revoked"`
	Deprecated   bool                `json:"x_mitre_deprecated"`
	Subtechnique bool                `json:"x_mitre_is_subtechnique"`
	Version      string              `json:"x_mitre_version"`
	AttackSpec   string              `json:"x_mitre_attack_spec_version"`
	Domains      []string            `json:"x_mitre_domains"`
	Platforms    []string            `json:"x_mitre_platforms"`
	Contributors []string            `json:"x_mitre_contributors"`
	Shortname    string              `json:"x_mitre_shortname"`
	Aliases      []string            `json:"aliases"`
	MitreAliases []string            `json:"x_mitre_aliases"`
	Phases       []KillChainPhase    `json:"kill_chain_phases"`
	References   []ExternalReference `json:"external_references"`
	CreatedBy    string              `json:"created_by_ref"`
	ModifiedBy   string              `json:"x_mitre_modified_by_ref"`
	Markings     []string            `json:"object_marking_refs"`
	Kind         string              `json:"relationship_type"`
	Source       string              `json:"source_ref"`
	Target       string              `json:"target_ref"`
	TacticRefs   []string            `json:"tactic_refs"`
	Contents     []ContentRef        `json:"x_mitre_contents"`
	Rest         jsontext.Value      `json:",embed"` // all other properties, as an object; nil: none
	Refs         []Ref               `json:"-"`      // what properties other than the above name, and TacticRefs
}

// KillChainPhase is one tactic of a technique (STIX 2.1, 2.8).
type KillChainPhase struct {
	KillChain string `json:"kill_chain_name"`
	Phase     string `json:"phase_name"`
}

// ExternalReference is one source (STIX 2.1, 2.5); the first of an ATT&CK
// object gives its ATT&CK id.
type ExternalReference struct {
	SourceName  string `json:"source_name"`
	Description string `json:"description,omitempty"`
	URL         string `json:"url,omitempty"`
	ExternalID  string `json:"external_id,omitempty"`
}

// ContentRef is one member that a collection names.
type ContentRef struct {
	Object   string `json:"object_ref"`
	Modified string `json:"object_modified"`
}

// Parse reads an object. The error says which property has the wrong shape.
func Parse(raw []byte) (Object, error) {
	var o Object
	if err := json.Unmarshal(raw, &o, jsontext.AllowDuplicateNames(true)); err != nil {
		return o, fmt.Errorf("%s %s: %w", o.Type, o.ID, shape(err))
	}
	return o, o.findRefs()
}

// shape says for people what a property should be.
func shape(err error) error {
	var wrong *json.SemanticError
	if !errors.As(err, &wrong) || wrong.GoType == nil || wrong.JSONPointer == "" {
		return err
	}
	should := "an object"
	switch wrong.GoType.Kind() {
	case reflect.String:
		should = "text"
	case reflect.Bool:
		should = "true or false"
	case reflect.Slice:
		should = "a list"
	}
	return fmt.Errorf("%s must be %s", strings.ReplaceAll(string(wrong.JSONPointer[1:]), "/", "."), should)
}

// AttackID is the object's ATT&CK id, such as T1055.001; empty where it has
// none. It stands in the first external reference.
func (o Object) AttackID() string {
	if len(o.References) > 0 && IsID(o.References[0].ExternalID) {
		return o.References[0].ExternalID
	}
	return ""
}

// Stamp is when this version was made, as written; marking definitions have
// no modified.
func (o Object) Stamp() string {
	if o.Modified != "" {
		return o.Modified
	}
	return o.Created
}

// Live says whether the object is neither revoked nor deprecated.
func (o Object) Live() bool { return !o.Revoked && !o.Deprecated }

// Tactics lists the short names of the object's tactics.
func (o Object) Tactics() []string {
	tactics := make([]string, len(o.Phases))
	for i, p := range o.Phases {
		tactics[i] = p.Phase
	}
	return tactics
}

// OtherNames lists the names beside the object's own, whatever key they are
// under.
func (o Object) OtherNames() []string {
	if len(o.Aliases)+len(o.MitreAliases) == 0 {
		return nil
	}
	var names []string
	seen := map[string]bool{o.Name: true}
	for _, a := range slices.Concat(o.Aliases, o.MitreAliases) {
		if !seen[a] {
			seen[a] = true
			names = append(names, a)
		}
	}
	return names
}

// Sources lists the references that can be cited: all but the ATT&CK id.
func (o Object) Sources() []Reference {
	refs := o.References
	if o.AttackID() != "" {
		refs = refs[1:]
	}
	sources := make([]Reference, len(refs))
	for i, r := range refs {
		sources[i] = Reference{SourceName: r.SourceName, Description: r.Description, URL: r.URL}
	}
	return sources
}
