package review

import (
	"slices"
	"strings"
)

// Role is what a member of a workshop may do.
type Role string

// AnyOf says one of several roles in words.
func AnyOf(roles []Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = "a " + string(r)
		if strings.ContainsRune("aeiou", rune(r[0])) {
			words[i] = "an " + string(r)
		}
	}
	return strings.Join(words, " or ")
}

// The roles of a member; a member has a set of them.
const (
	Observer    Role = "observer"
	Participant Role = "participant"
	Reviewer    Role = "reviewer"
	Facilitator Role = "facilitator"
	Maintainer  Role = "maintainer"
)

// State is where a proposal stands.
type State string

// The states of a proposal.
const (
	StateDraft            State = "draft"
	StateSubmitted        State = "submitted"
	StateInReview         State = "in_review"
	StateChangesRequested State = "changes_requested"
	StateAccepted         State = "accepted"
	StateRejected         State = "rejected"
	StateWithdrawn        State = "withdrawn"
	StateReleased         State = "released"
)

// Waiting are the states in which a submitted proposal waits for somebody, and
// may still come true.
func Waiting() []State {
	return []State{StateSubmitted, StateInReview, StateChangesRequested, StateAccepted}
}

// Counted are the states in which a proposal counts where the taxonomy shows
// what is worked on: it may still come true, or it did.
func Counted() []State { return append(Waiting(), StateReleased) }

// Action is what a person does to a proposal.
type Action string

// The actions on a proposal.
const (
	ActionEdit           Action = "edit"
	ActionInvite         Action = "invite"
	ActionSubmit         Action = "submit"
	ActionWithdraw       Action = "withdraw"
	ActionStartReview    Action = "start-review"
	ActionApprove        Action = "approve"
	ActionRequestChanges Action = "request-changes"
	ActionReject         Action = "reject"
	ActionRelease        Action = "release"
	ActionSuggest        Action = "suggest" // another text, by a reviewer
	ActionTake           Action = "take"    // a suggestion
	ActionDecline        Action = "decline"
	ActionDrop           Action = "drop" // one's own suggestion
	ActionUndo           Action = "undo" // that a suggestion was taken
	ActionName           Action = "name" // oneself, among the contributors
	ActionThank          Action = "thank"
	ActionYield          Action = "yield"   // agree that words give way to others at the release
	ActionResolve        Action = "resolve" // a thread of its discussion
	ActionReopen         Action = "reopen"
	ActionBlock          Action = "block" // until a thread is resolved
	ActionUnblock        Action = "unblock"
)

// Guard limits an action by what somebody has to do with the proposal.
type Guard string

// The guards.
const (
	GuardNone      Guard = "none"
	GuardAuthor    Guard = "author"
	GuardWriter    Guard = "writer"     // the author, or who writes in it, too
	GuardNotAuthor Guard = "not_author" // none of these, nor one of whom a suggestion was taken
	GuardNotWriter Guard = "not_writer" // neither the author nor who writes in it
	GuardSuggester Guard = "suggester"  // who made the suggestion that it is about
	GuardParty     Guard = "party"      // who had a part in it
)

// Transition is one row of the state machine.
type Transition struct {
	Action Action `json:"action"`
	From   State  `json:"from"`
	To     State  `json:"to"`
	Roles  []Role `json:"roles" enum:"observer,participant,reviewer,facilitator,maintainer"`
	Guard  Guard  `json:"guard" enum:"author,writer,not_author,not_writer,suggester,party,none"`
}

// Proposers are the roles that may make a proposal.
func Proposers() []Role { return []Role{Participant, Reviewer, Facilitator, Maintainer} }

// Reviewers are the roles that may review the proposals of others.
func Reviewers() []Role { return []Role{Reviewer, Maintainer} }

// Releasers are the roles that may make releases.
func Releasers() []Role { return []Role{Maintainer} }

