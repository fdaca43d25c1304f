package web_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/review"
)

// join lets somebody into a workshop with roles.
func (s *site) join(name, workshop string, roles ...review.Role) *browser {
	s.t.Helper()
	b := s.signIn(name, false, false)
	in, err := s.Workshops.Invitation(s.t.Context(), workshop)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.Workshops.Join(s.t.Context(), in.Code, b.user.ID); err != nil {
		s.t.Fatal(err)
	}
	if len(roles) > 0 {
		if _, err := s.Workshops.SetRoles(s.t.Context(), b.user.ID, workshop, b.user.ID, roles); err != nil {
			s.t.Fatal(err)
		}
	}
	return b
}

const trick = `{"name":{"text":"Trick"},"description":{"text":"Adversaries may do this."},"tactics":{"list":["first"]},"platforms":{"list":["Toaster"]}}`

// proposes starts a proposal and gives its address.
func (b *browser) proposes(room, content string) (path string, d review.Draft) {
	b.t.Helper()
	r := b.ask("POST", room+"/proposals", `{"kind":"technique","content":`+content+`}`)
	if err := json.Unmarshal(r.body, &d); err != nil || r.status != 200 {
		b.t.Fatalf("propose: %d %s", r.status, r.body)
	}
	return room + "/proposals/" + d.Proposal.ID, d
}

func draftOf(content, rationale string) string {
	return fmt.Sprintf(`{"version":1,"content":%s,"rationale":%q}`, content, rationale)
}

func TestBadProposals(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	id := fay.newWorkshop().ID
	room := "/api/workshops/" + id
	ana, rob, eve := s.join("Ana", id), s.join("Rob", id, review.Reviewer), s.join("Eve", fay.newWorkshop().ID)
	path, _ := ana.proposes(room, trick)
	before := get[web.Room](fay, room).Seq
	field := func(name, value string) string { return `{"` + name + `":` + value + `}` }
	for name, c := range map[string]struct {
		who                *browser
		method, path, body string
		status             int
	}{
		"no JSON":              {ana, "POST", room + "/proposals", "hello", 400},
		"truncated":            {ana, "POST", room + "/proposals", `{"kind":"technique"`, 400},
		"a list":               {ana, "POST", room + "/proposals", `[]`, 422},
		"deep nesting":         {ana, "POST", room + "/proposals", strings.Repeat("[", 1<<20), 400},
		"duplicate keys":       {ana, "POST", room + "/proposals", `{"kind":"technique","kind":"technique"}`, 400},
		"unknown kind":         {ana, "POST", room + "/proposals", `{"kind":"novel"}`, 422},
		"unknown object":       {ana, "POST", room + "/proposals", `{"kind":"refinement","object_id":"attack-pattern--00000000-0000-4000-8000-00000000ffff"}`, 422},
		"unknown field":        {ana, "PUT", path + "/draft", draftOf(field("colour", `{"text":"red"}`), ""), 422},
		"1 MB name":            {ana, "PUT", path + "/draft", draftOf(field("name", `{"text":"`+strings.Repeat("x", 1<<20)+`"}`), ""), 422},
		"3 MB":                 {ana, "PUT", path + "/draft", draftOf(field("name", `{"text":"`+strings.Repeat("x", 3<<20)+`"}`), ""), 413},
		"long rationale":       {ana, "PUT", path + "/draft", draftOf(trick, strings.Repeat("x", 20_000)), 422},
		"many tactics":         {ana, "PUT", path + "/draft", draftOf(field("tactics", `{"list":["x"`+strings.Repeat(`,"x"`, 300)+`]}`), ""), 422},
		"control characters":   {ana, "PUT", path + "/draft", draftOf(field("name", `{"text":"a\u0000b"}`), ""), 422},
		"invalid UTF-8":        {ana, "PUT", path + "/draft", draftOf(field("name", "{\"text\":\"\xff\"}"), ""), 400},
		"half a surrogate":     {ana, "PUT", path + "/draft", draftOf(field("name", `{"text":"\ud800"}`), ""), 400},
		"text in a list":       {ana, "PUT", path + "/draft", draftOf(field("tactics", `{"text":"first"}`), ""), 422},
		"unknown bump":         {ana, "PUT", path + "/draft", `{"version":1,"content":{},"rationale":"","bump":"huge"}`, 422},
		"negative version":     {ana, "PUT", path + "/draft", `{"version":-1,"content":{},"rationale":""}`, 409},
		"version is text":      {ana, "PUT", path + "/draft", `{"version":"1","content":{},"rationale":""}`, 422},
		"stale submission":     {ana, "POST", path + "/submit", `{"version":99}`, 409},
		"another's draft":      {rob, "PUT", path + "/draft", draftOf(trick, ""), 404},
		"another's submission": {rob, "POST", path + "/submit", `{"version":1}`, 404},
		"a draft is no review": {rob, "POST", path + "/approve", `{"revision":0,"note":""}`, 404},
		"no such proposal":     {ana, "GET", room + "/proposals/none", "", 404},
		"no such revision":     {ana, "GET", path + "/revisions/99", "", 404},
		"revision is text":     {ana, "GET", path + "/revisions/last", "", 422},
		"message of blanks":    {ana, "POST", room + "/messages", `{"body":"  "}`, 422},
		"message, no field":    {ana, "POST", path + "/messages", `{"body":"a","field":"colour"}`, 422},
		"message, NUL":         {ana, "POST", room + "/messages", `{"body":"a\u0000b"}`, 422},
		"message, 1 MB":        {ana, "POST", room + "/messages", `{"body":"` + strings.Repeat("x", 1<<20) + `"}`, 422},
		"not in the workshop":  {eve, "GET", path, "", 404},
		"not in it, writing":   {eve, "POST", room + "/proposals", `{"kind":"technique"}`, 404},
		"signed out":           {&browser{site: s}, "POST", room + "/proposals", `{"kind":"technique"}`, 401},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.who.ask(c.method, c.path, c.body)
			if p := r.problem(t); r.status != c.status || p.Detail == "" || p.Code == "" {
				t.Errorf("got %d %.500s", r.status, r.body)
			}
			if len(r.body) > 10_000 {
				t.Errorf("the answer has %d bytes", len(r.body))
			}
		})
	}
	if after := get[web.Room](fay, room).Seq; after != before {
		t.Errorf("something was written: %d events became %d", before, after)
	}
	if d := get[review.Draft](ana, path+"/draft"); d.Version != 1 || d.Content["name"].Text != "Trick" {
		t.Errorf("the draft was changed: %+v", d)
	}
}

