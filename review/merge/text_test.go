package merge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/merge"
)

// mergeTexts merges descriptions.
func mergeTexts(t interface{ Fatal(...any) }, base, ours, theirs string) merge.Result {
	of := func(s string) attack.Content { return attack.Content{attack.FieldDescription: {Text: s}} }
	return merge.Merge(form(t), of(base), of(ours), of(theirs))
}

func described(r merge.Result) string { return r.Content[attack.FieldDescription].Text }

func TestMergeText(t *testing.T) {
	const two = "Adversaries may steal cookies from a browser.\n\nThey can reuse them elsewhere.(Citation: Crumbs)"
	for _, c := range []struct{ name, base, ours, theirs, want string }{
		{"two paragraphs", two,
			"Adversaries often steal cookies from a browser.\n\nThey can reuse them elsewhere.(Citation: Crumbs)",
			"Adversaries may steal cookies from a browser.\n\nThey can reuse them on other hosts.(Citation: Crumbs)",
			"Adversaries often steal cookies from a browser.\n\nThey can reuse them on other hosts.(Citation: Crumbs)"},
		{"two places of a paragraph", two,
			"Attackers may steal cookies from a browser.\n\nThey can reuse them elsewhere.(Citation: Crumbs)",
			"Adversaries may steal cookies from a web browser.\n\nThey can reuse them elsewhere.(Citation: Crumbs)",
			"Attackers may steal cookies from a web browser.\n\nThey can reuse them elsewhere.(Citation: Crumbs)"},
		{"a paragraph behind one that got a citation", two,
			two + "\n\nSome sell them.",
			two + "(Citation: Jar)",
			two + "(Citation: Jar)\n\nSome sell them."},
		{"a paragraph before one that changed at its start", two,
			"In short:\n\n" + two,
			"All adversaries" + two[len("Adversaries"):],
			"In short:\n\nAll adversaries" + two[len("Adversaries"):]},
		{"paragraphs in front and behind", two, "First.\n\n" + two, two + "\n\nLast.", "First.\n\n" + two + "\n\nLast."},
		{"a paragraph taken out, another changed", two, "They can reuse them elsewhere.(Citation: Crumbs)", two + "(Citation: Jar)",
			"They can reuse them elsewhere.(Citation: Crumbs)(Citation: Jar)"},
		{"items of a list", "Tools:\n* net use\n* net view\n* whoami", "Tools:\n* net use\n* net view /all\n* whoami", "Tools:\n* net use\n* net view\n* whoami /all\n* ver",
			"Tools:\n* net use\n* net view /all\n* whoami /all\n* ver"},
		{"both the same, and more", two,
			strings.ReplaceAll(strings.ReplaceAll(two, "browser", "web browser"), "elsewhere", "on hosts"),
			strings.ReplaceAll(strings.ReplaceAll(two, "browser", "web browser"), "Adversaries", "Attackers"),
			strings.NewReplacer("browser", "web browser", "elsewhere", "on hosts", "Adversaries", "Attackers").Replace(two)},
		{"both the same paragraph, and more", two, two + "\n\nSold.", "First.\n\n" + two + "\n\nSold.", "First.\n\n" + two + "\n\nSold."},
		{"both put the same in other words beside repeated ones", "a b b b c", "a b b b b c", "a b b b b c d", "a b b b b c d"},
		{"windows line ends", "one two three\r\n\r\nfour five six", "one 2 three\r\n\r\nfour five six", "one two three\r\n\r\nfour 5 six", "one 2 three\r\n\r\nfour 5 six"},
		{"a path is one word", `run C:\Windows\cmd.exe and wait here`, `run C:\Windows\pwsh.exe and wait here`, `run C:\Windows\cmd.exe and wait there`, `run C:\Windows\pwsh.exe and wait there`},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range []merge.Result{mergeTexts(t, c.base, c.ours, c.theirs), mergeTexts(t, c.base, c.theirs, c.ours)} {
				if diff := cmp.Diff(c.want, described(r)); diff != "" || len(r.Conflicts) > 0 {
					t.Errorf("conflicts %v, merged (-want +got):\n%s", r.Conflicts, diff)
				}
			}
		})
	}
}

