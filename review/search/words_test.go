package search

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func read(text string) []string {
	var list []string
	w := words{text: text}
	for w.next() {
		list = append(list, string(w.word))
	}
	return list
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"Boil, then POUR.":             "boil then pour",
		"T1001.001 kettle-lid_x":       "t1001 001 kettle lid x",
		"Kännchen Øl Łódź straße ﬁlm":  "kannchen ol lodz strasse film",
		"e\u0301tude so\u00adft":       "etude soft", // an accent of its own, a soft hyphen
		"Чайник ΤΣΑΪ":                  "чаиник τσαι",
		"茶とポット":                        "茶 と ホ ッ ト",
		"tea茶pot":                      "tea 茶 pot",
		"½ ²":                          "12 2",
		"":                             "",
		"—…\x00\xff":                   "",
		strings.Repeat("a", 50) + " b": strings.Repeat("a", longestWord) + " b",
	} {
		if got := strings.Join(read(text), " "); got != want {
			t.Errorf("%q has the words %q, want %q", text, got, want)
		}
	}
}

// TestWordsKnowTheirPlace: the places are where the words are marked.
func TestWordsKnowTheirPlace(t *testing.T) {
	const text = "Ein Kännchen, bitte: 茶pot."
	var got []string
	w := words{text: text}
	for w.next() {
		got = append(got, text[w.start:w.end])
	}
	if want := []string{"Ein", "Kännchen", "bitte", "茶", "pot"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestFormsOfAWordAreOne(t *testing.T) {
	for _, forms := range [][]string{
		{"boiling", "boiled", "boils", "boiler"}, {"keylogger", "keylogging"}, {"scanner", "scanning", "scan"}, {"encryption", "encrypted"},
	} {
		for _, f := range forms {
			if stem(f) != stem(forms[0]) {
				t.Errorf("%q becomes %q and %q %q", f, stem(f), forms[0], stem(forms[0]))
			}
		}
	}
}

func TestSqueeze(t *testing.T) {
	for _, text := range []string{"Tea Pot-29", "teapot29", "TEA/POT 29"} {
		if got := squeeze(text); got != "teapot29" {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

// distance is the plain way to count how many letters differ: other, too many,
// missing, or swapped with their neighbour.
func distance(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for j := range d[i] {
			switch {
			case i == 0 || j == 0:
				d[i][j] = i + j
				continue
			case a[i-1] == b[j-1]:
				d[i][j] = d[i-1][j-1]
			default:
				d[i][j] = 1 + min(d[i-1][j-1], d[i-1][j], d[i][j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

// FuzzNearby: the walk through all words finds the same ones as a look at each.
func FuzzNearby(f *testing.F) {
	f.Add("kettle kettles cattle kettel battle settle ket teapot", "ketle", false)
	f.Add("kettle kettledrum kitten", "kettel", true)
	f.Fuzz(func(t *testing.T, text, word string, begun bool) {
		word = strings.Join(read(word), "")
		x := Build(Shape{}, slices.Values([]Document{{Names: []string{text}}}), slices.Values([]Passage(nil)))
		if len(text) > 400 || len(word) > mostSpelled || word == "" || !utf8.ValidString(word) {
			t.Skip("no word that could be looked up, or too much text to look at each word")
		}
		found := map[string]int{}
		for _, n := range x.nearby(word, 2, begun) {
			found[x.word(n.word)] = n.distance
		}
		for i := range x.size() {
			least := distance(x.word(i), word)
			if begun {
				for end := range x.word(i) {
					least = min(least, distance(x.word(i)[:end], word))
				}
			}
			got, ok := found[x.word(i)]
			if ok != (least <= 2) || ok && !begun && got != least {
				t.Errorf("%q is %d from %q; found %v with %d", x.word(i), least, word, ok, got)
			}
		}
	})
}
