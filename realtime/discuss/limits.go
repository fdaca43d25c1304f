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

// Limits are what a workshop's facilitators allow its discussion.
type Limits struct {
	Pause  time.Duration // between two messages of a person; 0: none
	Length int           // of a message, in characters; 0: MaxBody
}

// Limit has f asked for the limits of a workshop at each message. It is called
// before the first.
func (d *Discussion) Limit(f func(db *gorm.DB, workshop string) (Limits, error)) { d.limits = f }

// within refuses a message that is longer, or comes sooner, than a workshop
// allows. The fault is TooMany where it comes too soon.
func (d *Discussion) within(db *gorm.DB, workshop, author, body string) error {
	if d.limits == nil {
		return nil
	}
	allowed, err := d.limits(db, workshop)
	if err != nil {
		return err
	}
	if n := utf8.RuneCountInString(body); allowed.Length > 0 && n > allowed.Length {
		return fault.InField("body", "This has %d characters; the facilitator allows %d.", n, allowed.Length)
	}
	if allowed.Pause == 0 || author == "" {
		return nil
	}
	var last []message
	err = db.Select("messages.created_at").Joins("JOIN threads ON threads.id = messages.thread_id").
		Where("threads.workshop_id = ? AND messages.author_id = ?", workshop, author).Order("messages.seq DESC").Limit(1).Find(&last).Error
	if err != nil {
		return fmt.Errorf("look for the last message of a person: %w", err)
	}
	if len(last) == 0 {
		return nil
	}
	if left := allowed.Pause - journal.Now().Sub(last[0].CreatedAt); left > 0 {
		return fault.New(fault.TooMany, "Slow mode: you can send your next message in %d seconds. It stays here until then.", int(math.Ceil(left.Seconds()))).After(left)
	}
	return nil
}