// Transitions is the one table of the state machine: services, the API's
// authorization and the buttons of the pages all work from it.
func Transitions() []Transition {
	author := func(a Action, from, to State) Transition {
		return Transition{a, from, to, Proposers(), GuardAuthor}
	}
	verdict := func(a Action, from, to State) Transition {
		return Transition{a, from, to, Reviewers(), GuardNotAuthor}
	}
	table := []Transition{
		{ActionEdit, StateDraft, StateDraft, Proposers(), GuardWriter},
		{ActionEdit, StateChangesRequested, StateChangesRequested, Proposers(), GuardWriter},
		author(ActionInvite, StateDraft, StateDraft),
		author(ActionInvite, StateChangesRequested, StateChangesRequested),
		author(ActionSubmit, StateDraft, StateSubmitted),
		author(ActionSubmit, StateChangesRequested, StateSubmitted),
		author(ActionWithdraw, StateDraft, StateWithdrawn),
		author(ActionWithdraw, StateSubmitted, StateWithdrawn),
		author(ActionWithdraw, StateInReview, StateWithdrawn),
		author(ActionWithdraw, StateChangesRequested, StateWithdrawn),
		verdict(ActionStartReview, StateSubmitted, StateInReview),
		verdict(ActionApprove, StateSubmitted, StateAccepted),
		verdict(ActionApprove, StateInReview, StateAccepted),
		verdict(ActionRequestChanges, StateSubmitted, StateChangesRequested),
		verdict(ActionRequestChanges, StateInReview, StateChangesRequested),
		verdict(ActionReject, StateSubmitted, StateRejected),
		verdict(ActionReject, StateInReview, StateRejected),
		{ActionYield, StateAccepted, StateAccepted, Proposers(), GuardWriter},
		{ActionRelease, StateAccepted, StateReleased, Releasers(), GuardNone},
	}
	return slices.Concat(table, suggesting(), crediting(), discussing())
}

// Required names what has to be met before an action, beside what its row says.
func Required(action Action) []string {
	switch action {
	case ActionApprove:
		return []string{RequirementThreads}
	case ActionRelease:
		return []string{RequirementSuggestions, RequirementThreads}
	}
	return nil
}

// suggesting are the rows about what reviewers would have a proposal say. An
// approval is of the text that was read: where that changes, it is submitted
// again.
func suggesting() []Transition {
	var rows []Transition
	for _, from := range Waiting() {
		to := StateSubmitted
		if from == StateChangesRequested { // its authors have it in hand, and the text goes into their draft
			to = from
		} else {
			rows = append(rows, Transition{ActionSuggest, from, from, Reviewers(), GuardNotWriter})
		}
		rows = append(rows,
			Transition{ActionTake, from, to, Proposers(), GuardWriter},
			Transition{ActionDecline, from, from, Proposers(), GuardWriter},
			Transition{ActionDrop, from, from, anyRole(), GuardSuggester})
	}
	return append(rows, Transition{ActionUndo, StateSubmitted, StateSubmitted, Proposers(), GuardWriter})
}

// crediting are the rows about who is named: until it is released.
func crediting() []Transition {
	var rows []Transition
	for _, from := range Open() {
		rows = append(rows, Transition{ActionName, from, from, anyRole(), GuardParty}, Transition{ActionThank, from, from, Proposers(), GuardWriter})
	}
	return rows
}

// discussing are the rows about threads of the discussion: whoever takes part
// says that one is settled, and who reviews or runs the room, that one has to be
// before the proposal goes on.
func discussing() []Transition {
	var rows []Transition
	for _, from := range append(Waiting(), StateRejected, StateWithdrawn, StateReleased) {
		rows = append(rows, Transition{ActionResolve, from, from, Proposers(), GuardNone}, Transition{ActionReopen, from, from, Proposers(), GuardNone})
	}
	for _, from := range Waiting() {
		for _, a := range []Action{ActionBlock, ActionUnblock} {
			rows = append(rows, Transition{a, from, from, append(Reviewers(), Facilitator), GuardNone})
		}
	}
	return rows
}

// anyRole is for what is somebody's own affair.
func anyRole() []Role { return append([]Role{Observer}, Proposers()...) }

// RolesFor lists the roles that may do an action in any state.
func RolesFor(action Action) []Role {
	for _, t := range Transitions() {
		if t.Action == action {
			return t.Roles
		}
	}
	return nil
}

// Actor is who acts, with the roles that they have in the workshop.
type Actor struct {
	User     string
	Roles    []Role
	Workshop string
}

// Has says whether the actor has one of the roles.
func (a Actor) Has(roles ...Role) bool {
	return slices.ContainsFunc(a.Roles, func(r Role) bool { return slices.Contains(roles, r) })
}
