package release

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/atelier-attack/atelier/review/attack"
)

// TestNoIDIsGivenTwice asks for ids in any order, on top of any that are taken.
func TestNoIDIsGivenTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		taken := rapid.SliceOf(rapid.Custom(func(t *rapid.T) string {
			id := attack.NumberedID("T", rapid.IntRange(8990, 9010).Draw(t, "number"))
			if sub := rapid.IntRange(0, 5).Draw(t, "sub"); sub > 0 {
				id = attack.SubtechniqueID(id, sub)
			}
			return id
		})).Draw(t, "taken")
		n := newNumbers(taken, rapid.SampledFrom([]int{0, 9000, 8995, 9998}).Draw(t, "from"))
		given := slices.Clone(taken)
		parents := []string{"T8990", "T9000"}
		for range rapid.IntRange(1, 30).Draw(t, "wishes") {
			id, ok := "", false
			if rapid.Bool().Draw(t, "technique") {
				if id, ok = n.object("T"); ok {
					parents = append(parents, id)
				}
			} else {
				id, ok = n.subtechnique(rapid.SampledFrom(parents).Draw(t, "parent"))
			}
			if ok && (slices.Contains(given, id) || !attack.IsID(id)) {
				t.Fatalf("gave %s on top of %v", id, given)
			}
			if ok {
				given = append(given, id)
			}
		}
	})
}

func TestNumbers(t *testing.T) {
	n := newNumbers([]string{"T9000", "T9002.001", "T1055.001", "T1055.015", "T0100.999"}, 0)
	for _, want := range []string{"T9001", "T9003"} { // T9002 was somebody's parent
		if id, ok := n.object("T"); id != want || !ok {
			t.Errorf("got %s, want %s", id, want)
		}
	}
	for _, c := range [][2]string{{"T1055", "T1055.016"}, {"T1055", "T1055.017"}, {"T9001", "T9001.001"}, {"T0100", ""}} {
		if id, ok := n.subtechnique(c[0]); id != c[1] || ok != (c[1] != "") {
			t.Errorf("under %s: got %s, want %s", c[0], id, c[1])
		}
	}
	n = newNumbers([]string{"T9999"}, 9998)
	if _, ok := n.object("T"); !ok {
		t.Error("T9998 was free")
	}
	if id, ok := n.object("T"); ok {
		t.Errorf("gave %s, and the range was used up", id)
	}
}

func TestMadeIDsAreUUIDsAndStay(t *testing.T) {
	a, b := idFor("relationship", "x", "yz"), idFor("relationship", "xy", "z")
	if a == b || a != idFor("relationship", "x", "yz") || !attack.IsSTIXID(a) || a[len("relationship--")+14] != '4' || !strings.ContainsRune("89ab", rune(a[len("relationship--")+19])) {
		t.Errorf("made %s and %s", a, b)
	}
}

func TestAfterIsAlwaysLater(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 890e6, time.UTC)
	for old, want := range map[string]string{
		"2020-01-01T00:00:00.000Z": "2026-03-04T05:06:07.890Z", "2026-03-04T05:06:07.890Z": "2026-03-04T05:06:07.891Z",
		"2026-03-04T05:06:07.890123Z": "2026-03-04T05:06:07.891Z", "2031-01-01T00:00:00Z": "2031-01-01T00:00:00.001Z",
		"2026-03-04T07:06:07.890+02:00": "2026-03-04T05:06:07.891Z", "long ago": "2026-03-04T05:06:07.890Z", "": "2026-03-04T05:06:07.890Z",
	} {
		if got := attack.FormatTime(after(now, old)); got != want {
			t.Errorf("after %q: %s, want %s", old, got, want)
		}
	}
}

func TestNextVersion(t *testing.T) {
	for version, want := range map[string]string{"18.1": "18.2", "3.9": "3.10", "18.99": "19.0", "": "1.0", "v18": "1.0", "18": "1.0"} {
		if got := attack.NextVersion(version); got != want {
			t.Errorf("after %q: %s, want %s", version, got, want)
		}
	}
}
