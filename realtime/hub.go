package realtime

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/atelier-attack/atelier/realtime/cowrite"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// Close codes beyond those of RFC 6455: after 4000 to 4099 a client comes back
// and resumes, after 4400 to 4499 it does not.
const (
	CloseResume    = 4001 // too slow; nothing is lost, come back
	CloseBadFrame  = 4400 // a frame that is no message of ours
	CloseSignedOut = 4401 // the session is over
)

// Subprotocol names the format of the frames.
const Subprotocol = "atelier.v1"

// Limits bound what one connection may cost.
type Limits struct {
	Frame    int64         // bytes of a frame from a client
	Queue    int           // frames that wait for a slow client
	Batch    int           // events in one frame
	Topics   int           // of one connection
	Ping     time.Duration // between pings
	Pong     time.Duration // until a silent client is given up
	Write    time.Duration // for one frame
	Presence time.Duration // that presence is gathered before it is sent
	Cursors  time.Duration // the same for who is where in a text
}

// DefaultLimits are for a room of a few hundred people.
func DefaultLimits() Limits {
	return Limits{Frame: 64 << 10, Queue: 64, Batch: 200, Topics: 20, Ping: 25 * time.Second, Pong: time.Minute,
		Write: 10 * time.Second, Presence: 250 * time.Millisecond, Cursors: 50 * time.Millisecond}
}

// Session is who a connection belongs to.
type Session struct {
	ID   string // names the browser's session, so that signing out ends it
	User string
}

// Topic is what can be followed: the journal of a workshop, or a text in one.
type Topic struct {
	Workshop string `json:"workshop,omitempty"`
	Text     string `json:"text,omitempty"` // what the text belongs to; empty: the journal
	Field    string `json:"field,omitempty"`
}

func (t Topic) name() cowrite.Name { return cowrite.Name{Topic: t.Text, Field: t.Field} }

// Access says whether a session may follow a topic, and is asked at each
// subscription; a fault is told to the client.
type Access func(ctx context.Context, s Session, t Topic) error

// Hub holds all connections of this process.
type Hub struct {
	log     *slog.Logger
	journal *journal.Journal
	texts   *cowrite.Texts
	access  Access
	limits  Limits
	ctx     context.Context
	cancel  context.CancelFunc
	work    sync.WaitGroup // every goroutine of the hub

	mu     sync.Mutex // guards what follows
	rooms  map[Topic]*room
	conns  map[*conn]bool
	closed bool
}

// NewHub makes a hub; Close ends it.
func NewHub(log *slog.Logger, j *journal.Journal, texts *cowrite.Texts, access Access, limits Limits) *Hub {
	ctx, cancel := context.WithCancel(context.Background())
	return &Hub{log: log, journal: j, texts: texts, access: access, limits: limits, ctx: ctx, cancel: cancel,
		rooms: map[Topic]*room{}, conns: map[*conn]bool{}}
}

// Wake tells the hub that a workshop's journal has news. It does not block.
func (h *Hub) Wake(workshop string) { h.wake(Topic{Workshop: workshop}) }

// WakeText tells the hub that a text of a workshop has a new version.
func (h *Hub) WakeText(name cowrite.Name) { h.wake(Topic{Text: name.Topic, Field: name.Field}) }

// Tell lets the pages of one person in a workshop know that something which
// only they and few others see has changed, and what to look at. It says no
// more, is not numbered and may get lost: a page that comes back looks anew.
func (h *Hub) Tell(workshop, user, about string) {
	h.mu.Lock()
	r := h.rooms[Topic{Workshop: workshop}]
	h.mu.Unlock()
	if r != nil {
		r.tell(user, about)
	}
}

func (h *Hub) wake(t Topic) {
	h.mu.Lock()
	r := h.rooms[t]
	h.mu.Unlock()
	if r != nil {
		signal(r.news)
	}
}

// signal leaves a note where none lies yet.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// SignOut ends the connections of a session.
func (h *Hub) SignOut(session string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		if c.session.ID == session {
			c.end(CloseSignedOut, "signed out")
		}
	}
}

