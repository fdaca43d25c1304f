package web_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/atelier-attack/atelier/app/web"
)

// TestOnlyWhoIsInvitedIsToldOfADraft has all who could hear of it listen: its
// author, the host, and who is invited, with two tabs and in another workshop.
func TestOnlyWhoIsInvitedIsToldOfADraft(t *testing.T) {
	s := start(t)
	fay, ana, bo := s.signIn("Fay", true, false), s.signIn("Ana", false, false), s.signIn("Bo", false, false)
	here, there := fay.newWorkshop().ID, fay.newWorkshop().ID
	for _, w := range []string{here, there} {
		in, err := s.Workshops.Invitation(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range []*browser{ana, bo} {
			if _, err := s.Workshops.Join(t.Context(), in.Code, b.user.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	follow := func(b *browser, workshop string) *websocket.Conn {
		t.Helper()
		ws := b.listen()
		say(t, ws, fmt.Sprintf(`{"type":"subscribe","workshop":%q,"after":0}`, workshop))
		next(t, ws, func(f frame) bool { return f.Type == "synced" })
		return ws
	}
	tabs := []*websocket.Conn{follow(bo, here), follow(bo, here)}
	others := map[string]*websocket.Conn{"the author": follow(ana, here), "the host": follow(fay, here), "another workshop": follow(bo, there)}

	proposal := "/api/workshops/" + here + "/proposals/" + ana.newDraft(here)
	set := func(users string) {
		t.Helper()
		if r := ana.ask("PUT", proposal+"/authors", `{"users":[`+users+`]}`); r.status != 200 {
			t.Fatalf("set the authors: %d %s", r.status, r.body)
		}
	}
	about := "draft:" + proposal[strings.LastIndex(proposal, "/")+1:]
	yours := func(f frame) bool { return f.Type == "yours" && f.About != web.AboutWaiting }
	set(fmt.Sprintf("%q", bo.user.ID))
	for _, ws := range tabs {
		if f := next(t, ws, yours); f.About != about || f.Workshop != here || len(f.Events) > 0 {
			t.Errorf("who is invited heard %+v", f)
		}
	}
	set(fmt.Sprintf("%q", bo.user.ID)) // once more is no news
	if r := ana.ask("POST", proposal+"/withdraw", ""); r.status != 200 {
		t.Fatalf("take it back: %d %s", r.status, r.body)
	}
	// A message in both rooms comes after whatever was told before.
	for _, w := range []string{here, there} {
		if r := fay.ask("POST", "/api/workshops/"+w+"/messages", `{"body":"last"}`); r.status != 200 {
			t.Fatalf("post: %d %s", r.status, r.body)
		}
	}
	told := func(ws *websocket.Conn) (times int) {
		t.Helper()
		next(t, ws, func(f frame) bool {
			if yours(f) {
				times++
			}
			return f.Type == "events" && strings.Contains(string(f.Events[len(f.Events)-1].Data), "last")
		})
		return times
	}
	for _, ws := range tabs {
		if n := told(ws); n != 1 { // that it is gone
			t.Errorf("who was invited was told %d times more", n)
		}
	}
	for who, ws := range others {
		if n := told(ws); n != 0 {
			t.Errorf("%s was told %d times", who, n)
		}
	}
}

// TestWhatIsDeletedIsNotRemembered has somebody come after a message was
// deleted, while the room remembers what came last.
func TestWhatIsDeletedIsNotRemembered(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	w := fay.newWorkshop()
	follow := func() *websocket.Conn {
		t.Helper()
		ws := fay.listen()
		say(t, ws, fmt.Sprintf(`{"type":"subscribe","workshop":%q,"after":0}`, w.ID))
		return ws
	}
	first := follow()
	next(t, first, func(f frame) bool { return f.Type == "synced" })
	room := "/api/workshops/" + w.ID
	r := fay.ask("POST", room+"/messages", `{"body":"krait"}`)
	var said struct{ ID string }
	if err := json.Unmarshal(r.body, &said); err != nil || r.status != 200 {
		t.Fatalf("post: %d %s", r.status, r.body)
	}
	last := func(f frame) string {
		if f.Type != "events" {
			return ""
		}
		return f.Events[len(f.Events)-1].Kind
	}
	next(t, first, func(f frame) bool { return last(f) == "message.posted" })
	if r := fay.ask("DELETE", room+"/messages/"+said.ID, ""); r.status != 200 {
		t.Fatalf("delete: %d %s", r.status, r.body)
	}
	next(t, first, func(f frame) bool { return last(f) == "message.deleted" })
	later := follow()
	next(t, later, func(f frame) bool {
		for _, e := range f.Events {
			if strings.Contains(string(e.Data), "krait") {
				t.Errorf("event %d still says %s", e.Seq, e.Data)
			}
		}
		return f.Type == "synced"
	})
}

// TestReadingIsToldToMyOtherDevices has one of two tabs read.
func TestReadingIsToldToMyOtherDevices(t *testing.T) {
	s := start(t)
	fay, ana := s.signIn("Fay", true, false), s.signIn("Ana", false, false)
	w := fay.newWorkshop()
	room := "/api/workshops/" + w.ID
	in, err := s.Workshops.Invitation(t.Context(), w.ID)
	if err != nil {
		t.Fatal(err)
	}
	fay.ask("POST", room+"/messages", `{"body":"before she came"}`)
	if _, err := s.Workshops.Join(t.Context(), in.Code, ana.user.ID); err != nil {
		t.Fatal(err)
	}
	fay.ask("POST", room+"/messages", `{"body":"hello"}`)
	p := get[web.UnreadPage](ana, room+"/unread")
	if len(p.Messages) != 1 || p.Messages[0].Anchor != "workshop:"+w.ID || p.Seq != p.Messages[0].Seq {
		t.Fatalf("unread: %+v", p)
	}
	tab := ana.listen()
	say(t, tab, fmt.Sprintf(`{"type":"subscribe","workshop":%q,"after":0}`, w.ID))
	next(t, tab, func(f frame) bool { return f.Type == "synced" })
	mark := fmt.Sprintf(`{"threads":[{"thread":%q,"seq":%d}]}`, p.Messages[0].Thread, p.Messages[0].Seq)
	if r := ana.ask("PUT", room+"/unread", mark); r.status != 204 {
		t.Fatalf("mark: %d %s", r.status, r.body)
	}
	if f := next(t, tab, func(f frame) bool { return f.Type == "yours" }); f.About != fmt.Sprintf("read:%s:%d", p.Messages[0].Thread, p.Messages[0].Seq) {
		t.Errorf("the other tab heard %+v", f)
	}
	if p := get[web.UnreadPage](ana, room+"/unread"); len(p.Messages) != 0 {
		t.Errorf("still unread: %+v", p)
	}
}

// newDraft begins a proposal, and gives its id.
func (b *browser) newDraft(workshop string) string {
	b.t.Helper()
	r := b.ask("POST", "/api/workshops/"+workshop+"/proposals", `{"kind":"technique","content":{"name":{"text":"Draft"}}}`)
	var draft struct{ Proposal struct{ ID string } }
	if err := json.Unmarshal(r.body, &draft); err != nil || r.status != 200 {
		b.t.Fatalf("start a proposal: %d %s", r.status, r.body)
	}
	return draft.Proposal.ID
}
