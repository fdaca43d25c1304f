package discuss_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

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
		`INSERT INTO users (id, name, organisation, created_at) VALUES ('ana', 'Ana', '', '2026-01-01 00:00:00')`,
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
		// What the events said is what is read afresh.
		events, err := j.After(t.Context(), "w", 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		var live []discuss.Message
		for _, e := range events[:21] {
			var data struct {
				Message discuss.Message `json:"message"`
			}
			if err := json.Unmarshal(e.Data, &data); err != nil {
				t.Fatal(err)
			}
			if data.Message.Seq != e.Seq || e.Kind != discuss.KindPosted {
				t.Errorf("event %d carries message %d as %s", e.Seq, data.Message.Seq, e.Kind)
			}
			live = append(live, data.Message)
		}
		if d := cmp.Diff(fresh, live); d != "" {
			t.Errorf("state read afresh (-) and events (+) differ:\n%s", d)
		}
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
