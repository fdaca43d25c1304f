package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// FileName is the name of the SQLite database in the data folder.
const FileName = "atelier.db"

// slowQuery is when a statement is worth a line in the log.
const slowQuery = 500 * time.Millisecond

// Config says which database to open, and how.
type Config struct {
	Database string       // postgres:// DSN; empty: SQLite in DataDir
	DataDir  string       // folder of the SQLite file, made when it is missing
	Log      *slog.Logger // slow and failed statements; nil: silent
	Writers  int          // SQLite connections that may write; 0: one
	Readers  int          // SQLite connections that only read; 0: four
	Pool     int          // PostgreSQL connections; 0: sixteen

	// Migrations replaces the embedded migrations; its folders are named by
	// dialect. Nil: the embedded ones.
	Migrations fs.FS
}

// Open opens the database and migrates it. A database that this program must
// not touch (newer, or not Atelier's) is left as it is, and the error is a
// sentence that says what to do.
func Open(ctx context.Context, c Config) (*gorm.DB, error) {
	c = c.withDefaults()
	if isPostgres(c.Database) {
		return openPostgres(ctx, c)
	}
	if c.Database != "" {
		return nil, fault.InField("database", "The database must be a postgres:// address; leave it empty to use SQLite in the data folder.")
	}
	if c.DataDir == "" {
		return nil, fault.InField("data", "Name a data folder, or the address of a PostgreSQL database.")
	}
	return openSQLite(ctx, c)
}

// Close ends all connections of a database that Open returned.
func Close(db *gorm.DB) error {
	p, err := poolsOf(db)
	if err != nil {
		return err
	}
	return p.close()
}

// Ready tells whether the database answers and its schema is the one that
// this program was built for.
func Ready(ctx context.Context, db *gorm.DB) error {
	p, err := poolsOf(db)
	if err != nil {
		return err
	}
	found, err := versionOf(ctx, p.pools[0])
	if err != nil {
		return fault.New(fault.Unavailable, "The database cannot be reached.").Because(err)
	}
	if found != p.version {
		return fault.New(fault.Unavailable, "The database has schema version %d, this program needs %d.", found, p.version)
	}
	return nil
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Migrations == nil {
		c.Migrations = embedded()
	}
	c.Writers = positive(c.Writers, 1)
	c.Readers = positive(c.Readers, 4)
	c.Pool = positive(c.Pool, 16)
	return c
}

// file is where the SQLite database is.
func (c Config) file() string { return filepath.Join(c.DataDir, FileName) }

// gorm is the same on both databases, so that code sees no difference.
func (c Config) gorm() *gorm.Config {
	return &gorm.Config{
		TranslateError: true,
		NowFunc:        func() time.Time { return time.Now().UTC().Truncate(time.Millisecond) },
		Logger: briefly{logger.NewSlogLogger(c.Log, logger.Config{
			SlowThreshold:             slowQuery,
			LogLevel:                  logger.Warn,
			IgnoreRecordNotFoundError: true,
		})},
	}
}

func isPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

func positive(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// pools rides on the gorm handle as a plugin, so that Close and Ready need
// nothing but the handle. Readers come first and are closed first: the writer
// that closes last folds the write-ahead log into the file.
type pools struct {
	pools   []*sql.DB
	version int64
}

// pluginName is under which the pools hang on the handle.
const pluginName = "atelier:pools"

// Name is part of gorm.Plugin.
func (p *pools) Name() string { return pluginName }

// Initialize is part of gorm.Plugin.
func (p *pools) Initialize(*gorm.DB) error { return nil }

func (p *pools) close() error {
	var all []error
	for _, db := range p.pools {
		all = append(all, db.Close())
	}
	if err := errors.Join(all...); err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

func poolsOf(db *gorm.DB) (*pools, error) {
	p, ok := db.Plugins[pluginName].(*pools)
	if !ok {
		return nil, errors.New("the handle was not opened by store.Open")
	}
	return p, nil
}
