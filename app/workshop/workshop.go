// Package workshop keeps the editions at which people meet: agenda, policy,
// invitation, and who takes part in which roles.
package workshop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/lookup"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/check"
)

// Kinds of journal events that this package writes.
const (
	KindCreated       = "workshop.created"
	KindUpdated       = "workshop.updated"
	KindMemberJoined  = "member.joined"
	KindMemberChanged = "member.changed"
	KindMemberRenamed = "member.renamed"
	KindMemberRemoved = "member.removed"
	KindCodeRenewed   = "invitation.renewed" // not which, for not all may see it
)

// Brief is what somebody sees of a workshop before they join.
type Brief struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	StartsOn string `json:"starts_on" doc:"YYYY-MM-DD, local to the place"`
	EndsOn   string `json:"ends_on"`
	Place    string `json:"place"`
	TLP      string `json:"tlp" enum:"clear,green,amber,amber+strict,red"`
}

// Workshop is one edition.
type Workshop struct {
	Brief
	Summary   string       `json:"summary"`
	Domain    string       `json:"domain" doc:"the ATT&CK domain that is worked on"`
	Agenda    []AgendaItem `json:"agenda"`
	Policy    Policy       `json:"policy"`
	JoinOpen  bool         `json:"join_open"`
	Revision  int64        `json:"revision"`
	CreatedBy string       `json:"created_by" doc:"user id"`
}

// AgendaItem is one point of the agenda.
type AgendaItem struct {
	ID       string `json:"id,omitempty" maxLength:"100"`
	Title    string `json:"title" maxLength:"1000"`
	StartsAt string `json:"starts_at,omitempty" doc:"HH:MM; empty: after the item before" maxLength:"10"`
	Minutes  int    `json:"minutes,omitempty"`
	Notes    string `json:"notes,omitempty" maxLength:"20000"`
	// Old agendas have neither.
	Goals     string   `json:"goals,omitempty" doc:"what should be there at its end" maxLength:"20000"`
	Proposals []string `json:"proposals,omitempty" doc:"ids of what it is about" maxItems:"100"`
}

// Policy is what a workshop has agreed on.
type Policy struct {
	Join             string `json:"join" enum:"code,closed" doc:"code: whoever has the code; closed: nobody new"`
	TechniqueIDsFrom int    `json:"technique_ids_from" doc:"number of the first ATT&CK id that a release may give"`
	// Levels are what findings weigh where that differs from their rule's own.
	Levels map[string]check.Level `json:"levels,omitempty" doc:"off, hint, warning or error, by the id of a rule that may be changed"`
}

// Who may join.
const (
	JoinByCode = "code"
	JoinClosed = "closed"
)

// Member is a person in a workshop.
type Member struct {
	User     people.User   `json:"user"`
	Roles    []review.Role `json:"roles" enum:"observer,participant,reviewer,facilitator,maintainer" doc:"none: they were removed, and only what they did is here"`
	JoinedAt time.Time     `json:"joined_at"`
}

// Membership is a workshop of a person.
type Membership struct {
	Workshop Brief         `json:"workshop"`
	Roles    []review.Role `json:"roles" enum:"observer,participant,reviewer,facilitator,maintainer"`
}

// Workshops keeps workshops and their members.
type Workshops struct {
	db      *gorm.DB
	journal *journal.Journal
	people  *people.People
	members *lookup.Lookup[seat, memberRow]
	circles *lookup.Lookup[string, review.Standards]
}

// New makes the Workshops of a database.
func New(db *gorm.DB, j *journal.Journal, p *people.People) *Workshops {
	s := &Workshops{db: db, journal: j, people: p}
	s.members, s.circles = lookup.New(s.findMembers), lookup.New(s.findCircles)
	return s
}

type row struct {
	ID, Name, Summary, StartsOn, EndsOn, Place string
	TLP                                        string `gorm:"column:tlp"`
	Domain                                     string
	Agenda, Policy                             string
	JoinOpen                                   bool
	JoinCode                                   string
	Revision                                   int64
	CreatedBy                                  string
	CreatedAt                                  time.Time
}

func (row) TableName() string { return "workshops" }

func (r row) workshop() (Workshop, error) {
	w := Workshop{Brief: Brief{r.ID, r.Name, r.StartsOn, r.EndsOn, r.Place, r.TLP}, Summary: r.Summary, Domain: r.Domain,
		JoinOpen: r.JoinOpen, Revision: r.Revision, CreatedBy: r.CreatedBy}
	err := errors.Join(json.Unmarshal([]byte(r.Agenda), &w.Agenda), json.Unmarshal([]byte(r.Policy), &w.Policy))
	if err != nil {
		return w, fmt.Errorf("read workshop %s: %w", r.ID, err)
	}
	return w, nil
}

