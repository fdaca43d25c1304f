package taxonomy

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/merge"
)

// carryAtOnce is how many objects are read and merged together.
const carryAtOnce = 200

// carrier carries what releases made onto a newer import.
type carrier struct {
	tx      *gorm.DB
	moment  time.Time
	base    map[string][]int64 // rows of the import that the releases stood on, by STIX id
	ours    map[string]int64   // rows of what releases made of it
	theirs  *state             // the newer import
	alike   map[[3]string]*Object
	by      map[string]string // what a revoked object of theirs is revoked by
	todo    []carriage
	queued  map[string]bool
	kept    []fared
	instead map[string]carriedOver // by STIX id: what stands there instead of theirs
	behind  []carriedOver          // what they do not have
}

// carriage is one object to carry over.
type carriage struct {
	id    string
	row   int64   // ours
	bases []int64 // the import may have had several versions
	first bool    // of what releases added: the base is what they added at first
}

// carriedOver is an object of the state that has both.
type carriedOver struct {
	object *Object
	raw    []byte // nil: it is stored already, under the object's row
}

func (c carriedOver) member() Member {
	if c.raw == nil {
		return Member{Row: c.object.Row}
	}
	return Member{Raw: c.raw}
}

// carry makes the state that has both: a new import and what the releases
// before it had added or changed, merged three ways with the import that those
// stood on. The import itself stays as it came, beside it. Kept is nil where
// releases had made nothing, and next is the import where ATT&CK has all of it.
func carry(ctx context.Context, w *writer, before Collection, theirs *state, moment time.Time) (kept *Kept, next *state, err error) {
	base, ok, err := upstreamOf(w.tx, before)
	if err != nil || !ok {
		return nil, theirs, err
	}
	c := &carrier{tx: w.tx, moment: moment, theirs: theirs, base: map[string][]int64{}, ours: map[string]int64{},
		alike: map[[3]string]*Object{}, by: map[string]string{}, queued: map[string]bool{}, instead: map[string]carriedOver{}}
	if err := c.plan(base.ID, before.ID); err != nil {
		return nil, nil, err
	}
	for len(c.todo) > 0 { // what is carried over can need more
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		part := c.todo[:min(carryAtOnce, len(c.todo))]
		c.todo = c.todo[len(part):]
		if err := c.carry(part); err != nil {
			return nil, nil, err
		}
	}
	if len(c.kept) == 0 {
		return nil, theirs, nil
	}
	kept = &Kept{Collection: theirs.collection.ID, Version: theirs.collection.Version, Groups: c.told()}
	if len(c.instead)+len(c.behind) == 0 {
		return kept, theirs, nil
	}
	if next, err = c.publish(w); err != nil {
		return nil, nil, err
	}
	kept.Collection, kept.Version = next.collection.ID, next.collection.Version
	return kept, next, nil
}

// upstreamOf finds the import that releases stand on: the latest one of their
// version of ATT&CK before the first of them, because no import of the same
// version took the place of a release. ok is false where there is none.
func upstreamOf(tx *gorm.DB, release Collection) (c Collection, ok bool, err error) {
	var found []Collection
	err = tx.Where("domain = ? AND upstream_version = ? AND source = ?", release.Domain, release.UpstreamVersion, FromImport).
		Where("id < (SELECT min(id) FROM collections WHERE domain = ? AND upstream_version = ? AND source = ?)", release.Domain, release.UpstreamVersion, FromRelease).
		Order("id DESC").Limit(1).Find(&found).Error
	if err != nil {
		return c, false, fmt.Errorf("find what a release stands on: %w", err)
	}
	if len(found) == 0 {
		return c, false, nil
	}
	return found[0], true, nil
}

// plan lists what releases added or changed.
func (c *carrier) plan(base, before int64) error {
	old, err := membersIn(c.tx, base)
	if err != nil {
		return err
	}
	ours, err := membersIn(c.tx, before)
	if err != nil {
		return err
	}
	for _, m := range old {
		c.base[m.STIXID] = append(c.base[m.STIXID], m.Row)
	}
	for _, m := range ours {
		c.ours[m.STIXID] = m.Row
	}
	for _, o := range c.theirs.once {
		if o.Kind == attack.RevokedBy {
			c.by[o.Source] = o.Target
		}
		if c.base[o.ID] == nil && o.Live() {
			c.alike[likeness(o)] = o
		}
	}
	for _, m := range ours {
		if !slices.Contains(c.base[m.STIXID], m.Row) && attack.TypeOf(m.STIXID) != attack.TypeCollection {
			c.queue(m.STIXID)
		}
	}
	return nil
}

