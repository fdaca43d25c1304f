package web_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/realtime"
)

// TestWhoIsRemovedReadsNothingMore removes somebody whose page is open, and lets
// them in again.
func TestWhoIsRemovedReadsNothingMore(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	w := fay.newWorkshop().ID
	room := "/api/workshops/" + w
	ana, bo := s.join("Ana", w), s.join("Bo", w)
	if r := ana.ask("POST", room+"/messages", `{"body":"I was here"}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	follow := func(b *browser) *websocket.Conn {
		ws := b.listen()
		say(t, ws, fmt.Sprintf(`{"type":"subscribe","workshop":%q,"after":0}`, w))
		return ws
	}
	synced := func(f frame) bool { return f.Type == "synced" }
	hers, his := follow(ana), follow(bo)
	next(t, hers, synced)
	next(t, his, synced)

	member := room + "/members/" + ana.user.ID
	if p := bo.ask("DELETE", member, "").problem(t); p.Code != "forbidden" {
		t.Errorf("who does not run the room removes: %s", p.Code)
	}
	removed := time.Now()
	if r := fay.ask("DELETE", member, ""); r.status != 200 {
		t.Fatalf("remove: %d %s", r.status, r.body)
	}
	if code := closedWith(t, hers); code != realtime.CloseResume || time.Since(removed) > 5*time.Second {
		t.Errorf("her socket was closed with %d after %s", code, time.Since(removed))
	}
	next(t, his, func(f frame) bool { return len(f.Events) > 0 && f.Events[len(f.Events)-1].Kind == "member.removed" })
	if f := next(t, follow(ana), func(f frame) bool { return f.Type == "error" || synced(f) }); f.Code != "not_found" {
		t.Errorf("she follows again: %+v", f)
	}
	for _, r := range []reply{ana.ask("GET", room, ""), ana.ask("POST", room+"/messages", `{"body":"Still here"}`), fay.ask("DELETE", member, "")} {
		if r.status != 404 {
			t.Errorf("afterwards: %d %s", r.status, r.body)
		}
	}
	code := get[web.Invitation](fay, room+"/invitation").Code
	if r := ana.ask("POST", "/api/join", fmt.Sprintf(`{"code":%q}`, code)); r.status != 403 {
		t.Errorf("by the code: %d %s", r.status, r.body)
	}
	if list := get[web.Me](ana, "/api/me").Memberships; len(list) != 0 {
		t.Errorf("she is in %v", list)
	}
	seen := get[web.Room](fay, room)
	if len(seen.Messages) != 1 || len(seen.Members) != 3 || seen.Members[1].User.Name != "Ana" || len(seen.Members[1].Roles) != 0 {
		t.Errorf("what she did, and her name: %+v, %+v", seen.Messages, seen.Members)
	}
	if p := fay.ask("DELETE", room+"/members/"+fay.user.ID, "").problem(t); p.Code != "conflict" {
		t.Errorf("fay removes herself: %s", p.Code)
	}

	if r := fay.ask("PATCH", member, `{"roles":["participant"]}`); r.status != 200 {
		t.Fatalf("let in again: %d %s", r.status, r.body)
	}
	next(t, follow(ana), synced)
	if r := ana.ask("POST", room+"/messages", `{"body":"Here again"}`); r.status != 200 {
		t.Errorf("she says: %d %s", r.status, r.body)
	}
}
