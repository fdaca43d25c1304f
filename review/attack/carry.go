package attack

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/atelier-attack/atelier/realtime/markdown"
)

// Carried is an object onto which the changes of another line were carried.
type Carried struct {
	Raw       jsontext.Value
	Same      bool     // nothing had to be carried: theirs says all of it
	Conflicts []string // properties that both sides changed, each in another way
}

// stamped are properties that say which version an object is, not what it says.
var stamped = map[string]bool{"modified": true, "x_mitre_version": true, "x_mitre_modified_by_ref": true, "x_mitre_attack_spec_version": true}

// referencesKey is the property whose elements have a name.
const referencesKey = "external_references"

// MergeText merges a text that both sides changed; ok is false where they meet,
// and there ours stays.
type MergeText func(base, ours, theirs string) (text string, ok bool)

// Carry carries what our line changed of an object since base over to theirs,
// property by property, whatever its type and its properties; lists are merged
// element by element, and the description by texts. In a conflict ours stays,
// and where we only took something out, theirs. What it makes is a version of
// its own, newer than both; empty text and lists count as none and are not in
// it.
func Carry(base, ours, theirs []byte, moment time.Time, texts MergeText) (Carried, error) {
	var sides [3]members
	for i, raw := range [][]byte{base, ours, theirs} {
		var err error
		if sides[i], err = parseMembers(raw); err != nil {
			return Carried{}, err
		}
	}
	b, o, t := sides[0], sides[1], sides[2]
	c, next := Carried{Raw: theirs, Same: true}, slices.Clone(t)
	for _, key := range keysOf(b, o) {
		if stamped[key] {
			continue
		}
		other := t.get(key)
		value, ok, err := carried(key, b.get(key), o.get(key), other, texts)
		if err != nil {
			return c, fmt.Errorf("carry %s: %w", key, err)
		}
		if !ok {
			c.Conflicts = append(c.Conflicts, key)
		}
		if !alike(value, other) {
			c.Same = false
			next.put(key, value)
		}
	}
	if c.Same {
		return c, nil
	}
	if err := next.cite(o, t); err != nil {
		return c, err
	}
	if err := next.restamp(b, o, t, moment); err != nil {
		return c, err
	}
	next.heal()
	var err error
	c.Raw, err = next.bytes()
	return c, err
}

// Reworded lists the properties in which two versions of an object say
// something else, in the order of the newer one.
func Reworded(before, after []byte) ([]string, error) {
	list, err := Differences(before, after)
	names := []string{}
	for _, d := range list {
		if !stamped[d.Property] && !alike(said(jsontext.Value(d.Before)), said(jsontext.Value(d.After))) {
			names = append(names, d.Property)
		}
	}
	return names, err
}

// keysOf lists the keys of both, each once.
func keysOf(a, b members) []string {
	var keys []string
	for _, one := range slices.Concat(a, b) {
		if !slices.Contains(keys, one.key) {
			keys = append(keys, one.key)
		}
	}
	return keys
}

// get is what a property says; nil where it says nothing.
func (m members) get(key string) jsontext.Value {
	for _, one := range m {
		if one.key == key {
			return said(one.value)
		}
	}
	return nil
}

func said(v jsontext.Value) jsontext.Value {
	if v == nil || blank(v) {
		return nil
	}
	return v
}

// put sets the bytes of a value; nil takes the property out.
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
func alike(a, b jsontext.Value) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	same, err := sameValue(a, b)
	return err == nil && same
}

// carried merges one property; ok is false where both sides changed it, each
// in another way.
func carried(key string, base, ours, theirs jsontext.Value, texts MergeText) (value jsontext.Value, ok bool, err error) {
	list := func(v jsontext.Value) bool { return v == nil || v.Kind() == '[' }
	if list(base) && list(ours) && list(theirs) && !alike(base, ours) {
		return carriedList(key, base, ours, theirs)
	}
	value, ok = chosen(base, ours, theirs)
	if ok || key != FieldDescription || base.Kind() != '"' || ours.Kind() != '"' || theirs.Kind() != '"' {
		return value, ok, nil
	}
	text, ok := texts(textOf(base), textOf(ours), textOf(theirs))
	raw, err := json.Marshal(text, jsontext.EscapeForHTML(false))
	return raw, ok, err
}

// chosen takes what one side changed; ok is false where both did, each in
// another way: then it is ours, or where we took it out, theirs.
func chosen(base, ours, theirs jsontext.Value) (value jsontext.Value, ok bool) {
	switch {
	case alike(base, ours), alike(ours, theirs):
		return theirs, true
	case alike(base, theirs):
		return ours, true
	case ours == nil:
		return theirs, false
	}
	return ours, false
}

