package cowrite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/typed"
)

// Limits bound what texts may cost.
type Limits struct {
	Length  int   // units of a text
	Changes int   // changes in one push
	Work    int   // parts that rebasing one push may look at
	Recent  int   // updates of a text in memory; who is further behind gets them first
	History int64 // bytes of updates that are kept of a text
	Store   int   // updates until the text is written as a whole again
	Open    int   // texts in memory
	Batch   int   // pushes in one transaction
}

// DefaultLimits are for a room in which dozens of texts are written at once.
func DefaultLimits() Limits {
	return Limits{Length: 50_000, Changes: 500, Work: 500_000, Recent: 512, History: 8 << 20, Store: 200, Open: 500, Batch: 500}
}

// Texts is the authority on all texts of a database. One goroutine takes what
// was pushed, in the order in which it came, and writes it: all that waits, of
// any text, is one transaction.
type Texts struct {
	db     *gorm.DB
	log    *slog.Logger
	limits Limits
	notify atomic.Pointer[func(Name)]
	ctx    context.Context // of the goroutine's work
	cancel context.CancelFunc
	wake   chan struct{} // something waits, or the end has come
	ended  chan struct{} // the goroutine is at its end

	mu      sync.RWMutex // guards what follows
	waiting []*request
	over    []string           // topics whose texts have ended
	changed []Name             // texts that were replaced
	open    map[Name]*document // as they are in the database
	closed  bool
}

type request struct {
	name Name
	push Push
	done chan outcome
}

type outcome struct {
	pushed Pushed
	err    error
}

// Pushed is the answer to a push: what was pushed is in the database.
type Pushed struct {
	Version int64    `json:"version" doc:"of the text after what was pushed"`
	Updates []Update `json:"updates" doc:"all since the version that the client had seen, with its own"`
}

// Start makes the authority of a database; Close ends it.
func Start(db *gorm.DB, log *slog.Logger, limits Limits) *Texts {
	ctx, cancel := context.WithCancel(context.Background())
	t := &Texts{db: db, log: log, limits: limits, ctx: ctx, cancel: cancel, wake: make(chan struct{}, 1), ended: make(chan struct{}), open: map[Name]*document{}}
	go func() {
		defer close(t.ended)
		t.run()
	}()
	return t
}

// Notify sets the function that is told of each text that has a new version,
// after the commit and before the answer. It must not block.
func (t *Texts) Notify(f func(Name)) { t.notify.Store(&f) }

// Close takes nothing more, writes what waits, and waits for it, at most until
// the context ends.
func (t *Texts) Close(ctx context.Context) error {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.signal()
	defer t.cancel()
	select {
	case <-t.ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("write what waits of texts: %w", ctx.Err())
	}
}

func (t *Texts) signal() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// Push takes what a client has written, and answers when it is in the database.
// A repeat gets the same answer and is not taken again. Whether the author may
// write there is the caller's affair. Where it fails, none of it was taken:
//
//   - Stale: it is made for so old a version that the client has to get what
//     came since first
//   - Gone: there is no such version; Details is the Text as it is
//   - NotFound: there is no such text any more
//   - Invalid, Conflict, TooLarge: it does not fit, and never will
func (t *Texts) Push(ctx context.Context, name Name, p Push) (Pushed, error) {
	if err := p.check(t.limits); err != nil {
		return Pushed{}, err
	}
	r := &request{name: name, push: p, done: make(chan outcome, 1)}
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return Pushed{}, fault.New(fault.Unavailable, "The server stops. What you write is kept on this device, and sent later.")
	}
	t.waiting = append(t.waiting, r)
	t.mu.Unlock()
	t.signal()
	select {
	case o := <-r.done:
		return o.pushed, o.err
	case <-ctx.Done():
		return Pushed{}, fmt.Errorf("wait for what was pushed: %w", ctx.Err())
	}
}

func (p Push) check(l Limits) error {
	if err := typed.Line("client", p.Client, 64); err != nil {
		return err
	}
	if p.Client == "" || p.First < 1 {
		return fault.New(fault.Invalid, "A push names its client, and counts changes from 1.")
	}
	if len(p.Changes) > l.Changes {
		return fault.InField("changes", "These are %d changes; %d are taken at once.", len(p.Changes), l.Changes)
	}
	return nil
}

// Since gives the updates behind a version, in order, at most limit; Gone where
// the history does not reach so far, with the present Text.
func (t *Texts) Since(ctx context.Context, name Name, version int64, limit int) ([]Update, error) {
	d, err := t.document(ctx, name)
	if err != nil {
		return nil, err
	}
	if version > d.version {
		return nil, historyGone(d.whole())
	}
	updates, ok := d.since(version)
	if !ok {
		return t.kept(ctx, d, version, limit)
	}
	return slices.Clone(updates[:min(limit, len(updates))]), nil
}

// Read gives a text with all that was acknowledged.
func (t *Texts) Read(ctx context.Context, name Name) (Text, error) {
	d, err := t.document(ctx, name)
	if err != nil {
		return Text{}, err
	}
	return d.whole(), nil
}

// document gives a text from memory, or else from the database.
func (t *Texts) document(ctx context.Context, name Name) (*document, error) {
	t.mu.RLock()
	d := t.open[name]
	t.mu.RUnlock()
	if d == nil {
		return t.load(t.db.WithContext(ctx), name)
	}
	if t.db.Name() != "sqlite" { // another process may have written since
		return t.renew(ctx, name, d)
	}
	return d, nil
}

