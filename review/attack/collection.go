package attack

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Heading is what a collection object says of itself.
type Heading struct {
	Name        string
	Description string
}

// NewCollection writes the collection object that stands first in a bundle.
func NewCollection(h Heading, contents []ContentRef, s Stamp) (jsontext.Value, error) {
	m, err := newMembers(TypeCollection, s)
	if err != nil {
		return nil, err
	}
	for _, v := range [][2]string{{"name", h.Name}, {"description", h.Description}} {
		if err := m.set(v[0], v[1]); err != nil {
			return nil, err
		}
	}
	return m.list(contents)
}

// NextCollection writes the next version of a collection object: all that it
// says stays, but for its contents and the stamp.
func NextCollection(raw []byte, contents []ContentRef, s Stamp) (jsontext.Value, error) {
	m, err := parseMembers(raw)
	if err != nil {
		return nil, err
	}
	if err := m.stamp(s); err != nil {
		return nil, err
	}
	m.remove("x_mitre_domains") // some have it; the data model does not know it
	m.heal()
	return m.list(contents)
}

func (m members) list(contents []ContentRef) (jsontext.Value, error) {
	if err := m.set("x_mitre_contents", contents); err != nil {
		return nil, err
	}
	return m.bytes()
}

// NextVersion is the version of a domain's collection after a release. ATT&CK
// counts MAJOR.MINOR up with each of its own, and MITRE's data model takes
// nothing else; so a release counts the minor up, and after .99 the major.
func NextVersion(version string) string {
	next, err := BumpVersion(version, BumpMinor)
	if err != nil {
		return FirstVersion
	}
	if strings.HasSuffix(next, ".100") {
		if next, err = BumpVersion(version, BumpMajor); err != nil {
			return FirstVersion
		}
	}
	return next
}
