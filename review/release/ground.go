package release

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/compound"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// groundIn gives the present state of a release's domain; own bytes of objects
// are read with db, which may be inside a transaction.
func (s *Releases) groundIn(ctx context.Context, db *gorm.DB, r row, n *numbers) (ground, error) {
	now := s.taxonomy.Snapshot()
	style, ok := now.Conventions(r.Domain)
	if !ok {
		return ground{}, fault.New(fault.Conflict, "The domain %q of this release is not loaded. A maintainer can import it.", r.Domain)
	}
	known, err := s.proposals.KnownIn(db.WithContext(ctx), r.WorkshopID, r.Domain)
	if err != nil {
		return ground{}, err
	}
	makers, err := s.proposals.MakersIn(db.WithContext(ctx), r.WorkshopID)
	if err != nil {
		return ground{}, err
	}
	labels, err := s.proposals.LabelsIn(db.WithContext(ctx), r.WorkshopID)
	if err != nil {
		return ground{}, err
	}
	return ground{
		style:   style,
		makers:  makers,
		objects: now.Objects(r.Domain),
		numbers: n,
		known:   known,
		labels:  labels,
		world:   compound.In(now, r.Domain),
		find:    now.Object,
		object:  func(id string) (*taxonomy.Object, bool) { return now.InDomain(r.Domain, id) },
		raw: func(row int64) ([]byte, error) {
			var raw []byte
			if err := db.WithContext(ctx).Raw("SELECT raw FROM objects WHERE id = ?", row).Row().Scan(&raw); err != nil {
				return nil, fmt.Errorf("read object %d: %w", row, err)
			}
			return raw, nil
		},
		related: func(id string) []*taxonomy.Object {
			return slices.DeleteFunc(slices.Concat(now.Outgoing(id), now.Incoming(id)), func(o *taxonomy.Object) bool {
				_, here := now.InDomain(r.Domain, o.ID)
				return !here
			})
		},
		children: func(id string) bool { return len(now.Children(id)) > 0 },
		replacement: func(id string) (string, bool) {
			for _, by := range now.Outgoing(id) {
				if _, ok := now.InDomain(r.Domain, by.Target); ok && by.Kind == attack.RevokedBy {
					return by.Target, true
				}
			}
			return "", false
		},
	}, nil
}

// numbersFor starts from all ids that any object ever had here, stored or
// given by a release.
func (s *Releases) numbersFor(ctx context.Context, workshop string) (*numbers, error) {
	settings, err := s.settings(ctx, workshop)
	if err != nil {
		return nil, err
	}
	taken, err := s.taxonomy.AttackIDs(ctx)
	if err != nil {
		return nil, err
	}
	var given []string
	if err := s.db.WithContext(ctx).Model(&assigned{}).Pluck("attack_id", &given).Error; err != nil {
		return nil, fmt.Errorf("list the ids that were given: %w", err)
	}
	return newNumbers(append(taken, given...), settings.IDsFrom), nil
}

// assigned is an ATT&CK id that a release gave away.
type assigned struct {
	AttackID  string `gorm:"primaryKey"`
	STIXID    string `gorm:"column:stix_id"`
	ReleaseID string
}

func (assigned) TableName() string { return "assigned_ids" }
