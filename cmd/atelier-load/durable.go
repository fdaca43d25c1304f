package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/atelier-attack/atelier/app"
	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/store"
	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// writers post at once, each as soon as the last post is on the disk.
const writers = 64

// said is what they say.
const said = "What if the procedure named the tool as well? It would help the reader."

// desk is an application on a new database, with a workshop that somebody is in.
type desk struct {
	*app.Atelier
	folder, workshop, user string
}

func openDesk(ctx context.Context) (d desk, err error) {
	if d.folder, err = os.MkdirTemp("", "atelier-load-"); err != nil {
		return d, fmt.Errorf("make a data folder: %w", err)
	}
	if d.Atelier, err = app.Open(ctx, app.Config{DataDir: d.folder, Log: slog.New(slog.DiscardHandler)}); err != nil {
		return d, errors.Join(err, os.RemoveAll(d.folder))
	}
	host, err := d.People.Add(ctx, people.Account{User: people.User{Name: "Host"}, Host: true})
	if err == nil {
		var w workshop.Workshop
		w, err = d.Workshops.Create(ctx, host.ID, workshop.Workshop{Domain: "enterprise-attack",
			Brief: workshop.Brief{Name: "Room", StartsOn: "2026-12-01", EndsOn: "2026-12-01", TLP: "clear"}})
		d.workshop, d.user = w.ID, host.ID
	}
	if err != nil {
		return d, errors.Join(err, d.close())
	}
	return d, nil
}

func (d desk) close() error { return errors.Join(d.Close(), os.RemoveAll(d.folder)) }

func (d desk) post(ctx context.Context) error {
	ctx = journal.WithRequest(ctx, d.user, uuid.NewString(), "hash")
	_, err := d.Discussion.Post(ctx, d.workshop, d.user, discuss.Anchor{Type: "workshop", ID: d.workshop}, discuss.NewMessage{Body: said})
	return err
}

// durable measures how many posts a second reach the disk, against a bare group
// commit that inserts the same rows into the same tables.
func durable(ctx context.Context, lasts time.Duration) (lines []line, err error) {
	d, err := openDesk(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	floor, err := openGroup(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, floor.close()) }()
	var ours, bare float64
	for range rounds {
		for best, post := range map[*float64]func(context.Context) error{&ours: d.post, &bare: floor.post} {
			rate, err := atOnceFor(ctx, lasts/rounds, post)
			if err != nil {
				return nil, err
			}
			*best = max(*best, rate)
		}
	}
	return []line{{fmt.Sprintf("durable posts a second, %d writers", writers), "", ours, bare, least(0.5)}}, nil
}

// atOnceFor posts again and again with all writers, and gives how many a second
// were answered.
func atOnceFor(ctx context.Context, lasts time.Duration, post func(context.Context) error) (rate float64, err error) {
	all, ctx := errgroup.WithContext(ctx)
	var n atomic.Int64
	start := time.Now()
	for range writers {
		all.Go(func() error {
			for time.Since(start) < lasts {
				if err := post(ctx); err != nil {
					return err
				}
				n.Add(1)
			}
			return nil
		})
	}
	err = all.Wait()
	return float64(n.Load()) / time.Since(start).Seconds(), err
}

// group is the least that writes the rows of a post: one goroutine inserts what
// all writers who wait have, and commits once for all of them.
type group struct {
	db      *sql.DB
	folder  string
	inserts []*insert
	asked   chan chan error
	ended   chan struct{}
	n       int64
}

// insert writes copies of one row.
type insert struct {
	statement *sql.Stmt
	columns   []string
	values    []any
}

// openGroup takes its rows from a post of the real application.
func openGroup(ctx context.Context) (*group, error) {
	d, err := openDesk(ctx)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(d.post(ctx), d.Close()); err != nil {
		return nil, errors.Join(err, os.RemoveAll(d.folder))
	}
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(d.folder, store.FileName)+"?_txlock=immediate&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on")
	if err != nil {
		return nil, fmt.Errorf("open the floor's database: %w", err)
	}
	db.SetMaxOpenConns(1)
	g := &group{db: db, folder: d.folder, asked: make(chan chan error, writers), ended: make(chan struct{}), n: 1 << 30}
	for _, table := range []string{"answers", "threads", "messages", "journal"} {
		i, err := copied(ctx, db, table)
		if err != nil {
			return nil, errors.Join(err, db.Close(), os.RemoveAll(d.folder))
		}
		g.inserts = append(g.inserts, i)
	}
	go g.run()
	return g, nil
}

// copied reads the newest row of a table.
func copied(ctx context.Context, db *sql.DB, table string) (*insert, error) {
	rows, err := db.QueryContext(ctx, "SELECT * FROM "+table+" ORDER BY rowid DESC LIMIT 1")
	if err != nil {
		return nil, fmt.Errorf("read a row of %s: %w", table, err)
	}
	defer rows.Close()
	i := &insert{}
	if i.columns, err = rows.Columns(); err != nil {
		return nil, err
	}
	i.values = make([]any, len(i.columns))
	into := make([]any, len(i.columns))
	for at := range into {
		into[at] = &i.values[at]
	}
	if !rows.Next() {
		return nil, fmt.Errorf("a post writes nothing into %s", table)
	}
	if err := errors.Join(rows.Scan(into...), rows.Close()); err != nil {
		return nil, fmt.Errorf("read a row of %s: %w", table, err)
	}
	i.statement, err = db.PrepareContext(ctx, "INSERT INTO "+table+" VALUES (?"+strings.Repeat(", ?", len(i.columns)-1)+")")
	return i, err
}

func (g *group) close() error {
	close(g.asked)
	<-g.ended
	return errors.Join(g.db.Close(), os.RemoveAll(g.folder))
}

func (g *group) post(context.Context) error {
	done := make(chan error, 1)
	g.asked <- done
	return <-done
}

func (g *group) run() {
	defer close(g.ended)
	for first := range g.asked {
		all := []chan error{first}
		for more := true; more; {
			select {
			case next, open := <-g.asked:
				if more = open; open {
					all = append(all, next)
				}
			default:
				more = false
			}
		}
		err := g.write(len(all))
		for _, done := range all {
			done <- err
		}
	}
}

func (g *group) write(posts int) error {
	tx, err := g.db.Begin()
	if err != nil {
		return err
	}
	for range posts {
		g.n++
		id := uuid.NewString()
		for _, i := range g.inserts {
			for at, column := range i.columns {
				switch column {
				case "id", "thread_id", "key":
					i.values[at] = id
				case "seq", "text_seq":
					i.values[at] = g.n
				}
			}
			if _, err := tx.Stmt(i.statement).Exec(i.values...); err != nil {
				return errors.Join(err, tx.Rollback())
			}
		}
	}
	if _, err := tx.Exec("UPDATE journal_heads SET seq = ?", g.n); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