// carriedList merges element by element, in their order and ours behind.
func carriedList(key string, base, ours, theirs jsontext.Value) (value jsontext.Value, ok bool, err error) {
	var lists [3][]jsontext.Value
	for i, raw := range []jsontext.Value{base, ours, theirs} {
		if lists[i], err = elements(raw); err != nil {
			return nil, false, err
		}
	}
	var named [3]map[string]jsontext.Value
	name := namesIn(key, lists[:])
	for i, list := range lists {
		named[i] = map[string]jsontext.Value{}
		for _, v := range list {
			named[i][name(v)] = v
		}
	}
	ok = true
	var merged [][]byte
	done := map[string]bool{}
	for _, v := range slices.Concat(lists[2], lists[1]) {
		n := name(v)
		if done[n] {
			continue
		}
		done[n] = true
		winner, fits := chosen(named[0][n], named[1][n], named[2][n])
		ok = ok && fits
		if winner != nil {
			merged = append(merged, winner)
		}
	}
	if len(merged) == 0 {
		return nil, ok, nil
	}
	return joined(merged), ok, nil
}

func joined(list [][]byte) jsontext.Value {
	return slices.Concat([]byte("["), bytes.Join(list, []byte(",")), []byte("]"))
}

// namesIn gives the name by which an element of a list is the same element on
// all sides: of a reference its source, where no other has that, and else all
// that it says.
func namesIn(key string, lists [][]jsontext.Value) func(v jsontext.Value) string {
	whole := func(v jsontext.Value) string {
		v = v.Clone()
		_ = v.Canonicalize(jsontext.CanonicalizeRawInts(false)) // it was read before
		return string(v)
	}
	if key != referencesKey {
		return whole
	}
	twice := map[string]bool{}
	for _, list := range lists {
		seen := map[string]bool{}
		for _, v := range list {
			r := referenceOf(v)
			twice[r.SourceName] = twice[r.SourceName] || seen[r.SourceName]
			seen[r.SourceName] = true
		}
	}
	return func(v jsontext.Value) string {
		if r := referenceOf(v); r.SourceName != "" && !twice[r.SourceName] {
			return r.SourceName
		}
		return whole(v)
	}
}

// referenceOf reads an external reference; what is none has no source.
func referenceOf(v jsontext.Value) ExternalReference {
	var r ExternalReference
	if json.Unmarshal(v, &r) != nil {
		return ExternalReference{}
	}
	return r
}

// elements takes a list apart.
func elements(list jsontext.Value) ([]jsontext.Value, error) {
	if list == nil {
		return nil, nil
	}
	var values []jsontext.Value
	if err := json.Unmarshal(list, &values); err != nil {
		return nil, fmt.Errorf("read a list: %w", err)
	}
	return values, nil
}

// cite puts back the sources that a text still cites and that one of the sides
// took out, together with its own citation of them.
func (m *members) cite(sides ...members) error {
	list, err := elements(m.get(referencesKey))
	if err != nil {
		return err
	}
	missing := map[string]bool{}
	for _, one := range *m {
		if one.value.Kind() == '"' {
			for _, source := range markdown.Citations(m.text(one.key)) {
				missing[source] = true
			}
		}
	}
	all := make([][]byte, 0, len(list))
	for _, v := range list {
		delete(missing, referenceOf(v).SourceName)
		all = append(all, v)
	}
	for _, side := range sides {
		more, err := elements(side.get(referencesKey))
		if err != nil {
			return err
		}
		for _, v := range more {
			if source := referenceOf(v).SourceName; missing[source] {
				delete(missing, source)
				all = append(all, v)
			}
		}
	}
	if len(all) > len(list) {
		m.put(referencesKey, joined(all))
	}
	return nil
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
	if by := ours.get("x_mitre_modified_by_ref"); by != nil {
		m.put("x_mitre_modified_by_ref", by)
	}
	was, own, other := base.text("x_mitre_version"), ours.text("x_mitre_version"), theirs.text("x_mitre_version")
	switch {
	case own == "" || other == "" || own == was:
		return nil // theirs stands
	case other == was:
		return m.set("x_mitre_version", own)
	}
	higher := other
	if CompareVersions(own, other) > 0 {
		higher = own
	}
	next, err := BumpVersion(higher, BumpMinor)
	if err != nil { // no number: theirs stands
		return nil //nolint:nilerr // the version of an odd object is not worth an upgrade
	}
	return m.set("x_mitre_version", next)
}

// text gives a property that is text; empty where it is none.
func (m members) text(key string) string { return textOf(m.get(key)) }

func textOf(v jsontext.Value) string {
	if v.Kind() != '"' {
		return ""
	}
	text, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return ""
	}
	return string(text)
}
