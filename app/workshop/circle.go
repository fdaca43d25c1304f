package workshop

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/guard"
)

// CircleIn gives what must not leave a workshop, the names of the organisations
// that take part and what is marked more strictly than it is, and what rules
// weigh in it. It is looked up each time: nothing may be approved or released by
// what was true a moment ago, and another process may have changed it. Outside of
// a transaction, those who ask at the same time share the look-up, and what it
// gives: nobody changes that.
func (s *Workshops) CircleIn(db *gorm.DB, id string) (review.Standards, error) {
	if journal.Within(db) {
		return s.circleIn(db, id)
	}
	known, ok, err := s.circles.Get(db.Statement.Context, id)
	if err == nil && !ok {
		err = noWorkshop()
	}
	return known, err
}

func (s *Workshops) findCircles(ctx context.Context, ids []string) (map[string]review.Standards, error) {
	found := map[string]review.Standards{}
	for _, id := range ids {
		known, err := s.circleIn(s.db.WithContext(ctx), id)
		switch {
		case fault.CodeOf(err) == fault.NotFound: // is theirs alone who ask for it
		case err != nil:
			return nil, err
		default:
			found[id] = known
		}
	}
	return found, nil
}

func (s *Workshops) circleIn(db *gorm.DB, id string) (review.Standards, error) {
	r, err := find(db, "id = ?", id)
	if err != nil {
		return review.Standards{}, err
	}
	w, err := r.workshop()
	if err != nil {
		return review.Standards{}, err
	}
	known := guard.Known{TLP: r.TLP}
	known.Organisations, err = s.people.OrganisationsIn(db, db.Model(&memberRow{}).Select("user_id").Where("workshop_id = ?", id))
	return review.Standards{Guard: known, Levels: w.Policy.Levels}, err
}

// RunsIn says whether somebody is a facilitator of a workshop, within a
// transaction or outside of one.
func (s *Workshops) RunsIn(db *gorm.DB, workshop, user string) (bool, error) {
	r, err := memberOf(db, workshop, user)
	if err != nil || r == nil {
		return false, err
	}
	roles, err := r.roles()
	return slices.Contains(roles, review.Facilitator), err
}
