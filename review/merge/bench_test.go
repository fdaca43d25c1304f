package merge_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aymanbagabas/go-udiff"

	"github.com/atelier-attack/atelier/review/attack/attacktest"
)

// hostile gives texts of about n bytes that are dear to take apart or compare.
func hostile(n int) []string {
	var list []string
	for _, unit := range []string{
		"a", "a ", "a b ", ".", "\n", "a\n\n", "* a\n", "(Citation: ", "(Citation: a) ", "(Citation: (", "(Citation: a (b) ", "[", "![", "[a](", "[a](b) ",
		"[a](b(c) ", "x[", "()", "é\u0301", "\xff", "a-", "(LinkById: T1) ", "\r\n", "| a ",
	} {
		list = append(list, strings.Repeat(unit, n/len(unit)))
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, space := range []string{" ", "\n\n", "\n* "} { // nothing is there twice; and all of three words
		var b, c strings.Builder
		for b.Len() < n {
			fmt.Fprintf(&b, "%x%s", r.Uint32(), space)
			fmt.Fprintf(&c, "%c%s", 'a'+rune(r.IntN(3)), space)
		}
		list = append(list, b.String(), c.String())
	}
	return list
}

// shuffled gives a text with its halves exchanged, and some words changed.
func shuffled(text, mark string) string {
	text = text[len(text)/2:] + text[:len(text)/2]
	fields := strings.SplitAfter(text, " ")
	for i := 0; i < len(fields); i += 7 {
		fields[i] += mark
	}
	return strings.Join(fields, "")
}

// BenchmarkHostileText is the dearest of some texts of 50 kB that nobody writes.
func BenchmarkHostileText(b *testing.B) {
	texts := hostile(50_000)
	var worst time.Duration
	for b.Loop() {
		for _, text := range texts {
			start := time.Now()
			mergeTexts(b, text, shuffled(text, "o "), shuffled(text, "t ")+"end")
			worst = max(worst, time.Since(start))
		}
	}
	b.ReportMetric(float64(worst.Microseconds())/1000, "ms-worst")
}

// BenchmarkText merges what MITRE changed in the descriptions of techniques
// from 17.1 to 18.1 with a change of our own. Its floor is one comparison of
// the same texts, line by line.
func BenchmarkText(b *testing.B) {
	pairs := moved(b)
	b.Run("merge", func(b *testing.B) {
		n := 0
		for b.Loop() {
			p := pairs[n%len(pairs)]
			mergeTexts(b, p.before, p.reworded(), p.after)
			n++
		}
	})
	b.Run("floor", func(b *testing.B) {
		n := 0
		for b.Loop() {
			p := pairs[n%len(pairs)]
			udiff.Lines(strings.ReplaceAll(p.before, " ", "\n"), strings.ReplaceAll(p.after, " ", "\n"))
			n++
		}
	})
}

// pair is a description in two releases.
type pair struct {
	id, before, after string
}

// reworded changes the first word, and puts a paragraph behind.
func (p pair) reworded() string {
	_, rest, _ := strings.Cut(p.before, " ")
	return "Somebody " + rest + "\n\nMore words of a workshop."
}

// moved lists the descriptions of techniques that 18.1 changed.
func moved(t testing.TB) []pair {
	read := func(name string) map[string]string {
		var bundle struct {
			Objects []struct{ ID, Type, Description string }
		}
		if err := json.Unmarshal(attacktest.Unzipped(t, name), &bundle); err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{}
		for _, o := range bundle.Objects {
			if o.Type == "attack-pattern" {
				texts[o.ID] = o.Description
			}
		}
		return texts
	}
	before, after := read("enterprise-attack-17.1.json.gz"), read("enterprise-attack-18.1.json.gz")
	var list []pair
	for id, text := range before {
		if now := after[id]; now != "" && now != text {
			list = append(list, pair{id, text, now})
		}
	}
	if len(list) < 20 {
		t.Fatalf("only %d descriptions changed: the files are not what they were", len(list))
	}
	slices.SortFunc(list, func(a, b pair) int { return strings.Compare(a.id, b.id) })
	return list
}
