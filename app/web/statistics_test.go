package web_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

const oddTechnique = "attack-pattern--00000000-0000-4000-8000-000000000004"

func TestMarksAreAskedForOneByOne(t *testing.T) {
	s := start(t)
	ana := s.signIn("Ana", false, false)
	const marks = "/api/domains/odd-attack/matrix/marks"
	if m := get[taxonomy.Marks](ana, marks+"?has=detection"); m.Label != "with detection" || m.Techniques == nil {
		t.Errorf("got %+v", m)
	}
	steps := get[[]taxonomy.Step](ana, "/api/domains/odd-attack/steps")
	if len(steps) != 1 || steps[0].Sum.Added != 11 {
		t.Fatalf("steps: %+v", steps)
	}
	if m := get[taxonomy.Marks](ana, fmt.Sprintf("%s?release=%d&at=%d", marks, steps[0].Collection, steps[0].Collection)); len(m.Techniques) != 3 {
		t.Errorf("added: %+v", m)
	}
	for query, want := range map[string]int{"": 422, "?has=luck": 422, "?user=G0404": 404, "?release=404": 404, "?has=detection&at=404": 404, "?release=-1": 422} {
		if r := ana.ask("GET", marks+query, ""); r.status != want || r.problem(t).Detail == "" {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
	}
	for _, path := range []string{"/matrix/marks?has=detection", "/matrix.svg", "/statistics", "/statistics.csv", "/steps", "/objects"} {
		if r := ana.ask("GET", "/api/domains/no-attack"+path, ""); r.status != 404 {
			t.Errorf("%s of a domain that is not there: %d %s", path, r.status, r.body)
		}
	}
}

func TestListsOfObjects(t *testing.T) {
	s := start(t)
	ana := s.signIn("Ana", false, false)
	const objects = "/api/domains/odd-attack/objects"
	collection := get[[]taxonomy.Step](ana, "/api/domains/odd-attack/steps")[0].Collection
	for query, want := range map[string]string{
		"?type=attack-pattern&state=revoked":                                          "1 T0002 Gone",
		"?type=attack-pattern&state=live&limit=2":                                     "3 T0001 Ünïcode <b>näme</b>|T0001.001 Twin",
		"?type=attack-pattern&state=live&limit=2&offset=2":                            "3 T0003 Twin",
		"?type=attack-pattern&offset=99":                                              "4 ",
		"?type=x-future":                                                              "1  Later",
		"?type=relationship&q=T0001.001":                                              "1  T0001.001 Twin subtechnique of T0001 Ünïcode <b>näme</b>",
		fmt.Sprintf("?type=x-mitre-tactic&release=%d&change=added", collection):       "2 TA0001 Second|TA0002 First",
		fmt.Sprintf("?type=relationship&release=%d&change=added&limit=1", collection): "2  T0001.001 Twin subtechnique of T0001 Ünïcode <b>näme</b>",
		fmt.Sprintf("?type=attack-pattern&release=%d&change=changed", collection):     "0 ",
		"?type=marking-definition&state=live":                                         "1  ",
	} {
		list := get[taxonomy.ObjectList](ana, objects+query)
		var names []string
		for _, o := range list.Objects {
			names = append(names, o.AttackID+" "+o.Name)
		}
		if got := fmt.Sprint(list.Total, " ", strings.Join(names, "|")); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

// TestPicturesAndTables: both are downloads; the picture of a workshop shows
// its proposals and can be narrowed by them.
func TestPicturesAndTables(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	room := "/api/workshops/" + fay.newWorkshop().ID
	if r := fay.ask("GET", "/api/domains/odd-attack/statistics.csv", ""); r.status != 200 || !strings.HasPrefix(string(r.body), "id,name,") ||
		!strings.Contains(r.header.Get("Content-Disposition"), "odd-attack") {
		t.Errorf("table: %d %v %s", r.status, r.header, r.body)
	}
	r := fay.ask("POST", room+"/proposals", `{"kind":"sub-technique","object_id":"`+oddTechnique+`","content":{"name":{"text":"Made"},"description":{"text":"Made up."},
		"tactics":{"list":["first"]},"platforms":{"list":["Toaster"]}}}`)
	var d review.Draft
	if err := json.Unmarshal(r.body, &d); err != nil || r.status != 200 {
		t.Fatalf("propose: %d %s", r.status, r.body)
	}
	if r := fay.ask("POST", room+"/proposals/"+d.Proposal.ID+"/submit", fmt.Sprintf(`{"version":%d}`, d.Version)); r.status != 200 {
		t.Fatalf("submit: %d %s", r.status, r.body)
	}
	for path, want := range map[string]struct{ there, missing string }{
		"/api/domains/odd-attack/matrix.svg":                                       {"T0003 Twin", "proposals: 1"},
		"/api/domains/odd-attack/matrix.svg?unfold=true":                           {"T0001.001 Twin", "proposals: 1"},
		"/api/domains/odd-attack/matrix.svg?platform=Toaster":                      {"on Toaster", "T0003 Twin"},
		"/api/domains/odd-attack/matrix.svg?detection=with":                        {"with detection", "T0001"},
		room + "/matrix.svg":                                                       {"proposals: 1", "T0001.001 Twin"},
		room + "/matrix.svg?proposals=with":                                        {"proposals: 1", "T0003 Twin"},
		room + "/matrix.svg?proposals=without&tactic=-&q=%3Cscript%3E&unfold=true": {"text: <script>", "T0003 Twin"},
	} {
		r := fay.ask("GET", path, "")
		if r.status != 200 || r.header.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %d %v", path, r.status, r.header)
		}
		text := " "
		for d := xml.NewDecoder(strings.NewReader(string(r.body))); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			if x, ok := token.(xml.CharData); ok {
				text += string(x) + " "
			}
		}
		if !strings.Contains(text, want.there) || strings.Contains(text, want.missing) {
			t.Errorf("%s: not as wanted: %s", path, text)
		}
	}
	for _, query := range []string{"?detection=maybe", "?user=none", "?release=99", "?at=99"} {
		if r := fay.ask("GET", room+"/matrix.svg"+query, ""); r.status != 422 && r.status != 404 {
			t.Errorf("%s: %d", query, r.status)
		}
	}
}
