// Package discuss keeps threads of messages, each anchored to the thing that it
// is about.
package discuss

import (
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/realtime/typed"
)

// The journal's events of messages; each carries the message as it is then.
const (
	KindPosted  = "message.posted"
	KindEdited  = "message.edited"
	KindDeleted = "message.deleted"
)

// MaxBody is the longest message, in characters.
const MaxBody = 10_000

// Anchor is the thing that a thread is about.
type Anchor struct {
	Type string // workshop, group, proposal, object or agenda
	ID   string
}

// String gives the anchor as type:id.
func (a Anchor) String() string { return a.Type + ":" + a.ID }

// Message is one contribution to a thread. The first one opens it, and replies
// to it or to each other follow.
type Message struct {
	ID        string            `json:"id"`
	Thread    string            `json:"thread" doc:"id of the message that opened the thread: its own, or of what it replies to"`
	Anchor    string            `json:"anchor" doc:"what it is about, as type:id"`
	Label     string            `json:"label,omitempty" doc:"what the object or the item of the agenda that it is about was called when the thread began"`
	Field     string            `json:"field" doc:"the field it is about; empty: the whole"`
	Author    string            `json:"author" doc:"user id"`
	Body      string            `json:"body" doc:"Markdown, as typed; empty: deleted"`
	HTML      string            `json:"html" doc:"safe to show"`
	Seq       int64             `json:"seq" doc:"number of its event; messages are ordered by it"`
	At        time.Time         `json:"at"`
	Version   int64             `json:"version" doc:"of its text, from 1"`
	EditedAt  *time.Time        `json:"edited_at,omitempty"`
	Deleted   *Mark             `json:"deleted,omitempty" doc:"of a message whose text was taken away"`
	Hidden    string            `json:"hidden,omitempty" doc:"why a facilitator took the text away"`
	Words     *Words            `json:"words,omitempty" doc:"of the thread that it opens: the words of the field's text that it is about"`
	Resolved  *Mark             `json:"resolved,omitempty" doc:"of the thread that it opens"`
	Blocking  *Mark             `json:"blocking,omitempty" doc:"of the thread that it opens: it holds up what it is about until it is resolved"`
	Mentions  []string          `json:"mentions,omitempty" doc:"user ids of who is mentioned"`
	Reactions []Reaction        `json:"reactions,omitempty" doc:"the signs that people gave it"`
	Explained []typed.Explained `json:"explained,omitempty" doc:"what looked as if it must not be shared, and why it may"`
}

// Mark says who did something to a message or a thread, and when.
type Mark struct {
	By string    `json:"by" doc:"user id"`
	At time.Time `json:"at"`
}

// NewMessage is what somebody says.
type NewMessage struct {
	Thread    string // that it replies to; empty: it opens one
	Label     string // of the thing that it is about; empty: it is known otherwise
	Field     string // empty: the whole; a reply is about the same as its thread
	Words     *Words // of the field's text, that a thread which it opens is about; nil: all
	Body      string
	Explained map[string]string // why what must not be shared may stand, by keys
}

// Guard refuses a text of a workshop that has what must not be shared and that
// nobody explained, and gives what was explained. The handle may be inside a
// transaction.
type Guard func(db *gorm.DB, workshop, text string, reasons map[string]string) ([]typed.Explained, error)

// Discussion posts, changes and reads messages.
type Discussion struct {
	db      *gorm.DB
	journal *journal.Journal
	text    *markdown.Renderer
	guard   Guard
	limits  func(db *gorm.DB, workshop, author string) (Limits, error)
	refer   Refer // nil: messages refer to nothing
}

// New makes the Discussion of a database.
func New(db *gorm.DB, j *journal.Journal, text *markdown.Renderer, guard Guard) *Discussion {
	return &Discussion{db: db, journal: j, text: text, guard: guard}
}
