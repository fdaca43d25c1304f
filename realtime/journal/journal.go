package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// Journal appends events and reads them back.
type Journal struct {
	db     *gorm.DB
	queue  queue
	notify atomic.Pointer[func(workshop string)]
	forget atomic.Pointer[func(workshop string)]

	insertions sync.Map // of each type of rows that was inserted: how
}

// New makes the journal of a database.
func New(db *gorm.DB) *Journal { return &Journal{db: db} }

// Notify sets the function that is told, after the commit, of each workshop
// that has news. It must not block.
func (j *Journal) Notify(f func(workshop string)) { j.notify.Store(&f) }

// Rewritten sets the function that is told, after the commit, of each workshop
// of whose past something was rewritten: whoever remembers its events forgets
// them, and reads them again. It must not block.
func (j *Journal) Rewritten(f func(workshop string)) { j.forget.Store(&f) }

// Now is the present time as the journal and all rows keep it: UTC, in whole
// milliseconds, so that both databases and JSON give back the same value.
func Now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// Tx is a transaction that can append events.
type Tx struct {
	*gorm.DB
	touched   []string
	rewritten []string
	then      []func()
	heads     *heads // nil: each number is taken from the database

	insertions *sync.Map // the journal's
}

// Then calls f after the commit and before anybody is told, so that who hears
// of the change and comes to look finds it; not where the transaction fails.
func (tx *Tx) Then(f func()) { tx.then = append(tx.then, f) }

type row struct {
	WorkshopID string
	Seq        int64
	At         time.Time
	ActorID    string
	Kind       string
	Data       string
}

func (row) TableName() string { return "journal" }

func (r row) event() Event {
	return Event{Workshop: r.WorkshopID, Seq: r.Seq, At: r.At.UTC(), Actor: r.ActorID, Kind: r.Kind, Data: json.RawMessage(r.Data)}
}

// NextSeq takes the next number of a workshop and holds its counter until the
// transaction ends, so numbers follow the order of the commits.
func (tx *Tx) NextSeq(workshop string) (int64, error) {
	if tx.heads != nil {
		if seq, known := tx.heads.next(workshop); known {
			return seq, nil
		}
	}
	var seq int64
	err := tx.read([]any{&seq}, `INSERT INTO journal_heads (workshop_id, seq) VALUES ($1, 1)
		ON CONFLICT (workshop_id) DO UPDATE SET seq = journal_heads.seq + 1 RETURNING seq`, workshop)
	if err != nil {
		return 0, fmt.Errorf("number an event: %w", err)
	}
	if tx.heads != nil {
		tx.heads.took(workshop, seq)
	}
	return seq, nil
}

// Hold keeps all other writers of a workshop waiting until the transaction
// ends, without taking a number: for changes that nobody is told of.
func (tx *Tx) Hold(workshop string) error {
	err := tx.Exec(`INSERT INTO journal_heads (workshop_id, seq) VALUES (?, 0)
		ON CONFLICT (workshop_id) DO UPDATE SET seq = journal_heads.seq`, workshop).Error
	if err != nil {
		return fmt.Errorf("wait for the other writers of a workshop: %w", err)
	}
	return nil
}

// Append writes one event; data becomes its JSON.
func (tx *Tx) Append(workshop, actor, kind string, data any) (Event, error) {
	seq, err := tx.NextSeq(workshop)
	if err != nil {
		return Event{}, err
	}
	return tx.AppendAt(seq, workshop, actor, kind, data)
}

// AppendAt writes one event under a number from NextSeq, for data that
// contains its own number.
func (tx *Tx) AppendAt(seq int64, workshop, actor, kind string, data any) (Event, error) {
	body, err := json.Marshal(data)
	if err != nil {
		return Event{}, fmt.Errorf("encode event %s: %w", kind, err)
	}
	r := row{WorkshopID: workshop, Seq: seq, At: Now(), ActorID: actor, Kind: kind, Data: string(body)}
	if err := tx.Insert(&r); err != nil {
		return Event{}, fmt.Errorf("append event %s: %w", kind, err)
	}
	tx.touched = append(tx.touched, workshop)
	return r.event(), nil
}

// Rewrite has an event of the past carry other data, for what must not be read
// any more: it is the only thing that changes what was written. Append an event
// that says so, for those who have read it.
func (tx *Tx) Rewrite(workshop string, seq int64, data any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("encode what event %d carries now: %w", seq, err)
	}
	if err := tx.Model(&row{}).Where("workshop_id = ? AND seq = ?", workshop, seq).Update("data", string(body)).Error; err != nil {
		return fmt.Errorf("rewrite event %d: %w", seq, err)
	}
	tx.rewritten = append(tx.rewritten, workshop)
	return nil
}

