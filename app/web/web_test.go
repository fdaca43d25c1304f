package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/atelier-attack/atelier/app"
	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/review"
)

// site is a running server on an empty folder, with a small taxonomy.
type site struct {
	*app.Atelier
	t   *testing.T
	url string
}

func start(t *testing.T) *site {
	t.Helper()
	return startIn(t, folder(t))
}

// folder makes a data folder with a small taxonomy.
var folder = storetest.Template(func(ctx context.Context, data string) error {
	a, err := app.Open(ctx, app.Config{DataDir: data, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	_, err = a.ImportFile(ctx, "../../review/taxonomy/testdata/odd.json", nil)
	return errors.Join(err, a.Close())
})

func startIn(t *testing.T, data string) *site {
	t.Helper()
	return startAt(t, data, app.ServeConfig{Listen: "127.0.0.1:0"})
}

func startAt(t *testing.T, data string, c app.ServeConfig) *site {
	t.Helper()
	return startLogged(t, data, c, slog.DiscardHandler)
}

func startLogged(t *testing.T, data string, c app.ServeConfig, log slog.Handler) *site {
	t.Helper()
	a, err := app.Open(t.Context(), app.Config{DataDir: data, Log: slog.New(log)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		c.Build = fstest.MapFS{"index.html": {Data: []byte("<title>Atelier</title>")},
			"preload.json": {Data: []byte(`[{"route":"/w/[workshop]/matrix","files":["/m.js"],"data":["/api/domains/[domain]/matrix"]}]`)}}
		ended <- a.Serve(ctx, c, func(url string) error { ready <- url; return nil })
	}()
	s := &site{Atelier: a, t: t}
	select {
	case s.url = <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("stop: %v", err)
		}
		if err := a.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// browser is one person's browser.
type browser struct {
	*site
	user   people.User
	cookie string
}

func (s *site) signIn(name string, host, administrator bool) *browser {
	s.t.Helper()
	a, err := s.People.Add(s.t.Context(), people.Account{User: people.User{Name: name}, Host: host, Administrator: administrator})
	if err != nil {
		s.t.Fatal(err)
	}
	cookie, _, err := s.People.Start(s.t.Context(), a.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return &browser{s, a.User, cookie}
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) problem(t *testing.T) web.Problem {
	t.Helper()
	var p web.Problem
	if err := json.Unmarshal(r.body, &p); err != nil || r.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("status %d is no problem: %s %s", r.status, r.header.Get("Content-Type"), r.body)
	}
	return p
}

// ask sends a request; headers come in pairs.
func (b *browser) ask(method, path, body string, headers ...string) reply {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if b.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "atelier_session", Value: b.cookie})
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	r.Host = r.Header.Get("Host") // none: that of the address
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, content}
}

func get[T any](b *browser, path string) T {
	b.t.Helper()
	r := b.ask("GET", path, "")
	var v T
	if err := json.Unmarshal(r.body, &v); err != nil || r.status != 200 {
		b.t.Fatalf("GET %s: %d %s", path, r.status, r.body)
	}
	return v
}

func (b *browser) newWorkshop() workshop.Workshop {
	b.t.Helper()
	r := b.ask("POST", "/api/workshops", `{"name":"Winter","starts_on":"2026-12-01","ends_on":"2026-12-02","tlp":"green","domain":"odd-attack","summary":"","agenda":[{"id":"","title":"Welcome","minutes":15,"notes":""}],"join_open":true}`)
	var w workshop.Workshop
	if err := json.Unmarshal(r.body, &w); err != nil || r.status != 200 {
		b.t.Fatalf("new workshop: %d %s", r.status, r.body)
	}
	return w
}

func TestPeopleMeetInARoom(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	w := fay.newWorkshop()
	room := "/api/workshops/" + w.ID
	in := get[web.Invitation](fay, room+"/invitation")
	if in.URL != s.url+"/join/"+in.Code {
		t.Errorf("invitation is %+v", in)
	}
	ana := &browser{site: s}
	if known := get[web.Invited](ana, "/api/join/"+strings.ToLower(in.Code)); known.Workshop.Name != "Winter" || !known.Open {
		t.Errorf("invited to %+v", known)
	}
	joined := ana.ask("POST", "/api/join", fmt.Sprintf(`{"code":%q,"name":"Ana","organisation":"Example CERT"}`, in.Code))
	cookie, err := http.ParseSetCookie(joined.header.Get("Set-Cookie"))
	if err != nil || joined.status != 200 || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode {
		t.Fatalf("join: %d %s, %v", joined.status, joined.body, err)
	}
	ana.cookie = cookie.Value
	if me := get[web.Me](ana, "/api/me"); !me.SignedIn || len(me.Memberships) != 1 || me.CanHost || me.CanImport {
		t.Errorf("ana is %+v", me)
	}
	post := `{"body":"Hello **all**"}`
	first := ana.ask("POST", room+"/messages", post, "Idempotency-Key", "k")
	again := ana.ask("POST", room+"/messages", post, "Idempotency-Key", "k")
	if first.status != 200 || !bytes.Equal(first.body, again.body) {
		t.Errorf("a repeat: %d %s and %d %s", first.status, first.body, again.status, again.body)
	}
	if other := ana.ask("POST", room+"/messages", `{"body":"Else"}`, "Idempotency-Key", "k"); other.status != 409 {
		t.Errorf("another request under the same key: %d", other.status)
	}
	seen := get[web.Room](fay, room)
	if len(seen.Members) != 2 || len(seen.Messages) != 1 || !strings.Contains(seen.Messages[0].HTML, "<strong>all</strong>") ||
		seen.Seq != seen.Feed[0].Seq || seen.Feed[0].Kind != "message.posted" {
		t.Errorf("room is %+v", seen)
	}
	if r := ana.ask("PATCH", "/api/me", `{"name":"Ana B","organisation":""}`); r.status != 200 {
		t.Errorf("change my name: %d %s", r.status, r.body)
	}
	out := ana.ask("POST", "/api/sign-out", "")
	if out.status != 200 || ana.ask("GET", room, "").problem(t).Code != "unauthenticated" {
		t.Errorf("after signing out: %d %s", out.status, out.body)
	}
}

func TestAStaleChangeShowsBothSides(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	room := "/api/workshops/" + fay.newWorkshop().ID
	if r := fay.ask("PATCH", room, `{"revision":1,"name":"Spring"}`); r.status != 200 {
		t.Fatalf("change: %d %s", r.status, r.body)
	}
	r := fay.ask("PATCH", room, `{"revision":1,"place":"Porto"}`)
	p := r.problem(t)
	details, _ := p.Details.(map[string]any)
	theirs, _ := details["theirs"].(map[string]any)
	if r.status != 409 || p.Code != "stale" || theirs["name"] != "Spring" {
		t.Errorf("got %s", r.body)
	}
}

// TestEveryOperationKeepsToTheTable walks the API's document with everybody.
func TestEveryOperationKeepsToTheTable(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	w, elsewhere := fay.newWorkshop(), fay.newWorkshop()
	if _, err := s.Workshops.SetRoles(t.Context(), fay.user.ID, w.ID, fay.user.ID, []review.Role{review.Facilitator}); err != nil {
		t.Fatal(err)
	}
	member := func(role review.Role, in workshop.Workshop) *browser {
		b := s.signIn(string(role), false, false)
		invitation, err := s.Workshops.Invitation(t.Context(), in.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Workshops.Join(t.Context(), invitation.Code, b.user.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Workshops.SetRoles(t.Context(), fay.user.ID, in.ID, b.user.ID, []review.Role{role}); err != nil {
			t.Fatal(err)
		}
		return b
	}
	everybody := map[string]*browser{"anonymous": {site: s}, "foreign cookie": {site: s, cookie: "guess"},
		"administrator": s.signIn("Root", false, true), "host": s.signIn("Host", true, false), "elsewhere": member(review.Maintainer, elsewhere)}
	for _, role := range workshop.AllRoles() {
		everybody[string(role)] = member(role, w)
	}
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(everybody["anonymous"].ask("GET", "/api/openapi.json", "").body, &document); err != nil {
		t.Fatal(err)
	}
	operations := 0
	for path, methods := range document.Paths {
		for method, op := range methods {
			operations++
			if op.OperationID == "sign-out" {
				continue // everybody may, and then is somebody else
			}
			address := "/api" + strings.NewReplacer("{workshop}", w.ID, "{user}", "nobody", "{domain}", "odd-attack", "{id}", "T0001", "{code}", "x", "{release}", "nothing").Replace(path)
			for name, b := range everybody {
				body := ""
				if method != "get" {
					body = "{}"
				}
				got := b.ask(strings.ToUpper(method), address, body)
				want := web.Allowed(op.OperationID, name)
				refused := got.status == 401 || got.status == 403 || got.status == 404 && strings.Contains(string(got.body), "no such workshop")
				if refused == want {
					t.Errorf("%s as %s: %d %s", op.OperationID, name, got.status, got.body)
				}
			}
		}
	}
	if operations < 25 {
		t.Errorf("only %d operations were found", operations)
	}
}

func TestBadRequests(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, true)
	room := "/api/workshops/" + fay.newWorkshop().ID
	before := get[web.Room](fay, room).Seq
	for name, c := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
	}{
		"no JSON":            {"POST", room + "/messages", "hello", nil, 400},
		"truncated":          {"POST", room + "/messages", `{"body":"a`, nil, 400},
		"wrong type":         {"POST", room + "/messages", `{"body":1}`, nil, 422},
		"unknown member":     {"POST", room + "/messages", `{"body":"a","b":1}`, nil, 422},
		"empty":              {"POST", room + "/messages", `{"body":" "}`, nil, 422},
		"3 MB":               {"POST", room + "/messages", `{"body":"` + strings.Repeat("x", 3<<20) + `"}`, nil, 413},
		"1 MB name":          {"PATCH", room, `{"revision":1,"name":"` + strings.Repeat("x", 1<<20) + `"}`, nil, 422},
		"another site":       {"POST", room + "/messages", `{"body":"a"}`, []string{"Origin", "https://evil.example"}, 403},
		"fetched elsewhere":  {"POST", room + "/messages", `{"body":"a"}`, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"long key":           {"POST", room + "/messages", `{"body":"a"}`, []string{"Idempotency-Key", strings.Repeat("k", 201)}, 400},
		"another method":     {"DELETE", room, "", nil, 405},
		"no text in a query": {"GET", room + "/proposals?author=%ff", "", nil, 400},
		"NUL in a query":     {"GET", room + "/proposals?author=%00", "", nil, 400},
		"no text in a key":   {"POST", room + "/messages", `{"body":"a"}`, []string{"Idempotency-Key", "\xff"}, 400},
		"unknown new domain": {"POST", "/api/workshops", `{"name":"W","starts_on":"2026-12-01","ends_on":"2026-12-01","tlp":"clear","domain":"nope"}`, nil, 422},
		"no such address":    {"GET", "/api/nothing", "", nil, 404},
		"upload with slash":  {"POST", "/api/imports/", "{}", nil, 404},
		"unknown domain":     {"GET", "/api/domains/none/matrix", "", nil, 404},
		"unknown object":     {"GET", "/api/objects/T9999", "", nil, 404},
		"wrong sign-in link": {"POST", "/api/sign-in", `{"token":"guess"}`, nil, 410},
	} {
		t.Run(name, func(t *testing.T) {
			r := fay.ask(c.method, c.path, c.body, c.headers...)
			if p := r.problem(t); r.status != c.status || p.Status != c.status || p.Detail == "" || p.Code == "" {
				t.Errorf("got %d %s", r.status, r.body)
			}
		})
	}
	if after := get[web.Room](fay, room).Seq; after != before {
		t.Errorf("something was written: %d events became %d", before, after)
	}
}

func TestReadingAndImporting(t *testing.T) {
	s := start(t)
	root := s.signIn("Root", false, true)
	m := root.ask("GET", "/api/domains/odd-attack/matrix", "")
	if m.status != 200 || m.header.Get("ETag") == "" {
		t.Fatalf("matrix: %d %s", m.status, m.body)
	}
	if again := root.ask("GET", "/api/domains/odd-attack/matrix", "", "If-None-Match", m.header.Get("ETag")); again.status != 304 {
		t.Errorf("the same matrix again: %d", again.status)
	}
	if r := root.ask("GET", "/api/objects/T0001/stix", ""); r.status != 200 || !strings.Contains(string(r.body), `"x_number":1.50E+2`) {
		t.Errorf("own bytes: %s", r.body)
	}
	if r := root.ask("GET", "/api/search?q=later&type=x-future", ""); !strings.Contains(string(r.body), "x-future--") {
		t.Errorf("search: %s", r.body)
	}
	if r := root.ask("POST", "/api/preview", `{"text":"<script>x</script>\n\n*y*"}`); !strings.Contains(string(r.body), "em") || strings.Contains(string(r.body), "script") {
		t.Errorf("preview: %s", r.body)
	}
	odd, err := os.ReadFile("../../review/taxonomy/testdata/odd.json")
	if err != nil {
		t.Fatal(err)
	}
	for content, state := range map[string]string{string(odd): "done", "no bundle": "failed"} {
		r := root.ask("POST", "/api/imports?name=odd.json", content, "Content-Type", "application/octet-stream")
		var job web.Import
		if err := json.Unmarshal(r.body, &job); err != nil || r.status != 202 {
			t.Fatalf("upload: %d %s", r.status, r.body)
		}
		for deadline := time.Now().Add(20 * time.Second); job.State == "running" && time.Now().Before(deadline); {
			job = get[web.Import](root, "/api/imports/"+job.ID)
		}
		if job.State != state || state == "done" && !job.Report.Same || state == "failed" && job.Error == "" {
			t.Errorf("import: %+v", job)
		}
	}
	bundle := root.ask("GET", "/api/domains/odd-attack/bundle", "")
	if bundle.status != 200 || !strings.Contains(bundle.header.Get("Content-Disposition"), "odd-attack") || !json.Valid(bundle.body) {
		t.Errorf("bundle: %d %.100s", bundle.status, bundle.body)
	}
	if again := root.ask("GET", "/api/domains/odd-attack/bundle", "", "If-None-Match", bundle.header.Get("ETag")); again.status != 304 || len(again.body) != 0 {
		t.Errorf("the same bundle again: %d %.100s", again.status, again.body)
	}
}

func TestPagesAndHeaders(t *testing.T) {
	b := &browser{site: start(t)}
	for _, path := range []string{"/", "/w/anything/matrix", "/api/docs", "/healthz", "/readyz"} {
		r := b.ask("GET", path, "")
		if r.status != 200 {
			t.Errorf("%s: %d", path, r.status)
		}
		for _, h := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "X-Request-Id"} {
			if r.header.Get(h) == "" {
				t.Errorf("%s has no %s", path, h)
			}
		}
		if strings.Contains(r.header.Get("Content-Security-Policy"), "unsafe") || strings.Contains(string(r.body), "<script>") {
			t.Errorf("%s runs inline scripts", path)
		}
	}
	if r := b.ask("GET", "/_app/none.js", ""); r.status != 404 {
		t.Errorf("a file that is not: %d", r.status)
	}
	if r := b.ask("POST", "/", ""); r.status != 405 {
		t.Errorf("a write to a page: %d", r.status)
	}
}
