package review_test

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

// suggest has the reviewer suggest that a proposal's description goes on.
func (d *desk) suggest(p review.Proposal, more string) review.Proposal {
	d.t.Helper()
	text := field(p, attack.FieldDescription).Text + " " + more
	next, err := d.Suggest(d.t.Context(), d.rob, p.ID, review.NewSuggestion{Revision: p.Revision,
		Content: attack.Content{attack.FieldDescription: {Text: text}}, Note: "So that **all** is said."})
	if err != nil {
		d.t.Fatal(err)
	}
	return next
}

// answer has the author answer the latest suggestion.
func (d *desk) answer(p review.Proposal, action review.Action) review.Proposal {
	d.t.Helper()
	next, err := d.AnswerSuggestion(d.t.Context(), d.ana, p.ID, p.Suggestions[len(p.Suggestions)-1].ID, action, review.SuggestionAnswer{Revision: p.Revision})
	if err != nil {
		d.t.Fatal(err)
	}
	return next
}

func (d *desk) verdict(who review.Actor, p review.Proposal, action review.Action) (review.Proposal, error) {
	return d.Review(d.t.Context(), who, p.ID, action, review.Verdict{Revision: p.Revision, Note: "Because."})
}

func field(p review.Proposal, name string) attack.Value {
	for _, f := range p.Content.Fields {
		if f.Field.Name == name {
			return f.After
		}
	}
	return attack.Value{}
}

func did(p review.Proposal, user string) []review.Deed {
	for _, c := range p.Credits {
		if c.User == user {
			return c.Did
		}
	}
	return nil
}

// TestASuggestionIsTakenAndUndone: a reviewer writes in what is submitted, its
// author decides, and who wrote does not approve.
func TestASuggestionIsTakenAndUndone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d, ctx := open(t, db), t.Context()
		first := d.submit(d.start(attack.NewTechnique, "", good()))
		before := field(first, attack.FieldDescription).Text
		p := d.suggest(first, "It whistles no more.")
		if p.Revision != 1 || field(p, attack.FieldDescription).Text != before || p.Turn.User != d.ana.User || p.Requirements[0].Met || len(p.Suggestions) != 1 {
			t.Fatalf("suggested: %+v", p)
		}
		if s := p.Suggestions[0]; s.By != d.rob.User || len(s.Fields) != 1 || s.Fields[0].Before.Text != before || !strings.Contains(s.NoteHTML, "<strong>all") {
			t.Errorf("the suggestion is %+v", s)
		}
		if did(p, d.rob.User) != nil {
			t.Errorf("somebody is credited for what nobody took: %+v", p.Credits)
		}
		p = d.answer(p, review.ActionTake)
		if p.Revision != 2 || field(p, attack.FieldDescription).Text != before+" It whistles no more." || p.State != review.StateSubmitted || !p.Requirements[0].Met {
			t.Fatalf("taken: %+v", p)
		}
		if p.Content.MadeBy != d.rob.User || !slices.Equal(did(p, d.rob.User), []review.Deed{review.Suggested}) {
			t.Errorf("revision %+v, credits %+v", p.Content, p.Credits)
		}
		_, err := d.verdict(d.rob, p, review.ActionApprove)
		wants(t, "an approval of what one suggested", err, fault.Forbidden)
		if q, err := d.Queue(ctx, d.rob); err != nil || q.Items[0].Mine {
			t.Errorf("it waits for who suggested it: %+v, %v", q, err)
		}
		for what, code := range map[review.Action]fault.Code{review.ActionTake: fault.Conflict, review.ActionDecline: fault.Conflict} {
			_, err := d.AnswerSuggestion(ctx, d.ana, p.ID, p.Suggestions[0].ID, what, review.SuggestionAnswer{Revision: 2})
			wants(t, string(what)+" once more", err, code)
		}
		p = d.answer(p, review.ActionUndo)
		if p.Revision != 3 || field(p, attack.FieldDescription).Text != before || did(p, d.rob.User) != nil {
			t.Errorf("undone: %+v", p)
		}
		if p, err = d.verdict(d.rob, p, review.ActionApprove); err != nil || p.State != review.StateAccepted {
			t.Errorf("approved: %v", err)
		}
		told := d.events(review.KindTaken)
		var event struct{ Proposal review.Proposal }
		if len(told) != 1 || json.Unmarshal([]byte(told[0]), &event) != nil || event.Proposal.Revision != 2 || event.Proposal.Content == nil || len(event.Proposal.Credits) != 2 {
			t.Errorf("told was %v", told)
		}
	})
}

// TestWhatIsTakenAfterAnApprovalIsApprovedAgain: an approval is of the text that
// was read.
func TestWhatIsTakenAfterAnApprovalIsApprovedAgain(t *testing.T) {
	d, ctx := open(t, storetest.Open(t)), t.Context()
	p := d.submit(d.start(attack.NewTechnique, "", good()))
	p, err := d.verdict(d.mia, p, review.ActionApprove)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.PutOnIn(d.db, d.workshop, "some-release", []string{p.ID}); err != nil {
		t.Fatal(err)
	}
	if p, err = d.Get(ctx, d.ana, p.ID); err != nil {
		t.Fatal(err)
	}
	p = d.suggest(p, "Pour slowly.")
	if p.State != review.StateAccepted || p.Release != "some-release" || p.Requirements[0].Met {
		t.Errorf("suggested after the approval: %+v", p)
	}
	back := d.answer(p, review.ActionDecline)
	if back.State != review.StateAccepted || back.Turn.Role != review.Maintainer || !back.Requirements[0].Met || back.Revision != 1 {
		t.Errorf("declined: %+v", back)
	}
	p = d.answer(d.suggest(back, "Pour slowly."), review.ActionTake)
	if p.State != review.StateSubmitted || p.Release != "" || p.Turn.Role != review.Reviewer || p.Turn.User != "" {
		t.Errorf("taken: %+v", p)
	}
	if p, err = d.verdict(d.mia, p, review.ActionApprove); err != nil || p.State != review.StateAccepted {
		t.Errorf("approved again: %v", err)
	}
}

