package check_test

import (
	"encoding/json"
	"testing"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
)

// FuzzRun checks whatever the shape lets through: it must not panic, and what
// was made normal stays as it is.
func FuzzRun(f *testing.F) {
	f.Add([]byte(`{"name":{"text":"Trick"},"description":{"text":"a (Citation: B) (LinkById: T1055) 10.1.1[.]1 <b>"},"tactics":{"list":["x"]},"references":{"references":[{"source_name":"B","url":"hxxp://x[.]y"}]}}`))
	f.Add([]byte(`{"parent":{"text":"attack-pattern--1"},"source":{"text":""}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var content attack.Content
		if json.Unmarshal(text, &content) != nil {
			return
		}
		for _, form := range attack.Forms() {
			if check.Shape(form, nil, content) != nil {
				continue
			}
			normal := check.Normal(form, nil, content)
			if again := check.Normal(form, nil, normal); !same(normal, again) {
				t.Errorf("%v became %v", normal, again)
			}
			check.Run(check.Subject{Form: form, Content: normal}, check.Known{})
		}
	})
}

func same(a, b attack.Content) bool {
	for _, c := range [][2]attack.Content{{a, b}, {b, a}} {
		for name, v := range c[0] {
			if !v.Equal(c[1][name]) {
				return false
			}
		}
	}
	return true
}
