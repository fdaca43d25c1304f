package review_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/cowrite"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
)

// told notes what is said of texts.
type told struct {
	over    []string
	changed []cowrite.Name
}

func (t *told) Forget(topic string)           { t.over = append(t.over, topic) }
func (t *told) Changed(names ...cowrite.Name) { t.changed = append(t.changed, names...) }

// write has somebody write at the end of the description of a draft.
func (d *desk) write(who review.Actor, proposal, more string) {
	d.t.Helper()
	name := cowrite.Name{Topic: review.TextsOf(proposal), Field: attack.FieldDescription}
	now, err := cowrite.Now(d.db, name.Topic)
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := cowrite.Replace(d.db, name, who.User, now[name].Text+more); err != nil {
		d.t.Fatal(err)
	}
}

func TestADraftSaysWhatItsTextsSay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := open(t, db)
		heard := &told{}
		d.Tell(heard)
		draft := d.start(attack.NewTechnique, "", good())
		id, before := draft.Proposal.ID, draft.Content[attack.FieldDescription].Text
		if len(draft.Texts) != 0 {
			t.Errorf("before anybody opened them there are texts: %v", draft.Texts)
		}
		_, err := d.OpenTexts(t.Context(), d.rob, id)
		wants(t, "texts of somebody else's draft", err, fault.NotFound)
		for range 2 {
			texts, err := d.OpenTexts(t.Context(), d.ana, id)
			if err != nil || texts[attack.FieldDescription] != (cowrite.Text{Text: before}) {
				t.Fatalf("texts: %v, %v", texts, err)
			}
		}
		d.write(d.ana, id, " A hacker does.\n")
		now, err := d.Draft(t.Context(), d.ana, id)
		if err != nil || now.Content[attack.FieldDescription].Text != before+" A hacker does.\n" || now.Texts[attack.FieldDescription] != 1 || now.Version != 1 {
			t.Errorf("the draft is %+v, %v", now, err)
		}
		if !slices.ContainsFunc(now.Checks, func(c review.Check) bool { return strings.Contains(c.Message, "hacker") }) {
			t.Errorf("the checks have not seen it: %+v", now.Checks)
		}

		// What keeps the text leaves it alone, whatever it says of it.
		content := good()
		content[attack.FieldName] = attack.Value{Text: "Whistle Stuffing"}
		now, err = d.Save(t.Context(), d.ana, id, review.DraftUpdate{Version: 1, Content: content, Keep: []string{attack.FieldDescription}})
		if err != nil || !strings.HasSuffix(now.Content[attack.FieldDescription].Text, "A hacker does.\n") || now.Content[attack.FieldName].Text != "Whistle Stuffing" || len(heard.changed) != 0 {
			t.Errorf("saved: %+v, %v; told %v", now.Content, err, heard.changed)
		}
		_, err = d.Save(t.Context(), d.ana, id, review.DraftUpdate{Version: 2, Content: content, Texts: map[string]int64{attack.FieldDescription: 0}})
		wants(t, "a text that was seen as it was before", err, fault.Stale)
		now, err = d.Save(t.Context(), d.ana, id, review.DraftUpdate{Version: 2, Content: content, Texts: map[string]int64{attack.FieldDescription: 1}})
		if err != nil || now.Content[attack.FieldDescription].Text != before || now.Texts[attack.FieldDescription] != 2 {
			t.Errorf("replaced: %+v, %v", now, err)
		}
		if want := (cowrite.Name{Topic: review.TextsOf(id), Field: attack.FieldDescription}); !slices.Equal(heard.changed, []cowrite.Name{want}) {
			t.Errorf("told of %v", heard.changed)
		}

		d.write(d.ana, id, " It is quiet.  \n")
		_, err = d.Submit(t.Context(), d.ana, id, review.Submission{Version: now.Version, Texts: now.Texts})
		wants(t, "a submission of what was not seen", err, fault.Stale)
		p, err := d.Submit(t.Context(), d.ana, id, review.Submission{Version: now.Version, Texts: map[string]int64{attack.FieldDescription: 3}})
		if err != nil || !slices.Equal(heard.over, []string{review.TextsOf(id)}) {
			t.Fatalf("submit: %v; over are %v", err, heard.over)
		}
		for _, f := range p.Content.Fields {
			if f.Field.Name == attack.FieldDescription && f.After.Text != before+" It is quiet." {
				t.Errorf("submitted was %q", f.After.Text)
			}
		}
		if left, err := cowrite.Now(d.db, review.TextsOf(id)); err != nil || len(left) != 0 {
			t.Errorf("texts are left: %v, %v", left, err)
		}
		wants(t, "writing in what is submitted", d.MayWrite(t.Context(), d.ana, id), fault.Conflict)
	})
}

// TestADraftThatIsWrittenInMovesUp notes it once in a while, and not for each
// letter.
func TestADraftThatIsWrittenInMovesUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := open(t, db)
		ctx := t.Context()
		older := d.start(attack.NewTechnique, "", good())
		newer := d.start(attack.NewTechnique, "", good())
		first := func() review.Proposal {
			t.Helper()
			list, err := d.Drafts(ctx, d.ana)
			if err != nil || len(list) != 2 {
				t.Fatalf("drafts: %+v, %v", list, err)
			}
			return list[0]
		}
		for _, draft := range []review.Draft{newer, older} {
			time.Sleep(2 * time.Millisecond) // which is what times tell apart
			if err := d.Wrote(ctx, d.ana, draft.Proposal.ID); err != nil {
				t.Fatal(err)
			}
		}
		now := first()
		if now.ID != older.Proposal.ID || !now.UpdatedAt.After(older.Proposal.UpdatedAt) {
			t.Errorf("first is #%d of %v", now.Number, now.UpdatedAt)
		}
		time.Sleep(2 * time.Millisecond)
		if err := d.Wrote(ctx, d.ana, older.Proposal.ID); err != nil || !first().UpdatedAt.Equal(now.UpdatedAt) {
			t.Errorf("a letter later: %v, %v", first().UpdatedAt, err)
		}
	})
}

