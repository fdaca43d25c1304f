package poll

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/atelier-attack/atelier/realtime/bus"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// Where several processes share a database, the sums of an anonymous poll are in
// the memory of the one that opened it; its row says which. The others hand on
// what they are asked. Where that process is gone, the one that finds out takes
// the poll over, and all vote again, as after a restart. A process that others
// believe to be gone, and that is not, sees by the row that the poll is not its
// own any more.

// question is what one process asks another about a poll.
type question struct {
	Do       string `json:"do"` // cast, close; empty: only whether it is there
	Workshop string `json:"workshop"`
	Poll     string `json:"poll"`
	User     string `json:"user"`
	Ballot   Ballot `json:"ballot,omitempty"`
	Key      string `json:"key,omitempty"` // of a request that may be repeated
	Hash     string `json:"hash,omitempty"`
}

// reply is what it answers.
type reply struct {
	Vote    Vote       `json:"vote"`
	Poll    Poll       `json:"poll"`
	Code    fault.Code `json:"code,omitempty"` // it failed
	Message string     `json:"message,omitempty"`
	Field   string     `json:"field,omitempty"`
	Moved   bool       `json:"moved,omitempty"` // they are not there any more
}

// elsewhere says that the sums are in another process.
type elsewhere struct{ urn string }

// Error is part of error.
func (e elsewhere) Error() string { return "another process keeps the votes of this poll" }

// asksFor is how often, and for how long each time, a process is asked before it
// counts as gone: it may just be connecting again.
const asksFor, asksEvery, askedFor = 4, 250 * time.Millisecond, 2 * time.Second

func subject(urn string) string { return "urn." + urn }

// Join lets processes that share the database hand on votes to each other. It is
// called before the first vote is taken.
func (s *Polls) Join(b bus.Bus) error {
	s.bus = b
	if err := b.Answer(subject(s.urns.id), s.reply); err != nil {
		return fmt.Errorf("take votes from other processes: %w", err)
	}
	return nil
}

// reply answers another process.
func (s *Polls) reply(asked []byte) []byte {
	var q question
	var r reply
	ctx, cancel := context.WithTimeout(context.Background(), askedFor)
	defer cancel()
	err := json.Unmarshal(asked, &q)
	if q.Key != "" {
		ctx = journal.WithRequest(ctx, q.User, q.Key, q.Hash)
	}
	switch {
	case err != nil:
	case q.Do == "cast":
		r.Vote, err = s.castHere(ctx, q)
	case q.Do == "close":
		r.Poll, err = s.closeHere(ctx, q)
	}
	var known *fault.Error
	switch {
	case errors.As(err, new(elsewhere)):
		r.Moved = true
	case errors.As(err, &known):
		r.Code, r.Message, r.Field = known.Code, known.Message, known.Field
	case err != nil:
		r.Code, r.Message = fault.Unavailable, "The vote could not be kept. Try again."
	}
	answer, _ := json.Marshal(r) // what it is made of can be written
	return answer
}

// anywhere does something about an anonymous poll where its sums are.
func anywhere[T any](ctx context.Context, s *Polls, q question, here func(context.Context, question) (T, error), answer func(reply) T) (T, error) {
	var none T
	q.Key, q.Hash = journal.RequestOf(ctx)
	for range asksFor {
		v, err := here(ctx, q)
		var away elsewhere
		if !errors.As(err, &away) {
			return v, err
		}
		r, err := s.ask(ctx, away.urn, q)
		switch {
		case errors.Is(err, bus.ErrNobody):
			if err := s.takeOver(journal.WithoutRequest(ctx), q.Workshop, q.Poll, away.urn); err != nil {
				return none, err
			}
		case err != nil:
			return none, fault.New(fault.Unavailable, "The server that keeps the votes of this poll cannot be reached at present. Try again in a moment.").Because(err)
		case r.Code != "":
			return none, &fault.Error{Code: r.Code, Message: r.Message, Field: r.Field}
		case !r.Moved:
			return answer(r), nil
		}
	}
	return none, fault.New(fault.Unavailable, "The votes of this poll move from one server to another. Try again in a moment.")
}

// ask asks the process that keeps the votes. Where nobody answers it is asked
// again, for it may just be connecting anew; what it has done already, it does
// once.
func (s *Polls) ask(ctx context.Context, urn string, q question) (r reply, err error) {
	if s.bus == nil {
		return r, errors.New("no bus is there to ask another process")
	}
	text, err := json.Marshal(q)
	if err != nil {
		return r, fmt.Errorf("hand on a vote: %w", err)
	}
	for n := range asksFor {
		if n > 0 {
			time.Sleep(asksEvery)
		}
		var answer []byte
		within, cancel := context.WithTimeout(ctx, askedFor)
		answer, err = s.bus.Ask(within, subject(urn), text)
		cancel()
		if err == nil {
			return r, json.Unmarshal(answer, &r)
		}
	}
	return r, err
}

// takeOver makes the poll of a process that is gone one of this process, unless
// somebody else has.
func (s *Polls) takeOver(ctx context.Context, workshop, id, urn string) error {
	r, err := find(s.db.WithContext(ctx), workshop, id)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, workshop, r.MadeBy, id, Open, KindRestarted, func(tx *journal.Tx, r *row) error {
		if r.Urn != urn {
			return errTaken
		}
		r.Urn, r.Restarts = s.urns.id, r.Restarts+1
		if err := tx.Where("poll_id = ?", r.ID).Delete(&voterRow{}).Error; err != nil {
			return fmt.Errorf("have all vote again: %w", err)
		}
		return nil
	})
	if errors.Is(err, errTaken) {
		return nil
	}
	return err
}

var errTaken = errors.New("another process has taken the poll over")
