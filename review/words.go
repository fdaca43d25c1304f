package review

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review/attack"

	"gorm.io/gorm"
)

// ChosenWords are words of a field's text, as somebody chose them to talk about.
type ChosenWords struct {
	Revision int64  `json:"revision" doc:"that was looked at"`
	Quote    string `json:"quote" maxLength:"10000"`
	Start    int    `json:"start" minimum:"0" doc:"where they begin in the field's text, in UTF-16 units"`
}

// Quote finds chosen words in a revision. The fault is Invalid where they are
// not there.
func (p *Proposals) Quote(ctx context.Context, actor Actor, id, field string, in ChosenWords) (discuss.Words, error) {
	db := p.db.WithContext(ctx)
	row, err := find(db, actor, id)
	if err != nil {
		return discuss.Words{}, err
	}
	text, err := textOf(db, row.ID, in.Revision, field)
	if fault.CodeOf(err) == fault.NotFound {
		err = fault.InField("words", "There is no such revision. Load the page again and choose the words once more.")
	}
	if err != nil {
		return discuss.Words{}, err
	}
	words, err := discuss.Quote(text, in.Revision, in.Quote, in.Start)
	if err != nil || in.Revision == row.Revision {
		return words, err
	}
	now, err := textOf(db, row.ID, row.Revision, field) // it was revised meanwhile
	return words.Follow(text, now, row.Revision), err
}

// textOf reads the text of a field of a revision; empty where it has none.
func textOf(db *gorm.DB, proposal string, revision int64, field string) (string, error) {
	r, err := findRevision(db, proposal, revision)
	if err != nil {
		return "", err
	}
	var content attack.Content
	if err := json.Unmarshal([]byte(r.Content), &content); err != nil {
		return "", fmt.Errorf("read revision %d of proposal %s: %w", revision, proposal, err)
	}
	return content[field].Text, nil
}

// follow finds the words that threads are about in the latest revision.
func follow(tx *journal.Tx, actor Actor, row proposalRow) error {
	return discuss.FollowIn(tx, row.WorkshopID, actor.User, discuss.Anchor{Type: AnchorType, ID: row.ID}, row.Revision,
		func(revision int64, field string) (string, error) { return textOf(tx.DB, row.ID, revision, field) })
}
