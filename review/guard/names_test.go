package guard_test

import (
	"testing"

	"github.com/atelier-attack/atelier/review/guard"
)

// TestNamesOfTheTaxonomyAreNoFindings says names that are those of somebody and
// of an actor or a tool.
func TestNamesOfTheTaxonomyAreNoFindings(t *testing.T) {
	own := guard.NewNames([]string{"Lotus Blossom", "Krait", "SRV-KETTLE-01", "Empire", "at", "Bad.Panel-X.ru", "Our"})
	g := guard.New(guard.Known{Organisations: []string{"Lotus", "Empire", "Blossom GmbH", "Brightlake", "Microsoft Corporation", "CISA"}, TLP: "green"}, own)
	for text, want := range map[string]string{
		"Lotus Blossom sent it.":               "",
		"Lotus sent it.":                       "Lotus",
		"the blossom of a lotus":               "",
		"It was Blossom who saw it.":           "Blossom",
		"Empire runs on SRV-KETTLE-01.":        "",
		"It runs on SRV-KETTLE-02.":            "SRV-KETTLE-02",
		"Empire of Brightlake":                 "Brightlake",
		"The panel bad.panel-x.ru answers.":    "",
		"The panel evil.bad.panel-x.ru is up.": "evil.bad.panel-x.ru",
		"Microsoft Word and CISA's paper":      "",
		"It was our network.":                  "our network",
	} {
		found := g.Find(text)
		switch {
		case want == "" && len(found) > 0, len(found) > 1, want != "" && (len(found) != 1 || found[0].Text != want):
			t.Errorf("%q: found %+v, not %q", text, found, want)
		}
	}
}

func TestAKeyStandsForOneThing(t *testing.T) {
	key := func(text string) string {
		found := guard.Find(text, workshop())
		if len(found) != 1 || len(found[0].Key()) != 16 {
			t.Fatalf("%q: %+v", text, found)
		}
		return found[0].Key()
	}
	same := []string{"at BAD-panel.ru", "At bad-panel.ru now", "at bad\u200b-panel.ru", "at ｂad-panel.ru"}
	for _, text := range same[1:] {
		if key(text) != key(same[0]) {
			t.Errorf("%q and %q have two keys", text, same[0])
		}
	}
	if key("at bad-panel.su") == key(same[0]) || key("Nordhaven Klinikum saw it") != key("nordhaven\n KLINIKUM saw it") {
		t.Error("the keys of two things are one, or of one thing two")
	}
}
