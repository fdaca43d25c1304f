package review

import (
	"cmp"
	"context"
	"slices"
)

// Queue lists what waits in the actor's workshop: for the actor first, and
// longest first.
func (p *Proposals) Queue(ctx context.Context, actor Actor) (Queue, error) {
	waiting, err := list(p.db.WithContext(ctx).Where("workshop_id = ? AND revision > 0 AND state IN ?", actor.Workshop, Waiting()))
	if err != nil {
		return Queue{}, err
	}
	q := Queue{Items: make([]QueueItem, len(waiting))}
	for i, w := range waiting {
		q.Items[i] = QueueItem{Proposal: w, Why: w.Turn.Reason, Since: w.Turn.Since, Mine: w.WaitsFor(actor)}
	}
	slices.SortStableFunc(q.Items, func(a, b QueueItem) int {
		if a.Mine != b.Mine {
			if a.Mine {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Since.UnixMilli(), b.Since.UnixMilli())
	})
	return q, nil
}

// WaitsFor says whether the actor has to act next: by name, or by a role where
// nobody is named. Nobody waits for themselves to review.
func (p Proposal) WaitsFor(actor Actor) bool {
	switch {
	case p.Turn.User != "":
		return p.Turn.User == actor.User
	case p.Turn.Role == Reviewer:
		return !p.Penned(actor.User) && actor.Has(Reviewers()...)
	case p.Turn.Role == Maintainer:
		return actor.Has(Releasers()...)
	}
	return false
}
