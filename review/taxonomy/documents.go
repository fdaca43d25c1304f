package taxonomy

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/search"
)

// Fields of the index, beside names.
const (
	fieldText     = iota // an object's description
	fieldParent          // the name of the technique of which it is a form
	fieldExample         // what a relationship says
	fieldEnds            // what a relationship relates
	fieldCitation        // a source
)

// Facets of the index, in their order on pages.
const (
	facetType = iota
	facetDomain
	facetTactic
	facetPlatform
	facets
)

// shape is what the index knows of our objects.
func shape() search.Shape {
	return search.Shape{
		Fields: []search.Field{
			fieldText:     {Weight: 1, Length: 120},
			fieldParent:   {Weight: 1.5, Length: 3},
			fieldExample:  {Weight: 0.8, Length: 25},
			fieldEnds:     {Weight: 0.4, Length: 5},
			fieldCitation: {Weight: 0.5, Length: 20},
		},
		Facets: facets,
	}
}

// finder is a snapshot's index, and what its numbers mean.
type finder struct {
	index    *search.Index
	objects  []*Object // by number of the document
	number   map[string]int
	passages []passage
}

// passage is the relationship or the source that a passage is.
type passage struct {
	relationship *Object
	source       *attack.ExternalReference
	of           []int
}

func newFinder(s *Snapshot) *finder {
	f := &finder{number: map[string]int{}}
	for _, o := range s.all {
		if o.Type != attack.TypeRelationship {
			f.objects = append(f.objects, o)
		}
	}
	slices.SortFunc(f.objects, func(a, b *Object) int {
		if (a.ATTACK == "") != (b.ATTACK == "") {
			return -cmp.Compare(a.ATTACK, b.ATTACK) // those without an id come last
		}
		return cmp.Or(cmp.Compare(a.ATTACK, b.ATTACK), cmp.Compare(a.ID, b.ID))
	})
	for i, o := range f.objects {
		f.number[o.ID] = i
	}
	f.findPassages(s)
	f.index = search.Build(shape(), f.documents(s), f.texts(s))
	return f
}

func (f *finder) documents(s *Snapshot) iter.Seq[search.Document] {
	return func(yield func(search.Document) bool) {
		for _, o := range f.objects {
			if !yield(s.document(o)) {
				return
			}
		}
	}
}

func (s *Snapshot) document(o *Object) search.Document {
	d := search.Document{Keys: []string{o.ID}, Names: append([]string{o.Name}, o.OtherNames()...), Behind: !o.Live(),
		Texts: []search.Text{{Field: fieldText, Body: plain(o.Description)}}}
	if o.ATTACK != "" {
		d.Keys = append(d.Keys, o.ATTACK, o.References[0].URL) // who has a link to MITRE's page pastes it
	}
	if parent, ok := s.Parent(o.ID); ok {
		d.Texts = append(d.Texts, search.Text{Field: fieldParent, Body: parent.Name})
	}
	related := len(s.outgoing[o.ID]) + len(s.incoming[o.ID])
	d.Weight = 1 + 0.08*float32(math.Log2(1+float64(related)))
	d.Facets = make([][]string, facets)
	d.Facets[facetType] = []string{o.Type}
	d.Facets[facetDomain] = s.domainsOf(o)
	d.Facets[facetTactic] = o.Tactics()
	d.Facets[facetPlatform] = o.Platforms
	return d
}

// domainsOf lists the loaded domains that have an object.
func (s *Snapshot) domainsOf(o *Object) []string {
	var list []string
	for _, state := range s.states {
		if _, ok := state.byID[o.ID]; ok {
			list = append(list, state.domain.ID)
		}
	}
	return list
}

// findPassages lists the relationships that say something, and every source
// once, however many objects and relationships name it.
func (f *finder) findPassages(s *Snapshot) {
	var sources []passage
	known := map[attack.ExternalReference]int{}
	cite := func(o *Object, of []int) {
		list := o.References
		if o.ATTACK != "" {
			list = list[1:]
		}
		for i := range list {
			n, ok := known[list[i]]
			if !ok {
				n = len(sources)
				known[list[i]] = n
				sources = append(sources, passage{source: &list[i]})
			}
			sources[n].of = append(sources[n].of, of...)
		}
	}
	for i, o := range f.objects {
		cite(o, []int{i})
	}
	for _, o := range s.all {
		if o.Type != attack.TypeRelationship || !o.Live() {
			continue
		}
		of := f.ends(o)
		if len(of) == 0 {
			continue
		}
		if o.Description != "" {
			f.passages = append(f.passages, passage{relationship: o, of: of})
		}
		cite(o, of)
	}
	for i := range sources {
		sources[i].of = byTimes(sources[i].of)
	}
	f.passages = append(f.passages, sources...)
}

// byTimes lists each number once, those first that are there most often: what
// names a source most is what the source is about.
func byTimes(numbers []int) []int {
	times := make(map[int]int, len(numbers))
	for _, n := range numbers {
		times[n]++
	}
	slices.SortFunc(numbers, func(a, b int) int { return cmp.Or(cmp.Compare(times[b], times[a]), cmp.Compare(a, b)) })
	return slices.Compact(numbers)
}

// ends gives the objects that a relationship relates.
func (f *finder) ends(o *Object) []int {
	var of []int
	for _, id := range []string{o.Source, o.Target} {
		if n, ok := f.number[id]; ok && !slices.Contains(of, n) {
			of = append(of, n)
		}
	}
	return of
}

func (f *finder) texts(s *Snapshot) iter.Seq[search.Passage] {
	return func(yield func(search.Passage) bool) {
		for _, p := range f.passages {
			out := search.Passage{Of: p.of, Main: len(p.of)}
			if p.source != nil {
				out.Main = 1
				out.Texts = []search.Text{{Field: fieldCitation, Body: sourceText(p.source)}}
			} else {
				out.Texts = []search.Text{{Field: fieldExample, Body: plain(p.relationship.Description)}}
				for _, n := range p.of {
					out.Texts = append(out.Texts, search.Text{Field: fieldEnds, Body: f.objects[n].Name})
				}
			}
			if !yield(out) {
				return
			}
		}
	}
}

// sourceText is what is read and searched of a source.
func sourceText(r *attack.ExternalReference) string {
	var parts []string
	for _, part := range []string{r.SourceName, r.ExternalID, r.Description, strings.TrimPrefix(strings.TrimPrefix(r.URL, "https://"), "http://")} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " · ")
}
