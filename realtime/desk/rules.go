package desk

import (
	"context"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// Rules are what a facilitator sets for the discussion.
type Rules struct {
	Slow   int `json:"slow" doc:"seconds that each but the facilitators waits between two messages; 0: none"`
	Length int `json:"length" doc:"the longest message, in characters; 0: as long as any may be"`
}

// Limits of rules.
const (
	MaxSlow   = 3600
	MinLength = 50
)

// SetRules sets the rules of the discussion; the room's log of moderation says
// so.
func (d *Desk) SetRules(ctx context.Context, workshop, actor string, to Rules) (Rules, error) {
	switch {
	case to.Slow < 0 || to.Slow > MaxSlow:
		return to, fault.InField("slow", "Give from 0 to %d seconds.", MaxSlow)
	case to.Length < 0 || to.Length > 0 && to.Length < MinLength:
		return to, fault.InField("length", "Allow at least %d characters, or 0 for as many as any message may have.", MinLength)
	}
	return change(ctx, d, workshop, actor, rules, KindRules, func(_ *turn, r *Rules) (Rules, error) {
		if *r == to {
			return to, errSame
		}
		*r = to
		return to, nil
	})
}

// Rules gives what RulesIn gives; outside of a transaction, those who ask at the
// same time share the look-up.
func (d *Desk) Rules(db *gorm.DB, workshop string) (Rules, error) {
	if journal.Within(db) {
		return RulesIn(db, workshop)
	}
	r, _, err := d.ruling.Get(db.Statement.Context, workshop)
	return r, err
}

// RulesIn gives the rules of a workshop with a handle that may be inside a
// transaction.
func RulesIn(db *gorm.DB, workshop string) (r Rules, err error) {
	err = load(db, workshop, rules, &r)
	return r, err
}
