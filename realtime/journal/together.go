package journal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// A transaction of several writers takes no more of them after so many, or after
// so long: who came first is not to wait for ever.
const mostTogether, longestTogether = 64, 25 * time.Millisecond

// Together does what Do does for writes that many people make at once, such as
// messages. On SQLite, where writers come one after another anyway, those who
// wait share a transaction, and so the wait for the disk: each is answered after
// the commit, and what one of them does is undone alone where it fails. In
// return, fn is short, reads through tx only (what a writer before it did is not
// to be seen elsewhere yet), but not the number of the newest event (which is
// written last), and once it has begun it is not broken off.
func Together[T any](ctx context.Context, j *Journal, fn func(ctx context.Context, tx *Tx) (T, error)) (T, error) {
	if j.db.Name() != "sqlite" {
		return Do(ctx, j, fn)
	}
	var answer, none T
	if ctx.Value(txKey{}) != nil {
		return none, fault.New(fault.Internal, "a transaction was started within another")
	}
	w := &writer{ctx: ctx, turn: make(chan bool, 1)}
	w.write = func(ctx context.Context, tx *Tx) (err error) {
		answer, err = once(context.WithValue(ctx, txKey{}, true), tx, fn)
		return err
	}
	if j.queue.lead(w) {
		j.lead(w)
	}
	if w.panicked != nil {
		panic(w.panicked)
	}
	if w.err != nil {
		return none, w.err
	}
	return answer, nil
}

// writer is one who waits for a transaction.
type writer struct {
	ctx      context.Context
	write    func(ctx context.Context, tx *Tx) error
	turn     chan bool // true: lead; false: it is done, and what follows is filled
	tx       *Tx
	err      error
	panicked any
}

// queue holds who waits. One of them leads: it runs the transaction for all who
// wait, and hands over to the next one.
type queue struct {
	mu      sync.Mutex // guards what follows
	waiting []*writer
	led     bool
}

// lead waits until a writer is to lead, or is done. Who gives up while nobody
// has begun with it is done, too.
func (q *queue) lead(w *writer) bool {
	q.mu.Lock()
	if !q.led {
		q.led = true
		q.mu.Unlock()
		return true
	}
	q.waiting = append(q.waiting, w)
	q.mu.Unlock()
	select {
	case lead := <-w.turn:
		return lead
	case <-w.ctx.Done():
	}
	q.mu.Lock()
	at := slices.Index(q.waiting, w)
	if at >= 0 {
		q.waiting = slices.Delete(q.waiting, at, at+1)
	}
	q.mu.Unlock()
	if at < 0 {
		return <-w.turn
	}
	w.err = w.ctx.Err()
	return false
}

// next takes the first who waits; nil where nobody does.
func (q *queue) next() *writer {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return nil
	}
	w := q.waiting[0]
	q.waiting = q.waiting[1:]
	return w
}

// handOver makes the first who waits the leader.
func (q *queue) handOver() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.led = len(q.waiting) > 0; q.led {
		q.waiting[0].turn <- true
		q.waiting = q.waiting[1:]
	}
}

// lead runs one transaction for a writer and for those who wait behind it.
func (j *Journal) lead(first *writer) {
	all := []*writer{first}
	b := &batch{journal: j}
	defer func() {
		if b.db != nil { // a writer ended its goroutine
			b.fail(errors.New("a writer ended in the middle of it"))
		}
		j.queue.handOver()
		for _, w := range all[1:] {
			w.turn <- false
		}
	}()
	b.run(first)
	for began := time.Now(); len(all) < mostTogether && time.Since(began) < longestTogether; {
		w := j.queue.next()
		if w == nil {
			runtime.Gosched() // who is about to come need not wait for the next one
			if w = j.queue.next(); w == nil {
				break
			}
		}
		all = append(all, w)
		b.run(w)
	}
	b.commit()
}

// batch is a transaction of several writers.
type batch struct {
	journal *Journal
	db      *gorm.DB  // nil: not begun
	done    []*writer // who wrote in it
	heads   heads
}

