package typed_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/typed"
)

func TestWhatIsTypedIsText(t *testing.T) {
	for text, want := range map[string]struct{ line, text bool }{
		"":                      {true, true},
		"Ünïcödé 茶 🫖":           {true, true},
		"می\u200cخواهم":         {true, true}, // a non-joiner is part of Persian spelling
		"two\nlines":            {false, true},
		"a\tb\r\n":              {false, true},
		strings.Repeat("é", 20): {true, true},
		strings.Repeat("é", 21): {false, false},
		"a\xff":                 {false, false},
		"a\x00":                 {false, false},
		"a\x1b[31m":             {false, false},
		"a\u0085":               {false, false},
	} {
		refusals(t, text, want.line, want.text)
	}
	for _, turned := range "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" {
		refusals(t, "a"+string(turned), false, false)
	}
}

func refusals(t *testing.T, text string, line, lines bool) {
	t.Helper()
	for mode, c := range map[string]struct {
		err error
		ok  bool
	}{"line": {typed.Line("here", text, 20), line}, "text": {typed.Text("here", text, 20), lines}} {
		var f *fault.Error
		if c.ok != (c.err == nil) || !c.ok && (!errors.As(c.err, &f) || f.Code != fault.Invalid || f.Field != "here") {
			t.Errorf("%q as a %s: %v", text, mode, c.err)
		}
	}
}
