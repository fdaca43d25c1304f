package review

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/cowrite"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review/check"
)

// Verdicts of a review.
const (
	VerdictApprove        = "approve"
	VerdictRequestChanges = "request_changes"
	VerdictReject         = "reject"
)

// step is what an action does beside changing the state: the event that it
// appends, the verdict that it records, and whose turn it makes it.
type step struct {
	event   string
	verdict string // empty: no review
	noted   bool   // needs a note
	turn    func(row proposalRow, actor Actor) Turn
}

func steps() map[Action]step {
	return map[Action]step{
		ActionWithdraw: {KindWithdrawn, "", false, func(proposalRow, Actor) Turn { return Turn{} }},
		ActionStartReview: {KindStarted, "", false, func(_ proposalRow, a Actor) Turn {
			return Turn{User: a.User, Reason: "reviews it"}
		}},
		ActionApprove: {KindApproved, VerdictApprove, false, func(proposalRow, Actor) Turn {
			return Turn{Role: Maintainer, Reason: waitsForRelease}
		}},
		ActionRequestChanges: {KindChangesRequested, VerdictRequestChanges, true, func(r proposalRow, _ Actor) Turn {
			return Turn{User: r.AuthorID, Reason: "changes were requested"}
		}},
		ActionReject: {KindRejected, VerdictReject, true, func(proposalRow, Actor) Turn { return Turn{} }},
	}
}

// transition finds the row of the table for an action on a proposal. The fault
// is Forbidden where it is not this actor's to do, and Conflict where nobody
// can do it in the present state.
func transition(actor Actor, row proposalRow, action Action) (Transition, error) {
	for _, t := range Transitions() {
		if t.Action != action || t.From != row.State {
			continue
		}
		switch {
		case t.Guard == GuardNotAuthor && row.AuthorID == actor.User:
			return t, fault.New(fault.Forbidden, "Nobody reviews their own proposal. Another reviewer has to look at it.")
		case t.Guard == GuardNotAuthor && row.writes(actor.User):
			return t, fault.New(fault.Forbidden, "Nobody reviews what they write in. Another reviewer has to look at it.")
		case t.Guard == GuardNotAuthor && slices.Contains(row.penned, actor.User):
			return t, fault.New(fault.Forbidden, "A suggestion of yours is part of its text, and nobody reviews what they wrote. Another reviewer has to look at it.")
		case t.Guard == GuardNotWriter && row.writes(actor.User):
			return t, fault.New(fault.Forbidden, "You write in it, so change its text yourself (%s).", action)
		case t.Guard == GuardSuggester && row.suggester != actor.User:
			return t, fault.New(fault.Forbidden, "Only who made the suggestion takes it back.")
		case t.Guard == GuardParty && !row.party:
			return t, fault.New(fault.Forbidden, "You are not among those who had a part in it.")
		case t.Guard == GuardWriter && !row.writes(actor.User):
			return t, fault.New(fault.Forbidden, "Only its authors can do this (%s).", action)
		case t.Guard == GuardAuthor && row.AuthorID != actor.User:
			return t, fault.New(fault.Forbidden, "Only its author can do this (%s).", action)
		case !actor.Has(t.Roles...):
			return t, fault.New(fault.Forbidden, "Your role in this workshop does not allow this (%s). It takes %s.", action, AnyOf(t.Roles))
		}
		return t, nil
	}
	return Transition{}, fault.New(fault.Conflict, "This proposal is %s now, which does not allow this (%s).", strings.ReplaceAll(string(row.State), "_", " "), action)
}

// Refused tells why a draft cannot be submitted, or a revision not approved.
type Refused struct {
	Checks []Check `json:"checks"`
}

// Submit makes a revision of a draft and hands it to the reviewers. The fault
// is Invalid, with the findings, where a check is an error, and Stale where the
// draft was saved since it was seen.
func (p *Proposals) Submit(ctx context.Context, actor Actor, id string, in Submission) (Proposal, error) {
	return journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (Proposal, error) {
		seq, err := tx.NextSeq(actor.Workshop)
		if err != nil {
			return Proposal{}, err
		}
		if _, err := cowrite.Hold(tx.DB, TextsOf(id)); err != nil {
			return Proposal{}, err
		}
		row, err := find(tx.DB, actor, id)
		if err != nil {
			return Proposal{}, err
		}
		t, err := transition(actor, row, ActionSubmit)
		if err != nil {
			return Proposal{}, err
		}
		if row.DraftVersion != in.Version || !row.seen(in.Texts) {
			return Proposal{}, newerText()
		}
		if err := p.endTexts(tx, row); err != nil {
			return Proposal{}, err
		}
		revision, err := p.prepare(tx.DB, row)
		if err != nil {
			return Proposal{}, err
		}
		row.State, row.Revision, row.UpdatedAt = t.To, revision.Number, revision.CreatedAt
		proposal, err := p.submit(tx.DB, row, revision)
		if err != nil {
			return proposal, err
		}
		if _, err = tx.AppendAt(seq, row.WorkshopID, actor.User, KindSubmitted, map[string]any{"proposal": proposal}); err != nil {
			return proposal, err
		}
		return proposal, follow(tx, actor, row)
	})
}

