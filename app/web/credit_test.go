package web_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/review"
)

// answers sends a write that has to be taken, and gives the proposal as it is
// then.
func (b *browser) answers(method, path, body string) (p review.Proposal) {
	b.t.Helper()
	r := b.ask(method, path, body)
	if err := json.Unmarshal(r.body, &p); err != nil || r.status != 200 {
		b.t.Fatalf("%s %s: %d %s", method, path, r.status, r.body)
	}
	return p
}

// TestEventsOfCreditAreTheStateAfterIt: what a page shows before, and the event
// of each, is what it would read afresh.
func TestEventsOfCreditAreTheStateAfterIt(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	id := fay.newWorkshop().ID
	room := "/api/workshops/" + id
	ana, rob, mia, eve := s.join("Ana", id), s.join("Rob", id, review.Reviewer), s.join("Mia", id, review.Maintainer), s.join("Eve", id, review.Observer)
	path, d := ana.proposes(room, strings.Replace(trick, `{"name"`, `{"contributors":{"list":["Kim Boil"]},"name"`, 1))
	ana.answers("POST", path+"/submit", fmt.Sprintf(`{"version":%d}`, d.Version))
	pages := map[string]web.ProposalPage{}
	then := func(kind string, b *browser, method, address, body string) (p review.Proposal) {
		t.Helper()
		pages[d.Proposal.ID] = get[web.ProposalPage](eve, path)
		p = b.answers(method, address, body)
		follow(t, eve, room, pages, kind)
		return p
	}
	words := `{"revision":1,"content":{"description":{"text":"Adversaries may do this, and more."}},"note":"More."}`
	p := then(review.KindSuggested, rob, "POST", path+"/suggestions", words)
	one := path + "/suggestions/" + p.Suggestions[0].ID
	then(review.KindTaken, ana, "POST", one+"/take", `{"revision":1}`)
	then(review.KindUndone, ana, "POST", one+"/undo", `{"revision":2}`)
	p = then(review.KindSuggested, rob, "POST", path+"/suggestions", strings.Replace(words, `"revision":1`, `"revision":3`, 1))
	two := path + "/suggestions/" + p.Suggestions[1].ID
	then(review.KindDeclined, ana, "POST", two+"/decline", `{"revision":3}`)
	p = then(review.KindSuggested, mia, "POST", path+"/suggestions", strings.Replace(words, `"revision":1`, `"revision":3`, 1))
	then(review.KindDropped, mia, "POST", path+"/suggestions/"+p.Suggestions[2].ID+"/drop", `{"revision":3}`)
	then(review.KindCredited, ana, "PUT", path+"/naming", `{"answer":"named","named_as":"Ana Pour"}`)
	p = then(review.KindCredited, ana, "PUT", path+"/thanks", fmt.Sprintf(`{"users":[%q],"names":["Kim Boil"]}`, eve.user.ID))
	if c := p.Credits; len(c) != 2 || c[0].NamedAs != "Ana Pour" || c[1].User != eve.user.ID || len(p.Vouched) != 1 {
		t.Errorf("credits are %+v, vouched for %+v", p.Credits, p.Vouched)
	}
	// An observer who is thanked says so, too, for all that is theirs.
	then(review.KindNaming, eve, "PUT", "/api/me/naming", `{"answer":"named","named_as":"Eve"}`)
	if now := get[review.Naming](eve, "/api/me/naming"); now.NamedAs != "Eve" {
		t.Errorf("kept is %+v", now)
	}
	if list := get[[]review.Proposal](eve, room+"/proposals"); len(list) != 1 || list[0].Credits[1].NamedAs != "Eve" || len(list[0].Suggestions) != 3 {
		t.Errorf("listed is %+v", list)
	}
}

// TestWhoMayNotCreditOrSuggest tries what is not theirs, or not possible.
func TestWhoMayNotCreditOrSuggest(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	id, other := fay.newWorkshop().ID, fay.newWorkshop().ID
	room := "/api/workshops/" + id
	ana, rob, pia, out := s.join("Ana", id), s.join("Rob", id, review.Reviewer), s.join("Pia", id), s.join("Out", other, review.Reviewer)
	path, d := ana.proposes(room, trick)
	words := `{"revision":1,"content":{"name":{"text":"Ruse"}},"note":"Shorter."}`
	if r := rob.ask("POST", path+"/suggestions", words); r.status != 404 {
		t.Errorf("on a draft: %d %s", r.status, r.body)
	}
	ana.answers("POST", path+"/submit", fmt.Sprintf(`{"version":%d}`, d.Version))
	p := rob.answers("POST", path+"/suggestions", words)
	one := path + "/suggestions/" + p.Suggestions[0].ID
	foreign := strings.Replace(one, room, "/api/workshops/"+other, 1)
	for name, c := range map[string]struct {
		who                *browser
		method, path, body string
		status             int
	}{
		"a participant suggests":   {pia, "POST", path + "/suggestions", words, 403},
		"the author suggests":      {ana, "POST", path + "/suggestions", words, 403},
		"not in the workshop":      {out, "POST", path + "/suggestions", words, 404},
		"by another workshop":      {out, "POST", foreign + "/take", `{"revision":1}`, 404},
		"a reviewer takes":         {rob, "POST", one + "/take", `{"revision":1}`, 403},
		"somebody else declines":   {pia, "POST", one + "/decline", `{"revision":1}`, 403},
		"the author drops":         {ana, "POST", one + "/drop", `{"revision":1}`, 403},
		"of another revision":      {ana, "POST", one + "/take", `{"revision":7}`, 409},
		"undone before":            {ana, "POST", one + "/undo", `{"revision":1}`, 409},
		"no such suggestion":       {ana, "POST", path + "/suggestions/none/take", `{"revision":1}`, 404},
		"1 MB":                     {rob, "POST", path + "/suggestions", strings.Replace(words, "Ruse", strings.Repeat("x", 1<<20), 1), 422},
		"who had no part":          {pia, "PUT", path + "/naming", `{"answer":"unnamed","named_as":""}`, 403},
		"no answer":                {ana, "PUT", path + "/naming", `{"answer":"","named_as":""}`, 422},
		"a long name":              {ana, "PUT", path + "/naming", `{"answer":"named","named_as":"` + strings.Repeat("x", 200) + `"}`, 422},
		"two lines":                {ana, "PUT", "/api/me/naming", `{"answer":"named","named_as":"a\nb"}`, 422},
		"thanks by somebody else":  {rob, "PUT", path + "/thanks", `{"users":[],"names":[]}`, 403},
		"thanks to a stranger":     {ana, "PUT", path + "/thanks", fmt.Sprintf(`{"users":[%q],"names":[]}`, out.user.ID), 422},
		"a name that is not there": {ana, "PUT", path + "/thanks", `{"users":[],"names":["Kim"]}`, 422},
		"signed out":               {&browser{site: s}, "GET", "/api/me/naming", "", 401},
	} {
		r := c.who.ask(c.method, c.path, c.body)
		if problem := r.problem(t); r.status != c.status || problem.Detail == "" {
			t.Errorf("%s: %d %.300s", name, r.status, r.body)
		}
	}
	now := get[web.ProposalPage](ana, path).Proposal
	if len(now.Suggestions) != 1 || now.Suggestions[0].State != review.SuggestionOpen || slices.ContainsFunc(now.Credits, func(c review.Credit) bool { return c.Answer != review.AnswerNone }) {
		t.Errorf("something was written: %+v", now)
	}
}
