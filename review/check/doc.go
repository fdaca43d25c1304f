// Package check finds what is wrong with content before people review it:
// missing or unknown values, broken citations, names that exist already, and
// text that looks like an indicator. Each thing that it looks for is a rule of
// one table (rules.go). It is made of pure functions.
package check

import (
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/guard"
)

// Level is how much a finding weighs.
type Level string

// The levels: an error refuses a submission, the others inform.
const (
	Error   Level = "error"
	Warning Level = "warning"
	Hint    Level = "hint"
	Off     Level = "off" // a workshop does not want to be told; no finding has it
)

// Levels lists the levels that a workshop may give a rule, mildest first.
func Levels() []Level { return []Level{Off, Hint, Warning, Error} }

// Check is one finding on content.
type Check struct {
	Level   Level   `json:"level" enum:"error,warning,hint"`
	Field   string  `json:"field" doc:"name of the field; empty: the whole"`
	Message string  `json:"message"`
	Code    string  `json:"code" doc:"id of the rule"`
	Fix     *Fix    `json:"fix,omitempty" doc:"what would put it right, where that is plain"`
	Shared  *Shared `json:"shared,omitempty" doc:"what must not be shared; it is changed, or it is said why it may stand"`
}

// Shared is one thing that must not be shared, or looks like it, with all the
// places of the field in which it stands.
type Shared struct {
	Key         string     `json:"key" doc:"stands for it in all texts: an explanation is given to it"`
	Kind        guard.Kind `json:"kind"`
	Text        string     `json:"text" doc:"as it stands in the first place"`
	Why         string     `json:"why" doc:"why it must not be shared"`
	Places      []Place    `json:"places"`
	Replacement string     `json:"replacement,omitempty" doc:"what may stand there instead, where there is something"`
	Reason      string     `json:"reason,omitempty" doc:"why it may stand, as the author says; empty: nobody said"`
}

// Place is a part of what a field holds. It is counted in the units of UTF-16,
// as browsers and editors do: an emoji is two of them.
type Place struct {
	Item int    `json:"item" doc:"of a list, of references or of rows, from 0"`
	Part string `json:"part,omitempty" doc:"of a reference or a row: source_name, description or url, or the column"`
	From int    `json:"from" doc:"in units of UTF-16"`
	To   int    `json:"to"`
}

// Fix is a change that puts a finding right: a field's whole value, and those of
// others that change with it.
type Fix struct {
	Label string         `json:"label" doc:"what it does, for a button"`
	Field string         `json:"field" doc:"name of the field that it changes"`
	Value attack.Value   `json:"value"`
	Also  attack.Content `json:"also,omitempty" doc:"values of other fields that change with it, by name"`
}

// Same says whether two findings are the same, however they are put right.
func (c Check) Same(d Check) bool {
	return c.Level == d.Level && c.Field == d.Field && c.Code == d.Code && c.Message == d.Message
}

// Plain gives findings without what would put them right, for who reads them
// and does not write.
func Plain(checks []Check) []Check {
	plain := make([]Check, len(checks))
	for i, c := range checks {
		c.Fix = nil
		plain[i] = c
	}
	return plain
}

// Unshared gives the first finding of something that must not be shared and of
// which nobody said why it may stand, if there is one.
func Unshared(checks []Check) (Check, bool) {
	for _, c := range checks {
		if c.Shared != nil && c.Level == Error {
			return c, true
		}
	}
	return Check{}, false
}

// Failed gives the first finding that is an error, if there is one.
func Failed(checks []Check) (Check, bool) {
	for _, c := range checks {
		if c.Level == Error {
			return c, true
		}
	}
	return Check{}, false
}
