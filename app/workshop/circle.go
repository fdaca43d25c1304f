package workshop

import (
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/guard"
)

// circleBelieved is how long what a workshop knows of itself is believed without
// another look, and so how long a change by another process may stay unseen.
// What this process changes, it knows at once.
const circleBelieved = time.Second

// maxCircles bounds the memory: so many workshops are recalled at a time.
const maxCircles = 500

// circles remembers what was found in the database a moment ago: every message
// is held against it, and it takes a look at every member.
//
// Whatever changes it calls changed within its transaction. The epoch tells
// whether that happened while somebody was looking; then nothing is kept.
type circles struct {
	mu    sync.Mutex // guards what follows
	epoch uint64
	known map[string]circle
}

type circle struct {
	review.Standards
	until time.Time
}

func (c *circles) find(id string, now time.Time) (s review.Standards, ok bool, epoch uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.known[id]
	return known.Standards, ok && now.Before(known.until), c.epoch
}

func (c *circles) keep(id string, s review.Standards, now time.Time, epoch uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch != epoch {
		return
	}
	if c.known == nil || len(c.known) >= maxCircles {
		c.known = map[string]circle{}
	}
	c.known[id] = circle{s, now.Add(circleBelieved)}
}

func (c *circles) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	c.known = nil
}

// changed forgets all: for the transaction that changed something, and once more
// after its commit, for whoever looked meanwhile has seen the old state.
func (c *circles) changed(tx *journal.Tx) {
	c.drop()
	tx.Then(c.drop)
}

// CircleIn gives what must not leave a workshop, the names of the organisations
// that take part and what is marked more strictly than it is, and what rules
// weigh in it. It is not to be changed.
func (s *Workshops) CircleIn(db *gorm.DB, id string) (review.Standards, error) {
	now := time.Now()
	known, ok, epoch := s.circles.find(id, now)
	if ok {
		return known, nil
	}
	found, err := s.lookAround(db, id)
	if err == nil {
		s.circles.keep(id, found, now, epoch)
	}
	return found, err
}

func (s *Workshops) lookAround(db *gorm.DB, id string) (review.Standards, error) {
	r, err := find(db, "id = ?", id)
	if err != nil {
		return review.Standards{}, err
	}
	w, err := r.workshop()
	if err != nil {
		return review.Standards{}, err
	}
	known := guard.Known{TLP: r.TLP}
	known.Organisations, err = s.people.OrganisationsIn(db, db.Model(&memberRow{}).Select("user_id").Where("workshop_id = ?", id))
	return review.Standards{Guard: known, Levels: w.Policy.Levels}, err
}
