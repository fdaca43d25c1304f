package release

import (
	"strconv"
	"strings"
	"time"

	"github.com/atelier-attack/atelier/review/attack"
)

// DefaultIDsFrom is the first number of ATT&CK ids where a workshop says
// nothing else.
const DefaultIDsFrom = 9000

const (
	lastNumber       = 9999
	lastSubtechnique = 999
)

// numbers gives out ATT&CK ids, none twice.
type numbers struct {
	taken map[string]bool
	last  map[string]int // highest sub-technique by parent
	next  map[string]int // number from which free ones are looked for, by letters
	from  int
}

// newNumbers starts from all ids that were ever given, to objects that live or
// not.
func newNumbers(taken []string, from int) *numbers {
	n := &numbers{taken: make(map[string]bool, len(taken)), last: map[string]int{}, next: map[string]int{}, from: from}
	if n.from <= 0 {
		n.from = DefaultIDsFrom
	}
	for _, id := range taken {
		n.take(id)
	}
	return n
}

// take marks an id as given; that of a sub-technique takes its parent's, too.
func (n *numbers) take(id string) {
	n.taken[id] = true
	parent, sub, ok := strings.Cut(id, ".")
	if !ok {
		return
	}
	n.taken[parent] = true
	if i, err := strconv.Atoi(sub); err == nil {
		n.last[parent] = max(n.last[parent], i)
	}
}

// object gives the next free id with some letters in the range; ok is false
// where there is none left.
func (n *numbers) object(letters string) (id string, ok bool) {
	for i := max(n.from, n.next[letters]); i <= lastNumber; i++ {
		if id := attack.NumberedID(letters, i); !n.taken[id] {
			n.take(id)
			n.next[letters] = i + 1
			return id, true
		}
	}
	return "", false
}

// subtechnique gives the id behind the highest that was ever given under a
// parent: a gap may have been an id once, which nobody here remembers.
func (n *numbers) subtechnique(parent string) (id string, ok bool) {
	next := n.last[parent] + 1
	if next > lastSubtechnique {
		return "", false
	}
	id = attack.SubtechniqueID(parent, next)
	n.take(id)
	return id, true
}

// idFor makes the STIX id of an object that a release writes beside those of
// its proposals. It follows from what it is for, so that a preview and a
// publication agree.
func idFor(objectType string, of ...string) string { return attack.DerivedID(objectType, of...) }

// after gives the moment, or where an object is as new, the first millisecond
// behind it. What is no time is long ago.
func after(moment time.Time, modified string) time.Time {
	old, err := time.Parse(time.RFC3339Nano, modified)
	if err != nil || moment.After(old) {
		return moment
	}
	return old.UTC().Truncate(time.Millisecond).Add(time.Millisecond)
}
