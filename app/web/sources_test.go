package web_test

import (
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/review/attack"
)

func TestSourcesAPI(t *testing.T) {
	s := start(t)
	ana := s.signIn("Ana", false, false)
	all := get[[]attack.Reference](ana, "/api/sources?limit=100")
	if len(all) == 0 || all[0].SourceName == "" {
		t.Fatalf("sources: %+v", all)
	}
	one := all[0]
	if found := get[[]attack.Reference](ana, "/api/sources?q="+strings.ReplaceAll(one.SourceName, " ", "+")); len(found) == 0 || found[0] != one {
		t.Errorf("by its name: %+v", found)
	}
	if none := ana.ask("GET", "/api/sources?q=xyzzyplugh", ""); strings.TrimSpace(string(none.body)) != "[]" {
		t.Errorf("nothing found is %s", none.body)
	}
	if made := get[web.Cited](ana, "/api/reference?address=10.1000/182"); made.Known || made.Reference.URL != "https://doi.org/10.1000/182" {
		t.Errorf("of a DOI: %+v", made)
	}
	for _, path := range []string{"/api/reference", "/api/reference?address=kettle", "/api/reference?address=javascript:alert(1)", "/api/sources?limit=0"} {
		if p := ana.ask("GET", path, "").problem(t); p.Status != 422 {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	for _, path := range []string{"/api/sources?q=a", "/api/reference?address=example.org"} {
		if r := (&browser{site: s}).ask("GET", path, ""); r.status != 401 {
			t.Errorf("%s without a cookie: %d", path, r.status)
		}
	}
}
