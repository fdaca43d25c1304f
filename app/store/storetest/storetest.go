// Package storetest gives tests a fresh, migrated database: a SQLite file of
// their own, and a PostgreSQL database on a throw-away cluster.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store"
)

// Open gives a fresh SQLite database in t.TempDir(), closed at the end.
//
// ATELIER_TEST_POOL is how many connections every pool of the tests has, also
// those of PostgreSQL: with one, code that asks for a second connection while
// it holds the first waits for ever. Empty: as many as the program has.
func Open(t testing.TB) *gorm.DB {
	t.Helper()
	n := poolSize(t)
	return open(t, store.Config{DataDir: DataDir(t), Writers: n, Readers: n})
}

// DataDir gives a folder of the test's own with a migrated SQLite database in
// it, for what opens that by itself.
var DataDir = Template(func(ctx context.Context, folder string) error {
	db, err := store.Open(ctx, store.Config{DataDir: folder})
	if err != nil {
		return err
	}
	return store.Close(db)
})

// Template gives a function that gives a test a folder of its own with a copy of
// the SQLite database that fill has made in another one, once for all: to
// migrate or to import takes a hundred times as long as to copy.
func Template(fill func(ctx context.Context, folder string) error) func(t testing.TB) string {
	filled := sync.OnceValues(func() (file []byte, err error) {
		folder, err := os.MkdirTemp("", "atelier-template-")
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
		if err := fill(context.Background(), folder); err != nil {
			return nil, err
		}
		return os.ReadFile(filepath.Join(folder, store.FileName))
	})
	return func(t testing.TB) string {
		t.Helper()
		file, err := filled()
		if err != nil {
			t.Fatalf("make the database that tests copy: %v", err)
		}
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, store.FileName), file, 0o600); err != nil {
			t.Fatalf("copy a database: %v", err)
		}
		return folder
	}
}

// Each runs fn on SQLite and on PostgreSQL, as sub-tests "sqlite" and
// "postgres". The latter is skipped only where no PostgreSQL is installed.
func Each(t *testing.T, fn func(t *testing.T, db *gorm.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, Open(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, OpenPostgres(t)) })
}

// OpenPostgres gives a fresh PostgreSQL database, dropped at the end.
func OpenPostgres(t testing.TB) *gorm.DB {
	t.Helper()
	return open(t, store.Config{Database: PostgresDSN(t, true), Pool: poolSize(t)})
}

// Main runs the tests of a package with one cluster for all of them, and
// stops it at the end: func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }.
// Without it the cluster lives as long as a test uses it.
func Main(m *testing.M) int {
	shared.keep()
	code := m.Run()
	if err := shared.release(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func open(t testing.TB, c store.Config) *gorm.DB {
	t.Helper()
	db, err := store.Open(context.Background(), c)
	if err != nil {
		t.Fatalf("open the test database: %v", err)
	}
	t.Cleanup(func() {
		if err := store.Close(db); err != nil {
			t.Errorf("close the test database: %v", err)
		}
	})
	return db
}

func poolSize(t testing.TB) int {
	t.Helper()
	text := os.Getenv("ATELIER_TEST_POOL")
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("ATELIER_TEST_POOL is %q; it must be a number from 1", text)
	}
	return n
}
