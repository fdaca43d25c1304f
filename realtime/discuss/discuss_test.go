package discuss_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/realtime/typed"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// aWorkshop writes what messages refer to.
func aWorkshop(t *testing.T, db *gorm.DB) {
	t.Helper()
	for _, sql := range []string{
		`INSERT INTO users (id, name, organisation, created_at) VALUES ('ana', 'Ana', '', '2026-01-01 00:00:00'), ('bo', 'Bo', '', '2026-01-01 00:00:00')`,
		`INSERT INTO workshops (id, name, summary, starts_on, ends_on, place, tlp, domain, agenda, policy, join_open, join_code, revision, created_by, created_at)
		 VALUES ('w', 'W', '', '', '', '', 'clear', 'd', '[]', '{}', true, 'C', 1, 'ana', '2026-01-01 00:00:00')`,
	} {
		if err := db.Exec(sql).Error; err != nil {
			t.Fatal(err)
		}
	}
}

// guarded is a guard that knows of one word.
func guarded(_ *gorm.DB, _, text string, reasons map[string]string) ([]typed.Explained, error) {
	if !strings.Contains(text, "krait") {
		return nil, nil
	}
	if reasons["k"] == "" {
		return nil, fault.InField("body", "Change it.")
	}
	return []typed.Explained{{Key: "k", Text: "krait", Reason: reasons["k"]}}, nil
}

func TestMessagesArriveInOrderAndOnceEach(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		aWorkshop(t, db)
		j := journal.New(db)
		d := discuss.New(db, j, markdown.New(markdown.Rules{}), guarded)
		about := discuss.Anchor{Type: "proposal", ID: "p"}
		var writers sync.WaitGroup
		for i := range 20 {
			writers.Go(func() {
				if _, err := d.Post(t.Context(), "w", "ana", about, discuss.NewMessage{Body: fmt.Sprintf("message **%d**", i)}); err != nil {
					t.Errorf("post: %v", err)
				}
			})
		}
		writers.Wait()
		if _, err := d.Post(t.Context(), "w", "ana", about, discuss.NewMessage{Field: "name", Body: "about the name, by krait", Explained: map[string]string{"k": "Known."}}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Post(t.Context(), "w", "ana", discuss.Anchor{Type: "proposal", ID: "other"}, discuss.NewMessage{Body: "elsewhere"}); err != nil {
			t.Fatal(err)
		}
		fresh, err := d.Messages(t.Context(), "w", about)
		if err != nil {
			t.Fatal(err)
		}
		if len(fresh) != 21 || fresh[20].Field != "name" || len(fresh[20].Explained) != 1 || fresh[20].Explained[0].Reason != "Known." || fresh[0].Explained != nil || fresh[0].Anchor != "proposal:p" || !strings.Contains(fresh[0].HTML, "<strong>") {
			t.Fatalf("read %d messages: %+v", len(fresh), fresh)
		}
		if d := cmp.Diff(fresh, told(t, j, "w", about)); d != "" {
			t.Errorf("state read afresh (-) and events (+) differ:\n%s", d)
		}
	})
}

