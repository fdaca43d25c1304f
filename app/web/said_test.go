package web_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/review"
)

// TestMessagesAreFound searches what two people said, and what was taken away.
func TestMessagesAreFound(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	w, other := fay.newWorkshop().ID, fay.newWorkshop().ID
	ana := s.join("Ana", w, review.Observer, review.Participant)
	room := "/api/workshops/" + w
	say := func(b *browser, path, body string) (m discuss.Message) {
		t.Helper()
		r := b.ask("POST", path, fmt.Sprintf(`{"body":%q}`, body))
		if err := json.Unmarshal(r.body, &m); err != nil || r.status != 200 {
			t.Fatalf("post: %d %s", r.status, r.body)
		}
		return m
	}
	first := say(fay, room+"/messages", "Kettles **whistle**.")
	say(ana, room+"/objects/T0001/messages", "A kettle hums.")
	say(ana, room+"/messages", "No pots.")
	say(fay, "/api/workshops/"+other+"/messages", "A kettle elsewhere.")
	for body, path := range map[string]string{"A deleted kettle.": "", "A hidden kettle.": "/hide"} {
		m := say(ana, room+"/messages", body)
		method, by, why := "DELETE", ana, ""
		if path != "" {
			method, by, why = "POST", fay, `{"reason":"Rude."}`
		}
		if r := by.ask(method, room+"/messages/"+m.ID+path, why); r.status != 200 {
			t.Fatalf("%s: %d %s", body, r.status, r.body)
		}
	}
	if r := fay.ask("PATCH", room+"/messages/"+first.ID, `{"body":"Kettles **hum**, too.","version":1}`); r.status != 200 {
		t.Fatalf("edit: %d %s", r.status, r.body)
	}
	for query, want := range map[string][]string{
		"q=kettle":                   {"A kettle hums.", "Kettles hum, too."},
		"q=kettle+hum":               {"A kettle hums.", "Kettles hum, too."},
		"q=whistle":                  nil, // it was edited
		"q=deleted":                  nil,
		"q=hidden":                   nil,
		"q=elsewhere":                nil,
		"q=kettle&by=" + ana.user.ID: {"A kettle hums."},
		"q=&about=object":            {"A kettle hums."},
		"q=&about=agenda":            nil,
		"":                           {"No pots.", "A kettle hums.", "Kettles hum, too."},
	} {
		var got []string
		for before := int64(0); ; {
			found := get[web.SaidFound](ana, fmt.Sprintf("%s/said?limit=1&before=%d&%s", room, before, query))
			for _, hit := range found.Hits {
				text := ""
				for _, part := range hit.Excerpt {
					text += part.Text
				}
				got = append(got, text)
			}
			if before = found.Next; before == 0 {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", query, diff)
		}
	}
	if r := s.signIn("Eve", false, false).ask("GET", room+"/said?q=kettle", ""); r.status != 404 {
		t.Errorf("who is not in it gets %d", r.status)
	}
}
