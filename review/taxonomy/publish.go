package taxonomy

import (
	"context"
	"crypto/sha256"
	"fmt"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/review/attack"
)

// Member is one object of a release: a version that is stored already, by its
// row, or one that the release wrote.
type Member struct {
	Row int64
	Raw []byte // the object's own bytes; nil: those of Row
}

// Publish makes a new current collection of a domain within the transaction of
// a release, of members in the order of the bundle. Call Load after the
// commit. The collection's id and digest are filled in.
func (t *Taxonomy) Publish(tx *gorm.DB, c *Collection, members []Member) error {
	w, err := newWriter(tx)
	if err != nil {
		return err
	}
	return w.publish(c, members)
}

// publish makes a new current collection, whatever was put before.
func (w *writer) publish(c *Collection, members []Member) error {
	w.sum, w.rows = sha256.New(), nil
	digests := make(map[int64][sha256.Size]byte, len(w.known))
	for digest, row := range w.known {
		digests[row] = digest
	}
	for i, m := range members {
		v := version{object: &Object{}, digest: digests[m.Row]}
		if m.Raw != nil {
			o, err := attack.Parse(m.Raw)
			if err != nil {
				return fmt.Errorf("object %d of the release: %w", i+1, err)
			}
			v = newVersion(newObject(0, o), m.Raw)
		} else if m.Row == 0 || w.known[v.digest] != m.Row {
			return fmt.Errorf("object %d of the release: there is no stored version %d", i+1, m.Row)
		}
		if err := w.put(v); err != nil {
			return err
		}
	}
	c.Source = FromRelease
	same, err := w.collection(c)
	if err == nil && same {
		err = fmt.Errorf("the release has the same objects as collection %d", c.ID)
	}
	return err
}

// Lock makes this transaction the only one that adds objects or changes what
// is current, until it ends.
func (t *Taxonomy) Lock(tx *gorm.DB) error { return lock(tx) }

// CurrentOf gives the row of a domain's current collection, within a
// transaction; 0 where there is none.
func (t *Taxonomy) CurrentOf(tx *gorm.DB, domain string) (int64, error) {
	var rows []int64
	if err := tx.Model(&Collection{}).Where("domain = ? AND is_current = ?", domain, true).Pluck("id", &rows).Error; err != nil {
		return 0, fmt.Errorf("find the current collection: %w", err)
	}
	if len(rows) == 0 {
		return 0, nil
	}
	return rows[0], nil
}

// AttackIDs gives all ATT&CK ids that any stored version of any object has.
func (t *Taxonomy) AttackIDs(ctx context.Context) ([]string, error) {
	var ids []string
	err := t.db.WithContext(ctx).Raw("SELECT DISTINCT attack_id FROM objects WHERE attack_id <> ''").Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("list the ATT&CK ids: %w", err)
	}
	return ids, nil
}

// MemberRef names a member of a collection.
type MemberRef struct {
	Row    int64  `gorm:"column:id"`
	STIXID string `gorm:"column:stix_id"`
}

// Members names the members of a collection, in order.
func (t *Taxonomy) Members(ctx context.Context, collection int64) ([]MemberRef, error) {
	return membersIn(t.db.WithContext(ctx), collection)
}

func membersIn(db *gorm.DB, collection int64) ([]MemberRef, error) {
	var members []MemberRef
	err := db.Raw(`SELECT o.id, o.stix_id FROM collection_members m JOIN objects o ON o.id = m.object_id
		WHERE m.collection_id = ? ORDER BY m.position`, collection).Scan(&members).Error
	if err != nil {
		return nil, fmt.Errorf("list the members of a collection: %w", err)
	}
	return members, nil
}
