// Package desk keeps what a facilitator runs a room with: the clock of the
// agenda, the spotlight, raised hands and who speaks, the parking lot, quiet
// reading and quiet writing, breakout groups, and the rules of the discussion.
//
// Each of these is one facet of a workshop's desk. Its events carry the whole
// facet, or what was added to one that grows with the room, so that a page which
// applies them has what it would read afresh.
package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/lookup"
	"github.com/atelier-attack/atelier/realtime/typed"
)

// Kinds of journal events that this package writes.
const (
	KindSpotlight    = "desk.spotlight"
	KindClock        = "desk.clock"
	KindHand         = "desk.hand"
	KindWord         = "desk.word"
	KindParked       = "desk.parked"
	KindSettled      = "desk.settled" // a parked topic was taken up, or put back
	KindReading      = "desk.reading"
	KindRead         = "desk.read"
	KindReadingEnded = "desk.reading_ended"
	KindWriting      = "desk.writing"
	KindWritten      = "desk.written"
	KindShown        = "desk.shown"
	KindWritingEnded = "desk.writing_ended"
	KindGroups       = "desk.groups"
	KindGroup        = "desk.group" // who is in one, or what it works on
	KindGroupsEnded  = "desk.groups_ended"
	KindRules        = "moderation.rules"
)

// The facets, as events and the state call them.
const (
	spotlight = "spotlight"
	clock     = "clock"
	floor     = "floor"
	parked    = "parked"
	reading   = "reading"
	writing   = "writing"
	groups    = "groups"
	rules     = "rules"
)

// State is the desk of a workshop.
type State struct {
	Spotlight *Spotlight `json:"spotlight" doc:"null: nothing"`
	Clock     *Clock     `json:"clock" doc:"null: no item is running"`
	Floor     Floor      `json:"floor"`
	Parked    []Topic    `json:"parked" doc:"the parking lot, in order"`
	Reading   *Reading   `json:"reading" doc:"null: nobody reads in quiet"`
	Writing   *Writing   `json:"writing" doc:"null: nobody writes in quiet"`
	Groups    *Groups    `json:"groups" doc:"null: all are together"`
	Rules     Rules      `json:"rules"`
}

// Guard refuses a text of a workshop that has what must not be shared. The
// handle may be inside a transaction.
type Guard func(db *gorm.DB, workshop, text string, reasons map[string]string) ([]typed.Explained, error)

// Desk keeps the desks of a database. Its methods may be called at once.
type Desk struct {
	db      *gorm.DB
	journal *journal.Journal
	guard   Guard
	ruling  *lookup.Lookup[string, Rules]
}

// New makes the Desk of a database.
func New(db *gorm.DB, j *journal.Journal, guard Guard) *Desk {
	return &Desk{db: db, journal: j, guard: guard, ruling: lookup.New(func(ctx context.Context, workshops []string) (map[string]Rules, error) {
		all := map[string]Rules{}
		for _, workshop := range workshops {
			r, err := RulesIn(db.WithContext(ctx), workshop)
			if err != nil {
				return nil, err
			}
			all[workshop] = r
		}
		return all, nil
	})}
}

type row struct{ WorkshopID, Facet, Value string }

func (row) TableName() string { return "desks" }

// State gives the desk of a workshop.
func (d *Desk) State(ctx context.Context, workshop string) (State, error) {
	var rows []row
	if err := d.db.WithContext(ctx).Where("workshop_id = ?", workshop).Find(&rows).Error; err != nil {
		return State{}, fmt.Errorf("read the desk: %w", err)
	}
	s := State{Floor: Floor{Hands: []Hand{}}, Parked: []Topic{}}
	into := map[string]any{spotlight: &s.Spotlight, clock: &s.Clock, floor: &s.Floor, parked: &s.Parked, reading: &s.Reading,
		writing: &s.Writing, groups: &s.Groups, rules: &s.Rules}
	for _, r := range rows {
		if err := json.Unmarshal([]byte(r.Value), into[r.Facet]); err != nil {
			return s, fmt.Errorf("read the %s of a desk: %w", r.Facet, err)
		}
	}
	return s, nil
}

// load reads one facet; what was never set stays as it is.
func load[T any](db *gorm.DB, workshop, facet string, into *T) error {
	var rows []row
	if err := db.Where("workshop_id = ? AND facet = ?", workshop, facet).Limit(1).Find(&rows).Error; err != nil {
		return fmt.Errorf("read the %s of a desk: %w", facet, err)
	}
	if len(rows) == 0 {
		return nil
	}
	if err := json.Unmarshal([]byte(rows[0].Value), into); err != nil {
		return fmt.Errorf("read the %s of a desk: %w", facet, err)
	}
	return nil
}

func keep(db *gorm.DB, workshop, facet string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("write the %s of a desk: %w", facet, err)
	}
	err = db.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "workshop_id"}, {Name: "facet"}}, DoUpdates: clause.AssignmentColumns([]string{"value"})}).
		Create(&row{workshop, facet, string(text)}).Error
	if err != nil {
		return fmt.Errorf("keep the %s of a desk: %w", facet, err)
	}
	return nil
}

// turn is one change of a facet, within a transaction.
type turn struct {
	tx              *journal.Tx
	workshop, actor string
	now             time.Time
	told            any // what its event carries; nil: the whole facet
}

// change runs fn on a facet, keeps what fn made of it, tells the room, and
// answers what fn answers. Where nothing changed, fn gives errSame beside its
// answer, and nobody is told.
func change[T, A any](ctx context.Context, d *Desk, workshop, actor, facet, kind string, fn func(*turn, *T) (A, error)) (A, error) {
	return journal.Do(ctx, d.journal, func(_ context.Context, tx *journal.Tx) (A, error) {
		var value T
		var none A
		if err := tx.Hold(workshop); err != nil {
			return none, err
		}
		if err := load(tx.DB, workshop, facet, &value); err != nil {
			return none, err
		}
		t := &turn{tx: tx, workshop: workshop, actor: actor, now: journal.Now()}
		answer, err := fn(t, &value)
		if errors.Is(err, errSame) {
			return answer, nil
		}
		if err != nil {
			return none, err
		}
		if err := keep(tx.DB, workshop, facet, value); err != nil {
			return none, err
		}
		if t.told == nil {
			t.told = map[string]any{"desk": map[string]any{facet: value}}
		}
		_, err = tx.Append(workshop, actor, kind, t.told)
		return answer, err
	})
}

// errSame says that a change changed nothing.
var errSame = errors.New("nothing changed")

// say checks a text that all will read.
func (d *Desk) say(t *turn, field, text string, limit int) error {
	if text == "" {
		return fault.InField(field, "Write something first.")
	}
	if err := typed.Text(field, text, limit); err != nil {
		return err
	}
	_, err := d.guard(t.tx.DB, t.workshop, text, nil)
	return err
}
