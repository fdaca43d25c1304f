package web_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/app/summary"
	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/realtime/desk"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// submitted begins a proposal and submits it, and gives its id.
func (b *browser) submitted(workshop string) string {
	b.t.Helper()
	path := "/api/workshops/" + workshop + "/proposals"
	r := b.ask("POST", path, `{"kind":"technique","content":{"name":{"text":"Kettle Whistling"},"tactics":{"list":["first"]},"platforms":{"list":["Toaster"]},"description":{"text":"Adversaries may whistle."}}}`)
	var draft struct{ Proposal struct{ ID string } }
	if err := json.Unmarshal(r.body, &draft); err != nil || r.status != 200 {
		b.t.Fatalf("start a proposal: %d %s", r.status, r.body)
	}
	if r := b.ask("PUT", path+"/"+draft.Proposal.ID+"/draft", `{"version":1,"content":{"name":{"text":"Kettle Whistling"},"tactics":{"list":["first"]},"platforms":{"list":["Toaster"]},"description":{"text":"Adversaries may whistle."}},"rationale":"Heard."}`); r.status != 200 {
		b.t.Fatalf("save a draft: %d %s", r.status, r.body)
	}
	if r := b.ask("POST", path+"/"+draft.Proposal.ID+"/submit", `{"version":2}`); r.status != 200 {
		b.t.Fatalf("submit: %d %s", r.status, r.body)
	}
	return draft.Proposal.ID
}

