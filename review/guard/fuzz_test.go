package guard_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/atelier-attack/atelier/review/guard"
)

// failer is what testing and rapid have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkFind holds Find to its promises on any text: the findings are well
// formed, they are the same again, and what is replaced is not found again.
func checkFind(t failer, text string) {
	t.Helper()
	found := guard.Find(text, workshop())
	checkFindings(t, text, found)
	for _, f := range found {
		if f.Replacement == "" {
			continue
		}
		changed := text[:f.Start] + f.Replacement + text[f.End:]
		for _, again := range guard.Find(changed, workshop()) {
			if again.Kind == f.Kind && again.Start < f.Start+len(f.Replacement) && again.End > f.Start {
				t.Fatalf("%q: %+v replaced gives %q, where %+v is found", text, f, changed, again)
			}
		}
	}
	if steps := guard.Steps(text, workshop()); steps > stepsPerByte*len(text)+1000 {
		t.Fatalf("%q: %d steps for %d bytes", text, steps, len(text))
	}
}

func FuzzFind(f *testing.F) {
	for _, file := range []string{"heldout.tsv", "tuned.tsv"} {
		for _, s := range sentences(f, file) {
			f.Add(s.text)
		}
	}
	for _, unit := range units() {
		f.Add(strings.Repeat(unit, 3))
	}
	f.Fuzz(func(t *testing.T, text string) { checkFind(t, text) })
}

// TestFindOnMixtures puts pieces of sentences together that belong to
// different ones, which a fuzzer seldom does.
func TestFindOnMixtures(t *testing.T) {
	var pieces []string
	for _, file := range []string{"heldout.tsv", "tuned.tsv"} {
		for _, s := range sentences(t, file) {
			pieces = append(pieces, strings.FieldsFunc(s.text, func(r rune) bool { return r == ' ' })...)
			pieces = append(pieces, s.text)
		}
	}
	between := []string{"", " ", ".", "-", "/", "\\", "@", ":", "[.]", "\n", "\u200b", "(", ")", "x", "1", "é", " at ", " dot "}
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for range rapid.IntRange(1, 6).Draw(t, "count") {
			piece := rapid.SampledFrom(pieces).Draw(t, "piece")
			from := rapid.IntRange(0, len(piece)).Draw(t, "from")
			if !utf8.ValidString(piece[from:]) || rapid.Bool().Draw(t, "whole") {
				from = 0
			}
			b.WriteString(piece[from:])
			b.WriteString(rapid.SampledFrom(between).Draw(t, "between"))
		}
		checkFind(t, b.String())
	})
}
