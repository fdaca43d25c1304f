package review_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
)

// joins gives the workshop's facilitator an organisation.
func (d *desk) joins(organisation string) {
	d.t.Helper()
	if err := d.db.Exec("UPDATE users SET organisation = ? WHERE name = 'Fay'", organisation).Error; err != nil {
		d.t.Fatal(err)
	}
}

// shared are the findings of the guard by what they found.
func shared(checks []review.Check) map[string]review.Check {
	found := map[string]review.Check{}
	for _, c := range checks {
		if c.Shared != nil {
			found[c.Shared.Text] = c
		}
	}
	return found
}

func (d *desk) save(draft review.Draft, change func(*review.DraftUpdate)) review.Draft {
	d.t.Helper()
	in := review.DraftUpdate{Version: draft.Version, Content: maps.Clone(draft.Content), Rationale: draft.Proposal.Rationale}
	change(&in)
	next, err := d.Save(d.t.Context(), d.ana, draft.Proposal.ID, in)
	if err != nil {
		d.t.Fatal(err)
	}
	return next
}

// refused gives what stops a submission.
func (d *desk) refused(draft review.Draft) (field string, checks []review.Check) {
	d.t.Helper()
	_, err := d.Submit(d.t.Context(), d.ana, draft.Proposal.ID, review.Submission{Version: draft.Version})
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Invalid {
		d.t.Fatalf("submitted: %v", err)
	}
	if !strings.Contains(f.Message, "Change it, or say") {
		d.t.Errorf("it does not say what to do: %s", f.Message)
	}
	return f.Field, f.Details.(review.Refused).Checks
}

// TestWhatMustNotBeSharedIsChangedOrExplained follows findings from the draft
// to the reviewers.
func TestWhatMustNotBeSharedIsChangedOrExplained(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := open(t, db)
		d.joins("Brightlake Energy AG")
		content := good()
		said := content[attack.FieldDescription].Text
		content[attack.FieldDescription] = attack.Value{Text: said + " It calls 45.77.65.211, as Brightlake Energy saw. TLP:GREEN"}
		draft := d.start(attack.NewTechnique, "", content)
		found := shared(draft.Checks)
		if len(found) != 3 || found["Brightlake Energy"].Code != check.CodeVictim || found["TLP:GREEN"].Code != check.CodeMarking || len(draft.Explained) != 0 {
			t.Fatalf("found %+v", draft.Checks)
		}
		if field, checks := d.refused(draft); field != "content.description" || len(shared(checks)) != 3 {
			t.Errorf("refused for %s: %+v", field, checks)
		}
		ip, org := found["45.77.65.211"].Shared.Key, found["Brightlake Energy"].Shared.Key
		draft = d.save(draft, func(in *review.DraftUpdate) {
			in.Content[attack.FieldDescription] = attack.Value{Text: said + " It calls 45.77.65.211, as Brightlake Energy saw."}
			in.Explained = map[string]string{ip: " A sinkhole. ", org: "Their own paper says so.", "0123456789abcdef": "Nothing."}
		})
		if want := map[string]string{ip: "A sinkhole.", org: "Their own paper says so."}; !maps.Equal(draft.Explained, want) {
			t.Errorf("explained are %v", draft.Explained)
		}
		draft = d.save(draft, func(in *review.DraftUpdate) {
			in.Content[attack.FieldDescription] = attack.Value{Text: said + " It calls 45.77.65.211 and bad-site.ru."}
			in.Rationale = "Seen at 10.4.5.6."
		})
		if want := map[string]string{ip: "A sinkhole."}; !maps.Equal(draft.Explained, want) {
			t.Errorf("what is not found any more is still explained: %v", draft.Explained)
		}
		if _, checks := d.refused(draft); shared(checks)["bad-site.ru"].Level != check.Error || shared(checks)["10.4.5.6"].Field != review.FieldRationale {
			t.Errorf("refused for %+v", checks)
		}
		draft = d.save(draft, func(in *review.DraftUpdate) {
			in.Content[attack.FieldDescription] = attack.Value{Text: said + " It calls 45.77.65.211."}
		})
		if field, _ := d.refused(draft); field != review.FieldRationale {
			t.Errorf("refused for %s", field)
		}
		p := d.submit(d.save(draft, func(in *review.DraftUpdate) { in.Rationale = "Seen." }))
		seen := shared(p.Content.Checks)["45.77.65.211"]
		if len(shared(p.Content.Checks)) != 1 || seen.Level != check.Warning || seen.Shared.Reason != "A sinkhole." {
			t.Errorf("reviewers see %+v", p.Content.Checks)
		}
		if p, err := d.Review(t.Context(), d.rob, p.ID, review.ActionApprove, review.Verdict{Revision: 1}); err != nil || p.State != review.StateAccepted {
			t.Errorf("approve: %v", err)
		}
	})
}

