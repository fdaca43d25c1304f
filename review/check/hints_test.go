package check_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
)

func TestHints(t *testing.T) {
	for text, want := range map[string][]string{
		"": nil, "{{a}}": {"{{a}}"}, "{{ a b }} and {{c}}": {"{{ a b }}", "{{c}}"}, "`AppID\\{{AppID_GUID}}`": nil, "<code>{{x}}</code> {{y}}": {"{{y}}"},
		"{{}}": nil, "{a} {{a\nb}}": nil, "(Citation: {{who}})": {"{{who}}"},
	} {
		if got := check.Hints(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q", text, got)
		}
	}
	one := of(check.CodeHint, drafted(attack.NewTechnique, attack.FieldReferences, attack.Value{References: []attack.Reference{{SourceName: "A", Description: "{{Who}}. (2026)."}}}))
	two := of(check.CodeHint, drafted(attack.NewTechnique, attack.FieldDescription, text("{{a}} {{b}}")))
	if len(one) != 1 || len(two) != 1 || !strings.Contains(two[0].Message, "2 hints") || two[0].Level != check.Error {
		t.Errorf("found %+v and %+v", one, two)
	}
}
