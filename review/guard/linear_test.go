package guard_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/guard"
)

// units are what the worst texts are made of, again and again.
func units() map[string]string {
	return map[string]string{
		"digits": "7", "dots": ".", "digits and dots": "1.", "quads": "1.2.3.4.", "addresses": "8.8.4.4 ", "hex": "a", "hexadecimal": "a1b2c3d4",
		"colons": ":", "groups": "a:", "long groups": "dead:beef:1234:", "pairs": "a1:", "zeros": "0:0:0:0:0:0:0:", "cut addresses": "2a01:4f8::g ",
		"at": "@", "mail": "a@", "mails": "a@b.c ", "locals": "a+a.a%", "mail domains": "a@b.ru ", "brackets": "[", "open and dot": "[.", "defanged": "a[.]", "defanged quads": "1[.]", "dot words": "a dot ",
		"at words": "a at b dot ", "spaced dots": "a . ", "escaped": `a\.`, "backslashes": `\`, "shares": `\\a-1`, "registry": `HK\S-1-5-21-1-1-1-1\`, "hives": "HKU", "users": `\Users\a`,
		"user folders": `/Users/a A `, "accounts": `AB\ab `, "slashes": "/", "schemes": "http://", "web addresses": "http://a.ru/( ", "user info": "http://a@", "labels": "a.", "domains": "a.ru ",
		"dashes": "a-", "plus": "+", "numbers": "+49 ", "long numbers": "1-2 ", "parentheses": "(", "citations": "(Citation: ", "nested": "((a.b[", "blanks": " ", "words": "a ", "user words": "user a ",
		"our": "our own ", "tlp": "tlp ", "calling": "call 1 2 ", "ibans": "DE89 3704 ", "names": "krait ", "beginnings": "zentralbank von ", "zero width": "\u200b", "hidden digits": "1\u200b", "cyrillic": "а", "cyrillic domains": "а.рф ",
		"foreign": "漢", "accents": "é", "marks": "a\u0301", "broken": "\xff", "nulls": "\x00", "wide": "１．", "mathematical": "𝟏.", "top-level": "a.zz ", "many top-level": "", "versions": "version 1.2.3.4 ", "unders": "_", "urls end": "http://a.ru/.,",
		"hosts": "host a-1 ", "machines": "SRV-A-1 ", "long hex colon": "a1b2c3d4e5f6a7b8c9d0:", "hash": "d41d8cd98f00b204e9800998ecf8427e ",
	}
}

// worst gives a text of a size that is made of one unit.
func worst(unit string, size int) string {
	if unit == "" { // all labels of three letters, most of which are no domains
		var b strings.Builder
		for n := 0; b.Len() < size; n++ {
			fmt.Fprintf(&b, "a.%c%c%c%c ", 'a'+n%26, 'a'+n/26%26, 'a'+n/676%26, 'a'+n/17576%26)
		}
		return b.String()
	}
	return strings.Repeat(unit, size/len(unit)+1)
}

// stepsPerByte bounds how often the passes look at a byte, whatever the text.
const stepsPerByte = 150

func TestWorkGrowsWithTheLengthOfTheText(t *testing.T) {
	attacktest.Heavy(t)
	for name, unit := range units() {
		small, large := worst(unit, 10_000), worst(unit, 80_000)
		a, b := guard.Steps(small, workshop()), guard.Steps(large, workshop())
		per := float64(b) / float64(len(large))
		if per > stepsPerByte {
			t.Errorf("%s: %.0f steps a byte, at most %d may be", name, per, stepsPerByte)
		}
		if grown, times := float64(b)/float64(a), float64(len(large))/float64(len(small)); grown > 1.2*times {
			t.Errorf("%s: a text %.1f times as long takes %.1f times the steps", name, times, grown)
		}
	}
}

// TestManyNamesThatBeginAlikeTakeNoLonger has a taxonomy whose names all begin
// with one word.
func TestManyNamesThatBeginAlikeTakeNoLonger(t *testing.T) {
	var all []string
	for n := range 2000 {
		all = append(all, fmt.Sprintf("Operation Kettle%d", n), fmt.Sprintf("Operation%d", n))
	}
	own := guard.NewNames(all)
	for _, unit := range []string{"operation ", "operation kettle7 ", "operation kettle ", "operation7 operation "} {
		text := worst(unit, 80_000)
		if per := float64(guard.StepsOf(text, guard.New(workshop(), own))) / float64(len(text)); per > stepsPerByte {
			t.Errorf("%q: %.0f steps a byte", unit, per)
		}
	}
}

// TestNoMixtureIsWorse looks for a text that takes more steps: any pieces of
// the worst ones, again and again.
func TestNoMixtureIsWorse(t *testing.T) {
	attacktest.Heavy(t)
	var parts []string
	for _, unit := range units() {
		if unit != "" {
			parts = append(parts, unit)
		}
	}
	slices.Sort(parts)
	rapid.Check(t, func(t *rapid.T) {
		unit := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 1, 8).Draw(t, "parts"), "")
		text := worst(unit, 8_000)
		if steps := guard.Steps(text, workshop()); steps > stepsPerByte*len(text) {
			t.Fatalf("%q again and again: %d steps a byte", unit, steps/len(text))
		}
	})
}

const megabyte = 1 << 20

// BenchmarkWorst looks at 1 MB of each bad text. The floor is one
// plain pass over the same text.
func BenchmarkWorst(b *testing.B) {
	all := units()
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) { measure(b, worst(all[name], megabyte)[:megabyte]) })
	}
}

// BenchmarkEnterprise looks at 1 MB of MITRE's own file.
func BenchmarkEnterprise(b *testing.B) {
	raw := attacktest.Unzipped(b, "enterprise-attack-18.1.json.gz")
	measure(b, string(raw[megabyte:2*megabyte]))
}

func measure(b *testing.B, text string) {
	b.Helper()
	known := workshop()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		guard.Find(text, known)
	}
	each := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(float64(each)/float64(max(1, floor(text))), "x-floor")
	b.ReportMetric(each.Seconds()*1000, "ms")
}

// floor is the time to copy a text in upper case: one plain pass over it.
func floor(text string) time.Duration {
	raw := []byte(text)
	best := time.Hour
	for range 5 {
		start := time.Now()
		bytes.ToUpper(raw)
		best = min(best, time.Since(start))
	}
	return best
}
