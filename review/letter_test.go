package review_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/attack"
)

// TestALetterBecomesADraft takes what a letter says to the fields that have a
// place for it, and the rest to the rationale.
func TestALetterBecomesADraft(t *testing.T) {
	d := open(t, storetest.Open(t))
	for name, c := range map[string]struct {
		text, kind string
		content    attack.Content
		rationale  string
	}{
		"a technique": {"Technique Name: Lid Lifting\nTactic: Boiling, Juggling\nPlatform: kettle, Samovar\nDescription: Adversaries may lift a lid.\n" +
			"Detection: Listen.\nReferences: Steam. https://example.com/a\nhttps://www.example.com/b", attack.NewTechnique, attack.Content{
			attack.FieldName: {Text: "Lid Lifting"}, attack.FieldTactics: {List: []string{"boiling"}}, attack.FieldPlatforms: {List: []string{"Kettle"}},
			attack.FieldDescription: {Text: "Adversaries may lift a lid."}, attack.FieldReferences: {References: []attack.Reference{
				{SourceName: "example.com", Description: "Steam", URL: "https://example.com/a"}, {SourceName: "example.com 2", URL: "https://www.example.com/b"}}},
		}, "Detection: Listen.\n\nTactic: Juggling\n\nPlatform: Samovar"},
		"a sub-technique": {"Sub-Technique Name: Slow Lifting\nSub-techniques: This is a sub-technique of T1001", attack.NewSubtechnique, attack.Content{
			attack.FieldName: {Text: "Slow Lifting"}, attack.FieldParent: {Text: overfill}}, ""},
		"under what is not here": {"Technique Name: Slow Lifting\nParent: T1999", attack.NewTechnique, attack.Content{attack.FieldName: {Text: "Slow Lifting"}}, "Sub-technique of: T1999"},
		"a group":                {"Group Name: Lid Lifters\nAliases: Crew A, Crew B\nTactic: Boiling", "group", attack.Content{attack.FieldName: {Text: "Lid Lifters"}, attack.FieldAliases: {List: []string{"Crew A", "Crew B"}}}, "Tactic: Boiling"},
		"a tool": {"Software Name: Whistle\nType: tool\nContributor: Ana Pour, Teapot Guild", "tool", attack.Content{attack.FieldName: {Text: "Whistle"},
			attack.FieldContributors: {List: []string{"Ana Pour, Teapot Guild"}}}, "Type: tool"},
	} {
		draft, err := d.StartLetter(t.Context(), d.ana, domain, c.text)
		if err != nil || draft.Proposal.Kind != c.kind || draft.Proposal.Rationale != c.rationale {
			t.Errorf("%s: %+v, %v", name, draft.Proposal, err)
		}
		for field, want := range c.content {
			if got := draft.Content[field]; !got.Equal(want) {
				t.Errorf("%s: %s is %+v, want %+v", name, field, got, want)
			}
		}
	}
	for name, text := range map[string]string{"no heading": "Hello, what about kettles?", "no text": "", "too long": strings.Repeat("a", 200_000), "not text": "Name: \xff"} {
		_, err := d.StartLetter(t.Context(), d.ana, domain, text)
		if !slices.Contains([]fault.Code{fault.Invalid, fault.TooLarge}, fault.CodeOf(err)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
