package check_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
)

// TestHowVersionsGoOn looks at what somebody else's bundle gives an object, and
// at what an author chooses, beside what was changed.
func TestHowVersionsGoOn(t *testing.T) {
	base := content(attack.NewTechnique, attack.FieldDescription, text(whistle))
	with := func(field string, v attack.Value) attack.Content {
		next := maps.Clone(base)
		next[field] = v
		return next
	}
	renamed := with(attack.FieldPlatforms, list("Kettle", "Stove"))
	typo := with(attack.FieldDescription, text(strings.Replace(whistle, "a", "e", 1)+" (Citation: Report)"))
	rewritten := with(attack.FieldDescription, text("Adversaries may do something else altogether, which nobody has said before."))
	credited := with(attack.FieldContributors, list("Ana"))
	const refine, add = attack.Refinement, attack.NewTechnique
	relation, _ := attack.FormFor(attack.TypeRelationship)
	for name, c := range map[string]struct {
		kind     string
		versions check.Versions
		content  attack.Content
		says     string // empty: nothing is found
	}{
		"new, 1.0":                      {add, check.Versions{Given: "1.0"}, base, ""},
		"new, without one":              {add, check.Versions{}, base, ""},
		"new, 2.3":                      {add, check.Versions{Given: "2.3"}, base, "2.3 and is new here; a release makes it 1.0"},
		"new, a date":                   {add, check.Versions{Given: "2026-05"}, base, `"2026-05", is not of the form MAJOR.MINOR`},
		"one minor on":                  {refine, check.Versions{Here: "1.2", Given: "1.3"}, renamed, ""},
		"one major on":                  {refine, check.Versions{Here: "1.2", Given: "2.0"}, renamed, ""},
		"without one":                   {refine, check.Versions{Here: "1.2"}, renamed, ""},
		"the first one":                 {refine, check.Versions{Given: "1.0"}, renamed, ""},
		"lower":                         {refine, check.Versions{Here: "1.10", Given: "1.9"}, renamed, "version 1.9, and 1.10 is here"},
		"the same, a typo":              {refine, check.Versions{Here: "1.2", Given: "1.2"}, typo, ""},
		"the same, all else":            {refine, check.Versions{Here: "1.2", Given: "1.2"}, renamed, "(Platforms): either it was not counted up, or both were since. A release makes it 1.3."},
		"two minor on":                  {refine, check.Versions{Here: "1.2", Given: "1.4"}, renamed, "more than one step from 1.2: what was released in between may be missing here. A release makes it 1.3."},
		"major on, minor kept":          {refine, check.Versions{Here: "1.2", Given: "2.2"}, renamed, "more than one step"},
		"three numbers":                 {refine, check.Versions{Here: "1.2", Given: "1.2.1"}, renamed, "not of the form MAJOR.MINOR. A release makes it 1.3."},
		"three numbers here":            {refine, check.Versions{Here: "1.2.1", Given: "1.3"}, renamed, "A maintainer has to import"},
		"three numbers here, by choice": {refine, check.Versions{Here: "1.2.1", Bump: attack.BumpMinor}, renamed, "no release can count it up"},
		"kept, a typo":                  {refine, check.Versions{Here: "1.2", Bump: attack.BumpPatch}, typo, ""},
		"kept, who is credited":         {refine, check.Versions{Here: "1.2", Bump: attack.BumpPatch}, credited, ""},
		"kept, another text":            {refine, check.Versions{Here: "1.2", Bump: attack.BumpPatch}, rewritten, "The version stays 1.2, though more than a typo or a link was changed (Description)."},
		"counted up, another text":      {refine, check.Versions{Here: "1.2", Bump: attack.BumpMinor}, rewritten, ""},
		"a relationship has none":       {relation.Kind, check.Versions{Here: "1", Bump: attack.BumpPatch}, attack.Content{}, ""},
	} {
		form, _ := attack.FormOf(c.kind)
		s := check.Subject{Form: form, Self: own, Content: c.content, Versions: c.versions}
		if form.Modifies {
			s.Base = base
		}
		found := of(check.CodeVersion, check.Run(s, known()))
		if c.says == "" && len(found) > 0 || c.says != "" && (len(found) != 1 || !strings.Contains(found[0].Message, c.says) || found[0].Field != check.FieldBump) {
			t.Errorf("%s: found %+v", name, found)
		}
		if fixed := len(found) == 1 && found[0].Fix != nil; fixed != strings.Contains(c.says, "stays") {
			t.Errorf("%s: a fix is there: %v", name, fixed)
		}
	}
}
