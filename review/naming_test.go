package review_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
)

// saying is good content with another name and another end of its text.
func saying(name, more string) attack.Content {
	content := good()
	content[attack.FieldName] = attack.Value{Text: name}
	content[attack.FieldDescription] = attack.Value{Text: content[attack.FieldDescription].Text + more}
	return content
}

// found lists what a rule finds in a draft.
func found(draft review.Draft, code string) (list []string) {
	for _, c := range draft.Checks {
		if c.Code == code {
			list = append(list, c.Message)
		}
	}
	return list
}

// TestDraftsBuildOnDrafts names what is not submitted yet, by a field and in a
// text: that is submitted first.
func TestDraftsBuildOnDrafts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := open(t, db)
		ctx := t.Context()
		top := d.start(attack.NewTechnique, "", good())
		sub := d.start(attack.NewSubtechnique, top.Proposal.Object.STIXID, attack.Content{attack.FieldName: {Text: "Soft Lids"}})
		if !slices.Equal(sub.Content[attack.FieldTactics].List, []string{"boiling"}) {
			t.Errorf("it starts with the tactics %v, its parent has boiling", sub.Content[attack.FieldTactics].List)
		}
		if got := found(sub, check.CodeDangling); len(got) != 1 || !strings.Contains(got[0], "Whistle Muting is a draft of yours (NEW-1). Submit that first.") {
			t.Errorf("a parent that is a draft: %q", got)
		}
		linking := d.start(attack.NewTechnique, "", saying("Lid Rattling", " See (LinkById: NEW-1) and (LinkById: NEW-3)."))
		if got := found(linking, check.CodeDangling); len(got) != 1 || !slices.Equal(linking.Proposal.Refers, []string{top.Proposal.Object.STIXID}) {
			t.Errorf("a link to a draft: %q, it builds on %v", got, linking.Proposal.Refers)
		}
		if got := append(found(linking, check.CodeLink), found(linking, check.CodeTypedLink)...); len(got) != 0 {
			t.Errorf("links to what there is, and to itself: %q", got)
		}
		_, err := d.Submit(ctx, d.ana, linking.Proposal.ID, review.Submission{Version: linking.Version})
		if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), "Submit that first") {
			t.Errorf("submitted before the other: %v", err)
		}
		seen := d.start(attack.ProcedureExample, top.Proposal.Object.STIXID, attack.Content{attack.FieldSource: {Text: gang}})
		if seen.Proposal.Title != "Teapot Gang uses Whistle Muting" {
			t.Errorf("it is called %q", seen.Proposal.Title)
		}

		d.submit(top)
		if linking, err = d.Draft(ctx, d.ana, linking.Proposal.ID); err != nil {
			t.Fatal(err)
		}
		if got := found(linking, check.CodeDepends); len(got) != 1 || !strings.Contains(got[0], "has to be accepted first") {
			t.Errorf("a link to a proposal: %q", got)
		}
		p := d.submit(linking)
		_, err = d.Review(ctx, d.rob, p.ID, review.ActionApprove, review.Verdict{Revision: 1})
		if fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "#1 Whistle Muting") {
			t.Errorf("approved before what its text links to: %v", err)
		}
	})
}

