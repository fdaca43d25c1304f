package check

import (
	"fmt"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/merge"
)

// CodeVersion is the rule about versions, stable for programs.
const CodeVersion = "version_follows"

// FieldBump is the field of findings on how a release is to count the version of
// an object up.
const FieldBump = "bump"

// maxTypo is how many words of a text may change before that is more than a typo
// that was put right.
const maxTypo = 5

func versionRules() []Rule {
	return []Rule{
		{ID: CodeVersion, Level: Warning, Group: groupFields, Title: "A version that does not follow", Link: linkModel, find: (*run).version,
			Why: "An object's version tells its readers how much was changed: it begins with 1.0, a change counts up its second number or its first by one, and where only a typo or a link was put right it stays.",
			How: "Choose how the version is counted up so that it says what was changed. The release gives the number."},
	}
}

// Versions is how the version of an object goes on.
type Versions struct {
	Here  string // of the object that is changed; empty: it is new, or has none
	Given string // by somebody who changed it elsewhere; empty: nobody did
	Bump  string // how a release is to count it up; empty: nobody says
}

func (r *run) version() {
	if !attack.Describe(r.Form.Type).Versioned || r.Form.Retires() || r.Form.Action == attack.Several {
		return
	}
	var more []string
	if v := r.Versions; v.Given != "" && v.Given == v.Here || v.Given == "" && v.Bump == attack.BumpPatch {
		more = r.more() // reads both texts; no other step asks
	}
	message := wrongStep(r.Versions, r.Form.Modifies, more)
	if message == "" {
		return
	}
	var fix *Fix
	if r.Versions.Given == "" && attack.IsVersion(r.Versions.Here) {
		fix = put("Count it up", FieldBump, attack.Value{Text: attack.BumpMinor})
	}
	r.fixable(FieldBump, fix, "%s", message)
}

// wrongStep says what is wrong with how a version goes on; empty: nothing. More
// are the fields in which more than a typo or a link was changed.
func wrongStep(v Versions, changes bool, more []string) string {
	makes := func() string {
		if next, err := attack.BumpVersion(v.Here, attack.BumpMinor); err == nil {
			return " A release makes it " + next + "."
		}
		return ""
	}
	switch {
	case v.Given != "" && !attack.IsVersion(v.Given):
		return fmt.Sprintf("The version that it comes with, %q, is not of the form MAJOR.MINOR.", cut(v.Given)) + makes()
	case v.Given != "" && !changes:
		if v.Given == attack.FirstVersion {
			return ""
		}
		return fmt.Sprintf("It comes with version %s and is new here; a release makes it %s.", v.Given, attack.FirstVersion)
	case v.Here != "" && !attack.IsVersion(v.Here) && (v.Given != "" || v.Bump != ""):
		return fmt.Sprintf("The version here, %q, is not of the form MAJOR.MINOR, so that no release can count it up. A maintainer has to import the object with a right one first.", cut(v.Here))
	case v.Here == "":
		return ""
	case v.Given != "" && attack.CompareVersions(v.Given, v.Here) < 0:
		return fmt.Sprintf("It comes with version %s, and %s is here: what was changed in between may be undone by it.", v.Given, v.Here) + makes()
	case v.Given == v.Here && len(more) > 0:
		return fmt.Sprintf("It comes with version %s, as what is here, and says something else (%s): either it was not counted up, or both were since.", v.Given, strings.Join(more, ", ")) + makes()
	case v.Given != "" && attack.VersionStep(v.Here, v.Given) == "":
		return fmt.Sprintf("It comes with version %s, which is more than one step from %s: what was released in between may be missing here.", v.Given, v.Here) + makes()
	case v.Given == "" && v.Bump == attack.BumpPatch && len(more) > 0:
		return fmt.Sprintf("The version stays %s, though more than a typo or a link was changed (%s).", v.Here, strings.Join(more, ", "))
	}
	return ""
}

// more lists the labels of the fields that say more by now than a typo or a link
// put right.
func (r *run) more() []string {
	var labels []string
	for _, f := range r.Form.Fields {
		before, after := r.Base[f.Name], r.Content[f.Name]
		switch {
		case f.Name == attack.FieldContributors || f.Kind == attack.References || merge.Same(f.Kind, before, after):
		case (f.Kind == attack.Markdown || f.Kind == attack.Line) && f.Vocabulary == "" && aTypo(before.Text, after.Text):
		default:
			labels = append(labels, f.Label)
		}
	}
	return labels
}

// aTypo says whether so few words of a text changed that its content did not.
func aTypo(before, after string) bool {
	return gone(before, after) <= maxTypo && gone(after, before) <= maxTypo
}

// gone counts the words that one text has and another lacks.
func gone(from, in string) int {
	left := map[string]int{}
	for _, word := range strings.Fields(notProse.ReplaceAllString(in, " ")) {
		left[word]++
	}
	n := 0
	for _, word := range strings.Fields(notProse.ReplaceAllString(from, " ")) {
		if left[word]--; left[word] < 0 {
			n++
		}
	}
	return n
}
