package taxonomy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/attack"
)

// maxPast is how many snapshots of other collections than the current ones are
// kept in memory. They share the objects that did not change with the present.
const maxPast = 4

// At gives the snapshot of one collection, which has that collection's domain
// alone; 0 is the present state of all domains. It is loaded when it is first
// asked for, once for all who ask, and a few are kept. The fault is NotFound
// where there is no such collection.
func (t *Taxonomy) At(ctx context.Context, collection int64) (*Snapshot, error) {
	if collection == 0 {
		return t.Snapshot(), nil
	}
	return t.past.get(ctx, collection, func() (*Snapshot, error) {
		given, err := givenIDs(t.db.WithContext(ctx))
		if err != nil {
			return nil, err
		}
		one := t.Snapshot().state(collection)
		if one == nil {
			c, err := t.Collection(ctx, collection)
			if err != nil {
				return nil, err
			}
			objects, err := t.members(ctx, collection)
			if err != nil {
				return nil, err
			}
			one = newState(c, objects)
		}
		return newSnapshot(yielding([]*state{one}, given)), nil
	})
}

// loaded lists the states that are in memory.
func (t *Taxonomy) loaded() []*state {
	list := slices.Clone(t.Snapshot().states)
	for _, s := range t.past.values() {
		list = append(list, s.states...)
	}
	return list
}

// Collection gives a collection by its number. The fault is NotFound where
// there is none.
func (t *Taxonomy) Collection(ctx context.Context, id int64) (Collection, error) {
	var c Collection
	err := t.db.WithContext(ctx).Where("id = ?", id).Take(&c).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return c, fault.New(fault.NotFound, "There is no collection %d. Choose one from the list of a domain's collections.", id)
	}
	if err != nil {
		return c, fmt.Errorf("find collection %d: %w", id, err)
	}
	return c, nil
}

// NamedCollection is a collection with the name of its domain for people.
type NamedCollection struct {
	Collection
	DomainName string `json:"domain_name"`
}

// Named gives a collection with the name of its domain.
func (c Collection) Named() NamedCollection { return NamedCollection{c, domainName(c.Domain)} }

// Listed is a collection as lists show it.
type Listed struct {
	Collection
	Objects int `json:"objects"`
}

// Collections lists the collections of a domain, the newest version of ATT&CK
// first and within it what came in last; of all domains where domain is empty.
func (t *Taxonomy) Collections(ctx context.Context, domain string) ([]Listed, error) {
	list := []Listed{}
	err := t.db.WithContext(ctx).Raw(`SELECT c.*, (SELECT COALESCE(MAX(m.position), -1) + 1 FROM collection_members m WHERE m.collection_id = c.id) AS objects
		FROM collections c WHERE c.domain = ? OR ? = ''`, domain, domain).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list the collections: %w", err)
	}
	slices.SortFunc(list, func(a, b Listed) int {
		return cmp.Or(cmp.Compare(a.Domain, b.Domain), attack.CompareVersions(b.UpstreamVersion, a.UpstreamVersion), cmp.Compare(b.ID, a.ID))
	})
	return list, nil
}