// TestAnExplanationThatCannotBeKept refuses what is none.
func TestAnExplanationThatCannotBeKept(t *testing.T) {
	d := open(t, storetest.Open(t))
	draft := d.start(attack.NewTechnique, "", good())
	many := map[string]string{}
	for n := range check.MaxReasons + 1 {
		many[strings.Repeat("a", n+1)] = "a"
	}
	for what, explained := range map[string]map[string]string{
		"no key": {"name": "a"}, "a long reason": {"0123456789abcdef": strings.Repeat("é", check.MaxReason+1)}, "two lines": {"0123456789abcdef": "a\nb"},
		"a hidden character": {"0123456789abcdef": "a\u202eb"}, "very many": many,
	} {
		_, err := d.Save(t.Context(), d.ana, draft.Proposal.ID, review.DraftUpdate{Version: 1, Content: good(), Explained: explained})
		wants(t, what, err, fault.Invalid)
	}
}

// TestWhatIsSubmittedIsExplainedAfterwards lets an organisation join that a
// proposal under review names.
func TestWhatIsSubmittedIsExplainedAfterwards(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d, ctx := open(t, db), t.Context()
		content := good()
		content[attack.FieldDescription] = attack.Value{Text: content[attack.FieldDescription].Text + " Brightlake wrote of it."}
		p := d.submit(d.start(attack.NewTechnique, "", content))
		d.joins("Brightlake")
		_, err := d.Review(ctx, d.rob, p.ID, review.ActionApprove, review.Verdict{Revision: 1})
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != fault.Invalid || len(shared(f.Details.(review.Refused).Checks)) != 1 {
			t.Fatalf("approved: %v", err)
		}
		key := shared(f.Details.(review.Refused).Checks)["Brightlake"].Shared.Key
		reason := map[string]string{key: "In their own paper."}
		stranger := review.Actor{User: d.mia.User, Roles: []review.Role{review.Participant}, Workshop: d.workshop}
		for what, c := range map[string]struct {
			actor review.Actor
			in    review.Explanation
			code  fault.Code
		}{
			"another participant": {stranger, review.Explanation{Revision: 1, Explained: reason}, fault.Forbidden},
			"an old revision":     {d.rob, review.Explanation{Revision: 0, Explained: reason}, fault.Stale},
			"another key":         {d.rob, review.Explanation{Revision: 1, Explained: map[string]string{"0123456789abcdef": "a"}}, fault.Invalid},
			"no reason":           {d.rob, review.Explanation{Revision: 1, Explained: map[string]string{key: " "}}, fault.Invalid},
		} {
			_, err := d.Explain(ctx, c.actor, p.ID, c.in)
			wants(t, what, err, c.code)
		}
		explained, err := d.Explain(ctx, d.rob, p.ID, review.Explanation{Revision: 1, Explained: reason})
		if err != nil || explained.Revision != 2 || explained.State != review.StateSubmitted || explained.Content.MadeBy != d.rob.User || !strings.Contains(explained.Content.Note, "In their own paper.") {
			t.Fatalf("explained: %+v, %v", explained, err)
		}
		if kinds := d.kinds(); kinds[len(kinds)-1] != review.KindExplained {
			t.Errorf("journal has %v", kinds)
		}
		if p, err = d.Review(ctx, d.rob, p.ID, review.ActionRequestChanges, review.Verdict{Revision: 2, Note: "More."}); err != nil {
			t.Fatal(err)
		}
		_, err = d.Explain(ctx, d.rob, p.ID, review.Explanation{Revision: 2, Explained: reason})
		wants(t, "in the hands of its author", err, fault.Conflict)
		draft, err := d.Draft(ctx, d.ana, p.ID)
		if err != nil || draft.Explained[key] != "In their own paper." {
			t.Errorf("its author has %+v, %v", draft.Explained, err)
		}
		p = d.submit(draft)
		if p, err = d.Review(ctx, d.rob, p.ID, review.ActionApprove, review.Verdict{Revision: 3}); err != nil || p.State != review.StateAccepted {
			t.Errorf("approve: %v", err)
		}
	})
}

