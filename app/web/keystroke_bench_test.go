package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/atelier-attack/atelier/app"
	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/realtime/cowrite"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
)

// What a letter may take from who types it to the others in its text, in the
// middle of all, while so many texts are written at once.
const (
	keystroke    = 50 * time.Millisecond
	writtenTexts = 25
	writers      = 8 // in each
	letters      = 25
	typing       = 200 * time.Millisecond // between two letters of one person
)

// BenchmarkKeystroke has 8 people in each of 25 texts type 5 letters a second,
// each over HTTP and with a websocket of their own, and measures when the
// others have each letter. The people's programs and the server share the
// machine. The floor is a websocket that says the same bytes back.
func BenchmarkKeystroke(b *testing.B) {
	a, address, _ := serveForBench(b, "enterprise-attack-18.1.json.gz")
	room := openTexts(b, a, address)
	var heard []time.Duration
	for b.Loop() {
		heard = room.write(b)
	}
	slices.Sort(heard)
	at := func(share float64) float64 {
		return float64(heard[int(share*float64(len(heard)-1))].Microseconds()) / 1000
	}
	floor := float64(echo(b).Microseconds()) / 1000
	b.ReportMetric(at(0.5), "ms-p50")
	b.ReportMetric(at(0.95), "ms-p95")
	b.ReportMetric(at(0.5)/floor, "x-floor")
	b.ReportMetric(0, "ns/op")
	if limit := float64(keystroke.Milliseconds()); at(0.5) > limit {
		b.Errorf("in the middle a letter takes %.1f ms to the others; %.0f are the limit", at(0.5), limit)
	}
}

// texts are drafts of a workshop, and the cookies of who writes in them.
type texts struct {
	address, workshop string
	drafts, cookies   []string
	client            *http.Client
}

func openTexts(b *testing.B, a *app.Atelier, address string) texts {
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	r := texts{address: address, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: writtenTexts * writers}}}
	b.Cleanup(r.client.CloseIdleConnections)
	var users []string
	var w workshop.Workshop
	for i := range writers {
		one, err := a.People.Add(b.Context(), people.Account{User: people.User{Name: fmt.Sprint("Writer ", i)}})
		must(err)
		cookie, _, err := a.People.Start(b.Context(), one.ID)
		must(err)
		users, r.cookies = append(users, one.ID), append(r.cookies, cookie)
		if i == 0 {
			w, err = a.Workshops.Create(b.Context(), one.ID, workshop.Workshop{Domain: "enterprise-attack", JoinOpen: true,
				Brief: workshop.Brief{Name: "Texts", StartsOn: "2026-12-01", EndsOn: "2026-12-01", TLP: "clear"}})
			must(err)
			r.workshop = w.ID
			continue
		}
		in, err := a.Workshops.Invitation(b.Context(), w.ID)
		must(err)
		_, err = a.Workshops.Join(b.Context(), in.Code, one.ID)
		must(err)
	}
	actor := review.Actor{User: users[0], Workshop: w.ID, Roles: []review.Role{review.Participant}}
	for range writtenTexts {
		d, err := a.Proposals.Start(b.Context(), actor, "enterprise-attack", review.NewProposal{Kind: attack.NewTechnique})
		must(err)
		_, err = a.Proposals.Invite(b.Context(), actor, d.Proposal.ID, review.Authors{Users: users[1:]})
		must(err)
		_, err = a.Proposals.OpenTexts(b.Context(), actor, d.Proposal.ID)
		must(err)
		r.drafts = append(r.drafts, d.Proposal.ID)
	}
	return r
}

// write lets all type, and gives how long each letter took to each of the
// others.
func (r texts) write(b *testing.B) []time.Duration {
	var typed sync.Map // when each letter was typed, by its client and number
	heard := make([][]time.Duration, len(r.drafts)*writers)
	var listening, all sync.WaitGroup
	ctx, stop := context.WithCancel(b.Context())
	run := rand.Uint32()
	for i, draft := range r.drafts {
		for j, cookie := range r.cookies {
			client := fmt.Sprint(run, " ", i, " ", j)
			start, err := r.version(draft, cookie)
			if err != nil {
				b.Fatal(err)
			}
			ws := r.follow(b, draft, cookie, start)
			listening.Go(func() {
				stopped := context.AfterFunc(ctx, func() { _ = ws.Close() })
				defer stopped()
				heard[i*writers+j] = listen(ws, client, &typed)
			})
			all.Go(func() {
				if err := r.types(draft, cookie, client, start, &typed); err != nil {
					b.Error(err)
				}
			})
		}
	}
	all.Wait()
	time.Sleep(typing)
	stop()
	listening.Wait()
	return slices.Concat(heard...)
}

