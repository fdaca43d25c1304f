package taxonomy

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
)

// ObjectPage is all that the page of one object shows.
type ObjectPage struct {
	Object          Head       `json:"object"`
	DescriptionHTML string     `json:"description_html"`
	Prose           []Prose    `json:"prose" doc:"other texts of the object"`
	References      []Footnote `json:"references" doc:"what the description and the other texts cite"`
	Facts           []Fact     `json:"facts" doc:"the object's other properties"`
	Parent          *Link      `json:"parent,omitempty"`
	Subtechniques   []Link     `json:"subtechniques"`
	Sections        []Section  `json:"sections"`
	Clash           *Clash     `json:"clash,omitempty" doc:"why the object goes without the ATT&CK id that a release gave it"`
	HasText         bool       `json:"has_text" doc:"false: only facts of the built-in index are known"`
}

// Head is the facts at the top of an object's page.
type Head struct {
	Link
	TypeLabel    string      `json:"type_label"`
	Version      string      `json:"version"`
	Created      string      `json:"created"`
	Modified     string      `json:"modified"`
	Domains      []string    `json:"domains"`
	In           []InDomain  `json:"in" doc:"the domains that are loaded and have it"`
	Tactics      []TacticRef `json:"tactics"`
	Platforms    []string    `json:"platforms"`
	Aliases      []string    `json:"aliases"`
	Revoked      bool        `json:"revoked"`
	Deprecated   bool        `json:"deprecated"`
	ReplacedBy   *Link       `json:"replaced_by,omitempty" doc:"what came in its place at last"`
	URL          string      `json:"url" doc:"of its page at MITRE; empty where it has none there"`
	Contributors []string    `json:"contributors"`
}

// InDomain is a domain that has an object.
type InDomain struct {
	Domain     string `json:"domain"`
	Name       string `json:"name"`
	Version    string `json:"version"`
	Collection int64  `json:"collection"`
	Source     string `json:"source" enum:"index,import,release"`
}

// TacticRef names a tactic of a technique.
type TacticRef struct {
	Shortname string `json:"shortname"`
	Name      string `json:"name"`
	AttackID  string `json:"attack_id"`
	STIXID    string `json:"stix_id" doc:"empty: no tactic that is loaded has the short name"`
}

// Footnote is a source with the number of its footnote.
type Footnote struct {
	Number int `json:"number"`
	attack.Reference
	Cited int `json:"cited" doc:"how often the text cites it; the places are cite-ANCHOR-NUMBER-1 and so on"`
}

// Section is a list of related objects.
type Section struct {
	Key      string        `json:"key"`
	Label    string        `json:"label"`
	Total    int           `json:"total" doc:"how many there are"`
	Items    []Item        `json:"items" doc:"all of them, or the first, where only so many were asked for"`
	Matrices []SmallMatrix `json:"matrices,omitempty" doc:"the same techniques by tactic, for each domain"`
}

// Item is one related object, and what is said of the relation.
type Item struct {
	Object     Link       `json:"object"`
	STIXID     string     `json:"stix_id" doc:"of the relationship; empty: a property says it"`
	HTML       string     `json:"html"`
	References []Footnote `json:"references"`
	Beside     *Table     `json:"beside,omitempty" doc:"what stands beside the name of the object in the property"`
	Parts      []Part     `json:"parts,omitempty" doc:"what the related object consists of"`
}

// Part is an object that is shown within another, such as an analytic within
// its detection strategy.
type Part struct {
	Object    Link     `json:"object"`
	HTML      string   `json:"html"`
	Platforms []string `json:"platforms,omitempty"`
	Beside    *Table   `json:"beside,omitempty"`
	Parts     []Part   `json:"parts,omitempty"`
}

// TypeLabel names the kind of an object for people.
func (o *Object) TypeLabel() string {
	if o.Type == attack.TypeTechnique && o.Subtechnique {
		return "Sub-technique"
	}
	return attack.Describe(o.Type).Label
}

// Page gives the page of an object, by STIX id or ATT&CK id; text renders its
// Markdown.
func (s *Snapshot) Page(id string, text *markdown.Renderer) (p ObjectPage, ok bool) {
	return s.Beginning(id, text, math.MaxInt)
}

