package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

// page is what a page has of a room: read once, and kept up to date by events.
type page struct {
	Seq      int64
	Messages map[string]map[string]any
	Polls    map[string]map[string]any
}

// room is what a server says that a room is.
type room struct {
	Seq      int64
	Messages []map[string]any
	Polls    []map[string]any
}

func (r room) page() page {
	v := page{r.Seq, map[string]map[string]any{}, map[string]map[string]any{}}
	for _, m := range r.Messages {
		v.Messages[m["id"].(string)] = m
	}
	for _, p := range r.Polls {
		v.Polls[p["id"].(string)] = p
	}
	return v
}

type event struct {
	Seq  int64
	Kind string
	Data struct {
		Message map[string]any
		Poll    map[string]any
		Vote    *struct {
			Poll, User string
			Ballot     []any
			Tally      map[string]any
		}
	}
}

// apply takes in the next event.
func (v *page) apply(e event) error {
	if e.Seq != v.Seq+1 {
		return fmt.Errorf("event %d came after %d", e.Seq, v.Seq)
	}
	v.Seq = e.Seq
	switch {
	case e.Data.Message != nil:
		v.Messages[e.Data.Message["id"].(string)] = e.Data.Message
	case e.Data.Poll != nil:
		v.Polls[e.Data.Poll["id"].(string)] = e.Data.Poll
	case e.Data.Vote != nil:
		p := v.Polls[e.Data.Vote.Poll]
		p["votes"].(map[string]any)[e.Data.Vote.User] = e.Data.Vote.Ballot
		p["tally"] = e.Data.Vote.Tally
	}
	return nil
}

// said is a message of a client's and how it stands with it by the answers.
type said struct {
	id, body string
	version  int
	deleted  bool
}

// sailor is a client in the storm: a person whose page follows a room and
// writes, one thing after the other, each until it is answered.
type sailor struct {
	*storm
	client
	workshop, poll string
	http           http.Client
	random         *rand.Rand    // of what it writes
	ended          chan struct{} // closed when nothing more is followed

	said    []*said
	voted   int          // option; -1: not yet
	tries   atomic.Int64 // requests, of which
	answers atomic.Int64 // so many were answered

	mu     sync.Mutex // guards what follows
	page   page
	synced bool
	socket int // how many there were
	anew   int // how often the room was read again
	wrong  error
}

// The longest that a client waits for an answer, and for a sign of life.
const patience = 2 * time.Second

func (s *storm) sailor(c *client, workshop, poll string, seed uint64) *sailor {
	return &sailor{storm: s, client: *c, workshop: workshop, poll: poll, voted: -1, random: rand.New(rand.NewPCG(seed, 2)), ended: make(chan struct{}),
		http: http.Client{Timeout: patience, Transport: &http.Transport{}}}
}

func (c *sailor) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wrong == nil && err != nil {
		c.wrong = fmt.Errorf("%s: %w", c.name, err)
	}
}

// ask sends a request, again and again under the same key, until it is answered.
func (c *sailor) ask(method, path string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	key := uuid.NewString()
	for until := time.Now().Add(2 * time.Minute); time.Now().Before(until); {
		c.tries.Add(1)
		status, got, wait, err := c.once(method, path, key, text)
		switch {
		case err != nil || status >= 500: // nobody knows whether it was done
			wait = time.Duration(rand.IntN(200)) * time.Millisecond
		case status == http.StatusOK:
			c.answers.Add(1)
			return json.Unmarshal(got, answer)
		case status != http.StatusTooManyRequests:
			return fmt.Errorf("%s %s: %d %s", method, path, status, got)
		}
		time.Sleep(wait)
	}
	return fmt.Errorf("%s %s was not answered", method, path)
}

func (c *sailor) once(method, path, key string, body []byte) (status int, answer []byte, wait time.Duration, err error) {
	r, err := http.NewRequest(method, c.url()+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cookie", c.cookie)
	r.Header.Set("Idempotency-Key", key)
	got, err := c.http.Do(r)
	if err != nil {
		return 0, nil, 0, err
	}
	defer got.Body.Close()
	answer, err = io.ReadAll(got.Body)
	seconds, _ := strconv.Atoi(got.Header.Get("Retry-After"))
	return got.StatusCode, answer, time.Duration(seconds) * time.Second, err
}

// write does one thing after the other until the context ends.
func (c *sailor) write(ctx context.Context, pause time.Duration) {
	for ctx.Err() == nil {
		if err := c.act(); err != nil {
			c.fail(err)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(c.random.Int64N(int64(2 * pause)))):
		}
	}
}

