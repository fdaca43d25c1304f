package realtime_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime"
	"github.com/atelier-attack/atelier/realtime/bus"
	"github.com/atelier-attack/atelier/realtime/cowrite"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// process is one of several on a database.
type process struct {
	*realtime.Hub
	journal *journal.Journal
	texts   *cowrite.Texts
	url     string
}

func processOn(t *testing.T, db *gorm.DB, line *bus.Line, look time.Duration) process {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	p := process{journal: journal.New(db), texts: cowrite.Start(db, log, cowrite.DefaultLimits())}
	limits := realtime.DefaultLimits()
	limits.Look, limits.Presence = look, 10*time.Millisecond
	p.Hub = realtime.NewHub(log, p.journal, p.texts, func(context.Context, realtime.Session, realtime.Topic) (bool, error) { return false, nil }, limits)
	end := line.Join()
	p.Erases("note.erased")
	if err := p.Join(end); err != nil {
		t.Fatal(err)
	}
	p.journal.Notify(p.Wake)
	p.texts.Notify(p.WakeText)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = p.Upgrade(w, r, realtime.Session{ID: r.URL.RawQuery, User: r.URL.RawQuery})
	}))
	p.url = strings.Replace(server.URL, "http", "ws", 1)
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if err := p.texts.Close(context.Background()); err != nil {
			t.Error(err)
		}
		_ = end.Close()
		server.Close()
	})
	return p
}

type page struct {
	*websocket.Conn
	t *testing.T
}

type told struct {
	Type, Text, About string
	Events            []journal.Event
	Updates           []cowrite.Update
	Full              bool
	Here              []struct{ User, Place string }
	Left              []string
}

// visit follows a topic by a process.
func (p process) visit(t *testing.T, user, wish string) page {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{realtime.Subprotocol}}
	ws, _, err := d.Dial(p.url+"/?"+user, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.Close() })
	v := page{ws, t}
	v.say(wish)
	v.until("synced", func(f told) bool { return f.Type == "synced" })
	return v
}

func (v page) say(wish string) {
	v.t.Helper()
	if err := v.WriteMessage(websocket.TextMessage, []byte(wish)); err != nil {
		v.t.Fatal(err)
	}
}

func (v page) until(what string, is func(told) bool) told {
	v.t.Helper()
	_ = v.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		var f told
		if err := v.ReadJSON(&f); err != nil {
			v.t.Fatalf("%s: %v", what, err)
		}
		if is(f) {
			return f
		}
	}
}

