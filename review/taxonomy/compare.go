package taxonomy

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/changes"
)

// maxCompared is how many comparisons are kept.
const maxCompared = 8

// Comparison is what differs between two collections of a domain.
type Comparison struct {
	From          Collection                 `json:"from"`
	To            Collection                 `json:"to"`
	Sections      []changes.ChangelogSection `json:"sections" doc:"the types that MITRE's diff_stix compares, in its sections"`
	Others        []changes.ChangelogSection `json:"others" doc:"all other types but relationships, by the same rules"`
	Unlisted      []changes.ChangelogObject  `json:"unlisted" doc:"objects that are not as they were, and that diff_stix lists in no section: their version and time of change are the same, or they were revoked or deprecated before, or are revoked without a replacement"`
	Relationships []RelationshipChanges      `json:"relationships"`
	Rewritten     int                        `json:"rewritten" doc:"relationships of which only other properties than ends, text and sources are not as they were"`
	Names         map[string]Link            `json:"names" doc:"the ends of relationships and what replaces revoked objects, by STIX id"`
}

// RelationshipChanges are relationships of one kind that changed in one way.
type RelationshipChanges struct {
	Key   string               `json:"key" enum:"additions,changes,revocations,deprecations,deletions"`
	Kind  string               `json:"kind" doc:"such as uses"`
	Items []RelationshipChange `json:"items" doc:"by the names of source and target"`
}

// RelationshipChange is one relationship that changed.
type RelationshipChange struct {
	STIXID string `json:"stix_id"`
	Source string `json:"source" doc:"STIX id"`
	Target string `json:"target" doc:"STIX id"`
	Before int64  `json:"before,omitempty" doc:"number of the stored version before; left out for additions"`
	After  int64  `json:"after,omitempty" doc:"number of the stored version now; left out for deletions"`
}

// RelationshipChanged is the key of relationships that stayed and changed; the
// other keys are those of sections.
const RelationshipChanged = "changes"

// Compare compares two collections of a domain. It is made from the database
// when it is first asked for, and a few are kept. The fault is NotFound where
// there is no such collection and Invalid where they are of two domains.
func (t *Taxonomy) Compare(ctx context.Context, from, to int64) (*Comparison, error) {
	return t.compared.get(ctx, [2]int64{from, to}, func() (*Comparison, error) {
		c := &comparer{Taxonomy: t, ctx: ctx, sections: changes.Sorted{}, others: changes.Sorted{}, relationships: map[[2]string][]RelationshipChange{}}
		if err := c.compare(from, to); err != nil {
			return nil, err
		}
		return c.comparison()
	})
}

// comparer compares two collections by what their members have stored, reading
// only what differs.
type comparer struct {
	*Taxonomy
	ctx           context.Context
	from, to      lineup
	revoked       map[string]string // by what, in the new state; nil: not looked for yet
	sections      changes.Sorted
	others        changes.Sorted
	unlisted      []changes.ChangelogObject
	relationships map[[2]string][]RelationshipChange // by key and kind
	rewritten     int
}

// lineup is which stored version of each object a collection has.
type lineup struct {
	Collection
	ids  []string // in the order in which they come first
	rows map[string]int64
}

// lineup finds the version of each object that diff_stix sees, which matters
// for one that is in the bundle more than once.
func (t *Taxonomy) lineup(ctx context.Context, id int64) (lineup, error) {
	c, err := t.Collection(ctx, id)
	if err != nil {
		return lineup{}, err
	}
	members, err := t.Members(ctx, id)
	if err != nil {
		return lineup{}, err
	}
	l := lineup{Collection: c, rows: make(map[string]int64, len(members))}
	several := map[string][]int64{}
	for _, m := range members {
		first, ok := l.rows[m.STIXID]
		switch {
		case !ok:
			l.ids = append(l.ids, m.STIXID)
			l.rows[m.STIXID] = m.Row
		case len(several[m.STIXID]) == 0:
			several[m.STIXID] = []int64{first, m.Row}
		default:
			several[m.STIXID] = append(several[m.STIXID], m.Row)
		}
	}
	for id, rows := range several {
		raws, err := t.raws(ctx, rows)
		if err != nil {
			return lineup{}, err
		}
		if l.rows[id], err = seen(rows, raws); err != nil {
			return lineup{}, err
		}
	}
	return l, nil
}

