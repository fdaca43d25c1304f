package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/review/search"
)

const (
	body = iota
	example
)

// kitchen is a small index: documents on tea, sorted by kind and by room.
func kitchen() *search.Index {
	document := func(key, name string, others []string, text, kind string, rooms ...string) search.Document {
		return search.Document{Keys: []string{key, "doc--" + key}, Names: append([]string{name}, others...), Weight: 1,
			Texts: []search.Text{{Field: body, Body: text}}, Facets: [][]string{{kind}, rooms}}
	}
	documents := []search.Document{
		0: document("K1001", "Kettle Overfill", []string{"Flood Pot"}, "Too much water goes into the kettle.", "trick", "kitchen"),
		1: document("K1001.001", "Whistle Muting", nil, "The kettle's whistle is muted, so nobody hears it boiling.", "trick", "kitchen", "hall"),
		2: document("G7", "Teapot Gang", []string{"Brown Betty", "TG29"}, "A gang that pours at night.", "gang", "hall"),
		3: document("K1002", "Old Kettle", nil, "Replaced.", "trick", "kitchen"),
		4: document("K1003", "The Pouring", nil, "Pours over everything. Kännchen preferred.", "trick", "cellar"),
	}
	documents[3].Behind = true
	passages := []search.Passage{
		{Of: []int{2, 1}, Main: 2, Texts: []search.Text{{Field: example, Body: "Teapot Gang has stuffed a sock into the spout."}}},
		{Of: []int{0, 4}, Main: 1, Texts: []search.Text{{Field: example, Body: "Müller, K. (2019). Samovars considered."}}},
	}
	return build(documents, passages)
}

func build(documents []search.Document, passages []search.Passage) *search.Index {
	return search.Build(search.Shape{Fields: []search.Field{body: {Weight: 1, Length: 12}, example: {Weight: 0.8, Length: 10}}, Facets: 2},
		slices.Values(documents), slices.Values(passages))
}

func found(r search.Result) string {
	places := []string{"key", "name", "other", "text", "passage"}
	var list []string
	for _, h := range r.Hits {
		list = append(list, fmt.Sprintf("%d:%s", h.Document, places[h.Where]))
	}
	return strings.Join(list, " ")
}

func TestSearch(t *testing.T) {
	x := kitchen()
	for _, c := range []struct{ query, want, why string }{
		{"k1001", "0:key 1:key", "the very key, then those that begin so"},
		{"doc--k1001.001", "1:key", "a key written in full"},
		{"K1001.0", "1:key", "a key that is not finished"},
		{"kettle overfill", "0:name", "the very name"},
		{"KettleOverfill", "0:name", "a space is missing"},
		{"ket tle over fill", "0:name …", "spaces too many"},
		{"fill", "", "the end of a word"},
		{"whist", "1:name", "an unfinished word"},
		{"brown bet", "2:other", "another name, unfinished"},
		{"tg 29", "2:other", "another name with a space"},
		{"kettel", "0:name 1:text 3:name", "two letters swapped; what is behind comes last"},
		{"whissle mutting", "1:name", "a letter other, a letter too many"},
		{"mute", "1:name", "another form of the word"},
		{"boiled", "1:text", "another form in a text"},
		{"sock", "1:passage 2:passage", "a passage finds all that it is about"},
		{"muller", "0:passage 4:passage", "no accent where there is one; what it is mainly about first"},
		{"kannchen", "4:text", "no accent in a text"},
		{"kettlé overfíll", "0:name", "an accent where there is none"},
		{"night sock", "2:passage", "one word in the text, one in the passage"},
		{"the", "4:name", "only a word that says nothing: it is part of a name"},
		{"old kettle", "3:name", "the very name of what is behind"},
		{"zzzz", "", "nothing"},
		{"", "", "nothing asked"},
		{"…", "", "no word"},
	} {
		got := x.Search(search.Query{Text: c.query, Limit: 10})
		if begin, more := strings.CutSuffix(c.want, "…"); more && strings.HasPrefix(found(got), begin) {
			continue
		}
		if found(got) != c.want || got.Total != len(got.Hits) {
			t.Errorf("%q (%s): %s, want %s", c.query, c.why, found(got), c.want)
		}
	}
}

