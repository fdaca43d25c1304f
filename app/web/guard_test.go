package web_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/review"
)

// TestAMessageIsLookedAt posts what must not be shared, with and without a
// reason.
func TestAMessageIsLookedAt(t *testing.T) {
	w := startWriting(t, "ab")
	room := "/api/workshops/" + w.workshop
	const text = "🫖 It calls 45.77.65.211."
	var found []review.Check
	r := w.ana.ask("POST", room+"/look", fmt.Sprintf(`{"body":%q}`, text))
	if err := json.Unmarshal(r.body, &found); err != nil || r.status != 200 || len(found) != 1 || found[0].Shared == nil || found[0].Shared.Places[0].From != 12 {
		t.Fatalf("looked at: %d %s", r.status, r.body)
	}
	r = w.ana.ask("POST", room+"/messages", fmt.Sprintf(`{"body":%q}`, text))
	if p := r.problem(t); r.status != 422 || p.Errors[0].Location != "body.body" || !strings.Contains(string(r.body), found[0].Shared.Key) {
		t.Errorf("posted: %d %s", r.status, r.body)
	}
	r = w.ana.ask("POST", room+"/messages", fmt.Sprintf(`{"body":%q,"explained":{%q:"A sinkhole."}}`, text, found[0].Shared.Key))
	var said discuss.Message
	if err := json.Unmarshal(r.body, &said); err != nil || r.status != 200 || len(said.Explained) != 1 || said.Explained[0].Reason != "A sinkhole." {
		t.Fatalf("explained: %d %s", r.status, r.body)
	}
	if listed := get[[]discuss.Message](w.bo, room+"/messages"); len(listed) != 1 || len(listed[0].Explained) != 1 {
		t.Errorf("read afresh: %+v", listed)
	}
	if r := w.bo.ask("POST", room+"/look", `{"body":"`+strings.Repeat("x", 60_000)+`"}`); r.status != 422 {
		t.Errorf("a long text: %d", r.status)
	}
	stranger := (&browser{site: w.ana.site}).ask("POST", room+"/look", `{"body":"a"}`)
	if stranger.status != 401 {
		t.Errorf("who is not signed in: %d", stranger.status)
	}
}

// TestADraftIsLookedAtAsItIsTyped asks what is found in a text that is not
// saved, and finds the draft as it was.
func TestADraftIsLookedAtAsItIsTyped(t *testing.T) {
	w := startWriting(t, "saved")
	draft := strings.TrimSuffix(w.text, "/texts/description") + "/draft"
	before := get[review.Draft](w.ana, draft)
	look := func(who *browser, body string) (status int, found review.Findings) {
		r := who.ask("POST", draft+"/look", body)
		if err := json.Unmarshal(r.body, &found); err != nil {
			t.Fatalf("%d %s", r.status, r.body)
		}
		return r.status, found
	}
	const typed = `{"content":{"name":{"text":"Twin"},"description":{"text":"It calls 45.77.65.211."}},"rationale":"Or 45.77.65.212."`
	status, found := look(w.ana, typed+"}")
	var shared []string
	for _, c := range found.Checks {
		if c.Shared != nil {
			shared = append(shared, c.Field+" "+string(c.Level)+" "+c.Shared.Text)
		}
	}
	if want := []string{"description error 45.77.65.211", "rationale error 45.77.65.212"}; status != 200 || !slices.Equal(shared, want) {
		t.Errorf("looked at: %d %q", status, shared)
	}
	if len(found.Similar) == 0 || found.Similar[0].Name != "Twin" {
		t.Errorf("similar: %+v", found.Similar)
	}
	key := found.Checks[slices.IndexFunc(found.Checks, func(c review.Check) bool { return c.Shared != nil })].Shared.Key
	_, found = look(w.ana, fmt.Sprintf(`%s,"explained":{%q:"A sinkhole."}}`, typed, key))
	if !slices.ContainsFunc(found.Checks, func(c review.Check) bool {
		return c.Shared != nil && c.Shared.Reason == "A sinkhole." && c.Level == "warning"
	}) {
		t.Errorf("explained: %+v", found.Checks)
	}
	if after := get[review.Draft](w.ana, draft); after.Version != before.Version || after.Content["description"].Text != "saved" || len(after.Explained) != 0 {
		t.Errorf("the draft was changed: %+v", after)
	}
	for name, c := range map[string]struct {
		who    *browser
		body   string
		status int
	}{
		"somebody else":      {w.bo, typed + "}", 404},
		"not signed in":      {&browser{site: w.ana.site}, typed + "}", 401},
		"an unknown field":   {w.ana, `{"content":{"colour":{"text":"red"}},"rationale":""}`, 422},
		"a long rationale":   {w.ana, `{"content":{},"rationale":"` + strings.Repeat("x", 20_000) + `"}`, 422},
		"a key that is none": {w.ana, `{"content":{},"rationale":"","explained":{"x":"y"}}`, 422},
	} {
		if r := c.who.ask("POST", draft+"/look", c.body); r.status != c.status {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
}
