package merge

import (
	"cmp"
	"slices"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// hunk says that one side has its elements from:to in the place of the base's
// start:end.
type hunk struct {
	start, end int
	from, to   int
	of         side
	pair       bool // one paragraph became another that shares words with it
}

// side says who made a change.
type side int

const (
	ours side = 1 << iota
	theirs
	both = ours | theirs
)

// align lists how a side differs from the base. The library searches no deeper
// than a fixed number of differences; what it does not find becomes one large
// change. So the time is linear, and a merge of what has little in common errs
// towards a conflict.
func align(base, now []string, of side) []hunk {
	var hunks []hunk
	floor := 0
	for _, d := range lcs.DiffLines(base, now) {
		h := hunk{start: d.Start, end: d.End, from: d.ReplStart, to: d.ReplEnd, of: of}
		h = h.slide(base, now, floor)
		floor = h.end
		hunks = append(hunks, h)
	}
	return hunks
}

// slide moves what was only put in, or only taken out, to the first place at
// which it says the same, so that both sides have one place for one change.
func (h hunk) slide(base, now []string, floor int) hunk {
	for h.start > floor && h.from > 0 &&
		(h.start == h.end && base[h.start-1] == now[h.to-1] || h.from == h.to && base[h.start-1] == base[h.end-1]) {
		h.start, h.end, h.from, h.to = h.start-1, h.end-1, h.from-1, h.to-1
	}
	return h
}

// alignParagraphs lists how a side differs from the base, by whole paragraphs
// and by such as became another.
func alignParagraphs(base, now []string, of side) []hunk {
	var hunks []hunk
	for _, h := range align(base, now, of) {
		hunks = append(hunks, h.split(pairs(base[h.start:h.end], now[h.from:h.to]))...)
	}
	return hunks
}

// split takes pairs of paragraphs out of a hunk, as hunks of their own.
func (h hunk) split(pairs [][2]int) []hunk {
	var hunks []hunk
	rest := h
	for _, p := range pairs {
		i, j := h.start+p[0], h.from+p[1]
		if rest.start < i || rest.from < j {
			hunks = append(hunks, hunk{start: rest.start, end: i, from: rest.from, to: j, of: h.of})
		}
		hunks = append(hunks, hunk{start: i, end: i + 1, from: j, to: j + 1, of: h.of, pair: true})
		rest.start, rest.from = i+1, j+1
	}
	if rest.start < rest.end || rest.from < rest.to {
		hunks = append(hunks, rest)
	}
	return hunks
}

// mostPairs is how many changed paragraphs in a row are compared with each
// other. Above it they count as replaced.
const mostPairs = 32

// pairs finds the paragraphs that became others, in order: those that keep the
// most words between them, and each a third of its words at least.
func pairs(before, after []string) [][2]int {
	if len(before) > mostPairs || len(after) > mostPairs {
		return nil
	}
	bags := make([]map[string]int, len(after))
	for j, text := range after {
		bags[j] = bag(text)
	}
	// best[i][j] is how many words the first i and the first j keep.
	best := make([][]int, len(before)+1)
	best[0] = make([]int, len(after)+1)
	for i, text := range before {
		best[i+1] = make([]int, len(after)+1)
		mine := bag(text)
		for j := range after {
			best[i+1][j+1] = max(best[i][j+1], best[i+1][j], best[i][j]+common(mine, bags[j]))
		}
	}
	var found [][2]int
	for i, j := len(before), len(after); i > 0 && j > 0; {
		switch {
		case best[i][j] == best[i-1][j]:
			i--
		case best[i][j] == best[i][j-1]:
			j--
		default:
			i, j = i-1, j-1
			found = append(found, [2]int{i, j})
		}
	}
	slices.Reverse(found)
	return found
}

// bag counts the words of a text.
func bag(text string) map[string]int {
	count := map[string]int{}
	for _, w := range words(text) {
		if isWord(w) {
			count[w]++
		}
	}
	return count
}

// common counts the words of two texts that both have; none, where that is less
// than a third of the longer one.
func common(a, b map[string]int) int {
	var n, inA, inB int
	for w, count := range a {
		inA += count
		n += min(count, b[w])
	}
	for _, count := range b {
		inB += count
	}
	if 3*n < max(inA, inB) {
		return 0
	}
	return n
}

// group is a run of hunks that belong together.
type group struct {
	start, end int
	hunks      []hunk
	sides      side // who changed something that the other did not
	whole      int  // where the last hunk ends that is no pair; -1: there is none
}

// groups brings the changes of both sides into runs; together says whether a
// hunk belongs to the run before it. What both changed alike is there once.
func groups(a, b []hunk, alike func(x, y hunk) bool, together func(g group, h hunk) bool) []group {
	var runs []group
	for _, h := range gather(a, b, alike) {
		if len(runs) == 0 || !together(runs[len(runs)-1], h) {
			runs = append(runs, group{start: h.start, whole: -1})
		}
		g := &runs[len(runs)-1]
		g.hunks = append(g.hunks, h)
		g.end = max(g.end, h.end)
		if h.of != both {
			g.sides |= h.of
		}
		if !h.pair {
			g.whole = max(g.whole, h.end)
		}
	}
	return runs
}

// gather sorts the hunks of both sides. Where both have the same one, that of
// ours stays.
func gather(a, b []hunk, alike func(x, y hunk) bool) []hunk {
	all := slices.Clone(a)
	for _, y := range b {
		if i, ok := slices.BinarySearchFunc(a, y, inOrder); ok && alike(a[i], y) {
			all[i].of = both
		} else {
			all = append(all, y)
		}
	}
	slices.SortStableFunc(all, func(x, y hunk) int {
		switch d := inOrder(x, y); {
		case d != 0 || x.pair == y.pair:
			return d
		case x.pair: // the same order, whoever is ours
			return 1
		}
		return -1
	})
	return all
}

func inOrder(x, y hunk) int { return cmp.Or(cmp.Compare(x.start, y.start), cmp.Compare(x.end, y.end)) }