// TestASuggestionGoesIntoADraft of what was given back to its author meanwhile,
// and stops where the same place says something else by now.
func TestASuggestionGoesIntoADraft(t *testing.T) {
	d, ctx := open(t, storetest.Open(t)), t.Context()
	p := d.submit(d.start(attack.NewTechnique, "", good()))
	p = d.suggest(p, "Pour slowly.")
	p, err := d.Suggest(ctx, d.mia, p.ID, review.NewSuggestion{Revision: 1, Content: attack.Content{attack.FieldName: {Text: "Whistle Silencing"}}, Note: "Shorter."})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = d.verdict(d.rob, p, review.ActionRequestChanges); err != nil {
		t.Fatal(err)
	}
	draft, err := d.Draft(ctx, d.ana, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	draft.Content[attack.FieldName] = attack.Value{Text: "Whistle Stuffing"}
	if draft, err = d.Save(ctx, d.ana, p.ID, review.DraftUpdate{Version: draft.Version, Content: draft.Content}); err != nil {
		t.Fatal(err)
	}
	_, err = d.AnswerSuggestion(ctx, d.ana, p.ID, p.Suggestions[1].ID, review.ActionTake, review.SuggestionAnswer{Revision: 1})
	wants(t, "a name that is another one by now", err, fault.Conflict)
	p, err = d.AnswerSuggestion(ctx, d.ana, p.ID, p.Suggestions[0].ID, review.ActionTake, review.SuggestionAnswer{Revision: 1})
	if err != nil || p.Revision != 1 || p.State != review.StateChangesRequested || p.Suggestions[0].Made != 0 {
		t.Fatalf("taken into the draft: %+v, %v", p, err)
	}
	if draft, err = d.Draft(ctx, d.ana, p.ID); err != nil || !strings.HasSuffix(draft.Content[attack.FieldDescription].Text, "Pour slowly.") || draft.Content[attack.FieldName].Text != "Whistle Stuffing" {
		t.Errorf("the draft says %+v, %v", draft.Content, err)
	}
	if p = d.submit(draft); p.Requirements[0].Met || !strings.Contains(p.Requirements[0].Why, "not answered") {
		t.Errorf("one is open still: %+v", p.Requirements)
	}
	if p, err = d.AnswerSuggestion(ctx, d.mia, p.ID, p.Suggestions[1].ID, review.ActionDrop, review.SuggestionAnswer{Revision: 2}); err != nil || !p.Requirements[0].Met {
		t.Errorf("dropped: %+v, %v", p.Requirements, err)
	}
}

func TestWhatIsNoSuggestion(t *testing.T) {
	d, ctx := open(t, storetest.Open(t)), t.Context()
	p := d.submit(d.start(attack.NewTechnique, "", good()))
	name := func(text string) attack.Content { return attack.Content{attack.FieldName: {Text: text}} }
	for what, c := range map[string]struct {
		in   review.NewSuggestion
		code fault.Code
	}{
		"nothing changed":     {review.NewSuggestion{Revision: 1, Content: name("Whistle Muting "), Note: "Why."}, fault.Invalid},
		"no reason":           {review.NewSuggestion{Revision: 1, Content: name("Whistle Silencing"), Note: "  "}, fault.Invalid},
		"an older revision":   {review.NewSuggestion{Revision: 0, Content: name("Whistle Silencing"), Note: "Why."}, fault.Stale},
		"an unknown field":    {review.NewSuggestion{Revision: 1, Content: attack.Content{"colour": {Text: "red"}}, Note: "Why."}, fault.Invalid},
		"a text with errors":  {review.NewSuggestion{Revision: 1, Content: name(""), Note: "Why."}, fault.Invalid},
		"a shared secret":     {review.NewSuggestion{Revision: 1, Content: attack.Content{attack.FieldDescription: {Text: good()[attack.FieldDescription].Text + " See 10.20.30.40."}}, Note: "Why."}, fault.Invalid},
		"a secret in a note":  {review.NewSuggestion{Revision: 1, Content: name("Whistle Silencing"), Note: "As on 10.20.30.40."}, fault.Invalid},
		"control characters":  {review.NewSuggestion{Revision: 1, Content: name("Whistle\x00"), Note: "Why."}, fault.Invalid},
		"a note that is long": {review.NewSuggestion{Revision: 1, Content: name("Whistle Silencing"), Note: strings.Repeat("x", 10_001)}, fault.Invalid},
	} {
		_, err := d.Suggest(ctx, d.rob, p.ID, c.in)
		wants(t, what, err, c.code)
	}
	_, err := d.AnswerSuggestion(ctx, d.ana, p.ID, "none", review.ActionTake, review.SuggestionAnswer{Revision: 1})
	wants(t, "one that is not there", err, fault.NotFound)
	if now, err := d.Get(ctx, d.ana, p.ID); err != nil || len(now.Suggestions) != 0 {
		t.Errorf("something was kept: %+v, %v", now.Suggestions, err)
	}
}
