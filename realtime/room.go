package realtime

import (
	"errors"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// room is one topic with subscribers: one goroutine reads its news for all of
// them. It lives from the first subscriber to the last.
type room struct {
	hub   *Hub
	topic Topic
	news  chan struct{} // the topic grew
	came  chan struct{} // somebody subscribed
	moved chan struct{} // presence changed
	empty chan struct{} // closed when the last one left

	rewritten chan struct{} // the past says something else now

	mu       sync.Mutex // guards what follows
	members  map[*conn]*member
	late     map[*conn]*member // those of them who lack something, or came just now
	past     past
	presence presence
	others   others
}

// member is a subscriber. Who is not late has all that the room has.
type member struct {
	seq    int64 // the last number that was sent
	at     here
	since  time.Time // that it is there
	hidden bool      // from the others
	seen   seen
}

// enter makes c a subscriber, who has all up to after. The topic has a number
// that is known.
func (h *Hub) enter(c *conn, t Topic, after, known int64, hidden bool) *room {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[t]
	if r == nil {
		r = newRoom(h, t, known)
		h.rooms[t] = r
		h.work.Add(1)
		go func() {
			defer h.work.Done()
			r.run()
		}()
		signal(r.news) // what came before the hub knew of the room
		h.pass(subjectPresence, word{Type: "who", Topic: t})
	}
	r.mu.Lock()
	m := &member{seq: after, hidden: hidden}
	r.members[c], r.late[c] = m, m
	if after > r.past.end() {
		signal(r.news)
	}
	r.mu.Unlock()
	signal(r.came)
	signal(r.moved)
	return r
}

func newRoom(h *Hub, t Topic, known int64) *room {
	return &room{hub: h, topic: t, news: make(chan struct{}, 1), came: make(chan struct{}, 1), moved: make(chan struct{}, 1), empty: make(chan struct{}), rewritten: make(chan struct{}, 1),
		members: map[*conn]*member{}, late: map[*conn]*member{}, past: past{start: known}, others: others{of: map[string]*other{}}}
}

func (h *Hub) leave(c *conn, r *room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.members, c)
	delete(r.late, c)
	signal(r.moved)
	if len(r.members) == 0 && h.rooms[r.topic] == r {
		delete(h.rooms, r.topic)
		close(r.empty)
		r.tellPeersLocked(nil, true)
	}
}

func (r *room) run() {
	var gather <-chan time.Time // runs while presence is gathered
	var rest <-chan time.Time   // runs while the last news are still being written
	var more bool               // came meanwhile
	for {
		var err error
		select {
		case <-r.empty:
			return
		case <-r.hub.ctx.Done():
			return
		case <-r.news:
			if more = rest != nil; more {
				continue
			}
			var events int64
			if events, err = r.advance(); err == nil {
				err = r.catchUp()
			}
			rest = r.rest(events)
		case <-rest:
			if rest = nil; more {
				more = false
				signal(r.news)
			}
		case <-r.rewritten:
			r.forget()
		case <-r.came:
			select { // who comes after it was told gets nothing older
			case <-r.rewritten:
				r.forget()
			default:
			}
			err = r.catchUp()
		case <-r.moved:
			if gather == nil {
				gather = time.After(r.pause())
			}
		case <-gather:
			gather = nil
			r.tellPresence()
		}
		if err != nil && r.hub.ctx.Err() == nil {
			r.hub.log.Error("read news for subscribers", "topic", r.topic, "error", err)
			r.cutOff()
		}
	}
}

// What it takes, about, to write a frame to one subscriber, and what an event in
// it adds.
const writeFrame, writeEvent = 8 * time.Microsecond, 2 * time.Microsecond

// rest runs for about as long as it takes to write to everybody what was sent
// last. What comes before its end would have to wait for that anyway, and waits
// here, so that all of it goes into one frame.
func (r *room) rest(events int64) <-chan time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	pause := time.Duration(len(r.members)) * (writeFrame + time.Duration(events)*writeEvent)
	if pause < time.Millisecond {
		return nil
	}
	return time.After(pause)
}

// forget drops what the room remembers, so that it is read again. Only the
// room's own goroutine remembers, so nothing older comes back in after this.
func (r *room) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.past = past{start: r.past.end()}
}

// cutOff makes all come back and resume, for they would miss something.
func (r *room) cutOff() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.members {
		c.end(CloseResume, "resume")
	}
}

// advance reads what the topic has more than the room, and sends it to all who
// have what came before. It gives how much that was.
func (r *room) advance() (n int64, err error) {
	for {
		r.mu.Lock()
		from := r.past.end()
		r.mu.Unlock()
		items, m, err := r.hub.after(r.topic, from)
		if err != nil {
			return n, err
		}
		if m.erases {
			r.forget()
		}
		r.pass(items)
		for _, user := range m.moved {
			r.hub.resume(user)
		}
		n += int64(len(items))
		if len(items) < r.hub.limits.Batch {
			return n, nil
		}
	}
}

// pass sends what comes behind the end to all who are not late.
func (r *room) pass(items [][]byte) {
	if len(items) == 0 {
		return
	}
	message := r.hub.carry(r.topic, items)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.past.add(items, r.hub.limits.Recent)
	last := r.past.end()
	for c, m := range r.members {
		if r.late[c] == nil {
			m.seq = last
			c.send(message)
		}
	}
}

// catchUp brings those who are late up to what the room has.
func (r *room) catchUp() error {
	for {
		from, older := r.older()
		if !older {
			break
		}
		items, _, err := r.hub.after(r.topic, from)
		if err == nil && len(items) == 0 {
			err = errors.New("numbers are missing")
		}
		if err != nil {
			return err
		}
		r.fill(from, items)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	prepared := map[int64]*websocket.PreparedMessage{} // by the number that they follow
	for c, m := range r.late {
		for m.seq >= r.past.start && m.seq < r.past.end() { // who came since and lacks more is next
			items := r.past.after(m.seq, r.hub.limits.Batch)
			if prepared[m.seq] == nil {
				prepared[m.seq] = r.hub.carry(r.topic, items)
			}
			c.send(prepared[m.seq])
			m.seq += int64(len(items))
		}
	}
	r.welcome()
	return nil
}

// older gives the lowest number of those who lack what the room does not
// remember.
func (r *room) older() (seq int64, any bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	seq = r.past.start
	for _, m := range r.late {
		if m.seq < seq {
			seq, any = m.seq, true
		}
	}
	return seq, any
}

// fill takes in what was read behind a number, or else sends it to those who
// are there.
func (r *room) fill(from int64, items [][]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.past.reach(from, items, r.hub.limits.Recent) {
		return
	}
	message := r.hub.carry(r.topic, items)
	for c, m := range r.late {
		if m.seq == from {
			c.send(message)
			m.seq += int64(len(items))
		}
	}
}

// welcome tells those who are not late any more that they are in sync. Who has seen more than the room waits for it. The lock is held.
func (r *room) welcome() {
	last := r.past.end()
	var synced *websocket.PreparedMessage
	for c, m := range r.late {
		if m.seq != last {
			continue
		}
		if synced == nil {
			synced = r.hub.prepare(frame{Type: "synced", Topic: r.topic, Seq: &last, Now: time.Now().UnixMilli()})
		}
		delete(r.late, c)
		c.send(synced)
		signal(r.moved) // and soon, who is there
	}
}

// tell sends all connections of one person what to look at.
func (r *room) tell(user, about string) {
	message := r.hub.prepare(frame{Type: "yours", Topic: r.topic, About: about})
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.members {
		if c.session.User == user {
			c.send(message)
		}
	}
}
