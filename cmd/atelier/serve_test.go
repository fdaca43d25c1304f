package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/atelier-attack/atelier/realtime"
)

// program is the real program, serving.
type program struct {
	t      testing.TB
	cmd    *exec.Cmd
	url    string
	links  map[string]string // tokens by role
	roles  []string          // in the order in which they were printed
	errs   bytes.Buffer      // what it logged; read it after stop
	client http.Client
}

// start starts the program and reads what it prints, which ends with as many
// links as are given.
func start(t testing.TB, links int, args ...string) *program {
	t.Helper()
	s := &program{t: t, cmd: command(t, args...), links: map[string]string{}}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stderr = &s.errs
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() }) // most have ended by then
	lines := bufio.NewScanner(out)
	for (s.url == "" || len(s.links) < links) && lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "Atelier is at "); ok {
			s.url = url
			continue
		}
		role, link, _ := strings.Cut(lines.Text(), " ")
		where, token, ok := strings.Cut(strings.TrimSpace(link), "/sign-in?token=")
		if !ok || where != s.url {
			t.Fatalf("it prints %q", lines.Text())
		}
		s.links[role], s.roles = token, append(s.roles, role)
	}
	if len(s.links) < links || s.url == "" {
		_ = s.cmd.Wait()
		t.Fatalf("it ended: %s", s.errs.String())
	}
	return s
}

// stop stops the program as a service manager does, and gives its exit code.
func (s *program) stop() int {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	return s.wait()
}

func (s *program) wait() int {
	s.t.Helper()
	var exit *exec.ExitError
	if err := s.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return s.cmd.ProcessState.ExitCode()
}

// send makes a request of the API and decodes the answer.
func (s *program) send(method, path, cookie string, body io.Reader, answer any) *http.Response {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cookie", cookie)
	got, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err == nil && answer != nil {
		err = json.Unmarshal(text, answer)
	}
	if err != nil || got.StatusCode >= 300 {
		s.t.Fatalf("%s %s: %s, %v: %s", method, path, got.Status, err, text)
	}
	return got
}

// signIn opens a link and gives the cookie.
func (s *program) signIn(role string) string {
	s.t.Helper()
	got := s.send("POST", "/api/sign-in", "", strings.NewReader(fmt.Sprintf(`{"token":%q}`, s.links[role])), nil)
	if len(got.Cookies()) != 1 {
		s.t.Fatalf("%d cookies", len(got.Cookies()))
	}
	return got.Cookies()[0].Name + "=" + got.Cookies()[0].Value
}

// answer is what came back, if anything did.
type answer struct {
	status int
	body   string
	err    error
}

// slow makes a workshop with a body of which only the beginning is sent, and
// comes back when the server has said that it wants the rest.
func (s *program) slow(cookie, beginning string) (rest *io.PipeWriter, answers <-chan answer) {
	s.t.Helper()
	body, rest := io.Pipe()
	wanted, done := make(chan struct{}), make(chan answer, 1)
	ctx := httptrace.WithClientTrace(s.t.Context(), &httptrace.ClientTrace{Got100Continue: func() { close(wanted) }})
	r, err := http.NewRequestWithContext(ctx, "POST", s.url+"/api/workshops", body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header = http.Header{"Content-Type": {"application/json"}, "Cookie": {cookie}, "Expect": {"100-continue"}}
	patient := http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute, DisableKeepAlives: true}}
	go func() {
		got, err := patient.Do(r)
		if err != nil {
			done <- answer{err: err}
			return
		}
		defer got.Body.Close()
		text, err := io.ReadAll(got.Body)
		done <- answer{got.StatusCode, string(text), err}
	}()
	select {
	case <-wanted:
	case got := <-done:
		s.t.Fatalf("the server wants nothing of it: %+v", got)
	}
	if _, err := io.WriteString(rest, beginning); err != nil {
		s.t.Fatal(err)
	}
	return rest, done
}

// me is what the tests read of who is signed in.
type me struct {
	User        struct{ Name string }
	Memberships []struct {
		Workshop struct{ ID, Name string }
		Roles    []string
	}
	CanImport bool `json:"can_import"`
}

// TestTheFirstLinkSignsIn starts a new installation as its owner would, twice.
func TestTheFirstLinkSignsIn(t *testing.T) {
	data := t.TempDir()
	s := start(t, 1, "--data", data, "serve", "--listen", "127.0.0.1:0")
	var who me
	cookie := s.signIn("administrator")
	s.send("GET", "/api/me", cookie, nil, &who)
	if !who.CanImport || len(who.Memberships) != 0 {
		t.Errorf("the first account: %+v", who)
	}
	var domains []struct {
		ID      string
		HasText bool `json:"has_text"`
	}
	s.send("GET", "/api/domains", cookie, nil, &domains)
	if len(domains) == 0 || domains[0].HasText {
		t.Errorf("the built-in index is not there: %+v", domains)
	}
	s.client.CloseIdleConnections()
	if code := s.stop(); code != 0 {
		t.Errorf("stopped with exit %d: %s", code, s.errs.String())
	}
	again := start(t, 0, "--data", data, "serve", "--listen", "127.0.0.1:0")
	if code := again.stop(); code != 0 || len(again.links) != 0 {
		t.Errorf("the second start: exit %d, links %v", code, again.links)
	}
}

