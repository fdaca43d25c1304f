package web_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/review/taxonomy"
)

// space imports a domain of which nothing exists today, and lists its objects.
func (s *site) space() (ids []string) {
	s.t.Helper()
	if _, err := s.ImportFile(s.t.Context(), "../../review/taxonomy/testdata/future.json", nil); err != nil {
		s.t.Fatal(err)
	}
	for _, o := range s.Taxonomy.Snapshot().Objects("space-attack") {
		ids = append(ids, o.ID)
	}
	return ids
}

func TestAllOfADomainThatDoesNotExistTodayIsServed(t *testing.T) {
	s := start(t)
	ids := s.space()
	ana := s.signIn("Ana", false, false)
	for _, id := range append(ids, "ZQ9101", "T9101.001", "DET9101") {
		for _, tail := range []string{"", "/stix", "/stix/file", "/card", "/graph", "/graph?steps=2"} {
			if r := ana.ask("GET", "/api/objects/"+url.PathEscape(id)+tail, ""); r.status != 200 || !json.Valid(r.body) {
				t.Errorf("%s%s: %d %s", id, tail, r.status, r.body)
			}
		}
	}
	for _, path := range []string{"matrix", "vocabulary", "statistics", "bundle", "collections"} {
		if r := ana.ask("GET", "/api/domains/space-attack/"+path, ""); r.status != 200 || !json.Valid(r.body) {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	if found := get[taxonomy.Found](ana, "/api/search?q=gadget"); len(found.Hits) == 0 || found.Hits[0].AttackID != "ZQ9101" {
		t.Errorf("search: %+v", found)
	}
	types := get[[]taxonomy.TypeNames](ana, "/api/object-types")
	if last := types[len(types)-1]; types[0].Label != "Tactic" || !strings.HasPrefix(last.Label, "Space ") {
		t.Errorf("types: %+v", types)
	}
}

func TestAnObjectsFileHasItsOwnBytes(t *testing.T) {
	s := start(t)
	s.space()
	ana := s.signIn("Ana", false, false)
	r := ana.ask("GET", "/api/objects/T9101/stix/file", "")
	if !strings.Contains(string(r.body), `"x_lunar_dose":1.50`) || r.header.Get("Content-Disposition") != `attachment; filename="T9101.json"` {
		t.Errorf("%v %s", r.header, r.body)
	}
	if r := ana.ask("GET", "/api/objects/T9199/stix/file", ""); r.status != 404 || r.problem(t).Code != "not_found" {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestACard(t *testing.T) {
	s := start(t)
	s.space()
	ana := s.signIn("Ana", false, false)
	spin := get[taxonomy.Card](ana, "/api/objects/T9101/card")
	if spin.Summary != "Spins a wheel. See Gadget of Doom." || spin.TypeLabel != "Technique" || len(spin.Tactics) != 2 || spin.Tactics[0] != "Drift" {
		t.Errorf("%+v", spin)
	}
	if sub := get[taxonomy.Card](ana, "/api/objects/T9101.001/card"); sub.Parent == nil || sub.Parent.AttackID != "T9101" {
		t.Errorf("%+v", sub)
	}
	if old := get[taxonomy.Card](ana, "/api/objects/T9100/card"); !old.Revoked || old.ReplacedBy == nil || old.ReplacedBy.AttackID != "T9101" {
		t.Errorf("%+v", old)
	}
}
