package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store"
)

// server is the real program, serving.
type server struct {
	cmd *exec.Cmd
	url string
	log *bytes.Buffer
}

var (
	address    = regexp.MustCompile(`^Atelier is at (\S+)`)
	signInLink = regexp.MustCompile(`^administrator\s+\S+token=(\S+)`)
)

// serve starts the program and gives the token of the first sign-in link, if
// it prints one.
func serve(t *testing.T, data string, first bool) (s *server, token string) {
	t.Helper()
	return serveWith(t, first, []string{"--data", data})
}

// serveWith does what serve does, with what stands before the command and behind
// it.
func serveWith(t *testing.T, first bool, before []string, behind ...string) (s *server, token string) {
	t.Helper()
	args := slices.Concat(before, []string{"serve", "--listen", "127.0.0.1:0"}, behind)
	s = &server{cmd: command(t, args...), log: new(bytes.Buffer)}
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() }) // it may have ended
	lines := bufio.NewScanner(out)
	for s.url == "" || first && token == "" {
		if !lines.Scan() {
			t.Fatalf("the server did not start: %v: %s", s.cmd.Wait(), s.log)
		}
		if m := address.FindStringSubmatch(lines.Text()); m != nil {
			s.url = m[1]
		}
		if m := signInLink.FindStringSubmatch(lines.Text()); m != nil {
			token = m[1]
		}
	}
	return s, token
}

func (s *server) kill(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var killed *exec.ExitError
	if err := s.cmd.Wait(); !errors.As(err, &killed) {
		t.Fatalf("killed: %v", err)
	}
}

// request is one write that a client may send again.
type request struct{ method, path, body, cookie, key string }

