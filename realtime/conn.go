package realtime

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// conn is one websocket: a reader, which runs in Serve, and a writer.
type conn struct {
	hub     *Hub
	ws      *websocket.Conn
	session Session
	out     chan *websocket.PreparedMessage
	rooms   map[Topic]*room // the reader's own
	once    sync.Once
	ended   chan struct{}
	code    int // why it ended; set before ended is closed
	reason  string
}

// end makes both goroutines stop; the writer says why.
func (c *conn) end(code int, reason string) {
	c.once.Do(func() {
		c.code, c.reason = code, reason
		close(c.ended)
	})
}

// send queues a frame. Whoever is too slow for the queue is cut off and
// resumes from the last number that it saw.
func (c *conn) send(m *websocket.PreparedMessage) {
	if m == nil {
		return
	}
	select {
	case c.out <- m:
	default:
		c.end(CloseResume, "too slow, resume")
	}
}

func (c *conn) write() {
	ping := time.NewTicker(c.hub.limits.Ping)
	defer ping.Stop()
	defer c.ws.Close() // ends the reader too
	for {
		var err error
		select {
		case <-c.ended:
			c.goodbye(c.code, c.reason)
			return
		case m := <-c.out:
			err = c.pass(m)
		case <-ping.C:
			err = c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(c.hub.limits.Write))
			if err == nil { // browsers answer a ping, but do not tell the page of it
				err = c.pass(c.hub.alive)
			}
		}
		if err != nil { // the client is gone
			c.end(websocket.CloseAbnormalClosure, "")
			return
		}
	}
}

// pass writes a frame, and all that wait behind it with it.
func (c *conn) pass(m *websocket.PreparedMessage) error {
	_ = c.ws.SetWriteDeadline(time.Now().Add(c.hub.limits.Write)) // holds for what is written from now on
	wire, ok := c.ws.NetConn().(*cork)
	if !ok || len(c.out) == 0 {
		return c.ws.WritePreparedMessage(m)
	}
	wire.hold()
	err := c.ws.WritePreparedMessage(m)
	for err == nil {
		select {
		case m = <-c.out:
			err = c.ws.WritePreparedMessage(m)
			continue
		default:
		}
		break
	}
	return errors.Join(err, wire.release())
}

func (c *conn) goodbye(code int, reason string) {
	if code == websocket.CloseAbnormalClosure {
		return
	}
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second))
}

// wish is a message from a client.
type wish struct {
	Type string `json:"type"` // subscribe, unsubscribe, at
	Topic
	After  int64  `json:"after"`
	Place  string `json:"place"`
	Idle   bool   `json:"idle"`
	Remote bool   `json:"remote"`
}

// topic is where a wish belongs: a text has the same room whatever workshop a
// client says that it is in, for access has looked at that.
func (w wish) topic() Topic {
	if w.Text != "" {
		return Topic{Text: w.Text, Field: w.Field}
	}
	return Topic{Workshop: w.Workshop}
}

// The longest name of a place and of a part of a topic, in bytes.
const maxPlace, maxTopic = 200, 100

func (c *conn) read() {
	c.ws.SetReadLimit(c.hub.limits.Frame) // a larger frame is closed with 1009
	pace := pace{left: c.hub.limits.Burst, last: time.Now()}
	alive := func(string) error { return c.ws.SetReadDeadline(time.Now().Add(c.hub.limits.Pong)) }
	c.ws.SetPongHandler(alive)
	if alive("") != nil {
		return
	}
	for {
		kind, r, err := c.ws.NextReader()
		if err != nil {
			return
		}
		// The limit of the connection counts what is sent; a small compressed
		// frame can unpack to a large one.
		text, err := io.ReadAll(io.LimitReader(r, c.hub.limits.Frame+1))
		if !pace.allows(time.Now(), c.hub.limits) {
			c.end(CloseTooFast, "too many messages")
			return
		}
		if errors.Is(err, websocket.ErrReadLimit) || int64(len(text)) > c.hub.limits.Frame {
			c.end(websocket.CloseMessageTooBig, "a frame is too large")
		}
		if err != nil || int64(len(text)) > c.hub.limits.Frame {
			return
		}
		if kind == websocket.TextMessage && !utf8.Valid(text) {
			c.end(websocket.CloseInvalidFramePayloadData, "text must be UTF-8")
			return
		}
		var w wish
		if kind != websocket.TextMessage || json.Unmarshal(text, &w) != nil || !c.grant(w) {
			c.end(CloseBadFrame, "this is no message of "+Subprotocol)
			return
		}
	}
}

// pace bounds how fast one sends: so many at once, and then so many a second.
type pace struct {
	left float64
	last time.Time
}

func (p *pace) allows(now time.Time, l Limits) bool {
	p.left = min(l.Burst, p.left+now.Sub(p.last).Seconds()*l.Rate) - 1
	p.last = now
	return p.left >= 0
}

// grant does what a client asks for; false: it makes no sense.
func (c *conn) grant(w wish) bool {
	r := c.rooms[w.topic()]
	switch {
	case max(len(w.Workshop), len(w.Text), len(w.Field)) > maxTopic || len(w.Place) > maxPlace || w.After < 0 ||
		strings.ContainsRune(w.Workshop+w.Text+w.Field+w.Place, 0):
		return false
	case w.Type == "subscribe" && r == nil:
		c.subscribe(w)
	case w.Type == "unsubscribe" && r != nil:
		delete(c.rooms, w.topic())
		c.hub.leave(c, r)
	case w.Type == "at" && r != nil:
		r.place(c, here{Place: w.Place, Idle: w.Idle, Remote: w.Remote})
	}
	return w.Type == "subscribe" || w.Type == "unsubscribe" || w.Type == "at"
}

func (c *conn) subscribe(w wish) {
	hidden, err := c.hub.access(c.hub.ctx, c.session, w.Topic)
	if err == nil && len(c.rooms) >= c.hub.limits.Topics {
		err = fault.New(fault.TooMany, "One connection follows at most %d workshops and texts.", c.hub.limits.Topics)
	}
	var head int64
	if err == nil {
		head, err = c.hub.reaches(w)
	}
	if err == nil {
		c.rooms[w.topic()] = c.hub.enter(c, w.topic(), w.After, head, hidden)
		return
	}
	f := frame{Type: "error", Topic: w.topic(), Code: string(fault.CodeOf(err)), Message: "This cannot be followed at present."}
	var known *fault.Error
	if errors.As(err, &known) {
		f.Message = known.Message
	} else {
		c.hub.log.Error("subscribe", "error", err)
	}
	c.send(c.hub.prepare(f))
}
