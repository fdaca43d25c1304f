package discuss_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/markdown"
)

func TestReactions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		aWorkshop(t, db)
		j := journal.New(db)
		d := discuss.New(db, j, markdown.New(markdown.Rules{}), guarded)
		ctx, about := t.Context(), discuss.Anchor{Type: "workshop", ID: "w"}
		m, err := d.Post(ctx, "w", "ana", about, discuss.NewMessage{Body: "Tea?"})
		if err != nil {
			t.Fatal(err)
		}
		react := func(who, kind string, on bool, want ...discuss.Reaction) {
			t.Helper()
			got, err := d.React(ctx, "w", who, m.ID, kind, on)
			if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s gives %s, %v: %v, %v", who, kind, on, got, err)
			}
			fresh, err := d.Messages(ctx, "w", about)
			if err != nil || len(fresh) != 1 || fmt.Sprint(fresh[0].Reactions) != fmt.Sprint(want) {
				t.Errorf("read afresh: %+v, %v", fresh, err)
			}
			if live := reacted(t, j); fmt.Sprint(live) != fmt.Sprint(want) {
				t.Errorf("the events say %v, want %v", live, want)
			}
		}
		react("bo", "praise", false)
		react("bo", "praise", true, discuss.Reaction{Kind: "praise", Users: []string{"bo"}})
		react("bo", "praise", true, discuss.Reaction{Kind: "praise", Users: []string{"bo"}})
		react("ana", "praise", true, discuss.Reaction{Kind: "praise", Users: []string{"bo", "ana"}})
		react("bo", "agree", true, discuss.Reaction{Kind: "agree", Users: []string{"bo"}}, discuss.Reaction{Kind: "praise", Users: []string{"bo", "ana"}})
		react("bo", "praise", false, discuss.Reaction{Kind: "agree", Users: []string{"bo"}}, discuss.Reaction{Kind: "praise", Users: []string{"ana"}})
		edited, err := d.Edit(ctx, "w", "ana", m.ID, discuss.Edit{Body: "Tea!", Version: 1})
		if err != nil || len(edited.Reactions) != 2 {
			t.Errorf("an edit loses reactions: %+v, %v", edited, err)
		}
		if head, err := j.Head(ctx, "w"); err != nil || head != 6 {
			t.Errorf("%d events, %v: what is so already is told again", head, err)
		}
		if _, err := d.React(ctx, "w", "bo", m.ID, "shout", true); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("a sign that is none: %v", err)
		}
		if _, err := d.React(ctx, "other", "bo", m.ID, "agree", true); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("in another workshop: %v", err)
		}
		gone, err := d.Delete(ctx, "w", "ana", m.ID)
		if err != nil || gone.Reactions != nil {
			t.Errorf("deleted: %+v, %v", gone, err)
		}
		if _, err := d.React(ctx, "w", "bo", m.ID, "agree", true); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("on what is deleted: %v", err)
		}
	})
}

func TestManyReactAtOnceAndOnceEach(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		aWorkshop(t, db)
		d := discuss.New(db, journal.New(db), markdown.New(markdown.Rules{}), guarded)
		m, err := d.Post(t.Context(), "w", "ana", discuss.Anchor{Type: "workshop", ID: "w"}, discuss.NewMessage{Body: "Tea?"})
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for i := range 12 {
			all.Go(func() {
				if _, err := d.React(t.Context(), "w", []string{"ana", "bo"}[i%2], m.ID, "agree", true); err != nil {
					t.Errorf("react: %v", err)
				}
			})
		}
		all.Wait()
		if now, err := d.Message(t.Context(), "w", m.ID); err != nil || len(now.Reactions) != 1 || len(now.Reactions[0].Users) != 2 {
			t.Errorf("%+v, %v", now.Reactions, err)
		}
	})
}

// reacted applies the events of one message's reactions to nothing, as pages do.
func reacted(t *testing.T, j *journal.Journal) []discuss.Reaction {
	t.Helper()
	events, err := j.After(t.Context(), "w", 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	users := map[string][]string{}
	for _, e := range events {
		var data struct{ Reaction *discuss.Reacted }
		if err := json.Unmarshal(e.Data, &data); err != nil {
			t.Fatal(err)
		}
		if r := data.Reaction; r != nil && r.On {
			users[r.Kind] = append(users[r.Kind], r.User)
		} else if r != nil {
			users[r.Kind] = slices.DeleteFunc(users[r.Kind], func(u string) bool { return u == r.User })
		}
	}
	var all []discuss.Reaction
	for _, s := range []string{"agree", "praise"} {
		if len(users[s]) > 0 {
			all = append(all, discuss.Reaction{Kind: s, Users: users[s]})
		}
	}
	return all
}