func TestMergeTextConflicts(t *testing.T) {
	const two = "Adversaries may steal cookies from a browser.\n\nThey can reuse them elsewhere."
	replace := func(old, now string) string { return strings.Replace(two, old, now, 1) }
	for _, c := range []struct{ name, base, ours, theirs string }{
		{"one word", two, replace("steal", "take"), replace("steal", "lift")},
		{"neighbours", two, replace("steal", "take"), replace("cookies", "tokens")},
		{"neighbours around a comma", "first, second third", "1st, second third", "first, 2nd third"},
		{"the end of a sentence and the start of the next", "One two three. Four five six.", "One two 3. Four five six.", "One two three. 4 five six."},
		{"something at one place", two, replace("a browser", "a web browser"), replace("a browser", "a good browser")},
		{"paragraphs at one place", two, two + "\n\nSome sell them.", two + "\n\nMany keep them."},
		{"paragraphs at one place, and one has a change before it", two, replace("elsewhere", "on hosts") + "\n\nSome sell them.", two + "\n\nMany keep them."},
		{"paragraphs in the middle", two, replace("browser.\n\n", "browser.\n\nSome sell them.\n\n"), replace("browser.\n\n", "browser.\n\nMany keep them.\n\n")},
		{"taken out and changed", two, "They can reuse them elsewhere.", replace("steal", "take")},
		{"a rewritten paragraph and a word of it", two, replace("Adversaries may steal cookies from a browser.", "Nothing of this remained as it was."), replace("steal", "take")},
		{"two rewritten from scratch", two, "Quite another text.", "Something different again."},
		{"both moved a paragraph", "a b c\n\nd e f\n\ng h i\n\nj k l", "d e f\n\na b c\n\ng h i\n\nj k l", "a b c\n\ng h i\n\nj k l\n\nd e f"},
		{"two names of a citation", "Words.(Citation: Big Blog May)", "Words.(Citation: Large Blog May)", "Words.(Citation: Big Blog June)"},
		{"two ends of a link", "See [the old page](https://a.example/x) now", "See [the new page](https://a.example/x) now", "See [the old page](https://b.example/x) now"},
		{"two links by id", "See (LinkById: T1055.001) now", "See (LinkById: T1056.001) now", "See (LinkById: T1055.002) now"},
		{"both ends of a path", `run C:\Windows\System32\cmd.exe now`, `run D:\Windows\System32\cmd.exe now`, `run C:\Windows\System32\pwsh.exe now`},
		{"both wrote the first text", "", "Ours.", "Theirs."},
		{"one took all out", two, "", replace("steal", "take")},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range []merge.Result{mergeTexts(t, c.base, c.ours, c.theirs), mergeTexts(t, c.base, c.theirs, c.ours)} {
				if len(r.Conflicts) != 1 || !slices.ContainsFunc(r.Conflicts[0].Parts, func(p merge.TextPart) bool { return p.Conflict }) {
					t.Errorf("merged %q, conflicts %+v", described(r), r.Conflicts)
				}
			}
		})
	}
}

func TestPartsShowWhereTheConflictIs(t *testing.T) {
	r := mergeTexts(t, "Adversaries may steal cookies from a browser.\n\nThey sell them.",
		"Adversaries may take cookies from a browser.\n\nThey sell them.", "Adversaries may lift cookies from a browser.\n\nThey often sell them.")
	want := []merge.TextPart{
		{Text: "Adversaries may "},
		{Conflict: true, Base: "steal", Ours: "take", Theirs: "lift"},
		{Text: " cookies from a browser.\n\nThey often sell them."},
	}
	if diff := cmp.Diff(want, r.Conflicts[0].Parts); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
}

// A sheet is a text of paragraphs of tokens.
type sheet [][]string

func (s sheet) String() string {
	var texts []string
	for _, p := range s {
		texts = append(texts, strings.Join(p, " "))
	}
	return strings.Join(texts, "\n\n")
}

// unique draws a sheet in which no token is there twice.
func unique(t *rapid.T) sheet {
	var s sheet
	n := 0
	for range rapid.IntRange(1, 5).Draw(t, "paragraphs") {
		var p []string
		for range rapid.IntRange(1, 9).Draw(t, "tokens") {
			n++
			p = append(p, fmt.Sprintf(rapid.SampledFrom([]string{"w%d", "w%d", "w%d", "(Citation: S %d (x))", "(LinkById: T%d)", "[a link](https://example.org/%d_(y))"}).Draw(t, "token"), 1000+n))
		}
		s = append(s, p)
	}
	return s
}

