package store_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store"
	"github.com/atelier-attack/atelier/app/store/storetest"
)

// TestMessagesBecomeThreads migrates messages that were written when all about
// one thing shared a thread.
func TestMessagesBecomeThreads(t *testing.T) {
	migrate := func(t *testing.T, dialect string, c store.Config) {
		t.Helper()
		before := fstest.MapFS{}
		files, err := filepath.Glob(filepath.Join("migrations", dialect, "*.sql"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if filepath.Base(file) >= "00014" {
				break
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			before[dialect+"/"+filepath.Base(file)] = &fstest.MapFile{Data: text}
		}
		c.Migrations = before
		old, err := store.Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		fill(t, old)
		if err := store.Close(old); err != nil {
			t.Fatal(err)
		}
		c.Migrations = nil
		db, err := store.Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		err = db.Raw(`SELECT m.id || ' in ' || t.id || ' about ' || t.anchor_type || ':' || t.anchor_id || '.' || t.field || ' says ' || m.body || ' at ' || m.text_seq
			FROM messages m JOIN threads t ON t.id = m.thread_id ORDER BY m.seq`).Scan(&got).Error
		want := []string{"a in a about proposal:p.name says one at 1", "b in b about proposal:p.name says two at 2", "c in c about workshop:w. says three at 3"}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v:\n%s", err, diff)
		}
		if err := store.Close(db); err != nil {
			t.Error(err)
		}
	}
	t.Run("sqlite", func(t *testing.T) { migrate(t, "sqlite", store.Config{DataDir: t.TempDir()}) })
	t.Run("postgres", func(t *testing.T) {
		migrate(t, "postgres", store.Config{Database: storetest.PostgresDSN(t, false)})
	})
}

func fill(t *testing.T, db *gorm.DB) {
	t.Helper()
	for _, sql := range []string{
		`INSERT INTO users (id, name, organisation, created_at) VALUES ('ana', 'Ana', '', '2026-01-01 00:00:00')`,
		`INSERT INTO workshops (id, name, summary, starts_on, ends_on, place, tlp, domain, agenda, policy, join_open, join_code, revision, created_by, created_at)
		 VALUES ('w', 'W', '', '', '', '', 'clear', 'd', '[]', '{}', true, 'C', 1, 'ana', '2026-01-01 00:00:00')`,
		`INSERT INTO threads (id, workshop_id, anchor_type, anchor_id, field, created_at) VALUES
		 ('t', 'w', 'proposal', 'p', 'name', '2026-01-01 00:00:00'), ('u', 'w', 'workshop', 'w', '', '2026-01-01 00:00:00')`,
		`INSERT INTO messages (id, thread_id, author_id, body, html, seq, created_at) VALUES ('a', 't', 'ana', 'one', '', 1, '2026-01-01 00:00:00'),
		 ('b', 't', 'ana', 'two', '', 2, '2026-01-01 00:00:00'), ('c', 'u', 'ana', 'three', '', 3, '2026-01-01 00:00:00')`,
	} {
		if err := db.Exec(sql).Error; err != nil {
			t.Fatal(err)
		}
	}
}
