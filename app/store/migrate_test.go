package store_test

import (
	"context"
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store"
	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
)

// first is the migration that the tests break at every statement.
const first = "00001_foundation.sql"

// The columns of all tables but goose's: table, name, may be null. A primary
// key is never null in PostgreSQL; SQLite says so only when asked for it.
const (
	columnsOfSQLite = `SELECT t.name || '.' || c.name || CASE WHEN c."notnull" = 1 OR c.pk > 0 THEN '' ELSE ' null' END
		FROM sqlite_schema t, pragma_table_info(t.name) c
		WHERE t.type = 'table' AND t.name NOT LIKE 'goose%' AND t.name NOT LIKE 'sqlite%'`
	columnsOfPostgres = `SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'NO' THEN '' ELSE ' null' END
		FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name NOT LIKE 'goose%'`
)

func TestBothSchemasHaveTheSameColumns(t *testing.T) {
	columns := func(db *gorm.DB, query string) []string {
		var found []string
		if err := db.Raw(query).Scan(&found).Error; err != nil {
			t.Fatal(err)
		}
		slices.Sort(found)
		return found
	}
	lite := columns(storetest.Open(t), columnsOfSQLite)
	pg := columns(storetest.OpenPostgres(t), columnsOfPostgres)
	if len(lite) < 100 {
		t.Fatalf("only %d columns found", len(lite))
	}
	if diff := cmp.Diff(lite, pg); diff != "" {
		t.Fatalf("SQLite (-) and PostgreSQL (+) differ:\n%s", diff)
	}
}

func TestFailingMigrationLeavesAllAsItWas(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		for k := range broken(t, "sqlite") {
			folder := t.TempDir()
			open := func(m fs.FS) (*gorm.DB, error) {
				return store.Open(context.Background(), store.Config{DataDir: folder, Migrations: m})
			}
			left := func() []string {
				return names(t, "sqlite3", filepath.Join(folder, store.FileName), "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'goose%' AND name NOT LIKE 'sqlite_%'")
			}
			failThenSucceed(t, broken(t, "sqlite")[k], k, open, left)
		}
	})
	t.Run("postgres", func(t *testing.T) {
		// One database for all: that every attempt starts from nothing is what is shown.
		dsn := storetest.PostgresDSN(t, false)
		open := func(m fs.FS) (*gorm.DB, error) {
			return store.Open(context.Background(), store.Config{Database: dsn, Migrations: m})
		}
		left := func() []string {
			return names(t, "pgx", dsn, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'goose%'")
		}
		for k, m := range broken(t, "postgres") {
			mustFail(t, m, k, open, left)
		}
		mustOpen(t, open)
	})
}

func failThenSucceed(t *testing.T, m fs.FS, k int, open func(fs.FS) (*gorm.DB, error), left func() []string) {
	t.Helper()
	mustFail(t, m, k, open, left)
	mustOpen(t, open)
}

func mustFail(t *testing.T, m fs.FS, k int, open func(fs.FS) (*gorm.DB, error), left func() []string) {
	t.Helper()
	db, err := open(m)
	if err == nil {
		t.Fatalf("the migration that fails after statement %d went through: %v", k, store.Close(db))
	}
	if !strings.Contains(err.Error(), "no_such_table") {
		t.Fatalf("after statement %d it failed for another reason: %v", k, err)
	}
	if rest := left(); len(rest) > 0 {
		t.Fatalf("a failure after statement %d left %v", k, rest)
	}
}

func mustOpen(t *testing.T, open func(fs.FS) (*gorm.DB, error)) {
	t.Helper()
	db, err := open(nil)
	if err != nil {
		t.Fatalf("the unbroken migration afterwards: %v", err)
	}
	if err := store.Ready(context.Background(), db); err != nil {
		t.Error(err)
	}
	if err := store.Close(db); err != nil {
		t.Error(err)
	}
}

// broken gives the first migration with a failing statement before the first,
// and after every one of its statements.
func broken(t *testing.T, dialect string) []fs.FS {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("migrations", dialect, first))
	if err != nil {
		t.Fatal(err)
	}
	up, _, ok := strings.Cut(string(text), "-- +goose Down")
	if !ok {
		t.Fatal("the migration has no way down")
	}
	statements := strings.SplitAfter(up, ");\n")
	if len(statements) < 20 {
		t.Fatalf("only %d statements found", len(statements))
	}
	const failing = "\nINSERT INTO no_such_table VALUES (1);\n"
	var all []fs.FS
	for k := range statements {
		body := strings.Join(statements[:k], "") + failing + strings.Join(statements[k:], "")
		if k == 0 {
			body = strings.Replace(up, "-- +goose Up\n", "-- +goose Up\n"+failing, 1)
		}
		all = append(all, fstest.MapFS{dialect + "/" + first: {Data: []byte(body)}})
	}
	return all
}

func names(t *testing.T, driver, dsn, query string) []string {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		out = append(out, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// newer makes a migrated database look as if a later program had migrated it.
func newer(t *testing.T, driver, dsn string) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)"); err != nil {
		t.Fatal(err)
	}
}

func TestNewerSQLiteIsRefusedUntouched(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, store.FileName)
	mustOpen(t, func(m fs.FS) (*gorm.DB, error) {
		return store.Open(context.Background(), store.Config{DataDir: folder, Migrations: m})
	})
	newer(t, "sqlite3", file)
	before := read(t, file)
	_, err := store.Open(context.Background(), store.Config{DataDir: folder})
	refused(t, err, "run the newer program")
	if read(t, file) != before {
		t.Fatal("the file was changed")
	}
}

func TestNewerPostgresIsRefused(t *testing.T) {
	dsn := storetest.PostgresDSN(t, true)
	newer(t, "pgx", dsn)
	_, err := store.Open(context.Background(), store.Config{Database: dsn})
	refused(t, err, "run the newer program")
}

func TestForeignFilesAreRefusedUntouched(t *testing.T) {
	for name, fill := range map[string]func(file string){
		"no database": func(file string) {
			if err := os.WriteFile(file, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"another program's": func(file string) {
			db, err := sql.Open("sqlite3", file)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec("CREATE TABLE recipes (name text)"); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			file := filepath.Join(folder, store.FileName)
			fill(file)
			before := read(t, file)
			_, err := store.Open(context.Background(), store.Config{DataDir: folder})
			refused(t, err, "not an Atelier database")
			if read(t, file) != before {
				t.Fatal("the file was changed")
			}
		})
	}
}

func TestUnusableFolderAndAddress(t *testing.T) {
	// A file where the folder should be fails for root as well, unlike permissions.
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, want string
		config     store.Config
	}{
		{"folder", "cannot be written to", store.Config{DataDir: filepath.Join(blocked, "data")}},
		{"nothing named", "Name a data folder", store.Config{}},
		{"other address", "must be a postgres:// address", store.Config{Database: "mysql://x"}},
		{"bad address", "cannot be read", store.Config{Database: "postgres://%zz:secret@h/x"}},
		{"nobody there", "cannot be reached", store.Config{Database: "postgres://u@/x?host=/nonexistent"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := store.Open(context.Background(), c.config)
			refused(t, err, c.want)
			if strings.Contains(err.Error(), "secret") {
				t.Fatal("the error gives a password away")
			}
		})
	}
}

// refused checks that err is a sentence for a person that holds want.
func refused(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatal("it was opened")
	}
	if fault.CodeOf(err) == fault.Internal || !strings.Contains(err.Error(), want) {
		t.Fatalf("%q (%s) does not say %q", err, fault.CodeOf(err), want)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
