package realtime

import (
	"sync"
	"time"
)

// room is one topic with subscribers: one goroutine reads its news for all of
// them. It lives from the first subscriber to the last.
type room struct {
	hub   *Hub
	topic Topic
	news  chan struct{} // the topic grew, or somebody subscribed
	moved chan struct{} // presence changed
	empty chan struct{} // closed when the last one left

	mu      sync.Mutex // guards what follows
	members map[*conn]*member
	told    map[string]string // the presence that all were told
}

// member is a subscriber.
type member struct {
	seq     int64 // the last number that was sent
	place   string
	full    bool // it got as much as is sent at once, and was not told whether that was all
	welcome bool // it was told that it is in sync, and who is there
}

// enter makes c a subscriber, who has all up to after.
func (h *Hub) enter(c *conn, t Topic, after int64) *room {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[t]
	if r == nil {
		r = &room{hub: h, topic: t, news: make(chan struct{}, 1), moved: make(chan struct{}, 1), empty: make(chan struct{}),
			members: map[*conn]*member{}, told: map[string]string{}}
		h.rooms[t] = r
		h.work.Add(1)
		go func() {
			defer h.work.Done()
			r.run()
		}()
	}
	r.mu.Lock()
	r.members[c] = &member{seq: after}
	r.mu.Unlock()
	signal(r.news)
	signal(r.moved)
	return r
}

func (h *Hub) leave(c *conn, r *room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.members, c)
	signal(r.moved)
	if len(r.members) == 0 && h.rooms[r.topic] == r {
		delete(h.rooms, r.topic)
		close(r.empty)
	}
}

func (r *room) place(c *conn, place string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.members[c]; m != nil {
		m.place = place
	}
	signal(r.moved)
}

func (r *room) run() {
	var gather <-chan time.Time // runs while presence is gathered
	for {
		select {
		case <-r.empty:
			return
		case <-r.hub.ctx.Done():
			return
		case <-r.news:
			if err := r.deliver(); err != nil && r.hub.ctx.Err() == nil {
				r.hub.log.Error("read news for subscribers", "topic", r.topic, "error", err)
				r.cutOff()
			}
		case <-r.moved:
			if gather == nil {
				gather = time.After(r.pause())
			}
		case <-gather:
			gather = nil
			r.tellPresence()
		}
	}
}

// pause is how long presence is gathered.
func (r *room) pause() time.Duration {
	if r.topic.Text != "" {
		return r.hub.limits.Cursors
	}
	return r.hub.limits.Presence
}

// cutOff makes all come back and resume, for they would miss something.
func (r *room) cutOff() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.members {
		c.end(CloseResume, "resume")
	}
}

// deliver brings every subscriber up to date. Who has the same last number
// gets the same frame.
func (r *room) deliver() error {
	for {
		from, behind := r.mostBehind()
		if !behind {
			return nil
		}
		news, err := r.hub.after(r.topic, from)
		if err != nil {
			return err
		}
		if r.send(from, news) {
			return nil
		}
	}
}

// mostBehind gives the lowest number that a subscriber has.
func (r *room) mostBehind() (seq int64, any bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.members {
		if !any || m.seq < seq {
			seq, any = m.seq, true
		}
	}
	return seq, any
}

// send gives the news behind from to all who lack them; done says that
// nobody waits for more. Who came since with another number is next.
func (r *room) send(from int64, news news) (done bool) {
	last := from + int64(news.count()) // numbers have no gaps
	atEnd := news.count() < r.hub.limits.Batch
	done = atEnd
	whole := r.hub.prepare(news.frame(r.topic, 0))
	synced := r.hub.prepare(frame{Type: "synced", Topic: r.topic, Seq: &last})
	r.mu.Lock()
	defer r.mu.Unlock()
	for c, m := range r.members {
		if m.seq < from || m.seq > last { // it came since these were read
			done = false
			continue
		}
		fresh := m.seq < last
		switch {
		case !fresh:
		case m.seq == from:
			c.send(whole)
		default:
			c.send(r.hub.prepare(news.frame(r.topic, m.seq-from)))
		}
		m.seq = last
		if fresh {
			m.full = !atEnd
		}
		if atEnd && (fresh || m.full || !m.welcome) {
			m.full = false
			c.send(synced)
		}
		if atEnd && !m.welcome {
			m.welcome = true
			c.send(r.hub.prepare(frame{Type: "presence", Topic: r.topic, Full: true, Here: list(r.told)}))
		}
	}
	return done
}

// tellPresence sends what changed in who is where. A person with several
// connections is at the place that one of them names.
func (r *room) tellPresence() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := map[string]string{}
	for c, m := range r.members {
		if now[c.session.User] == "" {
			now[c.session.User] = m.place
		}
	}
	f := frame{Type: "presence", Topic: r.topic}
	for user, place := range now {
		if old, known := r.told[user]; !known || old != place {
			f.Here = append(f.Here, here{user, place})
		}
	}
	for user := range r.told {
		if _, there := now[user]; !there {
			f.Left = append(f.Left, user)
		}
	}
	r.told = now
	if len(f.Here)+len(f.Left) == 0 {
		return
	}
	message := r.hub.prepare(f)
	for c, m := range r.members {
		if m.welcome {
			c.send(message)
		}
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

func list(places map[string]string) []here {
	all := make([]here, 0, len(places))
	for user, place := range places {
		all = append(all, here{user, place})
	}
	return all
}
