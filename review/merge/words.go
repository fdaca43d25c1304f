package merge

import (
	"cmp"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// document is a text by paragraphs, with the space around it all.
type document struct {
	before, after string
	paragraphs    []paragraph
}

// paragraph is a block of Markdown and the space before it, which is empty for
// the first of a text.
type paragraph struct {
	lead, text string
}

// read cuts a text where a line is empty, and before each item of a list,
// heading and row of a table.
func read(text string) document {
	rest := strings.TrimLeftFunc(text, unicode.IsSpace)
	trimmed := strings.TrimRightFunc(rest, unicode.IsSpace)
	d := document{before: text[:len(text)-len(rest)], after: rest[len(trimmed):]}
	lead, start := "", 0
	for at := 0; at < len(trimmed); {
		space := spaceAt(trimmed[at:])
		end := at + max(len(space), sizeAt(trimmed[at:]))
		if breaks(space, trimmed[end:]) {
			d.paragraphs = append(d.paragraphs, paragraph{lead, trimmed[start:at]})
			lead, start = space, end
		}
		at = end
	}
	if trimmed != "" {
		d.paragraphs = append(d.paragraphs, paragraph{lead, trimmed[start:]})
	}
	return d
}

// breaks says whether a paragraph ends at a space, from what is behind it.
func breaks(space, next string) bool {
	lines := strings.Count(space, "\n")
	return lines > 1 || lines == 1 && block.MatchString(next[:min(len(next), longestMarker)])
}

func (d document) texts() []string {
	texts := make([]string, len(d.paragraphs))
	for i, p := range d.paragraphs {
		texts[i] = p.text
	}
	return texts
}

// agreeOnSpace gives each paragraph of the base, wherever it still is, the same
// space before it.
func agreeOnSpace(b, o, t document, left, right []hunk) {
	inOurs, inTheirs := places(len(b.paragraphs), left), places(len(b.paragraphs), right)
	for i := range b.paragraphs {
		was := b.paragraphs[i].lead
		lead := pickSpace(was, o.leadOf(inOurs[i], was), t.leadOf(inTheirs[i], was))
		b.paragraphs[i].lead = lead
		if p := inOurs[i]; p >= 0 {
			o.paragraphs[p].lead = lead
		}
		if p := inTheirs[i]; p >= 0 {
			t.paragraphs[p].lead = lead
		}
	}
}

// leadOf is the space before a paragraph, or what it was where the paragraph is
// gone, or has become the first.
func (d document) leadOf(i int, was string) string {
	if i < 0 {
		return was
	}
	return cmp.Or(d.paragraphs[i].lead, was)
}

// places tells where each element of a base is on a side; -1: it is gone.
func places(n int, hunks []hunk) []int {
	at, shift := make([]int, n), 0
	i := 0
	for _, h := range hunks {
		for ; i < h.start; i++ {
			at[i] = i + shift
		}
		for ; i < h.end; i++ {
			at[i] = -1
		}
		if h.pair {
			at[h.start] = h.from
		}
		shift = h.to - h.end
	}
	for ; i < n; i++ {
		at[i] = i + shift
	}
	return at
}

// pickSpace merges space, which says too little to ask anybody: of two changes
// the greater one stays.
func pickSpace(base, ours, theirs string) string {
	switch base {
	case ours:
		return theirs
	case theirs:
		return ours
	}
	return max(ours, theirs)
}

// block is what begins a block on a line of its own.
var block = regexp.MustCompile(`^(?:[*+-][ \t]|[0-9]{1,9}[.)][ \t]|#{1,6}[ \t]|\|)`)

const longestMarker = 12

// words cuts a text into tokens whose sum is the text: citations and links,
// space, words, and the punctuation around them, sign by sign. It takes linear
// time: markup that is not closed is given up at the second next parenthesis
// that is not closed either.
func words(text string) []string {
	var tokens []string
	for at := 0; at < len(text); {
		token := text[at:]
		if m := markupAt(token); m != "" {
			token = m
		} else if s := spaceAt(token); s != "" {
			token = s
		} else {
			token = wordAt(token)
		}
		tokens = append(tokens, token)
		at += len(token)
	}
	return tokens
}

// markupAt gives the citation or link that a text begins with. The name of a
// citation may have parentheses in it, one level deep, and so may an address.
func markupAt(text string) string {
	open := 0
	switch {
	case strings.HasPrefix(text, "(Citation: "), strings.HasPrefix(text, "(LinkById: "):
	case strings.HasPrefix(text, "["), strings.HasPrefix(text, "!["):
		label := strings.IndexByte(text, '[') + 1
		end := strings.IndexAny(text[label:], "[]")
		if end < 0 || !strings.HasPrefix(text[label+end:], "](") {
			return ""
		}
		open = label + end + 1
	default:
		return ""
	}
	for i, depth := open, 0; i < len(text); i++ {
		switch text[i] {
		case '(':
			if depth++; depth > 2 {
				return ""
			}
		case ')':
			if depth--; depth == 0 {
				return text[:i+1]
			}
		}
	}
	return ""
}

func spaceAt(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsSpace(r) })
	if end < 0 {
		return text
	}
	return text[:end]
}

// wordAt gives the word that a text begins with, or one sign. Signs within a
// word belong to it: an address, a path or a version is one word.
func wordAt(text string) string {
	last := 0 // is behind the last letter
	for at := 0; at < len(text); {
		r, n := utf8.DecodeRuneInString(text[at:])
		if last == 0 && !isLetter(r) {
			return text[:n]
		}
		if unicode.IsSpace(r) || markupAt(text[at:]) != "" {
			break
		}
		if at += n; isLetter(r) {
			last = at
		}
	}
	return text[:last]
}

// sizeAt is the length of the first sign, also of one that is not UTF-8.
func sizeAt(text string) int {
	_, n := utf8.DecodeRuneInString(text)
	return n
}

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// isWord says whether a token is more than space and punctuation.
func isWord(token string) bool { return strings.IndexFunc(token, isLetter) >= 0 }