// Resume makes all connections of a person come back, so that what they may
// follow is looked at anew.
func (h *Hub) Resume(user string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		if c.session.User == user {
			c.end(CloseResume, "resume")
		}
	}
}

// Serve runs a connection until it ends.
func (h *Hub) Serve(ws *websocket.Conn, s Session) {
	c := &conn{hub: h, ws: ws, session: s, out: make(chan *websocket.PreparedMessage, h.limits.Queue), ended: make(chan struct{}), rooms: map[Topic]*room{}}
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		c.goodbye(websocket.CloseGoingAway, "the server stops")
		_ = ws.Close()
		return
	}
	h.conns[c] = true
	h.work.Add(1)
	h.mu.Unlock()
	defer h.work.Done()
	written := make(chan struct{})
	go func() {
		defer close(written)
		c.write()
	}()
	c.read()
	c.end(websocket.CloseNormalClosure, "")
	<-written // the connection is the caller's again
	for _, r := range c.rooms {
		h.leave(c, r)
	}
	h.mu.Lock()
	delete(h.conns, c)
	h.mu.Unlock()
}

// Close tells all clients to come back later and waits for all goroutines, at
// most until the context ends.
func (h *Hub) Close(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	for c := range h.conns {
		c.end(websocket.CloseGoingAway, "the server stops")
	}
	h.mu.Unlock()
	h.cancel()
	done := make(chan struct{})
	go func() {
		h.work.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reaches makes sure that there is what a client says to have seen. There is
// not where the database was restored from an older copy: then the client has
// to fetch its state anew.
func (h *Hub) reaches(w wish) error {
	if w.Text != "" {
		_, err := h.texts.Since(h.ctx, w.name(), w.After, 1)
		return err
	}
	head, err := h.journal.Head(h.ctx, w.Workshop)
	if err != nil {
		return err
	}
	if w.After > head {
		return fault.New(fault.Stale, "What this page shows is not what the server has any more. Load it again.")
	}
	return nil
}

// news is what came in a topic behind a number: events of a journal, or updates
// of a text. Both have numbers without gaps.
type news struct {
	events  []journal.Event
	updates []cowrite.Update
}

func (h *Hub) after(t Topic, seq int64) (n news, err error) {
	if t.Text != "" {
		n.updates, err = h.texts.Since(h.ctx, t.name(), seq, h.limits.Batch)
		return n, err
	}
	n.events, err = h.journal.After(h.ctx, t.Workshop, seq, h.limits.Batch)
	return n, err
}

func (n news) count() int { return len(n.events) + len(n.updates) }

// frame is what who has seen the first ones gets.
func (n news) frame(t Topic, seen int64) frame {
	if t.Text != "" {
		return frame{Type: "updates", Topic: t, Updates: n.updates[seen:]}
	}
	return frame{Type: "events", Topic: t, Events: n.events[seen:]}
}

// frame is a message to clients; which members are used follows from Type.
type frame struct {
	Type string `json:"type"` // events, updates, synced, presence, yours, error
	Topic
	Events  []journal.Event  `json:"events,omitempty"`
	Updates []cowrite.Update `json:"updates,omitempty"`
	Seq     *int64           `json:"seq,omitempty"`
	Full    bool             `json:"full,omitempty"`
	Here    []here           `json:"here,omitempty"`
	Left    []string         `json:"left,omitempty"`
	About   string           `json:"about,omitempty"`
	Code    string           `json:"code,omitempty"`
	Message string           `json:"message,omitempty"`
}

// here is where somebody is.
type here struct {
	User  string `json:"user"`
	Place string `json:"place"`
}

// prepare encodes a frame once for all who get it.
func (h *Hub) prepare(f frame) *websocket.PreparedMessage {
	text, err := json.Marshal(f)
	if err == nil {
		var m *websocket.PreparedMessage
		if m, err = websocket.NewPreparedMessage(websocket.TextMessage, text); err == nil {
			return m
		}
	}
	h.log.Error("encode a frame", "type", f.Type, "error", err)
	return nil
}
