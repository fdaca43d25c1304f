package web_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/atelier-attack/atelier/app"
	"github.com/atelier-attack/atelier/app/web"
)

// TestWhoWritesTooFastWaits has one person write as fast as a program does, and
// another one, at the same address, as people do.
func TestWhoWritesTooFastWaits(t *testing.T) {
	s := startAt(t, folder(t), app.ServeConfig{Listen: "127.0.0.1:0", Pace: web.Pace{Rate: 2, Burst: 4}})
	fay := s.signIn("Fay", true, false)
	w := fay.newWorkshop().ID
	room, bo := "/api/workshops/"+w, s.join("Bo", w)
	post := func(n int) reply {
		return fay.ask("POST", room+"/messages", fmt.Sprintf(`{"body":"Number %d"}`, n), "Idempotency-Key", fmt.Sprint("key ", n))
	}
	n := 0
	for ; n < 10 && post(n).status == 200; n++ {
	}
	refused := post(n)
	if p := refused.problem(t); n > 6 || refused.status != 429 || p.Code != "too_fast" || refused.header.Get("Retry-After") != "1" {
		t.Fatalf("after %d messages: %d %v %s", n, refused.status, refused.header, refused.body)
	}
	if r := bo.ask("POST", room+"/messages", `{"body":"I have time"}`); r.status != 200 {
		t.Errorf("another person: %d %s", r.status, r.body)
	}
	for range 20 {
		get[web.Room](fay, room)
	}
	time.Sleep(time.Second)
	if r := post(n); r.status != 200 {
		t.Errorf("a moment later: %d %s", r.status, r.body)
	}
	if said := len(get[web.Room](fay, room).Messages); said != n+2 {
		t.Errorf("there are %d messages, not %d", said, n+2)
	}
}
