package realtime

import (
	"maps"
	"strings"
	"time"
)

// here is where somebody is.
type here struct {
	User   string `json:"user"`
	Place  string `json:"place"`            // a page, and behind # a field of it
	Idle   bool   `json:"idle,omitempty"`   // has done nothing for a while
	Remote bool   `json:"remote,omitempty"` // is not in the room where the workshop is
}

// page is what a place is part of.
func (h here) page() string {
	page, _, _ := strings.Cut(h.Place, "#")
	return page
}

// count is who is here where they are too many to be named.
type count struct {
	People int `json:"people"`
	Idle   int `json:"idle"`
	Remote int `json:"remote"`
}

// presence is what the subscribers of a room were told of who is where. Up to
// Limits.Crowd people are named to all. Where there are more, all are told how
// many they are, and each who is on the same page, as long as those are not a
// crowd: so what one is told does not grow with the room.
type presence struct {
	count *count                     // nil: all are named
	named map[string]map[string]here // who, by page; where all are named, on the page ""
}

// seen is what one subscriber was told.
type seen struct {
	page string
	any  bool // false: nothing yet
}

// pause is how long presence is gathered: longer in a large room, so that a
// message to all of it is rare.
func (r *room) pause() time.Duration {
	if r.topic.Text != "" {
		return r.hub.limits.Cursors
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return max(r.hub.limits.Presence, time.Duration(len(r.members))*time.Millisecond)
}

// place takes in where one says to be.
func (r *room) place(c *conn, at here) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.members[c]; m != nil {
		m.at, m.since = at, time.Now()
	}
	signal(r.moved)
}

// present says whether a person does something at a place, seen or not.
func (r *room) present(user, place string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c, m := range r.members {
		if c.session.User == user && !m.at.Idle && m.at.page() == place {
			return true
		}
	}
	return false
}

// hide makes a person unseen in the room, or seen again.
func (r *room) hide(user string, hidden bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c, m := range r.members {
		if c.session.User == user {
			m.hidden = hidden
		}
	}
	signal(r.moved)
}

// whoIsWhere gives where each person is, whatever process they are connected
// to. The lock is held.
func (r *room) whoIsWhere() map[string]here { return r.withOthers(r.whoIsHere()) }

// whoIsHere gives where each person is who is connected to this process. Who has
// several connections is where they did something last. The lock is held.
func (r *room) whoIsHere() map[string]here {
	now, last := make(map[string]here, len(r.members)), make(map[string]*member, len(r.members))
	for c, m := range r.members {
		if m.hidden {
			continue
		}
		other := last[c.session.User]
		if other == nil || other.at.Idle && !m.at.Idle || other.at.Idle == m.at.Idle && m.since.After(other.since) {
			at := m.at
			at.User = c.session.User
			now[at.User], last[at.User] = at, m
		}
	}
	return now
}

// tellPresence sends what changed in who is where.
func (r *room) tellPresence() {
	r.mu.Lock()
	defer r.mu.Unlock()
	mine := r.whoIsHere()
	r.tellPeersLocked(mine, false)
	now := r.withOthers(mine)
	next, pageOf := r.hub.presenceOf(now), here.page
	if next.count == nil {
		pageOf = func(here) string { return "" }
	}
	if (next.count == nil) != (r.presence.count == nil) { // what was told is of the other kind
		for _, m := range r.members {
			m.seen = seen{}
		}
	}
	counted := next.count != nil && (r.presence.count == nil || *next.count != *r.presence.count)
	w := newWords(r, next, counted)
	for c, m := range r.members {
		if r.late[c] == nil {
			page := pageOf(m.at)
			c.send(w.to(m.seen, page))
			m.seen = seen{page, true}
		}
	}
	r.presence = next
}

// presenceOf says who is named, and to whom.
func (h *Hub) presenceOf(now map[string]here) presence {
	if len(now) <= h.limits.Crowd {
		return presence{named: map[string]map[string]here{"": now}}
	}
	p := presence{count: &count{People: len(now)}, named: map[string]map[string]here{}}
	for user, at := range now {
		if at.Idle {
			p.count.Idle++
		}
		if at.Remote {
			p.count.Remote++
		}
		if p.named[at.page()] == nil {
			p.named[at.page()] = map[string]here{}
		}
		p.named[at.page()][user] = at
	}
	maps.DeleteFunc(p.named, func(_ string, there map[string]here) bool { return len(there) > h.limits.Crowd })
	return p
}