// send gives the answer's body; an error means that there was no answer.
func (s *server) send(r request) (status int, body string, header http.Header, err error) {
	q, err := http.NewRequest(r.method, s.url+r.path, strings.NewReader(r.body))
	if err != nil {
		return 0, "", nil, err
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Cookie", r.cookie)
	q.Header.Set("Idempotency-Key", r.key)
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		return 0, "", nil, err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(content), answer.Header, err
}

// must sends what has to succeed, decodes the answer into v, and gives the
// cookie that it sets.
func (s *server) must(t *testing.T, r request, v any) (cookie string) {
	t.Helper()
	status, body, header, err := s.send(r)
	if err != nil || status != 200 {
		t.Fatalf("%s %s: %d %s %v", r.method, r.path, status, body, err)
	}
	if err := json.Unmarshal([]byte(body), v); err != nil {
		t.Fatal(err)
	}
	cookie, _, _ = strings.Cut(header.Get("Set-Cookie"), ";")
	return cookie
}

// client writes one thing after the other and remembers what it sent, and what
// was answered.
type client struct {
	id, room, cookie, name string
	sent                   []request
	answers                []string // of all that was sent but, perhaps, the last
}

// write sends requests until one is not answered.
func (c *client) write(s *server, answered chan<- struct{}) error {
	for n := 0; ; n++ {
		requests := []func(id string) request{
			func(string) request {
				return c.post("/messages", fmt.Sprintf(`{"body":"%s says %d"}`, c.name, len(c.sent)))
			},
			func(string) request {
				return c.post("/proposals", fmt.Sprintf(`{"kind":"technique","content":{"name":{"text":"Trick %s %d"},"description":{"text":"Adversaries may do this."},"tactics":{"list":["first"]},"platforms":{"list":["Toaster"]}}}`, c.name, n))
			},
			func(id string) request { return c.post("/proposals/"+id+"/submit", `{"version":1}`) },
		}
		id := ""
		for _, next := range requests {
			r := next(id)
			c.sent = append(c.sent, r)
			status, body, _, err := s.send(r)
			if err != nil {
				return nil // the server was killed
			}
			if status != 200 {
				return fmt.Errorf("%s %s: %d %s", r.method, r.path, status, body)
			}
			c.answers = append(c.answers, body)
			answered <- struct{}{}
			id = idOf(body)
		}
	}
}

func (c *client) post(path, body string) request {
	return request{"POST", c.room + path, body, c.cookie, uuid.NewString()}
}

// idOf finds the id of the message or the proposal in an answer.
func idOf(body string) string {
	var v struct {
		ID       string
		Proposal struct{ ID string }
	}
	if json.Unmarshal([]byte(body), &v) != nil {
		return ""
	}
	return v.ID + v.Proposal.ID
}

// TestWhatWasAnsweredSurvivesAKill kills the server in the middle of a stream
// of messages and proposals, more than once. Each answered write must be there,
// once; and who got no answer and asks again under the same key gets it done,
// once.
func TestWhatWasAnsweredSurvivesAKill(t *testing.T) {
	data := t.TempDir()
	if code, _, errs := atelier(t, "--data", data, "import", odd); code != 0 {
		t.Fatal(errs)
	}
	s, token := serve(t, data, true)
	clients, _ := enter(t, s, token, 6)
	for round := range 3 {
		answered := make(chan struct{}, len(clients))
		ended := make(chan struct{})
		var work sync.WaitGroup
		for _, c := range clients {
			work.Go(func() {
				if err := c.write(s, answered); err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
			})
		}
		go func() { work.Wait(); close(ended) }()
		hear(answered, 150, ended)
		s.kill(t)
		hear(answered, math.MaxInt, ended) // clients wait until they are heard
		if t.Failed() {
			t.Fatalf("round %d: %s", round, s.log)
		}
		s, _ = serve(t, data, false)
		for _, c := range clients {
			c.look(t, s)
		}
		count(t, data, clients)
	}
	s.kill(t)
}

// hear waits for n answers, or until nobody asks any more.
func hear(answered <-chan struct{}, n int, ended <-chan struct{}) {
	for range n {
		select {
		case <-answered:
		case <-ended:
			return
		}
	}
}

// look sends everything again: what was answered gets the same answer, what was
// not is done.
func (c *client) look(t *testing.T, s *server) {
	t.Helper()
	for i, r := range c.sent {
		status, body, _, err := s.send(r)
		if err != nil || status != 200 {
			t.Fatalf("again %s %s: %d %s %v", r.method, r.path, status, body, err)
		}
		if i == len(c.answers) {
			c.answers = append(c.answers, body)
		}
		// A draft comes with what its checks find at present.
		started := strings.HasSuffix(r.path, "/proposals") && idOf(c.answers[i]) == idOf(body)
		if c.answers[i] != body && !started {
			t.Errorf("%s was answered %s and now %s", r.path, c.answers[i], body)
		}
	}
}

// count compares what is in the database with what was answered.
func count(t *testing.T, data string, clients []*client) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Config{DataDir: data})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := store.Close(db); err != nil {
			t.Error(err)
		}
	}()
	want := map[string]int{}
	for _, c := range clients {
		for i, r := range c.sent {
			switch {
			case strings.HasSuffix(r.path, "/messages"):
				want["message "+idOf(c.answers[i])]++
			case strings.HasSuffix(r.path, "/submit"):
				want["revision "+idOf(c.answers[i])]++
			default:
				want["proposal "+idOf(c.answers[i])]++
			}
		}
	}
	got := map[string]int{}
	for kind, query := range map[string]string{"message": "SELECT id FROM messages", "proposal": "SELECT id FROM proposals", "revision": "SELECT proposal_id FROM revisions"} {
		for _, id := range column[string](t, db, query) {
			got[kind+" "+id]++
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d writes were answered, %d are there", len(want), len(got))
	}
	for what := range want {
		if want[what] != 1 || got[what] != 1 {
			t.Errorf("%s was written %d times and is there %d times", what, want[what], got[what])
		}
	}
	for i, seq := range column[int64](t, db, "SELECT seq FROM journal ORDER BY seq") {
		if seq != int64(i+1) {
			t.Fatalf("event %d of the journal has the number %d", i+1, seq)
		}
	}
}

func column[T any](t *testing.T, db *gorm.DB, query string) (all []T) {
	t.Helper()
	if err := db.Raw(query).Scan(&all).Error; err != nil {
		t.Fatal(err)
	}
	return all
}

// enter makes a workshop and lets people join it.
func enter(t *testing.T, s *server, token string, people int) (clients []*client, host *client) {
	t.Helper()
	host = &client{name: "Host"}
	host.cookie = s.must(t, request{"POST", "/api/sign-in", fmt.Sprintf(`{"token":%q}`, token), "", ""}, &struct{}{})
	var workshop struct{ ID string }
	s.must(t, request{"POST", "/api/workshops", `{"name":"Storm","starts_on":"2026-12-01","ends_on":"2026-12-02","tlp":"green","domain":"odd-attack","join_open":true}`, host.cookie, ""}, &workshop)
	host.room = "/api/workshops/" + workshop.ID
	var invitation struct{ Code string }
	s.must(t, request{"GET", host.room + "/invitation", "", host.cookie, ""}, &invitation)
	for i := range people {
		var joined struct {
			Member struct{ User struct{ ID string } }
		}
		c := &client{room: host.room, name: fmt.Sprintf("P%d", i)}
		c.cookie = s.must(t, request{"POST", "/api/join", fmt.Sprintf(`{"code":%q,"name":%q,"organisation":"Example"}`, invitation.Code, c.name), "", ""}, &joined)
		c.id = joined.Member.User.ID
		clients = append(clients, c)
	}
	return clients, host
}
