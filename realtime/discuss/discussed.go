package discuss

import (
	"context"
	"fmt"
)

// Discussed is a thing apart from the room and its proposals that a workshop
// talks about.
type Discussed struct {
	On       string `json:"on" doc:"as type:id"`
	Label    string `json:"label" doc:"what it was called when it was talked about first"`
	Messages int    `json:"messages" doc:"about it, without those that were taken away"`
}

// DiscussedOf lists the things of some types that a workshop talks about.
func (d *Discussion) DiscussedOf(ctx context.Context, workshop string, types ...string) ([]Discussed, error) {
	list := []Discussed{}
	err := d.db.WithContext(ctx).Table("messages").
		Select(`t.anchor_type || ':' || t.anchor_id AS "on", min(t.label) AS label, count(*) AS messages`).
		Joins("JOIN threads t ON t.id = messages.thread_id").
		Where("t.workshop_id = ? AND t.anchor_type IN ? AND messages.deleted_at IS NULL", workshop, types).
		Group("t.anchor_type, t.anchor_id").Order("label, t.anchor_type, t.anchor_id").Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list what is discussed: %w", err)
	}
	return list, nil
}
