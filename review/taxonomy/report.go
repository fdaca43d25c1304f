package taxonomy

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// importReport is the report of the first import of a collection.
type importReport struct {
	CollectionID int64 `gorm:"primaryKey"`
	Report       string
}

func (importReport) TableName() string { return "import_reports" }

// keepReport stores a report with its collection. The first one stays: it says
// what was new.
func keepReport(tx *gorm.DB, r Report) error {
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write the report of an import: %w", err)
	}
	row := importReport{r.Collection, string(text)}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("keep the report of an import: %w", err)
	}
	return nil
}

// ReportOf gives the report of the import that made a collection of a domain.
// The fault is NotFound where there is none: the collection is no import's.
func (t *Taxonomy) ReportOf(ctx context.Context, domain string, collection int64) (Report, error) {
	var rows []importReport
	err := t.db.WithContext(ctx).Joins("JOIN collections c ON c.id = import_reports.collection_id").
		Where("c.domain = ? AND c.id = ?", domain, collection).Limit(1).Find(&rows).Error
	if err != nil {
		return Report{}, fmt.Errorf("find the report of an import: %w", err)
	}
	if len(rows) == 0 {
		return Report{}, fault.New(fault.NotFound, "There is no report of an import for this state of %.100q.", domain)
	}
	return readReport(rows[0])
}

// Reports lists the reports of all imports, latest first.
func (t *Taxonomy) Reports(ctx context.Context) ([]Report, error) {
	var rows []importReport
	if err := t.db.WithContext(ctx).Order("collection_id DESC").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list the reports of imports: %w", err)
	}
	list := make([]Report, len(rows))
	for i, row := range rows {
		var err error
		if list[i], err = readReport(row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func readReport(row importReport) (r Report, err error) {
	if err = json.Unmarshal([]byte(row.Report), &r); err != nil {
		err = fmt.Errorf("read the report of collection %d: %w", row.CollectionID, err)
	}
	return r, err
}

// around is what a file of a domain is held against: what is loaded now.
func (t *Taxonomy) around(domain string, given map[string]string) surroundings {
	now := t.Snapshot()
	tactics := map[string]bool{}
	for _, term := range now.Vocabulary(domain).Tactics {
		tactics[term.Value] = true
	}
	return surroundings{given: given,
		tactics: func(shortname string) bool { return tactics[shortname] },
		rival: func(attackID, stixID string) *Object {
			o := now.byAttack[attackID]
			if o == nil || o.ID == stixID || !o.Live() {
				return nil
			}
			if _, here := now.InDomain(domain, o.ID); here { // of what this file takes the place of
				return nil
			}
			return o
		},
	}
}

// givenIDs lists the ATT&CK ids that releases gave away, each with the STIX id
// of its object.
func givenIDs(db *gorm.DB) (map[string]string, error) {
	var rows []struct {
		AttackID string
		STIXID   string `gorm:"column:stix_id"`
	}
	if err := db.Raw("SELECT attack_id, stix_id FROM assigned_ids").Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("list the ids that releases gave: %w", err)
	}
	given := make(map[string]string, len(rows))
	for _, r := range rows {
		given[r.AttackID] = r.STIXID
	}
	return given, nil
}

// silent finds objects among those that were added behind the row stored whose
// id and time of change came before with other content. The built-in index,
// which has no text, does not count.
func (t *Taxonomy) silent(tx *gorm.DB, stored int64, found *examiner) error {
	var twins []struct{ ID, Before int64 }
	err := tx.Raw(`SELECT n.id, o.id AS before FROM objects n JOIN objects o ON o.stix_id = n.stix_id AND o.modified = n.modified
		WHERE n.id > ? AND o.id <= ? ORDER BY n.id`, stored, stored).Scan(&twins).Error
	if err != nil {
		return fmt.Errorf("compare with what was loaded before: %w", err)
	}
	if len(twins) == 0 {
		return nil
	}
	var rows []int64
	err = tx.Raw("SELECT DISTINCT m.object_id FROM collection_members m JOIN collections c ON c.id = m.collection_id WHERE c.source = ?", FromImport).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("compare with what was loaded before: %w", err)
	}
	imported := map[int64]bool{}
	for _, row := range rows {
		imported[row] = true
	}
	byRow := map[int64]*Object{}
	for _, o := range found.all {
		byRow[o.Row] = o
	}
	for _, twin := range twins {
		if o := byRow[twin.ID]; o != nil && imported[twin.Before] {
			delete(byRow, twin.ID) // once, however often it was changed
			found.add(ChangedSilently, o.ID, o.called()+", "+o.Stamp())
		}
	}
	return nil
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
