package journal_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
)

var errMind = errors.New("changed my mind")

// TestWritersTogether has many write at once: some fail, some panic, some give
// up, some ask twice. Each of those who were answered is there once, nobody else
// is, and who listens is told after what was to be done first.
func TestWritersTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		j := journal.New(db)
		var then, told atomic.Int64
		j.Notify(func(string) {
			told.Add(1)
			if then.Load() == 0 {
				t.Error("told before what was to be done first")
			}
		})
		gone, giveUp := context.WithCancel(t.Context())
		giveUp()
		var mu sync.Mutex
		want := map[string]int{}
		var writers sync.WaitGroup
		for i := range 80 {
			writers.Go(func() {
				name, kind, ctx := fmt.Sprint(i), i%5, t.Context()
				if kind == 4 {
					name = fmt.Sprint(i / 10) // two ask for the same
					ctx = journal.WithRequest(ctx, "ana", name, "hash")
				}
				if kind == 3 {
					ctx = gone
				}
				defer func() {
					if p := recover(); (p != nil) != (kind == 2) {
						t.Errorf("writer %d: %v", i, p)
					}
				}()
				got, err := journal.Together(ctx, j, func(_ context.Context, tx *journal.Tx) (note, error) {
					if _, err := tx.Append("w", "someone", "note.added", note{name}); err != nil {
						return note{}, err
					}
					tx.Then(func() { then.Add(1) })
					switch kind {
					case 1:
						return note{}, errMind
					case 2:
						panic("out of luck")
					}
					return note{name}, nil
				})
				switch {
				case kind == 1 && !errors.Is(err, errMind), kind == 3 && !errors.Is(err, context.Canceled), (kind == 0 || kind == 4) && (err != nil || got.Text != name):
					t.Errorf("writer %d: %v, %v", i, got, err)
				}
				if err == nil {
					mu.Lock()
					defer mu.Unlock()
					want[name+map[bool]string{true: " asked", false: ""}[kind == 4]] = 1
				}
			})
		}
		writers.Wait()
		events, err := j.After(t.Context(), "w", 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range events {
			if e.Seq != int64(i+1) {
				t.Fatalf("event %d has number %d", i, e.Seq)
			}
		}
		if len(events) != len(want) || len(want) != 16+8 || told.Load() == 0 || then.Load() != int64(len(events)) {
			t.Errorf("%d events of %d answers, told %d times after %d", len(events), len(want), told.Load(), then.Load())
		}
		if head, err := j.Head(t.Context(), "w"); err != nil || head != int64(len(events)) {
			t.Errorf("the newest event is %d, %v; want %d", head, err, len(events))
		}
	})
}

func TestATransactionTogetherIsNotNested(t *testing.T) {
	j := journal.New(storetest.Open(t))
	for name, inner := range map[string]func(ctx context.Context) error{
		"alone": func(ctx context.Context) error { _, err := add(ctx, j, "w", "inner"); return err },
		"together": func(ctx context.Context) error {
			_, err := journal.Together(ctx, j, func(context.Context, *journal.Tx) (note, error) { return note{}, nil })
			return err
		},
	} {
		_, err := journal.Together(t.Context(), j, func(ctx context.Context, _ *journal.Tx) (note, error) { return note{}, inner(ctx) })
		if fault.CodeOf(err) != fault.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
}