// changed draws changes of a sheet: tokens and paragraphs put in and taken out.
// The new ones begin with mark.
func (s sheet) changed(t *rapid.T, mark string) sheet {
	n := 0
	fresh := func() string { n++; return fmt.Sprintf("%s%d", mark, n) }
	var now sheet
	for _, p := range s {
		var q []string
		for _, token := range p {
			switch rapid.IntRange(0, 19).Draw(t, mark) {
			case 9:
			case 10:
				q = append(q, fresh())
			case 11, 12:
				q = append(q, token, fresh())
			default:
				q = append(q, token)
			}
		}
		switch rapid.IntRange(0, 14).Draw(t, mark+" paragraph") {
		case 9:
			q = nil
		case 10, 11:
			now = append(now, []string{fresh(), fresh()})
		}
		if len(q) > 0 {
			now = append(now, q)
		}
	}
	if rapid.IntRange(0, 5).Draw(t, mark+" last") == 5 {
		now = append(now, []string{fresh(), fresh()})
	}
	return now
}

// tokens gives all tokens of a text that a sheet made, links and citations as one.
func tokens(text string) []string {
	text = strings.NewReplacer("(Citation: S ", "(Citation:_S_", " (x))", "_(x))", "(LinkById: ", "(LinkById:_", "[a link]", "[a_link]").Replace(text)
	return strings.Fields(text)
}

// TestMergedTextsHaveWhatBothSay compares with what a merge is where no token
// is there twice: those that both kept, and those that either put in, each side
// in its own order.
func TestMergedTextsHaveWhatBothSay(t *testing.T) {
	clean, conflicts := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		base := unique(t)
		ours, theirs := base.changed(t, "o").String(), base.changed(t, "t").String()
		r := mergeTexts(t, base.String(), ours, theirs)
		was, o, th, got := tokens(base.String()), tokens(ours), tokens(theirs), tokens(described(r))
		if len(r.Conflicts) > 0 {
			conflicts++
			checkKept(t, was, o, tokens(r.Conflicts[0].KeepOurs().Text))
			checkKept(t, was, th, tokens(r.Conflicts[0].KeepTheirs().Text))
			return
		}
		clean++
		keep := func(list, of []string) []string {
			return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !slices.Contains(of, s) })
		}
		for name, side := range map[string][2][]string{"ours": {o, th}, "theirs": {th, o}} {
			var want []string
			for _, token := range side[0] {
				if slices.Contains(side[1], token) || !slices.Contains(was, token) {
					want = append(want, token)
				}
			}
			if diff := cmp.Diff(want, keep(got, side[0]), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("base   %q\nours   %q\ntheirs %q\nmerged %q\nof %s (-want +got):\n%s", base, ours, theirs, described(r), name, diff)
			}
		}
		if rest := keep(got, slices.Concat(o, th)); len(rest) != len(got) {
			t.Fatalf("%q has words of nobody", described(r))
		}
	})
	t.Logf("%d clean, %d conflicts", clean, conflicts)
	if !t.Failed() && !testing.Short() && (clean < 10 || conflicts < 10) { // -short tries too few to tell
		t.Errorf("%d clean and %d conflicts: these texts try too little", clean, conflicts)
	}
}

// checkKept says that a conflict solved for a side has all that this side put
// in, in its order, and nothing that it took out.
func checkKept(t *rapid.T, base, side, got []string) {
	last := -1
	for _, token := range side {
		at := slices.Index(got, token)
		if at >= 0 && at < last || at < 0 && !slices.Contains(base, token) {
			t.Fatalf("%q of %q is at %d of %q", token, side, at, got)
		}
		last = max(last, at)
	}
	for _, token := range got {
		if slices.Contains(base, token) && !slices.Contains(side, token) {
			t.Fatalf("%q was taken out, and is in %q", token, got)
		}
	}
}

// TestChangesOfOtherParagraphsAreClean changes the last paragraph, and anything
// before it.
func TestChangesOfOtherParagraphsAreClean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := unique(t)
		ours := base.changed(t, "o")
		last, now := []string{"this", "paragraph", "stays", "here"}, []string{"this", "paragraph", "stays", "there"}
		r := mergeTexts(t, append(slices.Clone(base), last).String(), append(slices.Clone(ours), last).String(), append(slices.Clone(base), now).String())
		if want := append(slices.Clone(ours), now).String(); len(r.Conflicts) > 0 || described(r) != want {
			t.Fatalf("merged %q, want %q, conflicts %+v", described(r), want, r.Conflicts)
		}
	})
}

