package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/atelier-attack/atelier/realtime/fault"
)

//go:embed migrations
var files embed.FS

// versionTable is goose's own: one row per applied migration.
const versionTable = goose.DefaultTablename

// embedded gives the migrations that ship in the program.
func embedded() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the name above is a constant and valid
	}
	return sub
}

// migrator applies the migrations of one dialect, each in a transaction.
func migrator(db *sql.DB, dialect goose.Dialect, migrations fs.FS) (*goose.Provider, error) {
	folder := "sqlite"
	options := []goose.ProviderOption{goose.WithLogger(goose.NopLogger())}
	if dialect == goose.DialectPostgres {
		folder = "postgres"
		// Two servers that start at once must not both migrate.
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, fmt.Errorf("make the migration lock: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	sub, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, fmt.Errorf("open the migrations: %w", err)
	}
	p, err := goose.NewProvider(dialect, db, sub, options...)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return p, nil
}

// migrate brings the schema up to date and returns its version. The caller
// has made sure with refuseNewer that it may.
func migrate(ctx context.Context, p *goose.Provider) (int64, error) {
	if _, err := p.Up(ctx); err != nil {
		return 0, fault.New(fault.Internal, "The database could not be brought to this program's schema; it was left as it was.").Because(err)
	}
	return newest(p), nil
}

// newest is the version that this program was built for.
func newest(p *goose.Provider) int64 {
	var v int64
	for _, s := range p.ListSources() {
		v = max(v, s.Version)
	}
	return v
}

// refuseNewer stops before anything is written.
func refuseNewer(found, known int64, where string) error {
	if found <= known {
		return nil
	}
	return fault.New(fault.Conflict,
		"The database %s is from a newer Atelier (schema %d, this program knows %d): run the newer program, or use another data folder.",
		where, found, known)
}

// versionOf reads which migration was applied last.
func versionOf(ctx context.Context, db *sql.DB) (int64, error) {
	var v sql.NullInt64
	err := db.QueryRowContext(ctx, "SELECT max(version_id) FROM "+versionTable+" WHERE is_applied").Scan(&v)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read the schema version: %w", err)
	}
	return v.Int64, nil
}
