package discuss

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/typed"
)

// thread bears the id of the message that opened it.
type thread struct {
	ID, WorkshopID, AnchorType, AnchorID, Label, Field string
	Words                                              string // JSON; empty: it is not about certain words
	CreatedAt                                          time.Time
	ResolvedBy, BlockingBy                             string
	ResolvedAt, BlockingAt                             *time.Time
}

func (t thread) about() Anchor { return Anchor{t.AnchorType, t.AnchorID} }

// Post adds a message: to a thread, or as the opening of one about an anchor
// and field. Whether the author may is the caller's affair. The fault is Invalid
// where it has what must not be shared and that is not explained, or where the
// thread is about something else.
//
// The text is looked at before the transaction, in which others wait for their
// turn; what facilitators forbid at that very moment holds from the next one on.
func (d *Discussion) Post(ctx context.Context, workshop, author string, about Anchor, in NewMessage) (Message, error) {
	text, allowed, refused := d.prepare(ctx, workshop, author, in)
	return journal.Together(ctx, d.journal, func(_ context.Context, tx *journal.Tx) (Message, error) {
		if refused != nil { // but who repeats what was taken before has been answered
			return Message{}, refused
		}
		seq, err := tx.NextSeq(workshop)
		if err != nil {
			return Message{}, err
		}
		if err := allowed.wait(tx.DB, workshop, author); err != nil {
			return Message{}, err
		}
		row := message{ID: uuid.NewString(), ThreadID: in.Thread, AuthorID: author, Seq: seq, CreatedAt: journal.Now()}
		row.say(text, seq)
		t, err := threadFor(tx, row, workshop, about, in)
		if err != nil {
			return Message{}, err
		}
		row.ThreadID = t.ID
		if err := tx.Insert(&row); err != nil {
			return Message{}, fmt.Errorf("post a message: %w", err)
		}
		return tell(tx, KindPosted, author, row, t)
	})
}

// prepare looks at a new message, and gives it as it is kept, and what limits it.
func (d *Discussion) prepare(ctx context.Context, workshop, author string, in NewMessage) (text, Limits, error) {
	body, err := written(in.Body)
	if err != nil {
		return text{}, Limits{}, err
	}
	db := d.db.WithContext(ctx)
	allowed, err := d.allowed(db, workshop, author)
	if err == nil {
		err = allowed.fit(body)
	}
	if err != nil {
		return text{}, allowed, err
	}
	looked, err := d.look(db, workshop, body, in.Explained)
	return looked, allowed, err
}

// written gives the text of a message as it is kept.
func written(body string) (string, error) {
	body = strings.TrimSpace(body)
	if body == "" {
		return "", fault.InField("body", "Write something first.")
	}
	return body, typed.Text("body", body, MaxBody)
}

// text is what a message says, as its row keeps it.
type text struct{ body, html, explained, mentions string }

// look gives a text as it is kept, where the guard lets it pass.
func (d *Discussion) look(db *gorm.DB, workshop, body string, reasons map[string]string) (text, error) {
	explained, err := d.guard(db, workshop, body, reasons)
	if err != nil {
		return text{}, err
	}
	kept, err := typed.WriteExplained(explained)
	if err != nil {
		return text{}, err
	}
	html, mentioned, err := d.render(db, workshop, body)
	if err != nil {
		return text{}, err
	}
	mentions, err := writeMentions(mentioned)
	return text{body, html, kept, mentions}, err
}

// say gives a message its next text, which the event of that number tells.
func (m *message) say(t text, seq int64) {
	m.Body, m.HTML, m.Explained, m.Mentions = t.body, t.html, t.explained, t.mentions
	m.TextSeq, m.Version = seq, m.Version+1
}

// threadFor finds the thread that a message replies to, or opens its own.
func threadFor(tx *journal.Tx, row message, workshop string, about Anchor, in NewMessage) (thread, error) {
	if row.ThreadID == "" {
		t := thread{ID: row.ID, WorkshopID: workshop, AnchorType: about.Type, AnchorID: about.ID, Label: in.Label, Field: in.Field, CreatedAt: row.CreatedAt}
		if in.Words != nil {
			var err error
			if t.Words, err = in.Words.kept(); err != nil {
				return t, err
			}
		}
		if err := tx.Insert(&t); err != nil {
			return t, fmt.Errorf("open a thread: %w", err)
		}
		return t, nil
	}
	t, err := findThread(tx.DB, workshop, row.ThreadID)
	if fault.CodeOf(err) == fault.NotFound || err == nil && t.about() != about {
		return t, fault.InField("thread", "The thread that you reply to is not here. Load the page again, and write a new message if it is gone.")
	}
	return t, err
}

func findThread(db *gorm.DB, workshop, id string) (thread, error) {
	var rows []thread
	if err := db.Where("workshop_id = ? AND id = ?", workshop, id).Limit(1).Find(&rows).Error; err != nil {
		return thread{}, fmt.Errorf("find a thread: %w", err)
	}
	if len(rows) == 0 {
		return thread{}, fault.New(fault.NotFound, "There is no such thread in this workshop.")
	}
	return rows[0], nil
}

// tell appends the event that brought the present text of a message.
func tell(tx *journal.Tx, kind, actor string, row message, t thread) (Message, error) {
	m, err := row.shown(t)
	if err != nil {
		return m, err
	}
	_, err = tx.AppendAt(row.TextSeq, t.WorkshopID, actor, kind, map[string]any{"message": m})
	return m, err
}
