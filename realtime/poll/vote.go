package poll

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/atelier-attack/atelier/realtime/bus"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// urns hold the sums of anonymous polls, in memory and nowhere else.
type urns struct {
	id string // of this process; an open poll says whose it is

	closing sync.RWMutex // held for reading from before a vote is recorded until it is in the sums

	mu   sync.Mutex // guards sums
	sums map[string]Tally
}

func (u *urns) add(p Poll, b Ballot) {
	u.mu.Lock()
	defer u.mu.Unlock()
	t, ok := u.sums[p.ID]
	if !ok {
		t = newTally(p.Kind, len(p.Options))
	}
	t.add(p.Kind, b, 1)
	u.sums[p.ID] = t
}

func (u *urns) sum(p Poll) Tally {
	u.mu.Lock()
	defer u.mu.Unlock()
	if t, ok := u.sums[p.ID]; ok && t.Ballots >= MinAnonymous {
		return t
	}
	return Tally{Counts: []int{}, Withheld: true}
}

func (u *urns) forget(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.sums, id)
}

// opened finds a poll that takes such ballots.
func opened(db *gorm.DB, workshop, id string, anonymous bool, b Ballot) (row, Poll, error) {
	r, err := find(db, workshop, id)
	if err != nil {
		return r, Poll{}, err
	}
	p, err := r.poll()
	switch {
	case err != nil:
	case p.State != Open:
		err = fault.New(fault.Conflict, "This poll takes no votes: it is not open.")
	case p.Anonymous && !anonymous:
		err = fault.New(fault.Conflict, "This poll is anonymous, and a vote by name is not taken.")
	case !p.Anonymous && anonymous:
		err = fault.New(fault.Conflict, "This poll is by name, and an anonymous vote is not taken.")
	default:
		err = b.check(p.Kind, len(p.Options), p.Dots)
	}
	return r, p, err
}

// Vote votes by name, or changes the vote. Whether the voter may is the caller's
// affair.
func (s *Polls) Vote(ctx context.Context, workshop, user, id string, b Ballot) (Vote, error) {
	return journal.Do(ctx, s.journal, func(_ context.Context, tx *journal.Tx) (Vote, error) {
		seq, err := tx.NextSeq(workshop)
		if err != nil {
			return Vote{}, err
		}
		r, p, err := opened(tx.DB, workshop, id, false, b)
		if err != nil {
			return Vote{}, err
		}
		before, err := s.exchange(tx.DB, id, user, b)
		if err != nil {
			return Vote{}, err
		}
		if before != nil {
			p.Tally.add(p.Kind, before, -1)
		}
		p.Tally.add(p.Kind, b, 1)
		if err := r.keep(*p.Tally); err != nil {
			return Vote{}, err
		}
		if err := tx.Model(&row{}).Where("id = ?", id).Update("result", r.Result).Error; err != nil {
			return Vote{}, fmt.Errorf("keep the sums of a poll: %w", err)
		}
		v := Vote{Poll: id, User: user, Ballot: b, Tally: p.Tally}
		_, err = tx.AppendAt(seq, workshop, user, KindVoted, map[string]any{"vote": v})
		return v, err
	})
}

// exchange keeps a vote by name and gives the one that it replaces.
func (s *Polls) exchange(db *gorm.DB, id, user string, b Ballot) (before Ballot, err error) {
	var rows []ballotRow
	if err := db.Where("poll_id = ? AND user_id = ?", id, user).Limit(1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("find a vote: %w", err)
	}
	if len(rows) > 0 {
		if before, err = readBallot(rows[0].Ballot); err != nil {
			return nil, err
		}
	}
	text, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("write a vote: %w", err)
	}
	err = db.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "poll_id"}, {Name: "user_id"}}, DoUpdates: clause.AssignmentColumns([]string{"ballot"})}).
		Create(&ballotRow{id, user, string(text)}).Error
	if err != nil {
		return nil, fmt.Errorf("keep a vote: %w", err)
	}
	return before, nil
}

// Cast votes anonymously. A second time changes nothing and is answered like the
// first, so that a repeated request needs no key that would be kept with what it
// asked for.
func (s *Polls) Cast(ctx context.Context, workshop, user, id string, b Ballot) (Vote, error) {
	q := question{Do: "cast", Workshop: workshop, Poll: id, User: user, Ballot: b}
	return anywhere(journal.WithoutRequest(ctx), s, q, s.castHere, func(r reply) Vote { return r.Vote })
}

func (s *Polls) castHere(ctx context.Context, q question) (Vote, error) {
	s.urns.closing.RLock()
	defer s.urns.closing.RUnlock()
	var into *Poll
	vote := Vote{Poll: q.Poll, User: q.User, Ballot: Ballot{}}
	_, err := journal.Do(journal.WithoutRequest(ctx), s.journal, func(_ context.Context, tx *journal.Tx) (Vote, error) {
		if err := tx.Hold(q.Workshop); err != nil {
			return vote, err
		}
		r, p, err := opened(tx.DB, q.Workshop, q.Poll, true, q.Ballot)
		if err != nil {
			return vote, err
		}
		if r.Urn != s.urns.id {
			return vote, elsewhere{r.Urn}
		}
		done := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&voterRow{q.Poll, q.User})
		if done.Error != nil {
			return vote, fmt.Errorf("note who has voted: %w", done.Error)
		}
		if done.RowsAffected == 0 {
			return vote, nil
		}
		into = &p
		_, err = tx.Append(q.Workshop, q.User, KindVoted, map[string]any{"vote": vote})
		return vote, err
	})
	if err == nil && into != nil {
		s.urns.add(*into, q.Ballot)
	}
	return vote, err
}

// Close ends a poll; its event has the result. The fault is Conflict where it is
// not open.
func (s *Polls) Close(ctx context.Context, workshop, actor, id string) (Poll, error) {
	q := question{Do: "close", Workshop: workshop, Poll: id, User: actor}
	return anywhere(ctx, s, q, s.closeHere, func(r reply) Poll { return r.Poll })
}

func (s *Polls) closeHere(ctx context.Context, q question) (Poll, error) {
	s.urns.closing.Lock() // every vote that was recorded is in the sums
	defer s.urns.closing.Unlock()
	p, err := s.change(ctx, q.Workshop, q.User, q.Poll, Open, KindClosed, func(_ *journal.Tx, r *row) error {
		now := journal.Now()
		r.State, r.ClosedAt = string(Closed), &now
		if !r.Anonymous {
			return nil
		}
		if r.Urn != s.urns.id {
			return elsewhere{r.Urn}
		}
		p, err := r.poll()
		if err != nil {
			return err
		}
		r.Urn = ""
		return r.keep(s.urns.sum(p))
	})
	if err == nil {
		s.urns.forget(q.Poll)
	}
	return p, err
}

// Recover has those vote again whose anonymous votes were in the memory of a
// process that ended. It is called before the first vote is taken.
func (s *Polls) Recover(ctx context.Context) error {
	var rows []row
	if err := s.db.WithContext(ctx).Where("state = ? AND anonymous = ? AND urn <> ?", Open, true, s.urns.id).Order("workshop_id, seq").Find(&rows).Error; err != nil {
		return fmt.Errorf("look for anonymous polls of before: %w", err)
	}
	for _, r := range rows {
		if s.bus != nil {
			if _, err := s.ask(ctx, r.Urn, question{}); !errors.Is(err, bus.ErrNobody) {
				continue // it is there, or is asked with the next vote
			}
		}
		if err := s.takeOver(ctx, r.WorkshopID, r.ID, r.Urn); err != nil {
			return err
		}
	}
	return nil
}