// prepare makes the next revision of a row and refuses one with errors.
func (p *Proposals) prepare(db *gorm.DB, row proposalRow) (revisionRow, error) {
	w, err := row.draft()
	if err != nil {
		return revisionRow{}, err
	}
	base, err := baseOf(db, row)
	if err != nil {
		return revisionRow{}, err
	}
	form, err := row.form()
	if err != nil {
		return revisionRow{}, err
	}
	if w.Content, err = tidy(form, base, w.Content); err != nil { // texts are kept as they were typed
		return revisionRow{}, err
	}
	checks, err := p.checks(db, row, base, w)
	if err != nil {
		return revisionRow{}, err
	}
	if err := refuse(checks, "The proposal has errors. Put them right and submit again"); err != nil {
		return revisionRow{}, err
	}
	parts, err := p.parted(row, form, w.Content)
	if err != nil {
		return revisionRow{}, err
	}
	content, errContent := json.Marshal(w.Content)
	baseText, errBase := json.Marshal(base)
	checksText, errChecks := json.Marshal(check.Plain(checks))
	explained, errExplained := w.Explained.of(checks)
	return revisionRow{ProposalID: row.ID, Number: row.Revision + 1, Content: string(content), Base: string(baseText), Checks: string(checksText),
		Parts: parts, Rationale: w.Rationale, Explained: explained, CreatedAt: journal.Now()}, errors.Join(errContent, errBase, errChecks, errExplained)
}

// refuse gives the fault of content with errors; what is a sentence for it.
func refuse(checks []Check, what string) error {
	c, failed := check.Failed(checks)
	if !failed {
		return nil
	}
	field := "content." + c.Field
	if c.Field == FieldRationale {
		field = c.Field
	}
	if c.Shared != nil {
		c.Message += mustChange
	}
	return fault.InField(field, "%s: %s", what, c.Message).With(Refused{checks})
}

// approvable refuses a revision that has errors by now: the domain may have
// changed since it was submitted.
func (p *Proposals) approvable(db *gorm.DB, row proposalRow) error {
	stored, err := findRevision(db, row.ID, row.Revision)
	if err != nil {
		return err
	}
	w, base, err := stored.working(row)
	if err != nil {
		return err
	}
	checks, err := p.checks(db, row, base, w)
	if err != nil {
		return err
	}
	what := "ATT&CK or another proposal changed since this was submitted, and now it has errors. Request changes"
	if c, failed := check.Failed(checks); failed && c.Shared != nil {
		what = "It has something that must not be shared, and nobody said why it may stand. Say so, or request changes"
	}
	return refuse(checks, what)
}

// submit keeps the row and its revision. Who asked for changes is asked again.
func (p *Proposals) submit(db *gorm.DB, row proposalRow, revision revisionRow) (Proposal, error) {
	form, err := row.form()
	if err != nil {
		return Proposal{}, err
	}
	w, err := row.draft()
	if err != nil {
		return Proposal{}, err
	}
	row.Rationale, row.Bump = w.Rationale, w.Bump
	known, err := p.known(db, row)
	if err != nil {
		return Proposal{}, err
	}
	if row, err = row.about(p.taxonomy.Snapshot(), known.Object, form, w.Content); err != nil {
		return Proposal{}, err
	}
	if err := row.straight(db); err != nil {
		return Proposal{}, err
	}
	base, err := baseOf(db, row)
	if err != nil {
		return Proposal{}, err
	}
	if row, err = p.stood(db, row, wording{w.Content, base}); err != nil {
		return Proposal{}, err
	}
	before, err := one(db, row)
	if err != nil {
		return Proposal{}, err
	}
	turn := Turn{Role: Reviewer, Reason: "waits for a reviewer"}
	if n := len(before.Reviews); n > 0 {
		turn = Turn{Role: Reviewer, User: before.Reviews[n-1].Reviewer, Reason: "was revised as asked"}
	}
	if row, err = row.turnTo(turn); err != nil {
		return Proposal{}, err
	}
	if err := db.Create(&revision).Error; err != nil {
		return Proposal{}, fmt.Errorf("keep a revision: %w", err)
	}
	if err := update(db, row); err != nil {
		return Proposal{}, err
	}
	proposal, err := one(db, row)
	if err != nil {
		return proposal, err
	}
	shown, err := p.shown(row, revision)
	proposal.Content = &shown
	return proposal, err
}