// TestAnUnknownTacticIsNamed: it can be drafted, for the taxonomy may get it,
// and is a finding that stops the submission.
func TestAnUnknownTacticIsNamed(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	room := "/api/workshops/" + fay.newWorkshop().ID
	path, d := fay.proposes(room, strings.Replace(trick, `"first"`, `"no-such-tactic"`, 1))
	r := fay.ask("POST", path+"/submit", fmt.Sprintf(`{"version":%d}`, d.Version))
	if p := r.problem(t); r.status != 422 || !strings.Contains(string(r.body), "no-such-tactic") || p.Details == nil {
		t.Errorf("got %d %s", r.status, r.body)
	}
}

// TestSubmittingTwice sends one form twice, under one key and at once.
func TestSubmittingTwice(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	room := "/api/workshops/" + fay.newWorkshop().ID
	path, d := fay.proposes(room, trick)
	submit := fmt.Sprintf(`{"version":%d}`, d.Version)
	answers := make(chan reply, 5)
	for range cap(answers) {
		go func() { answers <- fay.ask("POST", path+"/submit", submit, "Idempotency-Key", "one") }()
	}
	first := <-answers
	for range cap(answers) - 1 {
		if again := <-answers; again.status != 200 || string(again.body) != string(first.body) {
			t.Errorf("%d %s and %d %s", first.status, first.body, again.status, again.body)
		}
	}
	if page := get[web.ProposalPage](fay, path); len(page.Revisions) != 1 || page.Proposal.Revision != 1 {
		t.Errorf("there are %d revisions", len(page.Revisions))
	}
	if r := fay.ask("POST", path+"/submit", submit, "Idempotency-Key", "two"); r.status != 409 {
		t.Errorf("under another key: %d %s", r.status, r.body)
	}
	eve := s.join("Eve", strings.TrimPrefix(room, "/api/workshops/"))
	if r := eve.ask("POST", path+"/submit", submit, "Idempotency-Key", "one"); r.status == 200 {
		t.Errorf("somebody else got the answer to it: %s", r.body)
	}
}

