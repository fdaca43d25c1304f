package realtime

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/atelier-attack/atelier/realtime/journal"
)

// crowd is a room with one subscriber for each number that was seen last.
func crowd(queue int, seen ...int64) (*room, []*conn) {
	h := NewHub(slog.New(slog.DiscardHandler), nil, nil, nil, DefaultLimits())
	h.limits.Batch = 3
	r := &room{hub: h, topic: Topic{Workshop: "w"}, members: map[*conn]*member{}, moved: make(chan struct{}, 1), told: map[string]string{}}
	conns := make([]*conn, len(seen))
	for i, seq := range seen {
		conns[i] = &conn{hub: h, out: make(chan *websocket.PreparedMessage, queue), ended: make(chan struct{}), session: Session{User: fmt.Sprint(i)}}
		r.members[conns[i]] = &member{seq: seq, welcome: seq > 0}
	}
	return r, conns
}

func events(from, to int64) (list []journal.Event) {
	for seq := from; seq <= to; seq++ {
		list = append(list, journal.Event{Workshop: "w", Seq: seq})
	}
	return list
}

// TestWhoComesInTheMiddleOfADeliveryIsNext subscribes from the start after the
// events of the others were read.
func TestWhoComesInTheMiddleOfADeliveryIsNext(t *testing.T) {
	r, conns := crowd(10, 7, 0, 8)
	if r.send(7, news{events: events(8, 9)}) {
		t.Error("it is done, but one has nothing yet")
	}
	if r.members[conns[0]].seq != 9 || r.members[conns[1]].seq != 0 || r.members[conns[2]].seq != 9 || len(conns[1].out) != 0 {
		t.Errorf("they are at %d, %d and %d", r.members[conns[0]].seq, r.members[conns[1]].seq, r.members[conns[2]].seq)
	}
	for done := false; !done; {
		from, _ := r.mostBehind()
		done = r.send(from, news{events: events(from+1, min(from+3, 9))})
	}
	if r.members[conns[1]].seq != 9 || len(conns[1].out) != 5 { // three frames of events, in sync, who is here
		t.Errorf("the late one is at %d after %d frames", r.members[conns[1]].seq, len(conns[1].out))
	}
}

// TestInSyncIsToldOfTheLastNumberOnly has one come who has seen more than was
// read for the others, and one who gets exactly as much as is sent at once.
func TestInSyncIsToldOfTheLastNumberOnly(t *testing.T) {
	r, conns := crowd(10, 7, 10)
	r.members[conns[1]].welcome = false
	if r.send(7, news{events: events(8, 9)}) || len(conns[1].out) != 0 {
		t.Errorf("who is ahead got %d frames", len(conns[1].out))
	}
	if !r.send(9, news{events: events(10, 10)}) || len(conns[1].out) != 2 { // in sync, who is here
		t.Errorf("who was ahead got %d frames", len(conns[1].out))
	}
	r, conns = crowd(10, 4)
	if r.send(4, news{events: events(5, 7)}) || !r.send(7, news{}) || len(conns[0].out) != 2 || !r.send(7, news{}) || len(conns[0].out) != 2 {
		t.Errorf("who got a full frame has %d", len(conns[0].out)) // and in sync, once
	}
}

// TestWhoIsTooSlowIsCutOffAlone fills the queue of one of two.
func TestWhoIsTooSlowIsCutOffAlone(t *testing.T) {
	r, conns := crowd(3, 0, 0)
	for seq := int64(0); seq < 3; seq++ {
		r.send(seq, news{events: events(seq+1, seq+1)})
		for len(conns[0].out) > 0 { // the other one reads all the while
			<-conns[0].out
		}
	}
	select {
	case <-conns[1].ended:
		if conns[1].code != CloseResume {
			t.Errorf("it was closed with %d", conns[1].code)
		}
	default:
		t.Error("the slow one was not cut off")
	}
	select {
	case <-conns[0].ended:
		t.Error("the other one was cut off, too")
	default:
	}
}
