package review

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/cowrite"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// Authors are those who write in a proposal with its author.
type Authors struct {
	Users []string `json:"users" maxItems:"50" doc:"user ids"`
}

// Invited hears, within the transaction, whom somebody lets write in a proposal.
type Invited func(tx *journal.Tx, p Proposal, by string, users []string) error

// Invitations sets what hears of invitations. Call it before the first.
func (p *Proposals) Invitations(f Invited) { p.invited = f }

type authorRow struct {
	ProposalID, UserID string
	Wrote              bool // also where it is gone by now
	CreatedAt          time.Time
}

func (authorRow) TableName() string { return "proposal_authors" }

// coAuthors lists who writes in proposals with their authors, by proposal and
// in the order in which they came; the query names the proposals.
func coAuthors(db *gorm.DB, ids any) (map[string][]string, error) {
	var rows []authorRow
	if err := db.Where("proposal_id IN (?)", ids).Order("created_at, user_id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list who writes proposals: %w", err)
	}
	users := map[string][]string{}
	for _, r := range rows {
		users[r.ProposalID] = append(users[r.ProposalID], r.UserID)
	}
	return users, nil
}

// writes says whether somebody is among those who write a proposal.
func (r proposalRow) writes(user string) bool {
	return r.AuthorID == user || slices.Contains(r.coAuthors, user)
}

// Penned says whether some of its text is somebody's: they write it, or a
// suggestion of theirs was taken. Nobody reviews that.
func (p Proposal) Penned(user string) bool {
	return p.Writes(user) || slices.Contains(p.penned(), user)
}

// Writes says whether somebody is among those who write it.
func (p Proposal) Writes(user string) bool {
	return p.Author == user || slices.Contains(p.CoAuthors, user)
}

// Invite says who writes in a proposal with its author, who is the one to say
// so. Whether they may propose at all is for the caller to know. The fault is
// Conflict where somebody would go who has written in it, or come who has
// reviewed it: nobody reviews what they wrote.
func (p *Proposals) Invite(ctx context.Context, actor Actor, id string, in Authors) (Proposal, error) {
	return journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (Proposal, error) {
		if err := tx.Hold(actor.Workshop); err != nil {
			return Proposal{}, err
		}
		row, err := find(tx.DB, actor, id)
		if err != nil {
			return Proposal{}, err
		}
		if _, err := transition(actor, row, ActionInvite); err != nil {
			return Proposal{}, err
		}
		if err := row.invite(tx.DB, in.Users); err != nil {
			return Proposal{}, err
		}
		proposal, err := one(tx.DB, row)
		if err == nil && p.invited != nil {
			came := slices.DeleteFunc(slices.Clone(in.Users), func(user string) bool { return slices.Contains(row.coAuthors, user) })
			err = p.invited(tx, proposal, actor.User, came)
		}
		if err != nil || row.Revision == 0 { // the others are told nothing of a draft that nobody saw
			return proposal, err
		}
		_, err = tx.Append(row.WorkshopID, actor.User, KindInvited, map[string]any{"proposal": proposal})
		return proposal, err
	})
}

func (r proposalRow) invite(db *gorm.DB, users []string) error {
	before, err := one(db, r)
	if err != nil {
		return err
	}
	wrote, err := r.wrote(db)
	if err != nil {
		return err
	}
	for _, user := range before.CoAuthors {
		if !slices.Contains(users, user) && slices.Contains(wrote, user) {
			return fault.New(fault.Conflict, "Who has written in it stays among its authors, and does not review it.")
		}
	}
	for i, user := range users {
		switch {
		case user == r.AuthorID || slices.Contains(users[:i], user):
			return fault.InField("users", "Name each person once, and not its author.")
		case slices.ContainsFunc(before.Reviews, func(one Review) bool { return one.Reviewer == user }):
			return fault.New(fault.Conflict, "Who has reviewed it cannot write in it, too.")
		case slices.Contains(before.CoAuthors, user):
			continue
		}
		if err := db.Create(&authorRow{r.ID, user, false, journal.Now()}).Error; err != nil {
			return fmt.Errorf("add an author: %w", err)
		}
	}
	gone := db.Where("proposal_id = ?", r.ID)
	if len(users) > 0 {
		gone = gone.Where("user_id NOT IN ?", users)
	}
	if err := gone.Delete(&authorRow{}).Error; err != nil {
		return fmt.Errorf("take authors away: %w", err)
	}
	return nil
}

// wrote lists the co-authors who have written something.
func (r proposalRow) wrote(db *gorm.DB) ([]string, error) {
	var users []string
	if err := db.Model(&authorRow{}).Where("proposal_id = ? AND wrote", r.ID).Pluck("user_id", &users).Error; err != nil {
		return nil, fmt.Errorf("list who wrote: %w", err)
	}
	now, err := cowrite.Writers(db, TextsOf(r.ID))
	return append(users, now...), err
}