// act says something, says it better, takes it back, or votes.
func (c *sailor) act() error {
	var answer struct{ ID string }
	var old *said
	if n := len(c.said); n > 0 && !c.said[n-1].deleted {
		old = c.said[n-1]
	}
	switch n := c.random.IntN(10); {
	case n < 2 && old != nil:
		body := fmt.Sprintf("%s, or rather %d", old.body, c.random.IntN(100))
		err := c.ask(http.MethodPatch, c.room+"/messages/"+old.id, map[string]any{"body": body, "version": old.version}, &answer)
		old.body, old.version = body, old.version+1
		return err
	case n < 3 && old != nil:
		old.deleted = true
		return c.ask(http.MethodDelete, c.room+"/messages/"+old.id, nil, &answer)
	case n < 5:
		c.voted = c.random.IntN(3)
		return c.ask(http.MethodPost, c.room+"/polls/"+c.poll+"/vote", map[string]any{"ballot": []int{c.voted}}, &answer)
	}
	next := &said{body: fmt.Sprintf("%s says %d", c.name, len(c.said)), version: 1}
	err := c.ask(http.MethodPost, c.room+"/messages", map[string]any{"body": next.body}, &answer)
	next.id = answer.ID
	c.said = append(c.said, next)
	return err
}

// follow keeps a page up to date until the context ends.
func (c *sailor) follow(ctx context.Context) {
	defer close(c.ended)
	for ctx.Err() == nil {
		err := c.listen(ctx)
		c.mu.Lock()
		c.synced = false
		c.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			c.fail(err)
			return
		}
		time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond)
	}
}

// listen follows by one socket until that ends; an error is what must not
// happen.
func (c *sailor) listen(ctx context.Context) error {
	d := websocket.Dialer{HandshakeTimeout: patience, Subprotocols: []string{"atelier.v1"}}
	ws, answer, err := d.DialContext(ctx, strings.Replace(c.url(), "http", "ws", 1)+"/ws", http.Header{"Cookie": {c.cookie}})
	if err != nil {
		if answer != nil && answer.StatusCode != http.StatusSwitchingProtocols && answer.StatusCode < 500 {
			return fmt.Errorf("open a socket: %s", answer.Status)
		}
		return nil
	}
	defer ws.Close()
	defer context.AfterFunc(ctx, func() { _ = ws.Close() })()
	c.mu.Lock()
	after := c.page.Seq
	c.socket++
	c.mu.Unlock()
	if ws.WriteJSON(map[string]any{"type": "subscribe", "workshop": c.workshop, "after": after}) != nil {
		return nil
	}
	for {
		_ = ws.SetReadDeadline(time.Now().Add(patience))
		_, text, err := ws.ReadMessage()
		var closed *websocket.CloseError
		if errors.As(err, &closed) && closed.Code >= 4400 {
			return fmt.Errorf("a socket was closed: %w", err)
		}
		if err != nil {
			return nil
		}
		if again, err := c.hear(text); err != nil || again {
			return err
		}
	}
}

// hear takes in one frame; again: the socket is of no more use.
func (c *sailor) hear(text []byte) (again bool, err error) {
	var f struct {
		Type, Code, Message string
		Events              []event
		Seq                 int64
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return false, fmt.Errorf("a frame %.100q: %w", text, err)
	}
	if f.Type == "error" && f.Code == "stale" {
		return true, c.read()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range f.Events {
		if err := c.page.apply(e); err != nil {
			return false, err
		}
	}
	if f.Type == "synced" {
		if c.synced = f.Seq == c.page.Seq; !c.synced {
			return false, fmt.Errorf("it is said to be in sync at %d, and is at %d", f.Seq, c.page.Seq)
		}
	}
	return f.Type == "error", nil // such as when the database is away
}

// read reads the room anew.
func (c *sailor) read() error {
	var now room
	if err := c.ask(http.MethodGet, c.room, nil, &now); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.page = now.page()
	c.anew++
	return nil
}

func (c *sailor) at() (seq int64, synced bool, wrong error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.page.Seq, c.synced, c.wrong
}
