package realtime

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
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
	CloseResume      = 4001 // too slow; nothing is lost, come back
	CloseTooFast     = 4002 // more messages than a person can cause; come back
	CloseBadFrame    = 4400 // a frame that is no message of ours
	CloseSignedOut   = 4401 // the session is over
	CloseProtocol    = 4406 // a page of another version
	CloseTooManyTabs = 4429 // more connections than a person needs
)

// Subprotocol names the format of the frames.
const Subprotocol = "atelier.v1"

// Limits bound what one connection may cost.
type Limits struct {
	Frame    int64         // bytes of a frame from a client
	Queue    int           // frames that wait for a slow client
	Batch    int           // events in one frame
	Recent   int           // events of a room that are kept in memory, for who comes back
	Behind   int64         // events that are sent to who comes back; who lacks more fetches the state anew
	Topics   int           // of one connection
	Tabs     int           // connections of one person
	Rate     float64       // messages a second from one connection
	Burst    float64       // messages from it at once
	Ping     time.Duration // between pings, and between frames that say "alive"
	Pong     time.Duration // until a silent client is given up
	Write    time.Duration // for one frame
	Crowd    int           // people of a room who are named; more are counted
	Presence time.Duration // that presence is gathered before it is sent
	Cursors  time.Duration // the same for who is where in a text
	Look     time.Duration // between looks at what other processes may have done
}

// DefaultLimits are for a room of some thousand people.
func DefaultLimits() Limits {
	return Limits{Frame: 64 << 10, Queue: 64, Batch: 200, Recent: 1000, Behind: 5000, Topics: 20, Tabs: 30, Rate: 50, Burst: 200, Crowd: 50, Ping: 25 * time.Second, Pong: time.Minute,
		Write: 10 * time.Second, Presence: 250 * time.Millisecond, Cursors: 50 * time.Millisecond, Look: 2 * time.Second}
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

// Access says whether a session may follow a topic, and whether its person is
// hidden from the others there. It is asked at each subscription; a fault is told
// to the client.
type Access func(ctx context.Context, s Session, t Topic) (hidden bool, err error)

// Hub holds all connections of this process.
type Hub struct {
	log     *slog.Logger
	journal *journal.Journal
	texts   *cowrite.Texts
	access  Access
	limits  Limits
	alive   *websocket.PreparedMessage // for pages, which see no pings
	peers   *peers                     // nil: this process is the only one
	erases  map[string]bool            // kinds of events
	moves   func(journal.Event) (user string)
	ctx     context.Context
	cancel  context.CancelFunc
	work    sync.WaitGroup // every goroutine of the hub

	mu     sync.Mutex // guards what follows
	rooms  map[Topic]*room
	conns  map[*conn]bool
	tabs   map[string]int // connections of each person
	closed bool
}

// NewHub makes a hub; Close ends it.
func NewHub(log *slog.Logger, j *journal.Journal, texts *cowrite.Texts, access Access, limits Limits) *Hub {
	ctx, cancel := context.WithCancel(context.Background())
	h := &Hub{log: log, journal: j, texts: texts, access: access, limits: limits, ctx: ctx, cancel: cancel,
		rooms: map[Topic]*room{}, conns: map[*conn]bool{}, tabs: map[string]int{}}
	h.alive = h.prepare(frame{Type: "alive"})
	return h
}

// Wake tells the hub that a workshop's journal has news. It does not block.
func (h *Hub) Wake(workshop string) { h.news(Topic{Workshop: workshop}) }

// WakeText tells the hub that a text of a workshop has a new version.
func (h *Hub) WakeText(name cowrite.Name) { h.news(Topic{Text: name.Topic, Field: name.Field}) }

func (h *Hub) news(t Topic) {
	h.wake(t)
	h.pass(subjectNews, word{Type: "news", Topic: t})
}

// Forget tells the hub that events of a workshop's past say something else now.
// It does not block.
func (h *Hub) Forget(workshop string) {
	h.forgetPast(workshop)
	h.pass(subjectNews, word{Type: "forget", Topic: Topic{Workshop: workshop}})
}

// Erases names the kinds of events that say that older ones were rewritten, for
// what another process has rewritten. It is called before anybody connects.
func (h *Hub) Erases(kinds ...string) {
	h.erases = map[string]bool{}
	for _, kind := range kinds {
		h.erases[kind] = true
	}
}

// Moves sets the function that gives whom an event allows more or less than
// before, if anybody: their connections come back, and what they may follow is
// looked up anew. It is called before anybody connects.
func (h *Hub) Moves(f func(journal.Event) (user string)) { h.moves = f }

func (h *Hub) forgetPast(workshop string) {
	if r := h.find(Topic{Workshop: workshop}); r != nil {
		signal(r.rewritten)
	}
}

// Tell lets the pages of one person in a workshop know that something which
// only they and few others see has changed, and what to look at. It says no
// more, is not numbered and may get lost: a page that comes back looks anew.
func (h *Hub) Tell(workshop, user, about string) {
	h.tell(workshop, user, about)
	h.pass(subjectNews, word{Type: "yours", Topic: Topic{Workshop: workshop}, User: user, About: about})
}

func (h *Hub) tell(workshop, user, about string) {
	if r := h.find(Topic{Workshop: workshop}); r != nil {
		r.tell(user, about)
	}
}

// TellAll lets all pages of some people know what to look at, whatever they
// follow. It says no more, and may get lost.
func (h *Hub) TellAll(users []string, about string) {
	h.tellAll(users, about)
	h.pass(subjectNews, word{Type: "all", Users: users, About: about})
}

func (h *Hub) tellAll(users []string, about string) {
	message := h.prepare(frame{Type: "yours", About: about})
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		if slices.Contains(users, c.session.User) {
			c.send(message)
		}
	}
}

