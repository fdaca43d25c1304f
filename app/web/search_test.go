package web_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/review/taxonomy"
)

func TestSearchAPI(t *testing.T) {
	s := start(t)
	ana := s.signIn("Ana", false, false)
	found := get[taxonomy.Found](ana, "/api/search?q=t0001")
	if found.Total == 0 || found.Hits[0].AttackID != "T0001" || found.Hits[0].Where != "id" || found.Hits[0].TypeLabel == "" {
		t.Fatalf("by id: %+v", found)
	}
	var names []string
	for _, f := range found.Facets {
		names = append(names, f.Name)
	}
	if !slices.Equal(names, []string{"type", "domain", "tactic", "platform"}) {
		t.Errorf("facets: %v", names)
	}
	none := get[taxonomy.Found](ana, "/api/search?q=t0001&type=tool&type=malware")
	if none.Total != 0 {
		t.Errorf("of other types: %+v", none.Hits)
	}
	if two := get[taxonomy.Found](ana, "/api/search?domain=odd-attack&type=attack-pattern&type=x-future&limit=500"); two.Total < 3 || len(two.Hits) != two.Total {
		t.Errorf("without words, of two types: %d", two.Total)
	}
	for _, q := range []string{"", "%20", "%00", "%ff%fe", "the+of", strings.Repeat("a+", 250), strings.Repeat("%F0%9F%AB%96", 100)} {
		r := ana.ask("GET", "/api/search?q="+q, "")
		if bad := strings.ContainsAny(q, "%") && (q == "%00" || q == "%ff%fe"); bad && r.status == 400 {
			continue // what is no text is refused before
		}
		var f taxonomy.Found
		if err := json.Unmarshal(r.body, &f); r.status != 200 || err != nil || strings.Contains(string(r.body), "null") {
			t.Errorf("%.20q: %d %.200s", q, r.status, r.body)
		}
	}
	for _, path := range []string{"/api/search?q=" + strings.Repeat("a", 501), "/api/search?q=a&limit=501", "/api/search?q=a&limit=0"} {
		if p := ana.ask("GET", path, "").problem(t); p.Status != 422 && p.Status != 400 {
			t.Errorf("%.40s: %d", path, p.Status)
		}
	}
	if r := (&browser{site: s}).ask("GET", "/api/search?q=t0001", ""); r.status != 401 {
		t.Errorf("without a cookie: %d", r.status)
	}
}

func TestSimilarAPI(t *testing.T) {
	s := start(t)
	ana := s.signIn("Ana", false, false)
	ask := func(body string) []taxonomy.Alike {
		t.Helper()
		r := ana.ask("POST", "/api/similar", body)
		var list []taxonomy.Alike
		if err := json.Unmarshal(r.body, &list); r.status != 200 || err != nil || list == nil {
			t.Fatalf("%s: %d %.300s", body, r.status, r.body)
		}
		return list
	}
	page := get[taxonomy.ObjectPage](ana, "/api/objects/T0001")
	name, _ := json.Marshal(strings.ToUpper(page.Object.Name))
	if list := ask(`{"name":` + string(name) + `}`); list[0].Name != page.Object.Name || list[0].Class != taxonomy.LikelySame || len(list[0].Shared) == 0 {
		t.Errorf("the very name: %+v", list)
	}
	for _, body := range []string{`{}`, `{"name":"","description":""}`, `{"name":"zzzz qqqq"}`, `{"name":` + string(name) + `,"type":"tool"}`, `{"name":` + string(name) + `,"domain":"no-attack"}`} {
		if list := ask(body); len(list) != 0 {
			t.Errorf("%s: %+v", body, list)
		}
	}
	if r := (&browser{site: s}).ask("POST", "/api/similar", `{"name":"a"}`); r.status != 401 {
		t.Errorf("without a cookie: %d", r.status)
	}
}
