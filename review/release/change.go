package release

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review"
)

// Change changes an open release. The fault is Stale, with both sides, where
// somebody else was faster, and Conflict where it is published.
func (s *Releases) Change(ctx context.Context, actor review.Actor, id string, c ReleaseUpdate) (Release, error) {
	return journal.Do(ctx, s.journal, func(ctx context.Context, tx *journal.Tx) (Release, error) {
		if err := tx.Hold(actor.Workshop); err != nil {
			return Release{}, err
		}
		r, err := find(tx.DB, actor.Workshop, id)
		if err != nil {
			return Release{}, err
		}
		now, err := s.releaseIn(tx.DB, r)
		switch {
		case err != nil:
			return now, err
		case r.State != Open:
			return now, fault.New(fault.Conflict, "This release is published; it does not change any more.")
		case r.Revision != c.Revision:
			return now, fault.New(fault.Stale, "Somebody changed this release while you were at it. Look at their version and try again.").
				With(BothSides{Yours: c.apply(now), Theirs: now})
		}
		return s.changeIn(ctx, tx, actor, r, c)
	})
}

// apply gives a release as a change wants it.
func (c ReleaseUpdate) apply(r Release) Release {
	r.Revision = c.Revision + 1
	if c.Name != nil {
		r.Name = strings.TrimSpace(*c.Name)
	}
	if c.Notes != nil {
		r.Notes = *c.Notes
	}
	if c.Proposals != nil {
		r.Proposals = *c.Proposals
	}
	if c.Resolutions != nil {
		r.Resolutions = c.Resolutions
	}
	if c.Explained != nil {
		r.Explained = c.Explained
	}
	return r
}

// explained keeps those reasons of which something is found in what a release
// says of itself.
func (s *Releases) explained(db *gorm.DB, r row, given map[string]string) (row, error) {
	kept := map[string]string{}
	for field, text := range map[string]string{"name": r.Name, "notes": r.Notes} {
		found, err := s.proposals.LookIn(db, r.WorkshopID, field, text, given)
		if err != nil {
			return r, err
		}
		for _, c := range found {
			if c.Shared != nil && c.Shared.Reason != "" {
				kept[c.Shared.Key] = c.Shared.Reason
			}
		}
	}
	text, err := json.Marshal(kept)
	r.Explained = string(text)
	return r, err
}

func (s *Releases) changeIn(ctx context.Context, tx *journal.Tx, actor review.Actor, r row, c ReleaseUpdate) (Release, error) {
	reasons, err := r.reasons()
	if err != nil {
		return Release{}, err
	}
	next := c.apply(Release{Name: r.Name, Notes: r.Notes, Explained: reasons})
	r.Name, r.Notes, r.Revision = next.Name, next.Notes, next.Revision
	if err := r.check(); err != nil {
		return Release{}, err
	}
	if r, err = s.explained(tx.DB, r, next.Explained); err != nil {
		return Release{}, err
	}
	var changed []review.Proposal
	if c.Proposals != nil {
		if changed, err = s.proposals.PutOnIn(tx.DB, actor.Workshop, r.ID, *c.Proposals); err != nil {
			return Release{}, err
		}
		if err := sameDomain(r, changed); err != nil {
			return Release{}, err
		}
	}
	if len(c.Resolutions) > 0 {
		if r, err = s.resolved(ctx, tx, r, c.Resolutions); err != nil {
			return Release{}, err
		}
	}
	if c.Proposals != nil || len(c.Resolutions) > 0 {
		var asked []review.Proposal
		if r, asked, err = s.ask(ctx, tx, actor, r); err != nil {
			return Release{}, err
		}
		changed = append(changed, asked...) // of two of one proposal the later one holds
	}
	done := tx.Model(&row{}).Where("id = ? AND revision = ?", r.ID, c.Revision).Select("name", "notes", "revision", "resolutions", "explained").Updates(&r)
	if done.Error != nil {
		return Release{}, fmt.Errorf("change a release: %w", done.Error)
	}
	if done.RowsAffected == 0 {
		return Release{}, fault.New(fault.Stale, "Somebody changed this release at this very moment. Look at it once more.")
	}
	if changed == nil {
		changed = []review.Proposal{}
	}
	return s.tell(tx, actor, KindChanged, r, changed)
}

func sameDomain(r row, changed []review.Proposal) error {
	for _, p := range changed {
		if p.Release == r.ID && p.Domain != r.Domain {
			return fault.InField("proposals", "The proposal #%d is about %s, this release about %s.", p.Number, p.Domain, r.Domain)
		}
	}
	return nil
}

// resolved keeps how conflicts were solved, each with the conflict as it is
// now. Conflicts that are not named keep their solution; a solution can make
// another one void, and then that is open again.
func (s *Releases) resolved(ctx context.Context, tx *journal.Tx, r row, sides map[string]map[string]string) (row, error) {
	solved, err := r.choices()
	if err != nil {
		return r, err
	}
	accepted, err := s.proposals.OnReleaseIn(tx.DB, r.ID)
	if err != nil {
		return r, err
	}
	// Numbers do not matter to conflicts, and rows are read within the transaction.
	g, err := s.groundIn(ctx, tx.DB, r, newNumbers(nil, 0))
	if err != nil {
		return r, err
	}
	left := map[string]map[string]string{}
	for proposal, fields := range sides {
		left[proposal] = maps.Clone(fields)
	}
	for _, a := range accepted { // one by one: each is merged onto what those before it made
		if len(left[a.Proposal.ID]) == 0 {
			continue
		}
		p, err := makePlan(g, r, solved, accepted, journal.Now())
		if err != nil {
			return r, err
		}
		if err := solved.take(p, a.Proposal.ID, left[a.Proposal.ID]); err != nil {
			return r, err
		}
	}
	for proposal, fields := range left {
		for field := range fields {
			return r, fault.InField("resolutions", "There is no conflict in %.40q of proposal %.40q.", field, proposal)
		}
	}
	return r.solved(solved)
}

// take keeps the choices that were made for one proposal's conflicts.
func (c choices) take(p plan, proposal string, sides map[string]string) error {
	for _, item := range p.items {
		if item.Proposal.ID != proposal {
			continue
		}
		for _, conflict := range item.Conflicts {
			side, ok := sides[conflict.Field]
			if !ok {
				continue
			}
			delete(sides, conflict.Field)
			if side != Ours && side != Theirs {
				return fault.InField("resolutions", "Choose ours or theirs.")
			}
			digest, err := digestOf(conflict.Conflict)
			if err != nil {
				return err
			}
			if c[proposal] == nil {
				c[proposal] = map[string]choice{}
			}
			c[proposal][conflict.Field] = choice{Side: side, Conflict: digest}
		}
	}
	return nil
}
