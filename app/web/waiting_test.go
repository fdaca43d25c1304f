package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-attack/atelier/app/notify"
	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/review"
)

// waits waits until somebody is told what is wanted, latest first: what is not
// read has a star.
func (b *browser) waits(want ...string) notify.Waiting {
	b.t.Helper()
	for until := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		w := get[notify.Waiting](b, "/api/me/waiting")
		var got []string
		for _, i := range w.Items {
			line := i.Text
			if i.Unread {
				line = "* " + line
			}
			got = append(got, line)
		}
		diff := cmp.Diff(want, got)
		if diff == "" {
			return w
		}
		if time.Now().After(until) {
			b.t.Fatalf("%s sees (+):\n%s", b.user.Name, diff)
		}
	}
}

// TestAProposalIsFollowedByWhoItConcerns takes one from a draft to a verdict.
func TestAProposalIsFollowedByWhoItConcerns(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	w := fay.newWorkshop()
	room := "/api/workshops/" + w.ID
	ana, bo := s.join("Ana", w.ID), s.join("Bo", w.ID)
	rob, ria := s.join("Rob", w.ID, review.Reviewer), s.join("Ria", w.ID, review.Reviewer)
	do := func(b *browser, method, path, body string) reply {
		t.Helper()
		r := b.ask(method, path, body)
		if r.status != 200 && r.status != 204 {
			t.Fatalf("%s %s: %d %s", method, path, r.status, r.body)
		}
		return r
	}
	path, d := ana.proposes(room, trick)
	id := path[strings.LastIndex(path, "/")+1:]
	do(ana, "PUT", path+"/authors", fmt.Sprintf(`{"users":[%q]}`, bo.user.ID))
	if i := bo.waits("* Ana invited you to write in #1 Trick").Items[0]; i.Href != "/w/"+w.ID+"/proposals/"+id+"/edit" || i.WorkshopName != "Winter" || i.Actor != ana.user {
		t.Errorf("it is %+v", i)
	}
	do(ana, "PUT", path+"/authors", `{"users":[]}`)
	bo.waits()
	do(ana, "PUT", path+"/authors", fmt.Sprintf(`{"users":[%q]}`, bo.user.ID))
	bo.waits("* Ana invited you to write in #1 Trick")

	do(ana, "POST", path+"/submit", fmt.Sprintf(`{"version":%d}`, d.Version))
	asked := "* #1 Trick asks for your review"
	rob.waits(asked)
	ria.waits(asked)
	do(rob, "POST", path+"/start-review", `{"revision":1,"note":""}`)
	ria.waits(asked[2:]) // somebody else does it
	rob.waits(asked[2:])
	do(rob, "POST", path+"/request-changes", `{"revision":1,"note":"Say how."}`)
	ana.waits("* #1 Trick waits for you (changes were requested)")
	bo.waits("* #1 Trick needs changes, by Rob", "* Ana invited you to write in #1 Trick")

	draft := get[review.Draft](ana, path+"/draft")
	do(ana, "POST", path+"/submit", fmt.Sprintf(`{"version":%d}`, draft.Version))
	rob.waits("* #1 Trick asks for your review (was revised as asked)", asked[2:])
	do(rob, "POST", path+"/approve", `{"revision":2,"note":""}`)
	ana.waits("* #1 Trick was accepted, by Rob", "#1 Trick waits for you (changes were requested)")
	bo.waits("* #1 Trick was accepted, by Rob", "#1 Trick needs changes, by Rob", "* Ana invited you to write in #1 Trick")
	fay.waits("* #1 Trick waits for you (accepted, waits for a release)", asked[2:])
	ria.waits(asked[2:])

	card := `{"card":{"shown":false,"offers":"","seeks":"","interests":[]},"contact":{"email":"%s@example.org","phone":"","web":"","other":""}}`
	for _, b := range []*browser{rob, ria} {
		do(b, "PUT", room+"/people/me", fmt.Sprintf(card, b.user.Name))
	}
	do(ria, "PUT", room+"/people/"+rob.user.ID+"/contact", `{"wanted":true}`)
	rob.waits("* Ria would like to exchange contacts with you", "#1 Trick asks for your review (was revised as asked)", asked[2:])
	do(rob, "PUT", room+"/people/"+ria.user.ID+"/contact", `{"wanted":true}`)
	rob.waits("Ria would like to exchange contacts with you", "#1 Trick asks for your review (was revised as asked)", asked[2:])
	ria.waits("* Rob exchanged contacts with you", asked[2:])
	do(rob, "PUT", room+"/people/"+ria.user.ID+"/contact", `{"wanted":false}`)
	ria.waits(asked[2:])
}

