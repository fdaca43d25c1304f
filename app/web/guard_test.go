package web_test

import (
	"encoding/json"
	"fmt"
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
