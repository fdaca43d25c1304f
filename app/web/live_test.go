package web_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/atelier-attack/atelier/realtime/cowrite"
	"github.com/atelier-attack/atelier/realtime/journal"
)

type frame struct {
	Type, Workshop, About, Code string
	Events                      []journal.Event
	Updates                     []cowrite.Update
	Seq                         int64
	Full                        bool
	Here                        []place
	Left                        []string
}

type place struct{ User, Place string }

// socket opens the websocket of a browser.
func (b *browser) socket(headers ...string) (*websocket.Conn, *http.Response, error) {
	h := http.Header{}
	if b.cookie != "" {
		h.Set("Cookie", "atelier_session="+b.cookie)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	d := websocket.Dialer{Subprotocols: []string{"atelier.v1"}, EnableCompression: true}
	return d.DialContext(b.t.Context(), strings.Replace(b.url, "http", "ws", 1)+"/ws", h)
}

func (b *browser) listen() *websocket.Conn {
	b.t.Helper()
	ws, answer, err := b.socket("Origin", b.url)
	if err != nil {
		b.t.Fatalf("open the websocket: %v (%v)", err, answer)
	}
	if ws.Subprotocol() != "atelier.v1" {
		b.t.Errorf("subprotocol is %q", ws.Subprotocol())
	}
	b.t.Cleanup(func() { _ = ws.Close() })
	return ws
}

func say(t *testing.T, ws *websocket.Conn, text string) {
	t.Helper()
	if err := ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// next reads frames until want is content with one.
func next(t *testing.T, ws *websocket.Conn, want func(frame) bool) frame {
	t.Helper()
	if err := ws.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for {
		var f frame
		if err := ws.ReadJSON(&f); err != nil {
			t.Fatalf("no such frame came: %v", err)
		}
		if want(f) {
			return f
		}
	}
}

// closedWith reads until the connection ends and gives the code.
func closedWith(t *testing.T, ws *websocket.Conn) int {
	t.Helper()
	if err := ws.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for {
		_, _, err := ws.ReadMessage()
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			return closed.Code
		}
		if err != nil {
			t.Fatalf("it ended without a code: %v", err)
		}
	}
}

// TestWhatWasMissedComesInOrderAndOnce posts all the while, cuts the listener
// off again and again, and looks at what it has heard in the end.
func TestWhatWasMissedComesInOrderAndOnce(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	room := "/api/workshops/" + fay.newWorkshop().ID
	id := strings.TrimPrefix(room, "/api/workshops/")
	const posts = 60
	var writers sync.WaitGroup
	for w := range 3 {
		writers.Go(func() {
			for i := range posts / 3 {
				if r := fay.ask("POST", room+"/messages", fmt.Sprintf(`{"body":"%d %d"}`, w, i)); r.status != 200 {
					t.Errorf("post: %d %s", r.status, r.body)
				}
			}
		})
	}
	var heard []int64
	last := int64(0)
	for last < posts+2 { // created, joined, and the posts
		ws := fay.listen()
		say(t, ws, fmt.Sprintf(`{"type":"subscribe","workshop":%q,"after":%d}`, id, last))
		for range 3 {
			f := next(t, ws, func(f frame) bool { return f.Type == "events" })
			for _, e := range f.Events {
				heard = append(heard, e.Seq)
				last = e.Seq
			}
			if last >= posts+2 {
				break
			}
		}
		if err := ws.NetConn().Close(); err != nil { // as a network does, without goodbye
			t.Fatal(err)
		}
	}
	writers.Wait()
	for i, seq := range heard {
		if seq != int64(i+1) {
			t.Fatalf("heard %v", heard)
		}
	}
	if head := get[struct{ Seq int64 }](fay, room).Seq; head != last || len(heard) != posts+2 {
		t.Errorf("heard %d of %d", last, head)
	}
}

func TestPresence(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	w := fay.newWorkshop()
	in, err := s.Workshops.Invitation(t.Context(), w.ID)
	if err != nil {
		t.Fatal(err)
	}
	ana := s.signIn("Ana", false, false)
	if _, err := s.Workshops.Join(t.Context(), in.Code, ana.user.ID); err != nil {
		t.Fatal(err)
	}
	one := fay.listen()
	say(t, one, fmt.Sprintf(`{"type":"subscribe","workshop":%q,"after":0}`, w.ID))
	next(t, one, func(f frame) bool { return f.Type == "synced" && f.Seq == 3 })
	two := ana.listen()
	say(t, two, fmt.Sprintf(`{"type":"subscribe","workshop":%q,"after":3}`, w.ID))
	say(t, two, fmt.Sprintf(`{"type":"at","workshop":%q,"place":"matrix"}`, w.ID))
	next(t, one, func(f frame) bool {
		return f.Type == "presence" && slices.Contains(f.Here, place{ana.user.ID, "matrix"})
	})
	if err := two.NetConn().Close(); err != nil {
		t.Fatal(err)
	}
	next(t, one, func(f frame) bool { return f.Type == "presence" && len(f.Left) == 1 && f.Left[0] == ana.user.ID })
}

// TestWhoHidesIsNotSeen hides while connected, and comes back hidden.
func TestWhoHidesIsNotSeen(t *testing.T) {
	s := start(t)
	fay, ana := s.signIn("Fay", true, false), s.signIn("Ana", false, false)
	w := fay.newWorkshop()
	in, err := s.Workshops.Invitation(t.Context(), w.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Workshops.Join(t.Context(), in.Code, ana.user.ID); err != nil {
		t.Fatal(err)
	}
	subscribe := func(b *browser) *websocket.Conn {
		ws := b.listen()
		say(t, ws, fmt.Sprintf(`{"type":"subscribe","workshop":%q,"after":3}`, w.ID))
		return ws
	}
	hide := func(hidden bool) {
		t.Helper()
		path := "/api/workshops/" + w.ID + "/presence"
		if r := ana.ask("PUT", path, fmt.Sprintf(`{"hidden":%t}`, hidden)); r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		if got := get[struct{ Hidden bool }](ana, path); got.Hidden != hidden {
			t.Errorf("hidden is %t", got.Hidden)
		}
	}
	seen := func(f frame) bool {
		return f.Type == "presence" && slices.ContainsFunc(f.Here, func(p place) bool { return p.User == ana.user.ID })
	}
	fays, anas := subscribe(fay), subscribe(ana)
	next(t, fays, seen)
	hide(true)
	next(t, fays, func(f frame) bool { return f.Type == "presence" && slices.Equal(f.Left, []string{ana.user.ID}) })
	if err := anas.NetConn().Close(); err != nil {
		t.Fatal(err)
	}
	anas = subscribe(ana)
	next(t, anas, func(f frame) bool { return f.Type == "presence" && !seen(f) })
	hide(false)
	next(t, fays, seen)
}

func TestSocketsThatAreRefused(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	for name, c := range map[string]struct {
		b       *browser
		headers []string
		status  int
	}{
		"no session":   {&browser{site: s}, nil, 401},
		"a guess":      {&browser{site: s, cookie: "guess"}, nil, 401},
		"another site": {fay, []string{"Origin", "https://evil.example"}, 403},
	} {
		_, answer, err := c.b.socket(c.headers...)
		if err == nil || answer == nil || answer.StatusCode != c.status {
			t.Errorf("%s: %v, %v", name, answer, err)
		}
	}
	if r := fay.ask("GET", "/ws", ""); r.status != 426 {
		t.Errorf("without an upgrade: %d", r.status)
	}
	if r := fay.ask("GET", "/ws", "", "Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "7"); r.status != 400 {
		t.Errorf("a bad handshake: %d", r.status)
	}
}

func TestSocketsThatMisbehave(t *testing.T) {
	s := start(t)
	fay, eve := s.signIn("Fay", true, false), s.signIn("Eve", false, false)
	w := fay.newWorkshop()
	for name, c := range map[string]struct {
		text string
		code int
	}{
		"garbage":      {"hello", 4400},
		"no such wish": {`{"type":"shout"}`, 4400},
		"a list":       {`[]`, 4400},
		"before time":  {`{"type":"subscribe","workshop":"x","after":-1}`, 4400},
		"1 MB, packed": {strings.Repeat("x", 1<<20), websocket.CloseMessageTooBig},
	} {
		ws := eve.listen()
		say(t, ws, c.text)
		if code := closedWith(t, ws); code != c.code {
			t.Errorf("%s: closed with %d", name, code)
		}
	}
	plain := eve.listen()
	plain.EnableWriteCompression(false)
	// The server hangs up in the middle of it, so its reason may not arrive.
	errWrite := plain.WriteMessage(websocket.TextMessage, []byte(strings.Repeat("x", 1<<20)))
	_, _, errRead := plain.ReadMessage()
	var closed *websocket.CloseError
	if errWrite == nil && errRead == nil || errors.As(errRead, &closed) && closed.Code != websocket.CloseMessageTooBig {
		t.Errorf("1 MB: %v, %v", errWrite, errRead)
	}
	ws := eve.listen()
	say(t, ws, fmt.Sprintf(`{"type":"subscribe","workshop":%q,"after":0}`, w.ID))
	if f := next(t, ws, func(frame) bool { return true }); f.Type != "error" || f.Code != "not_found" {
		t.Errorf("a stranger got %+v", f)
	}
	fays := fay.listen()
	say(t, fays, fmt.Sprintf(`{"type":"subscribe","workshop":%q,"after":1000}`, w.ID))
	if f := next(t, fays, func(frame) bool { return true }); f.Type != "error" || f.Code != "stale" {
		t.Errorf("who has seen what is not there got %+v", f)
	}
	if r := eve.ask("POST", "/api/sign-out", ""); r.status != 200 {
		t.Fatal(string(r.body))
	}
	if code := closedWith(t, ws); code != 4401 {
		t.Errorf("after signing out: closed with %d", code)
	}
}

func TestAStopTellsSocketsToComeBack(t *testing.T) {
	s := start(t)
	ws := s.signIn("Fay", true, false).listen()
	if err := s.Hub.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if code := closedWith(t, ws); code != websocket.CloseGoingAway {
		t.Errorf("closed with %d", code)
	}
}

// wellWritten is a new technique of the test's taxonomy that no check finds
// wrong.
const wellWritten = `{"kind":"technique","content":{"name":{"text":"Brewing %d"},"tactics":{"list":["first"]},"platforms":{"list":["Toaster"]},
	"description":{"text":"Adversaries may brew.(Citation: Brew)"},"references":{"references":[{"source_name":"Brew","description":"","url":"https://example.com/"}]}}}`

// TestEventsMakeTheRoomThatIsReadAfresh applies the events of each kind to an
// empty room, as the pages do, and compares it with a fresh one.
func TestEventsMakeTheRoomThatIsReadAfresh(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	w := fay.newWorkshop()
	room := "/api/workshops/" + w.ID
	in, err := s.Workshops.Invitation(t.Context(), w.ID)
	if err != nil {
		t.Fatal(err)
	}
	ana := s.signIn("Ana", false, false)
	do := func(b *browser, method, path, body string) map[string]any {
		t.Helper()
		r := b.ask(method, path, body)
		var v map[string]any
		if err := json.Unmarshal(r.body, &v); err != nil || r.status != 200 {
			t.Fatalf("%s %s: %d %s", method, path, r.status, r.body)
		}
		return v
	}
	do(ana, "POST", "/api/join", fmt.Sprintf(`{"code":%q}`, in.Code))
	do(ana, "POST", room+"/messages", `{"body":"one"}`)
	do(fay, "PATCH", room, `{"revision":1,"summary":"New"}`)
	do(fay, "POST", room+"/invitation/renew", "")
	do(fay, "PATCH", room+"/members/"+fay.user.ID, `{"roles":["facilitator","reviewer"]}`)
	two := do(ana, "POST", room+"/messages", `{"body":"two"}`)["id"].(string)
	reply := do(fay, "POST", room+"/messages", fmt.Sprintf(`{"body":"to two","thread":%q}`, two))["id"].(string)
	do(ana, "PATCH", room+"/messages/"+two, `{"body":"2","version":1}`)
	do(fay, "DELETE", room+"/messages/"+reply, "")
	named := do(ana, "POST", room+"/messages", `{"body":"@fay, is T0001.001 or T9999 in #1?"}`)
	html := named["html"].(string)
	if fmt.Sprint(named["mentions"]) != fmt.Sprint([]string{fay.user.ID}) || !strings.Contains(html, fay.user.ID+`"><span class="mention">@fay</span></a>`) ||
		!strings.Contains(html, `<a href="/objects/T0001.001">`) || strings.Contains(html, "T9999<") || strings.Contains(html, ">#1<") {
		t.Errorf("what it refers to: %v", named)
	}
	do(ana, "PATCH", "/api/me", `{"name":"Ana B","organisation":"Example CERT"}`)
	for i, verdict := range []string{"request-changes", "approve", "reject"} {
		draft := do(ana, "POST", room+"/proposals", fmt.Sprintf(wellWritten, i))
		proposal := room + "/proposals/" + draft["proposal"].(map[string]any)["id"].(string)
		do(ana, "POST", proposal+"/submit", `{"version":1}`)
		do(ana, "POST", proposal+"/messages", `{"body":"What do you think?","field":"name"}`)
		do(fay, "POST", proposal+"/start-review", `{"revision":1,"note":""}`)
		do(fay, "POST", proposal+"/"+verdict, `{"revision":1,"note":"Because."}`)
		if i == 0 {
			said := do(ana, "POST", room+"/messages", `{"body":"See #1."}`)
			if html := said["html"].(string); !strings.Contains(html, `<a href="`+strings.Replace(proposal, "/api/workshops/", "/w/", 1)+`">#1</a>`) {
				t.Errorf("a link to a proposal: %s", html)
			}
			do(ana, "POST", proposal+"/submit", `{"version":1}`)
			do(ana, "POST", proposal+"/withdraw", "")
		}
	}
	fresh := get[map[string]any](fay, room)
	feed := fresh["feed"].([]any)
	live := map[string]any{"members": map[string]any{}, "messages": map[string]any{}, "proposals": map[string]any{}}
	for i := len(feed) - 1; i >= 0; i-- {
		data := feed[i].(map[string]any)["data"].(map[string]any)
		if v, ok := data["workshop"]; ok {
			live["workshop"] = v
		}
		if v, ok := data["member"].(map[string]any); ok {
			live["members"].(map[string]any)[v["user"].(map[string]any)["id"].(string)] = v
		}
		if v, ok := data["proposal"].(map[string]any); ok {
			delete(v, "content") // a room lists proposals without it
			live["proposals"].(map[string]any)[v["id"].(string)] = v
		}
		if v, ok := data["message"].(map[string]any); ok && v["anchor"] == "workshop:"+w.ID {
			live["messages"].(map[string]any)[v["id"].(string)] = v
		}
	}
	read := map[string]any{"workshop": fresh["workshop"], "members": map[string]any{}, "messages": map[string]any{}, "proposals": map[string]any{}}
	for _, p := range fresh["proposals"].([]any) {
		read["proposals"].(map[string]any)[p.(map[string]any)["id"].(string)] = p
	}
	for _, m := range fresh["members"].([]any) {
		read["members"].(map[string]any)[m.(map[string]any)["user"].(map[string]any)["id"].(string)] = m
	}
	for _, m := range fresh["messages"].([]any) {
		read["messages"].(map[string]any)[m.(map[string]any)["id"].(string)] = m
	}
	a, errA := json.Marshal(live)
	b, errB := json.Marshal(read)
	if errA != nil || errB != nil || string(a) != string(b) {
		t.Errorf("by events %s\nafresh    %s", a, b)
	}
	if len(read["messages"].(map[string]any)) != 5 || len(read["members"].(map[string]any)) != 2 || len(read["proposals"].(map[string]any)) != 3 {
		t.Errorf("room is %s", b)
	}
}
