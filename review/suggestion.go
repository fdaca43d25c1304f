package review

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/merge"
)

// States of a suggestion.
const (
	SuggestionOpen     = "open"
	SuggestionTaken    = "taken"
	SuggestionDeclined = "declined" // or taken and undone
	SuggestionDropped  = "dropped"  // by who made it
)

// Suggestion is what a reviewer would have a proposal say: its authors take it
// or decline it.
type Suggestion struct {
	ID         string            `json:"id"`
	Revision   int64             `json:"revision" doc:"that was looked at"`
	By         string            `json:"by" doc:"user id"`
	Note       string            `json:"note"`
	NoteHTML   string            `json:"note_html"`
	Explained  []typed.Explained `json:"explained,omitempty" doc:"what in the note looked as if it must not be shared, and why it may"`
	Fields     []SuggestedField  `json:"fields"`
	State      string            `json:"state" enum:"open,taken,declined,dropped"`
	Made       int64             `json:"made" doc:"the revision that took it; 0: none, or it went into the draft"`
	AnsweredBy string            `json:"answered_by" doc:"user id; empty: not answered"`
	At         time.Time         `json:"at"`
	UpdatedAt  time.Time         `json:"updated_at"`
}

// SuggestedField is one field that a suggestion changes.
type SuggestedField struct {
	Field  string       `json:"field"`
	Label  string       `json:"label"`
	Before attack.Value `json:"before"`
	After  attack.Value `json:"after"`
}

// NewSuggestion is what a reviewer would have a revision say.
type NewSuggestion struct {
	Revision  int64             `json:"revision" doc:"that was looked at"`
	Content   attack.Content    `json:"content" doc:"the fields that it changes, as they should be"`
	Note      string            `json:"note" maxLength:"10000" doc:"why"`
	Explained map[string]string `json:"explained,omitempty" doc:"why what must not be shared may stand in the note, by the keys of what look-at-text finds"`
}

// SuggestionAnswer answers a suggestion on the revision that was seen.
type SuggestionAnswer struct {
	Revision int64 `json:"revision"`
}

type suggestionRow struct {
	ID, ProposalID string
	Revision       int64
	AuthorID       string
	Fields         string
	Note, NoteHTML string
	Explained      string
	State          string
	Made           int64
	AnsweredBy     string
	CreatedAt      time.Time
	UpdatedAt      time.Time `gorm:"autoUpdateTime:false"`
}

func (suggestionRow) TableName() string { return "suggestions" }

func (r suggestionRow) suggestion() (Suggestion, error) {
	s := Suggestion{ID: r.ID, Revision: r.Revision, By: r.AuthorID, Note: r.Note, NoteHTML: r.NoteHTML, State: r.State, Made: r.Made,
		AnsweredBy: r.AnsweredBy, At: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC()}
	var err error
	if s.Explained, err = typed.ReadExplained(r.Explained); err != nil {
		return s, fmt.Errorf("suggestion %s: %w", r.ID, err)
	}
	if err := json.Unmarshal([]byte(r.Fields), &s.Fields); err != nil {
		return s, fmt.Errorf("read suggestion %s: %w", r.ID, err)
	}
	return s, nil
}

// suggestions lists what is suggested for proposals, by proposal and oldest
// first; the query names the proposals.
func suggestions(db *gorm.DB, ids any) (map[string][]Suggestion, error) {
	var rows []suggestionRow
	if err := db.Where("proposal_id IN (?)", ids).Order("created_at, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list suggestions: %w", err)
	}
	all := map[string][]Suggestion{}
	for _, r := range rows {
		one, err := r.suggestion()
		if err != nil {
			return nil, err
		}
		all[r.ProposalID] = append(all[r.ProposalID], one)
	}
	return all, nil
}

// pennedBy lists whose suggestions a proposal took.
func pennedBy(db *gorm.DB, proposal string) ([]string, error) {
	var users []string
	err := db.Model(&suggestionRow{}).Where("proposal_id = ? AND state = ?", proposal, SuggestionTaken).Distinct().Pluck("author_id", &users).Error
	if err != nil {
		return nil, fmt.Errorf("list whose suggestions were taken: %w", err)
	}
	return users, nil
}

func findSuggestion(db *gorm.DB, proposal, id string) (suggestionRow, error) {
	var rows []suggestionRow
	if err := db.Where("id = ? AND proposal_id = ?", id, proposal).Limit(1).Find(&rows).Error; err != nil {
		return suggestionRow{}, fmt.Errorf("find a suggestion: %w", err)
	}
	if len(rows) == 0 {
		return suggestionRow{}, fault.New(fault.NotFound, "This proposal has no such suggestion.")
	}
	return rows[0], nil
}

// differing gives the fields in which a suggestion differs from what there is.
func differing(form attack.Form, before, after attack.Content) []SuggestedField {
	var fields []SuggestedField
	for _, name := range merge.Changed(form, before, after) {
		fields = append(fields, SuggestedField{name, labelOf(form, name), before[name], after[name]})
	}
	return fields
}

// onto merges a suggestion onto what a proposal says by now. The fault is
// Conflict where both changed the same place.
func (s Suggestion) onto(form attack.Form, now attack.Content) (attack.Content, error) {
	base, theirs := attack.Content{}, attack.Content{}
	for name, value := range now {
		base[name], theirs[name] = value, value
	}
	for _, f := range s.Fields {
		base[f.Field], theirs[f.Field] = f.Before, f.After
	}
	merged := merge.Merge(form, base, now, theirs)
	if len(merged.Conflicts) > 0 {
		return nil, fault.New(fault.Conflict, "%s was changed at the same place since this was suggested. Decline it; who suggested it can look at the text as it is now.",
			labelOf(form, merged.Conflicts[0].Field))
	}
	return merged.Content, nil
}

// fits says whether a suggestion is in a state in which an action makes sense.
func (r suggestionRow) fits(action Action, revision int64) error {
	switch {
	case action != ActionUndo && r.State != SuggestionOpen:
		return fault.New(fault.Conflict, "This suggestion was answered already.")
	case action == ActionUndo && r.State != SuggestionTaken:
		return fault.New(fault.Conflict, "This suggestion was not taken, so there is nothing to undo.")
	case action == ActionUndo && (r.Made == 0 || r.Made != revision):
		return fault.New(fault.Conflict, "The text was changed since the suggestion was taken. Ask a reviewer for changes, then you can put an older revision back.")
	}
	return nil
}

// waitsForAnswer says whether a proposal has suggestions that are open.
func waitsForAnswer(db *gorm.DB, proposal string) (bool, error) {
	all, err := suggestions(db, []string{proposal})
	return slices.ContainsFunc(all[proposal], func(s Suggestion) bool { return s.State == SuggestionOpen }), err
}
