package guard_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/guard"
)

// workshop is what the labelled sentences are written against.
func workshop() guard.Known {
	return guard.Known{
		Organisations: []string{"Brightlake Energy AG", "Zentralbank von Ostmark", "KRAIT"},
		Victims:       []string{"Nordhaven Klinikum"},
		TLP:           "green",
	}
}

type sentence struct {
	line      int
	sensitive bool
	kinds     []string
	text      string
}

var escaped = regexp.MustCompile(`\\u\{([0-9a-f]+)\}`)

func sentences(t testing.TB, file string) []sentence {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var all []sentence
	for n, line := range strings.Split(string(raw), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		parts := strings.Split(line, "\t")
		if len(parts) != 3 || parts[0] != "sensitive" && parts[0] != "clean" || (parts[0] == "clean") != (parts[1] == "") {
			t.Fatalf("%s:%d: not a label, kinds and a sentence", file, n+1)
		}
		s := sentence{line: n + 1, sensitive: parts[0] == "sensitive"}
		if s.sensitive {
			s.kinds = strings.Split(parts[1], ",")
		}
		s.text = escaped.ReplaceAllStringFunc(parts[2], func(e string) string {
			r, err := strconv.ParseUint(e[3:len(e)-1], 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			return string(rune(r))
		})
		all = append(all, s)
	}
	return all
}

// score counts hits and misses.
type score struct{ right, wrong, missed int }

func (s score) precision() float64 { return float64(s.right) / float64(max(1, s.right+s.wrong)) }
func (s score) recall() float64    { return float64(s.right) / float64(max(1, s.right+s.missed)) }

// TestLabelledSentences measures the guard on sentences that say what is in
// them: once by sentence (flagged or not), once by kind.
func TestLabelledSentences(t *testing.T) {
	const atLeast = 0.95
	for file, each := range map[string]int{"heldout.tsv": 60, "tuned.tsv": 60, "fresh.tsv": 60, "adversarial.tsv": 20} {
		t.Run(file, func(t *testing.T) {
			var whole, kinds score
			labels := map[bool]int{}
			for _, s := range sentences(t, file) {
				labels[s.sensitive]++
				found := map[string]bool{}
				for _, f := range guard.Find(s.text, workshop()) {
					found[string(f.Kind)] = true
				}
				var wrong []string
				for _, k := range s.kinds {
					if found[k] {
						kinds.right++
					} else {
						kinds.missed++
						wrong = append(wrong, "missed "+k)
					}
				}
				for _, k := range slices.Sorted(maps.Keys(found)) {
					if !slices.Contains(s.kinds, k) {
						kinds.wrong++
						wrong = append(wrong, "found "+k)
					}
				}
				switch {
				case s.sensitive && len(found) > 0:
					whole.right++
				case s.sensitive:
					whole.missed++
				case len(found) > 0:
					whole.wrong++
				}
				if len(wrong) > 0 {
					t.Logf("%s:%d %v: %s", file, s.line, wrong, s.text)
				}
			}
			if labels[true] < each || labels[false] < each {
				t.Errorf("%d sensitive and %d clean sentences, not %d of each", labels[true], labels[false], each)
			}
			for what, s := range map[string]score{"sentence": whole, "kind": kinds} {
				t.Logf("by %s: precision %.3f, recall %.3f %+v", what, s.precision(), s.recall(), s)
				if s.precision() < atLeast || s.recall() < atLeast {
					t.Errorf("by %s: precision %.3f and recall %.3f must be at least %.2f", what, s.precision(), s.recall(), atLeast)
				}
			}
		})
	}
}

// TestEnterpriseIsHardlyFlagged runs over all descriptions of MITRE's own.
func TestEnterpriseIsHardlyFlagged(t *testing.T) {
	attacktest.Heavy(t)
	var bundle struct {
		Objects []struct{ ID, Description string }
	}
	if err := json.Unmarshal(attacktest.Unzipped(t, "enterprise-attack-18.1.json.gz"), &bundle); err != nil {
		t.Fatal(err)
	}
	all, flagged := 0, 0
	for _, o := range bundle.Objects {
		if o.Description == "" {
			continue
		}
		all++
		found := guard.Find(o.Description, workshop())
		checkFindings(t, o.Description, found)
		if len(found) == 0 {
			continue
		}
		flagged++
		var what []string
		for _, f := range found {
			what = append(what, fmt.Sprintf("%s %q", f.Kind, f.Text))
		}
		t.Logf("%s: %s", o.ID, strings.Join(what, ", "))
	}
	const most = 0.01
	rate := float64(flagged) / float64(max(1, all))
	t.Logf("%d of %d descriptions flagged: %.2f %%", flagged, all, 100*rate)
	if all == 0 || rate > most {
		t.Errorf("%.2f %% of the descriptions are flagged, at most %.0f %% may be", 100*rate, 100*most)
	}
}

// checkFindings holds findings to what Find promises.
func checkFindings(t failer, text string, found []guard.Finding) {
	t.Helper()
	end := 0
	for _, f := range found {
		if f.Start < end || f.End <= f.Start || f.End > len(text) {
			t.Fatalf("%q: %+v begins before %d, is empty or beyond the end", text, f, end)
		}
		end = f.End
		if f.Text != text[f.Start:f.End] {
			t.Fatalf("%q: %+v is not what stands there", text, f)
		}
		if !boundary(text, f.Start) || !boundary(text, f.End) {
			t.Fatalf("%q: %+v cuts a character", text, f)
		}
		if f.Why == "" {
			t.Fatalf("%q: %+v does not say why", text, f)
		}
	}
}

// boundary says whether no character is cut at i. A byte that is not of UTF-8
// stands for itself.
func boundary(text string, i int) bool {
	if i == len(text) || utf8.RuneStart(text[i]) {
		return true
	}
	for k := i - 1; k >= max(0, i-3); k-- {
		if utf8.RuneStart(text[k]) {
			_, size := utf8.DecodeRuneInString(text[k:])
			return k+size <= i
		}
	}
	return true
}

// TestReplacements shows what is offered instead.
func TestReplacements(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`It runs C:\Users\jdoe\AppData\a.exe.`, `It runs C:\Users\<user>\AppData\a.exe.`},
		{"It calls '45.77.65.211'.", "It calls '192.0.2.1'."},
		{"They own 45[.]95[.]168[.]0/22.", "They own 192.0.2.0/24."},
		{"See hxxps[:]//bad[.]site/x.", "See https://example.com/."},
		{"Mail a.b(at)bad(dot)site now.", "Mail someone@example.com now."},
		{`HKU\S-1-5-21-917267712-1342860078-1792151419-500\Run is set.`, `HKU\<SID>\Run is set.`},
		{"They were in our own network.", "They were in the victim's network."},
		{"They hit Nordhaven Klinikum.", "They hit a victim."},
		{"10.1.2.3-10.1.2.9 was swept", "10.1.2.3-10.1.2.9 was swept"}, // an end of a range is not replaced alone
	} {
		got := c.text
		for _, f := range slices.Backward(guard.Find(c.text, workshop())) {
			if f.Replacement != "" {
				got = got[:f.Start] + f.Replacement + got[f.End:]
			}
		}
		if got != c.want {
			t.Errorf("%q is replaced by %q, not by %q", c.text, got, c.want)
		}
	}
}
