package release_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
)

// vouch says of a name that came with a text that its bearer agreed.
func (d *desk) vouch(p review.Proposal, names ...string) {
	d.t.Helper()
	if _, err := d.proposals.Thank(d.t.Context(), d.ana, p.ID, review.Thanks{Names: names}); err != nil {
		d.t.Fatal(err)
	}
}

// agree has somebody agree to be named in all of theirs.
func (d *desk) agree(who review.Actor, as string) {
	d.t.Helper()
	if _, err := d.proposals.NameMe(d.t.Context(), who.User, review.Naming{Answer: review.AnswerNamed, NamedAs: as}); err != nil {
		d.t.Fatal(err)
	}
}

// contributors are those whom an object of a bundle names.
func contributors(t *testing.T, bundle []byte, id string) []string {
	t.Helper()
	var b struct {
		Objects []struct {
			ID    string   `json:"id"`
			Names []string `json:"x_mitre_contributors"`
		} `json:"objects"`
	}
	if err := json.Unmarshal(bundle, &b); err != nil {
		t.Fatal(err)
	}
	for _, o := range b.Objects {
		if o.ID == id {
			return o.Names
		}
	}
	t.Fatalf("the bundle has no %s", id)
	return nil
}

// TestAReleaseNamesThoseWhoAgree: exactly them, in their form, each once, behind
// those whom the object named before; and it stays so.
func TestAReleaseNamesThoseWhoAgree(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d, ctx := openSmall(t, db), t.Context()
		content := technique("Whistle Muting")
		content[attack.FieldContributors] = attack.Value{List: []string{"Kim Boil", "Lee Steam"}}
		kettle := d.accept(attack.NewTechnique, "", "", content)
		better := d.accept(attack.Refinement, redirect, attack.BumpMinor, attack.Content{attack.FieldDescription: {Text: "Adversaries may turn a spout aside.(Citation: Kettle Report)"}})
		seen := d.accept(attack.ProcedureExample, redirect, "", attack.Content{attack.FieldSource: {Text: gang},
			attack.FieldDescription: {Text: "They turned it.(Citation: Notes)"}, attack.FieldReferences: source("Notes")})
		d.vouch(kettle, "Lee Steam")
		d.agree(d.ana, "Ana Pour, Teapot Guild")
		was := contributors(t, d.exported(d.current()), redirect)
		r := d.openRelease()
		before := d.preview(r)
		if !before.Publishable || !slices.Equal(before.Items[0].Named, []string{"Lee Steam", "Ana Pour, Teapot Guild"}) || len(before.Items[2].Named) != 0 {
			t.Fatalf("preview: %+v", before.Items)
		}
		if hints := strings.Join(before.Items[0].Hints, " "); !strings.Contains(hints, "Kim Boil") || strings.Contains(hints, "Lee Steam") {
			t.Errorf("hints are %q", hints)
		}
		if _, err := d.proposals.NameMeIn(ctx, d.rob, better.ID, review.Naming{Answer: review.AnswerNamed, NamedAs: "@rob"}); err != nil {
			t.Fatal(err)
		}
		r = d.publish(r)
		bundle := d.bundle(r)
		if got := contributors(t, bundle, kettle.Object.STIXID); !slices.Equal(got, []string{"Lee Steam", "Ana Pour, Teapot Guild"}) {
			t.Errorf("the new technique names %v", got)
		}
		if got := contributors(t, bundle, redirect); !slices.Equal(got, append(was, "Ana Pour, Teapot Guild", "@rob")) {
			t.Errorf("the changed technique names %v, before it was %v", got, was)
		}
		d.agree(d.ana, "Another Name")
		_, err := d.proposals.NameMeIn(ctx, d.ana, seen.ID, review.Naming{Answer: review.AnswerUnnamed})
		if fault.CodeOf(err) != fault.Conflict {
			t.Errorf("after it was released: %v", err)
		}
		after := d.preview(r)
		if !slices.Equal(after.Items[1].Named, []string{"Ana Pour, Teapot Guild", "@rob"}) || after.Items[1].Proposal.Credits[0].NamedAs != "Ana Pour, Teapot Guild" {
			t.Errorf("published: %+v", after.Items[1])
		}
		// The next release finds the name there, in whatever case.
		if _, err := d.proposals.NameMe(ctx, d.ana.User, review.Naming{Answer: review.AnswerNamed, NamedAs: "ana pour,  teapot guild"}); err != nil {
			t.Fatal(err)
		}
		d.accept(attack.Refinement, redirect, attack.BumpMinor, attack.Content{attack.FieldPlatforms: {List: []string{"Kettle", "Stove"}}})
		r = d.publish(d.openRelease())
		if got := contributors(t, d.bundle(r), redirect); !slices.Equal(got, append(was, "Ana Pour, Teapot Guild", "@rob")) {
			t.Errorf("once more: %v", got)
		}
	})
}

// TestASuggestionStopsARelease until its author has answered it; and what is
// taken goes back to the reviewers.
func TestASuggestionStopsARelease(t *testing.T) {
	d, ctx := openSmall(t, storetest.Open(t)), t.Context()
	p := d.accept(attack.NewTechnique, "", "", technique("Whistle Muting"))
	r := d.openRelease()
	p, err := d.proposals.Suggest(ctx, d.mia, p.ID, review.NewSuggestion{Revision: 1, Content: attack.Content{attack.FieldName: {Text: "Whistle Silencing"}}, Note: "Shorter."})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Publish(ctx, d.mia, r.ID, r.Revision)
	if fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "have not answered") {
		t.Errorf("with an open suggestion: %v", err)
	}
	if _, err = d.proposals.AnswerSuggestion(ctx, d.ana, p.ID, p.Suggestions[0].ID, review.ActionTake, review.SuggestionAnswer{Revision: 1}); err != nil {
		t.Fatal(err)
	}
	if now := d.preview(r); len(now.Items) != 0 || len(now.Release.Proposals) != 0 {
		t.Errorf("what has to be approved again is on the release: %+v", now.Items)
	}
}
