package discuss

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// Change is what somebody does to a thread as a whole.
type Change string

// The changes of a thread.
const (
	Resolve Change = "resolve"
	Reopen  Change = "reopen"
	Block   Change = "block" // it holds up what it is about until it is resolved
	Unblock Change = "unblock"
)

// ChangeThreadIn changes a thread about an anchor, within a transaction that
// holds the workshop, and gives its opening message, which carries how it
// stands; changed is false where it stood so already. Whether the user may, and
// the event, are the caller's affair.
func ChangeThreadIn(db *gorm.DB, workshop, user string, about Anchor, id string, change Change) (opening Message, changed bool, err error) {
	row, t, err := findMessage(db, workshop, id)
	if err == nil && (row.ThreadID != id || t.about() != about) {
		err = fault.New(fault.NotFound, "There is no such thread here.")
	}
	if err != nil {
		return Message{}, false, err
	}
	before := t
	if by, at := t.mark(change); change == Resolve || change == Block {
		if *at == nil {
			now := journal.Now()
			*by, *at = user, &now
		}
	} else {
		*by, *at = "", nil
	}
	if t == before {
		opening, err = row.shown(t)
		return opening, false, err
	}
	if err := db.Save(&t).Error; err != nil {
		return Message{}, false, fmt.Errorf("change a thread: %w", err)
	}
	opening, err = row.shown(t)
	return opening, true, err
}

// mark gives what a change sets or takes away.
func (t *thread) mark(change Change) (by *string, at **time.Time) {
	if change == Resolve || change == Reopen {
		return &t.ResolvedBy, &t.ResolvedAt
	}
	return &t.BlockingBy, &t.BlockingAt
}

// BlockingIn counts the blocking threads that are not resolved, by what they are
// about; the query names things of one type.
func BlockingIn(db *gorm.DB, anchorType string, ids any) (map[string]int, error) {
	var rows []struct {
		AnchorID string
		Threads  int
	}
	err := db.Model(&thread{}).Select("anchor_id, count(*) AS threads").
		Where("anchor_type = ? AND anchor_id IN (?) AND blocking_at IS NOT NULL AND resolved_at IS NULL", anchorType, ids).Group("anchor_id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count blocking threads: %w", err)
	}
	counts := map[string]int{}
	for _, r := range rows {
		counts[r.AnchorID] = r.Threads
	}
	return counts, nil
}
