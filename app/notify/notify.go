// Package notify tells people what waits for them and what is news to them:
// that they are mentioned or answered, that it is their turn, that a proposal of
// theirs moved.
//
// Notices follow from the journals: one goroutine reads them behind a cursor,
// which moves in the transaction that keeps what was found. So none is lost and
// none is kept twice, whatever stops and however many processes there are. What
// no journal has, invitations to drafts and wishes for contacts, is kept by the
// transaction that makes it. A notice holds nothing of what was said: what it
// leads to is looked at each time that it is shown or sent, and who may not read
// that any more, or has read it, is not told.
package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review"
)

// Actors lists the members of a workshop with their roles, by a handle that may
// be inside a transaction.
type Actors func(db *gorm.DB, workshop string) ([]review.Actor, error)

// Notices keeps what people are told.
type Notices struct {
	db      *gorm.DB
	journal *journal.Journal
	log     *slog.Logger
	actors  Actors
	told    func(users []string)
	outside Outside
	pusher  *http.Client

	lookAgain time.Duration // how often news are looked for that another process wrote

	news  chan struct{} // a journal grew
	moved chan struct{} // a notice changed

	mu   sync.Mutex          // guards what follows
	grew map[string]bool     // workshops whose journals grew
	seen map[string]position // how far journals were read
}

// position is how far the journal of a workshop was read: kept is what the
// database has of it, which moves only where something was found.
type position struct{ kept, seen int64 }

// New makes the Notices of a database; Run keeps them.
func New(db *gorm.DB, j *journal.Journal, log *slog.Logger, actors Actors) *Notices {
	return &Notices{db: db, journal: j, log: log, actors: actors, told: func([]string) {}, lookAgain: 2 * time.Second, news: make(chan struct{}, 1), moved: make(chan struct{}, 1),
		grew: map[string]bool{}, seen: map[string]position{}}
}

// Tell sets the function that is given those whose notices changed, by whatever
// process. Call it before Run.
func (n *Notices) Tell(f func(users []string)) { n.told = f }

// Wake says that a workshop's journal has news. It does not block.
func (n *Notices) Wake(workshop string) {
	n.mu.Lock()
	n.grew[workshop] = true
	n.mu.Unlock()
	signal(n.news)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// gather is how long news are gathered before they are read, and lookBack how
// long a transaction may take that changes notices.
const gather, lookBack = 100 * time.Millisecond, 2 * time.Second

// Run keeps notices until the context ends.
func (n *Notices) Run(ctx context.Context) {
	again := time.NewTicker(n.lookAgain)
	defer again.Stop()
	since := journal.Now().Add(-lookBack).UnixMilli()
	told := map[string]int64{}
	n.report(ctx, n.everywhere(ctx))
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
			n.report(ctx, n.everywhere(ctx))
		case <-n.moved:
		case <-n.news:
			if !rest(ctx, gather) {
				return
			}
			n.report(ctx, n.some(ctx))
		}
		var err error
		if since, err = n.tell(ctx, since, told); err != nil {
			n.report(ctx, err)
		}
	}
}

// rest waits; false: the context ended.
func rest(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func (n *Notices) report(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		n.log.Error("keep notices", "error", err)
	}
}

