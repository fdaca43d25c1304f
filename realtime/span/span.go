// Package span finds a part of a text again after the text was edited.
package span

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// Span is a part of a text, in bytes.
type Span struct{ Start, End int }

// Bounds of the work.
const (
	mostPlaces = 200 // at which the same words are looked for
	context    = 64  // bytes around them that are compared
	evidence   = 8   // of which so many have to be the same where the words are found at several places
)

// Follow finds the part of an old text in a new one. What is around it may have
// changed in any way, and half of it, too; ok is false where it was taken out.
func Follow(old, now string, at Span) (found Span, ok bool) {
	if old == now {
		return at, at.Start < at.End
	}
	if at.Start >= at.End {
		return at, false
	}
	hunks := differ(old, now)
	guess := mapped(hunks, at)
	if place, ok := exactly(old, now, at, hunks, guess); ok {
		return place, true
	}
	if taken(old, hunks, at) || guess.Start >= guess.End {
		return at, false
	}
	guess = trimmed(now, guess)
	return guess, like(old[at.Start:at.End], now[guess.Start:guess.End])
}

// hunk says that the new text has to:until in the place of the old one's
// from:end.
type hunk struct{ from, end, to, until int }

// differ compares two texts by words, after what they begin and end with alike.
func differ(old, now string) []hunk {
	head := alike(old, now)
	tail := alikeBehind(old[head:], now[head:])
	a, b := tokens(old[head:len(old)-tail]), tokens(now[head:len(now)-tail])
	inOld, inNow := offsets(a, head), offsets(b, head)
	var hunks []hunk
	for _, d := range lcs.DiffLines(a, b) {
		hunks = append(hunks, hunk{inOld[d.Start], inOld[d.End], inNow[d.ReplStart], inNow[d.ReplEnd]})
	}
	return hunks
}

// alike is how much two texts begin with alike, in whole characters.
func alike(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && (n < len(a) && !utf8.RuneStart(a[n]) || n < len(b) && !utf8.RuneStart(b[n])) {
		n--
	}
	return n
}

func alikeBehind(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	for n > 0 && !utf8.RuneStart(a[len(a)-n]) {
		n--
	}
	return n
}

// tokens cuts a text into words, and the signs between them one by one.
func tokens(text string) []string {
	var list []string
	word := 0
	for i, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			continue
		}
		if word < i {
			list = append(list, text[word:i])
		}
		word = i + size(text[i:])
		list = append(list, text[i:word])
	}
	if word < len(text) {
		list = append(list, text[word:])
	}
	return list
}

// size is the length of the first character, also of one that is not UTF-8.
func size(text string) int {
	_, n := utf8.DecodeRuneInString(text)
	return n
}

// offsets tells where each token begins, and where the last one ends.
func offsets(list []string, at int) []int {
	all := make([]int, len(list)+1)
	all[0] = at
	for i, t := range list {
		all[i+1] = all[i] + len(t)
	}
	return all
}

// mapped is where a part is, with all that came in the place of something in it.
// What was only put in beside it is outside.
func mapped(hunks []hunk, at Span) Span {
	found := at
	for _, h := range hunks {
		shift := h.until - h.end
		if h.from == h.end {
			if h.from <= at.Start {
				found.Start = at.Start + shift
			}
			if h.from < at.End {
				found.End = at.End + shift
			}
			continue
		}
		switch {
		case h.end <= at.Start:
			found.Start = at.Start + shift
		case h.from < at.Start:
			found.Start = h.until
		case h.from == at.Start:
			found.Start = h.to
		}
		switch {
		case h.end <= at.End:
			found.End = at.End + shift
		case h.from < at.End:
			found.End = h.to
		}
	}
	return found
}

