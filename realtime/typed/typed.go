// Package typed refuses what cannot be kept of a text that people typed. It is
// the only place that knows which characters these are.
package typed

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// Line checks one line of at most limit characters; field names the input.
func Line(field, text string, limit int) error {
	if strings.ContainsAny(text, "\n\t\r") {
		return fault.InField(field, "This must be one line.")
	}
	return Text(field, text, limit)
}

// Text checks a text of any number of lines and at most limit characters; field
// names the input.
func Text(field, text string, limit int) error {
	switch n := utf8.RuneCountInString(text); {
	case !utf8.ValidString(text):
		return fault.InField(field, "This contains bytes that are not text (UTF-8).")
	case n > limit:
		return fault.InField(field, "This has %d characters; %d are allowed.", n, limit)
	case strings.ContainsFunc(text, func(r rune) bool { return Hidden(r) && !strings.ContainsRune("\n\t\r", r) }):
		return fault.InField(field, "This contains invisible control characters. Type the text again instead of pasting it.")
	}
	return nil
}

// Hidden says whether a character is a control character, or one that makes
// text read in another order than it is stored.
func Hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}
