package discuss

import (
	"context"
	"fmt"
)

// Sought says which messages are looked for; what is empty does not narrow.
type Sought struct {
	By     string // user id
	About  string // type of anchor
	Before int64  // only those with lower numbers; 0: from the newest
	Limit  int
}

// atOnce is how many messages a search reads at once.
const atOnce = 500

// Search finds messages of a workshop whose text matches, the newest first, and
// says whether there are more. There is no index: what was taken away is in none,
// and a workshop's messages are few enough to be read.
func (d *Discussion) Search(ctx context.Context, workshop string, in Sought, matches func(body string) bool) (found []Message, more bool, err error) {
	found = []Message{}
	for {
		query := withThreads(d.db.WithContext(ctx)).Where("t.workshop_id = ? AND messages.deleted_at IS NULL", workshop)
		if in.By != "" {
			query = query.Where("messages.author_id = ?", in.By)
		}
		if in.About != "" {
			query = query.Where("t.anchor_type = ?", in.About)
		}
		if in.Before > 0 {
			query = query.Where("messages.seq < ?", in.Before)
		}
		var rows []inThread
		if err := query.Order("messages.seq DESC").Limit(atOnce).Find(&rows).Error; err != nil {
			return nil, false, fmt.Errorf("search messages: %w", err)
		}
		for _, r := range rows {
			in.Before = r.Message.Seq
			if !matches(r.Message.Body) {
				continue
			}
			if len(found) == in.Limit {
				return found, true, nil
			}
			m, err := r.Message.shown(r.About)
			if err != nil {
				return nil, false, err
			}
			found = append(found, m)
		}
		if len(rows) < atOnce {
			return found, false, nil
		}
	}
}
