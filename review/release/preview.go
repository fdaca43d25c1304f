package release

import (
	"context"

	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review"
)

// Preview shows a release: for an open one, what would become of it now, and
// for a published one, what became of it. It never writes.
func (s *Releases) Preview(ctx context.Context, workshop, id string) (Preview, error) {
	db := s.db.WithContext(ctx)
	r, err := find(db, workshop, id)
	if err != nil {
		return Preview{}, err
	}
	accepted, err := s.proposals.OnReleaseIn(db, id)
	if err != nil {
		return Preview{}, err
	}
	out := Preview{Waiting: []review.Proposal{}, Problems: []string{}, Shared: []review.Check{}, Version: r.Version}
	if out.Release, err = s.releaseIn(db, r); err != nil {
		return out, err
	}
	if r.State == Published {
		return out.published(r, accepted)
	}
	all, err := s.proposals.AcceptedIn(db, workshop)
	if err != nil {
		return out, err
	}
	for _, a := range all {
		if a.Proposal.Release == "" && a.Proposal.Domain == r.Domain {
			out.Waiting = append(out.Waiting, a.Proposal)
		}
	}
	p, g, err := s.plan(ctx, r, accepted)
	if err != nil {
		return out, err
	}
	out.Items, out.Problems, out.Shared, out.Publishable = p.items, p.problems, p.shared, p.publishable()
	out.Changelog, out.Version = p.changelog(g), versionAfter(g.objects)
	return out, nil
}

// plan plans a release on the domain as it is now.
func (s *Releases) plan(ctx context.Context, r row, accepted []review.Accepted) (plan, ground, error) {
	n, err := s.numbersFor(ctx, r.WorkshopID)
	if err != nil {
		return plan{}, ground{}, err
	}
	g, err := s.groundIn(ctx, s.db, r, n)
	if err != nil {
		return plan{}, g, err
	}
	solved, err := r.choices()
	if err != nil {
		return plan{}, g, err
	}
	p, err := makePlan(g, r, solved, accepted, journal.Now())
	return p, g, err
}

// published shows what became of a release.
func (out Preview) published(r row, accepted []review.Accepted) (Preview, error) {
	o, err := r.outcome()
	if err != nil {
		return out, err
	}
	out.Changelog, out.Items = o.Changelog, []ReleaseItem{}
	for _, item := range o.Items {
		for _, a := range accepted {
			if a.Proposal.ID == item.Proposal.ID {
				item.Proposal = a.Proposal
				out.Items = append(out.Items, item)
			}
		}
	}
	return out, nil
}
