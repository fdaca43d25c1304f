package taxonomy

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// recent keeps what was made of late, the few last used. It is safe for
// concurrent use: of all who ask for the same at once, one makes it.
type recent[K comparable, V any] struct {
	turn chan struct{} // one at a time makes something
	size int
	mu   sync.Mutex // guards what follows
	kept []made[K, V]
}

type made[K comparable, V any] struct {
	key   K
	value V
}

func newRecent[K comparable, V any](size int) *recent[K, V] {
	return &recent[K, V]{turn: make(chan struct{}, 1), size: size}
}

// get gives what is kept under a key, or makes it.
func (r *recent[K, V]) get(ctx context.Context, key K, make func() (V, error)) (V, error) {
	if v, ok := r.find(key); ok {
		return v, nil
	}
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		var none V
		return none, fmt.Errorf("wait for what somebody else loads: %w", ctx.Err())
	}
	if v, ok := r.find(key); ok { // somebody else made it meanwhile
		return v, nil
	}
	v, err := make()
	if err == nil {
		r.keep(key, v)
	}
	return v, err
}

func (r *recent[K, V]) find(key K) (v V, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.kept, func(m made[K, V]) bool { return m.key == key })
	if i < 0 {
		return v, false
	}
	found := r.kept[i]
	r.kept = append(slices.Delete(r.kept, i, i+1), found) // the one used last at the end
	return found.value, true
}

func (r *recent[K, V]) keep(key K, v V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.kept) == r.size {
		r.kept = slices.Delete(r.kept, 0, 1)
	}
	r.kept = append(r.kept, made[K, V]{key, v})
}

// values lists what is kept.
func (r *recent[K, V]) values() []V {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]V, len(r.kept))
	for i, m := range r.kept {
		list[i] = m.value
	}
	return list
}
