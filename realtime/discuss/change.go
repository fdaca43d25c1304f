package discuss

import (
	"context"
	"fmt"
	"time"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/typed"
)

// Edit is another text for a message, by who has seen a version of it.
type Edit struct {
	Body      string
	Version   int64             // that was seen
	Explained map[string]string // why what must not be shared may stand, by keys
}

// OlderText is what a message said before it was edited.
type OlderText struct {
	Version int64     `json:"version"`
	Body    string    `json:"body" doc:"Markdown, as typed"`
	HTML    string    `json:"html" doc:"safe to show"`
	At      time.Time `json:"at" doc:"when it was written"`
}

// olderText is one row of the texts that messages had.
type olderText struct {
	MessageID  string
	Number     int64
	Body, HTML string
	Seq        int64
	CreatedAt  time.Time
}

func (olderText) TableName() string { return "message_versions" }

// Edit gives a message another text; the ones before stay to be read. Only its
// author does. The fault is Stale, with the message as it is, where it was
// edited since it was seen.
func (d *Discussion) Edit(ctx context.Context, workshop, author, id string, in Edit) (Message, error) {
	body, err := written(in.Body)
	if err != nil {
		return Message{}, err
	}
	return journal.Do(ctx, d.journal, func(_ context.Context, tx *journal.Tx) (Message, error) {
		if err := tx.Hold(workshop); err != nil {
			return Message{}, err
		}
		row, t, err := ownMessage(tx, workshop, author, id)
		if err != nil {
			return Message{}, err
		}
		now, err := row.shown(t)
		if err != nil {
			return now, err
		}
		if row.Version != in.Version {
			return now, fault.New(fault.Stale, "You edited this message elsewhere since. Look at what it says now.").With(now)
		}
		if row.Body == body {
			return now, nil
		}
		allowed, err := d.allowed(tx.DB, workshop, author)
		if err == nil {
			err = allowed.fit(body)
		}
		if err != nil {
			return now, err
		}
		if row, err = d.replace(tx, row, workshop, body, in.Explained); err != nil {
			return now, err
		}
		return tell(tx, KindEdited, author, row, t)
	})
}

// replace keeps the present text of a message and writes the new one.
func (d *Discussion) replace(tx *journal.Tx, row message, workshop, body string, reasons map[string]string) (message, error) {
	older := olderText{row.ID, row.Version, row.Body, row.HTML, row.TextSeq, row.writtenAt()}
	if err := tx.Create(&older).Error; err != nil {
		return row, fmt.Errorf("keep the older text of a message: %w", err)
	}
	seq, err := tx.NextSeq(workshop)
	if err != nil {
		return row, err
	}
	at := journal.Now()
	row.EditedAt = &at
	text, err := d.look(tx.DB, workshop, body, reasons)
	if err != nil {
		return row, err
	}
	row.say(text, seq)
	if err := tx.Save(&row).Error; err != nil {
		return row, fmt.Errorf("edit a message: %w", err)
	}
	return row, nil
}

// Delete takes the text of a message away, with all texts that it had, from the
// journal, too; that there was one, by whom and when, stays. Only its author
// does. What is deleted already stays as it is.
func (d *Discussion) Delete(ctx context.Context, workshop, author, id string) (Message, error) {
	return journal.Do(ctx, d.journal, func(_ context.Context, tx *journal.Tx) (Message, error) {
		if err := tx.Hold(workshop); err != nil {
			return Message{}, err
		}
		row, t, err := findMessage(tx.DB, workshop, id)
		if err != nil {
			return Message{}, err
		}
		if row.AuthorID == author && row.DeletedAt != nil {
			return row.shown(t)
		}
		if row, t, err = ownMessage(tx, workshop, author, id); err != nil {
			return Message{}, err
		}
		return blank(tx, row, t, author, KindDeleted)
	})
}

// blank takes all texts of a message away; kind is what the room is told of it.
func blank(tx *journal.Tx, row message, t thread, by, kind string) (Message, error) {
	var told []int64
	err := tx.Model(&olderText{}).Where("message_id = ?", row.ID).Pluck("seq", &told).Error
	if err == nil {
		err = tx.Where("message_id = ?", row.ID).Delete(&olderText{}).Error
	}
	if err != nil {
		return Message{}, fmt.Errorf("take the older texts of a message away: %w", err)
	}
	if err := tx.Where("message_id = ?", row.ID).Delete(&reactionRow{}).Error; err != nil {
		return Message{}, fmt.Errorf("take the reactions to a message away: %w", err)
	}
	row.Reactions = nil
	nothing, err := typed.WriteExplained(nil)
	if err != nil {
		return Message{}, err
	}
	told = append(told, row.TextSeq)
	if row.Mentions, err = writeMentions(nil); err != nil {
		return Message{}, err
	}
	at := journal.Now()
	row.Body, row.HTML, row.Explained, row.DeletedBy, row.DeletedAt = "", "", nothing, by, &at
	if row.TextSeq, err = tx.NextSeq(t.WorkshopID); err != nil {
		return Message{}, err
	}
	if err := tx.Save(&row).Error; err != nil {
		return Message{}, fmt.Errorf("delete a message: %w", err)
	}
	m, err := tell(tx, kind, by, row, t)
	if err != nil {
		return m, err
	}
	for _, seq := range told {
		if err := tx.Rewrite(t.WorkshopID, seq, map[string]any{"message": m}); err != nil {
			return m, err
		}
	}
	return m, tx.Reanswer(`{"id":"`+row.ID+`",`, m) // who posted or edited it may still ask again
}

// ownMessage finds a message that its author may change.
func ownMessage(tx *journal.Tx, workshop, author, id string) (message, thread, error) {
	row, t, err := findMessage(tx.DB, workshop, id)
	switch {
	case err != nil:
	case row.AuthorID != author:
		err = fault.New(fault.Forbidden, "Only who wrote a message changes it.")
	case row.DeletedAt != nil:
		err = fault.New(fault.Conflict, "This message was deleted. Write a new one.")
	}
	return row, t, err
}

// Older lists the texts that a message had before it was edited, oldest first.
func (d *Discussion) Older(ctx context.Context, workshop, id string) ([]OlderText, error) {
	db := d.db.WithContext(ctx)
	if _, _, err := findMessage(db, workshop, id); err != nil {
		return nil, err
	}
	var rows []olderText
	if err := db.Where("message_id = ?", id).Order("number").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list the older texts of a message: %w", err)
	}
	list := make([]OlderText, len(rows))
	for i, r := range rows {
		list[i] = OlderText{r.Number, r.Body, r.HTML, r.CreatedAt.UTC()}
	}
	return list, nil
}