// seen picks the version that diff_stix sees: of the times that an object's
// versions have the one that comes in last, and of those of that time the last.
func seen(rows []int64, raws map[int64][]byte) (int64, error) {
	times := map[any]int64{}
	var last any
	for _, row := range rows {
		s, err := changes.Read(raws[row], row)
		if err != nil {
			return 0, err
		}
		if _, known := times[s.Time()]; !known {
			last = s.Time()
		}
		times[s.Time()] = row
	}
	return times[last], nil
}

func (c *comparer) compare(from, to int64) (err error) {
	if c.from, err = c.lineup(c.ctx, from); err != nil {
		return err
	}
	if c.to, err = c.lineup(c.ctx, to); err != nil {
		return err
	}
	if c.from.Domain != c.to.Domain {
		return fault.InField("to", "Choose two collections of one domain: %s and %s cannot be compared.", c.from.Domain, c.to.Domain)
	}
	var differ []string
	for _, id := range c.to.ids {
		if c.from.rows[id] != c.to.rows[id] {
			differ = append(differ, id)
		}
	}
	for _, id := range c.from.ids {
		if c.to.rows[id] == 0 {
			differ = append(differ, id)
		}
	}
	for ids := range slices.Chunk(differ, pageSize) {
		if err := c.pairs(ids); err != nil {
			return err
		}
	}
	return nil
}

// pairs compares objects that differ.
func (c *comparer) pairs(ids []string) error {
	var rows []int64
	for _, id := range ids {
		rows = append(rows, c.from.rows[id], c.to.rows[id])
	}
	raws, err := c.raws(c.ctx, rows)
	if err != nil {
		return err
	}
	for _, id := range ids {
		before, after := raws[c.from.rows[id]], raws[c.to.rows[id]]
		var p changes.Pair
		if p.Before, err = side(before, c.from.rows[id]); err != nil {
			return err
		}
		if p.After, err = side(after, c.to.rows[id]); err != nil {
			return err
		}
		if attack.TypeOf(id) == attack.TypeRelationship {
			c.relationship(p)
			continue
		}
		if err := c.object(p, before, after); err != nil {
			return err
		}
	}
	return nil
}

func side(raw []byte, row int64) (*changes.Side, error) {
	if row == 0 {
		return nil, nil
	}
	s, err := changes.Read(raw, row)
	return &s, err
}

// raws gives the bytes of stored versions, by row; 0 is none.
func (t *Taxonomy) raws(ctx context.Context, rows []int64) (map[int64][]byte, error) {
	found := make(map[int64][]byte, len(rows))
	for part := range slices.Chunk(rows, 2*pageSize) {
		var page []struct {
			ID  int64
			Raw []byte
		}
		if err := t.db.WithContext(ctx).Raw("SELECT id, raw FROM objects WHERE id IN ?", part).Scan(&page).Error; err != nil {
			return nil, fmt.Errorf("read objects: %w", err)
		}
		for _, o := range page {
			found[o.ID] = o.Raw
		}
	}
	return found, nil
}

func (c *comparer) object(p changes.Pair, before, after []byte) error {
	var lost error
	key, by := p.Section(func(id string) (string, bool) {
		var ok bool
		var by string
		by, ok, lost = c.replacement(id)
		return by, ok
	})
	if lost != nil {
		return lost
	}
	one := p.Object()
	one.ReplacedBy = by
	switch {
	case key != "" && changes.Counted(one.Type):
		c.sections.Add(key, one)
	case key != "":
		c.others.Add(key, one)
	default:
		same, err := attack.SameMeaning(before, after)
		if err != nil {
			return err
		}
		if !same {
			c.unlisted = append(c.unlisted, one)
		}
	}
	return nil
}

// replacement gives what an object of the new state is revoked by: the target
// of the first relationship that says so, be it revoked itself, where that
// target is there.
func (c *comparer) replacement(id string) (by string, ok bool, err error) {
	if c.revoked == nil {
		if c.revoked, err = c.revocations(); err != nil {
			return "", false, err
		}
	}
	by, ok = c.revoked[id]
	return by, ok && c.to.rows[by] != 0, nil
}

