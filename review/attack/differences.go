package attack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Difference is one property in which two versions of an object differ.
type Difference struct {
	Property string          `json:"property"`
	Before   json.RawMessage `json:"before,omitempty" doc:"its value in JSON; left out where it was not there"`
	After    json.RawMessage `json:"after,omitempty" doc:"its value in JSON; left out where it is not there any more"`
}

// Differences lists the properties in which two versions of an object differ
// as JSON values, in the order of the newer one, known properties and unknown
// ones; nil is an object that has none. What is written in another way, such
// as in another order of keys, is no difference.
func Differences(before, after []byte) ([]Difference, error) {
	old, err := propertiesOf(before)
	if err != nil {
		return nil, err
	}
	now, err := propertiesOf(after)
	if err != nil {
		return nil, err
	}
	list := []Difference{}
	for _, m := range now {
		i := slices.IndexFunc(old, func(o member) bool { return o.key == m.key })
		if i < 0 {
			list = append(list, Difference{Property: m.key, After: json.RawMessage(m.value)})
			continue
		}
		same, err := sameValue(old[i].value, m.value)
		if err != nil {
			return nil, fmt.Errorf("compare %s: %w", m.key, err)
		}
		if !same {
			list = append(list, Difference{m.key, json.RawMessage(old[i].value), json.RawMessage(m.value)})
		}
	}
	for _, o := range old {
		if !slices.ContainsFunc(now, func(m member) bool { return m.key == o.key }) {
			list = append(list, Difference{Property: o.key, Before: json.RawMessage(o.value)})
		}
	}
	return list, nil
}

func propertiesOf(raw []byte) (members, error) {
	if raw == nil {
		return nil, nil
	}
	return parseMembers(raw)
}

func sameValue(a, b jsontext.Value) (bool, error) {
	if bytes.Equal(a, b) {
		return true, nil
	}
	x, y := a.Clone(), b.Clone()
	keep := jsontext.CanonicalizeRawInts(false) // they may be larger than a float is exact
	if err := errors.Join(x.Canonicalize(keep), y.Canonicalize(keep)); err != nil {
		return false, err
	}
	return bytes.Equal(x, y), nil
}

// SameMeaning says whether two versions of an object differ in no more than
// their dialect of STIX, and in saying that they are not revoked or deprecated
// where the other says nothing.
func SameMeaning(before, after []byte) (bool, error) {
	list, err := Differences(before, after)
	if err != nil {
		return false, err
	}
	without := func(v json.RawMessage) bool { return v == nil || string(v) == "false" }
	for _, d := range list {
		switch d.Property {
		case "spec_version":
		case "revoked", "x_mitre_deprecated":
			if !without(d.Before) || !without(d.After) {
				return false, nil
			}
		default:
			return false, nil
		}
	}
	return true, nil
}
