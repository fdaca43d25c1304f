package lookup_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/atelier-attack/atelier/realtime/lookup"
)

// held is a database whose every answer is held back until it is let go, and
// which counts the questions.
type held struct {
	mu     sync.Mutex // guards rows
	rows   map[int]string
	asked  [][]int
	letGo  chan struct{}
	failed error
}

func (h *held) ask(_ context.Context, keys []int) (map[int]string, error) {
	h.mu.Lock()
	h.asked = append(h.asked, keys)
	found := map[int]string{}
	for _, key := range keys {
		if v, ok := h.rows[key]; ok {
			found[key] = v
		}
	}
	h.mu.Unlock()
	<-h.letGo
	return found, h.failed
}

// TestWhoAsksMeanwhileSharesTheNextQuestion also shows that they get nothing
// from before they asked.
func TestWhoAsksMeanwhileSharesTheNextQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &held{rows: map[int]string{1: "old"}, letGo: make(chan struct{})}
		l := lookup.New(h.ask)
		var waiting sync.WaitGroup
		var wrong atomic.Int64
		get := func(key int, want string) {
			waiting.Go(func() {
				if got, ok, err := l.Get(t.Context(), key); got != want || ok != (want != "") || err != nil {
					wrong.Add(1)
				}
			})
		}
		get(1, "old")
		synctest.Wait()
		h.mu.Lock()
		h.rows[1] = "new"
		h.mu.Unlock()
		for range 100 {
			get(1, "new")
			get(2, "")
		}
		synctest.Wait()
		h.letGo <- struct{}{}
		h.letGo <- struct{}{}
		waiting.Wait()
		if wrong.Load() > 0 || len(h.asked) != 2 || len(h.asked[1]) != 2 {
			t.Errorf("%d were told something wrong by the questions %v", wrong.Load(), h.asked)
		}
		get(1, "new") // and when all have their answers, it begins anew
		h.letGo <- struct{}{}
		waiting.Wait()
		if wrong.Load() > 0 || len(h.asked) != 3 {
			t.Errorf("later: %d wrong, %v", wrong.Load(), h.asked)
		}
	})
}

func TestWhoGivesUpFailsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &held{rows: map[int]string{1: "one"}, letGo: make(chan struct{})}
		l := lookup.New(h.ask)
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp, stayed := make(chan error, 1), make(chan error, 1)
		go func() { _, _, err := l.Get(ctx, 1); gaveUp <- err }()
		synctest.Wait()
		go func() { _, _, err := l.Get(t.Context(), 1); stayed <- err }()
		synctest.Wait()
		cancel()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Errorf("who gave up got %v", err)
		}
		close(h.letGo)
		if err := <-stayed; err != nil {
			t.Errorf("who stayed got %v", err)
		}
	})
}

func TestAFailureIsToldToAllWhoSharedIt(t *testing.T) {
	l := lookup.New(func(context.Context, []int) (map[int]string, error) { return nil, errors.New("no database") })
	if _, _, err := l.Get(t.Context(), 1); err == nil || err.Error() != "no database" {
		t.Error(err)
	}
	l = lookup.New(func(context.Context, []int) (map[int]string, error) { panic("oh") })
	for range 2 {
		if _, _, err := l.Get(t.Context(), 1); err == nil || !strings.HasPrefix(err.Error(), "panic: oh") {
			t.Error(err)
		}
	}
}
