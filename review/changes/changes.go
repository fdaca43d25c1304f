// Package changes sorts what differs between two states of a domain into the
// sections of MITRE's diff_stix, and writes them for people. It has no state
// and no database.
package changes

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/atelier-attack/atelier/review/attack"
)

// Sections of a changelog, by the rules and the names of MITRE's diff_stix.
const (
	Additions    = "additions"
	MajorChanges = "major_version_changes"
	MinorChanges = "minor_version_changes"
	OtherChanges = "other_version_changes"
	Patches      = "patches"
	Revocations  = "revocations"
	Deprecations = "deprecations"
	Deletions    = "deletions"
)

// Keys lists the keys of the sections, in their order.
func Keys() []string {
	return []string{Additions, MajorChanges, MinorChanges, OtherChanges, Patches, Revocations, Deprecations, Deletions}
}

// ChangelogSection is one kind of change.
type ChangelogSection struct {
	Key     string            `json:"key" enum:"additions,major_version_changes,minor_version_changes,other_version_changes,patches,revocations,deprecations,deletions"`
	Objects []ChangelogObject `json:"objects" doc:"by type, then by name"`
}

// ChangelogObject is one object that changed.
type ChangelogObject struct {
	STIXID     string `json:"stix_id"`
	AttackID   string `json:"attack_id"`
	Type       string `json:"type"`
	Name       string `json:"name"`
	From       string `json:"from" doc:"its version before; empty for additions"`
	To         string `json:"to" doc:"its version now; empty for deletions"`
	ReplacedBy string `json:"replaced_by,omitempty" doc:"STIX id of what a revoked object is replaced by"`
	Before     int64  `json:"before,omitempty" doc:"number of the stored version before; left out for additions, and where nothing is stored yet"`
	After      int64  `json:"after,omitempty" doc:"number of the stored version now; left out for deletions, and where nothing is stored yet"`
}

// Side is one object as one of the two states has it.
type Side struct {
	attack.Object
	Row       int64 // of the stored version; 0: it is not stored yet
	Described bool  // it has a description, be it an empty one
}

// Read reads a side from an object's own bytes.
func Read(raw []byte, row int64) (Side, error) {
	var v struct {
		attack.Object
		Description *string `json:"description"`
	}
	if err := json.Unmarshal(raw, &v, jsontext.AllowDuplicateNames(true)); err != nil {
		return Side{}, fmt.Errorf("read version %d of an object: %w", row, err)
	}
	side := Side{Object: v.Object, Row: row, Described: v.Description != nil}
	if side.Described {
		side.Object.Description = *v.Description
	}
	return side, nil
}

// Pair is one object before and after; nil is its absence.
type Pair struct{ Before, After *Side }

// Replacement gives the STIX id of what replaces a revoked object in the new
// state, where there is one.
type Replacement func(stixID string) (by string, ok bool)

// Object gives the pair as changelogs show it.
func (p Pair) Object() ChangelogObject {
	shown := p.shown()
	c := ChangelogObject{STIXID: shown.ID, AttackID: shown.AttackID(), Type: shown.Type, Name: shown.Name}
	if p.Before != nil {
		c.From, c.Before = p.Before.Version, p.Before.Row
	}
	if p.After != nil {
		c.To, c.After = p.After.Version, p.After.Row
	}
	return c
}

func (p Pair) shown() *Side {
	if p.After != nil {
		return p.After
	}
	return p.Before
}

// Counted says whether diff_stix looks at objects of this type.
func Counted(stixType string) bool { return attack.Describe(stixType).Compared != "" }

// Section sorts a pair. The key is empty where diff_stix lists the object in
// no section: it did not change, or was revoked or deprecated before, or is
// revoked and nothing of its kind replaces it. by is what replaces an object
// that was revoked.
func (p Pair) Section(replacement Replacement) (key, by string) {
	before, after := p.Before, p.After
	switch {
	case before == nil && after == nil:
		return "", ""
	case before == nil:
		return Additions, ""
	case after == nil:
		return Deletions, ""
	case after.Revoked:
		by, ok := replacement(after.ID)
		if before.Revoked || !ok || attack.Describe(attack.TypeOf(by)).Compared != attack.Describe(after.Type).Compared {
			return "", ""
		}
		return Revocations, by
	case after.Deprecated:
		if before.Deprecated {
			return "", ""
		}
		return Deprecations, ""
	}
	return versionChange(before, after), ""
}

// Sorted collects objects by section.
type Sorted map[string][]ChangelogObject

// Add puts an object into a section.
func (s Sorted) Add(key string, c ChangelogObject) { s[key] = append(s[key], c) }

// Sections gives the sections that have something in them, each by type, then
// by name.
func (s Sorted) Sections() []ChangelogSection {
	list := []ChangelogSection{}
	for _, key := range Keys() {
		if objects := s[key]; len(objects) > 0 {
			SortObjects(objects)
			list = append(list, ChangelogSection{key, objects})
		}
	}
	return list
}

// SortObjects sorts by type, then by name.
func SortObjects(list []ChangelogObject) {
	slices.SortFunc(list, func(a, b ChangelogObject) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name), cmp.Compare(a.STIXID, b.STIXID))
	})
}
