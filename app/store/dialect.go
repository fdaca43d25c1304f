package store

import (
	"context"
	"database/sql"
	"errors"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// The dialects are gorm's; what they add is that a full disk, at a statement or
// at a commit, becomes a sentence for whoever caused it.
type (
	sqliteDialect   struct{ *sqlite.Dialector }
	postgresDialect struct{ *postgres.Dialector }
)

func sqliteOn(pool *sql.DB) gorm.Dialector {
	return sqliteDialect{&sqlite.Dialector{Conn: pool}}
}

func postgresOn(pool *sql.DB) gorm.Dialector {
	return postgresDialect{&postgres.Dialector{Config: &postgres.Config{Conn: pool}}}
}

// Translate is part of gorm.ErrorTranslator.
func (d sqliteDialect) Translate(err error) error {
	var e sqlite3.Error
	if errors.As(err, &e) && (e.Code == sqlite3.ErrFull || e.SystemErrno == syscall.ENOSPC || e.SystemErrno == syscall.EDQUOT || e.SystemErrno == syscall.EFBIG) {
		return diskFull(err)
	}
	return d.Dialector.Translate(err)
}

// Translate is part of gorm.ErrorTranslator.
func (d postgresDialect) Translate(err error) error {
	const full = "53100"
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code == full {
		return diskFull(err)
	}
	return d.Dialector.Translate(err)
}

func diskFull(cause error) error {
	var known *fault.Error
	if errors.As(cause, &known) { // gorm may hand in one error twice
		return cause
	}
	return fault.New(fault.Unavailable, "The disk of the database is full; nothing was changed. Make room and try again.").Because(cause)
}

// longestSQL is how much of a statement is logged, in bytes; an import has
// some that fill pages.
const longestSQL = 300

// briefly logs only the beginning of statements that are slow or fail, and does
// not write out those that nobody reads.
type briefly struct{ logger.Interface }

// LogMode is part of logger.Interface.
func (b briefly) LogMode(level logger.LogLevel) logger.Interface {
	return briefly{b.Interface.LogMode(level)}
}

// ParamsFilter keeps what people wrote out of the log.
func (b briefly) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}

// Trace is part of logger.Interface.
func (b briefly) Trace(ctx context.Context, begin time.Time, fc func() (string, int64), err error) {
	if err == nil && time.Since(begin) <= slowQuery {
		return
	}
	b.Interface.Trace(ctx, begin, func() (string, int64) {
		sql, rows := fc()
		if len(sql) > longestSQL {
			sql = sql[:longestSQL] + " …"
		}
		return sql, rows
	}, err)
}

// Of gorm's optional interfaces for a dialect the wrapped ones have the same.
var (
	_ gorm.ErrorTranslator               = sqliteDialect{}
	_ gorm.SavePointerDialectorInterface = sqliteDialect{}
	_ gorm.ErrorTranslator               = postgresDialect{}
	_ gorm.SavePointerDialectorInterface = postgresDialect{}
)
