package release

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// Limits of what a maintainer writes, in characters.
const (
	maxName  = 200
	maxNotes = 20_000
)

// Settings are what a workshop decides about its releases.
type Settings struct {
	Domain  string
	IDsFrom int // number of the first technique id that a release may give
}

// Releases keeps the releases of workshops. Who may make them is the caller's
// affair; that proposals become released is decided by the table of
// transitions.
type Releases struct {
	db        *gorm.DB
	journal   *journal.Journal
	taxonomy  *taxonomy.Taxonomy
	proposals *review.Proposals
	settings  func(ctx context.Context, workshop string) (Settings, error)
}

// New makes the Releases of a database; settings tells what a workshop has
// decided.
func New(db *gorm.DB, j *journal.Journal, t *taxonomy.Taxonomy, p *review.Proposals, settings func(ctx context.Context, workshop string) (Settings, error)) *Releases {
	return &Releases{db: db, journal: j, taxonomy: t, proposals: p, settings: settings}
}

// NewRelease is the form of a new release.
type NewRelease struct {
	Name  string `json:"name" maxLength:"1000"`
	Notes string `json:"notes,omitempty" maxLength:"50000"`
}

// List gives the releases of a workshop by number.
func (s *Releases) List(ctx context.Context, workshop string) ([]Release, error) {
	db := s.db.WithContext(ctx)
	var rows []row
	if err := db.Omit("outcome").Where("workshop_id = ?", workshop).Order("number").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list releases: %w", err)
	}
	on, err := s.proposals.ByReleaseIn(db, workshop)
	if err != nil {
		return nil, err
	}
	list := make([]Release, len(rows))
	for i, r := range rows {
		if list[i], err = r.release(on[r.ID]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func find(db *gorm.DB, workshop, id string) (row, error) {
	var rows []row
	if err := db.Where("id = ? AND workshop_id = ?", id, workshop).Limit(1).Find(&rows).Error; err != nil {
		return row{}, fmt.Errorf("find a release: %w", err)
	}
	if len(rows) == 0 {
		return row{}, fault.New(fault.NotFound, "There is no such release in this workshop.")
	}
	return rows[0], nil
}

// releaseIn gives a row as people see it.
func (s *Releases) releaseIn(db *gorm.DB, r row) (Release, error) {
	on, err := s.proposals.ByReleaseIn(db, r.WorkshopID)
	if err != nil {
		return Release{}, err
	}
	return r.release(on[r.ID])
}

// Open starts a release with all accepted proposals that are on none. The
// fault is Conflict where another one is open.
func (s *Releases) Open(ctx context.Context, actor review.Actor, in NewRelease) (Release, error) {
	r := row{ID: uuid.NewString(), WorkshopID: actor.Workshop, Name: strings.TrimSpace(in.Name), Notes: in.Notes, State: Open,
		Resolutions: "{}", Explained: "{}", Outcome: "{}", Revision: 1, CreatedBy: actor.User, CreatedAt: journal.Now()}
	if err := r.check(); err != nil {
		return Release{}, err
	}
	settings, err := s.settings(ctx, actor.Workshop)
	if err != nil {
		return Release{}, err
	}
	r.Domain = settings.Domain
	return journal.Do(ctx, s.journal, func(_ context.Context, tx *journal.Tx) (Release, error) {
		if err := tx.Hold(actor.Workshop); err != nil {
			return Release{}, err
		}
		if r.Number, err = s.nextNumber(tx.DB, actor.Workshop); err != nil {
			return Release{}, err
		}
		if err := tx.Create(&r).Error; err != nil {
			return Release{}, fmt.Errorf("open a release: %w", err)
		}
		all, err := s.proposals.AcceptedIn(tx.DB, actor.Workshop)
		if err != nil {
			return Release{}, err
		}
		var free []string
		for _, a := range all {
			if a.Proposal.Release == "" && a.Proposal.Domain == r.Domain {
				free = append(free, a.Proposal.ID)
			}
		}
		changed, err := s.proposals.PutOnIn(tx.DB, actor.Workshop, r.ID, free)
		if err != nil {
			return Release{}, err
		}
		return s.tell(tx, actor, KindOpened, r, changed)
	})
}

// nextNumber refuses a second open release.
func (s *Releases) nextNumber(db *gorm.DB, workshop string) (int64, error) {
	var rows []row
	if err := db.Omit("outcome").Where("workshop_id = ?", workshop).Order("number").Find(&rows).Error; err != nil {
		return 0, fmt.Errorf("list releases: %w", err)
	}
	last := int64(0)
	for _, r := range rows {
		if r.State == Open {
			open, err := s.releaseIn(db, r)
			if err != nil {
				return 0, err
			}
			return 0, fault.New(fault.Conflict, "Release %d, %s, is still open. Publish it first.", r.Number, r.Name).With(map[string]any{"release": open})
		}
		last = r.Number
	}
	return last + 1, nil
}

func (r row) check() error {
	if r.Name == "" {
		return fault.InField("name", "Give the release a name.")
	}
	if err := typed.Line("name", r.Name, maxName); err != nil {
		return err
	}
	return typed.Text("notes", r.Notes, maxNotes)
}

// tell appends the event of a changed release.
func (s *Releases) tell(tx *journal.Tx, actor review.Actor, kind string, r row, changed []review.Proposal) (Release, error) {
	release, err := s.releaseIn(tx.DB, r)
	if err != nil {
		return release, err
	}
	_, err = tx.Append(actor.Workshop, actor.User, kind, map[string]any{"release": release, "proposals": changed})
	return release, err
}
