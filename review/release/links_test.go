package release

import (
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/changes"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// linker knows one object, T1055, and makes another, T9000 or NEW-7.
func linker() *planner {
	known := &taxonomy.Object{Object: attack.Object{ID: "attack-pattern--1", Name: "Brackets [and] more",
		References: []attack.ExternalReference{{ExternalID: "T1055", URL: "https://attack.mitre.org/techniques/T1055"}}}, ATTACK: "T1055"}
	made := review.Accepted{Proposal: review.Proposal{Object: review.ProposedObject{STIXID: "attack-pattern--2", Label: "NEW-7"}},
		Content: attack.Content{attack.FieldName: {Text: "Made"}}}
	return &planner{works: []work{whole(0, made)}, items: make([]ReleaseItem, 1), made: map[string]int{"attack-pattern--2": 0},
		ids: map[string]string{"attack-pattern--2": "T9000"},
		ground: ground{find: func(id string) (*taxonomy.Object, bool) {
			return known, id == known.ATTACK || id == known.ID
		}}}
}

func (p *planner) linkText(text string, was attack.Content) string {
	form, _ := attack.FormOf(attack.Refinement)
	return p.linked(0, form, attack.Content{attack.FieldDescription: {Text: text}}, was)[attack.FieldDescription].Text
}

func TestLinksByIDBecomeLinks(t *testing.T) {
	for text, want := range map[string]string{
		"See (LinkById: T1055).": `See [Brackets \[and\] more](https://attack.mitre.org/techniques/T1055).`,
		"(LinkById: T9000)":      "[Made](https://attack.mitre.org/techniques/T9000)",
		"(LinkById: NEW-7) (LinkById: NEW-7)": "[Made](https://attack.mitre.org/techniques/T9000) " +
			"[Made](https://attack.mitre.org/techniques/T9000)",
		"(LinkById: T105)": "(LinkById: T105)", "LinkById: T1055": "LinkById: T1055",
	} {
		p := linker()
		if got := p.linkText(text, nil); got != want || len(p.items[0].Problems) > 0 {
			t.Errorf("%q became %q, %v", text, got, p.items[0].Problems)
		}
	}
	p := linker()
	if got := p.linkText("(LinkById: G7777)", nil); got != "(LinkById: G7777)" || len(p.items[0].Problems) != 1 {
		t.Errorf("an unknown id: %q, %v", got, p.items[0].Problems)
	}
	was := attack.Content{attack.FieldDescription: {Text: "Old (LinkById: G7777)"}}
	if got := p.linkText("New (LinkById: G7777)", was); got != "New (LinkById: G7777)" || len(p.items[0].Problems) != 1 {
		t.Errorf("what was there before: %q, %v", got, p.items[0].Problems)
	}
}

func FuzzLinks(f *testing.F) {
	f.Add("See (LinkById: T1055) and (LinkById: NEW-7).")
	f.Add("(LinkById: (LinkById: T1055))")
	f.Fuzz(func(t *testing.T, text string) {
		p := linker()
		got := p.linkText(text, nil)
		if strings.Contains(got, "(LinkById: T1055)") && !strings.Contains(got, "(LinkById: (") {
			t.Errorf("%q became %q", text, got)
		}
		if again := p.linkText(got, nil); !strings.Contains(text, "(LinkById: (") && again != got {
			t.Errorf("%q became %q and then %q", text, got, again)
		}
	})
}

func TestChangelogAsMarkdown(t *testing.T) {
	log := Changelog{
		Sections: []changes.ChangelogSection{
			{Key: changes.Additions, Objects: []changes.ChangelogObject{{AttackID: "T9000.001", Name: "A *bold* <name>", To: "1.0"}}},
			{Key: changes.MinorChanges, Objects: []changes.ChangelogObject{{AttackID: "G0001", Name: "B", From: "1.0", To: "1.1"}, {Name: "C", From: "1.0", To: "1.1"}}},
			{Key: changes.Deletions, Objects: []changes.ChangelogObject{{Name: "D", From: "2.0"}}},
			{Key: changes.Patches, Objects: []changes.ChangelogObject{{Name: "E", From: "2.0", To: "2.0"}}},
		},
		Relationships: []ChangelogRelationship{{SourceName: "S_1", Kind: "uses", TargetName: "T", Added: true}, {SourceName: "S", Kind: "uses", TargetName: "T"}},
	}
	var b strings.Builder
	if err := log.WriteMarkdown(&b, Release{Name: "First", Number: 1, Domain: "d", Version: "1.1", Notes: "As *agreed*.\n"}); err != nil {
		t.Fatal(err)
	}
	want := `# First

Release 1 of d, version 1.1.

As *agreed*.

## Additions

- [T9000.001](https://attack.mitre.org/techniques/T9000/001) A \*bold\* &lt;name&gt; (1.0)

## Minor version changes

- [G0001](https://attack.mitre.org/groups/G0001) B (1.0 → 1.1)
- C (1.0 → 1.1)

## Deletions

- D (2.0)

## Patches

- E (2.0)

## New relationships

- S\_1 uses T

## Changed relationships

- S uses T
`
	if b.String() != want {
		t.Errorf("got\n%s", b.String())
	}
}
