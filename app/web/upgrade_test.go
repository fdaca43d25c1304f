package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/review"
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
	id := func(kind string, n int) string {
		return fmt.Sprintf("%s--00000000-0000-4000-8000-0000000001%02d", kind, n)
	}
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
	reads := []string{"/domains/tangled-attack/matrix", "/domains/tangled-attack/vocabulary", "/search?q=round", "/domains"}
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

// TestEventsOfAnUpgrade: a proposal's page and the room before, and the events
// of an import and of taking over, make what is read afresh.
func TestEventsOfAnUpgrade(t *testing.T) {
	s := start(t)
	root, fay := s.signIn("Root", false, true), s.signIn("Fay", true, false)
	small, err := os.ReadFile("../../review/testdata/small.json")
	if err != nil {
		t.Fatal(err)
	}
	if job := root.upload("name=small", string(small)); job.State != "done" {
		t.Fatalf("import: %+v", job)
	}
	r := fay.ask("POST", "/api/workshops", `{"name":"Tea","summary":"","starts_on":"2026-12-01","ends_on":"2026-12-01","place":"","tlp":"clear","domain":"small-attack","agenda":[],"join_open":true}`)
	var w struct{ ID string }
	if err := json.Unmarshal(r.body, &w); err != nil || w.ID == "" {
		t.Fatalf("workshop: %d %s", r.status, r.body)
	}
	room := "/api/workshops/" + w.ID
	ana := s.join("Ana", w.ID)
	bob := s.join("Bob", w.ID, review.Facilitator)
	var ids []string
	for _, content := range []string{`"contributors":{"list":["Ana"]}`, `"name":{"text":"Spout Turning"}`, `"tactics":{"list":["boiling","pouring"]}`} {
		var d struct{ Proposal struct{ ID string } }
		r := ana.ask("POST", room+"/proposals", `{"kind":"refinement","object_id":"T1002","content":{`+content+`}}`)
		if err := json.Unmarshal(r.body, &d); err != nil || d.Proposal.ID == "" {
			t.Fatalf("start: %d %s", r.status, r.body)
		}
		if r := ana.ask("POST", room+"/proposals/"+d.Proposal.ID+"/submit", `{"version":1}`); r.status != 200 {
			t.Fatalf("submit: %d %s", r.status, r.body)
		}
		ids = append(ids, d.Proposal.ID)
	}
	pages := map[string]web.ProposalPage{}
	read := func() {
		for _, id := range ids {
			pages[id] = get[web.ProposalPage](bob, room+"/proposals/"+id)
		}
	}
	read()
	next := strings.NewReplacer("Spout Redirect", "Spout Bending", `"x_mitre_version": "3.1"`, `"x_mitre_version": "3.2"`).Replace(string(small))
	next = strings.ReplaceAll(strings.ReplaceAll(next, "\"2024-", "\"2026-"), "\"2025-", "\"2026-")
	if job := root.upload("name=next", next); job.State != "done" || !job.Report.Current {
		t.Fatalf("the next release: %+v", job)
	}
	follow(t, bob, room, pages, review.KindMoved)
	if p := pages[ids[0]].Proposal; p.Standing.State != review.StandsMoved || pages[ids[1]].Proposal.Standing.State != review.StandsConflict {
		t.Errorf("after the import: %+v, %+v", p.Standing, pages[ids[1]].Proposal.Standing)
	}
	if r := ana.ask("POST", room+"/upgrade", `{"proposals":[]}`); r.status != 403 {
		t.Errorf("a participant took over in bulk: %d", r.status)
	}
	body := fmt.Sprintf(`{"proposals":[{"id":%q,"revision":1},{"id":%q,"revision":1}]}`, ids[0], ids[2])
	if r := bob.ask("POST", room+"/upgrade", body); r.status != 200 {
		t.Fatalf("in bulk: %d %s", r.status, r.body)
	}
	follow(t, bob, room, pages, review.KindUpgraded)
	u := get[review.Upgrade](ana, room+"/proposals/"+ids[1]+"/upgrade")
	stale := ana.ask("POST", room+"/proposals/"+ids[1]+"/upgrade", fmt.Sprintf(`{"onto":%d,"revision":7,"version":0}`, u.Onto))
	if p := stale.problem(t); stale.status != 409 || p.Details == nil {
		t.Errorf("from an older look: %d %s", stale.status, stale.body)
	}
	if r := ana.ask("POST", room+"/proposals/"+ids[1]+"/upgrade", fmt.Sprintf(`{"onto":%d,"revision":1,"version":0,"sides":{"name":"theirs"}}`, u.Onto)); r.status != 200 {
		t.Fatalf("take over: %d %s", r.status, r.body)
	}
	follow(t, bob, room, pages, review.KindUpgraded)
	for _, id := range ids {
		if p := pages[id]; p.Proposal.Revision != 2 || !p.Proposal.Standing.Settled() || len(p.Revisions) != 2 || p.Revisions[1].Note == "" {
			t.Errorf("in the end: %+v", p)
		}
	}
	if p := get[web.UpgradePage](bob, room+"/upgrade"); p.Version != "3.2" || len(p.Tactics) != 2 || len(p.Drafts) != 0 {
		t.Errorf("the page: %+v", p)
	}
}

// follow applies the events since the pages were read, as the frontend does,
// and compares with what is read afresh; one of them has to be of the kind.
func follow(t *testing.T, b *browser, room string, pages map[string]web.ProposalPage, kind string) {
	t.Helper()
	fresh := get[web.Room](b, room)
	listed := map[string]review.Proposal{}
	for _, p := range fresh.Proposals {
		listed[p.ID] = p
	}
	for id, page := range pages {
		found := false
		for i := len(fresh.Feed) - 1; i >= 0; i-- {
			e := fresh.Feed[i]
			if e.Seq <= page.Seq {
				continue
			}
			found = found || e.Kind == kind
			page.Seq = e.Seq
			var data struct {
				Proposal  *review.Proposal
				Proposals []review.Proposal
			}
			if err := json.Unmarshal(e.Data, &data); err != nil {
				t.Fatal(err)
			}
			if data.Proposal != nil {
				data.Proposals = append(data.Proposals, *data.Proposal)
			}
			for _, p := range data.Proposals {
				if p.ID != id {
					continue
				}
				if p.Content == nil {
					p.Content = page.Proposal.Content
				} else if p.Revision > page.Proposal.Revision {
					page.Revisions = append(page.Revisions, review.RevisionBrief{Number: p.Revision, At: p.Content.At, Rationale: p.Rationale, MadeBy: p.Content.MadeBy, Note: p.Content.Note})
				}
				page.Proposal = p
			}
		}
		if !found {
			t.Errorf("no event %s", kind)
		}
		if d := cmp.Diff(get[web.ProposalPage](b, room+"/proposals/"+id), page); d != "" {
			t.Errorf("read afresh (-) and by events (+): %s", d)
		}
		brief := page.Proposal
		brief.Content = nil
		if d := cmp.Diff(listed[id], brief); d != "" {
			t.Errorf("in the room (-) and by events (+): %s", d)
		}
		pages[id] = page
	}
}
