package web_test

import (
	"testing"

	"github.com/atelier-attack/atelier/review/check"
)

func TestTheRulesExplainThemselves(t *testing.T) {
	s := start(t)
	if r := (&browser{site: s}).ask("GET", "/api/checks", ""); r.status != 401 {
		t.Errorf("who is not signed in gets %d", r.status)
	}
	rules := get[[]check.Rule](s.signIn("Ana", false, false), "/api/checks")
	if len(rules) != len(check.Rules()) {
		t.Fatalf("%d rules", len(rules))
	}
	for _, rule := range rules {
		if rule.ID == "" || rule.Level == "" || rule.Title == "" || rule.Why == "" || rule.How == "" || rule.Link == "" {
			t.Errorf("a rule does not explain itself: %+v", rule)
		}
	}
}