// TestAStaleDraftAndAStaleReviewShowBothSides sends what was made for an older
// state.
func TestAStaleDraftAndAStaleReviewShowBothSides(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	id := fay.newWorkshop().ID
	room := "/api/workshops/" + id
	path, d := fay.proposes(room, trick)
	if r := fay.ask("PUT", path+"/draft", draftOf(strings.Replace(trick, "Trick", "Theirs", 1), "")); r.status != 200 {
		t.Fatalf("save: %d %s", r.status, r.body)
	}
	r := fay.ask("PUT", path+"/draft", fmt.Sprintf(`{"version":%d,"content":%s,"rationale":""}`, d.Version, strings.Replace(trick, "Trick", "Yours", 1)))
	if p := r.problem(t); r.status != 409 || p.Code != "stale" || !strings.Contains(string(r.body), "Yours") || !strings.Contains(string(r.body), "Theirs") {
		t.Errorf("a stale draft: %d %s", r.status, r.body)
	}
	if r := fay.ask("POST", path+"/submit", `{"version":2}`); r.status != 200 {
		t.Fatalf("submit: %d %s", r.status, r.body)
	}
	rob := s.join("Rob", id, review.Reviewer)
	r = rob.ask("POST", path+"/approve", `{"revision":7,"note":""}`)
	if p := r.problem(t); r.status != 409 || p.Code != "stale" {
		t.Errorf("a stale review: %d %s", r.status, r.body)
	}
	if r := fay.ask("POST", path+"/approve", `{"revision":1,"note":""}`); r.status != 403 {
		t.Errorf("her own: %d %s", r.status, r.body)
	}
}

