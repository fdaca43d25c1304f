package taxonomy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
)

// ObjectPage is all that the page of one object shows.
type ObjectPage struct {
	Object          Head       `json:"object"`
	DescriptionHTML string     `json:"description_html"`
	References      []Footnote `json:"references"`
	Parent          *Link      `json:"parent,omitempty"`
	Subtechniques   []Link     `json:"subtechniques"`
	Sections        []Section  `json:"sections"`
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
	Tactics      []TacticRef `json:"tactics"`
	Platforms    []string    `json:"platforms"`
	Aliases      []string    `json:"aliases"`
	Revoked      bool        `json:"revoked"`
	Deprecated   bool        `json:"deprecated"`
	ReplacedBy   *Link       `json:"replaced_by,omitempty"`
	URL          string      `json:"url"`
	Contributors []string    `json:"contributors"`
}

// TacticRef names a tactic of a technique.
type TacticRef struct {
	Shortname string `json:"shortname"`
	Name      string `json:"name"`
	AttackID  string `json:"attack_id"`
}

// Footnote is a source with the number of its footnote.
type Footnote struct {
	Number int `json:"number"`
	attack.Reference
}

// Section is a list of related objects.
type Section struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Items []Item `json:"items"`
}

// Item is one related object, and what the relationship says.
type Item struct {
	Object     Link       `json:"object"`
	STIXID     string     `json:"stix_id" doc:"of the relationship"`
	HTML       string     `json:"html"`
	References []Footnote `json:"references"`
}

// relation says in which section the other end of a relationship is listed.
type relation struct {
	of       []string // types of the object itself; empty: any
	kind     string
	incoming bool
	other    []string // types of the other end; empty: any
	key      string
	label    string
}

// relations is the table of sections, in the order of the page.
func relations() []relation {
	actors := []string{attack.TypeGroup, attack.TypeCampaign}
	software := []string{attack.TypeMalware, attack.TypeTool}
	return []relation{
		{[]string{attack.TypeTechnique}, attack.Uses, true, []string{attack.TypeGroup}, "examples-of-groups", "Procedure examples: groups"},
		{[]string{attack.TypeTechnique}, attack.Uses, true, software, "examples-of-software", "Procedure examples: software"},
		{[]string{attack.TypeTechnique}, attack.Uses, true, []string{attack.TypeCampaign}, "examples-of-campaigns", "Procedure examples: campaigns"},
		{software, attack.Uses, true, []string{attack.TypeGroup}, "groups", "Groups that use it"},
		{software, attack.Uses, true, []string{attack.TypeCampaign}, "campaigns", "Campaigns"},
		{nil, attack.Mitigates, true, nil, "mitigations", "Mitigations"},
		{nil, attack.Detects, true, nil, "detections", "Detection"},
		{nil, attack.AttributedTo, false, actors, "attributed-to", "Attributed to"},
		{nil, attack.AttributedTo, true, actors, "campaigns", "Campaigns"},
		{nil, attack.Uses, false, []string{attack.TypeTechnique}, "techniques", "Techniques used"},
		{nil, attack.Uses, false, software, "software", "Software"},
		{nil, attack.Mitigates, false, nil, "mitigates", "Techniques mitigated"},
		{nil, attack.Detects, false, nil, "detects", "Techniques detected"},
		{nil, "targets", true, nil, "targeted-by", "Techniques that target it"},
		{nil, "targets", false, nil, "targets", "Assets targeted"},
	}
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
	o, ok := s.Object(id)
	if !ok {
		return p, false
	}
	p = ObjectPage{Object: s.head(o), Subtechniques: []Link{}, Sections: []Section{}, HasText: s.hasText(o)}
	p.DescriptionHTML, p.References = s.Render(o.Description, o.Sources(), text)
	if parent, ok := s.Parent(o.ID); ok {
		link := parent.Link()
		p.Parent = &link
	}
	for _, child := range s.Children(o.ID) {
		p.Subtechniques = append(p.Subtechniques, child.Link())
	}
	for _, r := range relations() {
		if len(r.of) > 0 && !slices.Contains(r.of, o.Type) {
			continue
		}
		if items := s.items(o, r, text); len(items) > 0 {
			p.Sections = append(p.Sections, Section{r.key, r.label, items})
		}
	}
	return p, true
}

// Render turns the text of an object into HTML, with numbered footnotes.
func (s *Snapshot) Render(body string, sources []attack.Reference, text *markdown.Renderer) (html string, refs []Footnote) {
	return s.renderAt("", body, sources, text)
}

// renderAt names the footnotes after an anchor; empty: the page's own.
func (s *Snapshot) renderAt(anchor, body string, sources []attack.Reference, text *markdown.Renderer) (html string, refs []Footnote) {
	refs = make([]Footnote, len(sources))
	for i, r := range sources {
		refs[i] = Footnote{i + 1, r}
	}
	if body == "" {
		return "", refs
	}
	return text.RenderIn(body, markdown.Context{
		Anchor: anchor,
		Cite: func(source string) (int, bool) {
			i := slices.IndexFunc(sources, func(r attack.Reference) bool { return r.SourceName == source })
			return i + 1, i >= 0
		},
		Link: func(id string) (string, bool) {
			o, ok := s.byAttack[id]
			if !ok {
				return "", false
			}
			return o.Name, true
		},
	}), refs
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
	h := Head{Link: o.Link(), TypeLabel: o.TypeLabel(), Version: o.Version, Created: o.Created, Modified: o.Modified,
		Domains: listed(o.Domains), Tactics: []TacticRef{}, Platforms: listed(o.Platforms), Aliases: listed(o.OtherNames()),
		Revoked: o.Revoked, Deprecated: o.Deprecated, Contributors: listed(o.Contributors)}
	if o.ATTACK != "" {
		h.URL = o.References[0].URL
	}
	for _, name := range o.Tactics() {
		h.Tactics = append(h.Tactics, s.tactic(name, o.Domains))
	}
	for _, r := range s.outgoing[o.ID] {
		if next, ok := s.byID[r.Target]; ok && r.Kind == attack.RevokedBy {
			link := next.Link()
			h.ReplacedBy = &link
		}
	}
	return h
}

// tactic finds a tactic of one of the domains; one that the data does not have
// is shown by its short name.
func (s *Snapshot) tactic(shortname string, domains []string) TacticRef {
	for _, state := range s.states {
		if !slices.Contains(domains, state.domain.ID) {
			continue
		}
		for _, t := range state.matrix.Tactics {
			if t.Shortname == shortname {
				return TacticRef{shortname, t.Name, t.AttackID}
			}
		}
	}
	return TacticRef{Shortname: shortname, Name: shortname}
}

func (s *Snapshot) items(o *Object, r relation, text *markdown.Renderer) []Item {
	ends := s.outgoing[o.ID]
	if r.incoming {
		ends = s.incoming[o.ID]
	}
	var items []Item
	for _, rel := range ends {
		id := rel.Target
		if r.incoming {
			id = rel.Source
		}
		other, ok := s.byID[id]
		if rel.Kind != r.kind || !rel.Live() || !ok || len(r.other) > 0 && !slices.Contains(r.other, other.Type) {
			continue
		}
		html, refs := s.renderAt("ref-"+rel.ID, rel.Description, rel.Sources(), text)
		items = append(items, Item{other.Link(), rel.ID, html, refs})
	}
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Object.Name), strings.ToLower(b.Object.Name)), cmp.Compare(a.STIXID, b.STIXID))
	})
	return items
}

// listed gives a list that is never null in JSON.
func listed(list []string) []string { return append([]string{}, list...) }
