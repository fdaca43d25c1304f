package release

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

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
	unchanged    = "unchanged"
)

// Sections lists the keys of the sections, in their order.
func Sections() []string {
	return []string{Additions, MajorChanges, MinorChanges, OtherChanges, Patches, Revocations, Deprecations, Deletions}
}

// Changelog sorts the objects that a release changed. Sections has the types
// that diff_stix compares, and only sections with something in them;
// Relationships has the procedure examples, which diff_stix does not list.
type Changelog struct {
	Sections      []ChangelogSection      `json:"sections"`
	Relationships []ChangelogRelationship `json:"relationships" doc:"relationships that were added or changed"`
}

// ChangelogSection is one kind of change.
type ChangelogSection struct {
	Key     string            `json:"key" enum:"additions,major_version_changes,minor_version_changes,other_version_changes,patches,revocations,deprecations,deletions"`
	Objects []ChangelogObject `json:"objects" doc:"by type, then by name"`
}

// ChangelogObject is one object that changed.
type ChangelogObject struct {
	STIXID   string `json:"stix_id"`
	AttackID string `json:"attack_id"`
	Type     string `json:"type"`
	Name     string `json:"name"`
	From     string `json:"from" doc:"its version before; empty for additions"`
	To       string `json:"to" doc:"its version now; empty for deletions"`
}

// ChangelogRelationship is one relationship that was added or changed.
type ChangelogRelationship struct {
	STIXID     string `json:"stix_id"`
	Kind       string `json:"kind" doc:"such as uses"`
	Source     string `json:"source" doc:"STIX id"`
	SourceName string `json:"source_name"`
	Target     string `json:"target" doc:"STIX id"`
	TargetName string `json:"target_name"`
	Added      bool   `json:"added" doc:"false: changed"`
}

// Pair is one object before and after; nil is its absence.
type Pair struct {
	Before, After *attack.Object
}

// Compare sorts pairs into sections. replacement gives the STIX id of what
// replaces a revoked object in the new state, where there is one.
func Compare(pairs []Pair, replacement func(stixID string) (string, bool)) Changelog {
	found := map[string][]ChangelogObject{}
	for _, p := range pairs {
		if key, one := p.sort(replacement); key != "" && key != unchanged {
			found[key] = append(found[key], one)
		}
	}
	log := Changelog{Sections: []ChangelogSection{}, Relationships: []ChangelogRelationship{}}
	for _, key := range Sections() {
		if objects := found[key]; len(objects) > 0 {
			slices.SortFunc(objects, func(a, b ChangelogObject) int {
				return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name), cmp.Compare(a.STIXID, b.STIXID))
			})
			log.Sections = append(log.Sections, ChangelogSection{key, objects})
		}
	}
	return log
}

func (p Pair) sort(replacement func(string) (string, bool)) (key string, c ChangelogObject) {
	shown := p.After
	if shown == nil {
		shown = p.Before
	}
	if shown == nil || attack.Describe(shown.Type).Compared == "" {
		return "", c
	}
	c = ChangelogObject{STIXID: shown.ID, AttackID: shown.AttackID(), Type: shown.Type, Name: shown.Name}
	if p.Before != nil {
		c.From = p.Before.Version
	}
	if p.After != nil {
		c.To = p.After.Version
	}
	return p.key(replacement), c
}

// key finds the section; empty where diff_stix lists the object in none.
func (p Pair) key(replacement func(string) (string, bool)) string {
	before, after := p.Before, p.After
	switch {
	case before == nil:
		return Additions
	case after == nil:
		return Deletions
	case after.Revoked:
		by, ok := replacement(after.ID)
		if before.Revoked || !ok || attack.Describe(attack.TypeOf(by)).Compared != attack.Describe(after.Type).Compared {
			return ""
		}
		return Revocations
	case after.Deprecated:
		if before.Deprecated {
			return ""
		}
		return Deprecations
	}
	return versionChange(*before, *after)
}

func versionChange(before, after attack.Object) string {
	from, to := versionOf(before), versionOf(after)
	switch {
	case to == ([2]int{from[0] + 1, 0}):
		return MajorChanges
	case to == ([2]int{from[0], from[1] + 1}):
		return MinorChanges
	case to != from:
		return OtherChanges
	case !sameMoment(before.Modified, after.Modified) || before.Description != after.Description:
		return Patches
	}
	return unchanged
}

// versionOf reads MAJOR.MINOR; what has none counts as 0.0, as in diff_stix.
func versionOf(o attack.Object) [2]int {
	major, minor, _ := strings.Cut(o.Version, ".")
	a, errMajor := strconv.Atoi(major)
	b, errMinor := strconv.Atoi(minor)
	if errMajor != nil || errMinor != nil {
		return [2]int{}
	}
	return [2]int{a, b}
}

func sameMoment(a, b string) bool {
	if a == b {
		return true
	}
	s, errA := time.Parse(time.RFC3339Nano, a)
	t, errB := time.Parse(time.RFC3339Nano, b)
	return errA == nil && errB == nil && s.Equal(t)
}
