package poll

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/bus"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/typed"
)

// Guard refuses a text of a workshop that has what must not be shared. The
// handle may be inside a transaction.
type Guard func(db *gorm.DB, workshop, text string, reasons map[string]string) ([]typed.Explained, error)

// Polls keeps the polls of a database. Its methods may be called at once.
type Polls struct {
	db      *gorm.DB
	journal *journal.Journal
	guard   Guard
	urns    urns
	bus     bus.Bus // nil: this process is the only one
}

// New makes the Polls of a database.
func New(db *gorm.DB, j *journal.Journal, guard Guard) *Polls {
	return &Polls{db: db, journal: j, guard: guard, urns: urns{id: uuid.NewString(), sums: map[string]Tally{}}}
}

// Make makes a poll and opens it where that is asked for. The fault is Invalid
// where it has what must not be shared.
func (s *Polls) Make(ctx context.Context, workshop, by string, n NewPoll) (Poll, error) {
	n, err := n.clean()
	if err != nil {
		return Poll{}, err
	}
	options, err := json.Marshal(n.Options)
	if err != nil {
		return Poll{}, fmt.Errorf("write the options of a poll: %w", err)
	}
	return journal.Do(ctx, s.journal, func(_ context.Context, tx *journal.Tx) (Poll, error) {
		seq, err := tx.NextSeq(workshop)
		if err != nil {
			return Poll{}, err
		}
		if err := s.room(tx.DB, workshop, n); err != nil {
			return Poll{}, err
		}
		r := row{ID: uuid.NewString(), WorkshopID: workshop, Kind: string(n.Kind), Question: n.Question, Options: string(options), Dots: n.Dots,
			Anonymous: n.Anonymous, About: n.About, State: string(Made), MadeBy: by, Seq: seq}
		kind := KindMade
		if n.Open {
			kind = KindOpened
			if err := s.begin(&r); err != nil {
				return Poll{}, err
			}
		}
		if err := tx.Create(&r).Error; err != nil {
			return Poll{}, fmt.Errorf("make a poll: %w", err)
		}
		return told(tx, seq, by, kind, r)
	})
}

// room refuses one poll too many, and what must not be shared.
func (s *Polls) room(db *gorm.DB, workshop string, n NewPoll) error {
	var polls int64
	if err := db.Model(&row{}).Where("workshop_id = ?", workshop).Count(&polls).Error; err != nil {
		return fmt.Errorf("count polls: %w", err)
	}
	if polls >= MaxPolls {
		return fault.New(fault.Conflict, "A workshop has at most %d polls.", MaxPolls)
	}
	for _, text := range append([]string{n.Question}, n.Options...) {
		if _, err := s.guard(db, workshop, text, nil); err != nil {
			return err
		}
	}
	return nil
}

// begin makes a row that of an open poll.
func (s *Polls) begin(r *row) error {
	now := journal.Now()
	r.State, r.OpenedAt = string(Open), &now
	if r.Anonymous {
		r.Urn = s.urns.id
		return nil
	}
	p, err := r.poll()
	if err != nil {
		return err
	}
	return r.keep(newTally(p.Kind, len(p.Options)))
}

func (r *row) keep(t Tally) error {
	text, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("write the sums of a poll: %w", err)
	}
	r.Result = string(text)
	return nil
}

func told(tx *journal.Tx, seq int64, actor, kind string, r row) (Poll, error) {
	p, err := r.poll()
	if err != nil {
		return p, err
	}
	_, err = tx.AppendAt(seq, r.WorkshopID, actor, kind, map[string]any{"poll": p})
	return p, err
}

// change runs fn on a poll that is in a state, keeps what fn made of it, and
// tells the room.
func (s *Polls) change(ctx context.Context, workshop, actor, id string, from State, kind string, fn func(*journal.Tx, *row) error) (Poll, error) {
	return journal.Do(ctx, s.journal, func(_ context.Context, tx *journal.Tx) (Poll, error) {
		seq, err := tx.NextSeq(workshop)
		if err != nil {
			return Poll{}, err
		}
		r, err := find(tx.DB, workshop, id)
		if err != nil {
			return Poll{}, err
		}
		if r.State != string(from) {
			return Poll{}, fault.New(fault.Conflict, "This poll is %s by now.", r.State)
		}
		if err := fn(tx, &r); err != nil {
			return Poll{}, err
		}
		if err := tx.Save(&r).Error; err != nil {
			return Poll{}, fmt.Errorf("change a poll: %w", err)
		}
		return told(tx, seq, actor, kind, r)
	})
}

// Open opens a poll for votes. The fault is Conflict where it was open before.
func (s *Polls) Open(ctx context.Context, workshop, actor, id string) (Poll, error) {
	return s.change(ctx, workshop, actor, id, Made, KindOpened, func(_ *journal.Tx, r *row) error { return s.begin(r) })
}

// List gives the polls of a workshop in the order in which they were made,
// those that are open with who has voted.
func (s *Polls) List(ctx context.Context, workshop string) ([]Poll, error) {
	db := s.db.WithContext(ctx)
	var rows []row
	if err := db.Where("workshop_id = ?", workshop).Order("seq").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list polls: %w", err)
	}
	list := make([]Poll, len(rows))
	for i, r := range rows {
		p, err := r.poll()
		if err == nil && p.State == Open {
			p, err = p.withVotes(db)
		}
		if err != nil {
			return nil, err
		}
		list[i] = p
	}
	return list, nil
}

// Get gives a poll with who has voted and, unless it is anonymous, what.
func (s *Polls) Get(ctx context.Context, workshop, id string) (Poll, error) {
	db := s.db.WithContext(ctx)
	r, err := find(db, workshop, id)
	if err != nil {
		return Poll{}, err
	}
	p, err := r.poll()
	if err != nil {
		return p, err
	}
	return p.withVotes(db)
}
