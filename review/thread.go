package review

import (
	"context"

	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// AnchorType is what threads about proposals are anchored to.
const AnchorType = "proposal"

// threadChange is what an action does to a thread, and the event that says so.
type threadChange struct {
	change discuss.Change
	kind   string
}

func threadChanges() map[Action]threadChange {
	return map[Action]threadChange{
		ActionResolve: {discuss.Resolve, KindResolved},
		ActionReopen:  {discuss.Reopen, KindReopened},
		ActionBlock:   {discuss.Block, KindBlocked},
		ActionUnblock: {discuss.Unblock, KindUnblocked},
	}
}

// ChangeThread resolves, reopens, blocks or unblocks a thread about a proposal,
// and gives the message that opened it. What is so already stays as it is.
func (p *Proposals) ChangeThread(ctx context.Context, actor Actor, id, thread string, action Action) (discuss.Message, error) {
	return journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (discuss.Message, error) {
		if err := tx.Hold(actor.Workshop); err != nil {
			return discuss.Message{}, err
		}
		row, err := find(tx.DB, actor, id)
		if err != nil {
			return discuss.Message{}, err
		}
		if _, err := transition(actor, row, action); err != nil {
			return discuss.Message{}, err
		}
		does := threadChanges()[action]
		opening, changed, err := discuss.ChangeThreadIn(tx.DB, actor.Workshop, actor.User, discuss.Anchor{Type: AnchorType, ID: id}, thread, does.change)
		if err != nil || !changed {
			return opening, err
		}
		proposal, err := one(tx.DB, row)
		if err == nil {
			_, err = tx.Append(actor.Workshop, actor.User, does.kind, map[string]any{"proposal": proposal, "message": opening})
		}
		return opening, err
	})
}