// likeness is what makes two objects likely the same: what a relationship
// says, or the name.
func likeness(o *Object) [3]string {
	if o.Type == attack.TypeRelationship {
		return [3]string{o.Kind, o.Source, o.Target}
	}
	return [3]string{o.Type, o.name}
}

func (c *carrier) queue(id string) {
	if row, ok := c.ours[id]; ok && !c.queued[id] {
		c.queued[id] = true
		c.todo = append(c.todo, carriage{id: id, row: row, bases: c.base[id]})
	}
}

// carry carries some objects over.
func (c *carrier) carry(part []carriage) error {
	if err := c.firsts(part); err != nil {
		return err
	}
	raws, err := c.read(part)
	if err != nil {
		return err
	}
	for _, one := range part {
		if err := c.object(one, raws); err != nil {
			return err
		}
	}
	return nil
}

// firsts finds the first version of what releases added and ATT&CK has by now.
func (c *carrier) firsts(part []carriage) error {
	place := map[string]int{}
	for i, one := range part {
		if len(one.bases) == 0 && c.theirs.byID[one.id] != nil {
			place[one.id] = i
		}
	}
	if len(place) == 0 {
		return nil
	}
	var rows []MemberRef
	if err := c.tx.Raw("SELECT min(id) AS id, stix_id FROM objects WHERE stix_id IN ? GROUP BY stix_id", sortedKeys(place)).Scan(&rows).Error; err != nil {
		return fmt.Errorf("find what releases added at first: %w", err)
	}
	for _, r := range rows {
		one := &part[place[r.STIXID]]
		one.bases, one.first = []int64{r.Row}, true
	}
	return nil
}

// read reads the own bytes of all sides of some objects, by row.
func (c *carrier) read(part []carriage) (map[int64][]byte, error) {
	var rows []int64
	for _, one := range part {
		rows = append(append(rows, one.row), one.bases...)
		if theirs := c.theirs.byID[one.id]; theirs != nil {
			rows = append(rows, theirs.Row)
		}
	}
	raws := make(map[int64][]byte, len(rows))
	for some := range slices.Chunk(rows, 2*carryAtOnce) {
		var found []struct {
			ID  int64
			Raw []byte
		}
		if err := c.tx.Raw("SELECT id, raw FROM objects WHERE id IN ?", some).Scan(&found).Error; err != nil {
			return nil, fmt.Errorf("read what is carried over: %w", err)
		}
		for _, f := range found {
			raws[f.ID] = f.Raw
		}
	}
	return raws, nil
}

// object carries one object over.
func (c *carrier) object(one carriage, raws map[int64][]byte) error {
	ours, err := parsed(one.row, raws[one.row])
	if err != nil {
		return err
	}
	theirs := c.theirs.byID[one.id]
	switch {
	case theirs == nil:
		c.behind = append(c.behind, carriedOver{object: ours})
		c.keep(ours, c.missing(ours, one), nil, nil)
		return c.need(raws[one.row])
	case theirs.Row == one.row:
		c.keep(ours, Adopted, nil, nil)
		return nil
	}
	base, err := newest(one.bases, raws)
	if err != nil {
		return err
	}
	same, err := attack.SameMeaning(base, raws[theirs.Row])
	if err != nil {
		return fmt.Errorf("compare %s with what it was: %w", theirs.Label(), err)
	}
	if same {
		c.instead[one.id] = carriedOver{object: ours}
		c.keep(ours, KeptChanged, nil, nil)
		return c.need(raws[one.row])
	}
	return c.merge(one, ours, theirs, base, raws)
}

func parsed(row int64, raw []byte) (*Object, error) {
	o, err := attack.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("read version %d: %w", row, err)
	}
	return newObject(row, o), nil
}

// newest gives the bytes of the newest of some versions, which is what
// releases go on from.
func newest(rows []int64, raws map[int64][]byte) ([]byte, error) {
	var best *Object
	for _, row := range rows {
		o, err := parsed(row, raws[row])
		if err != nil {
			return nil, err
		}
		if best == nil || o.CompareTime(&best.Object) > 0 {
			best = o
		}
	}
	return raws[best.Row], nil
}

