package discuss

import (
	"context"
	"strings"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/typed"
)

// KindHidden is the journal's event of a message whose text a facilitator took
// away. The log of moderation has it.
const KindHidden = "moderation.hidden"

// MaxReason is the longest reason for hiding a message, in characters.
const MaxReason = 300

// Hide takes the text of anybody's message away, as Delete does, and says why.
// Whether the moderator may is the caller's affair. What is deleted already
// stays as it is.
func (d *Discussion) Hide(ctx context.Context, workshop, moderator, id, reason string) (Message, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return Message{}, fault.InField("reason", "Say why: all can read it.")
	}
	if err := typed.Line("reason", reason, MaxReason); err != nil {
		return Message{}, err
	}
	return journal.Do(ctx, d.journal, func(_ context.Context, tx *journal.Tx) (Message, error) {
		if err := tx.Hold(workshop); err != nil {
			return Message{}, err
		}
		row, t, err := findMessage(tx.DB, workshop, id)
		if err != nil {
			return Message{}, err
		}
		if row.DeletedAt != nil {
			return row.shown(t)
		}
		if _, err := d.guard(tx.DB, workshop, reason, nil); err != nil {
			return Message{}, err
		}
		row.DeletedWhy = reason
		return blank(tx, row, t, moderator, KindHidden)
	})
}
