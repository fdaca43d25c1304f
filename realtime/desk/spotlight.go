package desk

import (
	"context"
	"time"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// Subject is a thing of the workshop that all look at.
type Subject struct {
	On    string `json:"on" doc:"as type:id, such as proposal:ID"`
	Label string `json:"label" doc:"what it was called then"`
}

// Spotlight is what a facilitator shows. Who follows goes there.
type Spotlight struct {
	Subject
	By string    `json:"by" doc:"user id"`
	At time.Time `json:"at"`
}

// Show puts something into the spotlight; nil takes away what is there.
func (d *Desk) Show(ctx context.Context, workshop, actor string, what *Subject) (*Spotlight, error) {
	return change(ctx, d, workshop, actor, spotlight, KindSpotlight, func(t *turn, s **Spotlight) (*Spotlight, error) {
		if what == nil {
			if *s == nil {
				return nil, errSame
			}
			*s = nil
			return nil, nil
		}
		*s = &Spotlight{*what, actor, t.now}
		return *s, nil
	})
}

// Clock is the item of the agenda that is running.
type Clock struct {
	Item      string    `json:"item" doc:"id of the item of the agenda"`
	Title     string    `json:"title" doc:"what it was called then"`
	StartedAt time.Time `json:"started_at"`
	Minutes   int       `json:"minutes" doc:"how long it may take, with what was added"`
}

// maxMinutes is the longest that an item can take.
const maxMinutes = 24 * 60

// StartClock starts an item of the agenda in place of the one that is running.
// Starting the one that is running changes nothing.
func (d *Desk) StartClock(ctx context.Context, workshop, actor, item, title string, minutes int) (*Clock, error) {
	return change(ctx, d, workshop, actor, clock, KindClock, func(t *turn, c **Clock) (*Clock, error) {
		if *c != nil && (*c).Item == item {
			return *c, errSame
		}
		*c = &Clock{item, title, t.now, minutes}
		return *c, nil
	})
}

// StopClock ends the item that is running.
func (d *Desk) StopClock(ctx context.Context, workshop, actor string) (*Clock, error) {
	return change(ctx, d, workshop, actor, clock, KindClock, func(_ *turn, c **Clock) (*Clock, error) {
		if *c == nil {
			return nil, errSame
		}
		*c = nil
		return nil, nil
	})
}

// Extend gives an item that is running more minutes. The fault is Conflict where
// another one runs by now.
func (d *Desk) Extend(ctx context.Context, workshop, actor, item string, minutes int) (*Clock, error) {
	return change(ctx, d, workshop, actor, clock, KindClock, func(_ *turn, c **Clock) (*Clock, error) {
		if *c == nil || (*c).Item != item {
			return nil, fault.New(fault.Conflict, "This item is not running any more.")
		}
		sum := (*c).Minutes + minutes
		if minutes < 1 || sum > maxMinutes {
			return nil, fault.InField("minutes", "An item takes at most %d minutes. Add at least one.", maxMinutes)
		}
		next := **c
		next.Minutes = sum
		*c = &next
		return *c, nil
	})
}
