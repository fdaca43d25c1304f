package discuss

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/typed"
)

type message struct {
	ID, ThreadID, AuthorID, Body, HTML, Explained string
	Mentions                                      string
	Seq, TextSeq, Version                         int64
	CreatedAt                                     time.Time
	EditedAt                                      *time.Time
	DeletedBy, DeletedWhy                         string
	DeletedAt                                     *time.Time
	Reactions                                     []Reaction `gorm:"-"` // in a table of their own
}

func (message) TableName() string { return "messages" }

// writtenAt is when the present text was.
func (m message) writtenAt() time.Time {
	if m.EditedAt != nil {
		return *m.EditedAt
	}
	return m.CreatedAt
}

func (m message) shown(t thread) (Message, error) {
	explained, err := typed.ReadExplained(m.Explained)
	if err != nil {
		err = fmt.Errorf("message %s: %w", m.ID, err)
	}
	shown := Message{ID: m.ID, Thread: m.ThreadID, Anchor: t.about().String(), Label: t.Label, Field: t.Field, Author: m.AuthorID, Body: m.Body, HTML: m.HTML,
		Seq: m.Seq, At: m.CreatedAt.UTC(), Version: m.Version, EditedAt: utc(m.EditedAt), Explained: explained, Hidden: m.DeletedWhy, Reactions: m.Reactions}
	if e := json.Unmarshal([]byte(m.Mentions), &shown.Mentions); e != nil && err == nil {
		err = fmt.Errorf("read who message %s mentions: %w", m.ID, e)
	}
	if len(shown.Mentions) == 0 {
		shown.Mentions = nil
	}
	shown.Deleted = mark(m.DeletedBy, m.DeletedAt)
	if m.ID == t.ID {
		words, e := t.words()
		if err == nil {
			err = e
		}
		shown.Words = words
		shown.Resolved, shown.Blocking = mark(t.ResolvedBy, t.ResolvedAt), mark(t.BlockingBy, t.BlockingAt)
	}
	return shown, err
}

func mark(by string, at *time.Time) *Mark {
	if at == nil {
		return nil
	}
	return &Mark{by, at.UTC()}
}

func utc(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	u := at.UTC()
	return &u
}

// inThread is a message with its thread, as one query reads them.
type inThread struct {
	Message message `gorm:"embedded"`
	About   thread  `gorm:"embedded;embeddedPrefix:t_"`
}

// withThreads begins a query that gives rows of inThread.
func withThreads(db *gorm.DB) *gorm.DB {
	columns := []string{"messages.*"}
	for _, c := range []string{"id", "workshop_id", "anchor_type", "anchor_id", "label", "field", "words", "created_at", "resolved_by", "resolved_at", "blocking_by", "blocking_at"} {
		columns = append(columns, "t."+c+" AS t_"+c)
	}
	return db.Table("messages").Select(columns).
		Joins("JOIN threads t ON t.id = messages.thread_id")
}

func findMessage(db *gorm.DB, workshop, id string) (message, thread, error) {
	var rows []inThread
	if err := withThreads(db).Where("t.workshop_id = ? AND messages.id = ?", workshop, id).Limit(1).Find(&rows).Error; err != nil {
		return message{}, thread{}, fmt.Errorf("find a message: %w", err)
	}
	if len(rows) == 0 {
		return message{}, thread{}, fault.New(fault.NotFound, "There is no such message in this workshop.")
	}
	given, err := reactionsTo(db, []string{id})
	rows[0].Message.Reactions = given[id]
	return rows[0].Message, rows[0].About, err
}

// Message finds one message of a workshop.
func (d *Discussion) Message(ctx context.Context, workshop, id string) (Message, error) {
	return MessageIn(d.db.WithContext(ctx), workshop, id)
}

// MessageIn is Message with a handle that may be inside a transaction.
func MessageIn(db *gorm.DB, workshop, id string) (Message, error) {
	row, t, err := findMessage(db, workshop, id)
	if err != nil {
		return Message{}, err
	}
	return row.shown(t)
}

// Messages lists all messages about an anchor, in order.
func (d *Discussion) Messages(ctx context.Context, workshop string, about Anchor) ([]Message, error) {
	db := d.db.WithContext(ctx)
	const here = "t.workshop_id = ? AND t.anchor_type = ? AND t.anchor_id = ?"
	var rows []inThread
	if err := withThreads(db).Where(here, workshop, about.Type, about.ID).Order("messages.seq").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read messages about %s: %w", about, err)
	}
	given, err := reactionsTo(db, db.Table("messages").Select("messages.id").Joins("JOIN threads t ON t.id = messages.thread_id").
		Where(here, workshop, about.Type, about.ID))
	if err != nil {
		return nil, err
	}
	list := make([]Message, len(rows))
	for i, r := range rows {
		r.Message.Reactions = given[r.Message.ID]
		if list[i], err = r.Message.shown(r.About); err != nil {
			return nil, err
		}
	}
	return list, nil
}