// told applies all events to nothing, as pages do.
func told(t *testing.T, j *journal.Journal, workshop string, about discuss.Anchor) []discuss.Message {
	t.Helper()
	events, err := j.After(t.Context(), workshop, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var live []discuss.Message
	for _, e := range events {
		var data struct {
			Message discuss.Message `json:"message"`
		}
		if err := json.Unmarshal(e.Data, &data); err != nil {
			t.Fatal(err)
		}
		m := data.Message
		if e.Kind == discuss.KindPosted && m.Seq != e.Seq {
			t.Errorf("event %d carries message %d", e.Seq, m.Seq)
		}
		if m.Anchor != about.String() {
			continue
		}
		if i := slices.IndexFunc(live, func(one discuss.Message) bool { return one.ID == m.ID }); i >= 0 {
			live[i] = m
		} else {
			live = append(live, m)
		}
	}
	return live
}

func TestAThreadHasRepliesEditsAndDeletions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		aWorkshop(t, db)
		j := journal.New(db)
		d := discuss.New(db, j, markdown.New(markdown.Rules{}), guarded)
		ctx, about := t.Context(), discuss.Anchor{Type: "proposal", ID: "p"}
		say := func(who string, in discuss.NewMessage) discuss.Message {
			t.Helper()
			m, err := d.Post(ctx, "w", who, about, in)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		first := say("ana", discuss.NewMessage{Field: "name", Body: "opening"})
		say("bo", discuss.NewMessage{Body: "another thread"})
		ctx = journal.WithRequest(ctx, "bo", "once", "hash")
		reply := say("bo", discuss.NewMessage{Thread: first.ID, Body: "I am *Bo*, by krait", Explained: map[string]string{"k": "Known."}})
		ctx = t.Context()
		if first.Thread != first.ID || reply.Thread != first.ID || reply.Field != "name" {
			t.Errorf("first %+v, reply %+v", first, reply)
		}
		for name, c := range map[string]struct {
			thread string
			about  discuss.Anchor
		}{"to a reply": {reply.ID, about}, "elsewhere": {first.ID, discuss.Anchor{Type: "workshop", ID: "w"}}, "to nothing": {"x", about}} {
			_, err := d.Post(ctx, "w", "ana", c.about, discuss.NewMessage{Thread: c.thread, Body: "?"})
			if f, ok := err.(*fault.Error); !ok || f.Field != "thread" {
				t.Errorf("reply %s: %v", name, err)
			}
		}

		edited, err := d.Edit(ctx, "w", "bo", reply.ID, discuss.Edit{Body: "I am **Bo**", Version: 1})
		if err != nil || edited.Version != 2 || edited.EditedAt == nil || edited.Seq != reply.Seq || edited.Explained != nil || !strings.Contains(edited.HTML, "<strong>") {
			t.Fatalf("edited %+v, %v", edited, err)
		}
		older, err := d.Older(ctx, "w", reply.ID)
		if err != nil || len(older) != 1 || older[0].Body != reply.Body || !older[0].At.Equal(reply.At) || older[0].Version != 1 {
			t.Errorf("older texts %+v, %v", older, err)
		}
		if same, err := d.Edit(ctx, "w", "bo", reply.ID, discuss.Edit{Body: " I am **Bo** ", Version: 2}); err != nil || same.Version != 2 {
			t.Errorf("the same text: %+v, %v", same, err)
		}
		for code, try := range map[fault.Code]func() error{
			fault.Stale: func() error {
				_, err := d.Edit(ctx, "w", "bo", reply.ID, discuss.Edit{Body: "late", Version: 1})
				return err
			},
			fault.Forbidden: func() error {
				_, err := d.Edit(ctx, "w", "ana", reply.ID, discuss.Edit{Body: "not mine", Version: 2})
				return err
			},
			fault.Invalid: func() error {
				_, err := d.Edit(ctx, "w", "bo", reply.ID, discuss.Edit{Body: "krait", Version: 2})
				return err
			},
			fault.NotFound: func() error { _, err := d.Delete(ctx, "other", "bo", reply.ID); return err },
		} {
			if err := try(); fault.CodeOf(err) != code {
				t.Errorf("want %s, got %v", code, err)
			}
		}
		if _, err := d.Delete(ctx, "w", "ana", reply.ID); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("delete what is not mine: %v", err)
		}
		if fresh, err := d.Messages(ctx, "w", about); err != nil || cmp.Diff(fresh, told(t, j, "w", about)) != "" {
			t.Errorf("edited, afresh %+v, %v", fresh, err)
		}

		gone, err := d.Delete(ctx, "w", "bo", reply.ID)
		if err != nil || gone.Body+gone.HTML != "" || gone.Deleted == nil || gone.Deleted.By != "bo" {
			t.Fatalf("deleted %+v, %v", gone, err)
		}
		if again, err := d.Delete(ctx, "w", "bo", reply.ID); err != nil || cmp.Diff(again, gone) != "" {
			t.Errorf("deleted again: %+v, %v", again, err)
		}
		if _, err := d.Edit(ctx, "w", "bo", reply.ID, discuss.Edit{Body: "back", Version: 2}); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("edit what is gone: %v", err)
		}
		asked, err := d.Post(journal.WithRequest(ctx, "bo", "once", "hash"), "w", "bo", about, discuss.NewMessage{Thread: first.ID, Body: "I am *Bo*, by krait"})
		if err != nil || cmp.Diff(asked, gone) != "" {
			t.Errorf("asked again for what is gone: %+v, %v", asked, err)
		}
		fresh, err := d.Messages(ctx, "w", about)
		if diff := cmp.Diff(fresh, told(t, j, "w", about)); err != nil || diff != "" {
			t.Errorf("deleted, afresh (-) and by events (+), %v:\n%s", err, diff)
		}
		events, err := j.After(ctx, "w", 0, 100)
		text, _ := json.Marshal(events)
		if err != nil || len(events) != 5 || bytes.Contains(text, []byte("Bo")) || bytes.Contains(text, []byte("krait")) {
			t.Errorf("the journal still has the text: %s, %v", text, err)
		}
		if older, err := d.Older(ctx, "w", reply.ID); err != nil || len(older) != 0 {
			t.Errorf("older texts of what is gone: %+v, %v", older, err)
		}
	})
}

