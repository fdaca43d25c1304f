package review

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/cowrite"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
)

// Suggest keeps what a reviewer would have a proposal say, and asks its authors.
// The fault is Stale where there is a newer revision than the one that was
// looked at, and Invalid where nothing would change, the note says nothing, or
// the text would have errors that it has not.
func (p *Proposals) Suggest(ctx context.Context, actor Actor, id string, in NewSuggestion) (Proposal, error) {
	in.Note = strings.TrimSpace(in.Note)
	if err := typed.Text("note", in.Note, check.MaxNote); err != nil {
		return Proposal{}, err
	}
	if in.Note == "" {
		return Proposal{}, fault.InField("note", "Say why, so that its authors can decide.")
	}
	return journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (Proposal, error) {
		if err := tx.Hold(actor.Workshop); err != nil {
			return Proposal{}, err
		}
		row, err := find(tx.DB, actor, id)
		if err != nil {
			return Proposal{}, err
		}
		if _, err := transition(actor, row, ActionSuggest); err != nil {
			return Proposal{}, err
		}
		if in.Revision != row.Revision {
			return Proposal{}, fault.New(fault.Stale, "There is a newer revision (%d) than the one you looked at (%d). Look at it once more.", row.Revision, in.Revision)
		}
		if err := p.suggest(tx.DB, actor, row, in); err != nil {
			return Proposal{}, err
		}
		if row, err = row.turnTo(Turn{User: row.AuthorID, Reason: "a reviewer suggested another text"}); err != nil {
			return Proposal{}, err
		}
		row.UpdatedAt = journal.Now()
		if err := update(tx.DB, row); err != nil {
			return Proposal{}, err
		}
		return p.tellOne(tx, actor, row, KindSuggested)
	})
}

func (p *Proposals) suggest(db *gorm.DB, actor Actor, row proposalRow, in NewSuggestion) error {
	form, err := row.form()
	if err != nil {
		return err
	}
	stored, err := findRevision(db, row.ID, row.Revision)
	if err != nil {
		return err
	}
	now, base, err := stored.working(row)
	if err != nil {
		return err
	}
	next := now
	next.Content = maps.Clone(now.Content)
	for name, value := range in.Content {
		next.Content[name] = value
	}
	if next.Content, err = tidy(form, base, next.Content); err != nil {
		return err
	}
	fields := differing(form, now.Content, next.Content)
	if len(fields) == 0 {
		return fault.InField("content", "This says what the proposal says already. Change its text, or write a message.")
	}
	if err := p.noWorse(db, row, base, now, next); err != nil {
		return err
	}
	explained, err := p.sharableIn(db, row.WorkshopID, "note", in.Note, in.Explained)
	if err != nil {
		return err
	}
	kept, err := typed.WriteExplained(explained)
	if err != nil {
		return err
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return fmt.Errorf("write a suggestion: %w", err)
	}
	at := journal.Now()
	s := suggestionRow{ID: uuid.NewString(), ProposalID: row.ID, Revision: row.Revision, AuthorID: actor.User, Fields: string(text), Note: in.Note,
		NoteHTML: p.text.Render(in.Note), Explained: kept, State: SuggestionOpen, CreatedAt: at, UpdatedAt: at}
	if err := db.Create(&s).Error; err != nil {
		return fmt.Errorf("keep a suggestion: %w", err)
	}
	return nil
}

// noWorse refuses a text with errors that the one before had not.
func (p *Proposals) noWorse(db *gorm.DB, row proposalRow, base attack.Content, now, next working) error {
	before, err := p.checks(db, row, base, now)
	if err != nil {
		return err
	}
	after, err := p.checks(db, row, base, next)
	if err != nil {
		return err
	}
	added := slices.DeleteFunc(after, func(c Check) bool { return slices.ContainsFunc(before, c.Same) })
	return refuse(added, "What you suggest has an error")
}

// AnswerSuggestion does one of take, decline, drop and undo. What is taken makes
// a revision, by who suggested it, that has to be approved by somebody else; of
// what is in the hands of its authors, it goes into the draft. The fault is
// Stale where there is a newer revision than the one that was seen, and Conflict
// where the suggestion was answered, or the text changed at the same place.
func (p *Proposals) AnswerSuggestion(ctx context.Context, actor Actor, id, suggestion string, action Action, in SuggestionAnswer) (Proposal, error) {
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
		s, err := findSuggestion(tx.DB, id, suggestion)
		if err != nil {
			return Proposal{}, err
		}
		row.suggester = s.AuthorID
		t, err := transition(actor, row, action)
		if err != nil {
			return Proposal{}, err
		}
		if err := s.fits(action, row.Revision); err != nil {
			return Proposal{}, err
		}
		if in.Revision != row.Revision {
			return Proposal{}, fault.New(fault.Stale, "There is a newer revision (%d) than the one you looked at (%d). Look at it once more.", row.Revision, in.Revision)
		}
		return p.answer(tx, actor, row, s, t)
	})
}

