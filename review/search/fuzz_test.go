package search_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/review/search"
)

// FuzzSearch: whatever is asked, the answer is in order, and marking it loses
// no letter of a text.
func FuzzSearch(f *testing.F) {
	for _, query := range []string{"kettle", "k1001.0", "the of and", strings.Repeat("kettle pot ", 45), strings.Repeat("t", 500), "ké\u0301\u0000\xff茶🫖½",
		strings.Repeat("a ", 250), "overfillkettle mutting", "\u202e\u2066ﷺ", "İıſK"} {
		f.Add(query, "Kännchen: the kettle's whistle — boiling\n\nover 茶pot.")
	}
	x := kitchen()
	f.Fuzz(func(t *testing.T, query, text string) {
		const limit = 3
		r := x.Search(search.Query{Text: query, Limit: limit})
		if len(r.Hits) > limit || r.Total < len(r.Hits) {
			t.Errorf("%d hits of %d", len(r.Hits), r.Total)
		}
		seen := map[int]bool{}
		for _, h := range r.Hits {
			if seen[h.Document] || h.Document < 0 || h.Document > 4 || (h.Where == search.ByPassage) != (h.Passage >= 0) {
				t.Errorf("hits %+v", r.Hits)
			}
			seen[h.Document] = true
		}
		if got, want := plainOf(r.Marker.Mark(text)), strings.Join(strings.Fields(text), " "); got != want {
			t.Errorf("marked %q, the text is %q", got, want)
		}
		if got := strings.Trim(plainOf(r.Marker.Excerpt(text)), "… "); !strings.Contains(strings.Join(strings.Fields(text), " "), got) {
			t.Errorf("the excerpt %q is not of the text", got)
		}
		for _, a := range x.Similar(search.Draft{Name: query, Text: text, Limit: limit}) {
			if a.Score < 0 || a.Score > 4 || slices.Contains(a.Shared, "") {
				t.Errorf("alike: %+v", a)
			}
		}
	})
}

func plainOf(list []search.Segment) string {
	var out strings.Builder
	for _, s := range list {
		out.WriteString(s.Text)
	}
	return strings.Join(strings.Fields(out.String()), " ")
}
