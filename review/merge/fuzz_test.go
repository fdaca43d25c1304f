package merge_test

import (
	"encoding/json"
	"testing"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/merge"
)

// FuzzMerge merges any three contents: it must not panic, and a side that
// changed nothing changes nothing.
func FuzzMerge(f *testing.F) {
	f.Add([]byte(`[{"name":{"text":"a"}},{"tactics":{"list":["x","x"]}},{"references":{"references":[{"source_name":"R"},{"source_name":"R","url":"u"}]}}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var c [3]attack.Content
		if json.Unmarshal(text, &c) != nil {
			return
		}
		for _, form := range attack.Forms() {
			merge.Merge(form, c[0], c[1], c[2])
			if r := merge.Merge(form, c[0], c[0], c[2]); len(r.Conflicts) > 0 || len(merge.Changed(form, c[2], r.Content)) > 0 {
				t.Errorf("%s: theirs %v became %v", form.Kind, c[2], r.Content)
			}
		}
	})
}

// FuzzText merges any three texts: who is ours and who theirs does not matter.
func FuzzText(f *testing.F) {
	for _, s := range hostile(200) {
		f.Add(s, s[len(s)/2:], s[:len(s)/2])
	}
	f.Add("a (Citation: b (c)) d", "a (Citation: b (c) d", "a (Citation: b (c))\n\nd")
	f.Fuzz(func(t *testing.T, base, ours, theirs string) { checkText(t, base, ours, theirs) })
}
