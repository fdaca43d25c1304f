package attack

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

var stixIDPattern = regexp.MustCompile(`^[a-z][a-z0-9-]*--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// IsSTIXID says whether text is shaped like the id of a STIX object.
func IsSTIXID(text string) bool { return stixIDPattern.MatchString(text) }

// TypeOf gives the type that a STIX id names.
func TypeOf(stixID string) string {
	t, _, _ := strings.Cut(stixID, "--")
	return t
}

// DerivedID makes the STIX id of an object that follows from what it is for.
// It has the form of a random UUID, but is the same each time.
func DerivedID(objectType string, of ...string) string {
	sum := sha256.Sum256([]byte(objectType + "\x00" + strings.Join(of, "\x00")))
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0f | 0x40 // version 4
	id[8] = id[8]&0x3f | 0x80 // variant of RFC 9562
	return objectType + "--" + id.String()
}

// NumberedID writes the ATT&CK id of an object, such as T1055 or G0016.
func NumberedID(letters string, n int) string { return fmt.Sprintf("%s%04d", letters, n) }

// SubtechniqueID writes the ATT&CK id of the n-th sub-technique of parent.
func SubtechniqueID(parent string, n int) string { return fmt.Sprintf("%s.%03d", parent, n) }

// Bumps: how a release changes the version of a changed object.
const (
	BumpMajor = "major"
	BumpMinor = "minor"
	BumpPatch = "patch"
)

// FirstVersion is the version of a new object.
const FirstVersion = "1.0"

// BumpVersion gives the version after a change. A version that is not
// MAJOR.MINOR is an error, because no successor of it is known.
func BumpVersion(version, bump string) (string, error) {
	major, minor, ok := strings.Cut(version, ".")
	a, errMajor := strconv.Atoi(major)
	b, errMinor := strconv.Atoi(minor)
	if !ok || errMajor != nil || errMinor != nil || a < 0 || b < 0 {
		return "", fmt.Errorf("version %q is not of the form MAJOR.MINOR", version)
	}
	switch bump {
	case BumpMajor:
		return fmt.Sprintf("%d.0", a+1), nil
	case BumpMinor:
		if b >= 99 { // MITRE's data model takes two digits
			return fmt.Sprintf("%d.0", a+1), nil
		}
		return fmt.Sprintf("%d.%d", a, b+1), nil
	case BumpPatch:
		return version, nil
	}
	return "", fmt.Errorf("%q is no kind of version change", bump)
}

// versionPattern is what MITRE's data model takes for a version of an object.
var versionPattern = regexp.MustCompile(`^\d{1,2}\.\d{1,2}$`)

// IsVersion says whether a text is a version of an object, MAJOR.MINOR.
func IsVersion(text string) bool { return versionPattern.MatchString(text) }

// VersionStep says what kind of change leads from one version to another; empty
// where none does in one step.
func VersionStep(from, to string) string {
	for _, bump := range []string{BumpPatch, BumpMinor, BumpMajor} {
		if next, err := BumpVersion(from, bump); err == nil && next == to {
			return bump
		}
	}
	return ""
}

// CompareVersions compares versions such as 17.1 and 18.1 by their numbers.
func CompareVersions(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		if c := cmp.Compare(number(as, i), number(bs, i)); c != 0 {
			return c
		}
	}
	return 0
}

func number(parts []string, i int) int {
	if i >= len(parts) {
		return 0
	}
	n, err := strconv.Atoi(parts[i])
	if err != nil {
		return 0
	}
	return n
}
