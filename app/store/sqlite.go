package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"
	"gorm.io/gorm"
	"gorm.io/plugin/dbresolver"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// oldestSQLite is 3.51.3: older ones can corrupt a write-ahead log when a
// checkpoint and a write meet at the wrong moment.
const oldestSQLite = 3_051_003

// busyTimeout is how long a connection waits for another one's lock.
const busyTimeout = 30 * time.Second

func openSQLite(ctx context.Context, c Config) (*gorm.DB, error) {
	text, number, _ := sqlite3.Version()
	if err := checkSQLiteVersion(text, number); err != nil {
		return nil, err
	}
	if err := prepareFile(c); err != nil {
		return nil, err
	}
	if err := inspectFile(ctx, c); err != nil {
		return nil, err
	}
	writer, err := sql.Open("sqlite3", sqliteWriter(c.file()))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", c.file(), err)
	}
	writer.SetMaxOpenConns(c.Writers)
	writer.SetMaxIdleConns(c.Writers)
	reader, err := sql.Open("sqlite3", sqliteReader(c.file()))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s to read: %w", c.file(), err), writer.Close())
	}
	reader.SetMaxOpenConns(c.Readers)
	reader.SetMaxIdleConns(c.Readers)

	p := &pools{pools: []*sql.DB{reader, writer}}
	db, err := wireSQLite(ctx, c, p, reader, writer)
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return db, nil
}

// wireSQLite migrates through the writer and sends plain reads to the readers.
func wireSQLite(ctx context.Context, c Config, p *pools, reader, writer *sql.DB) (*gorm.DB, error) {
	m, err := migrator(writer, goose.DialectSQLite3, c.Migrations)
	if err != nil {
		return nil, err
	}
	if p.version, err = migrate(ctx, m); err != nil {
		return nil, err
	}
	db, err := gorm.Open(sqliteOn(writer), c.gorm())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", c.file(), err)
	}
	if err := db.Use(p); err != nil {
		return nil, fmt.Errorf("keep the pools: %w", err)
	}
	split := dbresolver.Register(dbresolver.Config{
		Replicas: []gorm.Dialector{sqliteOn(reader)},
	})
	if err := db.Use(split); err != nil {
		return nil, fmt.Errorf("send reads to the readers: %w", err)
	}
	return db, nil
}

func checkSQLiteVersion(text string, number int) error {
	if number >= oldestSQLite {
		return nil
	}
	return fault.New(fault.Internal, "This program is linked with SQLite %s; build it with 3.51.3 or newer (without the tag libsqlite3).", text)
}

// prepareFile makes the folder and the file, for the owner's eyes only, and
// finds out whether it can write there: SQLite needs files of its own beside
// the database.
func prepareFile(c Config) error {
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return NotWritable(c.DataDir, err)
	}
	probe, err := os.CreateTemp(c.DataDir, ".writable-*")
	if err != nil {
		return NotWritable(c.DataDir, err)
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return NotWritable(c.DataDir, err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		flag := os.O_RDWR
		if suffix == "" {
			flag |= os.O_CREATE
		}
		f, err := os.OpenFile(c.file()+suffix, flag, 0o600)
		if errors.Is(err, fs.ErrNotExist) && suffix != "" {
			continue
		}
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			return NotWritable(c.file()+suffix, err)
		}
	}
	return nil
}

// NotWritable says what to do where a folder or a file of the data cannot be
// written.
func NotWritable(path string, cause error) error {
	problem := "cannot be written to: choose another data folder with --data, or give this user the right to write there"
	switch {
	case errors.Is(cause, syscall.ENOTDIR), errors.Is(cause, syscall.EEXIST):
		problem = "cannot be a folder, because there is a file of this name, or in the way to it: choose another one with --data"
	case errors.Is(cause, syscall.EISDIR):
		problem = "is a folder, where the database should be: move it away, or choose another data folder with --data"
	case errors.Is(cause, syscall.ENOSPC), errors.Is(cause, syscall.EDQUOT):
		problem = "cannot be written to, because the disk is full: make room, or choose another data folder with --data"
	case errors.Is(cause, syscall.EROFS):
		problem = "is on a disk that can only be read: choose another data folder with --data"
	}
	return fault.New(fault.Unavailable, "%s %s.", path, problem).Because(cause)
}

// inspectFile looks at the file through a connection that cannot write, and
// refuses what this program must not touch.
func inspectFile(ctx context.Context, c Config) error {
	info, err := os.Stat(c.file())
	if err != nil {
		return NotWritable(c.DataDir, err)
	}
	if info.Size() == 0 {
		return nil
	}
	db, err := sql.Open("sqlite3", sqliteInspector(c.file()))
	if err != nil {
		return fmt.Errorf("look into %s: %w", c.file(), err)
	}
	defer db.Close()
	tables, ours, err := countTables(ctx, db)
	if err != nil {
		return foreign(c.file()).Because(err)
	}
	if tables == 0 {
		return nil
	}
	if !ours {
		return foreign(c.file())
	}
	found, err := versionOf(ctx, db)
	if err != nil {
		return err
	}
	known, err := newestIn(c.Migrations, "sqlite")
	if err != nil {
		return err
	}
	return refuseNewer(found, known, c.file())
}

// newestIn reads the highest migration number from the file names.
func newestIn(migrations fs.FS, folder string) (int64, error) {
	names, err := fs.Glob(migrations, folder+"/*.sql")
	if err != nil {
		return 0, fmt.Errorf("list the migrations: %w", err)
	}
	var newest int64
	for _, name := range names {
		v, err := goose.NumericComponent(name)
		if err != nil {
			return 0, fmt.Errorf("read the number of %s: %w", name, err)
		}
		newest = max(newest, v)
	}
	return newest, nil
}

func countTables(ctx context.Context, db *sql.DB) (tables int, ours bool, err error) {
	row := db.QueryRowContext(ctx, "SELECT count(*), coalesce(max(name = ?), 0) FROM sqlite_schema WHERE type = 'table'", versionTable)
	if err := row.Scan(&tables, &ours); err != nil {
		return 0, false, fmt.Errorf("list the tables: %w", err)
	}
	return tables, ours, nil
}

func foreign(file string) *fault.Error {
	return fault.New(fault.Conflict, "The file %s is not an Atelier database: move it away, or choose another folder with --data.", file)
}

// sqliteWriter takes the write lock at BEGIN, so that a transaction never
// finds out at its first write that it cannot have it. The driver sets the
// busy timeout before the other pragmas, so that switching to WAL waits too.
func sqliteWriter(file string) string {
	return sqliteDSN(file, url.Values{
		"_txlock":       {"immediate"},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"}, // an answered write is on the disk
		"_foreign_keys": {"on"},
	})
}

func sqliteReader(file string) string {
	return sqliteDSN(file, url.Values{"mode": {"ro"}, "_query_only": {"on"}})
}

// sqliteInspector only reads, and makes no files beside the database where
// nobody else has it open.
func sqliteInspector(file string) string {
	q := url.Values{"mode": {"ro"}, "_query_only": {"on"}}
	if _, err := os.Stat(file + "-wal"); errors.Is(err, fs.ErrNotExist) {
		q.Set("immutable", "1")
	}
	return sqliteDSN(file, q)
}

func sqliteDSN(file string, q url.Values) string {
	q.Set("_busy_timeout", strconv.FormatInt(busyTimeout.Milliseconds(), 10))
	q.Set("_loc", "UTC")
	q.Set("_stmt_cache_size", "100") // of each connection: what is asked again and again is not read anew
	return "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + q.Encode()
}