func TestBadCookies(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	expired := s.signIn("Old", true, false)
	if err := s.DB.Exec("UPDATE sessions SET expires_at = ? WHERE user_id = ?", time.Now().Add(-time.Minute).UTC(), expired.user.ID).Error; err != nil {
		t.Fatal(err)
	}
	for name, cookie := range map[string]string{"expired": expired.cookie, "foreign": "guess", "long": strings.Repeat("x", 8_000),
		"of two": fay.cookie + "x", "odd": `"'--\`} {
		b := &browser{site: s, cookie: cookie}
		if r := b.ask("POST", "/api/workshops", `{}`); r.status != 401 || r.problem(t).Code != "unauthenticated" {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
		if _, answer, err := b.socket("Origin", s.url); err == nil || answer == nil || answer.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: websocket %v, %v", name, answer, err)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/api/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", "atelier_session="+strings.Repeat("x", 1<<20))
	answer, err := http.DefaultClient.Do(r) // the server may hang up before it has all of it
	if err == nil {
		defer answer.Body.Close()
		if answer.StatusCode < 400 || answer.StatusCode >= 500 {
			t.Errorf("1 MB of cookie: %d", answer.StatusCode)
		}
	}
}

func TestContentTypes(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, true)
	room := "/api/workshops/" + fay.newWorkshop().ID
	for kind, body := range map[string]string{"text/plain": `{"body":"a"}`, "application/x-www-form-urlencoded": "body=a",
		"multipart/form-data; boundary=x": "--x--", "application/json; charset=latin1": "{\"body\":\"\xe9\"}", "nonsense": `{"body":"a"}`} {
		r := fay.ask("POST", room+"/messages", body, "Content-Type", kind)
		if r.status < 400 || r.status >= 500 {
			t.Errorf("%s: %d %s", kind, r.status, r.body)
			continue
		}
		r.problem(t)
	}
}

// TestBadUploads sends what is refused on the command line too.
func TestBadUploads(t *testing.T) {
	s := start(t)
	root := s.signIn("Root", false, true)
	before := root.ask("GET", "/api/domains", "").body
	for name, content := range map[string]string{
		"empty": "", "no JSON": "hello", "truncated": `{"type":"bundle","objects":[{"type":"tool"`, "truncated gzip": "\x1f\x8b\x08\x00",
		"another version": `{"type":"bundle","spec_version":"1.0","objects":[]}`, "duplicate keys": `{"type":"bundle","objects":[{"a":1,"a":1}]}`,
		"invalid UTF-8": "{\"type\":\"bundle\",\"objects\":[{\"a\":\"\xff\"}]}", "deep nesting": `{"type":"bundle","objects":[{"a":` + strings.Repeat("[", 1<<20),
	} {
		r := root.ask("POST", "/api/imports?name=bad.json", content, "Content-Type", "application/octet-stream")
		if r.status >= 400 && r.status < 500 {
			r.problem(t)
			continue
		}
		var job web.Import
		if err := json.Unmarshal(r.body, &job); err != nil || r.status != 202 {
			t.Fatalf("%s: %d %s", name, r.status, r.body)
		}
		for deadline := time.Now().Add(time.Minute); job.State == "running" && time.Now().Before(deadline); {
			job = get[web.Import](root, "/api/imports/"+job.ID)
		}
		if job.State != "failed" || job.Error == "" || strings.Contains(job.Error, "look into the log") {
			t.Errorf("%s: %+v", name, job)
		}
	}
	if r := root.ask("POST", "/api/imports?name="+strings.Repeat("x", 1000), "{}", "Content-Type", "application/octet-stream"); r.status != 422 {
		t.Errorf("a long name: %d %s", r.status, r.body)
	}
	if after := root.ask("GET", "/api/domains", "").body; string(after) != string(before) {
		t.Errorf("the domains were %s and are %s", before, after)
	}
}

// TestWhatAKilledServerLeft is gone when the next one serves.
func TestWhatAKilledServerLeft(t *testing.T) {
	data := folder(t)
	left := filepath.Join(data, "uploads", "import-1234")
	if err := errors.Join(os.MkdirAll(filepath.Dir(left), 0o700), os.WriteFile(left, []byte("half"), 0o600)); err != nil {
		t.Fatal(err)
	}
	s := startIn(t, data)
	if r := (&browser{site: s}).ask("GET", "/healthz", ""); r.status != 200 {
		t.Fatal(r.status)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an upload was left behind: %v", err)
	}
}

// TestASocketOfAnotherWorkshop asks for a workshop that one is not in, and goes
// on to hear of one's own only.
func TestASocketOfAnotherWorkshop(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	mine, other := fay.newWorkshop().ID, fay.newWorkshop().ID
	ana := s.join("Ana", mine)
	ws := ana.listen()
	say(t, ws, fmt.Sprintf(`{"type":"subscribe","workshop":%q,"after":0}`, other))
	if f := next(t, ws, func(f frame) bool { return f.Type == "error" }); f.Code != "not_found" {
		t.Errorf("got %+v", f)
	}
	say(t, ws, fmt.Sprintf(`{"type":"at","workshop":%q,"place":"matrix"}`, other))
	say(t, ws, fmt.Sprintf(`{"type":"subscribe","workshop":%q,"after":0}`, mine))
	next(t, ws, func(f frame) bool { return f.Type == "synced" && f.Workshop == mine })
	for _, room := range []string{other, mine} {
		if r := fay.ask("POST", "/api/workshops/"+room+"/messages", `{"body":"hello"}`); r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	f := next(t, ws, func(f frame) bool {
		if f.Workshop == other {
			t.Errorf("it heard of the other workshop: %+v", f)
		}
		return f.Type == "events" && f.Events[len(f.Events)-1].Kind == "message.posted"
	})
	if f.Workshop != mine {
		t.Errorf("heard %+v", f)
	}
}

// TestASocketThatSpeaksBinary sends what is no text, and text that is none.
func TestASocketThatSpeaksBinary(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	for name, c := range map[string]struct {
		kind int
		text string
	}{"binary": {websocket.BinaryMessage, "\x00\x01\x02"}, "invalid UTF-8": {websocket.TextMessage, "{\"type\":\"\xff\"}"}} {
		ws := fay.listen()
		if err := ws.WriteMessage(c.kind, []byte(c.text)); err != nil {
			t.Fatal(err)
		}
		if code := closedWith(t, ws); code < 1002 {
			t.Errorf("%s: closed with %d", name, code)
		}
	}
	if r := fay.ask("GET", "/healthz", ""); r.status != 200 {
		t.Errorf("afterwards the server is not well: %d", r.status)
	}
}
