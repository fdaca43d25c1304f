package changes_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/changes"
)

func version(major, minor int) string { return fmt.Sprintf("%d.%d", major, minor) }

// TestBumpsLandInTheirSections holds the versions that are given together with
// the sections that tell of them.
func TestBumpsLandInTheirSections(t *testing.T) {
	sections := map[string]string{attack.BumpMajor: changes.MajorChanges, attack.BumpMinor: changes.MinorChanges, attack.BumpPatch: changes.Patches}
	rapid.Check(t, func(t *rapid.T) {
		from := version(rapid.IntRange(0, 99).Draw(t, "major"), rapid.IntRange(0, 98).Draw(t, "minor")) // after 99 comes a major one
		bump := rapid.SampledFrom([]string{attack.BumpMajor, attack.BumpMinor, attack.BumpPatch}).Draw(t, "bump")
		to, err := attack.BumpVersion(from, bump)
		if err != nil {
			t.Fatal(err)
		}
		before := changes.Side{Object: attack.Object{ID: "tool--1", Type: attack.TypeTool, Version: from, Modified: "2020-01-01T00:00:00.000Z"}}
		after := before
		after.Version, after.Modified = to, "2026-01-01T00:00:00.000Z"
		if key, _ := (changes.Pair{Before: &before, After: &after}).Section(nil); key != sections[bump] {
			t.Fatalf("%s became %s and is told as %q", from, to, key)
		}
		if key, _ := (changes.Pair{Before: &before, After: &before}).Section(nil); key != "" {
			t.Fatalf("it did not change and is told as %q", key)
		}
	})
}

func TestPairsAreSortedAsByDiffSTIX(t *testing.T) {
	object := func(change func(*changes.Side)) *changes.Side {
		s := &changes.Side{Object: attack.Object{ID: "attack-pattern--1", Type: attack.TypeTechnique, Name: "N", Version: "1.2", Modified: "2020-01-01T00:00:00.000Z"}}
		s.Object.Description, s.Described = "D", true
		change(s)
		return s
	}
	same := func(*changes.Side) {}
	revoked := func(o *changes.Side) { o.Revoked = true }
	deprecated := func(o *changes.Side) { o.Deprecated = true }
	in21 := func(o *changes.Side) { o.SpecVersion = "2.1" }
	at := func(v string) func(*changes.Side) { return func(o *changes.Side) { o.Version = v } }
	text := func(v string) func(*changes.Side) { return func(o *changes.Side) { o.Object.Description = v } }
	for name, c := range map[string]struct {
		before, after *changes.Side
		by            string
		want          string
	}{
		"new":                  {nil, object(same), "", changes.Additions},
		"new and revoked":      {nil, object(revoked), "", changes.Additions},
		"gone":                 {object(same), nil, "", changes.Deletions},
		"next major":           {object(same), object(at("2.0")), "", changes.MajorChanges},
		"major with a minor":   {object(same), object(at("2.1")), "", changes.OtherChanges},
		"next minor":           {object(same), object(at("1.3")), "", changes.MinorChanges},
		"minor skipped":        {object(same), object(at("1.4")), "", changes.OtherChanges},
		"back":                 {object(same), object(at("1.1")), "", changes.OtherChanges},
		"no version before":    {object(at("")), object(at("0.1")), "", changes.MinorChanges},
		"later":                {object(same), object(func(o *changes.Side) { o.Modified = "2021-01-01T00:00:00.000Z" }), "", changes.Patches},
		"other words":          {object(same), object(func(o *changes.Side) { o.Description = "E" }), "", changes.Patches},
		"written otherwise":    {object(same), object(func(o *changes.Side) { o.Modified = "2020-01-01T00:00:00Z" }), "", ""},
		"the same":             {object(same), object(same), "", ""},
		"revoked":              {object(same), object(revoked), "attack-pattern--2", changes.Revocations},
		"revoked for nothing":  {object(same), object(revoked), "", ""},
		"revoked by a tool":    {object(same), object(revoked), "tool--2", ""},
		"still revoked":        {object(revoked), object(func(o *changes.Side) { o.Revoked, o.Version = true, "2.0" }), "attack-pattern--2", ""},
		"deprecated":           {object(same), object(deprecated), "", changes.Deprecations},
		"still deprecated":     {object(deprecated), object(func(o *changes.Side) { o.Deprecated, o.Version = true, "2.0" }), "", ""},
		"alive again":          {object(deprecated), object(at("1.3")), "", changes.MinorChanges},
		"revoked, deprecated":  {object(deprecated), object(func(o *changes.Side) { o.Deprecated, o.Revoked = true, true }), "attack-pattern--2", changes.Revocations},
		"by the millisecond":   {object(same), object(func(o *changes.Side) { o.Modified = "2020-01-01T00:00:00.000999Z" }), "", ""},
		"by the microsecond":   {object(in21), object(func(o *changes.Side) { in21(o); o.Modified = "2020-01-01T00:00:00.000001Z" }), "", changes.Patches},
		"by less":              {object(in21), object(func(o *changes.Side) { in21(o); o.Modified = "2020-01-01T00:00:00.0000009Z" }), "", ""},
		"in the other dialect": {object(same), object(in21), "", ""},
		"never modified":       {object(func(o *changes.Side) { o.Modified = "" }), object(func(o *changes.Side) { o.Modified = "" }), "", changes.Patches},
		"lines broken anew":    {object(text("a b\nc")), object(text("a\nb c")), "", ""},
		"lines in other order": {object(text("a\rb")), object(text("b\rb\ra")), "", ""},
		"an empty line":        {object(text("a\r\rb")), object(text("a\rb")), "", changes.Patches},
		"a text for the first": {object(func(o *changes.Side) { text("")(o); o.Described = false }), object(same), "", ""},
		"a text for an empty":  {object(text("")), object(same), "", changes.Patches},
		"a version of three":   {object(at("1.2.3")), object(at("1.2.4")), "", changes.OtherChanges},
		"still of three":       {object(at("1.2.3")), object(at("1.2.3")), "", ""},
		"a version in blanks":  {object(same), object(at(" 1.3 ")), "", changes.MinorChanges},
	} {
		key, by := (changes.Pair{Before: c.before, After: c.after}).Section(func(string) (string, bool) { return c.by, c.by != "" })
		if key != c.want || by != "" && by != c.by {
			t.Errorf("%s: in %q by %q, want %q", name, key, by, c.want)
		}
	}
}

func TestReadTellsAnEmptyTextFromNone(t *testing.T) {
	for raw, want := range map[string]bool{`{"description":""}`: true, `{"description":"x"}`: true, `{"description":null}`: false, `{}`: false} {
		s, err := changes.Read([]byte(raw), 7)
		if err != nil || s.Described != want || s.Row != 7 || s.Description != map[bool]string{true: "x"}[strings.Contains(raw, "x")] {
			t.Errorf("%s: %+v, %v", raw, s, err)
		}
	}
}
