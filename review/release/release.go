// Package release makes releases of a taxonomy: it collects accepted
// proposals, merges them onto the current state of their domain, gives out ids
// and versions, writes the bundle, and tells what changed.
//
// Planning is made of pure functions; a preview and a publication run the same
// plan, so that what was shown is what is made. A published release is never
// changed again.
package release

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/merge"
)

// Kinds of journal events that this package writes.
const (
	KindOpened    = "release.opened"
	KindChanged   = "release.changed"
	KindPublished = "release.published"
)

// State is where a release stands.
type State string

// The states of a release.
const (
	Open      State = "open"
	Published State = "published"
)

// Ways to solve a conflict.
const (
	Ours   = "ours"   // what the proposal says
	Theirs = "theirs" // what the taxonomy says by now
)

// Release is a numbered set of accepted proposals.
type Release struct {
	ID          string                       `json:"id"`
	Workshop    string                       `json:"workshop"`
	Number      int64                        `json:"number" doc:"counts up per workshop"`
	Name        string                       `json:"name"`
	Domain      string                       `json:"domain"`
	Notes       string                       `json:"notes"`
	State       State                        `json:"state" enum:"open,published"`
	Revision    int64                        `json:"revision"`
	CreatedBy   string                       `json:"created_by" doc:"user id"`
	CreatedAt   time.Time                    `json:"created_at"`
	PublishedAt *time.Time                   `json:"published_at,omitempty"`
	Version     string                       `json:"version" doc:"of the domain's collection; empty while open"`
	Proposals   []string                     `json:"proposals" doc:"ids, by number"`
	Resolutions map[string]map[string]string `json:"resolutions" doc:"ours or theirs, by proposal and field"`
	Explained   map[string]string            `json:"explained" doc:"why what the guard finds in the name and the notes may stand, by the keys of the findings"`
}

// ReleaseConflict is a field that both a proposal and the taxonomy changed, and how
// it is solved.
type ReleaseConflict struct {
	merge.Conflict
	Resolution string     `json:"resolution" doc:"ours, theirs, or empty: not solved yet"`
	Yielding   []Yielding `json:"yielding" doc:"proposals some of whose words this drops; an author of each has to agree before it is published"`
}

// ReleaseItem is one proposal on a release and what becomes of it.
type ReleaseItem struct {
	ReleasePart
	Proposal  review.Proposal   `json:"proposal"`
	Parts     []ItemPart        `json:"parts,omitempty" doc:"of a proposal that changes several objects, each"`
	Conflicts []ReleaseConflict `json:"conflicts"`
	Problems  []string          `json:"problems" doc:"each stops the publication"`
	Hints     []string          `json:"hints" doc:"to look at; they stop nothing"`
	Named     []string          `json:"named" doc:"whom its objects name by it among their contributors, and did not before"`
	Needs     []review.Maker    `json:"needs" doc:"proposals that it builds on and that are not on this release; each is told among the problems, too"`
	Shared    []review.Check    `json:"shared" doc:"what must not be shared and nobody explained; each is told among the problems, too"`
}

// ReleasePart is what becomes of one object.
type ReleasePart struct {
	AttackID    string `json:"attack_id" doc:"that its object has or will get; empty for relationships"`
	VersionFrom string `json:"version_from" doc:"empty for new objects"`
	VersionTo   string `json:"version_to"`
}

// ItemPart is one object of a proposal that changes several.
type ItemPart struct {
	ReleasePart
	Key    string `json:"key"`
	Kind   string `json:"kind" doc:"of its form"`
	STIXID string `json:"stix_id"`
	Name   string `json:"name"`
}

