package taxonomy

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/changes"
)

// Versions are all stored versions of an object, over all collections.
type Versions struct {
	STIXID      string            `json:"stix_id"`
	Versions    []Version         `json:"versions" doc:"the newest first"`
	Collections []NamedCollection `json:"collections" doc:"those that have the object, the newest first"`
}

// Version is one stored version of an object. Its id and its time of change
// make a version; one that came in with other bytes is stored beside it.
type Version struct {
	ID          int64   `json:"id" doc:"number of the stored version, for differences"`
	Modified    string  `json:"modified"`
	Version     string  `json:"version" doc:"x_mitre_version"`
	Name        string  `json:"name"`
	SpecVersion string  `json:"spec_version" doc:"of STIX; empty in the 2.0 dialect"`
	Revoked     bool    `json:"revoked"`
	Deprecated  bool    `json:"deprecated"`
	Twin        bool    `json:"twin" doc:"another stored version has the same time of change and other bytes"`
	Collections []int64 `json:"collections" doc:"the numbers of the collections that it is in, the newest first"`
}

// Versions lists the versions of an object, by STIX id or ATT&CK id, be it in
// a current collection or in an earlier one only. The fault is NotFound where
// no collection has it.
func (t *Taxonomy) Versions(ctx context.Context, id string) (Versions, error) {
	list := Versions{STIXID: id, Versions: []Version{}, Collections: []NamedCollection{}}
	var err error
	if !attack.IsSTIXID(id) {
		if list.STIXID, err = t.stixIDOf(ctx, id); err != nil {
			return list, err
		}
	}
	sides, err := t.sides(ctx, list.STIXID)
	if err != nil {
		return list, err
	}
	if len(sides) == 0 {
		return list, unknownObject(id)
	}
	in, all, err := t.membership(ctx, sides)
	if err != nil {
		return list, err
	}
	for i, s := range sides {
		twin := i > 0 && sides[i-1].Time() == s.Time() || i+1 < len(sides) && sides[i+1].Time() == s.Time()
		list.Versions = append(list.Versions, Version{ID: s.Row, Modified: s.Stamp(), Version: s.Version, Name: s.Name, SpecVersion: s.SpecVersion,
			Revoked: s.Revoked, Deprecated: s.Deprecated, Twin: twin, Collections: append([]int64{}, in[s.Row]...)})
	}
	for _, c := range all {
		list.Collections = append(list.Collections, c.Named())
	}
	return list, nil
}

func unknownObject(id string) error {
	return fault.New(fault.NotFound, "There is no object %.100q in the collections that are here.", id)
}

// stixIDOf finds the object that has an ATT&CK id at present, or else the one
// that had it last.
func (t *Taxonomy) stixIDOf(ctx context.Context, attackID string) (string, error) {
	if o, ok := t.Snapshot().Object(attackID); ok {
		return o.ID, nil
	}
	var ids []string
	err := t.db.WithContext(ctx).Raw("SELECT stix_id FROM objects WHERE attack_id = ? AND attack_id <> '' ORDER BY id DESC LIMIT 1", attackID).Scan(&ids).Error
	if err != nil {
		return "", fmt.Errorf("find an object by its ATT&CK id: %w", err)
	}
	if len(ids) == 0 {
		return "", unknownObject(attackID)
	}
	return ids[0], nil
}

// sides reads all stored versions of an object, the newest first.
func (t *Taxonomy) sides(ctx context.Context, stixID string) ([]changes.Side, error) {
	rows, err := t.db.WithContext(ctx).Raw("SELECT id, raw FROM objects WHERE stix_id = ?", stixID).Rows()
	if err != nil {
		return nil, fmt.Errorf("read the versions of an object: %w", err)
	}
	defer rows.Close()
	var sides []changes.Side
	for rows.Next() {
		var row int64
		var raw []byte
		if err := rows.Scan(&row, &raw); err != nil {
			return nil, fmt.Errorf("read a version of an object: %w", err)
		}
		s, err := changes.Read(raw, row)
		if err != nil {
			return nil, err
		}
		s.Contents = nil // large, and not shown
		sides = append(sides, s)
	}
	slices.SortFunc(sides, func(a, b changes.Side) int { return cmp.Or(b.CompareTime(&a.Object), cmp.Compare(b.Row, a.Row)) })
	return sides, rows.Err()
}

// membership tells the collections of each version, and all of them, the
// newest first.
func (t *Taxonomy) membership(ctx context.Context, sides []changes.Side) (map[int64][]int64, []Collection, error) {
	rows := make([]int64, len(sides))
	for i, s := range sides {
		rows[i] = s.Row
	}
	var members []struct{ ObjectID, CollectionID int64 }
	err := t.db.WithContext(ctx).Raw("SELECT DISTINCT object_id, collection_id FROM collection_members WHERE object_id IN ?", rows).Scan(&members).Error
	if err != nil {
		return nil, nil, fmt.Errorf("find the collections of an object: %w", err)
	}
	has := map[int64][]int64{} // versions by collection
	for _, m := range members {
		has[m.CollectionID] = append(has[m.CollectionID], m.ObjectID)
	}
	listed, err := t.Collections(ctx, "")
	if err != nil {
		return nil, nil, err
	}
	in := map[int64][]int64{}
	var all []Collection
	for _, c := range listed {
		if len(has[c.ID]) > 0 {
			all = append(all, c.Collection)
		}
		for _, row := range has[c.ID] {
			in[row] = append(in[row], c.ID)
		}
	}
	return in, all, nil
}

// Differences lists the properties in which two stored versions of an object
// differ; 0 is before there was any, or after it was gone. The fault is
// NotFound where the object has no such version.
func (t *Taxonomy) Differences(ctx context.Context, stixID string, from, to int64) ([]attack.Difference, error) {
	before, err := t.version(ctx, stixID, from)
	if err != nil {
		return nil, err
	}
	after, err := t.version(ctx, stixID, to)
	if err != nil {
		return nil, err
	}
	return attack.Differences(before, after)
}

// version gives the bytes of one stored version of an object.
func (t *Taxonomy) version(ctx context.Context, stixID string, row int64) ([]byte, error) {
	if row == 0 {
		return nil, nil
	}
	var found [][]byte
	err := t.db.WithContext(ctx).Raw("SELECT raw FROM objects WHERE id = ? AND stix_id = ?", row, stixID).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read version %d of an object: %w", row, err)
	}
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "The object %.100q has no version %d. Choose two from the list of its versions.", stixID, row)
	}
	return found[0], nil
}