// TestTheDeskByRole has each role try what a facilitator, and what everybody,
// does at a desk, and looks at what the room is then.
func TestTheDeskByRole(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	made := fay.newWorkshop()
	w := made.ID
	ana, olga := s.member(fay, w, "Ana"), s.member(fay, w, "Olga")
	must[json.RawMessage](fay, "PATCH", "/api/workshops/"+w+"/members/"+olga.user.ID, `{"roles":["observer"]}`)
	p := ana.submitted(w)
	draft := ana.newDraft(w)
	room := func() web.Room { return get[web.Room](olga, "/api/workshops/"+w) }
	at := func(path string) string { return "/api/workshops/" + w + path }
	does := func(b *browser, method, path, body string, want int) {
		t.Helper()
		if r := b.ask(method, at(path), body); r.status != want {
			t.Errorf("%s: %s %s: %d %s", b.user.Name, method, path, r.status, r.body)
		}
	}
	on := fmt.Sprintf(`{"on":"proposal:%s"}`, p)
	item := fmt.Sprintf(`{"item":%q}`, made.Agenda[0].ID)
	groups := fmt.Sprintf(`{"mode":"topic","groups":[{"name":"Pots"},{"name":"Kettles","proposals":[%q]}]}`, p)
	for _, c := range []struct{ method, path, body string }{
		{"PUT", "/desk/spotlight", on}, {"PUT", "/desk/clock", item}, {"POST", "/desk/clock/extend", item[:len(item)-1] + `,"minutes":5}`},
		{"PUT", "/desk/word", fmt.Sprintf(`{"user":%q}`, ana.user.ID)}, {"POST", "/desk/reading", on}, {"POST", "/desk/writing", `{"question":"What is missing?"}`},
		{"POST", "/groups", groups}, {"PUT", "/desk/rules", `{"slow":0,"length":0}`},
	} {
		does(ana, c.method, c.path, c.body, 403)
		does(olga, c.method, c.path, c.body, 403)
		does(fay, c.method, c.path, c.body, 204)
	}
	now := room().Desk
	if now.Spotlight.Label != "#1 Kettle Whistling" || now.Clock.Minutes != 20 || now.Clock.Title != "Welcome" || now.Floor.Speaker != ana.user.ID ||
		len(now.Groups.List[1].Members) != 1 || now.Groups.List[1].Members[0] != ana.user.ID || len(now.Groups.List[0].Members) != 1 {
		t.Errorf("the desk is %+v", now)
	}
	for _, c := range []struct{ method, path, body string }{
		{"PUT", "/desk/hand", `{"up":true}`}, {"POST", "/desk/parked", `{"text":"Names"}`}, {"POST", "/desk/reading/" + now.Reading.ID + "/read", ""},
		{"PUT", "/desk/writing/" + now.Writing.ID + "/note", `{"text":"Pans"}`}, {"POST", "/groups/" + now.Groups.List[1].ID + "/messages", `{"body":"Here"}`},
	} {
		does(olga, c.method, c.path, c.body, 403)
		if r := ana.ask(c.method, at(c.path), c.body, "Idempotency-Key", c.path); r.status/100 != 2 {
			t.Errorf("%s: %d %s", c.path, r.status, r.body)
		}
	}
	if strings.Contains(string(fay.ask("GET", at(""), "").body), "Pans") {
		t.Error("what was written in quiet is told before it is shown")
	}
	does(fay, "POST", "/desk/writing/"+now.Writing.ID+"/show", "", 204)
	then := room().Desk
	if len(then.Floor.Hands) != 1 || len(then.Reading.Read) != 1 || then.Writing.Notes[0].Text != "Pans" || then.Parked[0].By != ana.user.ID {
		t.Errorf("the desk is %+v", then)
	}
	if said := get[[]discuss.Message](olga, at("/groups/"+now.Groups.List[1].ID+"/messages")); len(said) != 1 {
		t.Errorf("the group said %+v", said)
	}
	topic := "/desk/parked/" + then.Parked[0].ID
	does(ana, "PATCH", topic, `{"done":true}`, 403)
	does(fay, "PATCH", topic, `{"done":true}`, 200)
	does(ana, "POST", "/groups/"+now.Groups.List[0].ID+"/join", "", 403) // not theirs to choose
	does(ana, "PUT", "/groups/"+now.Groups.List[0].ID+"/proposals", `{"proposals":[]}`, 403)
	does(ana, "PUT", "/groups/"+now.Groups.List[1].ID+"/proposals", `{"proposals":[]}`, 204)
	does(fay, "POST", "/groups/"+now.Groups.List[0].ID+"/members", fmt.Sprintf(`{"user":%q}`, ana.user.ID), 204)
	does(fay, "POST", "/groups/"+now.Groups.List[0].ID+"/members", `{"user":"nobody"}`, 422)
	does(fay, "POST", "/desk/reading/"+now.Reading.ID+"/end", "", 204)
	does(fay, "POST", "/desk/writing/"+now.Writing.ID+"/end", "", 204)
	does(fay, "POST", "/groups/end", "", 204)
	does(ana, "POST", "/groups/"+now.Groups.List[0].ID+"/messages", `{"body":"Late"}`, 404)
	does(fay, "PUT", "/desk/spotlight", `{"on":""}`, 204)
	does(fay, "PUT", "/desk/clock", `{"item":""}`, 204)
	does(fay, "PUT", "/desk/word", `{"user":""}`, 204)
	if end := room().Desk; end.Spotlight != nil || end.Clock != nil || end.Floor.Speaker != "" || end.Reading != nil || end.Writing != nil || end.Groups != nil || !end.Parked[0].Done {
		t.Errorf("at the end the desk is %+v", end)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"PUT", "/desk/spotlight", fmt.Sprintf(`{"on":"proposal:%s"}`, draft), 404}, {"PUT", "/desk/spotlight", `{"on":"object:none"}`, 422},
		{"PUT", "/desk/spotlight", `{"on":"else"}`, 422}, {"PUT", "/desk/clock", `{"item":"none"}`, 422}, {"PUT", "/desk/word", `{"user":"none"}`, 422},
		{"POST", "/desk/parked", `{"text":"a","message":"none"}`, 404}, {"POST", "/groups", `{"mode":"random","groups":[{"name":"a"}]}`, 422},
	} {
		does(fay, c.method, c.path, c.body, c.status)
	}
	if last := room().Feed[0]; last.Kind != desk.KindWord {
		t.Errorf("the last event is %s", last.Kind)
	}
}

