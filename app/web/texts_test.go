package web_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/atelier-attack/atelier/realtime/cowrite"
	"github.com/atelier-attack/atelier/review"
)

// writing is a draft with one text, its author, and somebody else.
type writing struct {
	ana, bo        *browser
	workshop, text string // the workshop's id, the text's address
	topic          string
}

func startWriting(t *testing.T, begin string) writing {
	t.Helper()
	s := start(t)
	fay := s.signIn("Fay", true, false)
	w := writing{ana: s.signIn("Ana", false, false), bo: s.signIn("Bo", false, false), workshop: fay.newWorkshop().ID}
	in, err := s.Workshops.Invitation(t.Context(), w.workshop)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []*browser{w.ana, w.bo} {
		if _, err := s.Workshops.Join(t.Context(), in.Code, b.user.ID); err != nil {
			t.Fatal(err)
		}
	}
	room := "/api/workshops/" + w.workshop
	started := w.ana.ask("POST", room+"/proposals", `{"kind":"technique","content":{"name":{"text":"Draft"}}}`)
	var draft review.Draft
	if err := json.Unmarshal(started.body, &draft); err != nil || started.status != 200 {
		t.Fatalf("start a proposal: %d %s", started.status, started.body)
	}
	w.topic = "draft:" + draft.Proposal.ID
	w.text = room + "/proposals/" + draft.Proposal.ID + "/texts/description"
	if err := cowrite.Begin(s.DB, cowrite.Name{Topic: w.topic, Field: "description"}, begin); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w writing) follow(t *testing.T, b *browser) *websocket.Conn {
	t.Helper()
	ws := b.listen()
	say(t, ws, fmt.Sprintf(`{"type":"subscribe","workshop":%q,"text":%q,"field":"description","after":0}`, w.workshop, w.topic))
	return ws
}

func TestAPushIsSavedOnceAndHeard(t *testing.T) {
	w := startWriting(t, "ab")
	ws := w.follow(t, w.ana)
	const push = `{"client":"one","version":0,"first":1,"changes":[[1,[0,"𝄞"],1],[3,[0,"","c"],1]]}`
	for range 2 {
		r := w.ana.ask("POST", w.text, push)
		var pushed cowrite.Pushed
		if err := json.Unmarshal(r.body, &pushed); err != nil || r.status != 200 || pushed.Version != 2 || len(pushed.Updates) != 2 || pushed.Updates[1].Author != w.ana.user.ID {
			t.Fatalf("push: %d %s, %v", r.status, r.body, err)
		}
	}
	heard := 0
	next(t, ws, func(f frame) bool {
		heard += len(f.Updates)
		return heard == 2
	})
	if now := get[cowrite.Text](w.ana, w.text); now != (cowrite.Text{Version: 2, Text: "a𝄞\ncb"}) {
		t.Errorf("the text is %v", now)
	}
	if since := get[[]cowrite.Update](w.ana, w.text+"/updates?after=1"); len(since) != 1 || since[0].Version != 2 || since[0].Number != 2 {
		t.Errorf("since 1: %v", since)
	}
	r := w.ana.ask("POST", w.text, `{"client":"two","version":9,"first":1,"changes":[[2]]}`)
	if p := r.problem(t); p.Code != "gone" || !strings.Contains(string(r.body), `"text":"a𝄞\ncb"`) {
		t.Errorf("a version that never was: %d %s", r.status, r.body)
	}
}

func TestWhatIsNoChangeIsRefused(t *testing.T) {
	w := startWriting(t, "ab")
	for changes, status := range map[string]int{
		`[[0,"x"],1]`: 422, `[[0,"\ud834"],2]`: 400, `[[0,"\u202e"],2]`: 422, `"x"`: 422, `null`: 422, `[1,1]`: 422,
	} {
		if r := w.ana.ask("POST", w.text, `{"client":"one","version":0,"first":1,"changes":[`+changes+`]}`); r.status != status {
			t.Errorf("%s: %d %s", changes, r.status, r.body)
		}
	}
	if now := get[cowrite.Text](w.ana, w.text); now != (cowrite.Text{Text: "ab"}) {
		t.Errorf("the text is %v", now)
	}
}

