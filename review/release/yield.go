package release

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/merge"
)

// Yielding is a proposal some of whose words a solution drops. Its authors are
// people who were promised that what they said goes out: one of them has to
// agree.
type Yielding struct {
	Proposal string `json:"proposal"`
	Number   int64  `json:"number"`
	AgreedBy string `json:"agreed_by" doc:"user id of the author who agreed; empty: none yet"`
}

// Agreement is what an author says to a solution that drops words of theirs.
type Agreement struct {
	Revision int64  `json:"revision" doc:"of the release that was seen"`
	Conflict string `json:"conflict" doc:"id of the proposal whose conflict was solved"`
	Field    string `json:"field" doc:"that both sides changed"`
	Proposal string `json:"proposal" doc:"id of the proposal whose words give way"`
	Agreed   bool   `json:"agreed"`
}

// yielding lists which proposals lose words where a conflict of an item is
// solved: this one, or those that changed the field of the object before it.
func (p *planner) yielding(i int, e *edit, field string, chosen choice) []Yielding {
	list := []Yielding{}
	add := func(item int) {
		proposal := p.items[item].Proposal
		if !slices.ContainsFunc(list, func(y Yielding) bool { return y.Proposal == proposal.ID }) {
			list = append(list, Yielding{proposal.ID, proposal.Number, chosen.Agreed[proposal.ID]})
		}
	}
	if chosen.Side == Theirs {
		add(i)
	}
	if chosen.Side != Ours || e == nil {
		return list
	}
	for _, k := range e.items {
		if w := p.works[k]; w.item != i && slices.Contains(merge.Changed(w.Form(), w.Base, w.Content), field) {
			add(w.item)
		}
	}
	return list
}

// Agree says for one of its authors that words of a proposal may give way on an
// open release, or that they may not. The fault is Stale where the release
// changed since it was seen.
func (s *Releases) Agree(ctx context.Context, actor review.Actor, id string, in Agreement) (Release, error) {
	return journal.Do(ctx, s.journal, func(ctx context.Context, tx *journal.Tx) (Release, error) {
		if err := tx.Hold(actor.Workshop); err != nil {
			return Release{}, err
		}
		r, err := find(tx.DB, actor.Workshop, id)
		if err != nil {
			return Release{}, err
		}
		if err := s.proposals.MayYieldIn(tx.DB, actor, in.Proposal); err != nil {
			return Release{}, err
		}
		if err := s.currentIn(tx.DB, r, in.Revision); err != nil {
			return Release{}, err
		}
		solved, p, err := s.planIn(ctx, tx, r)
		if err != nil {
			return Release{}, err
		}
		if !solved.agree(p, in, actor.User) {
			return Release{}, fault.New(fault.Conflict, "Nothing of this proposal gives way there (any more). Look at the release once more.")
		}
		if r, err = r.solved(solved); err != nil {
			return Release{}, err
		}
		r.Revision++
		if err := tx.Model(&row{}).Where("id = ?", r.ID).Select("revision", "resolutions").Updates(&r).Error; err != nil {
			return Release{}, fmt.Errorf("keep what an author agreed to: %w", err)
		}
		_, changed, err := s.ask(ctx, tx, actor, r)
		if err != nil {
			return Release{}, err
		}
		return s.tell(tx, actor, KindChanged, r, append([]review.Proposal{}, changed...))
	})
}

// agree keeps what an author says, if what they speak of is so.
func (c choices) agree(p plan, in Agreement, user string) bool {
	for _, item := range p.items {
		for _, one := range item.Conflicts {
			if item.Proposal.ID != in.Conflict || one.Field != in.Field ||
				!slices.ContainsFunc(one.Yielding, func(y Yielding) bool { return y.Proposal == in.Proposal }) {
				continue
			}
			c.note(item.Proposal.ID, one.Field, in.Proposal, user, in.Agreed)
			return true
		}
	}
	return false
}

func (c choices) note(conflict, field, proposal, user string, agreed bool) {
	chosen := c[conflict][field]
	if chosen.Agreed == nil {
		chosen.Agreed = map[string]string{}
	}
	if chosen.Agreed[proposal] = user; !agreed {
		delete(chosen.Agreed, proposal)
	}
	c[conflict][field] = chosen
}

// ask makes it the turn of those whose words give way by what was chosen and
// who have not agreed. Who chose it for words of their own agreed by that.
func (s *Releases) ask(ctx context.Context, tx *journal.Tx, actor review.Actor, r row) (row, []review.Proposal, error) {
	solved, p, err := s.planIn(ctx, tx, r)
	if err != nil {
		return r, nil, err
	}
	waits := map[string]bool{}
	for _, item := range p.items {
		for _, one := range item.Conflicts {
			for _, y := range one.Yielding {
				switch {
				case y.AgreedBy != "":
				case p.wrote(y.Proposal, actor.User):
					solved.note(item.Proposal.ID, one.Field, y.Proposal, actor.User, true)
				default:
					waits[y.Proposal] = true
				}
			}
		}
	}
	if r, err = r.solved(solved); err != nil {
		return r, nil, err
	}
	changed, err := s.proposals.AskIn(tx.DB, r.ID, waits)
	return r, changed, err
}

// wrote says whether somebody is an author of a proposal.
func (p plan) wrote(proposal, user string) bool {
	return slices.ContainsFunc(p.accepted, func(a review.Accepted) bool {
		return a.Proposal.ID == proposal && (a.Proposal.Author == user || slices.Contains(a.Proposal.CoAuthors, user))
	})
}

// planIn plans an open release within a transaction. Numbers do not matter to
// conflicts.
func (s *Releases) planIn(ctx context.Context, tx *journal.Tx, r row) (choices, plan, error) {
	solved, err := r.choices()
	if err != nil {
		return nil, plan{}, err
	}
	accepted, err := s.proposals.OnReleaseIn(tx.DB, r.ID)
	if err != nil {
		return nil, plan{}, err
	}
	g, err := s.groundIn(ctx, tx.DB, r, newNumbers(nil, 0))
	if err != nil {
		return nil, plan{}, err
	}
	p, err := makePlan(g, r, solved, accepted, journal.Now())
	return solved, p, err
}

// solved is a row with these choices.
func (r row) solved(c choices) (row, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return r, fmt.Errorf("write the resolutions of release %s: %w", r.ID, err)
	}
	r.Resolutions = string(text)
	return r, nil
}