// TestARoomIsModerated has the discussion slowed down and shortened.
func TestARoomIsModerated(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	w := fay.newWorkshop().ID
	ana := s.member(fay, w, "Ana")
	room := "/api/workshops/" + w
	say := func(b *browser, text string) reply {
		return b.ask("POST", room+"/messages", fmt.Sprintf(`{"body":%q}`, text))
	}
	if r := say(ana, "One"); r.status != 200 {
		t.Fatalf("a message: %d %s", r.status, r.body)
	}
	if r := fay.ask("PUT", room+"/desk/rules", `{"slow":600,"length":50}`); r.status != 204 {
		t.Fatalf("set the rules: %d %s", r.status, r.body)
	}
	if r := say(ana, "Two"); r.status != 429 || !strings.Contains(r.problem(t).Detail, "in ") {
		t.Errorf("too soon: %d %s", r.status, r.body)
	}
	if r := say(fay, strings.Repeat("é", 51)); r.status != 422 || len(r.problem(t).Errors) != 1 {
		t.Errorf("too long: %d %s", r.status, r.body)
	}
	if r := say(fay, strings.Repeat("é", 50)); r.status != 200 {
		t.Errorf("just short enough: %d %s", r.status, r.body)
	}
	if r := say(fay, "Who runs the room does not wait"); r.status != 200 {
		t.Errorf("a facilitator: %d %s", r.status, r.body)
	}
	if r := fay.ask("PUT", room+"/desk/rules", `{"slow":0,"length":0}`); r.status != 204 {
		t.Fatalf("take the rules back: %d %s", r.status, r.body)
	}
	if r := say(ana, strings.Repeat("Two ", 20)); r.status != 200 {
		t.Errorf("as usual: %d %s", r.status, r.body)
	}
	said := must[discuss.Message](ana, "POST", room+"/messages", `{"body":"Something **mean**"}`)
	hide := room + "/messages/" + said.ID + "/hide"
	for _, c := range []struct {
		b      *browser
		body   string
		status int
	}{{ana, `{"reason":"No"}`, 403}, {fay, `{"reason":" "}`, 422}, {fay, `{"reason":"a\nb"}`, 422}} {
		if r := c.b.ask("POST", hide, c.body); r.status != c.status {
			t.Errorf("%s hides with %s: %d %s", c.b.user.Name, c.body, r.status, r.body)
		}
	}
	for range 2 {
		if m := must[discuss.Message](fay, "POST", hide, `{"reason":"Against our rules"}`); m.Hidden != "Against our rules" || m.Body != "" || m.Deleted.By != fay.user.ID {
			t.Errorf("hidden is %+v", m)
		}
	}
	if r := ana.ask("PATCH", room+"/messages/"+said.ID, `{"body":"Again","version":1}`); r.status != 409 {
		t.Errorf("what is hidden is edited: %d", r.status)
	}
	log := get[[]journal.Event](ana, room+"/moderation")
	if len(log) != 3 || log[0].Kind != discuss.KindHidden || log[2].Kind != desk.KindRules {
		t.Errorf("the log has %+v", log)
	}
	if all := ana.ask("GET", room+"/events?limit=200", ""); strings.Contains(string(all.body), "mean") {
		t.Error("the journal tells what was hidden")
	}
}

// TestADayIsSummedUp reads the summary of a small day, as JSON and Markdown.
func TestADayIsSummedUp(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	w := fay.newWorkshop().ID
	ana := s.member(fay, w, "Ana")
	ana.submitted(w)
	path := "/api/workshops/" + w + "/summary"
	day := "?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"
	got := get[summary.Summary](ana, path+day)
	if len(got.Proposed) != 1 || got.Proposed[0].By[0] != ana.user.ID || len(got.Open) != 1 {
		t.Errorf("the summary is %+v", got)
	}
	r := ana.ask("GET", path+".md"+day, "")
	if r.status != 200 || !strings.Contains(string(r.body), "- #1 Kettle Whistling, by Ana") || !strings.Contains(r.header.Get("Content-Disposition"), "summary-2020-01-01.md") {
		t.Errorf("Markdown: %d %s %v", r.status, r.body, r.header)
	}
	for _, wrong := range []string{"", "?from=2020-01-01T00:00:00Z&to=2020-01-01T00:00:00Z", "?from=a&to=b"} {
		if r := ana.ask("GET", path+wrong, ""); r.status != 422 {
			t.Errorf("%s: %d %s", wrong, r.status, r.body)
		}
	}
}
