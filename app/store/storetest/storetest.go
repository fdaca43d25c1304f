// Package storetest gives tests a fresh, migrated database: a SQLite file of
// their own, and a PostgreSQL database on a throw-away cluster.
package storetest

import (
	"context"
	"fmt"
	"os"
	"strconv"
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
	return open(t, store.Config{DataDir: t.TempDir(), Writers: n, Readers: n})
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
