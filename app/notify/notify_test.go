package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// room is a workshop in which Ana, Bo and Cleo talk.
type room struct {
	*discuss.Discussion
	t       *testing.T
	db      *gorm.DB
	journal *journal.Journal
	notices *Notices
}

func newRoom(t *testing.T, db *gorm.DB) *room {
	t.Helper()
	for _, sql := range []string{
		`INSERT INTO users (id, name, organisation, created_at) VALUES ('ana', 'Ana', 'A', '2026-01-01 00:00:00'), ('bo', 'Bo', '', '2026-01-01 00:00:00'), ('cleo', 'Cleo', '', '2026-01-01 00:00:00')`,
		`INSERT INTO workshops (id, name, summary, starts_on, ends_on, place, tlp, domain, agenda, policy, join_open, join_code, revision, created_by, created_at)
		 VALUES ('w', 'Winter', '', '', '', '', 'clear', 'd', '[]', '{}', true, 'C', 1, 'ana', '2026-01-01 00:00:00')`,
		`INSERT INTO members (workshop_id, user_id, roles, joined_at) SELECT 'w', id, '["participant"]', '2026-01-01 00:00:00' FROM users`,
	} {
		if err := db.Exec(sql).Error; err != nil {
			t.Fatal(err)
		}
	}
	r := &room{t: t, db: db, journal: journal.New(db)}
	r.Discussion = discuss.New(db, r.journal, markdown.New(markdown.Rules{}), func(*gorm.DB, string, string, map[string]string) ([]typed.Explained, error) { return nil, nil })
	people := []discuss.Person{{User: "ana", Name: "Ana"}, {User: "bo", Name: "Bo"}, {User: "cleo", Name: "Cleo"}}
	r.Refer(func(*gorm.DB, string, string) (discuss.Find, error) { return discuss.Mentions(people), nil })
	r.notices = r.another()
	return r
}

// another makes the Notices of another process.
func (r *room) another() *Notices {
	n := New(r.db, r.journal, slog.New(slog.DiscardHandler), func(*gorm.DB, string) ([]review.Actor, error) { return nil, nil })
	n.lookAgain = 20 * time.Millisecond
	return n
}

func (r *room) say(author, thread, body string) discuss.Message {
	r.t.Helper()
	m, err := r.Post(r.t.Context(), "w", author, discuss.Anchor{Type: "workshop", ID: "w"}, discuss.NewMessage{Thread: thread, Body: body})
	if err != nil {
		r.t.Fatal(err)
	}
	return m
}

func (r *room) follow() {
	r.t.Helper()
	if err := r.notices.Follow(r.t.Context(), "w"); err != nil {
		r.t.Fatal(err)
	}
}

// sees gives what a person is told, oldest first; what is not read has a star.
func (r *room) sees(user string) []string {
	r.t.Helper()
	w, err := r.notices.List(r.t.Context(), user, false)
	if err != nil {
		r.t.Fatal(err)
	}
	lines, unread := []string{}, 0
	for _, i := range slices.Backward(w.Items) {
		line := i.Text
		if i.Excerpt != "" {
			line += ": " + i.Excerpt
		}
		if i.Unread {
			line, unread = "* "+line, unread+1
		}
		lines = append(lines, line)
	}
	if unread != w.Unread {
		r.t.Errorf("%s has %d unread, told are %d", user, unread, w.Unread)
	}
	return lines
}

func (r *room) want(user string, lines ...string) {
	r.t.Helper()
	if diff := cmp.Diff(append([]string{}, lines...), r.sees(user)); diff != "" {
		r.t.Errorf("%s sees (+):\n%s", user, diff)
	}
}

func TestWhatIsReadOrGoneIsNotTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		r, ctx := newRoom(t, db), t.Context()
		first := r.say("ana", "", "Who knows kettles?")
		second := r.say("bo", first.ID, "Ask @Cleo, @Ana.")
		third := r.say("cleo", first.ID, "I do.")
		r.follow()
		r.want("ana", "* Bo mentioned you in the room: Ask @Cleo, @Ana.", "* Cleo answered you in the room: I do.")
		r.want("cleo", "* Bo mentioned you in the room: Ask @Cleo, @Ana.")
		r.want("bo")

		if err := r.Read(ctx, "w", "ana", []discuss.ReadUpTo{{Thread: first.ID, Seq: second.Seq}}); err != nil {
			t.Fatal(err)
		}
		r.want("ana", "Bo mentioned you in the room: Ask @Cleo, @Ana.", "* Cleo answered you in the room: I do.")
		if err := r.notices.Seen(ctx, "ana", []string{first.ID}); err != nil {
			t.Fatal(err)
		}
		r.want("ana", "Bo mentioned you in the room: Ask @Cleo, @Ana.", "* Cleo answered you in the room: I do.")

		all, err := r.notices.Mark(ctx, "ana", nil, true)
		if err != nil || len(all) != 1 {
			t.Fatalf("marked %v, %v", all, err)
		}
		r.want("ana", "Bo mentioned you in the room: Ask @Cleo, @Ana.", "Cleo answered you in the room: I do.")
		if others, err := r.notices.Mark(ctx, "bo", all, false); err != nil || len(others) != 0 {
			t.Errorf("who is another's marked %v, %v", others, err)
		}
		if back, err := r.notices.Mark(ctx, "ana", all, false); err != nil || !slices.Equal(back, all) {
			t.Errorf("taken back are %v, %v", back, err)
		}
		r.want("ana", "Bo mentioned you in the room: Ask @Cleo, @Ana.", "* Cleo answered you in the room: I do.")

		if _, err := r.Edit(ctx, "w", "bo", second.ID, discuss.Edit{Body: "Ask her, @Ana.", Version: 1}); err != nil {
			t.Fatal(err)
		}
		r.follow()
		r.want("cleo", "Bo mentioned you in the room: Ask her, @Ana.") // it is not called for her any more
		if _, err := r.Edit(ctx, "w", "cleo", third.ID, discuss.Edit{Body: "I do, @Bo and @Ana.", Version: 1}); err != nil {
			t.Fatal(err)
		}
		r.follow()
		r.want("bo", "* Cleo mentioned you in the room: I do, @Bo and @Ana.")
		r.want("ana", "Bo mentioned you in the room: Ask her, @Ana.", "* Cleo answered you in the room: I do, @Bo and @Ana.")

		if _, err := r.Hide(ctx, "w", "ana", third.ID, "Off topic."); err != nil {
			t.Fatal(err)
		}
		r.want("bo") // at once, before anybody has read the journal
		r.follow()
		r.want("bo")
		if err := db.Exec("DELETE FROM members WHERE user_id = 'ana'").Error; err != nil {
			t.Fatal(err)
		}
		r.want("ana")
	})
}

// TestNothingIsLostOrDoubled has several processes read one journal while it
// grows, and each of them fail in the middle now and then.
func TestNothingIsLostOrDoubled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		r := newRoom(t, db)
		broken := errors.New("the disk is gone")
		var failed atomic.Int64
		err := db.Callback().Create().After("gorm:create").Register("fail", func(db *gorm.DB) {
			if db.Statement.Table == "notices" && rand.IntN(15) == 0 {
				failed.Add(1)
				_ = db.AddError(broken)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		const messages = 30
		ctx, stop := context.WithCancel(t.Context())
		var processes sync.WaitGroup
		for range 3 {
			processes.Go(func() {
				n := r.another()
				for i := 0; ctx.Err() == nil; i++ {
					if i%5 == 4 { // it stops, and starts again
						n = r.another()
					}
					if err := n.Follow(ctx, "w"); err != nil && !errors.Is(err, broken) && ctx.Err() == nil {
						t.Error(err)
						return
					}
				}
			})
		}
		var want []string
		for i := range messages {
			r.say("ana", "", fmt.Sprintf("@Bo number %d", i))
			want = append(want, fmt.Sprintf("* Ana mentioned you in the room: @Bo number %d", i))
		}
		for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
			if w, err := r.notices.List(ctx, "bo", true); err != nil || w.Unread == messages {
				break
			}
		}
		stop()
		processes.Wait()
		r.want("bo", want...)
		if err := db.Exec("UPDATE notice_cursors SET seq = 0").Error; err != nil { // as in a restored copy
			t.Fatal(err)
		}
		for again := r.another(); again.Follow(t.Context(), "w") != nil; again = r.another() {
		}
		r.want("bo", want...)
		if failed.Load() == 0 {
			t.Error("nothing failed")
		}
	})
}

// TestPeopleAreToldOfChanges runs two processes, of which one is told.
func TestPeopleAreToldOfChanges(t *testing.T) {
	r := newRoom(t, storetest.Open(t))
	other := r.another()
	told := make(chan string, 100)
	other.Tell(func(users []string) { told <- strings.Join(users, " ") })
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, n := range []*Notices{r.notices, other} {
		running.Go(func() { n.Run(ctx) })
	}
	hears := func(want string) {
		t.Helper()
		select {
		case got := <-told:
			if got != want {
				t.Errorf("told were %q, not %q", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%q was not told", want)
		}
	}
	m := r.say("ana", "", "Look, @Bo")
	r.notices.Wake("w")
	hears("bo")
	if err := r.Read(ctx, "w", "bo", []discuss.ReadUpTo{{Thread: m.ID, Seq: m.Seq}}); err != nil {
		t.Fatal(err)
	}
	if err := r.notices.Seen(ctx, "bo", []string{m.ID}); err != nil {
		t.Fatal(err)
	}
	hears("bo")
	stop()
	running.Wait()
	if len(told) > 0 {
		t.Errorf("told once more: %s", <-told)
	}
}
