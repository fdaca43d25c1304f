package poll

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/typed"
)

// Kinds of journal events that this package writes.
const (
	KindMade      = "poll.made"
	KindOpened    = "poll.opened"
	KindVoted     = "poll.voted"
	KindRestarted = "poll.restarted" // votes that were only in memory are gone
	KindClosed    = "poll.closed"    // with the result
)

// Kind is what a poll asks for.
type Kind string

// The kinds of polls.
const (
	YesNo   Kind = "yes_no" // yes, no or abstain
	Choice  Kind = "choice" // one of several
	Ranking Kind = "ranking"
	Dots    Kind = "dots" // a number of dots, spread over the options
)

// State is how far a poll is.
type State string

// The states of a poll.
const (
	Made   State = "made"
	Open   State = "open"
	Closed State = "closed"
)

// Limits of polls.
const (
	MaxQuestion  = 300
	MaxOption    = 200
	MaxOptions   = 20
	MaxDots      = 1_000_000
	MaxPolls     = 200 // in a workshop
	MinAnonymous = 3   // voters; with fewer an anonymous poll has no result
)

// Poll is a question to the room.
type Poll struct {
	ID        string            `json:"id"`
	Kind      Kind              `json:"kind" enum:"yes_no,choice,ranking,dots"`
	Question  string            `json:"question"`
	Options   []string          `json:"options"`
	Dots      int               `json:"dots,omitempty" doc:"how many each has to give"`
	Anonymous bool              `json:"anonymous" doc:"who has voted is known, what they voted is not"`
	About     string            `json:"about" doc:"what it is about, as type:id; empty: nothing in particular"`
	State     State             `json:"state" enum:"made,open,closed"`
	By        string            `json:"by" doc:"user id"`
	Seq       int64             `json:"seq" doc:"number of the event that made it; polls are ordered by it"`
	OpenedAt  *time.Time        `json:"opened_at,omitempty"`
	ClosedAt  *time.Time        `json:"closed_at,omitempty"`
	Restarts  int               `json:"restarts,omitempty" doc:"how often all had to vote again, because the server was restarted"`
	Votes     map[string]Ballot `json:"votes" doc:"who has voted in an open poll and, unless it is anonymous, what"`
	Tally     *Tally            `json:"tally,omitempty" doc:"unless it is anonymous as it stands, else at the end"`
}

// Vote is that somebody has voted and, unless the poll is anonymous, what, and
// how it stands with it.
type Vote struct {
	Poll   string `json:"poll"`
	User   string `json:"user"`
	Ballot Ballot `json:"ballot"`
	Tally  *Tally `json:"tally,omitempty"`
}

// NewPoll is what somebody asks.
type NewPoll struct {
	Kind      Kind     `json:"kind" enum:"yes_no,choice,ranking,dots"`
	Question  string   `json:"question" maxLength:"1000"`
	Options   []string `json:"options,omitempty" maxItems:"50" doc:"none for yes_no"`
	Dots      int      `json:"dots,omitempty" doc:"how many each has to give; left out: 3"`
	Anonymous bool     `json:"anonymous,omitempty"`
	About     string   `json:"about,omitempty" maxLength:"200" doc:"such as proposal:ID"`
	Open      bool     `json:"open,omitempty" doc:"at once"`
}

// clean checks a new poll and puts in what was left out.
func (n NewPoll) clean() (NewPoll, error) {
	n.Question = strings.TrimSpace(n.Question)
	if n.Question == "" {
		return n, fault.InField("question", "Write what you ask.")
	}
	if err := typed.Line("question", n.Question, MaxQuestion); err != nil {
		return n, err
	}
	if n.Kind == YesNo {
		n.Options, n.Dots = []string{"Yes", "No", "Abstain"}, 0
		return n, nil
	}
	if !slices.Contains([]Kind{Choice, Ranking, Dots}, n.Kind) {
		return n, fault.InField("kind", "Choose yes_no, choice, ranking or dots.")
	}
	var err error
	if n.Options, err = cleanOptions(n.Options); err != nil {
		return n, err
	}
	switch {
	case n.Kind != Dots:
		n.Dots = 0
	case n.Dots == 0:
		n.Dots = 3
	case n.Dots < 1 || n.Dots > MaxDots:
		return n, fault.InField("dots", "Give each from 1 to %d dots.", MaxDots)
	}
	return n, nil
}

func cleanOptions(options []string) ([]string, error) {
	list := make([]string, 0, len(options))
	for i, o := range options {
		o = strings.TrimSpace(o)
		if o == "" {
			continue
		}
		if err := typed.Line(fmt.Sprintf("options[%d]", i), o, MaxOption); err != nil {
			return nil, err
		}
		if slices.Contains(list, o) {
			return nil, fault.InField("options", "The option %.60q stands there twice.", o)
		}
		list = append(list, o)
	}
	if len(list) < 2 || len(list) > MaxOptions {
		return nil, fault.InField("options", "Give from 2 to %d options, one a line.", MaxOptions)
	}
	return list, nil
}