// TestAMentionIsToldToAllDevices has one tab open that follows no workshop.
func TestAMentionIsToldToAllDevices(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	w := fay.newWorkshop()
	room := "/api/workshops/" + w.ID
	ana, bo := s.join("Ana", w.ID), s.join("Bo", w.ID)
	tab, others := ana.listen(), bo.listen()
	hears := func() {
		t.Helper()
		next(t, tab, func(f frame) bool { return f.Type == "yours" && f.About == web.AboutWaiting && f.Workshop == "" })
	}
	r := fay.ask("POST", room+"/messages", `{"body":"Dear @Ana"}`)
	var said struct {
		ID  string
		Seq int64
	}
	if err := json.Unmarshal(r.body, &said); err != nil || r.status != 200 {
		t.Fatalf("post: %d %s", r.status, r.body)
	}
	hears()
	told := ana.waits("* Fay mentioned you in the room")
	if i := told.Items[0]; told.Unread != 1 || i.Excerpt != "Dear @Ana" || i.Href != "/w/"+w.ID+"#message-"+said.ID {
		t.Errorf("told is %+v", told)
	}
	if r := ana.ask("PUT", room+"/unread", fmt.Sprintf(`{"threads":[{"thread":%q,"seq":%d}]}`, said.ID, said.Seq)); r.status != 204 {
		t.Fatalf("mark: %d %s", r.status, r.body)
	}
	hears()
	ana.waits("Fay mentioned you in the room")
	fay.ask("POST", room+"/messages", `{"body":"And @Ana"}`)
	hears()
	ana.waits("* Fay mentioned you in the room", "Fay mentioned you in the room")
	marked := ana.ask("POST", "/api/me/waiting", `{}`)
	hears()
	ana.waits("Fay mentioned you in the room", "Fay mentioned you in the room")
	if r := ana.ask("POST", "/api/me/waiting", strings.Replace(string(marked.body), "{", `{"read":false,`, 1)); r.status != 200 {
		t.Fatalf("take it back: %d %s", r.status, r.body)
	}
	hears()
	ana.waits("* Fay mentioned you in the room", "Fay mentioned you in the room")
	bo.waits()
	fay.ask("POST", room+"/messages", `{"body":"@Bo"}`) // comes after whatever was told before
	for n := 0; n < 1; {
		f := next(t, others, func(f frame) bool { return f.Type == "yours" })
		if n++; len(bo.waits("* Fay mentioned you in the room").Items) != 1 {
			t.Errorf("told too early: %+v", f)
		}
	}
	if r := bo.ask("POST", "/api/me/waiting", `{"read":false}`); r.status != 422 {
		t.Errorf("nothing is not read: %d %s", r.status, r.body)
	}
}

