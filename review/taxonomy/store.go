package taxonomy

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"strings"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review/attack"
)

// rowsPerInsert keeps a statement below the number of parameters that both
// databases take.
const rowsPerInsert = 200

// bytesPerInsert is from how many bytes a statement waits for no more rows.
const bytesPerInsert = 4 << 20

// version is one version of an object on its way into the store.
type version struct {
	object *Object
	raw    []byte
	digest [sha256.Size]byte
}

func newVersion(o *Object, raw []byte) version { return version{o, raw, sha256.Sum256(raw)} }

// lock makes this transaction the only one that adds objects. SQLite has one
// writer anyway.
func lock(tx *gorm.DB) error {
	if tx.Name() != "postgres" {
		return nil
	}
	if err := tx.Exec("SELECT pg_advisory_xact_lock(hashtext('atelier.objects'))").Error; err != nil {
		return fmt.Errorf("wait for other imports: %w", err)
	}
	return nil
}

// writer adds versions of objects that the store does not have yet and learns
// the rows of those that it has.
type writer struct {
	tx    *gorm.DB
	known map[[sha256.Size]byte]int64
	next  int64
	wait  []version
	bytes int       // of what waits
	sum   hash.Hash // over the digests of all members, in order
	rows  []int64   // of all members, in order
	added int
	// before is the collection that the one written took the place of.
	before *Collection
}

func newWriter(tx *gorm.DB) (*writer, error) {
	if err := lock(tx); err != nil {
		return nil, err
	}
	w := &writer{tx: tx, known: map[[sha256.Size]byte]int64{}, sum: sha256.New()}
	rows, err := tx.Raw("SELECT id, digest FROM objects").Rows()
	if err != nil {
		return nil, fmt.Errorf("list what is stored: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var digest []byte
		if err := rows.Scan(&id, &digest); err != nil {
			return nil, fmt.Errorf("list what is stored: %w", err)
		}
		w.known[[sha256.Size]byte(digest)] = id
		w.next = max(w.next, id)
	}
	return w, rows.Err()
}

// put makes v the next member.
func (w *writer) put(v version) error {
	w.sum.Write(v.digest[:])
	id, ok := w.known[v.digest]
	if !ok {
		w.next++
		id = w.next
		w.known[v.digest] = id
		w.added++
	}
	v.object.Row = id
	w.rows = append(w.rows, id)
	if ok {
		return nil
	}
	w.wait = append(w.wait, v)
	if w.bytes += len(v.raw); len(w.wait) == rowsPerInsert || w.bytes > bytesPerInsert {
		return w.flush()
	}
	return nil
}

func (w *writer) flush() error {
	if len(w.wait) == 0 {
		return nil
	}
	values := make([]any, 0, 7*len(w.wait))
	for _, v := range w.wait {
		o := v.object
		values = append(values, o.Row, o.ID, o.Stamp(), o.Type, o.ATTACK, v.digest[:], v.raw)
	}
	sql := "INSERT INTO objects (id, stix_id, modified, type, attack_id, digest, raw) VALUES " + places(7, len(w.wait))
	if err := w.tx.Exec(sql, values...).Error; err != nil {
		return fmt.Errorf("store objects: %w", err)
	}
	clear(w.wait) // lets go of the bytes
	w.wait, w.bytes = w.wait[:0], 0
	return nil
}

// collection writes the collection of all that was put. same is true, and
// nothing was written, where the domain already has one with the same members.
func (w *writer) collection(c *Collection) (same bool, err error) {
	if err := w.flush(); err != nil {
		return false, err
	}
	c.Digest = w.sum.Sum(nil)
	c.CreatedAt = journal.Now()
	var known []Collection
	if err := w.tx.Where("domain = ? AND digest = ?", c.Domain, c.Digest).Limit(1).Find(&known).Error; err != nil {
		return false, fmt.Errorf("look for the collection: %w", err)
	}
	if len(known) > 0 {
		*c = known[0]
		return true, nil
	}
	if err := w.supersede(c); err != nil {
		return false, err
	}
	if err := w.tx.Create(c).Error; err != nil {
		return false, fmt.Errorf("store the collection: %w", err)
	}
	for start := 0; start < len(w.rows); start += 3 * rowsPerInsert {
		part := w.rows[start:min(start+3*rowsPerInsert, len(w.rows))]
		values := make([]any, 0, 3*len(part))
		for i, row := range part {
			values = append(values, c.ID, start+i, row)
		}
		sql := "INSERT INTO collection_members (collection_id, position, object_id) VALUES " + places(3, len(part))
		if err := w.tx.Exec(sql, values...).Error; err != nil {
			return false, fmt.Errorf("store the members of the collection: %w", err)
		}
	}
	return false, nil
}

// supersede decides whether c becomes its domain's current state: a release
// always, an import where there is none, where there is only the index, where
// it is of a higher version of ATT&CK, and where an import of the same version
// (or of none, as both may say) is put right by another.
func (w *writer) supersede(c *Collection) error {
	var current []Collection
	if err := w.tx.Where("domain = ? AND is_current = ?", c.Domain, true).Limit(1).Find(&current).Error; err != nil {
		return fmt.Errorf("find the current collection: %w", err)
	}
	if len(current) == 0 {
		c.IsCurrent = true
		return nil
	}
	old := current[0]
	newer := attack.CompareVersions(c.UpstreamVersion, old.UpstreamVersion)
	switch {
	case c.Source == FromRelease:
	case c.Source == FromImport && (old.Source == FromIndex || newer > 0 || newer == 0 && old.Source == FromImport):
	case c.Source == FromIndex && old.Source == FromIndex && newer > 0:
	default:
		return nil
	}
	c.IsCurrent, w.before = true, &old
	if err := w.tx.Model(&Collection{}).Where("id = ?", old.ID).Update("is_current", false).Error; err != nil {
		return fmt.Errorf("retire the collection before: %w", err)
	}
	return nil
}

// places writes rows groups of width question marks.
func places(width, rows int) string {
	group := "(?" + strings.Repeat(",?", width-1) + ")"
	return group + strings.Repeat(","+group, rows-1)
}
