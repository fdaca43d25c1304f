package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/release"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// must sends a write that has to work.
func must[T any](b *browser, method, path, body string, headers ...string) T {
	b.t.Helper()
	r := b.ask(method, path, body, headers...)
	var v T
	if err := json.Unmarshal(r.body, &v); err != nil || r.status != 200 {
		b.t.Fatalf("%s %s: %d %s", method, path, r.status, r.body)
	}
	return v
}

// releasing is a workshop with two accepted proposals.
func releasing(t *testing.T) (mia *browser, room string) {
	t.Helper()
	s := start(t)
	mia = s.signIn("Mia", true, false)
	room = "/api/workshops/" + mia.newWorkshop().ID
	must[any](mia, "PATCH", room+"/members/"+mia.user.ID, `{"roles":["reviewer","maintainer","facilitator"]}`)
	in := get[web.Invitation](mia, room+"/invitation")
	ana := s.signIn("Ana", false, false)
	must[any](ana, "POST", "/api/join", fmt.Sprintf(`{"code":%q}`, in.Code))
	for i := range 2 {
		draft := must[review.Draft](ana, "POST", room+"/proposals", fmt.Sprintf(wellWritten, i))
		proposal := room + "/proposals/" + draft.Proposal.ID
		must[any](ana, "POST", proposal+"/submit", `{"version":1}`)
		must[any](mia, "POST", proposal+"/approve", `{"revision":1,"note":""}`)
	}
	return mia, room
}

// TestReleaseEventsMakeTheRoomThatIsReadAfresh applies each event of a release
// to the room as it was before.
func TestReleaseEventsMakeTheRoomThatIsReadAfresh(t *testing.T) {
	mia, room := releasing(t)
	var r release.Release
	for kind, step := range []struct{ kind, method, path, body string }{
		{release.KindOpened, "POST", "", `{"name":"First"}`},
		{release.KindChanged, "PATCH", "/%s", `{"revision":1,"notes":"Less","proposals":[%q]}`},
		{release.KindPublished, "POST", "/%s/publish", `{"revision":2}`},
	} {
		before := get[web.Room](mia, room)
		path, body := room+"/releases", step.body
		if kind > 0 {
			path += fmt.Sprintf(step.path, r.ID)
		}
		if kind == 1 {
			body = fmt.Sprintf(body, r.Proposals[0])
		}
		r = must[release.Release](mia, step.method, path, body)
		after := get[web.Room](mia, room)
		if after.Feed[0].Kind != step.kind || after.Seq != before.Seq+1 {
			t.Fatalf("%s gave the event %+v", step.kind, after.Feed[0])
		}
		apply(t, &before, after.Feed[0])
		before.Seq, before.Feed = after.Seq, after.Feed
		if a, b := asText(t, before), asText(t, after); a != b {
			t.Errorf("%s: by the event\n%s\nafresh\n%s", step.kind, a, b)
		}
	}
	if r.State != release.Published || len(r.Proposals) != 1 {
		t.Errorf("ended as %+v", r)
	}
}

func asText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// apply does what the pages do with the event of a release.
func apply(t *testing.T, room *web.Room, e journal.Event) {
	t.Helper()
	var data struct {
		Release   release.Release
		Proposals []review.Proposal
	}
	if err := json.Unmarshal(e.Data, &data); err != nil {
		t.Fatal(err)
	}
	put(&room.Releases, data.Release, func(r release.Release) string { return r.ID })
	for _, p := range data.Proposals {
		put(&room.Proposals, p, func(p review.Proposal) string { return p.ID })
	}
}

func put[T any](list *[]T, one T, id func(T) string) {
	for i := range *list {
		if id((*list)[i]) == id(one) {
			(*list)[i] = one
			return
		}
	}
	*list = append(*list, one)
}