// Beginning is Page with at most so many items of each section.
func (s *Snapshot) Beginning(id string, text *markdown.Renderer, most int) (p ObjectPage, ok bool) {
	o, ok := s.Object(id)
	if !ok {
		return p, false
	}
	p = ObjectPage{Object: s.head(o), Subtechniques: []Link{}, Sections: []Section{}, Clash: s.Clash(o), HasText: s.hasText(o)}
	writer := s.textWriter("", o.Sources(), text)
	p.DescriptionHTML = writer.write(o.Description)
	p.Facts, p.Prose = s.facts(o, writer)
	p.References = writer.notes
	for _, g := range s.related(o) {
		switch g.key {
		case keyParent:
			link := g.ends[0].Link()
			p.Parent = &link
		case keySubtechniques:
			for _, e := range g.ends {
				if e.Live() {
					p.Subtechniques = append(p.Subtechniques, e.Link())
				}
			}
		case keyTactics, keyReplacedBy: // the head shows them
		default:
			p.Sections = append(p.Sections, s.section(o, g, text, most))
		}
	}
	return p, true
}

// Render turns the text of an object into HTML, with numbered footnotes.
func (s *Snapshot) Render(body string, sources []attack.Reference, text *markdown.Renderer) (html string, refs []Footnote) {
	w := s.textWriter("", sources, text)
	return w.write(body), w.notes
}

// textWriter renders texts that share their footnotes.
type textWriter struct {
	context markdown.Context
	text    *markdown.Renderer
	notes   []Footnote
}

// textWriter starts texts whose footnotes are named after an anchor; empty: the
// page's own.
func (s *Snapshot) textWriter(anchor string, sources []attack.Reference, text *markdown.Renderer) *textWriter {
	w := &textWriter{text: text, notes: make([]Footnote, len(sources))}
	for i, r := range sources {
		w.notes[i] = Footnote{Number: i + 1, Reference: r}
	}
	w.context = markdown.Context{
		Anchor: anchor,
		Cite: func(source string) (int, bool) {
			i := slices.IndexFunc(sources, func(r attack.Reference) bool { return r.SourceName == source })
			return i + 1, i >= 0
		},
		Mark: func(number int) string {
			note := &w.notes[number-1]
			note.Cited++
			return fmt.Sprintf("cite-%s-%d-%d", cmp.Or(anchor, "ref"), number, note.Cited)
		},
		Link: func(id string) (string, bool) {
			o, ok := s.byAttack[id]
			if !ok {
				return "", false
			}
			return o.Name, true
		},
	}
	return w
}

func (w *textWriter) write(body string) string {
	if body == "" {
		return ""
	}
	return w.text.RenderIn(body, w.context)
}

func (s *Snapshot) hasText(o *Object) bool {
	for _, state := range s.states {
		if state.domain.HasText && (len(o.Domains) == 0 || slices.Contains(o.Domains, state.domain.ID)) {
			return true
		}
	}
	return false
}

func (s *Snapshot) head(o *Object) Head {
	h := Head{Link: s.link(o), TypeLabel: o.TypeLabel(), Version: o.Version, Created: o.Created, Modified: o.Modified,
		Domains: listed(o.Domains), In: []InDomain{}, Tactics: []TacticRef{}, Platforms: listed(o.Platforms), Aliases: listed(o.OtherNames()),
		Revoked: o.Revoked, Deprecated: o.Deprecated, Contributors: listed(o.Contributors)}
	if o.ATTACK != "" && attack.IsPage(o.References[0].URL) {
		h.URL = o.References[0].URL
	}
	for _, state := range s.states {
		if state.byID[o.ID] != nil {
			h.In = append(h.In, InDomain{state.domain.ID, state.domain.Name, state.domain.Version, state.collection.ID, state.collection.Source})
		}
	}
	for _, name := range o.Tactics() {
		h.Tactics = append(h.Tactics, s.tactic(name, o.ID))
	}
	if next := s.successor(o); next != nil {
		link := next.Link()
		h.ReplacedBy = &link
	}
	return h
}

