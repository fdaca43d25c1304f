package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// Reading is a time in which all read the same thing in quiet.
type Reading struct {
	ID string `json:"id"`
	Subject
	By   string    `json:"by" doc:"user id"`
	At   time.Time `json:"at"`
	Read []string  `json:"read" doc:"who has read it"`
}

// Writing is a time in which all write first, and then see all at once.
type Writing struct {
	ID       string    `json:"id"`
	Question string    `json:"question"`
	By       string    `json:"by" doc:"user id"`
	At       time.Time `json:"at"`
	Written  []string  `json:"written" doc:"who has written"`
	Shown    bool      `json:"shown"`
	Notes    []Note    `json:"notes" doc:"none until they are shown"`
}

// Note is what one person wrote.
type Note struct {
	User string `json:"user"`
	Text string `json:"text"`
}

// Tick is that somebody has read or written: what an event carries, for the
// list grows with the room.
type Tick struct {
	What string `json:"what" enum:"reading,writing"`
	ID   string `json:"id"`
	User string `json:"user"`
}

// Limits of quiet writing.
const (
	MaxTheme = 300  // characters of what is asked
	MaxNote  = 1000 // characters of what each writes
)

// quietNote is a note that is not shown yet.
type quietNote struct{ WorkshopID, RoundID, UserID, Text string }

func (quietNote) TableName() string { return "quiet_notes" }

func over() error { return fault.New(fault.Conflict, "This is over.") }

// StartReading has all read something in quiet.
func (d *Desk) StartReading(ctx context.Context, workshop, actor string, what Subject) (*Reading, error) {
	return change(ctx, d, workshop, actor, reading, KindReading, func(t *turn, r **Reading) (*Reading, error) {
		*r = &Reading{ID: uuid.NewString(), Subject: what, By: actor, At: t.now, Read: []string{}}
		return *r, nil
	})
}

// MarkRead says that somebody has read it. The fault is Conflict where it is
// over.
func (d *Desk) MarkRead(ctx context.Context, workshop, user, id string) (Tick, error) {
	m := Tick{reading, id, user}
	return change(ctx, d, workshop, user, reading, KindRead, func(t *turn, r **Reading) (Tick, error) {
		if *r == nil || (*r).ID != id {
			return m, over()
		}
		return m, t.mark(&(*r).Read, m)
	})
}

func (t *turn) mark(list *[]string, m Tick) error {
	if slices.Contains(*list, m.User) {
		return errSame
	}
	*list = append(*list, m.User)
	t.told = map[string]any{"tick": m}
	return nil
}

// EndReading ends the quiet. The fault is Conflict where another one began.
func (d *Desk) EndReading(ctx context.Context, workshop, actor, id string) (*Reading, error) {
	return change(ctx, d, workshop, actor, reading, KindReadingEnded, func(_ *turn, r **Reading) (*Reading, error) {
		if *r == nil || (*r).ID != id {
			return nil, over()
		}
		*r = nil
		return nil, nil
	})
}

// StartWriting asks all to write in quiet.
func (d *Desk) StartWriting(ctx context.Context, workshop, actor, question string) (*Writing, error) {
	question = strings.TrimSpace(question)
	return change(ctx, d, workshop, actor, writing, KindWriting, func(t *turn, w **Writing) (*Writing, error) {
		if err := d.say(t, "question", question, MaxTheme); err != nil {
			return nil, err
		}
		if *w != nil && !(*w).Shown && len((*w).Written) > 0 {
			return nil, fault.New(fault.Conflict, "People have written already, and nobody has seen it. Show it, or end it, first.")
		}
		*w = &Writing{ID: uuid.NewString(), Question: question, By: actor, At: t.now, Written: []string{}, Notes: []Note{}}
		return *w, forgetNotes(t.tx.DB, workshop)
	})
}

func forgetNotes(db *gorm.DB, workshop string) error {
	if err := db.Where("workshop_id = ?", workshop).Delete(&quietNote{}).Error; err != nil {
		return fmt.Errorf("forget what was written in quiet: %w", err)
	}
	return nil
}

// WriteNote keeps what somebody wrote, in place of what they wrote before, and
// tells the room that they did, but not what. The fault is Conflict once all is
// shown.
func (d *Desk) WriteNote(ctx context.Context, workshop, user, id, text string) (Note, error) {
	note := Note{user, strings.TrimSpace(text)}
	return change(ctx, d, workshop, user, writing, KindWritten, func(t *turn, w **Writing) (Note, error) {
		if *w == nil || (*w).ID != id || (*w).Shown {
			return note, fault.New(fault.Conflict, "This is over. What you wrote is still here: say it in a message.")
		}
		if err := d.say(t, "text", note.Text, MaxNote); err != nil {
			return note, err
		}
		err := t.tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "round_id"}, {Name: "user_id"}}, DoUpdates: clause.AssignmentColumns([]string{"text"})}).
			Create(&quietNote{workshop, id, user, note.Text}).Error
		if err != nil {
			return note, fmt.Errorf("keep what was written in quiet: %w", err)
		}
		return note, t.mark(&(*w).Written, Tick{writing, id, user})
	})
}

// ShowNotes shows what all wrote, at once and in the order of their names'
// ids, so that who was first is not seen. The fault is Conflict where it is over.
func (d *Desk) ShowNotes(ctx context.Context, workshop, actor, id string) (*Writing, error) {
	return change(ctx, d, workshop, actor, writing, KindShown, func(t *turn, w **Writing) (*Writing, error) {
		if *w == nil || (*w).ID != id {
			return nil, over()
		}
		if (*w).Shown {
			return *w, errSame
		}
		var rows []quietNote
		if err := t.tx.Where("round_id = ?", id).Order("user_id").Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("read what was written in quiet: %w", err)
		}
		(*w).Shown = true
		for _, r := range rows {
			(*w).Notes = append((*w).Notes, Note{r.UserID, r.Text})
		}
		return *w, forgetNotes(t.tx.DB, workshop)
	})
}

// EndWriting clears the table. What was not shown is gone.
func (d *Desk) EndWriting(ctx context.Context, workshop, actor, id string) (*Writing, error) {
	return change(ctx, d, workshop, actor, writing, KindWritingEnded, func(t *turn, w **Writing) (*Writing, error) {
		if *w == nil || (*w).ID != id {
			return nil, over()
		}
		*w = nil
		return nil, forgetNotes(t.tx.DB, workshop)
	})
}
