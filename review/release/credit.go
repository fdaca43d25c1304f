package release

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
)

// required tells what has to be before a proposal is released and is not, and
// which names that came with its text are left out.
func (p *planner) required(i int, a review.Accepted) {
	item := &p.items[i]
	for _, r := range a.Proposal.Requirements {
		if !r.Met && slices.Contains(r.Stops, review.ActionRelease) {
			item.Problems = append(item.Problems, r.Why)
		}
	}
	if len(a.Unvouched) > 0 {
		item.Hints = append(item.Hints, fmt.Sprintf("Nobody says that these agreed to be named, so they are not: %s.", strings.Join(a.Unvouched, "; ")))
	}
}

// credit adds to the contributors of an object those who agreed to be named for
// works on it, each once and behind those whom it names already. Who only
// retires an object did not contribute to what it says.
func (p *planner) credit(form attack.Form, content, was attack.Content, works ...int) attack.Content {
	if _, ok := form.Field(attack.FieldContributors); !ok {
		return content
	}
	names := slices.Clone(content[attack.FieldContributors].List)
	before := was[attack.FieldContributors].List
	for _, i := range works {
		if p.works[i].Form().Retires() {
			continue
		}
		item, a := p.of(i), p.accepted[p.works[i].item]
		for _, name := range slices.Concat(a.Vouched, a.Names) {
			same := func(one string) bool { return review.SameName(one, name) }
			if slices.Contains(a.Names, name) && !slices.ContainsFunc(names, same) {
				names = append(names, name)
			}
			if slices.Contains(names, name) && !slices.ContainsFunc(before, same) && !slices.Contains(item.Named, name) {
				item.Named = append(item.Named, name)
			}
		}
	}
	if len(names) > 0 {
		content = maps.Clone(content)
		content[attack.FieldContributors] = attack.Value{List: names}
	}
	return content
}

// agreed makes sure that the proposals of a release say what was planned with,
// and name whom it was: all of them agree until the moment of publishing.
func (s *Releases) agreed(db *gorm.DB, next ready) error {
	now, err := s.proposals.OnReleaseIn(db, next.row.ID)
	if err != nil {
		return err
	}
	same := slices.EqualFunc(now, next.plan.accepted, func(a, b review.Accepted) bool {
		return a.Proposal.ID == b.Proposal.ID && a.Proposal.Revision == b.Proposal.Revision && a.BaseRow == b.BaseRow && a.Proposal.Bump == b.Proposal.Bump &&
			slices.Equal(a.Names, b.Names) && slices.Equal(a.Vouched, b.Vouched) && slices.EqualFunc(a.Proposal.Requirements, b.Proposal.Requirements, sameRequirement)
	})
	if !same {
		return errMoved
	}
	return nil
}

func sameRequirement(a, b review.Requirement) bool { return a.Name == b.Name && a.Why == b.Why }