// TestSameName: of two with the very name the one comes first
// that is not behind, and the other after all.
func TestSameName(t *testing.T) {
	documents := []search.Document{
		{Keys: []string{"K1"}, Names: []string{"Steeping"}, Weight: 1, Behind: true},
		{Keys: []string{"K2"}, Names: []string{"Steeping"}, Weight: 1},
		{Keys: []string{"K3"}, Names: []string{"Cold Steeping"}, Weight: 1},
		{Keys: []string{"K1"}, Names: []string{"Cup"}, Weight: 0.1},
	}
	x := search.Build(search.Shape{}, slices.Values(documents), slices.Values([]search.Passage(nil)))
	for query, want := range map[string]string{"steeping": "1:name 2:name 0:name", "K1": "3:key 0:key"} {
		if got := found(x.Search(search.Query{Text: query, Limit: 5})); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

func TestLooseAndNeeded(t *testing.T) {
	x := kitchen()
	if r := x.Search(search.Query{Text: "kettle water", Limit: 5}); r.Loose || r.Total != 1 {
		t.Errorf("all words are there: %v %s", r.Loose, found(r))
	}
	if r := x.Search(search.Query{Text: "water kettle goes much", Limit: 5}); r.Loose || r.Total != 1 {
		t.Errorf("all of many words are there: %v %s", r.Loose, found(r))
	}
	if r := x.Search(search.Query{Text: "whistle boiling kettle cucumber", Limit: 5}); !r.Loose || r.Total != 1 {
		t.Errorf("most of many words are there: %v %s", r.Loose, found(r))
	}
	if r := x.Search(search.Query{Text: "kettle cucumber", Limit: 5}); !r.Loose || r.Total != 3 {
		t.Errorf("one word is nowhere: %v %s", r.Loose, found(r))
	}
}

func counts(list []search.Count) string {
	var out []string
	for _, c := range list {
		mark := ""
		if c.Chosen {
			mark = "!"
		}
		out = append(out, fmt.Sprintf("%s=%d%s", c.Value, c.Count, mark))
	}
	return strings.Join(out, " ")
}

func TestFacets(t *testing.T) {
	x := kitchen()
	for _, c := range []struct {
		query       string
		kind, rooms []string
		total       int
		wantKind    string
		wantRooms   string
	}{
		{"kettle", nil, nil, 3, "trick=3", "kitchen=3 hall=1"},
		{"kettle", nil, []string{"hall"}, 1, "trick=1", "kitchen=3 hall=1!"}, // what another choice would give
		{"kettle", []string{"gang"}, nil, 0, "trick=3 gang=0!", ""},
		{"kettle", []string{"gang"}, []string{"hall"}, 0, "trick=1 gang=0!", "hall=0!"},
		{"kettle", []string{"trick", "gang"}, []string{"cellar", "hall"}, 1, "trick=1! gang=0!", "kitchen=3 hall=1! cellar=0!"},
		{"", nil, []string{"hall"}, 2, "gang=1 trick=1", "kitchen=3 hall=2! cellar=1"},
		{"kettle", []string{"unheard of"}, nil, 0, "trick=3", ""},
	} {
		r := x.Search(search.Query{Text: c.query, Facets: [][]string{c.kind, c.rooms}, Limit: 10})
		if r.Total != c.total || counts(r.Facets[0]) != c.wantKind || counts(r.Facets[1]) != c.wantRooms {
			t.Errorf("%q %v %v: %d hits, %q, %q", c.query, c.kind, c.rooms, r.Total, counts(r.Facets[0]), counts(r.Facets[1]))
		}
	}
}

func shown(list []search.Segment) string {
	var out strings.Builder
	for _, s := range list {
		if s.Mark {
			out.WriteString("[" + s.Text + "]")
		} else {
			out.WriteString(s.Text)
		}
	}
	return out.String()
}

func TestMark(t *testing.T) {
	x := kitchen()
	for _, c := range []struct{ query, text, want string }{
		{"boil kettle", "Boiling kettles, and a\n\n kettle-drum", "[Boiling] [kettles], and a [kettle]-drum"},
		{"kettel", "The Kettle", "The [Kettle]"},
		{"whis", "Whistle Muting", "[Whistle] Muting"},
		{"muller", "Müller, K.", "[Müller], K."},
		{"tg 29", "TG29, TGIF", "[TG29], TGIF"},
		{"", "Whistle", "Whistle"},
		{"kettle", "", ""},
	} {
		if got := shown(x.Search(search.Query{Text: c.query, Limit: 1}).Marker.Mark(c.text)); got != c.want {
			t.Errorf("%q in %q: %s", c.query, c.text, got)
		}
	}
	long := strings.Repeat("Nothing to be seen here. ", 30) + "Then the kettle is boiling. " + strings.Repeat("The end. ", 40)
	got := shown(x.Search(search.Query{Text: "kettle boiling", Limit: 1}).Marker.Excerpt(long))
	if !strings.Contains(got, "Then the [kettle] is [boiling].") || !strings.HasPrefix(got, "…") || !strings.HasSuffix(got, "…") || len(got) > 330 {
		t.Errorf("excerpt: %s", got)
	}
	if got := shown(x.Search(search.Query{Text: "samovar", Limit: 1}).Marker.Excerpt(long)); !strings.HasPrefix(got, "Nothing to be seen") {
		t.Errorf("excerpt without a match: %s", got)
	}
}

func TestSimilar(t *testing.T) {
	x := kitchen()
	first := func(d search.Draft) search.Alike {
		d.Limit = 3
		list := x.Similar(d)
		if len(list) == 0 {
			return search.Alike{Document: -1}
		}
		return list[0]
	}
	if a := first(search.Draft{Name: "Spilling", Text: "The kettle gets more water than it can hold."}); a.Document != 0 || a.Called || !slices.Equal(a.Shared, []string{"water", "kettle"}) {
		t.Errorf("got %+v", a)
	}
	if a := first(search.Draft{Name: "whistle-muting"}); a.Document != 1 || !a.Called || a.Named < 0.99 {
		t.Errorf("the very name: %+v", a)
	}
	if a := first(search.Draft{Name: "Ketle Overfil"}); a.Document != 0 || a.Called || a.Named < 0.99 {
		t.Errorf("a name with mistakes: %+v", a)
	}
	if a := first(search.Draft{Name: "Old Kettle"}); a.Document == 3 {
		t.Errorf("what is behind is no hint: %+v", a)
	}
	if a := first(search.Draft{Text: "Sock in a spout", Facets: [][]string{{"gang"}}}); a.Document != 2 {
		t.Errorf("through a passage, of one kind: %+v", a)
	}
	if a := first(search.Draft{Name: "Zebra", Text: "the of and"}); a.Document != -1 {
		t.Errorf("nothing in common: %+v", a)
	}
}

// TestSharedWordsSaySomething leaves out what all texts have.
func TestSharedWordsSaySomething(t *testing.T) {
	var all []search.Document
	for _, word := range []string{"kettle", "spout", "lid", "handle", "whistle", "steam", "water", "leaf", "cup", "sugar", "milk", "spoon"} {
		all = append(all, search.Document{Names: []string{word}, Weight: 1, Texts: []search.Text{{Field: body, Body: "Adversaries may break a " + word + "."}}, Facets: [][]string{{"trick"}, {"hall"}}})
	}
	alike := build(all, nil).Similar(search.Draft{Name: "Breaking", Text: "Adversaries may break the spout.", Limit: 1})
	if len(alike) != 1 || alike[0].Document != 1 || !slices.Equal(alike[0].Shared, []string{"spout"}) {
		t.Errorf("%+v", alike)
	}
}
