package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// upload imports a bundle through the API and waits for its end.
func (b *browser) upload(query, content string) web.Import {
	b.t.Helper()
	r := b.ask("POST", "/api/imports?"+query, content, "Content-Type", "application/octet-stream")
	var job web.Import
	if err := json.Unmarshal(r.body, &job); err != nil || r.status != http.StatusAccepted {
		b.t.Fatalf("upload: %d %s", r.status, r.body)
	}
	for deadline := time.Now().Add(time.Minute); job.State == "running" && time.Now().Before(deadline); {
		job = get[web.Import](b, "/api/imports/"+job.ID)
	}
	return job
}

// tangled is a domain in which sub-techniques go round in a circle, an id and
// a version are there twice, and a group uses itself.
func tangled() string {
	id := func(kind string, n int) string { return fmt.Sprintf("%s--00000000-0000-4000-8000-0000000001%02d", kind, n) }
	object := func(kind string, n int, more string) string {
		return fmt.Sprintf(`{"type":%q,"id":%q,"spec_version":"2.1","created":"2020-01-02T00:00:00.000Z","modified":"2020-01-02T00:00:00.000Z","x_mitre_domains":["tangled-attack"],%s}`, kind, id(kind, n), more)
	}
	technique := func(n int, more string) string {
		return object("attack-pattern", n, fmt.Sprintf(`"name":"Round %d","description":"<script>alert(1)</script> (LinkById: T700%d)","x_mitre_is_subtechnique":true,
			"external_references":[{"source_name":"mitre-attack","external_id":"T700%d","url":"javascript:alert(1)"}],"kill_chain_phases":[{"kill_chain_name":"mitre-attack","phase_name":"turning"}]%s`, n, n, n%4, more))
	}
	link := func(n int, kind, from, to string) string {
		return object("relationship", n, fmt.Sprintf(`"relationship_type":%q,"source_ref":%q,"target_ref":%q`, kind, from, to))
	}
	t := "attack-pattern"
	objects := []string{
		object("x-mitre-matrix", 1, `"name":"Tangled","tactic_refs":["`+id("x-mitre-tactic", 1)+`"],"external_references":[{"source_name":"mitre-attack","external_id":"tangled-attack"}]`),
		object("x-mitre-tactic", 1, `"name":"Turning","x_mitre_shortname":"turning","external_references":[{"source_name":"mitre-attack","external_id":"TA7000"}]`),
		technique(1, ""), technique(2, ""), technique(3, ""), technique(5, ""), // 5 has the id of 1
		strings.Replace(technique(2, ""), "Round 2", "Other 2", 1),
		strings.Replace(technique(3, ""), `"modified":"2020`, `"modified":"2019`, 1),
		object("intrusion-set", 1, `"name":"Selfish"`),
		link(1, "subtechnique-of", id(t, 1), id(t, 2)), link(2, "subtechnique-of", id(t, 2), id(t, 3)), link(3, "subtechnique-of", id(t, 3), id(t, 1)),
		link(4, "subtechnique-of", id(t, 5), id(t, 5)), link(5, "uses", id("intrusion-set", 1), id("intrusion-set", 1)), link(6, "revoked-by", id(t, 1), id(t, 1)),
	}
	return `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000100","objects":[` + strings.Join(objects, ",") + `]}`
}

// TestTangledBundle: all of it is reported and comes out again, and no page
// goes round in circles or falls over.
func TestTangledBundle(t *testing.T) {
	s := start(t)
	root := s.signIn("Root", false, true)
	if job := root.upload("name=tangled.json&strict=true", tangled()); job.State != "failed" || job.Report == nil || job.Report.Severe() == nil || !strings.Contains(job.Error, "strict") {
		t.Fatalf("a strict import: %+v", job)
	}
	job := root.upload("name=tangled.json", tangled())
	if job.State != "done" || !job.Report.Current {
		t.Fatalf("import: %+v", job)
	}
	count := map[string]int{}
	for _, f := range job.Report.Severe() {
		count[f.Kind] = f.Count
	}
	want := map[string]int{taxonomy.SubtechniqueCycle: 2, taxonomy.SharedID: 1, taxonomy.SelfRelationship: 3, taxonomy.ConflictingVersion: 1, taxonomy.ModifiedTooEarly: 1}
	if d := cmp.Diff(want, count); d != "" {
		t.Errorf("severe findings: %s", d)
	}
	kept := get[taxonomy.Report](root, fmt.Sprintf("/api/domains/tangled-attack/collections/%d/report", job.Report.Collection))
	if d := cmp.Diff(*job.Report, kept); d != "" {
		t.Errorf("the report later: %s", d)
	}
	if list := get[[]taxonomy.Report](root, "/api/import-reports"); len(list) != 2 || list[0].File != "tangled.json" {
		t.Errorf("reports: %+v", list)
	}
	if r := root.ask("GET", fmt.Sprintf("/api/domains/odd-attack/collections/%d/report", job.Report.Collection), ""); r.status != 404 {
		t.Errorf("the report of another domain: %d", r.status)
	}
	out := root.ask("GET", "/api/domains/tangled-attack/bundle", "")
	if in, came := objectsOf(t, tangled()), objectsOf(t, string(out.body)); cmp.Diff(in, came) != "" {
		t.Errorf("came out as it did not go in: %s", cmp.Diff(in, came))
	}
	reads := []string{"/domains/tangled-attack/matrix", "/domains/tangled-attack/vocabulary", "/search?q=round", "/similar?name=round+1", "/domains"}
	for _, f := range job.Report.Findings {
		for _, example := range f.Examples {
			reads = append(reads, "/objects/"+url.PathEscape(example.STIXID))
		}
	}
	for _, o := range s.Taxonomy.Snapshot().Objects("tangled-attack") {
		reads = append(reads, "/objects/"+o.ID, "/objects/"+o.ID+"/stix")
		if o.ATTACK != "" {
			reads = append(reads, "/objects/"+o.ATTACK)
		}
	}
	for _, path := range reads {
		if r := root.ask("GET", "/api"+path, ""); r.status != 200 || !json.Valid(r.body) || strings.Contains(strings.ToLower(string(r.body)), `\u003cscript`) && !strings.HasSuffix(path, "/stix") {
			t.Errorf("%s: %d %.300s", path, r.status, r.body)
		}
	}
}

// objectsOf lists the objects of a bundle by their tokens.
func objectsOf(t *testing.T, bundle string) []string {
	t.Helper()
	var whole struct{ Objects []json.RawMessage }
	if err := json.Unmarshal([]byte(bundle), &whole); err != nil {
		t.Fatal(err)
	}
	list := make([]string, len(whole.Objects))
	for i, raw := range whole.Objects {
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil {
			t.Fatal(err)
		}
		list[i] = compact.String()
	}
	return list
}
