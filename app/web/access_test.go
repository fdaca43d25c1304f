package web_test

import (
	"slices"
	"testing"

	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/review"
)

// TestPagesLearnTheTables: what pages show as allowed is what the server allows.
func TestPagesLearnTheTables(t *testing.T) {
	s := start(t)
	got := get[web.Workflow](s.signIn("Ana", false, false), "/api/workflow")
	if len(got.Transitions) != len(review.Transitions()) || !slices.Equal(got.Roles, workshop.AllRoles()) || !slices.Equal(got.Waiting, review.Waiting()) {
		t.Errorf("got %+v", got)
	}
	for _, operation := range []string{"start-proposal", "post-message", "approve-proposal", "open-release", "change-workshop"} {
		if len(got.Operations[operation]) == 0 {
			t.Errorf("no roles for %s, which the pages ask for", operation)
		}
	}
	for operation, roles := range got.Operations {
		for _, role := range got.Roles {
			if slices.Contains(roles, role) != web.Allowed(operation, string(role)) {
				t.Errorf("%s as %s: told otherwise than decided", operation, role)
			}
		}
	}
	for _, operation := range []string{"get-me", "create-workshop", "start-import"} {
		if _, ok := got.Operations[operation]; ok {
			t.Errorf("%s is not an operation on a workshop", operation)
		}
	}
}
