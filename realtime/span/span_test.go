package span_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/atelier-attack/atelier/realtime/span"
)

// part takes a text in which the part is between brackets.
func part(text string) (string, span.Span) {
	start := strings.Index(text, "[")
	end := strings.Index(text, "]") - 1
	return strings.NewReplacer("[", "", "]", "").Replace(text), span.Span{Start: start, End: end}
}

func TestAPartIsFoundAgain(t *testing.T) {
	for name, c := range map[string]struct{ old, now string }{
		"nothing changed":       {"A [kettle] whistles.", "A [kettle] whistles."},
		"before it":             {"A [kettle] whistles.", "On a stove a [kettle] whistles."},
		"behind it":             {"A [kettle] whistles.", "A [kettle] hums."},
		"on both sides":         {"A [kettle] whistles.", "The old [kettle] hums."},
		"all around it":         {"Seldom does a [copper kettle] whistle.", "Every [copper kettle] can, and Windows, too."},
		"a word within":         {"May [whistle with a kettle] at night.", "May [whistle with a copper kettle] at night."},
		"a word of it changed":  {"May [whistle with a kettle] at night.", "May [whistle through a kettle] at night."},
		"its first word":        {"May [whistle with a kettle] at night.", "May [hum with a kettle] at night."},
		"its last word":         {"May [whistle with a kettle] at night.", "May [whistle with a pot] at night."},
		"a mistake put right":   {"They [recieve] steam.", "They [receive] steam."},
		"half of a word":        {"un[beliv]able", "un[beliv]ably"},
		"it was moved":          {"One [whistles with a kettle]. Two. Three.", "One. Two. Three [whistles with a kettle]."},
		"the second of two":     {"a kettle and [a kettle] too", "so a kettle and [a kettle] too"},
		"the first of two":      {"[a kettle] and a kettle too", "[a kettle] and a kettle, too"},
		"the same before it":    {"See: [a kettle] there.", "A kettle. See, a kettle or: [a kettle] there."},
		"accents and emoji":     {"Die [Küche 🫖] pfeift.", "Oh, die [Küche 🫖] pfeift!"},
		"a paragraph before it": {"One.\n\nIt [whistles].", "One.\n\nOther.\n\nIt [whistles]."},
		"taken out":             {"A [copper kettle] whistles.", "A whistles."},
		"taken out, at the end": {"It whistles[ with a kettle].", "It whistles."},
		"other words":           {"A [copper kettle] whistles.", "A wooden spoon whistles."},
		"it and more":           {"A [copper kettle] whistles. End.", "End."},
		"one of two":            {"a kettle and [a kettle] too", "a kettle and too"},
		"all":                   {"[A kettle]", ""},
		"likewise beginning":    {"[See foo bar. ]See foo baz", "See foo baz"},
		"a short one elsewhere": {"In [the] pot is tea, in the end.", "In pot is tea, in the end of the day."},
		"nothing":               {"a[]b", "ab"},
	} {
		old, at := part(c.old)
		now, want := c.now, span.Span{}
		if strings.Contains(c.now, "[") {
			now, want = part(c.now)
		}
		found, ok := span.Follow(old, now, at)
		if ok != (want != span.Span{}) || ok && found != want {
			t.Errorf("%s: found %v %q, %v; want %q", name, found, now[min(found.Start, len(now)):min(found.End, len(now))], ok, c.now)
		}
	}
}

// texts are made of few words, so that the same is there often.
func texts() *rapid.Generator[string] {
	return rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "tea", "é", "🫖", " ", " ", ".", "\n\n", "the pot", "tea "}), 0, 30), func(words []string) string {
		return strings.Join(words, "")
	})
}

func TestWhatChangesAroundItNeverLosesAPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := texts().Draw(t, "part") + "Ω" + texts().Draw(t, "rest")
		before, behind := texts().Draw(t, "before"), texts().Draw(t, "behind")
		then, later := texts().Draw(t, "then"), texts().Draw(t, "later")
		at := span.Span{Start: len(before), End: len(before) + len(part)}
		found, ok := span.Follow(before+part+behind, then+part+later, at)
		if want := (span.Span{Start: len(then), End: len(then) + len(part)}); !ok || found != want {
			t.Fatalf("found %v, %v; want %v", found, ok, want)
		}
	})
}

func TestWhatIsTakenOutIsGone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := texts().Filter(func(text string) bool { return text != "" }).Draw(t, "part")
		before, behind := texts().Draw(t, "before"), texts().Draw(t, "behind")
		if strings.Contains(before+behind, part) {
			t.Skip("nobody can tell which one is left")
		}
		if found, ok := span.Follow(before+part+behind, before+behind, span.Span{Start: len(before), End: len(before) + len(part)}); ok {
			t.Fatalf("found %v", found)
		}
	})
}

func FuzzFollow(f *testing.F) {
	f.Add("a kettle é", "kettle", uint(2), uint(6))
	f.Add("\xff\xfe", "\xffé", uint(0), uint(1))
	f.Fuzz(func(t *testing.T, old, now string, start, length uint) {
		if len(old)+len(now) > 4000 {
			return
		}
		at := span.Span{Start: int(start % uint(len(old)+1))}
		at.End = at.Start + int(length%uint(len(old)-at.Start+1))
		found, ok := span.Follow(old, now, at)
		if ok && (found.Start < 0 || found.Start >= found.End || found.End > len(now)) {
			t.Fatalf("found %v in %q", found, now)
		}
	})
}