// TestPlacesOfOneParagraph changes one word on either side, or puts one before
// it, and knows what is a conflict from how far they are apart.
func TestPlacesOfOneParagraph(t *testing.T) {
	change := func(p []string, at int, put bool, word string) []string {
		if put {
			return slices.Insert(slices.Clone(p), at, word)
		}
		q := slices.Clone(p)
		q[at] = word
		return q
	}
	rapid.Check(t, func(t *rapid.T) {
		p := strings.Fields("w1 w2 w3 w4 w5 w6 w7 w8 w9")
		i, j := rapid.IntRange(0, 8).Draw(t, "ours"), rapid.IntRange(0, 8).Draw(t, "theirs")
		putI, putJ := rapid.Bool().Draw(t, "we put in"), rapid.Bool().Draw(t, "they put in")
		r := mergeTexts(t, strings.Join(p, " "), strings.Join(change(p, i, putI, "o"), " "), strings.Join(change(p, j, putJ, "t"), " "))
		between := j - i // words that stay between the two
		if i > j {
			between = i - j
			if !putJ {
				between--
			}
		} else if i < j && !putI {
			between--
		}
		if conflict := len(r.Conflicts) > 0; conflict != (between <= 0) {
			t.Fatalf("ours at %d (put in: %t), theirs at %d (put in: %t): conflict %t, merged %q", i, putI, j, putJ, conflict, described(r))
		}
	})
}

// loose draws a text of few words, so that much of it is there several times.
func loose() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "b", "c", "(Citation: X)", "(Citation: ", ")", "[l](u)", "[", "é", "\xff", ",", "* "}), 0, 14).Draw(t, "words")
		var b strings.Builder
		for _, w := range words {
			b.WriteString(w + rapid.SampledFrom([]string{" ", " ", " ", "", "\n", "\n\n", "\r\n\r\n"}).Draw(t, "space"))
		}
		return b.String()
	})
}

// TestACleanMergeIsBothChanges has one side change the last word and the other
// anything long before it: what merges is exactly both.
func TestACleanMergeIsBothChanges(t *testing.T) {
	clean := 0
	rapid.Check(t, func(t *rapid.T) {
		base, ours := loose().Draw(t, "base"), loose().Draw(t, "ours")
		const before, after = "which stays here as it was for now", "which stays here as it was for then"
		r := mergeTexts(t, base+before, ours+before, base+after)
		if len(r.Conflicts) > 0 {
			return
		}
		if clean++; described(r) != ours+after {
			t.Fatalf("merged %q, want %q", described(r), ours+after)
		}
	})
	if !t.Failed() && clean < 10 {
		t.Errorf("only %d were clean", clean)
	}
}

func TestMergeTextIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, ours, theirs := loose().Draw(t, "base"), loose().Draw(t, "ours"), loose().Draw(t, "theirs")
		checkText(t, base, ours, theirs)
	})
}

// checkText states what holds for any three texts.
func checkText(t interface {
	Fatal(...any)
	Fatalf(string, ...any)
}, base, ours, theirs string) {
	one, other := mergeTexts(t, base, ours, theirs), mergeTexts(t, base, theirs, ours)
	if len(one.Conflicts) != len(other.Conflicts) {
		t.Fatalf("conflicts %+v and, with sides exchanged, %+v", one.Conflicts, other.Conflicts)
	}
	if len(one.Conflicts) == 0 {
		if described(one) != described(other) {
			t.Fatalf("merged %q and, with sides exchanged, %q", described(one), described(other))
		}
		return
	}
	exchanged := slices.Clone(other.Conflicts[0].Parts)
	for i, p := range exchanged {
		exchanged[i].Ours, exchanged[i].Theirs = p.Theirs, p.Ours
	}
	if diff := cmp.Diff(one.Conflicts[0].Parts, exchanged); diff != "" {
		t.Fatalf("parts, and with sides exchanged:\n%s", diff)
	}
	if described(one) != ours {
		t.Fatalf("a conflict holds %q instead of ours", described(one))
	}
}
