package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"
)

// atOnce is how many people come in at a time.
const atOnce = 64

// target is a server that is driven over HTTP, as browsers do.
type target struct {
	place
	kind   string
	client *http.Client
}

func newTarget(p place, kind string) *target {
	return &target{place: p, kind: kind, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * atOnce}, Timeout: time.Minute}}
}

// person is somebody who is signed in.
type person struct {
	cookie   string
	workshop string // they are in
}

// ask sends a request of a person and reads the answer.
func (t *target) ask(ctx context.Context, p person, method, path string, in, out any) (http.Header, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, method, t.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if method != http.MethodGet {
		r.Header.Set("Idempotency-Key", uuid.NewString())
	}
	if p.cookie != "" {
		r.Header.Set("Cookie", p.cookie)
	}
	got, err := t.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer got.Body.Close()
	answer, err := io.ReadAll(got.Body)
	if err == nil && got.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.300s", got.Status, answer)
	}
	if err == nil && out != nil {
		err = json.Unmarshal(answer, out)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return got.Header, nil
}

// join lets one come in by a code; who has no cookie yet gets one.
func (t *target) join(ctx context.Context, p person, code, name string) (person, error) {
	var joined struct{ Workshop string }
	header, err := t.ask(ctx, p, http.MethodPost, "/api/join", map[string]string{"code": code, "name": name}, &joined)
	if err != nil {
		return p, err
	}
	if p.cookie == "" {
		p.cookie, _, _ = strings.Cut(header.Get("Set-Cookie"), ";")
	}
	p.workshop = joined.Workshop
	return p, nil
}

// gather lets people come into rooms, the i-th into the room that inRoom gives.
// Those who are given are in another room already. The floors ask nobody.
func (t *target) gather(ctx context.Context, people []person, inRoom func(i int) int) ([]person, error) {
	in := make([]person, len(people))
	if t.kind != kindAtelier {
		for i := range in {
			in[i].workshop = channel
		}
		return in, nil
	}
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(atOnce)
	for i, p := range people {
		all.Go(func() (err error) {
			in[i], err = t.join(ctx, p, t.Codes[inRoom(i)], fmt.Sprint("Person ", i))
			return err
		})
	}
	return in, all.Wait()
}

// post says something in the room of a person.
func (t *target) post(ctx context.Context, p person, body string) error {
	_, err := t.ask(ctx, p, http.MethodPost, "/api/workshops/"+p.workshop+"/messages", map[string]string{"body": body}, nil)
	return err
}

// head gives the number of the newest event in a person's room.
func (t *target) head(ctx context.Context, p person) (int64, error) {
	if t.kind != kindAtelier {
		return 0, nil
	}
	var events []struct{ Seq int64 }
	_, err := t.ask(ctx, p, http.MethodGet, "/api/workshops/"+p.workshop+"/events?limit=1", nil, &events)
	if err != nil || len(events) == 0 {
		return 0, err
	}
	return events[0].Seq, nil
}

// dial opens a websocket and asks for what comes after a number.
func (t *target) dial(ctx context.Context, p person, after int64) (*websocket.Conn, error) {
	d := websocket.Dialer{HandshakeTimeout: time.Minute, ReadBufferSize: 4096, WriteBufferSize: 512}
	header := http.Header{}
	if t.kind == kindAtelier {
		d.Subprotocols = []string{"atelier.v1"}
		header.Set("Cookie", p.cookie)
	}
	ws, _, err := d.DialContext(ctx, strings.Replace(t.URL, "http", "ws", 1)+"/ws", header)
	if err != nil {
		return nil, fmt.Errorf("open a websocket: %w", err)
	}
	if hello := t.hello(p, after); hello != "" {
		if err := ws.WriteMessage(websocket.TextMessage, []byte(hello)); err != nil {
			return nil, fmt.Errorf("subscribe: %w", err)
		}
	}
	return ws, nil
}

func (t *target) hello(p person, after int64) string {
	switch t.kind {
	case kindAtelier:
		return fmt.Sprintf(`{"type":"subscribe","workshop":%q,"after":%d}`, p.workshop, after)
	case kindCentrifuge:
		return `{"id":1,"connect":{}}` + "\n" + `{"id":2,"subscribe":{"channel":"` + channel + `"}}`
	}
	return ""
}

// synced is what a frame begins with that says that one misses nothing.
func (t *target) synced() []byte {
	if t.kind == kindCentrifuge {
		return []byte(`{"id":2`)
	}
	return []byte(`{"type":"synced"`)
}