// heads are the numbers that a transaction of several writers has taken: only
// the first of a workshop comes from the database, and the last one goes back
// there before the commit.
type heads struct {
	last  map[string]int64
	stale map[string]bool // the database has an older one
}

func (h *heads) next(workshop string) (seq int64, known bool) {
	if seq, known = h.last[workshop]; known {
		seq++
		h.last[workshop], h.stale[workshop] = seq, true
	}
	return seq, known
}

func (h *heads) took(workshop string, seq int64) { h.last[workshop] = seq }

func (h *heads) copied() heads { return heads{maps.Clone(h.last), maps.Clone(h.stale)} }

// store writes the numbers that the database does not have yet.
func (h *heads) store(tx *Tx) error {
	for workshop := range h.stale {
		if _, err := tx.write("UPDATE journal_heads SET seq = $1 WHERE workshop_id = $2", h.last[workshop], workshop); err != nil {
			return fmt.Errorf("keep the number of the newest event: %w", err)
		}
	}
	return nil
}

// run lets one write. Where that fails, nothing of it is left, and all of those
// before it; the error is the writer's alone.
func (b *batch) run(w *writer) {
	if w.err = w.ctx.Err(); w.err != nil {
		return
	}
	ctx := context.WithoutCancel(w.ctx)
	if b.db == nil {
		db := b.journal.db.WithContext(context.WithoutCancel(ctx)).Begin()
		if w.err = db.Error; w.err != nil {
			return
		}
		b.db, b.heads = db, heads{map[string]int64{}, map[string]bool{}}
	}
	w.tx = &Tx{DB: b.db.WithContext(ctx), heads: &b.heads, insertions: &b.journal.insertions}
	if len(b.done) == 0 {
		if w.protected(ctx); w.failed() {
			b.fail(nil)
			return
		}
		b.done = append(b.done, w)
		return
	}
	before := b.heads.copied()
	if _, w.err = w.tx.write("SAVEPOINT writer"); w.err != nil {
		b.fail(w.err)
		return
	}
	if w.protected(ctx); !w.failed() {
		b.done = append(b.done, w)
	} else if _, err := w.tx.write("ROLLBACK TO writer"); err != nil { // as on a full disk, where all of it is gone
		b.fail(err)
		return
	} else {
		b.heads = before
	}
	if _, err := w.tx.write("RELEASE writer"); err != nil {
		b.fail(err)
	}
}

func (w *writer) failed() bool { return w.err != nil || w.panicked != nil }

// protected takes a panic along to whose it is.
func (w *writer) protected(ctx context.Context) {
	ended := false
	defer func() {
		if p := recover(); p != nil || !ended {
			w.panicked = fmt.Sprintf("%v\n%s", p, debug.Stack())
		}
	}()
	w.err = w.write(ctx, w.tx)
	ended = true
}

// fail undoes the transaction; who wrote in it is told. The next one begins
// another.
func (b *batch) fail(cause error) {
	for _, w := range b.done {
		w.err = fmt.Errorf("the transaction was undone: %w", cause)
	}
	_ = b.db.Rollback() // where this fails, nothing is left to undo
	b.db, b.done = nil, nil
}

// commit makes it last, and then tells those who listen.
func (b *batch) commit() {
	if b.db == nil {
		return
	}
	err := b.heads.store(&Tx{DB: b.db, insertions: &b.journal.insertions})
	if err == nil {
		err = b.db.Commit().Error
	}
	if err != nil {
		b.fail(err)
		return
	}
	b.db = nil
	var rewritten, touched []string
	for _, w := range b.done {
		w.announced()
		rewritten, touched = append(rewritten, w.tx.rewritten...), append(touched, w.tx.touched...)
	}
	tell(b.journal.forget.Load(), rewritten)
	tell(b.journal.notify.Load(), touched)
}

// announced calls what was to be called after the commit.
func (w *writer) announced() {
	defer func() {
		if p := recover(); p != nil {
			w.panicked = fmt.Sprintf("%v\n%s", p, debug.Stack())
		}
	}()
	for _, f := range w.tx.then {
		f()
	}
}
