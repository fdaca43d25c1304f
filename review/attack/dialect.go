package attack

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Dialects of STIX that ATT&CK is published in.
const (
	STIX20 = "2.0" // of github.com/mitre/cti: the bundle says its version, and the objects say none
	STIX21 = "2.1" // of github.com/mitre-attack/attack-stix-data: each object says its version
)

// Convert gives an object in a dialect. One that is in it already keeps its
// bytes, and one that is converted there and back says the same as before:
//
//   - an object says its spec_version in 2.1 only;
//   - malware and tools must have labels in 2.0, where MITRE writes their type;
//     those that are added stand right behind the type, where they are taken
//     out again; what lacked them in 2.0 begins with its spec_version in 2.1, and
//     gets none when it comes back;
//   - malware must have is_family in 2.1, where MITRE writes true; one that is
//     added stands right behind spec_version, where it is taken out again.
//
// All else, such as collections and the properties that begin with x_, is in
// both alike.
func Convert(raw []byte, dialect string) ([]byte, error) {
	m, err := parseMembers(raw)
	if err != nil {
		return nil, err
	}
	spec := m.index("spec_version")
	switch {
	case dialect == STIX20 && spec >= 0 && string(m[spec].value) == `"2.1"`:
		m = m.to20(spec)
	case dialect == STIX21 && spec < 0:
		m = m.to21()
	default:
		return raw, nil
	}
	written, err := m.bytes()
	if err != nil {
		return nil, fmt.Errorf("write an object in STIX %s: %w", dialect, err)
	}
	return written, nil
}

func (m members) index(key string) int {
	return slices.IndexFunc(m, func(one member) bool { return one.key == key })
}

func (m members) to20(spec int) members {
	kind := m.typeOf()
	if kind == nil {
		return slices.Delete(m, spec, spec+1)
	}
	lacked := spec == 0 // labels, when it was converted to 2.1
	added := kind.family && spec == m.index("type")+1 && m.has(spec+1, "is_family", "true") && m.index("labels") >= 0
	m = slices.Delete(m, spec, spec+1)
	if added {
		m = slices.Delete(m, spec, spec+1)
	}
	at, labels := m.index("type"), m.index("labels")
	switch {
	case labels < 0 && !lacked:
		m = slices.Insert(m, at+1, member{"labels", kind.labels})
	case m.has(at+1, "labels", string(kind.labels)): // not to be taken for added ones
		m = slices.Insert(slices.Delete(m, labels, labels+1), 0, member{"labels", kind.labels})
	}
	return m
}

func (m members) to21() members {
	at, kind := m.index("type"), m.typeOf()
	said := members{{"spec_version", jsontext.Value(`"2.1"`)}}
	switch {
	case kind == nil:
	case m.index("labels") < 0:
		return append(said, m...)
	case m.has(at+1, "labels", string(kind.labels)):
		m = slices.Delete(m, at+1, at+2)
	case kind.family && m.index("is_family") < 0:
		said = append(said, member{"is_family", jsontext.Value("true")})
	case kind.family && m.has(at+1, "is_family", "true"): // not to be taken for an added one
		m = slices.Insert(slices.Delete(m, at+1, at+2), 0, member{"is_family", jsontext.Value("true")})
		at++
	}
	return slices.Insert(m, at+1, said...)
}

// kindOf is what the dialects demand of a type in different ways.
type kindOf struct {
	labels jsontext.Value // that 2.0 demands
	family bool           // 2.1 demands is_family
}

// typeOf tells what the dialects demand of the object's type; nil: the same.
func (m members) typeOf() *kindOf {
	switch i := m.index("type"); {
	case i < 0:
	case string(m[i].value) == `"`+TypeMalware+`"`:
		return &kindOf{jsontext.Value(`["` + TypeMalware + `"]`), true}
	case string(m[i].value) == `"`+TypeTool+`"`:
		return &kindOf{jsontext.Value(`["` + TypeTool + `"]`), false}
	}
	return nil
}

// has says whether a member stands in a place.
func (m members) has(i int, key, value string) bool {
	return i >= 0 && i < len(m) && m[i].key == key && string(m[i].value) == value
}
