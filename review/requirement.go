package review

import (
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// The names of what has to be before a proposal goes on; Required says before
// what.
const (
	RequirementSuggestions = "suggestions_answered" // no suggestion waits for an answer
	RequirementThreads     = "threads_resolved"     // no blocking thread is open
)

// Requirement is one thing that has to be before a proposal goes on.
type Requirement struct {
	Name  string   `json:"name"`
	Met   bool     `json:"met"`
	Why   string   `json:"why" doc:"as a sentence"`
	Stops []Action `json:"stops" doc:"what cannot be done until it is met"`
}

// requirements says what has to be before a proposal is approved or released,
// and whether it is; blocking threads are those that are not resolved.
func (p Proposal) requirements(blocking int) []Requirement {
	open := 0
	for _, s := range p.Suggestions {
		if s.State == SuggestionOpen {
			open++
		}
	}
	return []Requirement{
		requirement(RequirementSuggestions, open, "Its authors have answered all that reviewers suggested.",
			"A reviewer suggested another text, and its authors have not answered.", "Reviewers suggested %d changes of its text that its authors have not answered."),
		requirement(RequirementThreads, blocking, "No thread of its discussion holds it up.",
			"A thread of its discussion is marked as blocking, and is not resolved.", "%d threads of its discussion are marked as blocking, and are not resolved."),
	}
}

// requirement is met where there is none of what would be in the way.
func requirement(name string, open int, met, one, many string) Requirement {
	r := Requirement{Name: name, Met: open == 0, Why: met, Stops: []Action{}}
	switch {
	case open == 1:
		r.Why = one
	case open > 1:
		r.Why = fmt.Sprintf(many, open)
	}
	for _, action := range []Action{ActionApprove, ActionRelease} {
		if slices.Contains(Required(action), name) {
			r.Stops = append(r.Stops, action)
		}
	}
	return r
}

// meets refuses an action on a proposal where something that has to be before
// it is not. The fault is Conflict.
func meets(db *gorm.DB, row proposalRow, action Action) error {
	if len(Required(action)) == 0 {
		return nil
	}
	p, err := one(db, row)
	if err != nil {
		return err
	}
	for _, r := range p.Requirements {
		if !r.Met && slices.Contains(r.Stops, action) {
			return fault.New(fault.Conflict, "%s Resolve that first.", r.Why)
		}
	}
	return nil
}
