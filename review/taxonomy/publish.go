package taxonomy

import (
	"fmt"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/review/attack"
)

// Publish makes a new current collection of a domain within the transaction of
// a release. members are the objects' own bytes, in the order of the bundle.
// Call Load after the commit. The collection's id and digest are filled in.
func (t *Taxonomy) Publish(tx *gorm.DB, c *Collection, members [][]byte) error {
	w, err := newWriter(tx)
	if err != nil {
		return err
	}
	for i, raw := range members {
		o, err := attack.Parse(raw)
		if err != nil {
			return fmt.Errorf("object %d of the release: %w", i+1, err)
		}
		if err := w.put(newVersion(newObject(0, o), raw)); err != nil {
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

// Members gives the own bytes of all objects of a collection, in order, within
// a transaction.
func (t *Taxonomy) Members(tx *gorm.DB, collection int64) ([][]byte, error) {
	rows, err := tx.Raw(selectMembers, collection).Rows()
	if err != nil {
		return nil, fmt.Errorf("read a collection: %w", err)
	}
	defer rows.Close()
	var members [][]byte
	for rows.Next() {
		var row int64
		var raw []byte
		if err := rows.Scan(&row, &raw); err != nil {
			return nil, fmt.Errorf("read an object: %w", err)
		}
		members = append(members, raw)
	}
	return members, rows.Err()
}
