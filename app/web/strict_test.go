package web

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// TestStrictSaysWhere: an error names the byte at which it was noticed.
func TestStrictSaysWhere(t *testing.T) {
	for content, where := range map[string]string{
		`{"body":`:                " near byte 8.",
		`{"body":"a","body":"b"}`: " near byte 12.",
		"{\"body\":\"\xff\"}":     " near byte 9.",
		`{} {}`:                   " near byte 4.",
	} {
		err := strict([]byte(content))
		if err == nil || !strings.HasSuffix(err.Error(), where) {
			t.Errorf("%s: %v, want%s", content, err, where)
		}
	}
}

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
