package merge

import (
	"cmp"
	"slices"
	"strings"
)

// mergeText merges Markdown by paragraph, and a paragraph that both sides
// changed by word. It is a conflict where both
//   - changed the same word, or words with none between them that stayed,
//   - put different words or paragraphs at the same place,
//   - changed the same paragraphs, or such as meet, and one of them replaced
//     or took out whole ones,
//   - added or moved the same paragraph, and to different places.
func mergeText(base, mine, other string) []TextPart {
	b, o, t := read(base), read(mine), read(other)
	left, right := alignParagraphs(b.texts(), o.texts(), ours), alignParagraphs(b.texts(), t.texts(), theirs)
	if elsewhere(o, left, t, right) {
		return []TextPart{{Conflict: true, Base: base, Ours: mine, Theirs: other}}
	}
	agreeOnSpace(b, o, t, left, right)
	s := sides[paragraph]{b.paragraphs, o.paragraphs, t.paragraphs}
	w := &written{}
	w.text(pickSpace(b.before, o.before, t.before))
	at := 0
	for _, g := range groups(left, right, s.alike, meet) {
		w.paragraphs(s.base[at:g.start])
		w.group(s, g)
		at = g.end
	}
	w.paragraphs(s.base[at:])
	w.text(pickSpace(b.after, o.after, t.after))
	return w.end()
}

// elsewhere says whether both sides put the same paragraph, and not at the same
// places: as when both moved it.
func elsewhere(o document, left []hunk, t document, right []hunk) bool {
	others := t.put(right)
	for text, at := range o.put(left) {
		if theirs, ok := others[text]; ok && !slices.Equal(at, theirs) {
			return true
		}
	}
	return false
}

// put tells where in the base a side puts each of its paragraphs.
func (d document) put(hunks []hunk) map[string][]int {
	places := map[string][]int{}
	for _, h := range hunks {
		for _, p := range d.paragraphs[h.from:h.to] {
			places[p.text] = append(places[p.text], h.start)
		}
	}
	return places
}

// meet says whether a change of paragraphs belongs to the run before it. One
// that changed words within a paragraph does not touch what is beside it.
func meet(g group, h hunk) bool {
	return h.start < g.end || !h.pair && h.start == g.whole
}

func (w *written) group(s sides[paragraph], g group) {
	switch {
	case g.sides != both:
		w.paragraphs(s.as(g, cmp.Or(g.sides, ours)))
	case len(g.hunks) == 2 && g.hunks[0].pair && g.hunks[1].pair:
		b, o, t := s.base[g.start], s.as(g, ours)[0], s.as(g, theirs)[0]
		w.lead(b)
		w.words(b.text, o.text, t.text)
	default:
		w.conflict(w.join(s.base[g.start:g.end]), w.join(s.as(g, ours)), w.join(s.as(g, theirs)))
		w.begun = true
	}
}

// words merges one paragraph.
func (w *written) words(base, mine, other string) {
	s := sides[string]{words(base), words(mine), words(other)}
	left, right := align(s.base, s.ours, ours), align(s.base, s.theirs, theirs)
	stay := staying(s.base, left, right)
	at := 0
	for _, g := range groups(left, right, s.alike, func(g group, h hunk) bool { return stay[g.end] == stay[h.start] }) {
		w.text(s.base[at:g.start]...)
		if g.sides == both {
			w.conflict(strings.Join(s.base[g.start:g.end], ""), strings.Join(s.as(g, ours), ""), strings.Join(s.as(g, theirs), ""))
		} else {
			w.text(s.as(g, cmp.Or(g.sides, ours))...)
		}
		at = g.end
	}
	w.text(s.base[at:]...)
}

// staying counts, for each place, the words before it that no side changed.
func staying(base []string, hunks ...[]hunk) []int {
	changed := make([]bool, len(base))
	for _, h := range slices.Concat(hunks...) {
		for i := h.start; i < h.end; i++ {
			changed[i] = true
		}
	}
	count := make([]int, len(base)+1)
	for i, token := range base {
		count[i+1] = count[i]
		if !changed[i] && isWord(token) {
			count[i+1]++
		}
	}
	return count
}

// sides are the elements of the three texts: paragraphs, or words.
type sides[T comparable] struct {
	base, ours, theirs []T
}

// put is what a hunk has in the place of the base's.
func (s sides[T]) put(h hunk) []T {
	if h.of&ours != 0 {
		return s.ours[h.from:h.to]
	}
	return s.theirs[h.from:h.to]
}

func (s sides[T]) alike(x, y hunk) bool { return slices.Equal(s.put(x), s.put(y)) }

// as is what one side has in the place of a group.
func (s sides[T]) as(g group, of side) []T {
	var all []T
	at := g.start
	for _, h := range g.hunks {
		if h.of&of != 0 {
			all = append(append(all, s.base[at:h.start]...), s.put(h)...)
			at = h.end
		}
	}
	return append(all, s.base[at:g.end]...)
}

// written is a merged text as it grows.
type written struct {
	parts []TextPart
	clean strings.Builder // what belongs behind the parts
	begun bool            // it has a paragraph
}

func (w *written) text(texts ...string) {
	for _, t := range texts {
		w.clean.WriteString(t)
	}
}

func (w *written) conflict(base, ours, theirs string) {
	w.end()
	w.parts = append(w.parts, TextPart{Conflict: true, Base: base, Ours: ours, Theirs: theirs})
}

// end gives all parts.
func (w *written) end() []TextPart {
	if w.clean.Len() > 0 {
		w.parts = append(w.parts, TextPart{Text: w.clean.String()})
		w.clean.Reset()
	}
	return w.parts
}

// lead writes what stands before a paragraph.
func (w *written) lead(p paragraph) {
	if w.begun {
		w.text(cmp.Or(p.lead, "\n\n"))
	}
	w.begun = true
}

func (w *written) paragraphs(list []paragraph) {
	for _, p := range list {
		w.lead(p)
		w.text(p.text)
	}
}

// join gives paragraphs as they would be written next.
func (w *written) join(list []paragraph) string {
	next := written{begun: w.begun}
	next.paragraphs(list)
	return next.clean.String()
}

// whole gives the text of parts; ok is false where one is a conflict.
func whole(parts []TextPart) (text string, ok bool) {
	if len(parts) == 0 {
		return "", true
	}
	return parts[0].Text, len(parts) == 1 && !parts[0].Conflict
}
