// Package discuss keeps the messages of threads, each anchored to the thing
// that it is about.
package discuss

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/realtime/typed"
)

// KindPosted is the journal's event of a new message.
const KindPosted = "message.posted"

// MaxBody is the longest message, in characters.
const MaxBody = 10_000

// Anchor is the thing that a thread is about.
type Anchor struct {
	Type string // workshop, proposal or object
	ID   string
}

// String gives the anchor as type:id.
func (a Anchor) String() string { return a.Type + ":" + a.ID }

// Message is one contribution to a thread.
type Message struct {
	ID        string            `json:"id"`
	Anchor    string            `json:"anchor" doc:"what it is about, as type:id"`
	Field     string            `json:"field" doc:"the field it is about; empty: the whole"`
	Author    string            `json:"author" doc:"user id"`
	Body      string            `json:"body" doc:"Markdown, as typed"`
	HTML      string            `json:"html" doc:"safe to show"`
	Seq       int64             `json:"seq" doc:"number of its event; messages are ordered by it"`
	At        time.Time         `json:"at"`
	Explained []typed.Explained `json:"explained,omitempty" doc:"what looked as if it must not be shared, and why it may"`
}

// NewMessage is what somebody says.
type NewMessage struct {
	Field     string // empty: the whole
	Body      string
	Explained map[string]string // why what must not be shared may stand, by keys
}

// Guard refuses a text of a workshop that has what must not be shared and that
// nobody explained, and gives what was explained. The handle may be inside a
// transaction.
type Guard func(db *gorm.DB, workshop, text string, reasons map[string]string) ([]typed.Explained, error)

// Discussion posts and reads messages.
type Discussion struct {
	db      *gorm.DB
	journal *journal.Journal
	text    *markdown.Renderer
	guard   Guard
}

// New makes the Discussion of a database.
func New(db *gorm.DB, j *journal.Journal, text *markdown.Renderer, guard Guard) *Discussion {
	return &Discussion{db: db, journal: j, text: text, guard: guard}
}

type thread struct {
	ID, WorkshopID, AnchorType, AnchorID, Field string
	CreatedAt                                   time.Time
}

type message struct {
	ID, ThreadID, AuthorID, Body, HTML, Explained string
	Seq                                           int64
	CreatedAt                                     time.Time
}

func (message) TableName() string { return "messages" }

// Post adds a message to the thread of an anchor and field, which it opens
// where there is none. Whether the author may is the caller's affair. The fault
// is Invalid where it has what must not be shared and that is not explained.
func (d *Discussion) Post(ctx context.Context, workshop, author string, about Anchor, in NewMessage) (Message, error) {
	body, field := strings.TrimSpace(in.Body), in.Field
	if body == "" {
		return Message{}, fault.InField("body", "Write something first.")
	}
	if err := typed.Text("body", body, MaxBody); err != nil {
		return Message{}, err
	}
	html := d.text.Render(body)
	return journal.Do(ctx, d.journal, func(_ context.Context, tx *journal.Tx) (Message, error) {
		seq, err := tx.NextSeq(workshop)
		if err != nil {
			return Message{}, err
		}
		explained, err := d.guard(tx.DB, workshop, body, in.Explained)
		if err != nil {
			return Message{}, err
		}
		kept, err := typed.WriteExplained(explained)
		if err != nil {
			return Message{}, err
		}
		thread, err := openThread(tx.DB, workshop, about, field)
		if err != nil {
			return Message{}, err
		}
		row := message{ID: uuid.NewString(), ThreadID: thread, AuthorID: author, Body: body, HTML: html, Explained: kept, Seq: seq, CreatedAt: journal.Now()}
		if err := tx.Create(&row).Error; err != nil {
			return Message{}, fmt.Errorf("post a message: %w", err)
		}
		m, err := row.shown(about, field)
		if err != nil {
			return m, err
		}
		_, err = tx.AppendAt(seq, workshop, author, KindPosted, map[string]any{"message": m})
		return m, err
	})
}

// openThread finds or makes a thread. The workshop's counter is locked by now,
// so two first messages cannot make two.
func openThread(db *gorm.DB, workshop string, about Anchor, field string) (string, error) {
	t := thread{ID: uuid.NewString(), WorkshopID: workshop, AnchorType: about.Type, AnchorID: about.ID, Field: field, CreatedAt: journal.Now()}
	if err := db.Clauses(clause.OnConflict{DoNothing: true}).Create(&t).Error; err != nil {
		return "", fmt.Errorf("open a thread: %w", err)
	}
	var id string
	err := db.Model(&thread{}).Select("id").
		Where("workshop_id = ? AND anchor_type = ? AND anchor_id = ? AND field = ?", workshop, about.Type, about.ID, field).Scan(&id).Error
	if err != nil {
		return "", fmt.Errorf("find a thread: %w", err)
	}
	return id, nil
}

func (m message) shown(about Anchor, field string) (Message, error) {
	explained, err := typed.ReadExplained(m.Explained)
	if err != nil {
		err = fmt.Errorf("message %s: %w", m.ID, err)
	}
	return Message{ID: m.ID, Anchor: about.String(), Field: field, Author: m.AuthorID, Body: m.Body, HTML: m.HTML, Seq: m.Seq, At: m.CreatedAt.UTC(),
		Explained: explained}, err
}

// Message finds one message of a workshop.
func (d *Discussion) Message(ctx context.Context, workshop, id string) (Message, error) {
	return MessageIn(d.db.WithContext(ctx), workshop, id)
}

// MessageIn is Message with a handle that may be inside a transaction.
func MessageIn(db *gorm.DB, workshop, id string) (Message, error) {
	var rows []struct {
		Message              message `gorm:"embedded"`
		AnchorType, AnchorID string
		Field                string
	}
	err := db.Table("messages").Select("messages.*, threads.anchor_type, threads.anchor_id, threads.field").
		Joins("JOIN threads ON threads.id = messages.thread_id").
		Where("threads.workshop_id = ? AND messages.id = ?", workshop, id).Limit(1).Find(&rows).Error
	if err != nil {
		return Message{}, fmt.Errorf("find a message: %w", err)
	}
	if len(rows) == 0 {
		return Message{}, fault.New(fault.NotFound, "There is no such message in this workshop.")
	}
	r := rows[0]
	return r.Message.shown(Anchor{r.AnchorType, r.AnchorID}, r.Field)
}

// Messages lists all messages about an anchor, in order.
func (d *Discussion) Messages(ctx context.Context, workshop string, about Anchor) ([]Message, error) {
	var rows []struct {
		Message message `gorm:"embedded"`
		Field   string
	}
	err := d.db.WithContext(ctx).Table("messages").Select("messages.*, threads.field").
		Joins("JOIN threads ON threads.id = messages.thread_id").
		Where("threads.workshop_id = ? AND threads.anchor_type = ? AND threads.anchor_id = ?", workshop, about.Type, about.ID).
		Order("messages.seq").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read messages about %s: %w", about, err)
	}
	list := make([]Message, len(rows))
	for i, r := range rows {
		if list[i], err = r.Message.shown(about, r.Field); err != nil {
			return nil, err
		}
	}
	return list, nil
}
