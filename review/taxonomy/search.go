package taxonomy

import (
	"slices"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/search"
)

// Query says what is looked for: words, and the values that hits may have in
// each facet; none: any.
type Query struct {
	Text     string
	Type     []string // STIX types
	Domain   []string
	Tactic   []string // short names
	Platform []string
	Limit    int
}

// Found is the answer to a search.
type Found struct {
	Hits   []Hit   `json:"hits" doc:"best first"`
	Total  int     `json:"total" doc:"how many there are without the limit"`
	Loose  bool    `json:"loose" doc:"no object has all the words; these have the most of them"`
	Facets []Facet `json:"facets" doc:"type, domain, tactic and platform, in this order"`
}

// Hit is one object that a search found.
type Hit struct {
	Link
	TypeLabel string `json:"type_label" doc:"the type for people"`
	Parent    *Link  `json:"parent,omitempty" doc:"the technique of which it is a sub-technique"`
	Where     string `json:"where" enum:"id,name,alias,text,relationship,citation" doc:"what was found in"`
	Marked    Marked `json:"marked" doc:"what to show, with the words that were looked for"`
	Via       *Via   `json:"via,omitempty" doc:"the relationship that found it"`
}

// Marked is what a hit shows, in pieces.
type Marked struct {
	ID      []search.Segment `json:"id"`
	Name    []search.Segment `json:"name"`
	Context []search.Segment `json:"context" doc:"other names, or the part of a text that has the words"`
}

// Via says through which relationship an object was found.
type Via struct {
	STIXID string `json:"stix_id" doc:"of the relationship"`
	Kind   string `json:"kind" doc:"its relationship_type"`
	Source bool   `json:"source" doc:"true: the other end is its source, false: its target"`
	Object Link   `json:"object" doc:"its other end"`
}

// Facet is one way to narrow a search.
type Facet struct {
	Name   string       `json:"name" enum:"type,domain,tactic,platform"`
	Label  string       `json:"label"`
	Values []FacetValue `json:"values" doc:"those that hits have, most first"`
}

// FacetValue is one value of a facet.
type FacetValue struct {
	Value  string `json:"value"`
	Label  string `json:"label"`
	Count  int    `json:"count" doc:"hits that have it, whatever is chosen in this facet"`
	Chosen bool   `json:"chosen"`
}

// Search finds objects by id, name, other names, text, and by the texts of
// their relationships and sources. The first one of a snapshot waits until the
// index is made.
func (s *Snapshot) Search(q Query) Found {
	f := s.finder()
	r := f.index.Search(search.Query{Text: q.Text, Facets: [][]string{q.Type, q.Domain, q.Tactic, q.Platform}, Limit: q.Limit})
	found := Found{Hits: make([]Hit, len(r.Hits)), Total: r.Total, Loose: r.Loose, Facets: s.facets(r.Facets)}
	for i, h := range r.Hits {
		found.Hits[i] = s.hit(f, r.Marker, h)
	}
	return found
}

func (s *Snapshot) hit(f *finder, m *search.Marker, h search.Hit) Hit {
	o := f.objects[h.Document]
	out := Hit{Link: o.Link(), TypeLabel: o.TypeLabel(), Parent: s.parentLink(o),
		Marked: Marked{ID: m.Mark(o.ATTACK), Name: m.Mark(o.Name), Context: []search.Segment{}}}
	switch h.Where {
	case search.ByKey:
		out.Where = "id"
	case search.ByName:
		out.Where = "name"
	case search.ByOtherName:
		out.Where = "alias"
		out.Marked.Context = otherNames(o, m)
	case search.ByPassage:
		s.through(&out, f, m, o, f.passages[h.Passage])
	default:
		out.Where = "text"
		out.Marked.Context = m.Excerpt(plain(o.Description))
	}
	return out
}

func (s *Snapshot) parentLink(o *Object) *Link {
	parent, ok := s.Parent(o.ID)
	if !ok {
		return nil
	}
	link := parent.Link()
	return &link
}

// otherNames gives the other names with those first that were found.
func otherNames(o *Object, m *search.Marker) []search.Segment {
	names := o.OtherNames()
	slices.SortStableFunc(names, func(a, b string) int { return boolCompare(m.Has(b), m.Has(a)) })
	text := ""
	for _, name := range names {
		text += ", " + name
	}
	if text == "" {
		return []search.Segment{}
	}
	return m.Mark(text[len(", "):])
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// through says by which relationship or source an object was found.
func (s *Snapshot) through(out *Hit, f *finder, m *search.Marker, o *Object, p passage) {
	if p.source != nil {
		out.Where = "citation"
		out.Marked.Context = m.Excerpt(sourceText(p.source))
		return
	}
	out.Where = "relationship"
	out.Marked.Context = m.Excerpt(plain(p.relationship.Description))
	out.Via = &Via{STIXID: p.relationship.ID, Kind: p.relationship.Kind, Source: p.relationship.Target == o.ID}
	for _, n := range p.of {
		if other := f.objects[n]; other != o || len(p.of) == 1 {
			out.Via.Object = other.Link()
		}
	}
}

func (s *Snapshot) facets(counts [][]search.Count) []Facet {
	list := []Facet{
		facetType:     {Name: "type", Label: "Type"},
		facetDomain:   {Name: "domain", Label: "Domain"},
		facetTactic:   {Name: "tactic", Label: "Tactic"},
		facetPlatform: {Name: "platform", Label: "Platform"},
	}
	for i := range list {
		list[i].Values = make([]FacetValue, len(counts[i]))
		for k, c := range counts[i] {
			list[i].Values[k] = FacetValue{Value: c.Value, Label: s.facetLabel(i, c.Value), Count: c.Count, Chosen: c.Chosen}
		}
	}
	return list
}

func (s *Snapshot) facetLabel(facet int, value string) string {
	switch facet {
	case facetType:
		return attack.Describe(value).Label
	case facetDomain:
		return domainName(value)
	case facetTactic:
		for _, state := range s.states {
			for _, t := range state.matrix.Tactics {
				if t.Shortname == value {
					return t.Name
				}
			}
		}
	}
	return value
}

// IndexSize tells about how many bytes the index takes, and how many words it
// knows.
func (s *Snapshot) IndexSize() (bytes, words int) {
	index := s.finder().index
	return index.Bytes(), index.Words()
}