// update writes what actions change of a proposal.
func update(db *gorm.DB, row proposalRow) error {
	done := db.Model(&proposalRow{}).Where("id = ?", row.ID).
		Select("state", "title", "subject", "rationale", "revision", "release_id", "bump", "turn", "standing", "updated_at").Updates(&row)
	if done.Error != nil {
		return fmt.Errorf("change a proposal: %w", done.Error)
	}
	return nil
}

// Withdraw takes a proposal back. Nobody is told of a draft that nobody saw.
func (p *Proposals) Withdraw(ctx context.Context, actor Actor, id string) (Proposal, error) {
	return p.act(ctx, actor, id, ActionWithdraw, Verdict{})
}

// Review does what a reviewer does: start-review, approve, request-changes or
// reject. The fault is Stale where there is a newer revision than the one that
// was looked at, and Invalid, with the findings, where what would be approved
// has errors.
func (p *Proposals) Review(ctx context.Context, actor Actor, id string, action Action, in Verdict) (Proposal, error) {
	in.Note = strings.TrimSpace(in.Note)
	if err := typed.Text("note", in.Note, check.MaxNote); err != nil {
		return Proposal{}, err
	}
	if steps()[action].noted && in.Note == "" {
		return Proposal{}, fault.InField("note", "Say why, so that the author can learn from it.")
	}
	if in.Bump != "" && !validBump(in.Bump) {
		return Proposal{}, fault.InField("bump", "Choose major, minor or patch.")
	}
	return p.act(ctx, actor, id, action, in)
}

// StaleVerdict is both sides of a verdict on a revision that was superseded.
type StaleVerdict struct {
	Yours  Verdict  `json:"yours"`
	Theirs Proposal `json:"theirs"`
}

func (p *Proposals) act(ctx context.Context, actor Actor, id string, action Action, in Verdict) (Proposal, error) {
	return journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (Proposal, error) {
		if err := tx.Hold(actor.Workshop); err != nil {
			return Proposal{}, err
		}
		if _, err := cowrite.Hold(tx.DB, TextsOf(id)); err != nil {
			return Proposal{}, err
		}
		row, err := find(tx.DB, actor, id)
		if err != nil {
			return Proposal{}, err
		}
		t, err := transition(actor, row, action)
		if err != nil {
			return Proposal{}, err
		}
		if err := p.endTexts(tx, row); err != nil { // of what is taken back
			return Proposal{}, err
		}
		if in.Revision != row.Revision && action != ActionWithdraw {
			theirs, err := one(tx.DB, row)
			if err == nil {
				err = fault.New(fault.Stale, "There is a newer revision (%d) than the one you looked at (%d).", row.Revision, in.Revision).With(StaleVerdict{in, theirs})
			}
			return theirs, err
		}
		if err := meets(tx.DB, row, action); err != nil {
			return Proposal{}, err
		}
		if action == ActionApprove {
			if err := p.approvable(tx.DB, row); err != nil {
				return Proposal{}, err
			}
			if err := row.dependable(tx.DB); err != nil {
				return Proposal{}, err
			}
		}
		s := steps()[action]
		if row, err = row.turnTo(s.turn(row, actor)); err != nil {
			return Proposal{}, err
		}
		row.State, row.UpdatedAt, row.Bump = t.To, journal.Now(), cmp.Or(in.Bump, row.Bump)
		if err := p.record(tx.DB, row, actor, s, in); err != nil {
			return Proposal{}, err
		}
		proposal, err := one(tx.DB, row)
		if err != nil || row.Revision == 0 {
			return proposal, err
		}
		_, err = tx.Append(row.WorkshopID, actor.User, s.event, map[string]any{"proposal": proposal})
		return proposal, err
	})
}

func (p *Proposals) record(db *gorm.DB, row proposalRow, actor Actor, s step, in Verdict) error {
	if s.verdict != "" {
		explained, err := p.sharableIn(db, row.WorkshopID, "note", in.Note, in.Explained)
		if err != nil {
			return err
		}
		kept, err := typed.WriteExplained(explained)
		if err != nil {
			return err
		}
		given := reviewRow{ID: uuid.NewString(), ProposalID: row.ID, Revision: row.Revision, ReviewerID: actor.User, Verdict: s.verdict,
			Note: in.Note, Explained: kept, CreatedAt: row.UpdatedAt}
		if in.Note != "" {
			given.NoteHTML = p.text.Render(in.Note)
		}
		if err := db.Create(&given).Error; err != nil {
			return fmt.Errorf("keep a review: %w", err)
		}
	}
	return update(db, row)
}