// exactly finds the same words, unless they stood there before as others. Where
// there are several places, what is around them decides, and then how near they
// are to where the part should be.
func exactly(old, now string, at Span, hunks []hunk, guess Span) (Span, bool) {
	words := old[at.Start:at.End]
	sure := strings.Count(old, words) == 1 && strings.Count(now, words) == 1
	best, most, ok := Span{}, -1, false
	for from, n := 0, 0; n < mostPlaces; n++ {
		i := strings.Index(now[from:], words)
		if i < 0 {
			break
		}
		place := Span{from + i, from + i + len(words)}
		from = place.Start + size(words)
		was, whole := before(hunks, place)
		if whole && was == at {
			return place, true
		}
		around := common(old, now, at, place)
		if whole || !sure && around < evidence && !overlap(was, at) {
			continue
		}
		if around > most || around == most && distance(place, guess) < distance(best, guess) {
			best, most, ok = place, around, true
		}
	}
	return best, ok
}

// before tells where a place of the new text was in the old one; whole says that
// nothing in it was touched, else it is the old text between what is around it.
func before(hunks []hunk, place Span) (was Span, whole bool) {
	was, whole = place, true
	for _, h := range hunks {
		shift := h.end - h.until
		switch {
		case h.until <= place.Start:
			was = Span{place.Start + shift, place.End + shift}
			continue
		case h.to >= place.End:
			return was, whole
		}
		whole = false
		if h.to <= place.Start {
			was.Start = h.from
		}
		was.End = place.End + shift
		if h.until >= place.End {
			was.End = h.end
		}
	}
	return was, whole
}

func overlap(a, b Span) bool { return a.Start < b.End && b.Start < a.End }

func distance(a, b Span) int { return max(a.Start-b.Start, b.Start-a.Start) }

// common is how much of what is around a part and a place is the same.
func common(old, now string, at, place Span) int {
	head := alikeBehind(old[max(0, at.Start-context):at.Start], now[max(0, place.Start-context):place.Start])
	return head + alike(old[at.End:min(len(old), at.End+context)], now[place.End:min(len(now), place.End+context)])
}

// taken says whether all of a part was taken out, wherever else one can say that
// the same text was.
func taken(old string, hunks []hunk, at Span) bool {
	for _, h := range hunks {
		if h.to < h.until || h.end-h.from < at.End-at.Start {
			continue
		}
		first, last := h.from, h.from
		for n := h.end - h.from; first > 0 && old[first-1] == old[first-1+n]; {
			first--
		}
		for n := h.end - h.from; last+n < len(old) && old[last] == old[last+n]; {
			last++
		}
		if max(first, at.End-(h.end-h.from)) <= min(last, at.Start) {
			return true
		}
	}
	return false
}

// trimmed leaves out the space at the ends of a part.
func trimmed(text string, at Span) Span {
	inside := text[at.Start:at.End]
	at.Start += len(inside) - len(strings.TrimLeftFunc(inside, unicode.IsSpace))
	at.End -= len(inside) - len(strings.TrimRightFunc(inside, unicode.IsSpace))
	return Span{at.Start, max(at.Start, at.End)}
}

// like says whether words became others: half of them are still there, or three
// quarters of their letters.
func like(was, is string) bool {
	a, b := tokens(was), tokens(is)
	all, kept := weigh(a), weigh(a)
	for _, d := range lcs.DiffLines(a, b) {
		kept -= weigh(a[d.Start:d.End])
	}
	if all > 0 && 2*kept >= all {
		return true
	}
	old, now := []rune(was), []rune(is)
	same := len(old)
	for _, d := range lcs.DiffRunes(old, now) {
		same -= d.End - d.Start
	}
	return len(now) > 0 && 4*same >= 3*max(len(old), len(now))
}

// weigh counts the bytes of words.
func weigh(tokens []string) int {
	n := 0
	for _, t := range tokens {
		if r, _ := utf8.DecodeRuneInString(t); unicode.IsLetter(r) || unicode.IsDigit(r) {
			n += len(t)
		}
	}
	return n
}
