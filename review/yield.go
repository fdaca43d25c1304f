package review

import (
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/journal"
)

// The reasons why an accepted proposal waits.
const (
	waitsForRelease = "accepted, waits for a release"
	waitsForYield   = "its release keeps another text than its own; agree, or speak with a maintainer"
)

// MayYieldIn gives nothing where the actor may agree that words of an accepted
// proposal give way to others, within a transaction.
func (p *Proposals) MayYieldIn(db *gorm.DB, actor Actor, id string) error {
	row, err := find(db, actor, id)
	if err != nil {
		return err
	}
	_, err = transition(actor, row, ActionYield)
	return err
}

// AskIn makes it the turn of the authors of those proposals on a release whose
// words give way, and of the maintainers for the others, within a transaction
// that holds the workshop. It gives those whose turn changed.
func (p *Proposals) AskIn(db *gorm.DB, release string, yields map[string]bool) (changed []Proposal, err error) {
	var rows []proposalRow
	if err := db.Where("release_id = ? AND state = ?", release, StateAccepted).Order("number").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list the proposals of a release: %w", err)
	}
	for _, row := range rows {
		next, err := row.asked(yields[row.ID])
		if err != nil {
			return nil, err
		}
		if next.Turn == row.Turn {
			continue
		}
		next.UpdatedAt = journal.Now()
		if err := update(db, next); err != nil {
			return nil, err
		}
		one, err := one(db, next)
		if err != nil {
			return nil, err
		}
		changed = append(changed, one)
	}
	return changed, nil
}

// asked is an accepted row with its turn as it follows from whether its words
// give way. Where its authors have something else to answer, that comes first.
func (r proposalRow) asked(yields bool) (proposalRow, error) {
	var now Turn
	if err := json.Unmarshal([]byte(r.Turn), &now); err != nil {
		return r, fmt.Errorf("read whose turn proposal %s is: %w", r.ID, err)
	}
	switch {
	case yields && now.Role == Maintainer:
		return r.turnTo(Turn{User: r.AuthorID, Reason: waitsForYield})
	case !yields && now.Reason == waitsForYield:
		return r.turnTo(Turn{Role: Maintainer, Reason: waitsForRelease})
	}
	return r, nil
}
