package taxonomy

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/review/attack"
)

// What became of an object that releases added or changed when a newer ATT&CK
// was imported over them.
const (
	KeptAdded     = "added"         // ATT&CK does not have it; it stays
	KeptChanged   = "changed"       // ATT&CK left it as it was; the change stays
	KeptMerged    = "merged"        // both changed it, and both changes are in it
	KeptConflict  = "conflict"      // both changed the same; ours stayed, for a person to look at
	KeptMissing   = "missing"       // ATT&CK does not have it any more; it stays
	AdoptedWhole  = "adopted"       // ATT&CK says all of it by now
	AdoptedByName = "adopted_named" // ATT&CK has another object of the same name; ours stays beside it
)

// Kept is what a newer ATT&CK left of what releases had made.
type Kept struct {
	Collection int64        `json:"collection" doc:"number of the state that has both"`
	Version    string       `json:"version"`
	Objects    []KeptObject `json:"objects"`
}

// KeptObject is one object that releases had added or changed.
type KeptObject struct {
	Object Link     `json:"object"`
	How    string   `json:"how" enum:"added,changed,merged,conflict,missing,adopted,adopted_named"`
	Fields []string `json:"fields" doc:"properties that both sides changed; ours stayed"`
	Other  *Link    `json:"other,omitempty" doc:"the object of the same name"`
}

// collected is what a collection has.
type collected struct {
	members []MemberRef
	byID    map[string]int64 // rows
}

func collectedIn(tx *gorm.DB, collection int64) (collected, error) {
	var c collected
	err := tx.Raw(selectRefs, collection).Scan(&c.members).Error
	if err != nil {
		return c, fmt.Errorf("list the members of a collection: %w", err)
	}
	c.byID = make(map[string]int64, len(c.members))
	for _, m := range c.members {
		c.byID[m.STIXID] = m.Row
	}
	return c, nil
}

// upstreamOf finds the import that a release stands on: the latest before it
// of the version that it says. ok is false where there is none.
func upstreamOf(tx *gorm.DB, release Collection) (c Collection, ok bool, err error) {
	var found []Collection
	err = tx.Where("domain = ? AND upstream_version = ? AND source = ? AND id < ?", release.Domain, release.UpstreamVersion, FromImport, release.ID).
		Order("id DESC").Limit(1).Find(&found).Error
	if err != nil {
		return c, false, fmt.Errorf("find what a release stands on: %w", err)
	}
	if len(found) == 0 {
		return c, false, nil
	}
	return found[0], true, nil
}

// carrier carries what releases made onto a newer import.
type carrier struct {
	tx      *gorm.DB
	moment  time.Time
	base    collected
	byID    map[string]*Object    // of the import, newest versions
	named   map[[2]string]*Object // its living objects by type and name, where the base had none such
	kept    []KeptObject
	instead map[string]Member // by STIX id: what stands there instead of the import's own
	behind  []Member          // what the import does not have
	added   []attack.ContentRef
}

// carry makes the state that has both: a new import and what the releases
// before it had added or changed, merged three ways with the import that those
// stood on. It is nil where there is nothing to carry.
func (t *Taxonomy) carry(ctx context.Context, tx *gorm.DB, before Collection, imported *state, moment time.Time) (*Kept, error) {
	upstream, ok, err := upstreamOf(tx, before)
	if err != nil || !ok {
		return nil, err
	}
	base, err := collectedIn(tx, upstream.ID)
	if err != nil {
		return nil, err
	}
	ours, err := collectedIn(tx, before.ID)
	if err != nil {
		return nil, err
	}
	c := carrier{tx: tx, moment: moment, base: base, byID: imported.byID, named: map[[2]string]*Object{}, instead: map[string]Member{}}
	for _, o := range imported.objects {
		if _, old := base.byID[o.ID]; !old && o.Live() && o.Name != "" {
			c.named[[2]string{o.Type, o.Name}] = o
		}
	}
	for _, m := range ours.members {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if row := base.byID[m.STIXID]; row == m.Row || attack.TypeOf(m.STIXID) == attack.TypeCollection {
			continue
		}
		if err := c.object(m); err != nil {
			return nil, err
		}
	}
	if len(c.instead)+len(c.behind) == 0 {
		if len(c.kept) == 0 {
			return nil, nil //nolint:nilnil // nothing was there to carry
		}
		return &Kept{Collection: imported.collection.ID, Version: imported.collection.Version, Objects: c.kept}, nil
	}
	return t.publishCarried(tx, imported, &c)
}

// raw reads a stored version.
func (c *carrier) raw(row int64) ([]byte, error) {
	var raw []byte
	if err := c.tx.Raw("SELECT raw FROM objects WHERE id = ?", row).Row().Scan(&raw); err != nil {
		return nil, fmt.Errorf("read object %d: %w", row, err)
	}
	return raw, nil
}

