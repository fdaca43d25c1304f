package web_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/sheet"
)

// TestASheetBecomesProposals sends a spreadsheet about a technique that there is
// and a group that is itself proposed.
func TestASheetBecomesProposals(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	room := "/api/workshops/" + fay.newWorkshop().ID
	send := func(step, file string, into any, headers ...string) reply {
		t.Helper()
		r := fay.ask("POST", room+"/sheet/"+step, file, append([]string{"Content-Type", "application/octet-stream"}, headers...)...)
		if into != nil {
			if err := json.Unmarshal(r.body, into); err != nil || r.status != 200 {
				t.Fatalf("%s: %d %s", step, r.status, r.body)
			}
		}
		return r
	}
	var group review.Draft
	r := fay.ask("POST", room+"/proposals", `{"kind":"group","content":{"name":{"text":"Tea Gang"},"description":{"text":"They brew.(Citation: R)"},"references":{"references":[{"source_name":"R","url":"https://example.com","description":"E. (2025). R."}]}}}`)
	if err := json.Unmarshal(r.body, &group); err != nil || r.status != 200 {
		t.Fatalf("propose a group: %d %s", r.status, r.body)
	}
	if r := fay.ask("POST", room+"/proposals/"+group.Proposal.ID+"/submit", `{"version":1}`); r.status != 200 {
		t.Fatalf("submit it: %d %s", r.status, r.body)
	}
	file := string(fay.ask("GET", room+"/sheet/template.csv", "").body) +
		"Tea Gang,T0001,They toasted.,Report,https://example.com/r,\"E. (2025). R.\"\r\nNEW-1,Nothing,They did.,Report,,\r\n"
	var seen web.SheetPreview
	send("read", file, &seen)
	m := seen.Mapping
	if seen.Total != 2 || m != (sheet.Mapping{Who: 1, Technique: 2, Description: 3, Source: 4, URL: 5, Citation: 6}) {
		t.Errorf("it is read as %+v", seen)
	}
	columns := fmt.Sprintf("?who=%d&technique=%d&description=%d&source=%d&url=%d&citation=%d", m.Who, m.Technique, m.Description, m.Source, m.URL, m.Citation)
	var report review.SheetReport
	send("try"+columns, file, &report)
	if report.Errors != 1 || report.Rows[0].Source == nil || report.Rows[0].Source.Name != "Tea Gang" || report.Rows[1].Source == nil || report.Rows[1].Target != nil {
		t.Errorf("it would be %+v", report)
	}
	if r := send("make"+columns, file, nil); r.status != 422 || r.problem(t).Details == nil {
		t.Errorf("with a wrong row: %d %s", r.status, r.body)
	}
	if drafts := get[[]review.Proposal](fay, room+"/drafts"); len(drafts) != 0 {
		t.Errorf("a wrong row made %d drafts", len(drafts))
	}
	file = strings.ReplaceAll(file, "Nothing", "Twin (T0003)")
	var done, again review.SheetMade
	send("make"+columns, file, &done, "Idempotency-Key", "k")
	send("make"+columns, file, &again, "Idempotency-Key", "k")
	if drafts := get[[]review.Proposal](fay, room+"/drafts"); len(drafts) != 2 || len(done.Proposals) != 2 || done.Proposals[0] != again.Proposals[0] || done.First != 2 {
		t.Errorf("it made %+v and then %+v; there are %d drafts", done, again, len(drafts))
	}
	send("read", "a,b\n"+strings.Repeat(strings.Repeat("x", 1000)+",y\n", 4000), &seen) // more than a request of JSON may have
	if r := send("read", "a\n"+strings.Repeat("x", sheet.MaxBytes), nil); r.status != 413 {
		t.Errorf("a file without end: %d", r.status)
	}
	stranger := &browser{site: s}
	if r := stranger.ask("POST", room+"/sheet/read", "a,b\n1,2\n", "Content-Type", "application/octet-stream"); r.status != 401 && r.status != 400 {
		t.Errorf("somebody who is not signed in: %d %s", r.status, r.body)
	}
}