// TestWhatOthersWriteIsNotOffered builds on the draft of somebody who writes in
// this one, and not on that of anybody else.
func TestWhatOthersWriteIsNotOffered(t *testing.T) {
	d := open(t, storetest.Open(t))
	ctx := t.Context()
	theirs, err := d.Start(ctx, d.rob, domain, review.NewProposal{Kind: attack.NewTechnique, Content: good()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Start(ctx, d.ana, domain, review.NewProposal{Kind: attack.NewSubtechnique, ObjectID: theirs.Proposal.Object.STIXID})
	wants(t, "below a draft of somebody else", err, fault.Invalid)
	mine := d.start(attack.NewTechnique, "", saying("Lid Rattling", " See (LinkById: NEW-1)."))
	if got := found(mine, check.CodeTypedLink); len(got) != 1 {
		t.Errorf("a link to a draft of somebody else: %q", got)
	}
	if _, err := d.Invite(ctx, d.ana, mine.Proposal.ID, review.Authors{Users: []string{d.rob.User}}); err != nil {
		t.Fatal(err)
	}
	now, err := d.Draft(ctx, d.rob, mine.Proposal.ID)
	if got := found(now, check.CodeDangling); err != nil || len(got) != 1 || len(found(now, check.CodeTypedLink)) != 0 {
		t.Errorf("a link to a draft of somebody who writes in it: %q, %v", got, err)
	}
}

// TestPartsOfASplitAreNamed links to what a proposal about several objects
// makes, and stands below it.
func TestPartsOfASplitAreNamed(t *testing.T) {
	d := open(t, storetest.Open(t))
	split := d.several(attack.SplitTechnique, redirect, attack.Content{attack.FieldPieces: pieces("a", "Left Turns", "b", "Right Turns")})
	if len(split.Makes) != 2 || split.Makes[1].Label != "NEW-1.2" {
		t.Fatalf("it makes %+v", split.Makes)
	}
	p := d.submit(d.start(attack.NewTechnique, "", saying("Lid Rattling", " See (LinkById: NEW-1.2).")))
	if !slices.Equal(p.Refers, []string{split.Makes[1].STIXID}) {
		t.Errorf("it builds on %v", p.Refers)
	}
	if got := found(d.start(attack.NewTechnique, "", saying("Lid Clattering", " See (LinkById: NEW-1.3).")), check.CodeTypedLink); len(got) != 1 {
		t.Errorf("a part that it does not make: %q", got)
	}
	labels, err := d.LabelsIn(d.db.WithContext(context.Background()), d.workshop)
	if err != nil || labels["NEW-1.1"] != split.Makes[0].STIXID || labels["NEW-2"] != p.Object.STIXID || len(labels) != 3 {
		t.Errorf("labels are %v, %v", labels, err)
	}
}

// TestWhatWasTurnedDownIsNamed has an example of a technique whose proposal is
// withdrawn.
func TestWhatWasTurnedDownIsNamed(t *testing.T) {
	d := open(t, storetest.Open(t))
	base := d.submit(d.start(attack.NewTechnique, "", good()))
	example := attack.Content{attack.FieldSource: {Text: gang}, attack.FieldTarget: {Text: base.Object.STIXID}, attack.FieldReferences: good()[attack.FieldReferences],
		attack.FieldDescription: {Text: "Teapot Gang has muted whistles, as in (LinkById: NEW-1).(Citation: Steam Notes)"}}
	p := d.submit(d.start(attack.ProcedureExample, "", example))
	if _, err := d.Withdraw(t.Context(), d.ana, base.ID); err != nil {
		t.Fatal(err)
	}
	_, err := d.Review(t.Context(), d.rob, p.ID, review.ActionApprove, review.Verdict{Revision: 1})
	const says = "Whistle Muting was proposed in NEW-1, which was withdrawn."
	if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "The taxonomy changed") {
		t.Errorf("what builds on it: %v", err)
	}
	var at []string
	for _, c := range d.start(attack.ProcedureExample, "", example).Checks {
		if strings.Contains(c.Message, says) {
			at = append(at, c.Field)
		}
	}
	if !slices.Equal(at, []string{attack.FieldTarget, attack.FieldDescription}) {
		t.Errorf("a draft is told of it at %v", at)
	}
}

// TestWhoChangesTheSameIsTold has two proposals about one technique, and a draft
// that nobody is told of.
func TestWhoChangesTheSameIsTold(t *testing.T) {
	d := open(t, storetest.Open(t))
	first := d.start(attack.Refinement, redirect, attack.Content{attack.FieldPlatforms: {List: []string{"Kettle"}}})
	if got := found(d.start("rename-technique", redirect, nil), check.CodeElsewise); len(got) != 0 {
		t.Errorf("of a draft: %q", got)
	}
	first.Content[attack.FieldName] = attack.Value{Text: "Spout Bending"}
	first = d.save(first, func(u *review.DraftUpdate) { u.Content = first.Content })
	d.submit(first)
	for _, kind := range []string{"rename-technique", attack.Refinement, "deprecate-technique", attack.ToSubtechnique} {
		if got := found(d.start(kind, redirect, nil), check.CodeElsewise); !slices.Equal(got, []string{"It is also what #1 Spout Bending is about."}) {
			t.Errorf("%s: %q", kind, got)
		}
	}
	if got := found(d.start(attack.Refinement, overfill, nil), check.CodeElsewise); len(got) != 0 {
		t.Errorf("of another technique: %q", got)
	}
}