func (h *Hub) wake(t Topic) {
	if r := h.find(t); r != nil {
		signal(r.news)
	}
}

// find gives the room of a topic; nil where nobody follows it.
func (h *Hub) find(t Topic) *room {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms[t]
}

// Present says whether a person does something at a place of a workshop, on a
// connection of this process.
func (h *Hub) Present(workshop, user, place string) bool {
	r := h.find(Topic{Workshop: workshop})
	return r != nil && r.present(user, place)
}

// Hide makes a person unseen in a workshop, or seen again.
func (h *Hub) Hide(workshop, user string, hidden bool) {
	h.hide(workshop, user, hidden)
	h.pass(subjectNews, word{Type: "hide", Topic: Topic{Workshop: workshop}, User: user, Hidden: hidden})
}

func (h *Hub) hide(workshop, user string, hidden bool) {
	if r := h.find(Topic{Workshop: workshop}); r != nil {
		r.hide(user, hidden)
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
	h.resume(user)
	h.pass(subjectNews, word{Type: "resume", User: user})
}

func (h *Hub) resume(user string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		if c.session.User == user {
			c.end(CloseResume, "resume")
		}
	}
}

// upgrader makes connections that hold little while nothing is said: what is
// read is short, and what is written is prepared.
var upgrader = websocket.Upgrader{Subprotocols: []string{Subprotocol}, EnableCompression: true, ReadBufferSize: 512, WriteBufferPool: &sync.Pool{},
	CheckOrigin: func(*http.Request) bool { return true }} // whoever calls Upgrade has checked it

// Upgrade makes a websocket of a request that can be hijacked, and looks after
// it until it ends. It does not wait for that. Where it fails, the request has
// been answered.
func (h *Hub) Upgrade(w http.ResponseWriter, r *http.Request, s Session) error {
	ws, err := upgrader.Upgrade(corking{w}, r, nil)
	if err != nil {
		return fmt.Errorf("open a websocket: %w", err)
	}
	h.start(ws, s)
	return nil
}

// start gives a connection its two goroutines. The reader ends with the writer,
// and sweeps up.
func (h *Hub) start(ws *websocket.Conn, s Session) {
	c := &conn{hub: h, ws: ws, session: s, out: make(chan *websocket.PreparedMessage, h.limits.Queue), ended: make(chan struct{}), rooms: map[Topic]*room{}}
	h.mu.Lock()
	defer h.mu.Unlock()
	if code, reason := h.refuses(c); code != 0 {
		c.goodbye(code, reason)
		_ = ws.Close() // nothing is to be lost
		return
	}
	h.conns[c] = true
	h.tabs[s.User]++
	h.work.Add(2)
	go func() {
		defer h.work.Done()
		c.write()
	}()
	go func() {
		defer h.work.Done()
		c.read()
		c.end(websocket.CloseNormalClosure, "")
		for _, r := range c.rooms {
			h.leave(c, r)
		}
		h.forget(c)
	}()
}