func TestWhoWritesInAProposalDoesNotReviewIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := open(t, db)
		ctx := t.Context()
		draft := d.start(attack.NewTechnique, "", good())
		id := draft.Proposal.ID
		for what, users := range map[string][]string{"its author": {d.ana.User}, "somebody twice": {d.rob.User, d.rob.User}} {
			_, err := d.Invite(ctx, d.ana, id, review.Authors{Users: users})
			wants(t, what, err, fault.Invalid)
		}
		invite := func(users ...string) review.Proposal {
			t.Helper()
			p, err := d.Invite(ctx, d.ana, id, review.Authors{Users: users})
			slices.Sort(users)
			if err != nil || !slices.Equal(slices.Sorted(slices.Values(p.CoAuthors)), users) {
				t.Fatalf("invite: %v, %v", p.CoAuthors, err)
			}
			return p
		}
		invite(d.rob.User, d.mia.User)
		_, err := d.Invite(ctx, d.rob, id, review.Authors{})
		wants(t, "a co-author who takes others away", err, fault.Forbidden)
		if mine, err := d.Drafts(ctx, d.rob); err != nil || len(mine) != 1 || mine[0].ID != id || len(mine[0].CoAuthors) != 2 {
			t.Errorf("the co-author's drafts are %+v, %v", mine, err)
		}
		if _, err := d.OpenTexts(ctx, d.rob, id); err != nil {
			t.Fatal(err)
		}
		d.write(d.rob, id, " It is quiet.")
		invite(d.rob.User) // Mia has written nothing
		_, err = d.Draft(ctx, d.mia, id)
		wants(t, "the draft for who was taken away", err, fault.NotFound)
		_, err = d.Invite(ctx, d.ana, id, review.Authors{})
		wants(t, "to take away who wrote", err, fault.Conflict)
		_, err = d.Submit(ctx, d.rob, id, review.Submission{Version: 1})
		wants(t, "a submission by a co-author", err, fault.Forbidden)
		p, err := d.Submit(ctx, d.ana, id, review.Submission{Version: 1})
		if err != nil || !slices.Equal(p.CoAuthors, []string{d.rob.User}) {
			t.Fatalf("submitted: %v, %v", p.CoAuthors, err)
		}
		_, err = d.Review(ctx, d.rob, id, review.ActionApprove, review.Verdict{Revision: 1})
		wants(t, "an approval by a co-author", err, fault.Forbidden)
		if q, err := d.Queue(ctx, d.rob); err != nil || len(q.Items) != 1 || q.Items[0].Mine {
			t.Errorf("their queue has %+v, %v", q.Items, err)
		}
		if p, err = d.Review(ctx, d.mia, id, review.ActionRequestChanges, review.Verdict{Revision: 1, Note: "Say where."}); err != nil {
			t.Fatal(err)
		}
		_, err = d.Invite(ctx, d.ana, id, review.Authors{Users: []string{d.rob.User, d.mia.User}})
		wants(t, "a reviewer as a co-author", err, fault.Conflict)
		_, err = d.Invite(ctx, d.ana, id, review.Authors{})
		wants(t, "to take away who once wrote", err, fault.Conflict)
		invite(d.rob.User)
		var event struct{ Proposal review.Proposal }
		if data := d.events(review.KindInvited); len(data) != 1 || json.Unmarshal([]byte(data[0]), &event) != nil || !slices.Equal(event.Proposal.CoAuthors, []string{d.rob.User}) {
			t.Errorf("the journal has %v", data)
		}
	})
}

func TestATextTakesOverWhatMoved(t *testing.T) {
	d := open(t, storetest.Open(t))
	heard := &told{}
	d.Tell(heard)
	draft := d.refine("T1001", nil)
	id := draft.Proposal.ID
	if _, err := d.OpenTexts(t.Context(), d.ana, id); err != nil {
		t.Fatal(err)
	}
	d.write(d.ana, id, "\n\nIt is loud.")
	d.newer("3.2", only(overfill, func(o map[string]any) { o["description"] = "New: " + o["description"].(string) }))
	u, err := d.Upgrade(t.Context(), d.ana, id)
	if err != nil || u.Onto == 0 {
		t.Fatalf("upgrade: %+v, %v", u, err)
	}
	if _, err := d.TakeOver(t.Context(), d.ana, id, review.TakeOver{Onto: u.Onto, Version: u.Version}); err != nil {
		t.Fatal(err)
	}
	now, err := d.Draft(t.Context(), d.ana, id)
	if text := now.Content[attack.FieldDescription].Text; err != nil || !strings.HasPrefix(text, "New: ") || !strings.HasSuffix(text, "It is loud.") || len(heard.changed) != 1 {
		t.Errorf("the text is %q, %v; told of %v", text, err, heard.changed)
	}
}
