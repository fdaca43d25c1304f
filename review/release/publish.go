package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// errMoved says that the domain, the ids or a proposal changed between the plan and the
// transaction.
var errMoved = fault.New(fault.Conflict, "The taxonomy or a proposal changed at this very moment. Look at the release again and publish it then.")

// attempts is how often a publication is planned anew where others are faster.
const attempts = 3

// ready is a planned release that only has to be stored.
type ready struct {
	row     row
	plan    plan
	ground  ground
	bundle  bundle
	outcome string
}

// Publish makes a release the current state of its domain, for good. The
// fault is Stale where somebody changed the release, and Conflict where it is
// published already or something stops it; then Details is the Preview.
//
// All of it is planned and written before the transaction, which only makes
// sure that nothing moved, and stores. A crash behind the commit loses
// nothing: the next start loads what was stored.
func (s *Releases) Publish(ctx context.Context, actor review.Actor, id string, revision int64) (Release, error) {
	var release Release
	var err error
	for range attempts {
		if release, err = s.publish(ctx, actor, id, revision); !errors.Is(err, errMoved) {
			break
		}
		if err := s.taxonomy.Load(ctx); err != nil {
			return release, err
		}
	}
	return release, err
}

// refresh makes readers see what is stored.
func (s *Releases) refresh(ctx context.Context, domain string) error {
	stored, err := s.taxonomy.CurrentOf(s.db.WithContext(ctx), domain)
	if err != nil {
		return err
	}
	if c, ok := s.taxonomy.Snapshot().Conventions(domain); ok && c.Current.ID == stored {
		return nil
	}
	return s.taxonomy.Load(ctx)
}

func (s *Releases) publish(ctx context.Context, actor review.Actor, id string, revision int64) (Release, error) {
	next, failed := s.prepare(ctx, actor, id, revision)
	return journal.Do(ctx, s.journal, func(_ context.Context, tx *journal.Tx) (Release, error) {
		if failed != nil { // told here, behind the look for an earlier answer
			return Release{}, failed
		}
		// Who hears of the release looks at its taxonomy at once. Where this
		// fails, the release is published all the same, and readers see it as
		// soon as the server looks for new content again.
		tx.Then(func() { _ = s.refresh(context.WithoutCancel(ctx), next.row.Domain) })
		return s.store(tx, actor, next)
	})
}

// prepare plans a release as of a revision.
func (s *Releases) prepare(ctx context.Context, actor review.Actor, id string, revision int64) (ready, error) {
	r, err := find(s.db.WithContext(ctx), actor.Workshop, id)
	if err != nil {
		return ready{}, err
	}
	if err := s.currentIn(s.db.WithContext(ctx), r, revision); err != nil {
		return ready{}, err
	}
	accepted, err := s.proposals.OnReleaseIn(s.db.WithContext(ctx), id)
	if err != nil {
		return ready{}, err
	}
	p, g, err := s.plan(ctx, r, accepted)
	if err != nil {
		return ready{}, err
	}
	if !p.publishable() {
		preview, err := s.Preview(ctx, actor.Workshop, id)
		if err != nil {
			return ready{}, err
		}
		return ready{}, fault.New(fault.Conflict, "This release cannot be published yet: %s", p.first()).With(preview)
	}
	return s.written(r, p, g)
}

// first is the first thing that stops a release.
func (p plan) first() string {
	for _, text := range p.problems {
		return text
	}
	for _, item := range p.items {
		for _, text := range item.Problems {
			return fmt.Sprintf("#%d %s", item.Proposal.Number, text)
		}
	}
	return ""
}

// currentIn makes sure that a release is open and as it was seen.
func (s *Releases) currentIn(db *gorm.DB, r row, revision int64) error {
	if r.State != Open {
		return fault.New(fault.Conflict, "This release is published already.")
	}
	if r.Revision == revision {
		return nil
	}
	now, err := s.releaseIn(db, r)
	if err != nil {
		return err
	}
	return fault.New(fault.Stale, "Somebody changed this release since you saw it. Look at it once more.").With(BothSides{Yours: now, Theirs: now})
}

