package journal_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type note struct {
	Text string `json:"text"`
}

func add(ctx context.Context, j *journal.Journal, workshop, text string) (note, error) {
	return journal.Do(ctx, j, func(_ context.Context, tx *journal.Tx) (note, error) {
		_, err := tx.Append(workshop, "someone", "note.added", note{text})
		return note{text}, err
	})
}

func TestNumbersHaveNoGapsAndFollowCommits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		j := journal.New(db)
		var told sync.Map
		j.Notify(func(workshop string) { told.Store(workshop, true) })
		ctx := t.Context()
		var writers sync.WaitGroup
		failed := make(chan error, 64)
		for i := range 64 {
			writers.Go(func() {
				if _, err := add(ctx, j, "w", fmt.Sprint(i)); err != nil {
					failed <- err
				}
				// A transaction that fails must leave no hole.
				_, err := journal.Do(ctx, j, func(_ context.Context, tx *journal.Tx) (note, error) {
					if _, err := tx.Append("w", "someone", "note.added", note{"lost"}); err != nil {
						return note{}, err
					}
					return note{}, errors.New("changed my mind")
				})
				if err == nil || err.Error() != "changed my mind" {
					failed <- fmt.Errorf("failing transaction: %w", err)
				}
			})
		}
		writers.Wait()
		close(failed)
		for err := range failed {
			t.Fatal(err)
		}
		events, err := j.After(ctx, "w", 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		var numbers []int64
		for _, e := range events {
			numbers = append(numbers, e.Seq)
		}
		if len(numbers) != 64 || numbers[0] != 1 || numbers[63] != 64 || !slices.IsSorted(numbers) {
			t.Errorf("numbers are %v", numbers)
		}
		if head, err := j.Head(ctx, "w"); err != nil || head != 64 {
			t.Errorf("head is %d, %v", head, err)
		}
		latest, err := j.Before(ctx, "w", 64, 2)
		if err != nil || len(latest) != 2 || latest[0].Seq != 63 || latest[1].Seq != 62 {
			t.Errorf("before 64: %v, %v", latest, err)
		}
		if _, ok := told.Load("w"); !ok {
			t.Error("nobody was told")
		}
		if head, err := j.Head(ctx, "another"); err != nil || head != 0 {
			t.Errorf("head of a workshop without events is %d, %v", head, err)
		}
	})
}

// TestAReaderNeverSkipsWhatIsNotCommittedYet has two processes on one database
// write, each with transactions that dwell between their number and their end,
// and some that fail, while somebody reads behind the last number all the time.
func TestAReaderNeverSkipsWhatIsNotCommittedYet(t *testing.T) {
	db := storetest.OpenPostgres(t)
	processes := []*journal.Journal{journal.New(db), journal.New(db)}
	const writers, each = 8, 25
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				fails := i%5 == 4
				_, err := journal.Do(t.Context(), processes[w%2], func(_ context.Context, tx *journal.Tx) (note, error) {
					_, err := tx.Append("w", "someone", "note.added", note{fmt.Sprint(w, " ", i)})
					time.Sleep(rand.N(2 * time.Millisecond))
					if fails {
						err = errMind
					}
					return note{}, err
				})
				if (err != nil) != fails {
					t.Errorf("writer %d: %v", w, err)
				}
			}
		})
	}
	var last int64
	for end := time.Now().Add(30 * time.Second); last < writers*each*4/5 && time.Now().Before(end); {
		events, err := processes[0].After(t.Context(), "w", last, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if last++; e.Seq != last {
				t.Fatalf("event %d was read where %d should be", e.Seq, last)
			}
		}
	}
	writing.Wait()
	if head, err := processes[1].Head(t.Context(), "w"); err != nil || head != last {
		t.Errorf("read up to %d of %d, %v", last, head, err)
	}
}

func TestARepeatedRequestIsAnsweredOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		j := journal.New(db)
		asked := journal.WithRequest(t.Context(), "ana", "key-1", "hash-1")
		first, err := add(asked, j, "w", "first")
		if err != nil {
			t.Fatal(err)
		}
		second, err := add(asked, j, "w", "second")
		if err != nil || second != first {
			t.Errorf("the repeat got %v, %v", second, err)
		}
		_, err = add(journal.WithRequest(t.Context(), "ana", "key-1", "hash-2"), j, "w", "third")
		if fault.CodeOf(err) != fault.Conflict {
			t.Errorf("another request under the same key: %v", err)
		}
		if _, err := add(journal.WithRequest(t.Context(), "bo", "key-1", "hash-2"), j, "w", "fourth"); err != nil {
			t.Errorf("the same key of another person: %v", err)
		}
		if head, err := j.Head(t.Context(), "w"); err != nil || head != 2 {
			t.Errorf("head is %d, %v; want 2", head, err)
		}
	})
}

func TestANestedTransactionIsRefused(t *testing.T) {
	j := journal.New(storetest.Open(t))
	_, err := journal.Do(t.Context(), j, func(ctx context.Context, _ *journal.Tx) (note, error) { return add(ctx, j, "w", "inner") })
	if err == nil {
		t.Error("it was let through")
	}
}

func TestAPanicWritesNothing(t *testing.T) {
	j := journal.New(storetest.Open(t))
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_, err := journal.Do(t.Context(), j, func(_ context.Context, tx *journal.Tx) (note, error) {
			if _, err := tx.Append("w", "someone", "note.added", note{}); err != nil {
				return note{}, err
			}
			panic("out of luck")
		})
		t.Errorf("it came back: %v", err)
	}()
	if head, err := j.Head(t.Context(), "w"); err != nil || head != 0 {
		t.Errorf("head is %d, %v", head, err)
	}
	if _, err := add(t.Context(), j, "w", "after"); err != nil {
		t.Errorf("the next write: %v", err)
	}
}

func TestOldAnswersAreForgotten(t *testing.T) {
	db := storetest.Open(t)
	j := journal.New(db)
	write := func(key string) {
		t.Helper()
		if _, err := add(journal.WithRequest(t.Context(), "u", key, "h"), j, "w", key); err != nil {
			t.Fatal(err)
		}
	}
	write("old")
	if err := db.Exec("UPDATE answers SET created_at = ?", journal.Now().Add(-journal.AnswersLast-time.Minute)).Error; err != nil {
		t.Fatal(err)
	}
	write("new")
	if err := j.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	write("new") // is answered, and not done again
	if events, err := j.After(t.Context(), "w", 0, 10); err != nil || len(events) != 2 {
		t.Errorf("%d events, %v", len(events), err)
	}
	write("old")
	if events, err := j.After(t.Context(), "w", 0, 10); err != nil || len(events) != 3 {
		t.Errorf("%d events, %v", len(events), err)
	}
}

func TestEqualRequestsAtOnceAreAnsweredOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		j := journal.New(db)
		var writers sync.WaitGroup
		for range 16 {
			writers.Go(func() {
				got, err := add(journal.WithRequest(t.Context(), "u", "k", "h"), j, "w", "once")
				if err != nil || got.Text != "once" {
					t.Errorf("got %v, %v", got, err)
				}
			})
		}
		writers.Wait()
		if events, err := j.After(t.Context(), "w", 0, 100); err != nil || len(events) != 1 {
			t.Errorf("%d events, %v", len(events), err)
		}
	})
}
