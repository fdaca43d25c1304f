// Package check finds what is wrong with content before people review it:
// missing or unknown values, broken citations, names that exist already, and
// text that looks like an indicator. It is made of pure functions.
package check

// Level is how much a finding weighs.
type Level string

// The levels: an error refuses a submission, the others inform.
const (
	Error   Level = "error"
	Warning Level = "warning"
	Hint    Level = "hint"
)

// Check is one finding on content.
type Check struct {
	Level   Level  `json:"level" enum:"error,warning,hint"`
	Field   string `json:"field" doc:"name of the field; empty: the whole"`
	Message string `json:"message"`
	Code    string `json:"code"`
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
