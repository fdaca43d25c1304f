package discuss

import (
	"context"
	"fmt"
)

// Spoke is that somebody wrote about something.
type Spoke struct {
	About string // type:id; of what was said in the room itself, thread:id
	User  string
}

// Speakers lists who wrote about what in a workshop, each once. What was
// deleted does not count.
func (d *Discussion) Speakers(ctx context.Context, workshop string) ([]Spoke, error) {
	var list []Spoke
	err := d.db.WithContext(ctx).Table("messages").
		Select("DISTINCT CASE WHEN threads.anchor_type = 'workshop' THEN 'thread:' || threads.id ELSE threads.anchor_type || ':' || threads.anchor_id END AS about, messages.author_id AS user").
		Joins("JOIN threads ON threads.id = messages.thread_id").
		Where("threads.workshop_id = ? AND messages.deleted_by = ''", workshop).Order("about, messages.author_id").Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list who wrote about what: %w", err)
	}
	return list, nil
}