func (r texts) ask(method, path, cookie, body string, answer any) error {
	request, err := http.NewRequest(method, r.address+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Cookie", "atelier_session="+cookie)
	request.Header.Set("Content-Type", "application/json")
	got, err := r.client.Do(request)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	if got.StatusCode != http.StatusOK {
		var said bytes.Buffer
		_, _ = said.ReadFrom(got.Body)
		return fmt.Errorf("%s %s: %s %s", method, path, got.Status, said.String())
	}
	return json.NewDecoder(got.Body).Decode(answer)
}

func (r texts) text(draft string) string {
	return "/api/workshops/" + r.workshop + "/proposals/" + draft + "/texts/" + attack.FieldDescription
}

func (r texts) version(draft, cookie string) (int64, error) {
	var now cowrite.Text
	err := r.ask("GET", r.text(draft), cookie, "", &now)
	return now.Version, err
}

func (r texts) follow(b *testing.B, draft, cookie string, after int64) *websocket.Conn {
	d := websocket.Dialer{Subprotocols: []string{"atelier.v1"}, EnableCompression: true}
	ws, _, err := d.DialContext(b.Context(), strings.Replace(r.address, "http", "ws", 1)+"/ws", http.Header{"Cookie": {"atelier_session=" + cookie}})
	if err != nil {
		b.Fatal(err)
	}
	subscribe := fmt.Sprintf(`{"type":"subscribe","workshop":%q,"text":%q,"field":%q,"after":%d}`, r.workshop, review.TextsOf(draft), attack.FieldDescription, after)
	if err := ws.WriteMessage(websocket.TextMessage, []byte(subscribe)); err != nil {
		b.Fatal(err)
	}
	return ws
}

// types has one person type at the beginning of a text, in which every change
// is a letter: it is as long as its version says.
func (r texts) types(draft, cookie, client string, version int64, typed *sync.Map) error {
	time.Sleep(rand.N(typing))
	next := time.Now()
	for n := range letters {
		time.Sleep(time.Until(next))
		next = next.Add(typing)
		changes := fmt.Sprintf(`[[0,"x"],%d]`, version)
		if version == 0 {
			changes = `[[0,"x"]]`
		}
		typed.Store(fmt.Sprint(client, " ", n+1), time.Now())
		var pushed cowrite.Pushed
		body := fmt.Sprintf(`{"client":%q,"version":%d,"first":%d,"changes":[%s]}`, client, version, n+1, changes)
		if err := r.ask("POST", r.text(draft), cookie, body, &pushed); err != nil {
			return err
		}
		version = pushed.Version
	}
	return nil
}

// listen notes how long the letters of others took.
func listen(ws *websocket.Conn, own string, typed *sync.Map) []time.Duration {
	var heard []time.Duration
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			return heard
		}
		now := time.Now()
		var f struct{ Updates []cowrite.Update }
		if json.Unmarshal(text, &f) != nil {
			continue
		}
		for _, u := range f.Updates {
			if at, ok := typed.Load(fmt.Sprint(u.Client, " ", u.Number)); ok && u.Client != own {
				heard = append(heard, now.Sub(at.(time.Time)))
			}
		}
	}
}

// echo gives how long a websocket takes to say back what a letter is.
func echo(b *testing.B) time.Duration {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		for {
			kind, text, err := ws.ReadMessage()
			if err != nil || ws.WriteMessage(kind, text) != nil {
				return
			}
		}
	}))
	defer server.Close()
	ws, _, err := websocket.DefaultDialer.Dial(strings.Replace(server.URL, "http", "ws", 1), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer ws.Close()
	update, err := json.Marshal(map[string]any{"type": "updates", "text": review.TextsOf("00000000-0000-4000-9000-000000000001"), "field": attack.FieldDescription,
		"updates": []any{map[string]any{"version": 1000, "author": "00000000-0000-4000-9000-000000000002", "client": "00000000000000000000000000000000", "number": 100, "changes": []any{[]any{0, "x"}, 999}}}})
	if err != nil {
		b.Fatal(err)
	}
	took := make([]time.Duration, 500)
	for i := range took {
		start := time.Now()
		if err := ws.WriteMessage(websocket.TextMessage, update); err != nil {
			b.Fatal(err)
		}
		if _, _, err := ws.ReadMessage(); err != nil {
			b.Fatal(err)
		}
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	return took[len(took)/2]
}
