package discuss

import (
	"context"
	"fmt"
	"time"

	"github.com/atelier-attack/atelier/realtime/journal"
)

// MostUnread is how many unread messages are told of, the latest ones.
const MostUnread = 1000

// Unread is a message that a person has not read.
type Unread struct {
	Message  string `json:"message" doc:"its id"`
	Thread   string `json:"thread"`
	Anchor   string `json:"anchor" doc:"what it is about, as type:id"`
	Seq      int64  `json:"seq" doc:"number of its event"`
	Mentions bool   `json:"mentions" doc:"it mentions me"`
}

// ReadUpTo says how far somebody has read a thread.
type ReadUpTo struct {
	Thread string `json:"thread" maxLength:"100"`
	Seq    int64  `json:"seq" doc:"of the last message that was read"`
}

// Unread lists what others said in a workshop since a time and a person has not
// read, oldest first.
func (d *Discussion) Unread(ctx context.Context, workshop, user string, since time.Time) ([]Unread, error) {
	var rows []struct {
		ID, ThreadID, AnchorType, AnchorID, Mentions string
		Seq                                          int64
	}
	err := d.db.WithContext(ctx).Table("messages").Select("messages.id, messages.thread_id, t.anchor_type, t.anchor_id, messages.mentions, messages.seq").
		Joins("JOIN threads t ON t.id = messages.thread_id").
		Joins("LEFT JOIN read_marks r ON r.thread_id = t.id AND r.user_id = ?", user).
		Where("t.workshop_id = ? AND messages.author_id <> ? AND messages.deleted_at IS NULL AND messages.created_at >= ?", workshop, user, since).
		Where("messages.seq > coalesce(r.seq, 0)").Order("messages.seq DESC").Limit(MostUnread).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list unread messages: %w", err)
	}
	list := make([]Unread, len(rows))
	for i, r := range rows {
		mentioned, err := mentions(r.Mentions, user)
		if err != nil {
			return nil, err
		}
		list[len(rows)-1-i] = Unread{r.ID, r.ThreadID, Anchor{r.AnchorType, r.AnchorID}.String(), r.Seq, mentioned}
	}
	return list, nil
}

// Read keeps how far a person has read threads of a workshop. What was read
// further already, on another device, stays so; there is no reading ahead.
func (d *Discussion) Read(ctx context.Context, workshop, user string, marks []ReadUpTo) error {
	_, err := journal.Do(ctx, d.journal, func(_ context.Context, tx *journal.Tx) (struct{}, error) {
		for _, m := range marks {
			err := tx.Exec(`INSERT INTO read_marks (user_id, thread_id, seq)
				SELECT ?, t.id, max(m.seq) FROM threads t JOIN messages m ON m.thread_id = t.id
				WHERE t.workshop_id = ? AND t.id = ? AND m.seq <= ? GROUP BY t.id
				ON CONFLICT (user_id, thread_id) DO UPDATE SET seq = CASE WHEN excluded.seq > read_marks.seq THEN excluded.seq ELSE read_marks.seq END`,
				user, workshop, m.Thread, m.Seq).Error
			if err != nil {
				return struct{}{}, fmt.Errorf("keep how far a thread was read: %w", err)
			}
		}
		return struct{}{}, nil
	})
	return err
}
