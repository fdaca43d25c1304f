package web_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/changes"
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
	for query, want := range map[string][2]string{"T0003": {"Twin", "Single"}, "T0001.001": {"Twin", ""}} { // what is found now, and then
		for i, tail := range []string{"", fmt.Sprintf("&at=%d", list[1].ID)} {
			found := ""
			for _, hit := range get[taxonomy.Found](ana, "/api/search?q="+query+tail).Hits {
				if hit.AttackID == query {
					found = cmp.Or(hit.Name, hit.AttackID)
				}
			}
			if found != want[i] {
				t.Errorf("search for %s%s finds %q, not %q", query, tail, found, want[i])
			}
		}
	}
	for path, status := range map[string]int{"/api/search?q=Twin&at=99": 404, "/api/objects/T0003?at=99": 404, "/api/objects/T0003?at=-1": 422, "/api/objects/T0001.001" + at: 404,
		"/api/domains/none/collections": 404, "/api/domains/none/matrix" + at: 404} {
		if r := ana.ask("GET", path, ""); r.status != status {
			t.Errorf("%s: %d, not %d: %s", path, r.status, status, r.body)
		}
	}
}

func TestCompareTwoCollections(t *testing.T) {
	s := start(t)
	s.older()
	ana := s.signIn("Ana", false, false)
	list := get[[]taxonomy.Listed](ana, "/api/domains/odd-attack/collections")
	now, then := list[0].ID, list[1].ID
	c := get[taxonomy.Comparison](ana, fmt.Sprintf("/api/compare?from=%d&to=%d", then, now))
	if len(c.Sections) != 1 || c.Sections[0].Key != changes.Additions || c.Sections[0].Objects[0].AttackID != "T0001.001" {
		t.Errorf("sections: %+v", c.Sections)
	}
	if len(c.Unlisted) != 1 || c.Unlisted[0].AttackID != "T0003" || len(c.Others) != 1 || c.Others[0].Objects[0].Type != "x-mitre-collection" {
		t.Errorf("unlisted: %+v, others: %+v", c.Unlisted, c.Others)
	}
	o := c.Unlisted[0]
	d := get[[]attack.Difference](ana, fmt.Sprintf("/api/objects/%s/differences?from=%d&to=%d", o.STIXID, o.Before, o.After))
	if len(d) != 1 || d[0].Property != "name" || string(d[0].Before) != `"Single"` || string(d[0].After) != `"Twin"` {
		t.Errorf("differences: %+v", d)
	}
	if v := get[taxonomy.Versions](ana, "/api/objects/T0003/versions"); len(v.Versions) != 2 || !v.Versions[0].Twin {
		t.Errorf("versions: %+v", v)
	}
	notes := ana.ask("GET", fmt.Sprintf("/api/compare/notes?from=%d&to=%d", then, now), "")
	if text := string(notes.body); notes.status != 200 || !strings.Contains(text, "\n## Additions\n\n- [T0001.001](https://attack.mitre.org/techniques/T0001/001) Twin") ||
		!strings.HasPrefix(notes.header.Get("Content-Type"), "text/markdown") {
		t.Errorf("notes: %d %v %s", notes.status, notes.header, notes.body)
	}
	for path, status := range map[string]int{"/api/compare": 422, "/api/compare?from=1": 422, "/api/compare?from=99&to=1": 404, "/api/compare/notes?from=1&to=99": 404,
		"/api/objects/T9999/versions": 404, "/api/objects/" + o.STIXID + "/differences?from=9999": 404} {
		if r := ana.ask("GET", path, ""); r.status != status {
			t.Errorf("%s: %d, not %d: %s", path, r.status, status, r.body)
		}
	}
}

// TestNothingIsComparedAcrossDomains: it would say that all of both changed.
func TestNothingIsComparedAcrossDomains(t *testing.T) {
	s := start(t)
	s.importText("other.json", `{"type":"x-mitre-matrix","id":"x-mitre-matrix--00000000-0000-4000-8000-000000000099","modified":"2019-01-01T00:00:00.000Z",
		"name":"Other","external_references":[{"source_name":"mitre-attack","external_id":"other-attack"}]}`, `{"type":"bundle","objects": []}`)
	if r := s.signIn("Ana", false, false).ask("GET", "/api/compare?from=1&to=2", ""); r.status != 422 || !strings.Contains(r.problem(t).Detail, "one domain") {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestBundlesInBothDialects(t *testing.T) {
	s := start(t)
	s.older()
	ana := s.signIn("Ana", false, false)
	list := get[[]taxonomy.Listed](ana, "/api/domains/odd-attack/collections")
	then := fmt.Sprintf("at=%d", list[1].ID)
	tags := map[string]string{}
	for path, want := range map[string]struct {
		has, lacks, contentType string
	}{
		"/api/domains/odd-attack/bundle":                  {`"spec_version":"2.0","objects"`, `"2.1"`, "application/vnd.oasis.stix+json; version=2.0"},
		"/api/domains/odd-attack/bundle?spec=2.0":         {`"spec_version":"2.0","objects"`, `"2.1"`, "application/vnd.oasis.stix+json; version=2.0"},
		"/api/domains/odd-attack/bundle?spec=2.1":         {`"spec_version":"2.1"`, `"spec_version":"2.0"`, "application/stix+json;version=2.1"},
		"/api/domains/odd-attack/bundle?" + then:          {`"name":"Single"`, "T0001.001", "application/vnd.oasis.stix+json; version=2.0"},
		"/api/domains/odd-attack/bundle?spec=2.1&" + then: {`"spec_version":"2.1"`, "T0001.001", "application/stix+json;version=2.1"},
		"/api/bundle":          {`"spec_version":"2.0","objects"`, "Single", "application/vnd.oasis.stix+json; version=2.0"},
		"/api/bundle?spec=2.1": {`"spec_version":"2.1"`, `"spec_version":"2.0"`, "application/stix+json;version=2.1"},
	} {
		r := ana.ask("GET", path, "")
		if r.status != 200 || !strings.Contains(string(r.body), want.has) || strings.Contains(string(r.body), want.lacks) || r.header.Get("Content-Type") != want.contentType {
			t.Errorf("%s: %d %v %s", path, r.status, r.header, r.body)
		}
		tag := r.header.Get("ETag")
		if other := tags[tag]; other != "" || tag == "" {
			t.Errorf("%s and %s have the tag %s", path, other, tag)
		}
		tags[tag] = path
		if again := ana.ask("GET", path, "", "If-None-Match", tag); again.status != 304 {
			t.Errorf("%s again: %d", path, again.status)
		}
	}
	for path, status := range map[string]int{"/api/bundle?spec=3": 422, "/api/domains/none/bundle": 404, "/api/domains/none/bundle?" + then: 404, "/api/domains/odd-attack/bundle?at=99": 404} {
		if r := ana.ask("GET", path, ""); r.status != status {
			t.Errorf("%s: %d, not %d: %s", path, r.status, status, r.body)
		}
	}
}
