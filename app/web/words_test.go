package web_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/review"
)

// TestAThreadFollowsItsWords revises a text of which some words are discussed.
func TestAThreadFollowsItsWords(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	w := fay.newWorkshop().ID
	room := "/api/workshops/" + w
	ana, rob := s.join("Ana", w), s.join("Rob", w, review.Reviewer)
	ok := func(r reply, into any) {
		t.Helper()
		if err := json.Unmarshal(r.body, into); err != nil || r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	path, draft := ana.proposes(room, trick)
	version := draft.Version
	submit := func(description string) {
		t.Helper()
		content := fmt.Sprintf(`{"name":{"text":"Trick"},"description":{"text":%q},"tactics":{"list":["first"]},"platforms":{"list":["Toaster"]}}`, description)
		var d review.Draft
		ok(ana.ask("PUT", path+"/draft", fmt.Sprintf(`{"version":%d,"content":%s,"rationale":"Seen."}`, version, content)), &d)
		ok(ana.ask("POST", path+"/submit", fmt.Sprintf(`{"version":%d}`, d.Version)), &struct{}{})
		version = d.Version
	}
	revise := func(description string) {
		t.Helper()
		var p review.Proposal
		ok(ana.ask("GET", path, ""), &struct{ Proposal *review.Proposal }{&p})
		ok(rob.ask("POST", path+"/request-changes", fmt.Sprintf(`{"revision":%d,"note":"Please."}`, p.Revision)), &struct{}{})
		submit(description)
	}
	submit("🫖 Adversaries may do this.")
	say := func(body string) reply { return rob.ask("POST", path+"/messages", body) }
	var m, late discuss.Message
	ok(say(`{"body":"May they?","field":"description","words":{"revision":1,"quote":"may do this","start":15}}`), &m)
	if m.Words == nil || *m.Words != (discuss.Words{Quote: "may do this", Before: "🫖 Adversaries ", After: ".", Start: 15, End: 26, Revision: 1}) {
		t.Fatalf("words %+v", m.Words)
	}
	for name, body := range map[string]string{
		"elsewhere":        `{"body":"?","field":"description","words":{"revision":1,"quote":"may do this","start":14}}`,
		"in a character":   `{"body":"?","field":"description","words":{"revision":1,"quote":"x","start":1}}`,
		"behind it":        `{"body":"?","field":"description","words":{"revision":1,"quote":"x","start":1000}}`,
		"nothing":          `{"body":"?","field":"description","words":{"revision":1,"quote":"","start":0}}`,
		"no such revision": `{"body":"?","field":"description","words":{"revision":7,"quote":"may","start":15}}`,
		"the whole":        `{"body":"?","words":{"revision":1,"quote":"may","start":15}}`,
	} {
		if r := say(body); r.status != 422 {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	now := func() discuss.Words {
		t.Helper()
		list := get[[]discuss.Message](ana, path+"/messages")
		words := followed(t, s, w, list[0].ID)
		if diff := cmp.Diff(*list[0].Words, words); diff != "" {
			t.Errorf("read afresh (-) and by events (+):\n%s", diff)
		}
		return *list[0].Words
	}
	revise("On Toasters 🫖, adversaries often may also do this.")
	if is := now(); is.Start != 34 || is.End != 50 || is.Revision != 2 || is.Gone {
		t.Errorf("moved: %+v", is)
	}
	revise("Adversaries whistle.")
	if is := now(); !is.Gone || is.Quote != "may do this" || is.Revision != 2 {
		t.Errorf("gone: %+v", is)
	}
	ok(say(`{"body":"Too late?","field":"description","words":{"revision":2,"quote":"On Toasters","start":0}}`), &late)
	if !late.Words.Gone {
		t.Errorf("of an older revision: %+v", late.Words)
	}
	revise("They hum. On Toasters 🫖, adversaries often may also do this.")
	if is := now(); is.Gone || is.Start != 44 || is.Revision != 4 {
		t.Errorf("back: %+v", is)
	}
}

// followed applies the events of the words of a thread, as pages do.
func followed(t *testing.T, s *site, workshop, thread string) (words discuss.Words) {
	t.Helper()
	for e, err := range s.Journal.All(t.Context(), workshop) {
		var data struct {
			Message  *discuss.Message
			Followed []discuss.Followed
		}
		if err != nil || json.Unmarshal(e.Data, &data) != nil {
			t.Fatalf("read the journal: %v %s", err, e.Data)
		}
		if data.Message != nil && data.Message.ID == thread {
			words = *data.Message.Words
		}
		for _, f := range data.Followed {
			if f.Thread == thread {
				words = f.Words
			}
		}
	}
	return words
}