// object carries one object that releases had added or changed.
func (c *carrier) object(m MemberRef) error {
	own, err := c.raw(m.Row)
	if err != nil {
		return err
	}
	parsed, err := attack.Parse(own)
	if err != nil {
		return err
	}
	ours := newObject(m.Row, parsed)
	k := KeptObject{Object: ours.Link(), Fields: []string{}}
	row, had := c.base.byID[m.STIXID]
	theirs := c.byID[m.STIXID]
	switch {
	case theirs == nil:
		k.How = KeptAdded
		if had {
			k.How = KeptMissing
		}
		if other := c.named[[2]string{ours.Type, ours.Name}]; other != nil && ours.Live() && !had {
			link := other.Link()
			k.How, k.Other = AdoptedByName, &link
		}
		c.append(ours, Member{Row: m.Row})
	case !had:
		k.How = AdoptedWhole
	case theirs.Row == row:
		k.How, c.instead[m.STIXID] = KeptChanged, Member{Row: m.Row}
	default:
		return c.merge(k, row, own, theirs)
	}
	if ours.Type != attack.TypeRelationship || k.How != KeptAdded { // they go with the objects that they are about
		c.kept = append(c.kept, k)
	}
	return nil
}

func (c *carrier) merge(k KeptObject, base int64, own []byte, theirs *Object) error {
	old, err := c.raw(base)
	if err != nil {
		return err
	}
	other, err := c.raw(theirs.Row)
	if err != nil {
		return err
	}
	done, err := attack.Carry(old, own, other, c.moment)
	if err != nil {
		return fmt.Errorf("carry %s over: %w", theirs.Label(), err)
	}
	switch {
	case done.Same && len(done.Conflicts) == 0:
		k.How = AdoptedWhole
	case len(done.Conflicts) > 0:
		k.How, k.Fields = KeptConflict, done.Conflicts
	default:
		k.How = KeptMerged
	}
	if !done.Same {
		c.instead[theirs.ID] = Member{Raw: done.Raw}
	}
	c.kept = append(c.kept, k)
	return nil
}

func (c *carrier) append(o *Object, m Member) {
	c.behind = append(c.behind, m)
	c.added = append(c.added, attack.ContentRef{Object: o.ID, Modified: o.Stamp()})
}

// publishCarried stores the state that has both, as a release of nobody's: the
// import itself stays as it came, beside it.
func (t *Taxonomy) publishCarried(tx *gorm.DB, imported *state, c *carrier) (*Kept, error) {
	var head *Object
	var members []Member
	var contents []attack.ContentRef
	seen := map[string]bool{}
	for _, o := range imported.objects {
		if seen[o.ID] {
			continue
		}
		seen[o.ID] = true
		if o.Type == attack.TypeCollection && head == nil {
			head = imported.byID[o.ID]
			continue
		}
		m, ok := c.instead[o.ID]
		if !ok {
			m = Member{Row: imported.byID[o.ID].Row}
		}
		at := imported.byID[o.ID].Stamp()
		if ok {
			var err error
			if at, err = c.stampOf(m); err != nil {
				return nil, err
			}
		}
		members = append(members, m)
		contents = append(contents, attack.ContentRef{Object: o.ID, Modified: at})
	}
	members, contents = append(members, c.behind...), append(contents, c.added...)
	from := imported.collection
	made := Collection{Domain: from.Domain, Title: from.Title, Version: from.Version, UpstreamVersion: from.UpstreamVersion,
		BundleID: "bundle--" + uuid.NewString()}
	if head != nil {
		old, err := c.raw(head.Row)
		if err != nil {
			return nil, err
		}
		made.Version = attack.NextVersion(head.Version)
		s := attack.Stamp{Version: made.Version, Modified: c.moment, Spec: imported.style.Spec, Identity: imported.style.Identity}
		if at, err := time.Parse(time.RFC3339Nano, head.Stamp()); err == nil && !c.moment.After(at) {
			s.Modified = at.UTC().Truncate(time.Millisecond).Add(time.Millisecond)
		}
		raw, err := attack.NextCollection(old, contents, s)
		if err != nil {
			return nil, err
		}
		members = append([]Member{{Raw: raw}}, members...)
	}
	if err := t.Publish(tx, &made, members); err != nil {
		return nil, err
	}
	return &Kept{Collection: made.ID, Version: made.Version, Objects: c.kept}, nil
}

// stampOf is when a member was made.
func (c *carrier) stampOf(m Member) (string, error) {
	raw := m.Raw
	if raw == nil {
		var err error
		if raw, err = c.raw(m.Row); err != nil {
			return "", err
		}
	}
	o, err := attack.Parse(raw)
	return o.Stamp(), err
}
