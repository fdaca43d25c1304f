package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib" // the database/sql driver "pgx"

	"github.com/atelier-attack/atelier/app/store"
)

// shared is the one PostgreSQL of this test process. It cannot be passed
// along: tests of a package share nothing else.
var shared = &server{}

// server hands out databases on a cluster that it starts for the first user
// and stops after the last.
type server struct {
	mu       sync.Mutex
	users    int
	cluster  *cluster // nil: none runs, or the tests use a given one
	address  string   // DSN of the database that others are made from; empty: not started
	template string   // name of the migrated database
}

// PostgresDSN gives the address of a fresh database, dropped at the end:
// migrated, or empty.
func PostgresDSN(t testing.TB, migrated bool) string {
	t.Helper()
	if os.Getenv("ATELIER_TEST_POSTGRES") == "" && binaries() == "" {
		fmt.Fprintf(os.Stderr, "\n*** SKIPPED: %s — no PostgreSQL on this machine; install Debian's package postgresql or set ATELIER_TEST_POSTGRES ***\n", t.Name())
		t.Skip("PostgreSQL is not installed: install Debian's package postgresql, or set ATELIER_TEST_POSTGRES to the address of a server.")
	}
	if err := shared.use(); err != nil {
		t.Fatalf("start PostgreSQL for the tests: %v", err)
	}
	name := databaseName()
	dsn, err := shared.create(name, migrated)
	if err != nil {
		t.Fatalf("make a PostgreSQL database for the test: %v", errors.Join(err, shared.release()))
	}
	t.Cleanup(func() {
		if err := errors.Join(shared.drop(name), shared.release()); err != nil {
			t.Errorf("clean up PostgreSQL: %v", err)
		}
	})
	return dsn
}

// keep holds the cluster beyond the last test, until release.
func (s *server) keep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users++
}

// use starts the server for its first user.
func (s *server) use() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.address == "" {
		if err := s.start(); err != nil {
			return errors.Join(err, s.stop())
		}
	}
	s.users++
	return nil
}

// release stops the server after its last user.
func (s *server) release() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users--
	if s.users > 0 || s.address == "" {
		return nil
	}
	return errors.Join(s.execute(`DROP DATABASE IF EXISTS "`+s.template+`"`), s.stop())
}

func (s *server) start() error {
	s.address = os.Getenv("ATELIER_TEST_POSTGRES")
	if s.address == "" {
		c, err := startCluster(binaries())
		if err != nil {
			return err
		}
		s.cluster, s.address = c, c.address()
	}
	s.template = databaseName()
	if err := s.execute(`CREATE DATABASE "` + s.template + `"`); err != nil {
		return err
	}
	dsn, err := named(s.address, s.template)
	if err != nil {
		return err
	}
	db, err := store.Open(context.Background(), store.Config{Database: dsn})
	if err != nil {
		return fmt.Errorf("migrate the template: %w", err)
	}
	return store.Close(db)
}

func (s *server) stop() error {
	c := s.cluster
	s.cluster, s.address = nil, ""
	if c == nil {
		return nil
	}
	return c.stop()
}

func (s *server) create(name string, migrated bool) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := "template0"
	if migrated {
		from = s.template
	}
	if err := s.execute(`CREATE DATABASE "` + name + `" TEMPLATE "` + from + `"`); err != nil {
		return "", err
	}
	return named(s.address, name)
}

func (s *server) drop(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.execute(`DROP DATABASE IF EXISTS "` + name + `" WITH (FORCE)`)
}

// execute runs one statement about databases, on a connection of its own.
func (s *server) execute(statement string) error {
	db, err := sql.Open("pgx", s.address)
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func databaseName() string {
	return "atelier_test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
}

// named is the address of another database on the same server.
func named(address, database string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("ATELIER_TEST_POSTGRES is not an address like postgres://user@host/database")
	}
	u.Path = "/" + database
	return u.String(), nil
}
