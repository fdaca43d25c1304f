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
		"sign-in": false, "sign-out": false, "change-me": false, "join": false, "preview": false, "start-import": false} {
		if has[operation] != want {
			t.Errorf("%s: %v", operation, has[operation])
		}
	}
}
