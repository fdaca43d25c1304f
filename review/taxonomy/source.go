package taxonomy

import "github.com/atelier-attack/atelier/review/attack"

// Source finds a reference by the name under which living objects cite it.
func (s *Snapshot) Source(name string) (attack.Reference, bool) {
	ref, ok := s.sources()[name]
	return ref, ok
}

// findSources keeps the first of each name that has an address, else the first.
func (s *Snapshot) findSources() map[string]attack.Reference {
	found := map[string]attack.Reference{}
	for _, o := range s.all {
		if !o.Live() {
			continue
		}
		for _, ref := range o.Sources() {
			if old, ok := found[ref.SourceName]; !ok || old.URL == "" && ref.URL != "" {
				found[ref.SourceName] = ref
			}
		}
	}
	return found
}