// missing says what it means that the import does not have an object of ours.
func (c *carrier) missing(ours *Object, one carriage) string {
	switch {
	case len(one.bases) > 0:
		return KeptMissing
	case ours.Live() && c.alike[likeness(ours)] != nil:
		return AdoptedLike
	}
	return KeptAdded
}

// merge merges what both sides changed.
func (c *carrier) merge(one carriage, ours, theirs *Object, base []byte, raws map[int64][]byte) error {
	done, err := attack.Carry(base, raws[one.row], raws[theirs.Row], c.moment, merge.Text)
	if err != nil {
		return fmt.Errorf("carry %s over: %w", theirs.Label(), err)
	}
	if !done.Same {
		both, err := parsed(0, done.Raw)
		if err != nil {
			return err
		}
		c.instead[one.id] = carriedOver{both, done.Raw}
		if err := c.need(done.Raw); err != nil {
			return err
		}
	}
	switch {
	case ours.Live() && !theirs.Live():
		c.keep(ours, KeptRetired, done.Conflicts, c.theirs.byID[c.by[one.id]])
	case len(done.Conflicts) > 0:
		c.keep(ours, KeptConflict, done.Conflicts, nil)
	case !done.Same:
		c.keep(ours, KeptMerged, nil, nil)
	case one.first:
		differ, err := attack.Reworded(raws[one.row], done.Raw)
		if err != nil {
			return fmt.Errorf("compare %s with what was adopted: %w", theirs.Label(), err)
		}
		c.keep(ours, Adopted, differ, nil)
	default:
		c.keep(ours, Adopted, nil, nil)
	}
	return nil
}

// need makes sure that the state has what an object of it refers to, be it
// gone from ATT&CK or not.
func (c *carrier) need(raw []byte) error {
	ids, err := attack.Refs(raw)
	for _, id := range ids {
		if c.theirs.byID[id] == nil {
			c.queue(id)
		}
	}
	return err
}

// publish stores the state that has both, as a release of nobody's.
func (c *carrier) publish(w *writer) (*state, error) {
	head, all := c.assemble()
	made := Collection{Domain: c.theirs.collection.Domain, Title: c.theirs.collection.Title, Version: attack.NextVersion(head.Version),
		UpstreamVersion: c.theirs.collection.UpstreamVersion, BundleID: "bundle--" + uuid.NewString()}
	contents := make([]attack.ContentRef, len(all))
	for i, one := range all {
		contents[i] = attack.ContentRef{Object: one.object.ID, Modified: one.object.Stamp()}
	}
	old, err := c.read([]carriage{{row: head.Row}})
	if err != nil {
		return nil, err
	}
	s := attack.Stamp{Version: made.Version, Modified: c.moment, Spec: c.theirs.style.Spec, Identity: c.theirs.style.Identity}
	if at, err := time.Parse(time.RFC3339Nano, head.Stamp()); err == nil && !c.moment.After(at) {
		s.Modified = at.UTC().Truncate(time.Millisecond).Add(time.Millisecond)
	}
	raw, err := attack.NextCollection(old[head.Row], contents, s)
	if err != nil {
		return nil, err
	}
	if head, err = parsed(0, raw); err != nil {
		return nil, err
	}
	all = slices.Insert(all, 0, carriedOver{head, raw})
	members, objects := make([]Member, len(all)), make([]*Object, len(all))
	for i, one := range all {
		members[i], objects[i] = one.member(), one.object
	}
	if err := w.publish(&made, members); err != nil {
		return nil, err
	}
	for i, row := range w.rows {
		objects[i].Row = row
	}
	return newState(made, objects), nil
}

// assemble puts what is carried over among the objects of the import: changed
// ones in their place, others behind, each id once. The collection object,
// which every import has that says a newer version, is told apart.
func (c *carrier) assemble() (head *Object, all []carriedOver) {
	all = make([]carriedOver, 0, len(c.theirs.once)+len(c.behind)+1)
	for _, o := range c.theirs.once {
		if o.Type == attack.TypeCollection && head == nil {
			head = o
			continue
		}
		one, ok := c.instead[o.ID]
		if !ok {
			one = carriedOver{object: o}
		}
		all = append(all, one)
	}
	return head, append(all, c.behind...)
}
