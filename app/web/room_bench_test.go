package web_test

import (
	"bytes"
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
)

// What a message may take from who posts it to the others in the room, for the
// middle of all, while so many people talk as fast as they can read.
const (
	messageArrives = 50 * time.Millisecond
	inTheRoom      = 150
	talking        = 10 // of them, a message a second each
	posted         = 8  // by each who talks
)

// BenchmarkMessage has 10 of 150 people in a room post, and measures when the
// others have each message on their websockets. The people's programs and the
// server share the machine. The floor is a websocket that says the same bytes
// back.
func BenchmarkMessage(b *testing.B) {
	a, address, _ := serveForBench(b, "enterprise-attack-18.1.json.gz")
	room := openBenchRoom(b, a, address, inTheRoom)
	var heard []time.Duration
	var event []byte
	for b.Loop() {
		heard, event = room.talk(b)
	}
	reportHeard(b, heard, event, messageArrives)
}

// talk lets some post, and gives how long each message took to each of the
// others, and what one of them looked like.
func (r benchRoom) talk(b *testing.B) ([]time.Duration, []byte) {
	var said sync.Map // when each message was posted, by its text
	heard := make([][]time.Duration, len(r.cookies))
	var event []byte
	var listening, all sync.WaitGroup
	var seq struct{ Seq int64 }
	if err := r.ask("GET", "/api/workshops/"+r.workshop, r.cookies[0], "", &seq); err != nil {
		b.Fatal(err)
	}
	run := rand.Uint32()
	sockets := make([]*websocket.Conn, len(r.cookies))
	for i, cookie := range r.cookies {
		sockets[i] = r.subscribe(b, cookie, fmt.Sprintf(`{"type":"subscribe","workshop":%q,"after":%d}`, r.workshop, seq.Seq))
		listening.Go(func() {
			for len(heard[i]) < talking*posted {
				_, text, err := sockets[i].ReadMessage()
				if err != nil {
					b.Errorf("after %d messages: %v", len(heard[i]), err)
					return
				}
				now := time.Now()
				var f frame
				if json.Unmarshal(text, &f) != nil {
					continue
				}
				for _, e := range f.Events {
					var d struct{ Message struct{ Body string } }
					if json.Unmarshal(e.Data, &d) != nil {
						continue
					}
					if at, ok := said.Load(d.Message.Body); ok {
						heard[i] = append(heard[i], now.Sub(at.(time.Time)))
						if i == 0 {
							event = text
						}
					}
				}
			}
		})
	}
	for i := range talking {
		all.Go(func() {
			time.Sleep(rand.N(time.Second))
			for n := range posted {
				body := fmt.Sprintf("%d: message %d of person %d", run, n, i)
				said.Store(body, time.Now())
				var m struct{ ID string }
				if err := r.ask("POST", "/api/workshops/"+r.workshop+"/messages", r.cookies[i], fmt.Sprintf(`{"body":%q}`, body), &m); err != nil {
					b.Error(err)
					return
				}
				time.Sleep(time.Second)
			}
		})
	}
	all.Wait()
	listening.Wait()
	for _, ws := range sockets {
		_ = ws.Close()
	}
	return slices.Concat(heard...), event
}

// reportHeard prints how long what was sent took to the others, beside what the
// same bytes take through a websocket that says them back, and fails the
// benchmark when the middle takes longer than the limit.
func reportHeard(b *testing.B, heard []time.Duration, sent []byte, limit time.Duration) {
	b.Helper()
	slices.Sort(heard)
	at := func(share float64) float64 {
		return float64(heard[int(share*float64(len(heard)-1))].Microseconds()) / 1000
	}
	floor := float64(echo(b, sent).Microseconds()) / 1000
	b.ReportMetric(at(0.5), "ms-p50")
	b.ReportMetric(at(0.95), "ms-p95")
	b.ReportMetric(at(1), "ms-max")
	b.ReportMetric(at(0.5)/floor, "x-floor")
	b.ReportMetric(0, "ns/op")
	if most := float64(limit.Milliseconds()); at(0.5) > most {
		b.Errorf("in the middle it takes %.1f ms to the others; %.0f are the limit", at(0.5), most)
	}
}

// benchRoom is a workshop, and the ids and cookies of its people.
type benchRoom struct {
	address, workshop string
	users, cookies    []string
	client            *http.Client
}

func openBenchRoom(b *testing.B, a *app.Atelier, address string, size int) benchRoom {
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	r := benchRoom{address: address, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: writtenTexts * writers}}}
	b.Cleanup(r.client.CloseIdleConnections)
	for i := range size {
		one, err := a.People.Add(b.Context(), people.Account{User: people.User{Name: fmt.Sprint("Person ", i)}})
		must(err)
		cookie, _, err := a.People.Start(b.Context(), one.ID)
		must(err)
		r.users, r.cookies = append(r.users, one.ID), append(r.cookies, cookie)
		if i == 0 {
			w, err := a.Workshops.Create(b.Context(), one.ID, workshop.Workshop{Domain: "enterprise-attack", JoinOpen: true,
				Brief: workshop.Brief{Name: "Texts", StartsOn: "2026-12-01", EndsOn: "2026-12-01", TLP: "clear"}})
			must(err)
			r.workshop = w.ID
			continue
		}
		in, err := a.Workshops.Invitation(b.Context(), r.workshop)
		must(err)
		_, err = a.Workshops.Join(b.Context(), in.Code, one.ID)
		must(err)
	}
	return r
}

func (r benchRoom) ask(method, path, cookie, body string, answer any) error {
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

func (r benchRoom) subscribe(b *testing.B, cookie, subscribe string) *websocket.Conn {
	d := websocket.Dialer{Subprotocols: []string{"atelier.v1"}, EnableCompression: true}
	ws, _, err := d.DialContext(b.Context(), strings.Replace(r.address, "http", "ws", 1)+"/ws", http.Header{"Cookie": {"atelier_session=" + cookie}})
	if err != nil {
		b.Fatal(err)
	}
	if err := ws.WriteMessage(websocket.TextMessage, []byte(subscribe)); err != nil {
		b.Fatal(err)
	}
	return ws
}

// echo gives how long a websocket takes to say a text back.
func echo(b *testing.B, text []byte) time.Duration {
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
	took := make([]time.Duration, 500)
	for i := range took {
		start := time.Now()
		if err := ws.WriteMessage(websocket.TextMessage, text); err != nil {
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
