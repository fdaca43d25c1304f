// Package taxonomy is the store of ATT&CK: every version of every object as it
// came in, which of them make up each domain, and a snapshot in memory that
// all reading is served from.
//
// The database is the truth. The snapshot is immutable and swapped whole, on
// import and on release; readers never wait.
package taxonomy

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/review/attack"
)

// Sources of a collection.
const (
	FromIndex   = "index"   // facts without text that ship with the program
	FromImport  = "import"  // a file that somebody loaded
	FromRelease = "release" // made here
)

// Taxonomy imports, publishes and exports collections, and keeps the snapshot.
// It is safe for concurrent use.
type Taxonomy struct {
	db       *gorm.DB
	log      *slog.Logger
	snapshot atomic.Pointer[Snapshot]
	loading  sync.Mutex                     // one at a time builds a snapshot from the one before
	past     *recent[int64, *Snapshot]      // of one collection each
	compared *recent[[2]int64, *Comparison] // by from and to
}

// New makes the Taxonomy of a database, with an empty snapshot.
func New(db *gorm.DB, log *slog.Logger) *Taxonomy {
	t := &Taxonomy{db: db, log: log,
		past: newRecent[int64, *Snapshot](maxPast), compared: newRecent[[2]int64, *Comparison](maxCompared)}
	t.snapshot.Store(newSnapshot(nil))
	return t
}

// Snapshot gives the present state; it never changes and is never nil.
func (t *Taxonomy) Snapshot() *Snapshot { return t.snapshot.Load() }

// Collection is one state of one domain; but for IsCurrent it never changes.
type Collection struct {
	ID              int64     `json:"id" doc:"names it as at, from and to"`
	Domain          string    `json:"domain"`
	Title           string    `json:"title"`
	Version         string    `json:"version"`
	UpstreamVersion string    `json:"upstream_version" doc:"the ATT&CK version that it is based on"`
	Source          string    `json:"source" enum:"index,import,release"`
	BundleID        string    `json:"-"`
	SpecVersion     string    `json:"-"` // of STIX, as the bundle says at its top; empty: it says none
	Digest          []byte    `json:"-"`
	IsCurrent       bool      `json:"current" doc:"it is what the pages of its domain show"`
	CreatedAt       time.Time `json:"created_at" doc:"when it came in"`
}

// Load builds the snapshot from the current collection of every domain.
func (t *Taxonomy) Load(ctx context.Context) error {
	t.loading.Lock()
	defer t.loading.Unlock()
	start := time.Now()
	current, err := t.Current(ctx)
	if err != nil {
		return err
	}
	given, err := givenIDs(t.db.WithContext(ctx))
	if err != nil {
		return err
	}
	states := make([]*state, len(current))
	for i, c := range current {
		if known := t.Snapshot().state(c.ID); known != nil {
			states[i] = known
			continue
		}
		objects, err := t.members(ctx, c.ID)
		if err != nil {
			return err
		}
		states[i] = newState(c, objects)
	}
	t.show(newSnapshot(yielding(states, given)))
	t.log.Debug("taxonomy loaded", "domains", len(states), "took", time.Since(start))
	return nil
}

// Current lists the current collections, as the database has them, by domain.
func (t *Taxonomy) Current(ctx context.Context) ([]Collection, error) {
	var current []Collection
	if err := t.db.WithContext(ctx).Where("is_current = ?", true).Order("domain").Find(&current).Error; err != nil {
		return nil, fmt.Errorf("list the domains: %w", err)
	}
	return current, nil
}

// Refresh loads what another process, such as an import on the command line,
// has made current since.
func (t *Taxonomy) Refresh(ctx context.Context) error {
	var stored []int64
	if err := t.db.WithContext(ctx).Model(&Collection{}).Where("is_current = ?", true).Pluck("id", &stored).Error; err != nil {
		return fmt.Errorf("list the domains: %w", err)
	}
	now := t.Snapshot()
	known := func(id int64) bool { return now.state(id) != nil }
	if len(stored) == len(now.states) && !slices.ContainsFunc(stored, func(id int64) bool { return !known(id) }) {
		return nil
	}
	return t.Load(ctx)
}

// swap puts one domain's new state into the snapshot.
func (t *Taxonomy) swap(s *state, given map[string]string) {
	t.loading.Lock()
	defer t.loading.Unlock()
	states := []*state{s}
	for _, old := range t.Snapshot().states {
		if old.collection.Domain != s.collection.Domain {
			states = append(states, old)
		}
	}
	t.show(newSnapshot(yielding(states, given)))
}