// TestTheDemosLinksWorkAtEveryStart follows each of them.
func TestTheDemosLinksWorkAtEveryStart(t *testing.T) {
	data := t.TempDir()
	workshop := ""
	for range 2 {
		s := start(t, 6, "--data", data, "serve", "--listen", "127.0.0.1:0", "--demo")
		if want := []string{"administrator", "facilitator", "maintainer", "reviewer", "participant", "observer"}; !slices.Equal(s.roles, want) {
			t.Fatalf("links for %v", s.roles)
		}
		for _, role := range s.roles {
			s.signIn(role)
			var who me
			s.send("GET", "/api/me", s.signIn(role), nil, &who)
			if len(who.Memberships) != 1 {
				t.Fatalf("the %s is in %+v", role, who.Memberships)
			}
			in := who.Memberships[0]
			if role != "administrator" && !slices.Equal(in.Roles, []string{role}) || role == "administrator" && !who.CanImport {
				t.Errorf("the %s has the roles %v", role, in.Roles)
			}
			if workshop == "" {
				workshop = in.Workshop.ID
			}
			if in.Workshop.ID != workshop {
				t.Error("the second start made another workshop")
			}
		}
		s.client.CloseIdleConnections()
		if code := s.stop(); code != 0 {
			t.Errorf("stopped with exit %d: %s", code, s.errs.String())
		}
	}
}

// TestStopIsGraceful: an open socket is told to come back, a request that is
// under way is answered, and the program ends in time.
func TestStopIsGraceful(t *testing.T) {
	s := start(t, 1, "--data", t.TempDir(), "serve", "--listen", "127.0.0.1:0")
	cookie := s.signIn("administrator")
	dial := websocket.Dialer{Subprotocols: []string{realtime.Subprotocol}}
	ws, answer, err := dial.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.url, "http")+"/ws", http.Header{"Cookie": {cookie}, "Origin": {s.url}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	defer ws.Close()

	write, answers := s.slow(cookie, `{"name": "Slow", "starts_on": "2026-12-01", "ends_on": "2026-12-01",`)
	began := time.Now()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	var closed *websocket.CloseError
	if _, _, err := ws.ReadMessage(); !errors.As(err, &closed) || closed.Code != websocket.CloseGoingAway {
		t.Errorf("the socket ends with %v", err)
	}
	if _, err := io.WriteString(write, ` "place": "Here", "tlp": "clear", "domain": "enterprise-attack"}`); err != nil {
		t.Fatal(err)
	}
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-answers:
		if got.err != nil || got.status != 200 || !strings.Contains(got.body, `"name":"Slow"`) {
			t.Errorf("the answer is %+v", got)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the request was not answered")
	}
	if code := s.wait(); code != 0 || time.Since(began) > 10*time.Second {
		t.Errorf("exit %d after %s: %s", code, time.Since(began), s.errs.String())
	}
}

// TestStopDoesNotWaitForEver: a request that never ends is cut off.
func TestStopDoesNotWaitForEver(t *testing.T) {
	s := start(t, 1, "--data", t.TempDir(), "serve", "--listen", "127.0.0.1:0")
	cookie := s.signIn("administrator")
	write, answers := s.slow(cookie, `{`)
	began := time.Now()
	code := s.stop()
	if took := time.Since(began); took > 10*time.Second || code != 0 {
		t.Errorf("exit %d after %s: %s", code, took, s.errs.String())
	}
	_ = write.CloseWithError(io.ErrClosedPipe) // the client waits for the rest
	<-answers
}

// TestAnImportBesideAServerIsShown: the command line and the server are two
// processes on one database.
func TestAnImportBesideAServerIsShown(t *testing.T) {
	data := t.TempDir()
	s := start(t, 1, "--data", data, "serve", "--listen", "127.0.0.1:0")
	cookie := s.signIn("administrator")
	if code, _, errs := atelier(t, "--data", data, "import", odd); code != 0 {
		t.Fatal(errs)
	}
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		var domains []struct{ ID string }
		s.send("GET", "/api/domains", cookie, nil, &domains)
		if slices.ContainsFunc(domains, func(d struct{ ID string }) bool { return d.ID == "odd-attack" }) {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("the server still shows %+v", domains)
		}
	}
	s.client.CloseIdleConnections()
	if code := s.stop(); code != 0 {
		t.Errorf("stopped with exit %d: %s", code, s.errs.String())
	}
}