func TestWhatIsUnread(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		aWorkshop(t, db)
		d := discuss.New(db, journal.New(db), markdown.New(markdown.Rules{}), guarded)
		d.Refer(func(*gorm.DB, string, string) (discuss.Find, error) {
			return discuss.Mentions([]discuss.Person{{User: "bo", Name: "Bo"}}), nil
		})
		ctx, about := t.Context(), discuss.Anchor{Type: "workshop", ID: "w"}
		say := func(who, thread, body string) discuss.Message {
			t.Helper()
			m, err := d.Post(ctx, "w", who, about, discuss.NewMessage{Thread: thread, Body: body})
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		unread := func(who string, since time.Time) (ids []string) {
			t.Helper()
			list, err := d.Unread(ctx, "w", who, since)
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range list {
				ids = append(ids, fmt.Sprintf("%d %v %s", u.Seq, u.Mentions, u.Anchor))
			}
			return ids
		}
		read := func(who, thread string, seq int64) {
			t.Helper()
			if err := d.Read(ctx, "w", who, []discuss.ReadUpTo{{Thread: thread, Seq: seq}, {Thread: "none", Seq: 1}}); err != nil {
				t.Fatal(err)
			}
		}
		wants := func(what string, got []string, want ...string) {
			t.Helper()
			if !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", what, got, want)
			}
		}
		one := say("ana", "", "one")
		say("ana", one.ID, "two, @bo")
		three := say("ana", "", "three")
		say("bo", one.ID, "mine")
		wants("at first", unread("bo", time.Time{}), "1 false workshop:w", "2 true workshop:w", "3 false workshop:w")
		wants("who came later", unread("bo", time.Now().Add(time.Hour)))
		read("bo", one.ID, 1)
		wants("one is read", unread("bo", time.Time{}), "2 true workshop:w", "3 false workshop:w")
		read("bo", one.ID, 1<<40)
		read("bo", one.ID, 1) // another device, late
		wants("read ahead", unread("bo", time.Time{}), "3 false workshop:w")
		say("ana", one.ID, "news")
		if _, err := d.Delete(ctx, "w", "ana", three.ID); err != nil {
			t.Fatal(err)
		}
		wants("news", unread("bo", time.Time{}), "5 false workshop:w")
		wants("of the other", unread("ana", time.Time{}), "4 false workshop:w")
	})
}

func TestMessagesThatAreRefused(t *testing.T) {
	db := storetest.Open(t)
	aWorkshop(t, db)
	j := journal.New(db)
	d := discuss.New(db, j, markdown.New(markdown.Rules{}), guarded)
	for name, body := range map[string]string{
		"empty": " \n ", "too long": strings.Repeat("é", discuss.MaxBody+1), "not UTF-8": "a\xff", "zero byte": "a\x00b", "turned": "a\u202eb", "not to be shared": "by krait",
	} {
		_, err := d.Post(t.Context(), "w", "ana", discuss.Anchor{Type: "workshop", ID: "w"}, discuss.NewMessage{Body: body})
		if f, ok := err.(*fault.Error); !ok || f.Field != "body" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if head, err := j.Head(t.Context(), "w"); err != nil || head != 0 {
		t.Errorf("head is %d, %v", head, err)
	}
}
