package realtime

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/atelier-attack/atelier/realtime/bus"
)

// The subjects on which hubs tell each other something.
const (
	subjectNews     = "news"
	subjectPresence = "presence"
)

// word is what one hub tells the others.
type word struct {
	Type string `json:"type"` // news, forget, yours, all, hide, resume; presence, who
	Topic
	User   string   `json:"user,omitempty"`
	Users  []string `json:"users,omitempty"`
	About  string   `json:"about,omitempty"`
	Hidden bool     `json:"hidden,omitempty"`
	From   string   `json:"from,omitempty"` // the hub
	Full   bool     `json:"full,omitempty"`
	Here   []here   `json:"here,omitempty"`
	Left   []string `json:"left,omitempty"`
}

// peers is what a hub has where there are others: of other processes, on the
// same database.
type peers struct {
	bus  bus.Bus
	id   string        // of this hub
	look chan struct{} // words may have got lost
}

// Join lets a hub hear the others, before anybody connects to it. What they tell
// each other of news are hints: what is sent to clients is read from the
// database, where the hub also looks now and then by itself.
func (h *Hub) Join(b bus.Bus) error {
	h.peers = &peers{bus: b, id: uuid.NewString(), look: make(chan struct{}, 1)}
	for subject, hear := range map[string]func(word){subjectNews: h.hearNews, subjectPresence: h.hearPresence} {
		err := b.Hear(subject, func(message []byte) {
			var w word
			if err := json.Unmarshal(message, &w); err != nil {
				h.log.Error("read what another process tells", "error", err)
				return
			}
			hear(w)
		})
		if err != nil {
			return fmt.Errorf("listen to the other processes: %w", err)
		}
	}
	b.Back(func() { signal(h.peers.look) })
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.work.Go(h.watch)
	}
	return nil
}

// pass tells the other hubs something.
func (h *Hub) pass(subject string, w word) {
	if h.peers == nil {
		return
	}
	w.From = h.peers.id
	message, err := json.Marshal(w)
	if err != nil {
		h.log.Error("tell other processes", "error", err)
		return
	}
	h.peers.bus.Tell(subject, message)
}

func (h *Hub) hearNews(w word) {
	switch w.Type {
	case "news":
		h.wake(w.Topic)
	case "forget":
		h.forgetPast(w.Workshop)
	case "yours":
		h.tell(w.Workshop, w.User, w.About)
	case "all":
		h.tellAll(w.Users, w.About)
	case "hide":
		h.hide(w.Workshop, w.User, w.Hidden)
	case "resume":
		h.resume(w.User)
	}
}

// watch looks now and then whether something is new that nobody told, and tells
// the others who is here, until the hub ends.
func (h *Hub) watch() {
	again := time.NewTicker(h.limits.Look)
	defer again.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return
		case <-again.C:
		case <-h.peers.look:
		}
		if err := h.lookAround(); err != nil && h.ctx.Err() == nil {
			h.log.Error("look for news", "error", err)
		}
	}
}

func (h *Hub) lookAround() error {
	h.mu.Lock()
	rooms := maps.Clone(h.rooms)
	h.mu.Unlock()
	var workshops []string
	for t, r := range rooms {
		if t.Text == "" {
			workshops = append(workshops, t.Workshop)
		} else {
			signal(r.news) // it costs one query, as asking would
		}
		r.tellPeers(true)
		r.missPeers(time.Now())
	}
	heads, err := h.journal.Heads(h.ctx, workshops)
	for workshop, head := range heads {
		if r := rooms[Topic{Workshop: workshop}]; r.end() < head {
			signal(r.news)
		}
	}
	return err
}

func (r *room) end() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.past.end()
}

// others is what the other hubs say of a room.
type others struct {
	of   map[string]*other // by hub
	told map[string]here   // what they were told of who is here
}

type other struct {
	here  map[string]here
	heard time.Time
}

func (h *Hub) hearPresence(w word) {
	r := h.find(w.Topic)
	switch {
	case r == nil:
	case w.Type == "who":
		r.tellPeers(true)
	default:
		r.hearOther(w)
	}
}

// hearOther takes in who is in the room by another hub.
func (r *room) hearOther(w word) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.others.of[w.From]
	if o == nil {
		o = &other{}
		r.others.of[w.From] = o
	}
	before := maps.Clone(o.here)
	if w.Full || o.here == nil {
		o.here = map[string]here{}
	}
	o.heard = time.Now()
	for _, at := range w.Here {
		o.here[at.User] = at
	}
	for _, user := range w.Left {
		delete(o.here, user)
	}
	if !maps.Equal(before, o.here) {
		signal(r.moved)
	}
}

// missPeers forgets what was said by hubs that are silent.
func (r *room) missPeers(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, o := range r.others.of {
		if now.Sub(o.heard) > 4*r.hub.limits.Look {
			delete(r.others.of, id)
			signal(r.moved)
		}
	}
}

// tellPeers tells the other hubs who is here, or what changed in it.
func (r *room) tellPeers(full bool) {
	if r.hub.peers == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tellPeersLocked(r.whoIsHere(), full)
}

// mostTold is how many people are named to other hubs at once.
const mostTold = 1000

func (r *room) tellPeersLocked(now map[string]here, full bool) {
	if r.hub.peers == nil {
		return
	}
	w := word{Type: "presence", Topic: r.topic, Full: full}
	for user, at := range now {
		if full || r.others.told[user] != at {
			w.Here = append(w.Here, at)
		}
	}
	for user := range r.others.told {
		if _, there := now[user]; !there && !full {
			w.Left = append(w.Left, user)
		}
	}
	r.others.told = now
	for first := true; first && (full || len(w.Left) > 0) || len(w.Here) > 0; first = false {
		part := w
		part.Here = w.Here[:min(len(w.Here), mostTold)]
		w.Here, w.Left, w.Full = w.Here[len(part.Here):], nil, false
		r.hub.pass(subjectPresence, part)
	}
}

// withOthers adds who is here by other hubs. Who is here by several is where
// they are not idle. The lock is held.
func (r *room) withOthers(now map[string]here) map[string]here {
	if len(r.others.of) == 0 {
		return now
	}
	all := maps.Clone(now)
	for _, id := range slices.Sorted(maps.Keys(r.others.of)) {
		for user, at := range r.others.of[id].here {
			if known, there := all[user]; !there || known.Idle && !at.Idle {
				all[user] = at
			}
		}
	}
	return all
}