// some reads the journals that grew.
func (n *Notices) some(ctx context.Context) error {
	n.mu.Lock()
	grew := n.grew
	n.grew = map[string]bool{}
	n.mu.Unlock()
	var all []error
	for workshop := range grew {
		if err := n.Follow(ctx, workshop); err != nil {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// everywhere reads all journals that have more than was read.
func (n *Notices) everywhere(ctx context.Context) error {
	var behind []struct {
		WorkshopID string
		Seq        int64
	}
	err := n.db.WithContext(ctx).Raw(`SELECT h.workshop_id, h.seq FROM journal_heads h JOIN workshops w ON w.id = h.workshop_id
		LEFT JOIN notice_cursors c ON c.workshop_id = h.workshop_id WHERE h.seq > coalesce(c.seq, 0)`).Scan(&behind).Error
	if err != nil {
		return fmt.Errorf("look which journals have news: %w", err)
	}
	var all []error
	for _, b := range behind {
		n.mu.Lock()
		seen := n.seen[b.WorkshopID].seen
		n.mu.Unlock()
		if b.Seq <= seen {
			continue
		}
		if err := n.Follow(ctx, b.WorkshopID); err != nil {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// How many events are read at once, and after how many the cursor is kept though
// nothing was found.
const page, keepAfter = 200, 1000

// Follow reads what a workshop's journal has more than was read, and keeps the
// notices that follow from it.
func (n *Notices) Follow(ctx context.Context, workshop string) error {
	at, err := n.position(ctx, workshop)
	if err != nil {
		return err
	}
	for {
		events, err := n.journal.After(ctx, workshop, at.seen, page)
		if err != nil || len(events) == 0 {
			return err
		}
		changes, err := n.changes(ctx, workshop, events)
		if err != nil {
			return err
		}
		next := position{at.kept, events[len(events)-1].Seq}
		if len(changes) > 0 || next.seen-next.kept >= keepAfter {
			first, err := n.keep(ctx, workshop, at.kept, next.seen, changes)
			if err != nil {
				return err
			}
			if !first { // another process did it
				n.mu.Lock()
				delete(n.seen, workshop)
				n.mu.Unlock()
				return n.Follow(ctx, workshop)
			}
			next.kept = next.seen
		}
		at = next
		n.mu.Lock()
		n.seen[workshop] = at
		n.mu.Unlock()
	}
}

// position gives how far a journal was read.
func (n *Notices) position(ctx context.Context, workshop string) (position, error) {
	n.mu.Lock()
	at, known := n.seen[workshop]
	n.mu.Unlock()
	if known {
		return at, nil
	}
	var kept int64
	if err := n.db.WithContext(ctx).Raw("SELECT seq FROM notice_cursors WHERE workshop_id = ?", workshop).Scan(&kept).Error; err != nil {
		return at, fmt.Errorf("read how far a journal was read: %w", err)
	}
	return position{kept, kept}, nil
}

// changes derives what events do to notices.
func (n *Notices) changes(ctx context.Context, workshop string, events []journal.Event) ([]change, error) {
	var list []happening
	for _, e := range events {
		h, ok, err := read(e)
		if err != nil {
			return nil, err
		}
		if ok {
			list = append(list, h)
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	f, err := n.facts(n.db.WithContext(ctx), workshop, list)
	if err != nil {
		return nil, err
	}
	var all []change
	for _, h := range list {
		all = append(all, derive(h, f)...)
	}
	return all, nil
}

// keep moves the cursor and keeps what was found, in one transaction; first is
// false where the cursor is elsewhere.
func (n *Notices) keep(ctx context.Context, workshop string, from, to int64, changes []change) (first bool, err error) {
	return journal.Do(ctx, n.journal, func(_ context.Context, tx *journal.Tx) (bool, error) {
		if err := tx.Exec("INSERT INTO notice_cursors (workshop_id, seq) VALUES (?, 0) ON CONFLICT DO NOTHING", workshop).Error; err != nil {
			return false, fmt.Errorf("begin a cursor: %w", err)
		}
		done := tx.Exec("UPDATE notice_cursors SET seq = ? WHERE workshop_id = ? AND seq = ?", to, workshop, from)
		if done.Error != nil {
			return false, fmt.Errorf("move a cursor: %w", done.Error)
		}
		if done.RowsAffected == 0 {
			return false, nil
		}
		for _, c := range changes {
			if err := c.apply(tx.DB); err != nil {
				return false, err
			}
		}
		tx.Then(func() { signal(n.moved) })
		return true, nil
	})
}

// row is one notice as it is stored.
type row struct {
	ID                              int64 `gorm:"primaryKey"`
	UserID, WorkshopID              string
	Kind                            Kind
	Thing, Reason, ActorID          string
	Seq                             int64
	MessageID, ThreadID, ProposalID string
	CreatedAt                       time.Time
	ReadAt                          *time.Time
	Touched                         int64
	MailID                          string // empty: it is in none
}

func (row) TableName() string { return "notices" }

// done marks notices as read that nobody needs to read any more.
func done(query *gorm.DB) error {
	now := journal.Now()
	if err := query.Model(&row{}).Where("read_at IS NULL").Updates(map[string]any{"read_at": now, "touched": now.UnixMilli()}).Error; err != nil {
		return fmt.Errorf("settle notices: %w", err)
	}
	return nil
}

// apply writes a change, within a transaction.
func (c change) apply(db *gorm.DB) error {
	if c.turned != "" {
		if err := done(db.Where("proposal_id = ? AND kind IN ? AND thing <> ?", c.turned, []Kind{Review, Turn}, c.turn)); err != nil {
			return err
		}
	}
	if c.retold != "" {
		gone := db.Where("message_id = ?", c.retold)
		if c.mentions != nil {
			gone = gone.Where("kind = ?", Mentioned)
		}
		if len(c.mentions) > 0 {
			gone = gone.Where("user_id NOT IN ?", c.mentions)
		}
		if err := done(gone); err != nil {
			return err
		}
	}
	return add(db, c.add)
}

// add keeps notices, each unless its person has one about the same thing. What
// is told of a proposal takes the place of what was told before and not read.
func add(db *gorm.DB, list []row) error {
	if len(list) == 0 {
		return nil
	}
	now := journal.Now().UnixMilli()
	news := map[[2]string][]string{} // who is told, by proposal and what is told of it
	for i := range list {
		list[i].Touched = now
		if r := list[i]; slices.Contains(ofProposals(), r.Kind) {
			about := [2]string{r.ProposalID, r.Thing}
			news[about] = append(news[about], r.UserID)
		}
	}
	for about, users := range news {
		for some := range slices.Chunk(users, 500) {
			before := db.Where("user_id IN ? AND proposal_id = ? AND kind IN ? AND thing <> ?", some, about[0], ofProposals(), about[1])
			if err := done(before); err != nil {
				return err
			}
		}
	}
	if err := db.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&list, 100).Error; err != nil {
		return fmt.Errorf("keep notices: %w", err)
	}
	return nil
}

// tell gives those whose notices changed since a time to who wants to know, and
// the time from which to look next. It looks a little back, for a transaction
// that began before may have ended since; told keeps what was told already.
func (n *Notices) tell(ctx context.Context, since int64, told map[string]int64) (int64, error) {
	var rows []struct {
		UserID string
		Last   int64
	}
	from := since - lookBack.Milliseconds()
	err := n.db.WithContext(ctx).Raw("SELECT user_id, max(touched) AS last FROM notices WHERE touched > ? GROUP BY user_id", from).Scan(&rows).Error
	if err != nil {
		return since, fmt.Errorf("look whose notices changed: %w", err)
	}
	var users []string
	for _, r := range rows {
		if r.Last > told[r.UserID] {
			users = append(users, r.UserID)
			told[r.UserID] = r.Last
		}
		since = max(since, r.Last)
	}
	for user, last := range told {
		if last <= from {
			delete(told, user)
		}
	}
	if len(users) > 0 {
		n.told(users)
	}
	return since, nil
}
