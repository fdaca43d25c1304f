// Package check finds what is wrong with content before people review it:
// missing or unknown values, broken citations, names that exist already, and
// text that looks like an indicator. Each thing that it looks for is a rule of
// one table (rules.go). It is made of pure functions.
package check

import "github.com/atelier-attack/atelier/review/attack"

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
	Level   Level  `json:"level" enum:"error,warning,hint"`
	Field   string `json:"field" doc:"name of the field; empty: the whole"`
	Message string `json:"message"`
	Code    string `json:"code" doc:"id of the rule"`
	Fix     *Fix   `json:"fix,omitempty" doc:"what would put it right, where that is plain"`
}

// Fix is a change that puts a finding right: a field's whole value.
type Fix struct {
	Label string       `json:"label" doc:"what it does, for a button"`
	Field string       `json:"field" doc:"name of the field that it changes"`
	Value attack.Value `json:"value"`
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

// Failed gives the first finding that is an error, if there is one.
func Failed(checks []Check) (Check, bool) {
	for _, c := range checks {
		if c.Level == Error {
			return c, true
		}
	}
	return Check{}, false
}