// written makes all that is stored of a plan.
func (s *Releases) written(r row, p plan, g ground) (ready, error) {
	stamp := (&planner{ground: g, domain: r.Domain, moment: p.moment}).stamp("")
	b, err := p.assemble(r, g, stamp)
	if err != nil {
		return ready{}, err
	}
	o := outcome{Changelog: p.changelog(g)}
	for _, item := range p.items {
		item.Proposal = review.Proposal{ID: item.Proposal.ID}
		o.Items = append(o.Items, item)
	}
	text, err := json.Marshal(o)
	return ready{r, p, g, b, string(text)}, err
}

// store writes a release in one transaction.
func (s *Releases) store(tx *journal.Tx, actor review.Actor, next ready) (Release, error) {
	r := next.row
	if err := tx.Hold(actor.Workshop); err != nil {
		return Release{}, err
	}
	if err := s.unmoved(tx, next); err != nil {
		return Release{}, err
	}
	base := next.ground.style.Current
	c := taxonomy.Collection{Domain: r.Domain, Title: next.bundle.title, Version: next.bundle.version, UpstreamVersion: base.UpstreamVersion,
		BundleID: idFor("bundle", r.ID)}
	if err := s.taxonomy.Publish(tx.DB, &c, next.bundle.members); err != nil {
		return Release{}, err
	}
	at := next.plan.moment
	r.State, r.Revision, r.PublishedAt = Published, r.Revision+1, &at
	r.BaseCollection, r.CollectionID, r.Version, r.Outcome = base.ID, c.ID, c.Version, next.outcome
	done := tx.Model(&row{}).Where("id = ? AND revision = ? AND state = ?", r.ID, r.Revision-1, Open).
		Select("state", "revision", "published_at", "base_collection", "collection_id", "version", "outcome").Updates(&r)
	if done.Error != nil {
		return Release{}, fmt.Errorf("publish a release: %w", done.Error)
	}
	if done.RowsAffected == 0 {
		return Release{}, fault.New(fault.Stale, "Somebody changed this release at this very moment. Look at it once more.")
	}
	released, err := s.proposals.ReleaseIn(tx.DB, actor, r.ID, next.plan.attackIDs())
	if err != nil {
		return Release{}, err
	}
	return s.tell(tx, actor, KindPublished, r, released)
}

// attackIDs are those that a plan gives to new objects, by proposal.
func (p plan) attackIDs() map[string]string {
	ids := map[string]string{}
	for _, item := range p.items {
		if item.makes() {
			ids[item.Proposal.ID] = item.AttackID
		}
	}
	return ids
}

// makes says whether a proposal makes an object that gets an ATT&CK id.
func (i ReleaseItem) makes() bool {
	form, ok := attack.FormOf(i.Proposal.Kind)
	return ok && form.Action == attack.Add && i.AttackID != ""
}

// unmoved makes sure that the domain is what was planned on, and takes the ids.
// From here on no other transaction adds objects.
func (s *Releases) unmoved(tx *journal.Tx, next ready) error {
	if err := s.taxonomy.Lock(tx.DB); err != nil {
		return err
	}
	current, err := s.taxonomy.CurrentOf(tx.DB, next.row.Domain)
	if err != nil {
		return err
	}
	if current != next.ground.style.Current.ID {
		return errMoved
	}
	if err := s.agreed(tx.DB, next); err != nil {
		return err
	}
	var given []assigned
	var ids []string
	for _, stixID := range slices.Sorted(maps.Keys(next.plan.ids)) {
		id := next.plan.ids[stixID]
		given = append(given, assigned{id, stixID, next.row.ID})
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil
	}
	var used int64
	err = tx.Raw("SELECT (SELECT count(*) FROM objects WHERE attack_id IN ?) + (SELECT count(*) FROM assigned_ids WHERE attack_id IN ?)", ids, ids).Scan(&used).Error
	if err != nil {
		return fmt.Errorf("look whether ids are free: %w", err)
	}
	if used > 0 {
		return errMoved
	}
	if err := tx.Create(&given).Error; err != nil {
		return fmt.Errorf("take ids: %w", err)
	}
	return nil
}