// TestOnlyWhoEditsADraftSeesItsTexts asks for them in every way.
func TestOnlyWhoEditsADraftSeesItsTexts(t *testing.T) {
	w := startWriting(t, "secret")
	for _, r := range []reply{
		w.bo.ask("GET", w.text, ""), w.bo.ask("GET", w.text+"/updates?after=0", ""),
		w.bo.ask("POST", w.text, `{"client":"one","version":0,"first":1,"changes":[[6,[0,"x"]]]}`),
	} {
		if r.status != 404 {
			t.Errorf("got %d %s", r.status, r.body)
		}
	}
	if f := next(t, w.follow(t, w.bo), func(frame) bool { return true }); f.Type != "error" || f.Code != "not_found" {
		t.Errorf("heard %+v", f)
	}
}

// TestWhoIsLetInHearsUntilTakenAway lets somebody in and takes them away again.
func TestWhoIsLetInHearsUntilTakenAway(t *testing.T) {
	w := startWriting(t, "ab")
	draft, _, _ := strings.Cut(w.text, "/texts/")
	for _, users := range []string{`["nobody"]`, `["` + w.ana.user.ID + `"]`} {
		if p := w.ana.ask("PUT", draft+"/authors", `{"users":`+users+`}`).problem(t); p.Status != 422 {
			t.Errorf("%s as authors: %d", users, p.Status)
		}
	}
	if r := w.bo.ask("PUT", draft+"/authors", `{"users":["`+w.bo.user.ID+`"]}`); r.status != 404 {
		t.Errorf("who lets themselves in: %d %s", r.status, r.body)
	}
	if r := w.ana.ask("PUT", draft+"/authors", `{"users":["`+w.bo.user.ID+`"]}`); r.status != 200 {
		t.Fatalf("let in: %d %s", r.status, r.body)
	}
	if r := w.bo.ask("POST", draft+"/texts", ""); r.status != 200 || !strings.Contains(string(r.body), `"description":{"version":0,"text":"ab"}`) {
		t.Errorf("texts: %d %s", r.status, r.body)
	}
	ws := w.follow(t, w.bo)
	next(t, ws, func(f frame) bool { return f.Type == "synced" })
	if r := w.ana.ask("POST", w.text, `{"client":"one","version":0,"first":1,"changes":[[2,[0,"c"]]]}`); r.status != 200 {
		t.Fatalf("push: %d %s", r.status, r.body)
	}
	next(t, ws, func(f frame) bool { return f.Type == "updates" })
	if r := w.ana.ask("PUT", draft+"/authors", `{"users":[]}`); r.status != 200 {
		t.Fatalf("taken away: %d %s", r.status, r.body)
	}
	if err := ws.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for {
		if _, _, err := ws.ReadMessage(); err != nil {
			if !websocket.IsCloseError(err, 4001) {
				t.Errorf("the connection ended with %v", err)
			}
			break
		}
	}
	if f := next(t, w.follow(t, w.bo), func(frame) bool { return true }); f.Type != "error" || f.Code != "not_found" {
		t.Errorf("came back and heard %+v", f)
	}
}

// TestASaveOfTheWholeReachesWhoWrites replaces a text by other ways than its
// own, while somebody has written something that is not sent yet.
func TestASaveOfTheWholeReachesWhoWrites(t *testing.T) {
	w := startWriting(t, "a kettle")
	draft, _, _ := strings.Cut(w.text, "/texts/")
	ws := w.follow(t, w.ana)
	next(t, ws, func(f frame) bool { return f.Type == "synced" })
	if r := w.ana.ask("PUT", draft+"/draft", `{"version":1,"content":{"name":{"text":"Draft"},"description":{"text":"a loud kettle"}},"rationale":""}`); r.status != 200 {
		t.Fatalf("save: %d %s", r.status, r.body)
	}
	next(t, ws, func(f frame) bool { return f.Type == "updates" })
	if r := w.ana.ask("POST", w.text, `{"client":"one","version":0,"first":1,"changes":[[8,[0," whistles"]]]}`); r.status != 200 {
		t.Fatalf("push: %d %s", r.status, r.body)
	}
	if now := get[cowrite.Text](w.ana, w.text); now != (cowrite.Text{Version: 2, Text: "a loud kettle whistles"}) {
		t.Errorf("the text is %v", now)
	}
	if d := get[review.Draft](w.ana, draft+"/draft"); d.Content["description"].Text != "a loud kettle whistles" || d.Texts["description"] != 2 {
		t.Errorf("the draft is %+v", d)
	}
}
