package poll

import (
	"slices"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// Ballot is what one person votes. For yes_no and choice it is the number of an
// option, for a ranking the numbers of all options, best first, for dots how
// many each option gets.
type Ballot []int

// Tally is the sum of ballots.
type Tally struct {
	Ballots  int   `json:"ballots"`
	Counts   []int `json:"counts" doc:"by option: votes, points of a ranking (the last gets 1, the one before 2 …), or dots"`
	First    []int `json:"first,omitempty" doc:"of a ranking: how often each option was the first"`
	Withheld bool  `json:"withheld,omitempty" doc:"too few voted anonymously for the sums to be told"`
}

func newTally(kind Kind, options int) Tally {
	t := Tally{Counts: make([]int, options)}
	if kind == Ranking {
		t.First = make([]int, options)
	}
	return t
}

// add adds a ballot, or takes it away where times is -1.
func (t *Tally) add(kind Kind, b Ballot, times int) {
	t.Ballots += times
	switch kind {
	case Ranking:
		t.First[b[0]] += times
		for place, option := range b {
			t.Counts[option] += times * (len(b) - place)
		}
	case Dots:
		for option, dots := range b {
			t.Counts[option] += times * dots
		}
	default:
		t.Counts[b[0]] += times
	}
}

// check refuses what is no ballot of a poll.
func (b Ballot) check(kind Kind, options, dots int) error {
	valid := func(i int) bool { return i >= 0 && i < options }
	switch kind {
	case Ranking:
		seen := slices.Clone(b)
		slices.Sort(seen)
		if len(b) != options || len(slices.Compact(seen)) != options || !valid(seen[0]) || !valid(seen[options-1]) {
			return fault.InField("ballot", "Put all %d options into an order, each once.", options)
		}
	case Dots:
		if len(b) != options {
			return fault.InField("ballot", "Say for each of the %d options how many dots it gets.", options)
		}
		left := dots
		for _, n := range b {
			if n < 0 || n > left {
				return fault.InField("ballot", "You have %d dots to give away.", dots)
			}
			left -= n
		}
		if left == dots {
			return fault.InField("ballot", "Give at least one dot.")
		}
	default:
		if len(b) != 1 || !valid(b[0]) {
			return fault.InField("ballot", "Choose one of the %d options.", options)
		}
	}
	return nil
}