// Changed is to be called after the commit of a transaction with Replace. Who
// follows the text is told.
func (t *Texts) Changed(names ...Name) {
	t.mu.Lock()
	t.changed = append(t.changed, names...)
	t.mu.Unlock()
	t.signal()
}

// Forget is to be called after the commit of a transaction with End.
func (t *Texts) Forget(topic string) {
	t.mu.Lock()
	t.over = append(t.over, topic)
	t.mu.Unlock()
	t.signal()
}

func (t *Texts) run() {
	for {
		requests, changed, closed := t.next()
		t.tell(changed)
		for i, o := range t.handle(requests) {
			requests[i].done <- o
		}
		switch {
		case len(requests) > 0:
		case closed:
			return
		default:
			<-t.wake
		}
	}
}

// next gives what waits, and which texts were replaced. These, and those that
// have ended, are forgotten here, between two batches, so that none of them is
// put back by the one before.
func (t *Texts) next() (requests []*request, changed []Name, closed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.over) > 0 {
		maps.DeleteFunc(t.open, func(name Name, _ *document) bool { return slices.Contains(t.over, name.Topic) })
		t.over = nil
	}
	for _, name := range t.changed {
		delete(t.open, name)
	}
	changed, t.changed = t.changed, nil
	n := min(len(t.waiting), t.limits.Batch)
	requests, t.waiting = t.waiting[:n:n], t.waiting[n:]
	return requests, changed, t.closed
}

// handle does what was asked for. Where a text in memory is not as it is in the
// database any more, because another process wrote it or it has ended, it is
// read anew, and the other process waits meanwhile: else a faster one could be
// first each time.
func (t *Texts) handle(requests []*request) []outcome {
	outcomes, err := t.try(requests, false)
	if errors.Is(err, gorm.ErrDuplicatedKey) || errors.Is(err, gorm.ErrForeignKeyViolated) {
		t.forget(requests)
		outcomes, err = t.try(requests, true)
	}
	if err == nil {
		return outcomes
	}
	t.log.Error("write what was pushed", "error", err)
	t.forget(requests)
	for i := range outcomes {
		outcomes[i] = outcome{err: unwritten(err)}
	}
	return outcomes
}

// unwritten is what a writer is told where the database has not taken it.
func unwritten(err error) error {
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	return fault.New(fault.Unavailable, "What you write could not be saved; it is kept on this device, and sent again.").Because(err)
}

// try takes the requests one after another and writes what came of it in one
// transaction; only then the next ones can see it. Alone, nobody else writes
// these texts from before they are read.
func (t *Texts) try(requests []*request, alone bool) (outcomes []outcome, err error) {
	outcomes = make([]outcome, len(requests))
	defer func() { // whoever made it panic must not end the others' work
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	db := t.db.WithContext(t.ctx)
	w := round{next: map[Name]*document{}, changed: []Name{}}
	if alone {
		err = db.Transaction(func(tx *gorm.DB) error {
			topics := make([]string, len(requests))
			for i, r := range requests {
				topics[i] = r.name.Topic
			}
			if err := lock(tx, "topic IN ?", topics); err != nil {
				return err
			}
			if err := w.take(requests, outcomes, t.limits, func(name Name) (*document, error) { return t.load(tx, name) }); err != nil {
				return err
			}
			return w.write(tx, t.limits)
		})
	} else {
		err = w.take(requests, outcomes, t.limits, func(name Name) (*document, error) { return t.document(t.ctx, name) })
		if err == nil && len(w.changed) > 0 {
			err = db.Transaction(func(tx *gorm.DB) error { return w.write(tx, t.limits) })
		}
	}
	if err != nil {
		return outcomes, err
	}
	t.install(w.next)
	t.tell(w.changed)
	return outcomes, nil
}

// round is what came of some requests.
type round struct {
	batch
	next    map[Name]*document
	changed []Name
}

func (w *round) take(requests []*request, outcomes []outcome, l Limits, read func(Name) (*document, error)) (err error) {
	for i, r := range requests {
		d := w.next[r.name]
		if d == nil {
			if d, err = read(r.name); err != nil {
				outcomes[i].err = err
				continue
			}
		}
		var updates []Update
		outcomes[i], d, updates = answer(d, r.push, l)
		w.next[r.name] = d
		if len(updates) == 0 {
			continue
		}
		if err := w.add(d, updates, l); err != nil {
			return err
		}
		w.changed = append(w.changed, r.name)
	}
	return nil
}

// answer gives what a push makes of a document, and what is said to it.
func answer(d *document, p Push, l Limits) (outcome, *document, []Update) {
	since, _ := d.since(p.Version)
	next, updates, err := d.take(p, l)
	if err != nil {
		return outcome{err: err}, d, nil
	}
	return outcome{pushed: Pushed{Version: next.version, Updates: slices.Concat(since, updates)}}, next, updates
}

// install keeps documents as they are in the database now. Where there are too
// many, any are dropped that were not just written.
func (t *Texts) install(next map[Name]*document) {
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.Copy(t.open, next)
	for name := range t.open {
		if len(t.open) <= t.limits.Open {
			return
		}
		if next[name] == nil {
			delete(t.open, name)
		}
	}
}

func (t *Texts) forget(requests []*request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range requests {
		delete(t.open, r.name)
	}
}

func (t *Texts) tell(names []Name) {
	notify := t.notify.Load()
	if notify == nil {
		return
	}
	told := map[Name]bool{}
	for _, name := range names {
		if !told[name] {
			told[name] = true
			(*notify)(name)
		}
	}
}
