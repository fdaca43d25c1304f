package changes

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// versionChange compares two versions of an object that lives; empty: none.
func versionChange(before, after *Side) string {
	from, to := versionOf(before), versionOf(after)
	switch {
	case from.text != to.text: // one is not MAJOR.MINOR
		return OtherChanges
	case to == version{major: from.major + 1}:
		return MajorChanges
	case to == version{major: from.major, minor: from.minor + 1}:
		return MinorChanges
	case to != from:
		return OtherChanges
	case !sameMoment(before, after) || otherText(before, after):
		return Patches
	}
	return ""
}

// version is MAJOR.MINOR, or a text that is nothing of the kind.
type version struct {
	major, minor int
	text         string
}

// versionOf reads a version; what has none counts as 0.0, as in diff_stix.
func versionOf(s *Side) version {
	if s.Version == "" {
		return version{}
	}
	major, minor, _ := strings.Cut(s.Version, ".")
	a, errMajor := strconv.Atoi(strings.TrimSpace(major))
	b, errMinor := strconv.Atoi(strings.TrimSpace(minor))
	if errMajor != nil || errMinor != nil {
		return version{text: s.Version}
	}
	return version{major: a, minor: b}
}

// sameMoment compares when two versions were made, as exactly as the Python
// library that diff_stix reads with: in STIX 2.0 to the millisecond, in 2.1 to
// the microsecond. What does not say when counts as made anew.
func sameMoment(before, after *Side) bool {
	s, okBefore := before.moment()
	t, okAfter := after.moment()
	if okBefore && okAfter {
		return s.Equal(t)
	}
	return before.Modified == after.Modified && before.Modified != ""
}

func (s *Side) moment() (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, s.Modified)
	if err != nil {
		return t, false
	}
	if s.SpecVersion == "" || s.SpecVersion == "2.0" {
		return t.Truncate(time.Millisecond), true
	}
	return t.Truncate(time.Microsecond), true
}

// Time is what diff_stix tells versions of an object within one bundle apart
// by: a moment, or the text where it reads the object without knowing its type.
func (s *Side) Time() any {
	t, ok := s.moment()
	if !ok || strings.HasPrefix(s.Type, "x-") && s.SpecVersion == "2.1" {
		return s.Modified
	}
	return t.UTC()
}

// otherText says whether the descriptions differ in more than in how lines are
// broken and ordered. One that was not there before is no change of text.
func otherText(before, after *Side) bool {
	if !before.Described || !after.Described {
		return false
	}
	a, b := lines(before.Object.Description), lines(after.Object.Description)
	lacks := func(list []string) func(string) bool {
		return func(line string) bool { return !slices.Contains(list, line) }
	}
	return slices.ContainsFunc(a, lacks(b)) || slices.ContainsFunc(b, lacks(a))
}

// lines splits where Python does, but for line feeds, which diff_stix takes
// for blanks.
func lines(text string) []string {
	text = strings.Map(func(r rune) rune {
		switch r {
		case '\n':
			return ' '
		case '\r', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
			return '\n'
		}
		return r
	}, text)
	list := strings.Split(text, "\n")
	if list[len(list)-1] == "" { // what ends a line begins none
		list = list[:len(list)-1]
	}
	return list
}