// show makes a snapshot the present one. Where people search, its index is made
// first: they go on in the snapshot before, and nobody waits.
func (t *Taxonomy) show(s *Snapshot) {
	if t.Snapshot().searched.Load() {
		s.finder()
	}
	t.snapshot.Store(s)
}

// Index makes the index of the present snapshot, which else the first search
// would, and keeps those that follow indexed from the start.
func (t *Taxonomy) Index() { t.Snapshot().finder() }

const selectNew = `SELECT o.id, o.raw FROM collection_members m JOIN objects o ON o.id = m.object_id
	WHERE m.collection_id = ? AND NOT EXISTS (SELECT 1 FROM collection_members k WHERE k.object_id = m.object_id AND k.collection_id IN ?)
	ORDER BY m.position`

// members gives the objects of a collection, in order. Those that are in
// memory already are shared.
func (t *Taxonomy) members(ctx context.Context, collection int64) ([]*Object, error) {
	loaded := t.loaded()
	known := map[int64]*Object{}
	ids := make([]int64, len(loaded))
	for i, s := range loaded {
		ids[i] = s.collection.ID
		for _, o := range s.objects {
			known[o.Row] = o
		}
	}
	if err := t.parse(ctx, collection, ids, known); err != nil {
		return nil, err
	}
	var order []int64
	err := t.db.WithContext(ctx).Raw("SELECT object_id FROM collection_members WHERE collection_id = ? ORDER BY position", collection).Scan(&order).Error
	if err != nil {
		return nil, fmt.Errorf("list the members of a collection: %w", err)
	}
	objects := make([]*Object, len(order))
	for i, row := range order {
		objects[i] = known[row]
	}
	return objects, nil
}

// stored is an object's own bytes and the row that they are from.
type stored struct {
	row int64
	raw []byte
}

// parseAtOnce is how many objects one goroutine takes to parse.
const parseAtOnce = 200

// parse adds those objects of a collection that no loaded collection has. One
// goroutine reads, and as many as there are cores parse, so that a server is
// soon ready.
func (t *Taxonomy) parse(ctx context.Context, collection int64, loaded []int64, known map[int64]*Object) error {
	work, ctx := errgroup.WithContext(ctx)
	batches, parsed := make(chan []stored), make([][]*Object, runtime.GOMAXPROCS(0))
	for i := range parsed {
		work.Go(func() error {
			for batch := range batches {
				for _, one := range batch {
					o, err := attack.Parse(one.raw)
					if err != nil {
						return err
					}
					parsed[i] = append(parsed[i], newObject(one.row, o))
				}
			}
			return nil
		})
	}
	work.Go(func() error {
		defer close(batches)
		return t.unknown(ctx, collection, loaded, batches)
	})
	if err := work.Wait(); err != nil {
		return err
	}
	for _, o := range slices.Concat(parsed...) {
		known[o.Row] = o
	}
	return nil
}

// unknown reads what is to be parsed, in batches.
func (t *Taxonomy) unknown(ctx context.Context, collection int64, loaded []int64, batches chan<- []stored) error {
	rows, err := t.db.WithContext(ctx).Raw(selectNew, collection, loaded).Rows()
	if err != nil {
		return fmt.Errorf("read a collection: %w", err)
	}
	defer rows.Close()
	var batch []stored
	for more := true; more; {
		if more = rows.Next(); more {
			var one stored
			if err := rows.Scan(&one.row, &one.raw); err != nil {
				return fmt.Errorf("read an object: %w", err)
			}
			batch = append(batch, one)
		}
		if len(batch) == parseAtOnce || !more && len(batch) > 0 {
			select {
			case batches <- batch:
				batch = nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return rows.Err()
}

// Raw gives an object's own bytes, by the row of one of its versions.
func (t *Taxonomy) Raw(ctx context.Context, row int64) ([]byte, error) {
	var raw []byte
	err := t.db.WithContext(ctx).Raw("SELECT raw FROM objects WHERE id = ?", row).Row().Scan(&raw)
	if err != nil {
		return nil, fmt.Errorf("read object %d: %w", row, err)
	}
	return raw, nil
}

// Find gives a collection; 0 means the current one of the domain.
func (t *Taxonomy) Find(ctx context.Context, domain string, id int64) (Collection, error) {
	where := t.db.WithContext(ctx).Where("domain = ?", domain)
	if id == 0 {
		where = where.Where("is_current = ?", true)
	} else {
		where = where.Where("id = ?", id)
	}
	var c Collection
	if err := where.Take(&c).Error; err != nil {
		return c, fmt.Errorf("find a collection of %s: %w", domain, err)
	}
	return c, nil
}
