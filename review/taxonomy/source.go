package taxonomy

import (
	"cmp"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/search"
)

// Source finds a reference by the name under which living objects cite it.
func (s *Snapshot) Source(name string) (attack.Reference, bool) {
	ref, ok := s.sources().byName[name]
	return ref, ok
}

// Sources finds references that living objects have, by words of their names
// and of what they say, best first; of equals, those that more objects have.
// Without words it gives the first ones by name.
func (s *Snapshot) Sources(text string, limit int) []attack.Reference {
	all := s.sources()
	if strings.TrimSpace(text) == "" {
		return append([]attack.Reference{}, all.list[:min(limit, len(all.list))]...)
	}
	found := all.index().Search(search.Query{Text: text, Limit: limit})
	list := make([]attack.Reference, len(found.Hits))
	for i, h := range found.Hits {
		list[i] = all.list[h.Document]
	}
	return list
}

// SourceAt finds a reference by its address, however that is written.
func (s *Snapshot) SourceAt(address string) (attack.Reference, bool) {
	ref, ok := s.sources().byAddress()[attack.SameAddress(address)]
	return ref, ok
}

// Reference gives the reference to a web address or a DOI, read today: as
// living objects have it, where they do (known), or else as far as the address
// tells. ok is false where the text is neither.
func (s *Snapshot) Reference(text string, today time.Time) (ref attack.Reference, known, ok bool) {
	ref, ok = attack.ReferenceTo(text, today)
	if !ok {
		return ref, false, false
	}
	if source, ok := s.SourceAt(ref.URL); ok {
		return source, true, true
	}
	return ref, false, true
}

// sources are the references of living objects, in the order of their names.
type sources struct {
	list      []attack.Reference
	cited     []int // by how many objects
	byName    map[string]attack.Reference
	byAddress func() map[string]attack.Reference // made once
	index     func() *search.Index               // made once
}

// findSources keeps the first of each name that has an address, else the first.
func (s *Snapshot) findSources() *sources {
	found := &sources{byName: map[string]attack.Reference{}}
	cited := map[string]int{}
	for _, o := range s.all {
		if !o.Live() {
			continue
		}
		for _, ref := range o.Sources() {
			cited[ref.SourceName]++
			if old, ok := found.byName[ref.SourceName]; !ok || old.URL == "" && ref.URL != "" {
				found.byName[ref.SourceName] = ref
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found.byName)) {
		found.list = append(found.list, found.byName[name])
		found.cited = append(found.cited, cited[name])
	}
	found.byAddress = sync.OnceValue(found.addresses)
	found.index = sync.OnceValue(func() *search.Index {
		return search.Build(search.Shape{Fields: []search.Field{{Weight: 1, Length: 15}}}, found.documents(), func(func(search.Passage) bool) {})
	})
	return found
}

// addresses gives the references by address: of several, the one that most
// objects have.
func (s *sources) addresses() map[string]attack.Reference {
	best := map[string]int{}
	for i, ref := range s.list {
		if ref.URL == "" {
			continue
		}
		key := attack.SameAddress(ref.URL)
		if old, ok := best[key]; !ok || cmp.Compare(s.cited[i], s.cited[old]) > 0 {
			best[key] = i
		}
	}
	found := make(map[string]attack.Reference, len(best))
	for key, i := range best {
		found[key] = s.list[i]
	}
	return found
}

func (s *sources) documents() iter.Seq[search.Document] {
	return func(yield func(search.Document) bool) {
		for i, ref := range s.list {
			d := search.Document{Names: []string{ref.SourceName}, Texts: []search.Text{{Body: ref.Description}},
				Weight: 1 + 0.08*float32(math.Log2(float64(s.cited[i])))}
			if ref.URL != "" {
				d.Keys = []string{ref.URL}
			}
			if !yield(d) {
				return
			}
		}
	}
}
