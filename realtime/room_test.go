package realtime

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/gorilla/websocket"
	"pgregory.net/rapid"
)

// crowd is a room with one subscriber for each number that was seen last, all
// of whom have just come, and that remembers nothing before the start.
func crowd(queue int, start int64, seen ...int64) (*room, []*conn) {
	h := NewHub(slog.New(slog.DiscardHandler), nil, nil, nil, DefaultLimits())
	h.limits.Batch, h.limits.Recent = 3, 5
	r := newRoom(h, Topic{Workshop: "w"}, start)
	conns := make([]*conn, len(seen))
	for i, seq := range seen {
		conns[i] = &conn{hub: h, out: make(chan *websocket.PreparedMessage, queue), ended: make(chan struct{}), session: Session{User: fmt.Sprint(i)}}
		r.members[conns[i]] = &member{seq: seq}
		r.late[conns[i]] = r.members[conns[i]]
	}
	return r, conns
}

func items(from, to int64) (list [][]byte) {
	for seq := from; seq <= to; seq++ {
		list = append(list, fmt.Appendf(nil, `{"seq":%d}`, seq))
	}
	return list
}

// TestWhoComesInTheMiddleOfADeliveryIsNext has one come who lacks what the
// others are just sent.
func TestWhoComesInTheMiddleOfADeliveryIsNext(t *testing.T) {
	r, conns := crowd(10, 7, 7)
	if err := r.catchUp(); err != nil || len(conns[0].out) != 1 { // in sync
		t.Fatalf("%v, %d frames", err, len(conns[0].out))
	}
	late := &conn{hub: r.hub, out: make(chan *websocket.PreparedMessage, 10), ended: make(chan struct{})}
	r.members[late] = &member{seq: 7}
	r.late[late] = r.members[late]
	r.pass(items(8, 11))
	if len(conns[0].out) != 2 || len(late.out) != 0 {
		t.Errorf("they have %d and %d frames", len(conns[0].out), len(late.out))
	}
	if err := r.catchUp(); err != nil || len(late.out) != 3 || r.members[late].seq != 11 { // two frames of events, in sync
		t.Errorf("the late one is at %d after %d frames: %v", r.members[late].seq, len(late.out), err)
	}
}

// TestWhoHasSeenMoreThanTheRoomWaits comes before the room has read the news.
func TestWhoHasSeenMoreThanTheRoomWaits(t *testing.T) {
	r, conns := crowd(10, 7, 9)
	if err := r.catchUp(); err != nil || len(conns[0].out) != 0 {
		t.Fatalf("%v, %d frames", err, len(conns[0].out))
	}
	r.pass(items(8, 9))
	if err := r.catchUp(); err != nil || len(conns[0].out) != 1 || len(r.late) != 0 {
		t.Errorf("%v, %d frames", err, len(conns[0].out))
	}
}

// TestWhoIsTooSlowIsCutOffAlone fills the queue of one of two.
func TestWhoIsTooSlowIsCutOffAlone(t *testing.T) {
	r, conns := crowd(3, 0, 0, 0)
	if err := r.catchUp(); err != nil {
		t.Fatal(err)
	}
	for seq := int64(1); seq <= 3; seq++ {
		for len(conns[0].out) > 0 { // the other one reads all the while
			<-conns[0].out
		}
		r.pass(items(seq, seq))
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

// TestAPastHasNoGaps takes in what comes and what is older, in any amounts.
func TestAPastHasNoGaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := rapid.Int64Range(0, 50).Draw(t, "start")
		keep := rapid.IntRange(1, 10).Draw(t, "keep")
		p := past{start: start}
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			if n := rapid.Int64Range(0, 12).Draw(t, "n"); rapid.Bool().Draw(t, "older") && p.start > 0 {
				from := max(0, p.start-n)
				p.reach(from, items(from+1, from+rapid.Int64Range(1, 12).Draw(t, "read")), keep)
			} else {
				p.add(items(p.end()+1, p.end()+n), keep)
			}
			for i, item := range p.items {
				var one struct{ Seq int64 }
				if err := json.Unmarshal(item, &one); err != nil || one.Seq != p.start+int64(i)+1 {
					t.Fatalf("%s is number %d", item, p.start+int64(i)+1)
				}
			}
			if len(p.items) > 2*keep+12 {
				t.Fatalf("%d are kept, %d are wanted", len(p.items), keep)
			}
		}
	})
}
