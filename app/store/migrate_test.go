package store_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"maps"
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
	"github.com/atelier-attack/atelier/review/attack/attacktest"
)

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

// TestFailingMigrationLeavesAllAsItWas breaks every migration after every one
// of its statements, on a database that has all migrations before it.
func TestFailingMigrationLeavesAllAsItWas(t *testing.T) {
	attacktest.Heavy(t)
	t.Run("sqlite", func(t *testing.T) {
		folder := t.TempDir()
		breakAll(t, "sqlite", store.Config{DataDir: folder}, func() []string {
			return names(t, "sqlite3", filepath.Join(folder, store.FileName), everythingInSQLite)
		})
	})
	t.Run("postgres", func(t *testing.T) {
		dsn := storetest.PostgresDSN(t, false)
		breakAll(t, "postgres", store.Config{Database: dsn}, func() []string {
			return names(t, "pgx", dsn, everythingInPostgres)
		})
	})
}

// All that a database has, and which migrations it knows of.
const (
	everythingInSQLite = `SELECT name || coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'
		UNION ALL SELECT version_id || ' applied' FROM goose_db_version`
	everythingInPostgres = `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
		UNION ALL SELECT table_name || '.' || column_name || data_type || is_nullable FROM information_schema.columns WHERE table_schema = 'public'
		UNION ALL SELECT version_id || ' applied' FROM goose_db_version`
)

func breakAll(t *testing.T, dialect string, c store.Config, everything func() []string) {
	t.Helper()
	folder := filepath.Join("migrations", dialect)
	files, err := os.ReadDir(folder)
	if err != nil || len(files) == 0 {
		t.Fatalf("no migrations in %s: %v", folder, err)
	}
	sound := fstest.MapFS{}
	for i, file := range files {
		text, err := os.ReadFile(filepath.Join(folder, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		var before []string
		if i > 0 {
			before = everything()
		}
		name := dialect + "/" + file.Name()
		for k, body := range broken(t, string(text)) {
			c.Migrations = with(sound, name, body)
			db, err := store.Open(t.Context(), c)
			if err == nil {
				t.Fatalf("%s went through though it fails after statement %d: %v", name, k, store.Close(db))
			}
			if !strings.Contains(err.Error(), "no_such_table") {
				t.Fatalf("%s failed after statement %d for another reason: %v", name, k, err)
			}
			after := everything()
			if before == nil { // the first failure on an empty database leaves goose's own table
				before = after
				if slices.ContainsFunc(before, func(s string) bool { return strings.Contains(s, "users") }) {
					t.Fatalf("a failure of the first migration left %v", before)
				}
			}
			if diff := cmp.Diff(before, after); diff != "" {
				t.Fatalf("the failure of %s after statement %d changed:\n%s", name, k, diff)
			}
		}
		sound[name] = &fstest.MapFile{Data: text}
		c.Migrations = sound
		mustOpen(t, c)
	}
}

func with(sound fstest.MapFS, name, body string) fs.FS {
	all := maps.Clone(sound)
	all[name] = &fstest.MapFile{Data: []byte(body)}
	return all
}

func mustOpen(t *testing.T, c store.Config) {
	t.Helper()
	db, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("open it with sound migrations: %v", err)
	}
	if err := errors.Join(store.Ready(t.Context(), db), store.Close(db)); err != nil {
		t.Error(err)
	}
}

// broken gives a migration with a failing statement before the first, and
// after every one of its statements.
func broken(t *testing.T, text string) []string {
	t.Helper()
	up, _, ok := strings.Cut(text, "-- +goose Down")
	head, up, starts := strings.Cut(up, "-- +goose Up\n")
	if !ok || !starts {
		t.Fatal("the migration has no way up or down")
	}
	const failing = "\nINSERT INTO no_such_table VALUES (1);\n"
	statements := strings.SplitAfter(up, ";\n")
	var all []string
	for k := range statements {
		all = append(all, head+"-- +goose Up\n"+strings.Join(statements[:k], "")+failing+strings.Join(statements[k:], ""))
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
	slices.Sort(out)
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
	mustOpen(t, store.Config{DataDir: folder})
	newer(t, "sqlite3", filepath.Join(folder, store.FileName))
	before := contents(t, folder)
	_, err := store.Open(context.Background(), store.Config{DataDir: folder})
	refused(t, err, "run the newer program")
	if diff := cmp.Diff(before, contents(t, folder)); diff != "" {
		t.Fatalf("the folder was changed:\n%.1000s", diff)
	}
}

// TestNewerSQLiteThatCrashedIsRefused has what is newer in the write-ahead log
// only, as after a power cut.
func TestNewerSQLiteThatCrashedIsRefused(t *testing.T) {
	folder, crashed := t.TempDir(), t.TempDir()
	db := openAt(t, store.Config{DataDir: folder})
	if err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)").Error; err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{store.FileName, store.FileName + "-wal"} {
		if err := os.WriteFile(filepath.Join(crashed, name), []byte(read(t, filepath.Join(folder, name))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := contents(t, crashed)
	_, err := store.Open(context.Background(), store.Config{DataDir: crashed})
	refused(t, err, "run the newer program")
	for name, content := range before {
		if read(t, filepath.Join(crashed, name)) != content {
			t.Errorf("%s was changed", name)
		}
	}
}

func TestNewerPostgresIsRefusedUntouched(t *testing.T) {
	dsn := storetest.PostgresDSN(t, true)
	newer(t, "pgx", dsn)
	before := names(t, "pgx", dsn, everythingInPostgres)
	_, err := store.Open(context.Background(), store.Config{Database: dsn})
	refused(t, err, "run the newer program")
	if diff := cmp.Diff(before, names(t, "pgx", dsn, everythingInPostgres)); diff != "" {
		t.Fatalf("the database was changed:\n%s", diff)
	}
}

// contents gives all files of a folder by name.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		all[e.Name()] = read(t, filepath.Join(folder, e.Name()))
	}
	return all
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
		{"folder", "cannot be a folder", store.Config{DataDir: filepath.Join(blocked, "data")}},
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
