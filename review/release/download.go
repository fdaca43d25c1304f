package release

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// Published finds a published release of a workshop. The fault is Conflict
// where it is still open.
func (s *Releases) Published(ctx context.Context, workshop, id string) (Release, error) {
	r, err := s.published(ctx, workshop, id)
	if err != nil {
		return Release{}, err
	}
	return s.releaseIn(s.db.WithContext(ctx), r)
}

func (s *Releases) published(ctx context.Context, workshop, id string) (row, error) {
	r, err := find(s.db.WithContext(ctx), workshop, id)
	if err == nil && r.State != Published {
		err = fault.New(fault.Conflict, "This release is not published yet; there is nothing to download.")
	}
	return r, err
}

// Find finds a published release by domain and number; an empty workshop
// means the only one that has it.
func (s *Releases) Find(ctx context.Context, domain string, number int64, workshop string) (Release, error) {
	query := s.db.WithContext(ctx).Where("domain = ? AND number = ? AND state = ?", domain, number, Published)
	if workshop != "" {
		query = query.Where("workshop_id = ?", workshop)
	}
	var rows []row
	if err := query.Order("published_at").Find(&rows).Error; err != nil {
		return Release{}, fmt.Errorf("find a release: %w", err)
	}
	switch len(rows) {
	case 0:
		return Release{}, fault.New(fault.NotFound, "There is no published release %d of %s.", number, domain)
	case 1:
		return s.releaseIn(s.db.WithContext(ctx), rows[0])
	}
	workshops := make([]string, len(rows))
	for i, r := range rows {
		workshops[i] = r.WorkshopID
	}
	return Release{}, fault.New(fault.Conflict, "Several workshops have a release %d of %s. Name one of: %v.", number, domain, workshops)
}

// Collection gives the collection that a published release made.
func (s *Releases) Collection(ctx context.Context, workshop, id string) (taxonomy.Collection, error) {
	r, err := s.published(ctx, workshop, id)
	if err != nil {
		return taxonomy.Collection{}, err
	}
	return s.taxonomy.Find(ctx, r.Domain, r.CollectionID)
}

// Bundle writes the whole bundle of a published release: always the same
// bytes.
func (s *Releases) Bundle(ctx context.Context, workshop, id string, w io.Writer) error {
	c, err := s.Collection(ctx, workshop, id)
	if err != nil {
		return err
	}
	return s.taxonomy.Export(ctx, c, taxonomy.AsItCameIn, w)
}

// Changelog gives what a published release changed.
func (s *Releases) Changelog(ctx context.Context, workshop, id string) (Changelog, error) {
	r, err := s.published(ctx, workshop, id)
	if err != nil {
		return Changelog{}, err
	}
	o, err := r.outcome()
	return o.Changelog, err
}

// Delta writes a bundle of what a published release added or changed and all
// that this refers to, at any depth: always the same bytes. It is a collection
// of its own, so that nobody takes it for the whole.
func (s *Releases) Delta(ctx context.Context, workshop, id string, w io.Writer) error {
	r, err := s.published(ctx, workshop, id)
	if err != nil {
		return err
	}
	objects, err := s.delta(ctx, r)
	if err != nil {
		return err
	}
	return taxonomy.WriteBundle(w, idFor("bundle", r.ID, "delta"), func(put func([]byte) error) error {
		for _, raw := range objects {
			raw, err := attack.Convert(raw, attack.STIX21) // as in the whole bundle
			if err == nil {
				err = put(raw)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// delta lists the objects of the delta, its collection object first.
func (s *Releases) delta(ctx context.Context, r row) ([][]byte, error) {
	before, err := s.taxonomy.Members(ctx, r.BaseCollection)
	if err != nil {
		return nil, err
	}
	now, err := s.taxonomy.Members(ctx, r.CollectionID)
	if err != nil {
		return nil, err
	}
	known := make(map[int64]bool, len(before))
	for _, m := range before {
		known[m.Row] = true
	}
	c := closure{rows: make(map[string]int64, len(now)), raw: map[string][]byte{}, read: func(row int64) ([]byte, error) { return s.taxonomy.Raw(ctx, row) }}
	for _, m := range now {
		c.rows[m.STIXID] = m.Row
	}
	head, err := c.read(now[0].Row)
	if err != nil {
		return nil, err
	}
	if err := c.addRefs(head); err != nil {
		return nil, err
	}
	for _, m := range now[1:] {
		if !known[m.Row] {
			if err := c.add(m.STIXID); err != nil {
				return nil, err
			}
		}
	}
	return c.bundle(r, head, now[1:])
}

// closure collects objects with all that they refer to.
type closure struct {
	rows map[string]int64 // all that there is, by STIX id
	read func(row int64) ([]byte, error)
	raw  map[string][]byte // what was collected, by STIX id
}

func (c closure) add(id string) error {
	row, ok := c.rows[id]
	if _, have := c.raw[id]; have || !ok { // what is not there was missing before
		return nil
	}
	raw, err := c.read(row)
	if err != nil {
		return err
	}
	c.raw[id] = raw
	return c.addRefs(raw)
}

func (c closure) addRefs(raw []byte) error {
	refs, err := attack.Refs(raw)
	if err != nil {
		return err
	}
	for _, id := range refs {
		if err := c.add(id); err != nil {
			return err
		}
	}
	return nil
}

// bundle puts what was collected in order, behind a collection object that
// lists it.
func (c closure) bundle(r row, head []byte, order []taxonomy.MemberRef) ([][]byte, error) {
	whole, err := attack.Parse(head)
	if err != nil {
		return nil, err
	}
	list := [][]byte{nil}
	var contents []attack.ContentRef
	for _, m := range order {
		raw, ok := c.raw[m.STIXID]
		if !ok {
			continue
		}
		o, err := attack.Parse(raw)
		if err != nil {
			return nil, err
		}
		list = append(list, raw)
		contents = append(contents, attack.ContentRef{Object: o.ID, Modified: o.Stamp()})
	}
	stamp := attack.Stamp{STIXID: idFor(attack.TypeCollection, r.ID, "delta"), Created: *r.PublishedAt, Modified: *r.PublishedAt,
		Version: attack.FirstVersion, Spec: whole.AttackSpec, Identity: whole.CreatedBy, Markings: slices.Clone(whole.Markings)}
	list[0], err = attack.NewCollection(attack.Heading{Name: whole.Name + " " + whole.Version + ": " + r.Name,
		Description: fmt.Sprintf("What release %d added or changed, with all that this refers to.", r.Number)}, contents, stamp)
	return list, err
}