type txKey struct{}

// Do runs fn in one transaction, commits, and then tells who listens. Where
// the context carries a request (WithRequest), a repeat of it gets the first
// answer and fn is not run again; the answer is stored by the same
// transaction, so this also holds after a crash.
func Do[T any](ctx context.Context, j *Journal, fn func(ctx context.Context, tx *Tx) (T, error)) (T, error) {
	var answer, none T
	if ctx.Value(txKey{}) != nil {
		return none, fault.New(fault.Internal, "a transaction was started within another")
	}
	var tx *Tx
	ctx = context.WithValue(ctx, txKey{}, true)
	err := j.db.WithContext(ctx).Transaction(func(db *gorm.DB) (err error) {
		tx = &Tx{DB: db, insertions: &j.insertions}
		answer, err = once(ctx, tx, fn)
		return err
	})
	if err != nil {
		return none, err
	}
	for _, f := range tx.then {
		f()
	}
	tell(j.forget.Load(), tx.rewritten)
	tell(j.notify.Load(), tx.touched)
	return answer, nil
}

// once runs fn, or gives the answer to a request that was made before.
func once[T any](ctx context.Context, tx *Tx, fn func(ctx context.Context, tx *Tx) (T, error)) (answer T, err error) {
	request, ok := ctx.Value(requestKey{}).(request)
	if !ok {
		return fn(ctx, tx)
	}
	mine, err := request.claim(tx, &answer)
	if err != nil || !mine {
		return answer, err
	}
	if answer, err = fn(ctx, tx); err != nil {
		return answer, err
	}
	return answer, request.keep(tx, answer)
}

// tell calls a function, if there is one, for each of some workshops, once.
func tell(f *func(workshop string), workshops []string) {
	if f == nil {
		return
	}
	told := map[string]bool{}
	for _, w := range workshops {
		if !told[w] {
			told[w] = true
			(*f)(w)
		}
	}
}

// After lists the events of a workshop behind seq, oldest first, at most limit.
func (j *Journal) After(ctx context.Context, workshop string, seq int64, limit int) ([]Event, error) {
	return j.read(ctx, limit, "seq", "workshop_id = ? AND seq > ?", workshop, seq)
}

// Before lists the events of a workshop before seq, newest first, at most limit.
func (j *Journal) Before(ctx context.Context, workshop string, seq int64, limit int) ([]Event, error) {
	return j.read(ctx, limit, "seq DESC", "workshop_id = ? AND seq < ?", workshop, seq)
}

// All gives the events of a workshop one after another, in their order.
func (j *Journal) All(ctx context.Context, workshop string) iter.Seq2[Event, error] {
	const page = 500
	return func(yield func(Event, error) bool) {
		for last := int64(0); ; {
			events, err := j.After(ctx, workshop, last, page)
			if err != nil {
				yield(Event{}, err)
				return
			}
			for _, e := range events {
				if last = e.Seq; !yield(e, nil) {
					return
				}
			}
			if len(events) < page {
				return
			}
		}
	}
}

// OfKind lists the events of a workshop whose kinds begin so, newest first, at
// most limit.
func (j *Journal) OfKind(ctx context.Context, workshop, prefix string, limit int) ([]Event, error) {
	return j.read(ctx, limit, "seq DESC", "workshop_id = ? AND kind LIKE ?", workshop, prefix+"%")
}

func (j *Journal) read(ctx context.Context, limit int, order, where string, args ...any) ([]Event, error) {
	var rows []row
	if err := j.db.WithContext(ctx).Where(where, args...).Order(order).Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	events := make([]Event, len(rows))
	for i, r := range rows {
		events[i] = r.event()
	}
	return events, nil
}

// Heads gives the numbers of the newest events of workshops, where they have any.
func (j *Journal) Heads(ctx context.Context, workshops []string) (map[string]int64, error) {
	var rows []struct {
		WorkshopID string
		Seq        int64
	}
	if err := j.db.WithContext(ctx).Table("journal_heads").Where("workshop_id IN ?", workshops).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the heads of the journal: %w", err)
	}
	heads := make(map[string]int64, len(rows))
	for _, r := range rows {
		heads[r.WorkshopID] = r.Seq
	}
	return heads, nil
}

// Head is the number of the newest event of a workshop; 0 where there is none.
func (j *Journal) Head(ctx context.Context, workshop string) (int64, error) {
	var seq int64
	err := j.db.WithContext(ctx).Raw("SELECT seq FROM journal_heads WHERE workshop_id = ?", workshop).Scan(&seq).Error
	if err != nil {
		return 0, fmt.Errorf("read the head of the journal: %w", err)
	}
	return seq, nil
}