func (c *comparer) revocations() (map[string]string, error) {
	rows, err := c.db.WithContext(c.ctx).Raw(`SELECT o.raw FROM collection_members m JOIN objects o ON o.id = m.object_id
		WHERE m.collection_id = ? AND o.type = ? ORDER BY m.position`, c.to.ID, attack.TypeRelationship).Rows()
	if err != nil {
		return nil, fmt.Errorf("look for what replaces revoked objects: %w", err)
	}
	defer rows.Close()
	found := map[string]string{}
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, fmt.Errorf("read a relationship: %w", err)
		}
		if !bytes.Contains(raw, []byte(attack.RevokedBy)) {
			continue
		}
		r, err := attack.Parse(raw)
		if err != nil {
			return nil, err
		}
		if _, known := found[r.Source]; r.Kind == attack.RevokedBy && !known {
			found[r.Source] = r.Target
		}
	}
	return found, rows.Err()
}

// relationship sorts a relationship, which has no version.
func (c *comparer) relationship(p changes.Pair) {
	var key string
	switch before, after := p.Before, p.After; {
	case before == nil:
		key = changes.Additions
	case after == nil:
		key = changes.Deletions
	case after.Revoked && !before.Revoked:
		key = changes.Revocations
	case after.Deprecated && !before.Deprecated:
		key = changes.Deprecations
	case sameRelationship(before, after):
		c.rewritten++
		return
	default:
		key = RelationshipChanged
	}
	shown := cmp.Or(p.After, p.Before)
	object := p.Object()
	group := [2]string{key, shown.Kind}
	c.relationships[group] = append(c.relationships[group],
		RelationshipChange{STIXID: shown.ID, Source: shown.Source, Target: shown.Target, Before: object.Before, After: object.After})
}

func sameRelationship(a, b *changes.Side) bool {
	return a.Modified == b.Modified && a.Kind == b.Kind && a.Source == b.Source && a.Target == b.Target &&
		a.Object.Description == b.Object.Description && slices.Equal(a.References, b.References) && a.Live() == b.Live()
}

// comparison puts all together, with the names.
func (c *comparer) comparison() (*Comparison, error) {
	out := &Comparison{From: c.from.Collection, To: c.to.Collection, Sections: c.sections.Sections(), Others: c.others.Sections(),
		Unlisted: append([]changes.ChangelogObject{}, c.unlisted...), Relationships: []RelationshipChanges{}, Rewritten: c.rewritten}
	changes.SortObjects(out.Unlisted)
	var err error
	if out.Names, err = c.names(out.Sections, out.Others); err != nil {
		return nil, err
	}
	for group, items := range c.relationships {
		slices.SortFunc(items, func(a, b RelationshipChange) int {
			return cmp.Or(cmp.Compare(out.Names[a.Source].Name, out.Names[b.Source].Name), cmp.Compare(out.Names[a.Target].Name, out.Names[b.Target].Name),
				cmp.Compare(a.STIXID, b.STIXID))
		})
		out.Relationships = append(out.Relationships, RelationshipChanges{Key: group[0], Kind: group[1], Items: items})
	}
	order := []string{changes.Additions, RelationshipChanged, changes.Revocations, changes.Deprecations, changes.Deletions}
	slices.SortFunc(out.Relationships, func(a, b RelationshipChanges) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Key), slices.Index(order, b.Key)), cmp.Compare(a.Kind, b.Kind))
	})
	return out, nil
}

// names finds the objects that are named: as they are now, or else as they
// were. What the collections do not have is left out.
func (c *comparer) names(sections ...[]changes.ChangelogSection) (map[string]Link, error) {
	wanted := map[string]int64{}
	want := func(id string) {
		if row := cmp.Or(c.to.rows[id], c.from.rows[id]); row != 0 {
			wanted[id] = row
		}
	}
	for _, items := range c.relationships {
		for _, r := range items {
			want(r.Source)
			want(r.Target)
		}
	}
	for _, s := range slices.Concat(sections...) {
		for _, o := range s.Objects {
			if o.ReplacedBy != "" {
				want(o.ReplacedBy)
			}
		}
	}
	rows := make([]int64, 0, len(wanted))
	for _, row := range wanted {
		rows = append(rows, row)
	}
	names := make(map[string]Link, len(wanted))
	for part := range slices.Chunk(rows, pageSize) { // so that few are in memory at once
		raws, err := c.raws(c.ctx, part)
		if err != nil {
			return nil, err
		}
		for _, raw := range raws {
			o, err := attack.Parse(raw)
			if err != nil {
				return nil, err
			}
			names[o.ID] = Link{STIXID: o.ID, AttackID: o.AttackID(), Type: o.Type, Name: o.Name, Retired: !o.Live()}
		}
	}
	return names, nil
}
