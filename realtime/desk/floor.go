package desk

import (
	"context"
	"slices"
	"time"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// Floor is who speaks, and who waits to.
type Floor struct {
	Speaker string     `json:"speaker" doc:"user id; empty: nobody was given the word"`
	Since   *time.Time `json:"since,omitempty"`
	Hands   []Hand     `json:"hands" doc:"who wants to speak, first come first"`
}

// Hand is a raised hand.
type Hand struct {
	User string    `json:"user"`
	At   time.Time `json:"at"`
}

// maxHands is how many can wait to speak: who would be behind them hears so.
const maxHands = 100

func (f *Floor) at(user string) int {
	return slices.IndexFunc(f.Hands, func(h Hand) bool { return h.User == user })
}

func (f *Floor) lower(user string) {
	f.Hands = slices.DeleteFunc(slices.Clone(f.Hands), func(h Hand) bool { return h.User == user })
	if f.Hands == nil {
		f.Hands = []Hand{}
	}
}

// Raise raises a hand, or takes it down.
func (d *Desk) Raise(ctx context.Context, workshop, user string, up bool) (Floor, error) {
	return change(ctx, d, workshop, user, floor, KindHand, func(t *turn, f *Floor) (Floor, error) {
		known := f.at(user) >= 0
		f.lower("") // nobody: the list is one
		switch {
		case up == known:
			return *f, errSame
		case up && len(f.Hands) >= maxHands:
			return *f, fault.New(fault.TooMany, "%d people wait to speak already. Write it down instead, or try again later.", maxHands)
		case up:
			f.Hands = append(f.Hands, Hand{user, t.now})
		default:
			f.lower(user)
		}
		return *f, nil
	})
}

// Give gives somebody the word and takes their hand down; nobody: the floor is
// free. Giving it to who has it changes nothing.
func (d *Desk) Give(ctx context.Context, workshop, actor, user string) (Floor, error) {
	return change(ctx, d, workshop, actor, floor, KindWord, func(t *turn, f *Floor) (Floor, error) {
		same := f.Speaker == user && f.at(user) < 0
		f.lower(user)
		if same {
			return *f, errSame
		}
		f.Speaker, f.Since = user, nil
		if user != "" {
			f.Since = &t.now
		}
		return *f, nil
	})
}