// TestARowOfASpreadsheetThatMustNotBeShared is an error of the row.
func TestARowOfASpreadsheetThatMustNotBeShared(t *testing.T) {
	d := open(t, storetest.Open(t))
	in := sheetOf(example(gang, "T1001", "The gang overfilled the kettle at 45.77.65.211."))
	report, err := d.TrySheet(t.Context(), d.ana, domain, in)
	if err != nil || report.Errors != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	c := shared(report.Rows[0].Checks)["45.77.65.211"]
	if c.Level != check.Error || c.Field != attack.FieldDescription || !strings.Contains(c.Message, "Change it in the spreadsheet.") || !strings.HasSuffix(c.Message, c.Shared.Why) {
		t.Errorf("the row says %+v", report.Rows[0].Checks)
	}
	if _, err := d.MakeSheet(t.Context(), d.ana, domain, in); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("made: %v", err)
	}
	if drafts, err := d.Drafts(t.Context(), d.ana); err != nil || len(drafts) > 0 {
		t.Errorf("drafts: %+v, %v", drafts, err)
	}
}

// TestAWorkshopsLevelsHold lets a rule refuse a submission in the workshop that
// chose so, and in no other.
func TestAWorkshopsLevelsHold(t *testing.T) {
	d := open(t, storetest.Open(t))
	content := good()
	text := content[attack.FieldDescription].Text
	content[attack.FieldDescription] = attack.Value{Text: strings.Replace(text, "Who waits", "Hackers do so. Who waits", 1)}
	d.submit(d.start(attack.NewTechnique, "", content))
	policy := fmt.Sprintf(`{"join":"code","technique_ids_from":9000,"levels":{%q:"error"}}`, check.CodeTerm)
	if err := d.db.Exec("UPDATE workshops SET policy = ? WHERE id = ?", policy, d.workshop).Error; err != nil {
		t.Fatal(err)
	}
	content[attack.FieldName] = attack.Value{Text: "Whistle Bending"}
	draft := d.start(attack.NewTechnique, "", content)
	_, err := d.Submit(t.Context(), d.ana, draft.Proposal.ID, review.Submission{Version: draft.Version})
	var f *fault.Error
	if !errors.As(err, &f) || f.Field != "content."+attack.FieldDescription {
		t.Errorf("submitted: %v", err)
	}
}

// TestANoteOfAReviewIsLookedAt refuses a note as it refuses a proposal.
func TestANoteOfAReviewIsLookedAt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d, ctx := open(t, db), t.Context()
		p := d.submit(d.start(attack.NewTechnique, "", good()))
		note := review.Verdict{Revision: 1, Note: "Is it the one at 45.77.65.211?"}
		_, err := d.Review(ctx, d.rob, p.ID, review.ActionRequestChanges, note)
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != fault.Invalid || f.Field != "note" {
			t.Fatalf("kept: %v", err)
		}
		key := shared(f.Details.(review.Refused).Checks)["45.77.65.211"].Shared.Key
		looked, err := d.Look(ctx, d.rob, note.Note, map[string]string{key: "A sinkhole."})
		if err != nil || shared(looked)["45.77.65.211"].Level != check.Warning {
			t.Errorf("looked at: %+v, %v", looked, err)
		}
		note.Explained = map[string]string{key: "A sinkhole."}
		if p, err = d.Review(ctx, d.rob, p.ID, review.ActionRequestChanges, note); err != nil {
			t.Fatal(err)
		}
		if e := p.Reviews[0].Explained; len(e) != 1 || e[0].Text != "45.77.65.211" || e[0].Reason != "A sinkhole." {
			t.Errorf("explained: %+v", e)
		}
		fresh, err := d.Get(ctx, d.rob, p.ID)
		if err != nil || len(fresh.Reviews[0].Explained) != 1 {
			t.Errorf("read afresh: %+v, %v", fresh.Reviews, err)
		}
	})
}
