package realtime_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime"
	"github.com/atelier-attack/atelier/realtime/cowrite"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

var essay = cowrite.Name{Topic: "draft:1", Field: "description"}

// library has a hub with one text, and gives the address of its websocket; the
// name of a person stands in the query.
func library(t *testing.T) (*cowrite.Texts, string) {
	t.Helper()
	db := storetest.Open(t)
	if err := cowrite.Begin(db, essay, ""); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	texts := cowrite.Start(db, log, cowrite.DefaultLimits())
	hub := realtime.NewHub(log, journal.New(db), texts, func(_ context.Context, s realtime.Session, topic realtime.Topic) (bool, error) {
		if s.User == "eve" || topic.Workshop != "w" {
			return false, fault.New(fault.NotFound, "There is no such text.")
		}
		return false, nil
	}, realtime.DefaultLimits())
	texts.Notify(hub.WakeText)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := hub.Upgrade(w, r, realtime.Session{ID: r.RemoteAddr, User: r.URL.RawQuery}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(func() {
		if err := hub.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if err := texts.Close(context.Background()); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return texts, strings.Replace(server.URL, "http", "ws", 1)
}

type heard struct {
	Type, Text, Field, Code string
	Updates                 []cowrite.Update
	Seq                     int64
	Here                    []struct{ User, Place string }
	Left                    []string
}

// follow opens a websocket and follows the text from a version on.
func follow(t *testing.T, address, user string, after int64) *websocket.Conn {
	t.Helper()
	ws, _, err := websocket.DefaultDialer.DialContext(t.Context(), address+"?"+user, http.Header{"Sec-WebSocket-Protocol": {realtime.Subprotocol}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.Close() })
	say(t, ws, fmt.Sprintf(`{"type":"subscribe","workshop":"w","text":"draft:1","field":"description","after":%d}`, after))
	return ws
}

func say(t *testing.T, ws *websocket.Conn, text string) {
	t.Helper()
	if err := ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// hear reads frames until one is wanted.
func hear(t *testing.T, ws *websocket.Conn, wanted func(heard) bool) heard {
	t.Helper()
	if err := ws.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for {
		var f heard
		if err := ws.ReadJSON(&f); err != nil {
			t.Fatalf("no such frame came: %v", err)
		}
		if wanted(f) {
			return f
		}
	}
}

// write pushes one letter at the start of a text that has so many.
func write(t *testing.T, texts *cowrite.Texts, version int64) {
	t.Helper()
	text := `[[0,"x"]]`
	if version > 0 {
		text = fmt.Sprintf(`[[0,"x"],%d]`, version)
	}
	var c cowrite.Changes
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	push := cowrite.Push{Author: "ana", Client: "a", Version: version, First: version + 1, Changes: []cowrite.Changes{c}}
	if _, err := texts.Push(t.Context(), essay, push); err != nil {
		t.Fatal(err)
	}
}

// TestATextIsFollowedFromAnyVersion has some who come before, in the middle and
// after, and makes sure that each gets every update once and in order.
func TestATextIsFollowedFromAnyVersion(t *testing.T) {
	texts, address := library(t)
	const all = 60
	followers := map[int64]*websocket.Conn{0: follow(t, address, "bo", 0)}
	for version := range int64(all) {
		write(t, texts, version)
		if version%20 == 10 {
			followers[version-5] = follow(t, address, "cy", version-5)
		}
	}
	followers[all] = follow(t, address, "dee", all)
	for from, ws := range followers {
		seen := from
		hear(t, ws, func(f heard) bool {
			for _, u := range f.Updates {
				if seen++; u.Version != seen || u.Author != "ana" || u.Number != seen || f.Text != essay.Topic || f.Field != essay.Field {
					t.Fatalf("who has %d got %+v", seen-1, u)
				}
			}
			return seen >= all
		})
		if seen != all {
			t.Errorf("who came with %d has %d", from, seen)
		}
	}
}

func TestATextIsNotFollowedByWhoMayNot(t *testing.T) {
	texts, address := library(t)
	write(t, texts, 0)
	if f := hear(t, follow(t, address, "eve", 0), func(heard) bool { return true }); f.Type != "error" || f.Code != "not_found" {
		t.Errorf("eve heard %+v", f)
	}
	if f := hear(t, follow(t, address, "bo", 7), func(heard) bool { return true }); f.Type != "error" || f.Code != "gone" {
		t.Errorf("who has seen what never was heard %+v", f)
	}
}

// TestWritersSeeEachOthersPlaces passes on what an editor says of its cursor.
func TestWritersSeeEachOthersPlaces(t *testing.T) {
	_, address := library(t)
	bo, cy := follow(t, address, "bo", 0), follow(t, address, "cy", 0)
	at := func(ws *websocket.Conn, user, place string) {
		t.Helper()
		hear(t, ws, func(f heard) bool {
			for _, h := range f.Here {
				if h.User == user && h.Place == place {
					return f.Type == "presence"
				}
			}
			return false
		})
	}
	at(cy, "bo", "")
	say(t, bo, `{"type":"at","text":"draft:1","field":"description","place":"c1 0 3 5"}`)
	at(cy, "bo", "c1 0 3 5")
	if err := bo.Close(); err != nil {
		t.Fatal(err)
	}
	hear(t, cy, func(f heard) bool { return len(f.Left) == 1 && f.Left[0] == "bo" })
}