// TestWhatIsTurnedOffIsNotCounted turns one kind off, and on again.
func TestWhatIsTurnedOffIsNotCounted(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	w := fay.newWorkshop()
	ana := s.join("Ana", w.ID)
	fay.ask("POST", "/api/workshops/"+w.ID+"/messages", `{"body":"Dear @Ana"}`)
	told := "* Fay mentioned you in the room"
	ana.waits(told)
	set := func(choice string) web.NoticeSettings {
		t.Helper()
		r := ana.ask("PUT", "/api/me/notices", `{"choices":[`+choice+`]}`)
		var now web.NoticeSettings
		if err := json.Unmarshal(r.body, &now); err != nil || r.status != 200 {
			t.Fatalf("choose: %d %s", r.status, r.body)
		}
		return now
	}
	if now := set(`{"kind":"mentioned","channel":"page","on":false}`); len(now.Kinds) != len(notify.Kinds()) || now.Kinds[0].Page || !now.Kinds[0].Mail || !now.Kinds[1].Page {
		t.Errorf("it is %+v", now)
	}
	if w := ana.waits(); w.Unread != 0 {
		t.Errorf("counted are %d", w.Unread)
	}
	set(`{"kind":"mentioned","channel":"mail","on":false}`)
	ana.waits()
	set(`{"kind":"mentioned","channel":"page","on":false},{"kind":"mentioned","channel":"page","on":true}`)
	ana.waits(told)
	if r := ana.ask("PUT", "/api/me/notices", `{"choices":[{"kind":"weather","channel":"page","on":true}]}`); r.status != 422 {
		t.Errorf("an unknown kind: %d %s", r.status, r.body)
	}
	if now := get[web.NoticeSettings](fay, "/api/me/notices"); !now.Kinds[0].Page || !now.Kinds[0].Mail {
		t.Errorf("another one's is %+v", now)
	}
}

// TestOneClickEndsMail is what mail programs send, without a cookie.
func TestOneClickEndsMail(t *testing.T) {
	s := start(t)
	ana := s.signIn("Ana", false, false)
	if r := ana.ask("PUT", "/api/me/notices/address", `{"address":"ana@example.org"}`); r.status != 409 {
		t.Errorf("an address where no mail is sent: %d %s", r.status, r.body)
	}
	if r := ana.ask("PUT", "/api/me/notices/digest", `{"digest":"daily","hour":7,"zone":"Europe/Lisbon"}`); r.status != 200 {
		t.Fatalf("set the digest: %d %s", r.status, r.body)
	}
	hash := sha256.Sum256([]byte("secret"))
	err := s.DB.Exec("INSERT INTO mail_tokens (token_hash, user_id, purpose, address, expires_at) VALUES (?, ?, 'stop', '', ?)",
		hex.EncodeToString(hash[:]), ana.user.ID, time.Now().Add(time.Hour).UTC()).Error
	if err != nil {
		t.Fatal(err)
	}
	nobody := &browser{site: s}
	if r := nobody.ask("GET", "/unsubscribe?token=secret", ""); r.status != 200 {
		t.Errorf("the page: %d", r.status)
	}
	if r := nobody.ask("POST", "/unsubscribe?token=guess", "List-Unsubscribe=One-Click", "Content-Type", "application/x-www-form-urlencoded"); r.status != 410 {
		t.Errorf("a guess: %d %s", r.status, r.body)
	}
	if now := get[web.NoticeSettings](ana, "/api/me/notices").Mail; now.Digest != notify.Daily || now.Hour != 7 || now.Possible {
		t.Errorf("before it is %+v", now)
	}
	for range 2 {
		if r := nobody.ask("POST", "/unsubscribe?token=secret", "List-Unsubscribe=One-Click", "Content-Type", "application/x-www-form-urlencoded"); r.status != 200 {
			t.Errorf("one click: %d %s", r.status, r.body)
		}
	}
	if now := get[web.NoticeSettings](ana, "/api/me/notices").Mail; now.Digest != notify.Off {
		t.Errorf("after it is %+v", now)
	}
	for path, body := range map[string]string{"/api/me/notices/digest": `{"digest":"daily","hour":24,"zone":"UTC"}`, "/api/me/notices/address": `{"address":"ana"}`} {
		if r := ana.ask("PUT", path, body); r.status != 422 {
			t.Errorf("%s %s: %d %s", path, body, r.status, r.body)
		}
	}
}
