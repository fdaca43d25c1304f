// Package lookup answers those who each look for one thing at the same time with
// one question for all of it.
package lookup

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// longest is how long one question may take.
const longest = time.Minute

// Lookup finds values by their keys. While one question is being answered, who
// asks waits for it and then shares the next one, so that nobody gets an answer
// from before they asked, and none is asked later than it would be alone.
type Lookup[K comparable, V any] struct {
	ask func(ctx context.Context, keys []K) (map[K]V, error)

	mu    sync.Mutex // guards what follows
	next  *question[K, V]
	asked bool // one is being answered, or about to
}

// question is one look-up for several; done is closed when found and err are
// filled.
type question[K comparable, V any] struct {
	keys  map[K]bool
	done  chan struct{}
	found map[K]V
	err   error
}

// New makes a Lookup that asks a function for the values of some keys, each
// once; those that there are not, it leaves out.
func New[K comparable, V any](ask func(ctx context.Context, keys []K) (map[K]V, error)) *Lookup[K, V] {
	return &Lookup[K, V]{ask: ask}
}

// Get gives the value of a key as it was after the call began; ok is false where
// there is none. Where the context ends first, its error is given.
func (l *Lookup[K, V]) Get(ctx context.Context, key K) (value V, ok bool, err error) {
	q := l.join(key)
	select {
	case <-q.done:
		value, ok = q.found[key]
		return value, ok, q.err
	case <-ctx.Done():
		return value, false, ctx.Err()
	}
}

// join puts a key into the next question. It is asked by a goroutine of its own,
// so that who gives up fails nobody else.
func (l *Lookup[K, V]) join(key K) *question[K, V] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next == nil {
		l.next = &question[K, V]{keys: map[K]bool{}, done: make(chan struct{})}
	}
	q := l.next
	q.keys[key] = true
	if !l.asked {
		l.asked = true
		go l.run()
	}
	return q
}

// run asks until nobody waits.
func (l *Lookup[K, V]) run() {
	for {
		runtime.Gosched() // who is about to ask comes with this question
		l.mu.Lock()
		q := l.next
		l.next = nil
		l.asked = q != nil
		l.mu.Unlock()
		if q == nil {
			return
		}
		q.answer(l.ask)
	}
}

func (q *question[K, V]) answer(ask func(ctx context.Context, keys []K) (map[K]V, error)) {
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	defer close(q.done)
	defer func() {
		if p := recover(); p != nil {
			q.err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	keys := make([]K, 0, len(q.keys))
	for key := range q.keys {
		keys = append(keys, key)
	}
	q.found, q.err = ask(ctx, keys)
}