func (w Workshop) row() (row, error) {
	agenda, errAgenda := json.Marshal(w.Agenda)
	policy, errPolicy := json.Marshal(w.Policy)
	return row{ID: w.ID, Name: w.Name, Summary: w.Summary, StartsOn: w.StartsOn, EndsOn: w.EndsOn, Place: w.Place, TLP: w.TLP,
		Domain: w.Domain, Agenda: string(agenda), Policy: string(policy), JoinOpen: w.JoinOpen, Revision: w.Revision,
		CreatedBy: w.CreatedBy}, errors.Join(errAgenda, errPolicy)
}

// Create makes a workshop. Its maker runs it and may make its releases.
func (s *Workshops) Create(ctx context.Context, maker string, w Workshop) (Workshop, error) {
	w, err := w.clean()
	if err != nil {
		return w, err
	}
	if err := w.sharable(Workshop{}); err != nil {
		return w, err
	}
	w.ID, w.Revision, w.CreatedBy = uuid.NewString(), 1, maker
	return journal.Do(ctx, s.journal, func(ctx context.Context, tx *journal.Tx) (Workshop, error) {
		r, err := w.row()
		if err != nil {
			return w, err
		}
		r.JoinCode, r.CreatedAt = newCode(), journal.Now()
		if err := tx.Create(&r).Error; err != nil {
			return w, fmt.Errorf("make a workshop: %w", err)
		}
		if _, err := tx.Append(w.ID, maker, KindCreated, map[string]any{"workshop": w}); err != nil {
			return w, err
		}
		_, err = s.enter(ctx, tx, w.ID, maker, []review.Role{review.Facilitator, review.Maintainer})
		return w, err
	})
}

// Get gives a workshop.
func (s *Workshops) Get(ctx context.Context, id string) (Workshop, error) {
	r, err := find(s.db.WithContext(ctx), "id = ?", id)
	if err != nil {
		return Workshop{}, err
	}
	return r.workshop()
}

func find(db *gorm.DB, where string, args ...any) (row, error) {
	var rows []row
	if err := db.Where(where, args...).Limit(1).Find(&rows).Error; err != nil {
		return row{}, fmt.Errorf("find a workshop: %w", err)
	}
	if len(rows) == 0 {
		return row{}, noWorkshop()
	}
	return rows[0], nil
}

func noWorkshop() error {
	return fault.New(fault.NotFound, "There is no such workshop, or you are not in it.")
}

// Change is what a facilitator changes; a nil member stays as it is.
type Change struct {
	Revision int64         `json:"revision" doc:"the revision that was seen"`
	Name     *string       `json:"name,omitempty"`
	Summary  *string       `json:"summary,omitempty"`
	StartsOn *string       `json:"starts_on,omitempty"`
	EndsOn   *string       `json:"ends_on,omitempty"`
	Place    *string       `json:"place,omitempty"`
	TLP      *string       `json:"tlp,omitempty"`
	Domain   *string       `json:"domain,omitempty"`
	Agenda   *[]AgendaItem `json:"agenda,omitempty"`
	Policy   *Policy       `json:"policy,omitempty"`
	JoinOpen *bool         `json:"join_open,omitempty"`
}

func set[T any](field *T, to *T) {
	if to != nil {
		*field = *to
	}
}

func (c Change) apply(w Workshop) Workshop {
	set(&w.Name, c.Name)
	set(&w.Summary, c.Summary)
	set(&w.StartsOn, c.StartsOn)
	set(&w.EndsOn, c.EndsOn)
	set(&w.Place, c.Place)
	set(&w.TLP, c.TLP)
	set(&w.Domain, c.Domain)
	set(&w.Agenda, c.Agenda)
	set(&w.Policy, c.Policy)
	set(&w.JoinOpen, c.JoinOpen)
	return w
}

// BothSides is what a person needs to put a stale change right.
type BothSides struct {
	Yours  Workshop `json:"yours"`
	Theirs Workshop `json:"theirs"`
}

// Update changes a workshop. The fault is Stale, with both sides, where
// somebody else was faster.
func (s *Workshops) Update(ctx context.Context, actor, id string, c Change) (Workshop, error) {
	return journal.Do(ctx, s.journal, func(_ context.Context, tx *journal.Tx) (Workshop, error) {
		old, err := find(tx.DB, "id = ?", id)
		if err != nil {
			return Workshop{}, err
		}
		now, err := old.workshop()
		if err != nil {
			return now, err
		}
		next, err := c.apply(now).clean()
		if err != nil {
			return now, err
		}
		if err := next.sharable(now); err != nil {
			return now, err
		}
		next.Revision = c.Revision + 1
		r, err := next.row()
		if err != nil {
			return now, err
		}
		done := tx.Model(&row{}).Where("id = ? AND revision = ?", id, c.Revision).Select("*").Omit("id", "join_code", "created_by", "created_at").Updates(&r)
		if done.Error != nil {
			return now, fmt.Errorf("change a workshop: %w", done.Error)
		}
		if done.RowsAffected == 0 {
			return now, fault.New(fault.Stale, "Somebody changed the workshop while you were at it. Look at their version and save again.").
				With(BothSides{Yours: next, Theirs: now})
		}
		_, err = tx.Append(id, actor, KindUpdated, map[string]any{"workshop": next})
		return next, err
	})
}
