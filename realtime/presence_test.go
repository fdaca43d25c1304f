package realtime

import (
	"fmt"
	"testing"

	"github.com/gorilla/websocket"
)

// told reads what one was told of presence since the last time, as a page does.
func told(t *testing.T, c *conn, known map[string]here) (counted *count, frames int) {
	t.Helper()
	for len(c.out) > 0 {
		var f frame
		decode(t, <-c.out, &f)
		if f.Type != "presence" {
			continue
		}
		if frames++; f.Full {
			clear(known)
		}
		for _, at := range f.Here {
			known[at.User] = at
		}
		for _, user := range f.Left {
			delete(known, user)
		}
		counted = f.Count
	}
	return counted, frames
}

// gather is a room of so many, who are in sync, each on a page of their own
// choice.
func gather(t *testing.T, n, most int, page func(i int) string) (*room, []*conn) {
	t.Helper()
	r, conns := crowd(100, 0, make([]int64, n)...)
	r.hub.limits.Crowd = most
	if err := r.catchUp(); err != nil {
		t.Fatal(err)
	}
	for i, c := range conns {
		r.place(c, here{Place: page(i)})
	}
	r.tellPresence()
	return r, conns
}

// TestAllAreNamedInASmallRoom has one move, one fall idle, one hide and one go.
func TestAllAreNamedInASmallRoom(t *testing.T) {
	r, conns := gather(t, 4, 4, func(i int) string { return fmt.Sprint("page ", i) })
	known := map[string]here{}
	if counted, frames := told(t, conns[0], known); counted != nil || frames != 1 || len(known) != 4 || known["3"].Place != "page 3" {
		t.Fatalf("%v, %v", counted, known)
	}
	r.place(conns[1], here{Place: "page 1", Idle: true})
	r.hide("2", true)
	r.place(conns[3], here{Place: "page 0#name", Remote: true})
	r.tellPresence()
	want := map[string]here{"0": {User: "0", Place: "page 0"}, "1": {User: "1", Place: "page 1", Idle: true}, "3": {User: "3", Place: "page 0#name", Remote: true}}
	if told(t, conns[0], known); fmt.Sprint(known) != fmt.Sprint(want) {
		t.Errorf("known is %v", known)
	}
	r.tellPresence()
	if _, frames := told(t, conns[0], known); frames != 0 {
		t.Error("nothing happened, and it was told")
	}
	r.hide("2", false)
	delete(r.members, conns[3])
	r.tellPresence()
	if told(t, conns[0], known); len(known) != 3 || known["2"].Place != "page 2" {
		t.Errorf("known is %v", known)
	}
}

// TestACrowdIsCounted names those on the same page as long as they are few.
func TestACrowdIsCounted(t *testing.T) {
	r, conns := gather(t, 10, 4, func(i int) string { return fmt.Sprint("page ", min(i, 5)) }) // five are on page 5
	alone, among := map[string]here{}, map[string]here{}
	if counted, _ := told(t, conns[0], alone); counted == nil || *counted != (count{People: 10}) || len(alone) != 1 {
		t.Errorf("alone: %v, %v", counted, alone)
	}
	if counted, _ := told(t, conns[7], among); counted == nil || counted.People != 10 || len(among) != 0 {
		t.Errorf("among: %v, %v", counted, among)
	}
	r.place(conns[9], here{Place: "page 0#name"})
	r.tellPresence()
	if told(t, conns[0], alone); len(alone) != 2 || alone["9"].Place != "page 0#name" {
		t.Errorf("alone: %v", alone)
	}
	if told(t, conns[7], among); len(among) != 4 { // who are few now
		t.Errorf("among: %v", among)
	}
	if _, frames := told(t, conns[3], map[string]here{}); frames != 1 {
		t.Errorf("who is elsewhere was told %d times", frames)
	}
	r.place(conns[1], here{Place: "page 1", Idle: true, Remote: true})
	r.tellPresence()
	if counted, frames := told(t, conns[3], map[string]here{}); frames != 1 || *counted != (count{People: 10, Idle: 1, Remote: 1}) {
		t.Errorf("who is elsewhere was told %v, %d times", counted, frames)
	}
	for _, c := range conns[4:] {
		delete(r.members, c)
	}
	r.tellPresence()
	if counted, _ := told(t, conns[0], alone); counted != nil || len(alone) != 4 {
		t.Errorf("few: %v, %v", counted, alone)
	}
}

// TestWhoHasTwoConnectionsIsWhereTheyActedLast, and idle only on both.
func TestWhoHasTwoConnectionsIsWhereTheyActedLast(t *testing.T) {
	r, conns := gather(t, 2, 4, func(i int) string { return fmt.Sprint("page ", i) })
	conns[1].session.User = "0"
	r.place(conns[0], here{Place: "page 0"})
	if at := r.whoIsWhere()["0"]; at.Place != "page 0" {
		t.Errorf("at %v", at)
	}
	r.place(conns[0], here{Place: "page 0", Idle: true})
	if at := r.whoIsWhere()["0"]; at.Place != "page 1" || at.Idle {
		t.Errorf("at %v", at)
	}
}

// decode reads a prepared frame as a client gets it.
func decode(t *testing.T, m *websocket.PreparedMessage, f *frame) {
	t.Helper()
	server, client := pipe(t)
	go func() { _ = server.WritePreparedMessage(m) }()
	if err := client.ReadJSON(f); err != nil {
		t.Fatal(err)
	}
}