func (p *Proposals) answer(tx *journal.Tx, actor Actor, row proposalRow, s suggestionRow, t Transition) (Proposal, error) {
	said, err := s.suggestion()
	if err != nil {
		return Proposal{}, err
	}
	kind := map[Action]string{ActionTake: KindTaken, ActionDecline: KindDeclined, ActionDrop: KindDropped, ActionUndo: KindUndone}[t.Action]
	s.State = map[Action]string{ActionTake: SuggestionTaken, ActionDecline: SuggestionDeclined, ActionDrop: SuggestionDropped, ActionUndo: SuggestionDeclined}[t.Action]
	s.AnsweredBy, s.UpdatedAt = actor.User, journal.Now()
	row.UpdatedAt = s.UpdatedAt
	wasAccepted := row.State == StateAccepted
	switch t.Action {
	case ActionTake:
		row, err = p.taken(tx, actor, row, said)
		if !row.inHand() {
			s.Made = row.Revision
		}
	case ActionUndo:
		row, err = p.untake(tx, actor, row)
	}
	if err != nil {
		return Proposal{}, err
	}
	done := tx.Model(&suggestionRow{}).Where("id = ?", s.ID).Select("state", "made", "answered_by", "updated_at").Updates(&s)
	if done.Error != nil {
		return Proposal{}, fmt.Errorf("answer a suggestion: %w", done.Error)
	}
	if row.State = t.To; wasAccepted && row.State != StateAccepted {
		row.ReleaseID = ""
	}
	if row, err = row.answeredTurn(tx.DB, t.Action, said); err != nil {
		return Proposal{}, err
	}
	if err := update(tx.DB, row); err != nil {
		return Proposal{}, err
	}
	return p.tellOne(tx, actor, row, kind)
}

// answeredTurn says who acts after a suggestion was answered.
func (r proposalRow) answeredTurn(db *gorm.DB, action Action, s Suggestion) (proposalRow, error) {
	more, err := waitsForAnswer(db, r.ID)
	if err != nil {
		return r, err
	}
	switch {
	case r.inHand():
		return r, nil
	case more:
		return r.turnTo(Turn{User: r.AuthorID, Reason: "a reviewer suggested another text"})
	case r.State == StateAccepted:
		return r.turnTo(Turn{Role: Maintainer, Reason: waitsForRelease})
	case action == ActionTake:
		return r.turnTo(Turn{Role: Reviewer, Reason: "was changed as suggested"})
	case r.State == StateInReview && action == ActionDecline:
		return r.turnTo(Turn{User: s.By, Reason: "the suggestion was declined"})
	}
	return r.turnTo(Turn{Role: Reviewer, Reason: "waits for a reviewer"})
}

// taken makes a suggestion what a proposal says.
func (p *Proposals) taken(tx *journal.Tx, actor Actor, row proposalRow, s Suggestion) (proposalRow, error) {
	form, err := row.form()
	if err != nil {
		return row, err
	}
	w, err := row.draft()
	if err != nil {
		return row, err
	}
	base, err := baseOf(tx.DB, row)
	if err != nil {
		return row, err
	}
	content, err := s.onto(form, check.Normal(form, base, w.Content))
	if err != nil {
		return row, err
	}
	if content, err = tidy(form, base, content); err != nil {
		return row, err
	}
	maker := actor
	maker.User = s.By
	note := "Took a suggestion: " + cut(s.Note, check.MaxReason)
	row, _, err = p.anew(tx, actor, maker, row, form, wording{filled(form, content), base}, note)
	return row, err
}

// untake makes what the revision before the latest said what a proposal says.
func (p *Proposals) untake(tx *journal.Tx, actor Actor, row proposalRow) (proposalRow, error) {
	form, err := row.form()
	if err != nil {
		return row, err
	}
	before, err := findRevision(tx.DB, row.ID, row.Revision-1)
	if err != nil {
		return row, err
	}
	w, base, err := before.working(row)
	if err != nil {
		return row, err
	}
	row, _, err = p.anew(tx, actor, actor, row, form, wording{filled(form, w.Content), base}, fmt.Sprintf("Put revision %d back.", before.Number))
	return row, err
}

// tellOne appends the event of a proposal that was changed, with its text.
func (p *Proposals) tellOne(tx *journal.Tx, actor Actor, row proposalRow, kind string) (Proposal, error) {
	proposal, err := one(tx.DB, row)
	if err != nil {
		return proposal, err
	}
	content, err := p.revision(tx.DB, row, row.Revision)
	if err != nil {
		return proposal, err
	}
	proposal.Content = &content
	_, err = tx.Append(row.WorkshopID, actor.User, kind, map[string]any{"proposal": proposal})
	return proposal, err
}
