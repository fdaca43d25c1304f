package search

import (
	"container/heap"
	"slices"
)

// top keeps the best few of many.
type top[T any] struct {
	most    int
	compare func(a, b T) int // below 0: a is better
	kept    []T              // a heap with the worst in front
}

func newTop[T any](most int, compare func(a, b T) int) *top[T] {
	return &top[T]{most: most, compare: compare}
}

func (t *top[T]) add(one T) {
	if len(t.kept) < t.most {
		heap.Push(t, one)
		return
	}
	if t.most > 0 && t.compare(one, t.kept[0]) < 0 {
		t.kept[0] = one
		heap.Fix(t, 0)
	}
}

// sorted gives what was kept, best first.
func (t *top[T]) sorted() []T {
	slices.SortFunc(t.kept, t.compare)
	return t.kept
}

// Len, Less, Swap, Push and Pop make it a heap.Interface.
func (t *top[T]) Len() int           { return len(t.kept) }
func (t *top[T]) Less(i, j int) bool { return t.compare(t.kept[i], t.kept[j]) > 0 }
func (t *top[T]) Swap(i, j int)      { t.kept[i], t.kept[j] = t.kept[j], t.kept[i] }
func (t *top[T]) Push(one any)       { t.kept = append(t.kept, one.(T)) }
func (t *top[T]) Pop() any {
	last := t.kept[len(t.kept)-1]
	t.kept = t.kept[:len(t.kept)-1]
	return last
}
