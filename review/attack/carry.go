package attack

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Carried is an object onto which the changes of another line were carried.
type Carried struct {
	Raw       jsontext.Value
	Same      bool     // nothing had to be carried: theirs says all of it
	Conflicts []string // properties that both sides changed, each in another way; ours stayed
}

// stamped are properties that say which version an object is, not what it says.
var stamped = map[string]bool{"modified": true, "x_mitre_version": true, "x_mitre_modified_by_ref": true, "x_mitre_attack_spec_version": true}

// Carry carries what our line changed of an object since base over to theirs,
// property by property, whatever its type and its properties; lists are merged
// element by element. What it makes is a version of its own, newer than both.
func Carry(base, ours, theirs []byte, moment time.Time) (Carried, error) {
	var sides [3]members
	for i, raw := range [][]byte{base, ours, theirs} {
		var err error
		if sides[i], err = parseMembers(raw); err != nil {
			return Carried{}, err
		}
	}
	b, o, t := sides[0], sides[1], sides[2]
	c, next := Carried{Same: true}, slices.Clone(t)
	for _, key := range union(o, b) {
		if stamped[key] {
			continue
		}
		before, own, other := b.get(key), o.get(key), t.get(key)
		value, ok, err := carried(before, own, other)
		if err != nil {
			return c, fmt.Errorf("carry %s: %w", key, err)
		}
		if !ok {
			c.Conflicts = append(c.Conflicts, key)
		}
		if alike(value, other) {
			continue
		}
		c.Same = false
		next.put(key, value)
	}
	if c.Same {
		c.Raw = theirs
		return c, nil
	}
	if err := next.restamp(b, o, t, moment); err != nil {
		return c, err
	}
	var err error
	c.Raw, err = next.bytes()
	return c, err
}

// union lists the keys of both, each once.
func union(a, b members) []string {
	var keys []string
	for _, one := range slices.Concat(a, b) {
		if !slices.Contains(keys, one.key) {
			keys = append(keys, one.key)
		}
	}
	return keys
}

func (m members) get(key string) jsontext.Value {
	for _, one := range m {
		if one.key == key {
			return one.value
		}
	}
	return nil
}

// put sets the bytes of a value; none takes the property out.
func (m *members) put(key string, value jsontext.Value) {
	if value == nil {
		m.remove(key)
		return
	}
	for i := range *m {
		if (*m)[i].key == key {
			(*m)[i].value = value
			return
		}
	}
	*m = append(*m, member{key, value})
}

// alike says whether two values mean the same, however they are written.
func alike(a, b jsontext.Value) bool { return plain(a) == plain(b) }

// plain writes a value in one way.
func plain(v jsontext.Value) string {
	if v == nil {
		return ""
	}
	v = v.Clone()
	if v.Canonicalize() != nil {
		return string(v)
	}
	return string(v)
}

// carried merges one property; ok is false where both sides changed it, each
// in another way, and then ours is what stays, or what is left of it.
func carried(base, ours, theirs jsontext.Value) (value jsontext.Value, ok bool, err error) {
	switch {
	case alike(base, ours), alike(ours, theirs):
		return theirs, true, nil
	case alike(base, theirs):
		return ours, true, nil
	case ours.Kind() == '[' && theirs.Kind() == '[' && (base == nil || base.Kind() == '['):
		value, err = carriedList(base, ours, theirs)
		return value, true, err
	case ours == nil:
		return theirs, false, nil
	}
	return ours, false, nil
}

// carriedList keeps their order, without what we took out, and then what we
// put in.
func carriedList(base, ours, theirs jsontext.Value) (jsontext.Value, error) {
	var lists [3][]jsontext.Value
	for i, raw := range []jsontext.Value{base, ours, theirs} {
		var err error
		if lists[i], err = elements(raw); err != nil {
			return nil, err
		}
	}
	set := func(list []jsontext.Value) map[string]bool {
		has := make(map[string]bool, len(list))
		for _, v := range list {
			has[plain(v)] = true
		}
		return has
	}
	inBase, inOurs, inTheirs := set(lists[0]), set(lists[1]), set(lists[2])
	var kept [][]byte
	for _, v := range lists[2] {
		if p := plain(v); !inBase[p] || inOurs[p] {
			kept = append(kept, v)
		}
	}
	for _, v := range lists[1] {
		if p := plain(v); !inBase[p] && !inTheirs[p] {
			kept = append(kept, v)
		}
	}
	return slices.Concat([]byte("["), bytes.Join(kept, []byte(",")), []byte("]")), nil
}

// elements takes a list apart.
func elements(list jsontext.Value) ([]jsontext.Value, error) {
	if list == nil {
		return nil, nil
	}
	d := jsontext.NewDecoder(bytes.NewReader(list))
	if _, err := d.ReadToken(); err != nil {
		return nil, fmt.Errorf("read a list: %w", err)
	}
	var values []jsontext.Value
	for d.PeekKind() != ']' {
		v, err := d.ReadValue()
		if err != nil {
			return nil, fmt.Errorf("read a list: %w", err)
		}
		values = append(values, v.Clone())
	}
	return values, nil
}

// restamp makes what was carried a version behind both: its time is newer, and
// its number above theirs where both lines counted up.
func (m *members) restamp(base, ours, theirs members, moment time.Time) error {
	for _, side := range []members{ours, theirs} {
		if at, err := time.Parse(time.RFC3339Nano, side.text("modified")); err == nil && !moment.After(at) {
			moment = at.UTC().Truncate(time.Millisecond).Add(time.Millisecond)
		}
	}
	if err := m.set("modified", FormatTime(moment)); err != nil {
		return err
	}
	m.put("x_mitre_modified_by_ref", ours.get("x_mitre_modified_by_ref"))
	was, own, other := base.text("x_mitre_version"), ours.text("x_mitre_version"), theirs.text("x_mitre_version")
	switch {
	case own == "" || other == "" || own == was:
		return nil // theirs stands
	case other == was:
		return m.set("x_mitre_version", own)
	}
	higher := other
	if later(own, other) {
		higher = own
	}
	next, err := BumpVersion(higher, BumpMinor)
	if err != nil { // no number: theirs stands
		return nil //nolint:nilerr // the version of an odd object is not worth an upgrade
	}
	return m.set("x_mitre_version", next)
}

// text gives a property that is text; empty where it is none.
func (m members) text(key string) string {
	v := m.get(key)
	if v.Kind() != '"' {
		return ""
	}
	text, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return ""
	}
	return string(text)
}

// later says whether MAJOR.MINOR a is behind b.
func later(a, b string) bool {
	var x, y [2]int
	fmt.Sscanf(a, "%d.%d", &x[0], &x[1]) //nolint:errcheck // what is no number counts as 0
	fmt.Sscanf(b, "%d.%d", &y[0], &y[1]) //nolint:errcheck // as above
	return x[0] > y[0] || x[0] == y[0] && x[1] > y[1]
}
