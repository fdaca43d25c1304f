package release

import (
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
)

// TestAReleaseKnowsWhatItMakes puts sub-techniques under new objects.
func TestAReleaseKnowsWhatItMakes(t *testing.T) {
	for kind, want := range map[string]string{attack.NewTechnique: "", attack.NewSubtechnique: "is a sub-technique itself"} {
		parent := review.Accepted{Proposal: review.Proposal{Kind: kind, Object: review.ProposedObject{STIXID: "attack-pattern--1", Type: attack.TypeTechnique}},
			Content: attack.Content{attack.FieldName: {Text: "Parent"}}}
		under := review.Accepted{Proposal: review.Proposal{Kind: attack.NewSubtechnique, Object: review.ProposedObject{STIXID: "attack-pattern--2"}},
			Content: attack.Content{
				attack.FieldName: {Text: "Child"}, attack.FieldTactics: {List: []string{"boiling"}}, attack.FieldPlatforms: {List: []string{"Kettle"}},
				attack.FieldDescription: {Text: "It boils."}, attack.FieldParent: {Text: "attack-pattern--1"}}}
		p := &planner{accepted: []review.Accepted{parent, under}, works: []work{whole(0, parent), whole(1, under)}, items: make([]ReleaseItem, 2), made: map[string]int{"attack-pattern--1": 0}}
		form, _ := attack.FormOf(attack.NewSubtechnique)
		p.look(1, form, nil, under.Content)
		if got := strings.Join(p.items[1].Problems, "\n"); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("under a %s it has the problems %q", kind, got)
		}
	}
}
