package taxonomy_test

import (
	"testing"
	"time"
)

// TestSourcesAreFoundByName looks for references as people remember them.
func TestSourcesAreFoundByName(t *testing.T) {
	now := realATTACK(t)
	for text, want := range map[string]string{
		"elastic process injection": "Elastic Process Injection July 2017",
		"Elastic Process Injec":     "Elastic Process Injection July 2017",
		"elasitc process injection": "Elastic Process Injection July 2017",
	} {
		if found := now.Sources(text, 5); len(found) == 0 || found[0].SourceName != want {
			t.Errorf("%q finds %+v", text, found)
		}
	}
	if all := now.Sources("", 7); len(all) != 7 {
		t.Errorf("without words: %d", len(all))
	}
	if none := now.Sources("xyzzyplugh", 5); none == nil || len(none) != 0 {
		t.Errorf("of nothing: %v", none)
	}
	want, ok := now.Source("Elastic Process Injection July 2017")
	if !ok {
		t.Fatal("the reference is not there")
	}
	for _, address := range []string{want.URL, want.URL + "/?utm_source=x", "http://" + want.URL[len("https://www."):]} {
		if got, known, ok := now.Reference(address, time.Now()); !ok || !known || got != want {
			t.Errorf("%s is %v %+v", address, known, got)
		}
	}
	if got, known, ok := now.Reference("https://example.org/kettle-whistles", time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC)); !ok || known || got.SourceName != "Example Kettle Whistles" {
		t.Errorf("of an address that nobody cites: %v %v %+v", ok, known, got)
	}
}

func BenchmarkSources(b *testing.B) {
	now := realATTACK(b)
	now.Sources("elastic", 10)
	for b.Loop() {
		now.Sources("elastic process inj", 10)
	}
}
