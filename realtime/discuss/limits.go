package discuss

import (
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// Limits are what a workshop's facilitators allow a person in its discussion.
type Limits struct {
	Pause  time.Duration // between two messages of a person; 0: none
	Length int           // of a message, in characters; 0: MaxBody
}

// Limit has f asked for a person's limits in a workshop at each message. It is
// called before the first.
func (d *Discussion) Limit(f func(db *gorm.DB, workshop, author string) (Limits, error)) {
	d.limits = f
}

// allowed gives what a person is allowed in a workshop.
func (d *Discussion) allowed(db *gorm.DB, workshop, author string) (Limits, error) {
	if d.limits == nil {
		return Limits{}, nil
	}
	return d.limits(db, workshop, author)
}

// fit refuses a text that is longer than is allowed.
func (l Limits) fit(body string) error {
	if n := utf8.RuneCountInString(body); l.Length > 0 && n > l.Length {
		return fault.InField("body", "This has %d characters; the facilitator allows %d.", n, l.Length)
	}
	return nil
}

// wait refuses a message that comes sooner after the author's last one than is
// allowed. The fault is TooMany.
func (l Limits) wait(db *gorm.DB, workshop, author string) error {
	if l.Pause == 0 {
		return nil
	}
	var last []message
	err := db.Select("messages.created_at").Joins("JOIN threads ON threads.id = messages.thread_id").
		Where("threads.workshop_id = ? AND messages.author_id = ?", workshop, author).Order("messages.seq DESC").Limit(1).Find(&last).Error
	if err != nil {
		return fmt.Errorf("look for the last message of a person: %w", err)
	}
	if len(last) == 0 {
		return nil
	}
	if left := l.Pause - journal.Now().Sub(last[0].CreatedAt); left > 0 {
		return fault.New(fault.TooMany, "Slow mode: you can send your next message in %d seconds. It stays here until then.", int(math.Ceil(left.Seconds()))).After(left)
	}
	return nil
}
