package attack

import (
	"strings"
	"time"
)

// CompareTime says which of two versions was made later, where both say when,
// and else which text comes later.
func (o *Object) CompareTime(p *Object) int {
	a, b := o.Stamp(), p.Stamp()
	if len(a) == len(timeLayout) && len(b) == len(timeLayout) { // as ATT&CK writes them
		return strings.Compare(a, b)
	}
	s, errS := time.Parse(time.RFC3339Nano, a)
	t, errT := time.Parse(time.RFC3339Nano, b)
	if errS != nil || errT != nil {
		return strings.Compare(a, b)
	}
	return s.Compare(t)
}
