package release

import "github.com/atelier-attack/atelier/review/changes"

// Changelog sorts the objects that a release changed. Sections has the types
// that diff_stix compares, and only sections with something in them;
// Relationships has the procedure examples, which diff_stix does not list.
type Changelog struct {
	Sections      []changes.ChangelogSection `json:"sections"`
	Relationships []ChangelogRelationship    `json:"relationships" doc:"relationships that were added or changed"`
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

// compare sorts pairs into sections.
func compare(pairs []changes.Pair, replacement changes.Replacement) Changelog {
	sorted := changes.Sorted{}
	for _, p := range pairs {
		one := p.Object()
		if !changes.Counted(one.Type) {
			continue
		}
		key, by := p.Section(replacement)
		one.ReplacedBy = by
		sorted.Add(key, one)
	}
	return Changelog{Sections: sorted.Sections(), Relationships: []ChangelogRelationship{}}
}
