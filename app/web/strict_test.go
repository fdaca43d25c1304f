package web

import (
	"bytes"
	"encoding/json"
	"testing"
)

// FuzzStrict: what is let through is blank or JSON.
func FuzzStrict(f *testing.F) {
	f.Add([]byte(`{"a":1,"a":2}`))
	f.Add([]byte(" \n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if strict(content) == nil && len(bytes.TrimSpace(content)) > 0 && !json.Valid(content) {
			t.Errorf("let through %q", content)
		}
	})
}
