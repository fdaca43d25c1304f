package check_test

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

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

// FuzzText holds the places of what must not be shared to what stands there,
// and its key to be the same by itself.
func FuzzText(f *testing.F) {
	for _, text := range []string{"🫖 45.77.65.211", "Чайник miсrosoft-panel.ru", "193.32.\u200b162.7 TLP:RED", "e\u0301 user: jdoe\n\n+49 89 1234567", "our network"} {
		f.Add(text)
	}
	k := known()
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		for _, c := range check.Text("body", text, k) {
			if c.Shared == nil {
				continue
			}
			if got := cutOut(text, c.Shared.Places[0]); got != c.Shared.Text {
				t.Errorf("%q: %q stands at %+v, not %q", text, got, c.Shared.Places[0], c.Shared.Text)
			}
			if !check.Keys(check.Subject{}, text, k)[c.Shared.Key] {
				t.Errorf("%q: the key of %q is none of its keys", text, c.Shared.Text)
			}
		}
	})
}
