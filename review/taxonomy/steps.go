package taxonomy

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/atelier-attack/atelier/review/attack"
)

// Step is what a collection added and changed against the one before it in its
// domain.
type Step struct {
	Collection int64         `json:"collection"`
	Before     int64         `json:"before" doc:"the collection that it is compared with; 0: it is the first"`
	Version    string        `json:"version"`
	Title      string        `json:"title"`
	Source     string        `json:"source" enum:"index,import,release"`
	Types      []StepOfType  `json:"types" doc:"by type; those without a difference are left out"`
	Sum        StepOfType    `json:"sum"`
	heads      []changedHead // all that differs
}

// StepOfType is how many objects of one type differ.
type StepOfType struct {
	Type    string `json:"type"`
	Label   string `json:"label"`
	Added   int    `json:"added"`
	Changed int    `json:"changed"`
	Removed int    `json:"removed"`
}

// Change is how an object differs between two collections.
type Change string

// The changes.
const (
	Added     Change = "added"
	Changed   Change = "changed"   // versioned or not
	Versioned Change = "versioned" // changed, and its version counts so
	Removed   Change = "removed"
)

// changedHead names an object that differs.
type changedHead struct {
	STIXID string `gorm:"column:stix_id"`
	Type   string
	Stamp  string `gorm:"column:modified"`
	Row    int64  `gorm:"column:id"`
	before int64  `gorm:"-"` // row of the version that was there
	change Change `gorm:"-"`
}

// Steps lists a domain's collections, the oldest version of ATT&CK first, with
// what each added, changed and left out. An object has changed where its time
// of modification has.
func (t *Taxonomy) Steps(ctx context.Context, domain string) ([]Step, error) {
	line, err := t.line(ctx, domain)
	if err != nil {
		return nil, err
	}
	steps := make([]Step, len(line))
	for i := range line {
		if steps[i], err = t.step(ctx, line, i); err != nil {
			return nil, err
		}
	}
	return steps, nil
}

// ChangedIn gives the live techniques of the snapshot's domain that a
// collection added or changed; change, where it is not empty, narrows that. ok
// is false where the domain has no such collection.
func (t *Taxonomy) ChangedIn(ctx context.Context, s *Snapshot, domain string, collection int64, change Change) (m Marks, ok bool, err error) {
	state := s.of(domain)
	if state == nil {
		return m, false, nil
	}
	step, ok, err := t.stepOf(ctx, domain, collection)
	if err != nil || !ok {
		return m, false, err
	}
	in := map[string]bool{}
	for _, h := range step.heads {
		fits := h.change != Removed && (change == "" || change == h.change)
		if change == Versioned && h.change == Changed && h.Type == attack.TypeTechnique {
			if fits, err = t.versioned(ctx, h); err != nil {
				return m, false, err
			}
		}
		in[h.STIXID] = in[h.STIXID] || fits
	}
	words := map[Change]string{"": "added or changed", Added: "added", Changed: "changed", Versioned: "given a new version"}
	label := fmt.Sprintf("%s in %s", words[change], cmp.Or(step.Version, step.Title))
	return state.marks(label, func(o *Object) bool { return in[o.ID] }), true, nil
}

// versioned says whether a change made a new version of an object. MITRE gives
// nearly all objects a new time of modification now and then.
func (t *Taxonomy) versioned(ctx context.Context, h changedHead) (bool, error) {
	var versions [2]string
	for i, row := range []int64{h.before, h.Row} {
		raw, err := t.Raw(ctx, row)
		if err != nil {
			return false, err
		}
		o, err := attack.Parse(raw)
		if err != nil {
			return false, fmt.Errorf("read object %d: %w", row, err)
		}
		versions[i] = o.Version
	}
	return versions[0] != versions[1], nil
}

// stepOf compares a collection with the one before it; ok is false where the
// domain has no such collection.
func (t *Taxonomy) stepOf(ctx context.Context, domain string, collection int64) (s Step, ok bool, err error) {
	line, err := t.line(ctx, domain)
	if err != nil {
		return s, false, err
	}
	i := slices.IndexFunc(line, func(c Listed) bool { return c.ID == collection })
	if i < 0 {
		return s, false, nil
	}
	s, err = t.step(ctx, line, i)
	return s, err == nil, err
}

// line lists the collections of a domain, each behind the one that it follows.
func (t *Taxonomy) line(ctx context.Context, domain string) ([]Listed, error) {
	list, err := t.Collections(ctx, domain)
	slices.Reverse(list)
	return list, err
}

const selectOnlyIn = `SELECT o.id, o.stix_id, o.type, o.modified FROM objects o WHERE o.id IN (
	SELECT object_id FROM collection_members WHERE collection_id = ? EXCEPT SELECT object_id FROM collection_members WHERE collection_id = ?)
	ORDER BY o.stix_id, o.modified`

// step compares a collection of a line with the one before it.
func (t *Taxonomy) step(ctx context.Context, line []Listed, i int) (Step, error) {
	c := line[i]
	s := Step{Collection: c.ID, Version: c.Version, Title: c.Title, Source: c.Source, Types: []StepOfType{}}
	if i > 0 {
		s.Before = line[i-1].ID
	}
	var now, before []changedHead
	if err := t.db.WithContext(ctx).Raw(selectOnlyIn, s.Collection, s.Before).Scan(&now).Error; err != nil {
		return s, fmt.Errorf("compare collection %d: %w", c.ID, err)
	}
	if err := t.db.WithContext(ctx).Raw(selectOnlyIn, s.Before, s.Collection).Scan(&before).Error; err != nil {
		return s, fmt.Errorf("compare collection %d: %w", c.ID, err)
	}
	s.heads = differing(now, before)
	s.count()
	return s, nil
}

// differing pairs what is only in one collection with what is only in the
// other, both by id and, within it, the newest last.
func differing(now, before []changedHead) []changedHead {
	old := map[string]changedHead{}
	for _, h := range before {
		old[h.STIXID] = h
	}
	var list []changedHead
	seen := map[string]bool{}
	for i := len(now) - 1; i >= 0; i-- { // the newest version of each stands for it
		h := now[i]
		if seen[h.STIXID] {
			continue
		}
		seen[h.STIXID] = true
		was, known := old[h.STIXID]
		if known && was.Stamp == h.Stamp {
			continue
		}
		h.change = Added
		if known {
			h.change, h.before = Changed, was.Row
		}
		list = append(list, h)
	}
	for id, h := range old {
		if !seen[id] {
			h.change = Removed
			list = append(list, h)
		}
	}
	slices.SortFunc(list, func(a, b changedHead) int { return cmp.Compare(a.STIXID, b.STIXID) })
	return list
}

func (s *Step) count() {
	by := map[string]*StepOfType{}
	for _, h := range s.heads {
		one := by[h.Type]
		if one == nil {
			one = &StepOfType{Type: h.Type, Label: attack.Describe(h.Type).Plural}
			by[h.Type] = one
		}
		for _, sum := range []*StepOfType{one, &s.Sum} {
			switch h.change {
			case Added:
				sum.Added++
			case Changed:
				sum.Changed++
			case Removed:
				sum.Removed++
			}
		}
	}
	for _, one := range by {
		s.Types = append(s.Types, *one)
	}
	slices.SortFunc(s.Types, func(a, b StepOfType) int { return cmp.Compare(a.Type, b.Type) })
}
