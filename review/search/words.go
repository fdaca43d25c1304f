package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
	"golang.org/x/text/unicode/norm"
)

// longestWord is how many bytes of a word count; what is longer is a digest or
// a key, of which the beginning is enough.
const longestWord = 40

// words reads the words of a text, one by one. A word is a run of letters and
// digits; writing that does not part words is read character by character.
type words struct {
	text       string
	at         int
	start, end int    // of the present word, in text
	word       []byte // folded; overwritten by the next
	buffer     [longestWord]byte
}

func (w *words) next() bool {
	w.word = w.buffer[:0]
	for w.at < len(w.text) {
		from := w.at
		c, size := rune(w.text[from]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRuneInString(w.text[from:])
		}
		w.at += size
		inside := len(w.word) > 0
		switch {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			w.take(from, byte(c))
		case 'A' <= c && c <= 'Z':
			w.take(from, byte(c)|0x20)
		case c < utf8.RuneSelf:
			if inside {
				return true
			}
		case unicode.In(c, unicode.Mn, unicode.Cf): // accents of their own, soft hyphens
		case !unicode.In(c, unicode.L, unicode.N):
			if inside {
				return true
			}
		case unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana):
			if inside {
				w.at = from
				return true
			}
			w.take(from, fold(c)...)
			if len(w.word) > 0 {
				return true
			}
		default:
			w.take(from, fold(c)...)
		}
	}
	return len(w.word) > 0
}

func (w *words) take(from int, folded ...byte) {
	if len(w.word) == 0 {
		w.start = from
	}
	w.end = w.at
	if len(w.word)+len(folded) <= longestWord {
		w.word = append(w.word, folded...)
	}
}

// fold gives the plain small letters of a letter beyond ASCII.
func fold(c rune) []byte {
	switch c = unicode.ToLower(c); c { // what Unicode does not take apart
	case 'ß':
		return []byte("ss")
	case 'æ':
		return []byte("ae")
	case 'œ':
		return []byte("oe")
	case 'ø':
		return []byte("o")
	case 'đ', 'ð':
		return []byte("d")
	case 'ł':
		return []byte("l")
	case 'þ':
		return []byte("th")
	case 'ı':
		return []byte("i")
	}
	own := utf8.AppendRune(nil, c)
	apart := norm.NFKD.Properties(own).Decomposition()
	if apart == nil {
		return own
	}
	var plain []byte
	for _, part := range string(apart) {
		if unicode.In(part, unicode.L, unicode.N) {
			plain = utf8.AppendRune(plain, unicode.ToLower(part))
		}
	}
	return plain
}

// squeeze gives all words of a text as one: how a name is written with spaces,
// hyphens or none makes no difference.
func squeeze(text string) string {
	var all []byte
	w := words{text: text}
	for w.next() {
		all = append(all, w.word...)
	}
	return string(all)
}

// stem cuts the ending off an English word. Who does something is called by
// what they do: a keylogger is found by keylogging, a scanner by scan.
func stem(word string) string {
	cut := english.Stem(word, false)
	if len(cut) >= 6 && strings.HasSuffix(cut, "er") {
		cut = cut[:len(cut)-2]
	}
	if n := len(cut); n > 3 && cut[n-1] == cut[n-2] && strings.IndexByte("bdfgmnprt", cut[n-1]) >= 0 {
		cut = cut[:n-1]
	}
	return cut
}

// stop says whether a word says nothing about what a text is about.
func stop(word string) bool { return len(word) < 2 || english.IsStopWord(word) }
