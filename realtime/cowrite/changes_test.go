package cowrite

import (
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"
)

// anyChange makes a change of a text of that length.
func anyChange(length int) *rapid.Generator[Changes] {
	return rapid.Custom(func(t *rapid.T) (c Changes) {
		for c.before < length || rapid.IntRange(0, 2).Draw(t, "more") == 0 {
			n := rapid.IntRange(0, min(3, length-c.before)).Draw(t, "length")
			if rapid.Bool().Draw(t, "stays") {
				c.keep(n)
				continue
			}
			text := rapid.StringOfN(rapid.RuneFrom([]rune("abc\n𝄞")), 0, 2, -1).Draw(t, "text")
			c.replace(n, utf16.Encode([]rune(text)))
		}
		return c
	})
}

// TestBothOrdersMakeTheSameText is what all of co-writing stands on.
func TestBothOrdersMakeTheSameText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := utf16.Encode([]rune(rapid.StringOfN(rapid.RuneFrom([]rune("ABCDEFGH")), 0, 8, -1).Draw(t, "text")))
		a := anyChange(len(text)).Draw(t, "a")
		b := anyChange(len(text)).Draw(t, "b")
		ab := b.over(a, false).apply(a.apply(text))
		ba := a.over(b, true).apply(b.apply(text))
		if !slices.Equal(ab, ba) {
			t.Fatalf("%q and %q", string(utf16.Decode(ab)), string(utf16.Decode(ba)))
		}
	})
}

func TestChangesReadWhatTheyWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyChange(rapid.IntRange(0, 20).Draw(t, "length")).Draw(t, "changes")
		if back := parsed(t, json.RawMessage(encoded(t, c))); !back.equal(c) || back.before != c.before || back.after != c.after {
			t.Fatalf("%v came back as %v", c, back)
		}
	})
}

func TestOnlyWhatCodeMirrorWritesIsRead(t *testing.T) {
	for _, text := range []string{
		``, `null`, `1`, `{}`, `[`, `[]]`, `[] []`, `["a"]`, `[null]`, `[true]`, `[{}]`,
		`[-1]`, `[1.5]`, `[1e2]`, `[99999999999999999999]`, `[16777217]`, `[16777216,[1]]`,
		`[0]`, `[2,3]`, `[[]]`, `[["a"]]`, `[[0]]`, `[[0,""]]`, `[[1,""]]`, `[[1],[2]]`, `[[0,"a"],[0,"b"]]`,
		`[[1,2]]`, `[[1,"a",2]]`, `[[1,["a"]]]`, `[[1,null]]`, `[[1,"a"]`,
		`[[0,"a\nb"]]`, `[[0,"\r"]]`, `[[0,"\u0000"]]`, `[[0,"\u202e"]]`, `[[0,"\ud834"]]`, "[[0,\"\xff\"]]",
	} {
		var c Changes
		if err := json.Unmarshal([]byte(text), &c); err == nil {
			t.Errorf("%s was read as %v", text, c)
		}
	}
}

func TestHalfCharactersAreFound(t *testing.T) {
	const text = "a𝄞b" // four units
	for changes, torn := range map[string]bool{
		`[1,[1],2]`:         true,
		`[2,[1],1]`:         true,
		`[2,[0,"x"],2]`:     true,
		`[[2],2]`:           true,
		`[2,[2]]`:           true,
		`[1,[1,"𝄢"],2]`:     true,
		`[1,[2],1]`:         false,
		`[1,[2,"𝄢"],1]`:     false,
		`[1,[0,"x"],2,[1]]`: false,
		`[[1],2,[0,"𝄢"],1]`: false,
		`[[4,"𝄞"]]`:         false,
		`[[4]]`:             false,
		`[4,[0,"𝄞"]]`:       false,
		`[3,[0,"","\t"],1]`: false,
	} {
		var c Changes
		if err := json.Unmarshal([]byte(changes), &c); err != nil {
			t.Fatalf("%s: %v", changes, err)
		}
		if got := c.tears(c.apply(utf16.Encode([]rune(text)))); got != torn {
			t.Errorf("%s: torn is %v", changes, got)
		}
	}
}

// FuzzChanges makes sure that what is read is written as it was, and fits.
func FuzzChanges(f *testing.F) {
	f.Add([]byte(`[1,[2,"a","𝄞"],3,[0,"\t"],[4]]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var c Changes
		if json.Unmarshal(text, &c) != nil {
			return
		}
		back := parsed(t, json.RawMessage(encoded(t, c)))
		if !back.equal(c) || len(c.apply(make([]uint16, c.before))) != c.after {
			t.Errorf("%s became %v and %v", text, c, back)
		}
	})
}
