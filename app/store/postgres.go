package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// idleConnection is how long a PostgreSQL connection is kept without use.
const idleConnection = 5 * time.Minute

// connectWithin is how long a PostgreSQL may take to answer, where its address
// does not say so.
const connectWithin = 10 * time.Second

func openPostgres(ctx context.Context, c Config) (*gorm.DB, error) {
	config, err := pgx.ParseConfig(c.Database)
	if err != nil {
		// The cause may quote the address with its password.
		return nil, fault.InField("database", "The address of the PostgreSQL database cannot be read; it looks like postgres://user:password@host:5432/name.")
	}
	config.RuntimeParams["timezone"] = "UTC"
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectWithin
	}
	pool := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(readTimesInUTC))
	pool.SetMaxOpenConns(c.Pool)
	pool.SetMaxIdleConns(c.Pool)
	pool.SetConnMaxIdleTime(idleConnection)

	p := &pools{pools: []*sql.DB{pool}}
	db, err := wirePostgres(ctx, c, p, config)
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return db, nil
}

func wirePostgres(ctx context.Context, c Config, p *pools, config *pgx.ConnConfig) (*gorm.DB, error) {
	pool := p.pools[0]
	where := config.Database + " on " + config.Host
	if err := pool.PingContext(ctx); err != nil {
		return nil, fault.New(fault.Unavailable, "The PostgreSQL database %s cannot be reached: is it running, and is the address right?", where).Because(err)
	}
	if err := inspectPostgres(ctx, c, pool, where); err != nil {
		return nil, err
	}
	m, err := migrator(pool, goose.DialectPostgres, c.Migrations)
	if err != nil {
		return nil, err
	}
	if p.version, err = migrate(ctx, m); err != nil {
		return nil, err
	}
	db, err := gorm.Open(postgresOn(pool), c.gorm())
	if err != nil {
		return nil, fmt.Errorf("open the database %s: %w", where, err)
	}
	if err := db.Use(p); err != nil {
		return nil, fmt.Errorf("keep the pool: %w", err)
	}
	return db, nil
}

// inspectPostgres refuses a newer schema before anything is written.
func inspectPostgres(ctx context.Context, c Config, pool *sql.DB, where string) error {
	var known bool
	err := pool.QueryRowContext(ctx, "SELECT to_regclass($1) IS NOT NULL", versionTable).Scan(&known)
	if err != nil {
		return fmt.Errorf("look into the database %s: %w", where, err)
	}
	if !known {
		return nil
	}
	found, err := versionOf(ctx, pool)
	if err != nil {
		return err
	}
	newest, err := newestIn(c.Migrations, "postgres")
	if err != nil {
		return err
	}
	return refuseNewer(found, newest, where)
}

// readTimesInUTC makes times come back in UTC, as they do from SQLite; the
// driver's default is the machine's own zone.
func readTimesInUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name:  "timestamptz",
		OID:   pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}
