package taxonomy

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"

	"github.com/google/uuid"

	"github.com/atelier-attack/atelier/review/attack"
)

const selectPage = `SELECT m.position, o.raw FROM collection_members m JOIN objects o ON o.id = m.object_id
	WHERE m.collection_id = ? AND m.position > ? ORDER BY m.position LIMIT ?`

// pageSize is how many objects an export reads at once.
const pageSize = 200

// AsItCameIn asks for a bundle in the dialect in which it came in.
const AsItCameIn = ""

// Export writes a collection as a STIX bundle, one object per line. dialect is
// attack.STIX20, attack.STIX21 or AsItCameIn; an object that is in that dialect
// already keeps its own bytes. The same collection always gives the same bytes.
// It reads page by page, so that who takes them slowly keeps no connection to
// the database.
func (t *Taxonomy) Export(ctx context.Context, c Collection, dialect string, w io.Writer) error {
	if dialect == AsItCameIn && c.Source == FromRelease { // its base may have been of 2.0, and what it wrote is of 2.1
		dialect = attack.STIX21
	}
	return writeBundle(w, c.BundleID, c.headIn(dialect), dialect, func(put func(raw []byte) error) error {
		for last := int64(-1); ; {
			var page []struct {
				Position int64
				Raw      []byte
			}
			if err := t.db.WithContext(ctx).Raw(selectPage, c.ID, last, pageSize).Scan(&page).Error; err != nil {
				return fmt.Errorf("read a collection: %w", err)
			}
			for _, member := range page {
				if err := put(member.Raw); err != nil {
					return err
				}
				last = member.Position
			}
			if len(page) < pageSize {
				return nil
			}
		}
	})
}

// headIn is the STIX version that the bundle says at its top in a dialect: in
// 2.0 it must, in 2.1 it need not, and does where it did when it came in.
func (c Collection) headIn(dialect string) string {
	switch {
	case dialect == attack.STIX20:
		return attack.STIX20
	case dialect == attack.STIX21 && c.SpecVersion == attack.STIX20:
		return ""
	}
	return c.SpecVersion
}

// Whole is the present state of all domains as one bundle, with each id once:
// of an object that is in several domains in several versions the one with its
// text before one of the built-in index, then the newest, then that of the
// first domain by name. Files of two dialects become one of 2.1.
type Whole struct {
	Dialect string // of STIX that it is in
	id      string
	rows    []int64
}

// Whole gives the bundle of all domains; dialect as for Export.
func (s *Snapshot) Whole(dialect string) Whole {
	whole := Whole{Dialect: dialect}
	dialects := map[bool]int{}
	for _, o := range s.all {
		whole.rows = append(whole.rows, o.Row)
		dialects[o.SpecVersion == attack.STIX21]++
	}
	if dialect == AsItCameIn {
		whole.Dialect = attack.STIX21
		if dialects[true] == 0 {
			whole.Dialect = attack.STIX20
		}
	}
	sum := sha256.New()
	for _, one := range s.states {
		sum.Write(one.collection.Digest)
	}
	whole.id = "bundle--" + uuid.NewSHA1(uuid.NameSpaceURL, sum.Sum(nil)).String()
	return whole
}

// Tag stands for all bytes of the bundle.
func (w Whole) Tag() string { return w.id + " " + w.Dialect }

// ExportWhole writes the bundle of all domains.
func (t *Taxonomy) ExportWhole(ctx context.Context, whole Whole, w io.Writer) error {
	return writeBundle(w, whole.id, Collection{}.headIn(whole.Dialect), whole.Dialect, func(put func(raw []byte) error) error {
		for rows := range slices.Chunk(whole.rows, pageSize) {
			raws, err := t.raws(ctx, rows)
			if err != nil {
				return err
			}
			for _, row := range rows {
				if err := put(raws[row]); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// WriteBundle writes a STIX 2.1 bundle of the objects that list puts.
func WriteBundle(w io.Writer, id string, list func(put func(raw []byte) error) error) error {
	return writeBundle(w, id, "", AsItCameIn, list)
}

// writeBundle converts objects to a dialect where one is asked for.
func writeBundle(w io.Writer, id, head, dialect string, list func(put func(raw []byte) error) error) error {
	if head != "" {
		head = fmt.Sprintf(`"spec_version":%q,`, head)
	}
	if _, err := fmt.Fprintf(w, "{\"type\":\"bundle\",\"id\":%q,%s\"objects\":[", id, head); err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	separator := "\n"
	err := list(func(raw []byte) error {
		if dialect != AsItCameIn {
			var err error
			if raw, err = attack.Convert(raw, dialect); err != nil {
				return err
			}
		}
		if _, err := io.WriteString(w, separator); err != nil {
			return fmt.Errorf("write the bundle: %w", err)
		}
		separator = ",\n"
		_, err := w.Write(raw)
		return err
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n]}\n")
	return err
}
