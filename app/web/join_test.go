package web_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/app/web"
)

// TestWhoCannotJoinLeavesNothingBehind has the last step of joining fail.
func TestWhoCannotJoinLeavesNothingBehind(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	room := "/api/workshops/" + fay.newWorkshop().ID
	in := get[web.Invitation](fay, room+"/invitation")
	before := get[web.Room](fay, room)
	if err := s.DB.Exec(`CREATE TRIGGER broken BEFORE INSERT ON sessions BEGIN SELECT RAISE(ABORT, 'broken'); END`).Error; err != nil {
		t.Fatal(err)
	}
	r := (&browser{site: s}).ask("POST", "/api/join", fmt.Sprintf(`{"code":%q,"name":"Ana"}`, in.Code))
	if p := r.problem(t); r.status != 500 || strings.Contains(p.Detail, "broken") || strings.Contains(p.Detail, "Nothing was changed") || r.header.Get("Set-Cookie") != "" {
		t.Errorf("join: %d %s", r.status, r.body)
	}
	var people int64
	if err := s.DB.Table("users").Where("name = ?", "Ana").Count(&people).Error; err != nil || people != 0 {
		t.Errorf("there are %d of her, %v", people, err)
	}
	if after := get[web.Room](fay, room); after.Seq != before.Seq || len(after.Members) != 1 {
		t.Errorf("the room is %+v", after)
	}
}

// TestWhoJoinsTwiceIsOnePerson repeats what was answered, as who lost the answer
// does.
func TestWhoJoinsTwiceIsOnePerson(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	room := "/api/workshops/" + fay.newWorkshop().ID
	code := get[web.Invitation](fay, room+"/invitation").Code
	join := func(name, key string) *browser {
		t.Helper()
		b := &browser{site: s}
		r := b.ask("POST", "/api/join", fmt.Sprintf(`{"code":%q,"name":%q}`, code, name), "Idempotency-Key", key)
		if r.status != 200 {
			t.Fatalf("join: %d %s", r.status, r.body)
		}
		set, _, _ := strings.Cut(r.header.Get("Set-Cookie"), ";")
		b.cookie = strings.TrimPrefix(set, "atelier_session=")
		return b
	}
	const key = "0b6f6a0e-5c1f-4a57-9c39-1f3f1c7a2f11"
	first, again := get[web.Me](join("Ana", key), "/api/me"), get[web.Me](join("Anna", key), "/api/me")
	if first.User == nil || again.User == nil || *first.User != *again.User || len(again.Memberships) != 1 {
		t.Errorf("first %+v, then %+v", first, again)
	}
	other, short, repeated := get[web.Me](join("Bo", key+"2"), "/api/me"), get[web.Me](join("Cy", "1"), "/api/me"), get[web.Me](join("Di", "1"), "/api/me")
	if other.User.Name != "Bo" || short.User.Name != "Cy" || repeated.User.Name != "Di" {
		t.Errorf("with other keys, %+v, %+v, %+v", other.User, short.User, repeated.User)
	}
	if after := get[web.Room](fay, room); len(after.Members) != 5 {
		t.Errorf("there are %d members, want Fay, Ana, Bo, Cy and Di", len(after.Members))
	}
	var kept []string
	if err := s.DB.Table("answers").Pluck("user_id || key || answer", &kept).Error; err != nil || strings.Contains(fmt.Sprint(kept), key) || !strings.Contains(fmt.Sprint(kept), first.User.ID) {
		t.Errorf("the database keeps %v, %v", kept, err)
	}
}

// TestTheKeyIsDocumentedWhereItWorks looks at some of each kind.
func TestTheKeyIsDocumentedWhereItWorks(t *testing.T) {
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Parameters  []struct{ Name string }
		} `json:"paths"`
	}
	b := &browser{site: start(t)}
	if err := json.Unmarshal(b.ask("GET", "/api/openapi.json", "").body, &document); err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for _, methods := range document.Paths {
		for _, op := range methods {
			for _, p := range op.Parameters {
				has[op.OperationID] = has[op.OperationID] || p.Name == "Idempotency-Key"
			}
		}
	}
	for operation, want := range map[string]bool{"create-workshop": true, "post-message": true, "save-draft": true, "publish-release": true, "get-workshop": false,
		"sign-in": false, "sign-out": false, "change-me": false, "join": true, "preview": false, "start-import": false} {
		if has[operation] != want {
			t.Errorf("%s: %v", operation, has[operation])
		}
	}
}
