package review

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// perEvent is how many proposals one event tells of at most.
const perEvent = 100

// Settle finds out how all open proposals stand beside the taxonomy as it is
// now, and tells the workshops of those for which that changed. It does
// nothing where the taxonomy is the one of the last time, and the same again
// is no news; so it can be called whenever something may have changed.
func (p *Proposals) Settle(ctx context.Context) error {
	now := p.taxonomy.Snapshot()
	if p.settled.Load() == now {
		return nil
	}
	var workshops []string
	err := p.db.WithContext(ctx).Model(&proposalRow{}).Where("state IN ?", Open()).Distinct().Order("workshop_id").Pluck("workshop_id", &workshops).Error
	if err != nil {
		return fmt.Errorf("list workshops with open proposals: %w", err)
	}
	for _, w := range workshops {
		_, err := journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (struct{}, error) {
			return struct{}{}, p.settle(tx, now, w)
		})
		if err != nil {
			return fmt.Errorf("hold the proposals of a workshop against the taxonomy: %w", err)
		}
	}
	p.settled.Store(now)
	return nil
}

func (p *Proposals) settle(tx *journal.Tx, now *taxonomy.Snapshot, workshop string) error {
	if err := tx.Hold(workshop); err != nil {
		return err
	}
	rows, err := moved(tx.DB, now, workshop)
	if err != nil {
		return err
	}
	var told []Proposal
	for _, m := range rows {
		row := m.proposalRow
		if err := tx.Model(&proposalRow{}).Where("id = ?", row.ID).Update("standing", row.Standing).Error; err != nil {
			return fmt.Errorf("keep how a proposal stands: %w", err)
		}
		if m.quiet || row.Revision == 0 { // only its author sees a draft
			continue
		}
		proposal, err := one(tx.DB, row)
		if err != nil {
			return err
		}
		told = append(told, proposal)
	}
	for part := range slices.Chunk(told, perEvent) {
		if _, err := tx.Append(workshop, "", KindMoved, map[string]any{"proposals": part}); err != nil {
			return err
		}
	}
	return nil
}

// movedRow is a proposal that stands otherwise than is stored.
type movedRow struct {
	proposalRow
	quiet bool // nobody looked before, and there is nothing to do
}

// moved gives the open proposals of a workshop that stand otherwise than is
// stored, with how they stand now.
func moved(db *gorm.DB, now *taxonomy.Snapshot, workshop string) ([]movedRow, error) {
	var rows []proposalRow
	if err := db.Where("workshop_id = ? AND state IN ?", workshop, Open()).Order("number").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list open proposals: %w", err)
	}
	if err := abreast(db, rows); err != nil {
		return nil, err
	}
	say, err := texts(db, rows)
	if err != nil {
		return nil, err
	}
	proposed, err := made(db, workshop)
	if err != nil {
		return nil, err
	}
	var changed []movedRow
	for _, row := range rows {
		s, err := row.stand(db, now, say[row.ID], proposed)
		if err != nil {
			return nil, err
		}
		before := row.Standing
		if row, err = row.standing(s); err != nil {
			return nil, err
		}
		if row.Standing != before {
			changed = append(changed, movedRow{row, before == "" && s.Settled()})
		}
	}
	return changed, nil
}