func TestReleasingOverHTTP(t *testing.T) {
	mia, room := releasing(t)
	path := room + "/releases"
	if r := mia.ask("POST", path, `{"name":" "}`); r.status != 422 {
		t.Errorf("no name: %d %s", r.status, r.body)
	}
	r := must[release.Release](mia, "POST", path, `{"name":"First","notes":"Some *words*."}`)
	one := path + "/" + r.ID
	if again := mia.ask("POST", path, `{"name":"Second"}`); again.status != 409 || !strings.Contains(string(again.body), "First") {
		t.Errorf("a second open one: %d %s", again.status, again.body)
	}
	for _, file := range []string{"/bundle", "/delta", "/changelog", "/changelog.md"} {
		if early := mia.ask("GET", one+file, ""); early.status != 409 || early.problem(t).Code != "conflict" {
			t.Errorf("%s of an open release: %d %s", file, early.status, early.body)
		}
	}
	preview := get[web.ReleasePreview](mia, one)
	if !preview.Publishable || len(preview.Items) != 2 || preview.Seq == 0 {
		t.Fatalf("preview: %+v", preview)
	}
	if stale := mia.ask("POST", one+"/publish", `{"revision":7}`); stale.status != 409 || stale.problem(t).Code != "stale" {
		t.Errorf("a stale publication: %d %s", stale.status, stale.body)
	}
	first := must[release.Release](mia, "POST", one+"/publish", `{"revision":1}`, "Idempotency-Key", "k")
	again := must[release.Release](mia, "POST", one+"/publish", `{"revision":1}`, "Idempotency-Key", "k")
	if asText(t, first) != asText(t, again) {
		t.Errorf("the repeat was answered %+v", again)
	}
	if twice := mia.ask("POST", one+"/publish", `{"revision":2}`); twice.status != 409 {
		t.Errorf("a second publication: %d %s", twice.status, twice.body)
	}
	for file, media := range map[string]string{"/bundle": "application/stix+json;version=2.1", "/delta": "application/stix+json;version=2.1",
		"/changelog": "application/json", "/changelog.md": "text/markdown; charset=utf-8"} {
		f := mia.ask("GET", one+file, "")
		if f.status != 200 || f.header.Get("Content-Type") != media || !strings.Contains(string(f.body), "Brewing 1") {
			t.Errorf("%s: %d %v %.300s", file, f.status, f.header, f.body)
		}
		if tag := f.header.Get("ETag"); tag != "" && mia.ask("GET", one+file, "", "If-None-Match", tag).status != 304 || (tag == "") != strings.HasPrefix(file, "/changelog") {
			t.Errorf("%s has the tag %q", file, tag)
		}
	}
	var out bytes.Buffer
	if err := mia.ExportRelease(t.Context(), "odd-attack", 1, "", "", &out); err != nil || out.String() != string(mia.ask("GET", one+"/bundle", "").body) {
		t.Errorf("the command line exports something else: %v", err)
	}
	if err := mia.ExportRelease(t.Context(), "odd-attack", 2, "", "", &out); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a release that is not: %v", err)
	}
	if page := mia.ask("GET", "/api/objects/T9001", ""); page.status != 200 || !strings.Contains(string(page.body), "Brewing 1") {
		t.Errorf("the new technique's page: %d %s", page.status, page.body)
	}
}

// TestWhatIsMadeHereHasNoPageAtMITRE: an object of a release has the address
// that it would have at MITRE, but only what came from there has a page there.
func TestWhatIsMadeHereHasNoPageAtMITRE(t *testing.T) {
	mia, room := releasing(t)
	content, err := os.ReadFile("../../review/taxonomy/testdata/odd.json")
	if err != nil {
		t.Fatal(err)
	}
	const page = "https://attack.mitre.org/techniques/T0900"
	mia.importText("odd.json", `{"type":"attack-pattern","id":"attack-pattern--00000000-0000-4000-8000-0000000000ff","name":"Came in","created":"2020-01-01T00:00:00.000Z",
		"modified":"2020-01-01T00:00:00.000Z","kill_chain_phases":[{"kill_chain_name":"mitre-attack","phase_name":"first"}],"x_mitre_domains":["odd-attack"],
		"external_references":[{"source_name":"mitre-attack","external_id":"T0900","url":"`+page+`"}]},`, string(content))
	r := must[release.Release](mia, "POST", room+"/releases", `{"name":"First"}`)
	must[release.Release](mia, "POST", room+"/releases/"+r.ID+"/publish", `{"revision":1}`)
	if came := get[taxonomy.ObjectPage](mia, "/api/objects/T0900").Object; came.URL != page || came.In[0].Source != taxonomy.FromRelease {
		t.Errorf("what came from MITRE: %q in %+v", came.URL, came.In)
	}
	found := get[taxonomy.Found](mia, "/api/search?q=Brewing+1&type=attack-pattern").Hits
	if len(found) == 0 || found[0].Name != "Brewing 1" {
		t.Fatalf("found %+v", found)
	}
	made := "/api/objects/" + found[0].STIXID
	if url := get[taxonomy.ObjectPage](mia, made).Object.URL; url != "" {
		t.Errorf("what was made here has a page at %q", url)
	}
	if raw := string(mia.ask("GET", made+"/stix/file", "").body); !strings.Contains(raw, "https://attack.mitre.org/techniques/"+found[0].AttackID) {
		t.Errorf("its STIX has no address: %s", raw)
	}
}
