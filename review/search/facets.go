package search

import (
	"cmp"
	"slices"
)

// filter is what is asked for in one facet; nil: anything.
type filter []bool // by value

func (x *Index) filters(chosen [][]string) []filter {
	list := make([]filter, len(x.facets))
	for i := range min(len(list), len(chosen)) {
		if len(chosen[i]) == 0 {
			continue
		}
		list[i] = make(filter, len(x.facets[i].values))
		for n, v := range x.facets[i].values {
			list[i][n] = slices.Contains(chosen[i], v)
		}
	}
	return list
}

// count says whether a document fits all filters. It counts its values in each
// facet that it would be shown for if that facet had no filter: so one sees
// what another choice would give.
func (f *finding) count(document uint32) bool {
	missed, misses := 0, 0
	for i, chosen := range f.filters {
		if chosen != nil && !slices.ContainsFunc(f.facets[i].of.row(int(document)), func(v uint32) bool { return chosen[v] }) {
			missed, misses = i, misses+1
		}
	}
	if misses > 1 {
		return false
	}
	for i := range f.facets {
		if misses == 0 || i == missed {
			for _, v := range f.facets[i].of.row(int(document)) {
				f.counts[i][v]++
			}
		}
	}
	return misses == 0
}

// facetCounts lists the values that hits have or that were chosen, most first.
func (f *finding) facetCounts() [][]Count {
	all := make([][]Count, len(f.facets))
	for i := range f.facets {
		all[i] = []Count{}
		for n, v := range f.facets[i].values {
			chosen := f.filters[i] != nil && f.filters[i][n]
			if f.counts[i][n] > 0 || chosen {
				all[i] = append(all[i], Count{v, f.counts[i][n], chosen})
			}
		}
		slices.SortFunc(all[i], func(a, b Count) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value)) })
	}
	return all
}
