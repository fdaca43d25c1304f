package search_test

import (
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/review/search"
)

func TestWordsAreFoundWithoutAnIndex(t *testing.T) {
	const text = "Adversaries may whistle with **Kettles** in the Küche, see T1055.001."
	for query, want := range map[string]string{
		"":                    "",
		"kettle":              "Kettles",
		"whistling kettle ":   "whistle Kettles",
		"kuche":               "Küche",
		"whis":                "whistle",
		"whis ":               "-",
		"kettle pot":          "-",
		"t1055":               "T1055",
		"the":                 "the",
		"with the kettle":     "Kettles",
		"kettle kettles kett": "Kettles",
	} {
		m := search.NewMarker(query)
		if m.All(text) == (want == "-") {
			t.Errorf("%q: %v", query, m.All(text))
		}
		var marked []string
		for _, s := range m.Excerpt(text) {
			if s.Mark {
				marked = append(marked, s.Text)
			}
		}
		if got := strings.Join(marked, " "); want != "-" && got != want {
			t.Errorf("%q marks %q, want %q", query, got, want)
		}
	}
}

func FuzzMarker(f *testing.F) {
	f.Add("the Küche", "the kitchen")
	f.Fuzz(func(t *testing.T, query, text string) {
		m := search.NewMarker(query)
		m.All(text)
		m.Excerpt(text)
		if !m.All(query) {
			t.Errorf("%q has not its own words", query)
		}
	})
}
