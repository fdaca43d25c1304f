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
