package check_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/guard"
)

// cutOut gives a part of a text as a browser cuts it.
func cutOut(text string, p check.Place) string {
	return string(utf16.Decode(utf16.Encode([]rune(text))[p.From:p.To]))
}

// TestPlacesAreThoseOfBrowsers finds what is found where a browser looks for
// it, whatever stands before it.
func TestPlacesAreThoseOfBrowsers(t *testing.T) {
	for _, c := range []struct {
		what, text string
		want       []string
	}{
		{"plain", "It calls 45.77.65.211.", []string{"45.77.65.211"}},
		{"behind an emoji", "🫖☕ It calls 45.77.65.211.", []string{"45.77.65.211"}},
		{"behind letters of other scripts", "Чайник 漢字 קומקום ẞ calls 45.77.65.211 and \n185.44[.]81[.]12", []string{"45.77.65.211", "185.44[.]81[.]12"}},
		{"with a hidden character", "It calls 193.32.\u200b162.7 🫖.", []string{"193.32.\u200b162.7"}},
		{"in other letters", "See miсrosoft-panel.ru 🫖 now", []string{"miсrosoft-panel.ru"}},
		{"with accents apart", "Cafe\u0301 45.77.65.211", []string{"45.77.65.211"}},
		{"a family of emoji", "👨‍👩‍👧 45.77.65.211", []string{"45.77.65.211"}},
		{"a byte that is no text", "a\xff 45.77.65.211", []string{"45.77.65.211"}},
	} {
		var got []string
		for _, one := range check.Text("body", c.text, known()) {
			if one.Shared == nil || one.Level != check.Error || one.Field != "body" || len(one.Shared.Places) != 1 {
				t.Fatalf("%s: %+v", c.what, one)
			}
			if one.Shared.Text != cutOut(c.text, one.Shared.Places[0]) {
				t.Errorf("%s: %q stands at %+v, not %q", c.what, cutOut(c.text, one.Shared.Places[0]), one.Shared.Places[0], one.Shared.Text)
			}
			got = append(got, one.Shared.Text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: found %q, not %q", c.what, got, c.want)
		}
	}
}

// shares gives what is found in a draft that must not be shared.
func shares(kind string, content attack.Content, k check.Known) []check.Check {
	form, _ := attack.FormOf(kind)
	return slices.DeleteFunc(check.Run(check.Subject{Form: form, Self: own, Content: content}, k), func(c check.Check) bool { return c.Shared == nil })
}

// TestAllFieldsAreLookedAt finds an address wherever people write.
func TestAllFieldsAreLookedAt(t *testing.T) {
	const ip = "45.77.65.211"
	reference := func(r attack.Reference) attack.Value { return attack.Value{References: []attack.Reference{{}, r}} }
	for _, c := range []struct {
		what, kind, field string
		value             attack.Value
		place             check.Place
	}{
		{"a name", "malware", attack.FieldName, text("Kettle " + ip), check.Place{From: 7, To: 19}},
		{"another name", "malware", attack.FieldAliases, list("Pot", "x "+ip), check.Place{Item: 1, From: 2, To: 14}},
		{"a source", "malware", attack.FieldReferences, reference(attack.Reference{SourceName: "Log of " + ip}), check.Place{Item: 1, Part: "source_name", From: 7, To: 19}},
		{"its description", "malware", attack.FieldReferences, reference(attack.Reference{Description: "Log of " + ip}), check.Place{Item: 1, Part: "description", From: 7, To: 19}},
		{"its address", "malware", attack.FieldReferences, reference(attack.Reference{URL: "https://" + ip + ":8080/a"}), check.Place{Item: 1, Part: "url", From: 8, To: 20}},
		{"an internal address", "malware", attack.FieldReferences, reference(attack.Reference{URL: "https://wiki.kettle.corp/a"}), check.Place{Item: 1, Part: "url", From: 8, To: 24}},
		{"a row", "analytic", "log_sources", attack.Value{Rows: []map[string]string{{"name": "a", "channel": "from " + ip}}}, check.Place{Part: "channel", From: 5, To: 17}},
		{"a description", attack.NewTechnique, attack.FieldDescription, text(ip + " and " + ip), check.Place{From: 0, To: 12}},
	} {
		got := shares(c.kind, attack.Content{c.field: c.value}, known())
		if len(got) != 1 || got[0].Field != c.field || got[0].Shared.Places[0] != c.place {
			t.Errorf("%s: found %+v", c.what, got)
			continue
		}
		if n := strings.Count(c.value.Text, ip); n > 1 && len(got[0].Shared.Places) != n {
			t.Errorf("%s: it stands in %d places, told are %v", c.what, n, got[0].Shared.Places)
		}
	}
}

// TestWhatMayBeShared is what looks like a finding and is none in its place.
func TestWhatMayBeShared(t *testing.T) {
	for what, content := range map[string]attack.Content{
		"where a source is":      {attack.FieldReferences: ref("Bad Site May 2026", "https://bad-site.ru/d41d8cd98f00b204e9800998ecf8427e/8.8.4.4")},
		"who published a source": {attack.FieldReferences: ref("Teapot Guild Kettles", "https://teapot-guild.example.org/our-network")},
		"whom credit is due":     {attack.FieldContributors: list("Ana Pour, Teapot Guild")},
		"a citation":             {attack.FieldDescription: text("It boils.(Citation: Teapot Guild bad-site.ru)")},
	} {
		if got := shares("malware", content, known()); len(got) > 0 {
			t.Errorf("%s: found %+v", what, got)
		}
	}
}

// TestAnExplanationIsForOneThing follows one finding through being explained.
func TestAnExplanationIsForOneThing(t *testing.T) {
	draft := attack.Content{attack.FieldDescription: text("It calls 45.77.65.211 and bad-site.ru. The Teapot Guild saw it.")}
	k := known()
	open := shares(attack.NewTechnique, draft, k)
	if len(open) != 3 {
		t.Fatalf("found %+v", open)
	}
	k.Reasons = map[string]string{open[0].Shared.Key: "A sinkhole that everybody knows."}
	one := shares(attack.NewTechnique, draft, k)
	if one[0].Level != check.Warning || one[0].Shared.Reason != "A sinkhole that everybody knows." || one[1].Level != check.Error || one[2].Level != check.Error {
		t.Errorf("one explained: %+v", one)
	}
	draft[attack.FieldDescription] = text("First it calls ４５.77.65.211.")
	if again := shares(attack.NewTechnique, draft, k); len(again) != 1 || again[0].Level != check.Warning {
		t.Errorf("elsewhere, in other digits: %+v", again)
	}
	draft[attack.FieldDescription] = text("It calls 45.77.65.212.")
	if other := shares(attack.NewTechnique, draft, k); len(other) != 1 || other[0].Level != check.Error {
		t.Errorf("another address: %+v", other)
	}
	draft[attack.FieldDescription] = text("It calls 45.77.65.211.")
	k.Reasons[open[0].Shared.Key] = "It belongs to bad-site.ru."
	if loud := shares(attack.NewTechnique, draft, k); len(loud) != 1 || loud[0].Level != check.Error || !strings.Contains(loud[0].Message, `"bad-site.ru"`) {
		t.Errorf("a reason that has one itself: %+v", loud)
	}
	k.Reasons[open[1].Shared.Key] = "In public since 2019."
	if fine := shares(attack.NewTechnique, draft, k); len(fine) != 1 || fine[0].Level != check.Warning {
		t.Errorf("a reason that has one that is explained: %+v", fine)
	}
}

// TestARefinementAnswersForWhatIsNew leaves out what the object says already,
// in whichever field.
func TestARefinementAnswersForWhatIsNew(t *testing.T) {
	form, _ := attack.FormOf(attack.Refinement)
	base := attack.Content{attack.FieldName: text("Boiling"), attack.FieldDescription: text("It calls 45.77.65.211.")}
	next := maps.Clone(base)
	next[attack.FieldDescription] = text("It calls 45.77.65.211, and 45.77.65.212.")
	s := check.Subject{Form: form, Self: boil, Base: base, Content: next}
	var got []string
	for _, c := range check.Run(s, known()) {
		if c.Shared != nil {
			got = append(got, c.Shared.Text)
		}
	}
	if !slices.Equal(got, []string{"45.77.65.212"}) || len(check.Keys(s, "At 45.77.65.213.", known())) != 2 {
		t.Errorf("found %q, keys %v", got, check.Keys(s, "At 45.77.65.213.", known()))
	}
}

// TestATextOfNothingElseIsToldInParts bounds what one look tells of, and lets
// the rest come when the first is explained.
func TestATextOfNothingElseIsToldInParts(t *testing.T) {
	var all strings.Builder
	for n := range 250 {
		fmt.Fprintf(&all, "45.77.%d.211 ", n)
	}
	k := known()
	k.Reasons = map[string]string{}
	for _, want := range []int{101, 201, 250} {
		got := check.Text("body", all.String(), k)
		if len(got) != want || (got[len(got)-1].Shared == nil) != (want < 250) {
			t.Fatalf("%d explained: %d findings, the last is %+v", len(k.Reasons), len(got), got[len(got)-1])
		}
		for _, c := range got {
			if c.Shared != nil {
				k.Reasons[c.Shared.Key] = "Made up."
			}
		}
	}
	for _, c := range check.Text("body", strings.Repeat("45.77.65.211 ", 3000), known()) {
		if len(c.Shared.Places) > 100 {
			t.Errorf("%d places are told", len(c.Shared.Places))
		}
	}
}

// TestWithoutAWorkshopMarkingsAreNoFindings looks at a text of nowhere.
func TestWithoutAWorkshopMarkingsAreNoFindings(t *testing.T) {
	got := check.Text("body", "TLP:RED NOFORN 45.77.65.211", check.Known{})
	if len(got) != 1 || got[0].Shared.Kind != guard.IPv4 {
		t.Errorf("found %+v", got)
	}
}
