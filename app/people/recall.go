package people

import (
	"sync"
	"time"
)

// believed is how long a session that was found in the database is believed
// without another look, and so how long it may outlive its end by another
// process. What this process ends, it knows at once.
const believed = time.Second

// maxRecalled bounds the memory: so many sessions are recalled at a time.
const maxRecalled = 4096

// recall remembers the sessions that were found in the database a moment ago:
// a page asks for many things at once, and nobody is to wait for the database
// each time.
//
// Whatever changes a session or a person calls drop after its commit and before
// it answers. A look-up that began before may still carry the state from before
// the change; the epoch tells, and it is not kept.
type recall struct {
	mu    sync.RWMutex // guards what follows
	epoch uint64       // how often something was dropped
	known map[string]recalled
}

type recalled struct {
	Session
	until time.Time
}

// find gives a session that is believed at that time. Where there is none, it
// is looked up and kept under the epoch that is given.
func (r *recall) find(id string, now time.Time) (s Session, ok bool, epoch uint64) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	known, ok := r.known[id]
	return known.Session, ok && now.Before(known.until) && now.Before(known.ExpiresAt), r.epoch
}

// keep remembers a session as it was at that time, unless something was dropped
// since the epoch.
func (r *recall) keep(s Session, now time.Time, epoch uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.epoch != epoch {
		return
	}
	if r.known == nil || len(r.known) >= maxRecalled {
		r.known = map[string]recalled{}
	}
	r.known[s.ID] = recalled{s, now.Add(believed)}
}

// drop forgets all sessions. Changes are rare, and a look-up is cheap: who was
// changed need not be told from who was not.
func (r *recall) drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch++
	r.known = nil
}