// Preview is a release with all that its page shows.
type Preview struct {
	Release     Release           `json:"release"`
	Items       []ReleaseItem     `json:"items"`
	Waiting     []review.Proposal `json:"waiting" doc:"accepted, and on no release"`
	Changelog   Changelog         `json:"changelog"`
	Version     string            `json:"version" doc:"that the domain's collection has or will get"`
	Publishable bool              `json:"publishable"`
	Problems    []string          `json:"problems" doc:"of the release as a whole; each stops the publication"`
	Shared      []review.Check    `json:"shared" doc:"what of the name and the notes must not be shared, or may by what somebody explained; what nobody explained is told among the problems, too"`
}

// ReleaseUpdate is what a maintainer changes; a nil member stays as it is.
type ReleaseUpdate struct {
	Revision    int64                        `json:"revision" doc:"the revision that was seen"`
	Name        *string                      `json:"name,omitempty" maxLength:"1000"`
	Notes       *string                      `json:"notes,omitempty" maxLength:"50000"`
	Proposals   *[]string                    `json:"proposals,omitempty" maxItems:"5000" doc:"exactly these accepted proposals"`
	Resolutions map[string]map[string]string `json:"resolutions,omitempty" doc:"ours or theirs, by proposal and field"`
	Explained   map[string]string            `json:"explained,omitempty" doc:"all of them, by the keys of the findings"`
}

// BothSides is what a person needs to put a stale change right.
type BothSides struct {
	Yours  Release `json:"yours"`
	Theirs Release `json:"theirs"`
}

// choice is how a conflict was solved. It holds for that conflict only: where
// either side changes, it is open again.
type choice struct {
	Side     string            `json:"side"`
	Conflict string            `json:"conflict"`         // its digest
	Agreed   map[string]string `json:"agreed,omitempty"` // which author agreed, by the proposals whose words give way
}

// choices are by proposal and field.
type choices map[string]map[string]choice

func (c choices) sides() map[string]map[string]string {
	sides := make(map[string]map[string]string, len(c))
	for proposal, fields := range c {
		sides[proposal] = make(map[string]string, len(fields))
		for field, one := range fields {
			sides[proposal][field] = one.Side
		}
	}
	return sides
}

// outcome is what a published release shows of its plan.
type outcome struct {
	Items     []ReleaseItem `json:"items"` // with only the id of each proposal
	Changelog Changelog     `json:"changelog"`
}

type row struct {
	ID, WorkshopID string
	Number         int64
	Domain         string
	Name, Notes    string
	State          State
	BaseCollection int64
	CollectionID   int64
	Version        string
	Resolutions    string
	Explained      string
	Outcome        string
	Revision       int64
	CreatedBy      string
	CreatedAt      time.Time
	PublishedAt    *time.Time
}

func (row) TableName() string { return "releases" }

func (r row) choices() (choices, error) {
	c := choices{}
	if err := json.Unmarshal([]byte(r.Resolutions), &c); err != nil {
		return nil, fmt.Errorf("read the resolutions of release %s: %w", r.ID, err)
	}
	return c, nil
}

// reasons say why what the guard finds in the name and the notes may stand.
func (r row) reasons() (reasons map[string]string, err error) {
	if err = json.Unmarshal([]byte(r.Explained), &reasons); err != nil {
		err = fmt.Errorf("read what was explained of release %s: %w", r.ID, err)
	}
	return reasons, err
}

func (r row) outcome() (o outcome, err error) {
	if err = json.Unmarshal([]byte(r.Outcome), &o); err != nil {
		err = fmt.Errorf("read the outcome of release %s: %w", r.ID, err)
	}
	return o, err
}

func (r row) release(proposals []string) (Release, error) {
	c, err := r.choices()
	out := Release{ID: r.ID, Workshop: r.WorkshopID, Number: r.Number, Name: r.Name, Domain: r.Domain, Notes: r.Notes, State: r.State,
		Revision: r.Revision, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.UTC(), Version: r.Version,
		Proposals: append([]string{}, proposals...), Resolutions: c.sides()}
	if err == nil {
		out.Explained, err = r.reasons()
	}
	if r.PublishedAt != nil {
		at := r.PublishedAt.UTC()
		out.PublishedAt = &at
	}
	return out, err
}