// link names an object; one that has no name by its type, and a relationship by
// its ends.
func (s *Snapshot) link(o *Object) Link {
	l := o.Link()
	switch {
	case l.Name != "":
	case o.Type == attack.TypeRelationship:
		l.Name = strings.Join([]string{s.nameOf(o.Source), o.Kind, s.nameOf(o.Target)}, " ")
	default:
		l.Name = o.TypeLabel()
	}
	return l
}

func (s *Snapshot) nameOf(id string) string {
	if o := s.byID[id]; o != nil {
		return cmp.Or(o.Name, o.Label())
	}
	return id
}

// successor gives what came in place of a revoked object at last; nil where
// nothing did. What replaced each other in turn has no successor.
func (s *Snapshot) successor(o *Object) *Object {
	seen := map[string]bool{}
	for next := o; ; {
		seen[next.ID] = true
		i := slices.IndexFunc(s.outgoing[next.ID], func(r *Object) bool { return r.Kind == attack.RevokedBy && s.byID[r.Target] != nil })
		switch {
		case i < 0 && next == o:
			return nil
		case i < 0:
			return next
		}
		next = s.byID[s.outgoing[next.ID][i].Target]
		if seen[next.ID] {
			return nil
		}
	}
}

// tactic finds a tactic in the domains that have an object; one that the data
// does not have is shown by its short name.
func (s *Snapshot) tactic(shortname, of string) TacticRef {
	for _, state := range s.states {
		if state.byID[of] == nil {
			continue
		}
		for _, t := range state.matrix.Tactics {
			if t.Shortname == shortname {
				return TacticRef{shortname, t.Name, t.AttackID, t.STIXID}
			}
		}
	}
	return TacticRef{Shortname: shortname, Name: shortname}
}

// section writes a group of related objects.
func (s *Snapshot) section(o *Object, g group, text *markdown.Renderer, most int) Section {
	section := Section{Key: g.key, Label: g.label, Total: len(g.ends), Items: make([]Item, min(len(g.ends), most))}
	said := besides(o, g.ends[0].path, "")
	for i, e := range g.ends[:len(section.Items)] {
		item := Item{Object: s.link(e.Object), References: []Footnote{}}
		switch {
		case e.by != nil:
			w := s.textWriter("ref-"+e.by.ID, e.by.Sources(), text)
			item.STIXID, item.HTML = e.by.ID, w.write(e.by.Description)
			item.References = w.notes
		case e.back:
			item.Beside = besides(e.Object, e.path, o.ID)[o.ID]
		case e.path != "":
			item.Beside = said[e.ID]
			if item.Beside == nil && attack.Describe(o.Type).Reference(e.path).Part {
				w := s.textWriter("ref-"+e.ID, e.Sources(), text)
				item.HTML = w.write(e.Description)
				item.References = w.notes
			}
		}
		if !e.back { // else they would be the object itself again
			item.Parts = s.parts(e.Object, text, nil)
		}
		section.Items[i] = item
	}
	if o.Type != attack.TypeTactic {
		section.Matrices = s.smallMatrices(g)
	}
	return section
}

// parts gives what an object consists of: those that its properties name and
// that the table of types calls its parts. within lists the types of the
// objects around it: nothing is a part of its own type, so that objects which
// name each other in a circle have an end.
func (s *Snapshot) parts(o *Object, text *markdown.Renderer, within []string) []Part {
	var parts []Part
	t := attack.Describe(o.Type)
	within = append(within, o.Type)
	said := map[string]map[string]*Table{} // by property
	for _, ref := range o.Refs {
		other := s.byID[ref.ID]
		if other == nil || !t.Reference(ref.Path).Part || slices.Contains(within, other.Type) {
			continue
		}
		if _, known := said[ref.Path]; !known {
			said[ref.Path] = besides(o, ref.Path, "")
		}
		part := Part{Object: other.Link(), Platforms: other.Platforms, Beside: said[ref.Path][ref.ID], Parts: s.parts(other, text, within)}
		if part.Beside == nil { // it says what it is; beside a log the data component's own text is too much
			part.HTML = s.textWriter("", nil, text).write(other.Description) // its sources are on its own page
		}
		parts = append(parts, part)
	}
	return parts
}

// listed gives a list that is never null in JSON.
func listed(list []string) []string { return append([]string{}, list...) }
