package discuss

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// KindReacted is the journal's event of a reaction that came or went.
const KindReacted = "message.reacted"

// Sign is what people can give a message instead of words.
type Sign struct {
	Kind  string `json:"kind"`
	Sign  string `json:"sign"`
	Label string `json:"label" doc:"how it is read out"`
}

// Signs lists what there is, in the order in which it is offered.
func Signs() []Sign {
	return []Sign{{"agree", "👍", "I agree"}, {"praise", "👏", "Well done"}, {"idea", "💡", "Good idea"}, {"doubt", "🤔", "I am not sure"}, {"look", "👀", "I look into it"}}
}

// Reaction is a sign that people gave a message.
type Reaction struct {
	Kind  string   `json:"kind"`
	Users []string `json:"users" doc:"user ids; who gave it first comes first"`
}

// Reacted is that somebody gave a sign, or took it back.
type Reacted struct {
	Message string `json:"message" doc:"its id"`
	Anchor  string `json:"anchor" doc:"what the message is about, as type:id"`
	Kind    string `json:"kind"`
	User    string `json:"user"`
	On      bool   `json:"on" doc:"false: it was taken back"`
}

type reactionRow struct {
	MessageID, Kind, UserID string
	Seq                     int64
}

func (reactionRow) TableName() string { return "reactions" }

// React gives a message a sign of somebody, or takes it back: one of each kind
// from each person. It gives the reactions to the message. Whether they may is the
// caller's affair. What is so already stays as it is.
func (d *Discussion) React(ctx context.Context, workshop, user, id, kind string, on bool) ([]Reaction, error) {
	if !slices.ContainsFunc(Signs(), func(s Sign) bool { return s.Kind == kind }) {
		return nil, fault.InField("kind", "There is no such sign. Load the page again and choose one of those that it shows.")
	}
	return journal.Do(ctx, d.journal, func(_ context.Context, tx *journal.Tx) ([]Reaction, error) {
		if err := tx.Hold(workshop); err != nil {
			return nil, err
		}
		row, t, err := findMessage(tx.DB, workshop, id)
		if err != nil {
			return nil, err
		}
		if on && row.DeletedAt != nil {
			return nil, fault.New(fault.Conflict, "This message was deleted.")
		}
		given := slices.ContainsFunc(row.Reactions, func(r Reaction) bool { return r.Kind == kind && slices.Contains(r.Users, user) })
		if given == on {
			return append([]Reaction{}, row.Reactions...), nil
		}
		if err := put(tx, reactionRow{row.ID, kind, user, 0}, t, on); err != nil {
			return nil, err
		}
		all, err := reactionsTo(tx.DB, []string{id})
		return append([]Reaction{}, all[id]...), err
	})
}

// put writes or deletes a reaction, and tells it.
func put(tx *journal.Tx, r reactionRow, t thread, on bool) (err error) {
	if r.Seq, err = tx.NextSeq(t.WorkshopID); err != nil {
		return err
	}
	if on {
		err = tx.Create(&r).Error
	} else {
		err = tx.Where("message_id = ? AND kind = ? AND user_id = ?", r.MessageID, r.Kind, r.UserID).Delete(&reactionRow{}).Error
	}
	if err != nil {
		return fmt.Errorf("react to a message: %w", err)
	}
	_, err = tx.AppendAt(r.Seq, t.WorkshopID, r.UserID, KindReacted,
		map[string]any{"reaction": Reacted{r.MessageID, t.about().String(), r.Kind, r.UserID, on}})
	return err
}

// reactionsTo lists the reactions to messages, by message; the query, or list,
// names the messages.
func reactionsTo(db *gorm.DB, ids any) (map[string][]Reaction, error) {
	var rows []reactionRow
	if err := db.Where("message_id IN (?)", ids).Order("message_id, kind, seq").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list reactions: %w", err)
	}
	all := map[string][]Reaction{}
	for _, r := range rows {
		list := all[r.MessageID]
		if n := len(list); n == 0 || list[n-1].Kind != r.Kind {
			list = append(list, Reaction{Kind: r.Kind})
		}
		last := &list[len(list)-1]
		last.Users = append(last.Users, r.UserID)
		all[r.MessageID] = list
	}
	return all, nil
}