func (p process) writes(t *testing.T, kind, text string) {
	t.Helper()
	_, err := journal.Do(t.Context(), p.journal, func(_ context.Context, tx *journal.Tx) (int, error) {
		_, err := tx.Append("w", "ana", kind, map[string]string{"text": text})
		return 0, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

const inWorkshop = `{"type":"subscribe","workshop":"w","after":0}`

func hears(text string) func(told) bool {
	return func(f told) bool {
		return slices.ContainsFunc(f.Events, func(e journal.Event) bool { return strings.Contains(string(e.Data), text) })
	}
}

// TestProcessesTellEachOther has two of them, with a person at each.
func TestProcessesTellEachOther(t *testing.T) {
	db, line := storetest.OpenPostgres(t), bus.NewLine()
	one, two := processOn(t, db, line, time.Hour), processOn(t, db, line, time.Hour)
	ana, bo := one.visit(t, "ana", inWorkshop), two.visit(t, "bo", inWorkshop)
	one.writes(t, "note.added", "from one")
	two.writes(t, "note.added", "from two")
	seen := map[page]map[string]string{}
	note := func(v page, f told) {
		if seen[v] == nil || f.Full {
			seen[v] = map[string]string{}
		}
		for _, at := range f.Here {
			seen[v][at.User] = at.Place
		}
		for _, user := range f.Left {
			delete(seen[v], user)
		}
	}
	for _, v := range []page{ana, bo} {
		v.until("news", func(f told) bool { // who is there may be told before it
			note(v, f)
			return hears("from two")(f)
		})
	}
	sees := func(v page, want string) {
		t.Helper()
		v.until("presence "+want, func(f told) bool {
			note(v, f)
			text, err := json.Marshal(seen[v])
			return err == nil && string(text) == want
		})
	}
	ana.say(`{"type":"at","workshop":"w","place":"matrix"}`)
	sees(bo, `{"ana":"matrix","bo":""}`)
	cy := two.visit(t, "cy", inWorkshop)
	sees(ana, `{"ana":"matrix","bo":"","cy":""}`)
	two.Hide("w", "ana", true)
	sees(cy, `{"bo":"","cy":""}`)
	_ = bo.Close()
	sees(ana, `{"cy":""}`)
	two.Tell("w", "ana", "draft:1")
	ana.until("what is theirs alone", func(f told) bool { return f.Type == "yours" && f.About == "draft:1" })
	two.Resume("ana")
	for {
		if _, _, err := ana.ReadMessage(); err != nil {
			if !websocket.IsCloseError(err, realtime.CloseResume) {
				t.Errorf("resume: %v", err)
			}
			break
		}
	}
	_ = cy.Close()
}

// TestATextGoesToAllProcesses writes by one and reads by another.
func TestATextGoesToAllProcesses(t *testing.T) {
	db, line := storetest.OpenPostgres(t), bus.NewLine()
	one, two := processOn(t, db, line, time.Hour), processOn(t, db, line, time.Hour)
	name := cowrite.Name{Topic: "draft:1", Field: "name"}
	if err := cowrite.Begin(db, name, ""); err != nil {
		t.Fatal(err)
	}
	bo := two.visit(t, "bo", `{"type":"subscribe","text":"draft:1","field":"name","after":0}`)
	for i, letters := range []string{`[[0,"a"]]`, `[[0,"b"],1]`} {
		var c cowrite.Changes
		if err := json.Unmarshal([]byte(letters), &c); err != nil {
			t.Fatal(err)
		}
		if _, err := one.texts.Push(t.Context(), name, cowrite.Push{Author: "ana", Client: "c", Version: int64(i), First: int64(i) + 1, Changes: []cowrite.Changes{c}}); err != nil {
			t.Fatal(err)
		}
		bo.until(fmt.Sprint("version ", i+1), func(f told) bool { return len(f.Updates) > 0 && f.Updates[len(f.Updates)-1].Version == int64(i)+1 })
	}
}

// TestWhatTheBusLosesIsFoundByLooking cuts it while something is written, and
// while an older event is erased.
func TestWhatTheBusLosesIsFoundByLooking(t *testing.T) {
	db, line := storetest.OpenPostgres(t), bus.NewLine()
	one, two := processOn(t, db, line, time.Hour), processOn(t, db, line, 100*time.Millisecond)
	bo := two.visit(t, "bo", inWorkshop)
	one.writes(t, "note.added", "secret")
	bo.until("news", hears("secret"))
	line.Cut(true)
	_, err := journal.Do(t.Context(), one.journal, func(_ context.Context, tx *journal.Tx) (int, error) {
		if _, err := tx.Append("w", "ana", "note.erased", map[string]string{"text": "gone"}); err != nil {
			return 0, err
		}
		return 0, tx.Rewrite("w", 1, map[string]string{"text": "nothing"})
	})
	if err != nil {
		t.Fatal(err)
	}
	bo.until("what nobody told", hears("gone"))
	late := two.visit(t, "cy", `{"type":"subscribe","workshop":"x","after":0}`)
	late.say(inWorkshop)
	if f := late.until("the past", func(f told) bool { return len(f.Events) > 0 }); hears("secret")(f) || !hears("nothing")(f) {
		t.Errorf("who comes late gets %s", f.Events[0].Data)
	}
	line.Cut(false)
	one.writes(t, "note.added", "told again")
	bo.until("news", hears("told again"))
}