// refuses says why a connection cannot be taken; 0: it can. The lock is held.
func (h *Hub) refuses(c *conn) (code int, reason string) {
	switch {
	case h.closed:
		return websocket.CloseGoingAway, "the server stops"
	case c.ws.Subprotocol() != Subprotocol:
		return CloseProtocol, "this server speaks " + Subprotocol
	case h.tabs[c.session.User] >= h.limits.Tabs:
		return CloseTooManyTabs, fmt.Sprintf("one person has at most %d connections", h.limits.Tabs)
	}
	return 0, ""
}

func (h *Hub) forget(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, c)
	if h.tabs[c.session.User]--; h.tabs[c.session.User] == 0 {
		delete(h.tabs, c.session.User)
	}
}

// Sessions names the sessions that have connections, each once, for who looks
// which of them are over.
func (h *Hub) Sessions() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := map[string]bool{}
	for c := range h.conns {
		all[c.session.ID] = true
	}
	return slices.Collect(maps.Keys(all))
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

// reaches makes sure that there is what a client says to have seen, and gives
// a number that the topic has. There is not where the database was restored from
// an older copy: then the client has to fetch its state anew. So it has where it
// lacks too much.
func (h *Hub) reaches(w wish) (known int64, err error) {
	if w.Text != "" {
		_, err := h.texts.Since(h.ctx, w.name(), w.After, 1)
		return w.After, err
	}
	head, there := h.headOf(w.topic())
	if !there || w.After > head {
		if head, err = h.journal.Head(h.ctx, w.Workshop); err != nil {
			return 0, err
		}
	}
	if w.After > head || w.After < head-h.limits.Behind {
		return 0, fault.New(fault.Stale, "What this page shows is not what the server has any more. Load it again.")
	}
	return head, nil
}

// headOf gives the last number of a topic that is followed.
func (h *Hub) headOf(t Topic) (seq int64, there bool) {
	r := h.find(t)
	if r == nil {
		return 0, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.past.end(), true
}

// after reads what came in a topic behind a number, each as it is sent: events
// of a journal, or updates of a text. Both have numbers without gaps.
func (h *Hub) after(t Topic, seq int64) (items [][]byte, m meaning, err error) {
	if t.Text != "" {
		updates, err := h.texts.Since(h.ctx, t.name(), seq, h.limits.Batch)
		if err != nil {
			return nil, m, err
		}
		items, err = encoded(updates)
		return items, m, err
	}
	events, err := h.journal.After(h.ctx, t.Workshop, seq, h.limits.Batch)
	if err != nil {
		return nil, m, err
	}
	for _, e := range events {
		m.erases = m.erases || h.erases[e.Kind]
		if h.moves != nil && h.peers != nil { // where this process did it, Resume was called
			if user := h.moves(e); user != "" {
				m.moved = append(m.moved, user)
			}
		}
	}
	items, err = encoded(events)
	return items, m, err
}

// meaning is what events mean for the hub itself.
type meaning struct {
	erases bool     // what is remembered of before is not true any more
	moved  []string // whose rights are others now
}

func encoded[T any](list []T) ([][]byte, error) {
	texts := make([][]byte, len(list))
	for i, one := range list {
		text, err := json.Marshal(one)
		if err != nil {
			return nil, fmt.Errorf("encode what subscribers get: %w", err)
		}
		texts[i] = text
	}
	return texts, nil
}

// frame is a message to clients; which members are used follows from Type.
type frame struct {
	Type string `json:"type"` // events, updates, synced, presence, yours, alive, error
	Topic
	Events  json.RawMessage `json:"events,omitempty"`  // a list of journal.Event
	Updates json.RawMessage `json:"updates,omitempty"` // a list of cowrite.Update
	Seq     *int64          `json:"seq,omitempty"`
	Now     int64           `json:"now,omitempty"` // the server's time, in milliseconds since 1970
	Full    bool            `json:"full,omitempty"`
	Count   *count          `json:"count,omitempty"` // where not all are named
	Here    []here          `json:"here,omitempty"`
	Left    []string        `json:"left,omitempty"`
	About   string          `json:"about,omitempty"`
	Code    string          `json:"code,omitempty"`
	Message string          `json:"message,omitempty"`
}

// carry makes the frame that brings what came in a topic.
func (h *Hub) carry(t Topic, items [][]byte) *websocket.PreparedMessage {
	list := slices.Concat([]byte("["), bytes.Join(items, []byte(",")), []byte("]"))
	if t.Text != "" {
		return h.prepare(frame{Type: "updates", Topic: t, Updates: list})
	}
	return h.prepare(frame{Type: "events", Topic: t, Events: list})
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
