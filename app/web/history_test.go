package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/review/taxonomy"
)

// older imports a second state of the domain of the site, before its own, in
// which T0003 has another name and T0001.001 is not yet.
func (s *site) older() {
	s.t.Helper()
	content, err := os.ReadFile("../../review/taxonomy/testdata/odd.json")
	if err != nil {
		s.t.Fatal(err)
	}
	lines := strings.Split(strings.ReplaceAll(string(content), `"name": "Twin", "x_mitre_domains"`, `"name": "Single", "x_mitre_domains"`), "\n")
	kept := []string{}
	for _, line := range lines {
		if !strings.Contains(line, "T0001.001") {
			kept = append(kept, line)
		}
	}
	s.importText("odd-1.json", `{"type":"x-mitre-collection","id":"x-mitre-collection--00000000-0000-4000-8000-00000000000c","modified":"2019-01-01T00:00:00.000Z",
		"name":"Odd","x_mitre_version":"-1.0"},`, strings.Join(kept, "\n"))
}

// importText imports a bundle with one more object at the start of its list.
func (s *site) importText(name, first, bundle string) taxonomy.Report {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(strings.Replace(bundle, `"objects": [`, `"objects": [`+first, 1)), 0o600); err != nil {
		s.t.Fatal(err)
	}
	report, err := s.ImportFile(s.t.Context(), path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return report
}

func TestReadAsOfACollection(t *testing.T) {
	s := start(t)
	s.older()
	ana := s.signIn("Ana", false, false)
	list := get[[]taxonomy.Listed](ana, "/api/domains/odd-attack/collections")
	if len(list) != 2 || !list[0].IsCurrent || list[1].IsCurrent || list[0].Objects != 12 || list[1].Objects != 12 {
		t.Fatalf("collections: %+v", list)
	}
	at := fmt.Sprintf("?at=%d", list[1].ID)
	for path, want := range map[string][2]string{ // what stands in it now, and then
		"/api/objects/T0003": {`"name":"Twin"`, `"name":"Single"`}, "/api/objects/T0003/stix": {`"name":"Twin"`, `"name":"Single"`},
		"/api/domains/odd-attack/matrix": {`"subtechniques":[{`, `"version":"-1.0"`},
	} {
		now, then := string(ana.ask("GET", path, "").body), string(ana.ask("GET", path+at, "").body)
		if !strings.Contains(now, want[0]) || strings.Contains(now, want[1]) || !strings.Contains(then, want[1]) || strings.Contains(then, want[0]) {
			t.Errorf("%s now: %s, then: %s", path, now, then)
		}
	}
	if now, then := ana.ask("GET", "/api/domains/odd-attack/matrix", ""), ana.ask("GET", "/api/domains/odd-attack/matrix"+at, ""); now.header.Get("ETag") == then.header.Get("ETag") {
		t.Error("two states have one tag")
	}
	for path, status := range map[string]int{"/api/objects/T0003?at=99": 404, "/api/objects/T0003?at=-1": 422, "/api/objects/T0001.001" + at: 404,
		"/api/domains/none/collections": 404, "/api/domains/none/matrix" + at: 404} {
		if r := ana.ask("GET", path, ""); r.status != status {
			t.Errorf("%s: %d, not %d: %s", path, r.status, status, r.body)
		}
	}
}
