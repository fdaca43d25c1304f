package taxonomy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
)

// Keys of the groups that a page shows elsewhere than among its sections.
const (
	keyParent        = "parent"
	keySubtechniques = "subtechniques"
	keyTactics       = "tactics"
	keyReplacedBy    = "replaced-by"
)

// relation says under which heading the other end of a relationship is listed.
type relation struct {
	of       []string // types of the object itself; empty: any
	kind     string
	incoming bool
	other    []string // types of the other end; empty: any
	key      string
	label    string
}

// relations is the table of headings, in the order of the page. Relationships
// that it does not have get a heading from their kind.
func relations() []relation {
	technique := []string{attack.TypeTechnique}
	group, campaign := []string{attack.TypeGroup}, []string{attack.TypeCampaign}
	software := []string{attack.TypeMalware, attack.TypeTool}
	return []relation{
		{technique, attack.SubtechniqueOf, false, technique, keyParent, "Technique"},
		{technique, attack.SubtechniqueOf, true, technique, keySubtechniques, "Sub-techniques"},
		{technique, attack.Uses, true, group, "examples-of-groups", "Procedure examples: groups"},
		{technique, attack.Uses, true, software, "examples-of-software", "Procedure examples: software"},
		{technique, attack.Uses, true, campaign, "examples-of-campaigns", "Procedure examples: campaigns"},
		{software, attack.Uses, true, group, "groups", "Groups that use it"},
		{nil, attack.Mitigates, true, nil, "mitigations", "Mitigations"},
		{nil, attack.Detects, true, nil, "detections", "Detection"},
		{nil, "targets", true, nil, "targeted-by", "Techniques that target it"},
		{nil, attack.AttributedTo, false, nil, "attributed-to", "Attributed to"},
		{nil, attack.AttributedTo, true, nil, "campaigns", "Campaigns"},
		{software, attack.Uses, true, campaign, "campaigns", "Campaigns"},
		{nil, attack.Uses, false, technique, "techniques", "Techniques used"},
		{nil, attack.Uses, false, software, "software", "Software"},
		{nil, attack.Mitigates, false, nil, "mitigates", "Techniques mitigated"},
		{nil, attack.Detects, false, nil, "detects", "Techniques detected"},
		{nil, "targets", false, nil, "targets", "Assets targeted"},
		{nil, attack.RevokedBy, false, nil, keyReplacedBy, "Replaced by"},
		{nil, attack.RevokedBy, true, nil, "replaces", "Replaces"},
	}
}

// lists says whether the other end of a relationship stands under this heading.
func (r relation) lists(o *Object, kind string, incoming bool, other *Object) bool {
	return r.kind == kind && r.incoming == incoming && (len(r.of) == 0 || slices.Contains(r.of, o.Type)) &&
		(len(r.other) == 0 || slices.Contains(r.other, other.Type))
}

// relative is an object that stands in relation to another one.
type relative struct {
	*Object
	by   *Object // the relationship; nil: a property names it
	path string  // of the property that names it; empty: a relationship does, or its tactic
	back bool    // the property is the other object's
}

// group is what is related to an object in the same way.
type group struct {
	key, label string
	ends       []relative
}

// groups collects groups, in the order of their ranks.
type groups map[string]*rankedGroup

type rankedGroup struct {
	group
	rank int
}

func (g groups) add(rank int, key, label string, e relative) {
	one := g[key]
	if one == nil {
		one = &rankedGroup{group{key: key, label: label}, rank}
		g[key] = one
	}
	one.ends = append(one.ends, e)
}

// addOnce adds what is not in its group yet.
func (g groups) addOnce(rank int, key, label string, e relative) {
	if one := g[key]; one != nil && slices.ContainsFunc(one.ends, func(old relative) bool { return old.ID == e.ID }) {
		return
	}
	g.add(rank, key, label, e)
}

// Ranks of groups that are not in the table of relationships.
const (
	rankFirst    = -1
	rankUnknown  = 1000
	rankEmbedded = 2000
)

// related gives all that stands in relation to an object, by any way: its
// relationships, properties that name others, others whose properties name
// it, and the tactics that techniques serve. Relationships without an end that
// is loaded, and retired ones, are left out.
func (s *Snapshot) related(o *Object) []group {
	found := groups{}
	table := relations()
	for _, incoming := range []bool{false, true} {
		ends := s.outgoing[o.ID]
		if incoming {
			ends = s.incoming[o.ID]
		}
		for _, r := range ends {
			other := s.byID[r.Target]
			if incoming {
				other = s.byID[r.Source]
			}
			if other == nil || !r.Live() {
				continue
			}
			rank := slices.IndexFunc(table, func(row relation) bool { return row.lists(o, r.Kind, incoming, other) })
			if rank >= 0 {
				found.add(rank, table[rank].key, table[rank].label, relative{Object: other, by: r})
				continue
			}
			key, label := unknownRelation(r.Kind, incoming, attack.Describe(other.Type))
			found.add(rankUnknown, key, label, relative{Object: other, by: r})
		}
	}
	s.embedded(o, found)
	s.serves(o, found)
	return found.sorted()
}

// unknownRelation makes a heading of a kind of relationship: what an object
// powers stands under "Powers: Engines", and what powers it under "Engines
// (powers)".
func unknownRelation(kind string, incoming bool, other attack.Type) (key, label string) {
	if incoming {
		return kind + "-from-" + other.Name, other.Plural + " (" + strings.ToLower(attack.Humanize(kind)) + ")"
	}
	return kind + "-to-" + other.Name, attack.Humanize(kind) + ": " + other.Plural
}

// embedded adds what properties name, on both ends.
func (s *Snapshot) embedded(o *Object, found groups) {
	for _, ref := range o.Refs {
		if other := s.byID[ref.ID]; other != nil {
			found.add(rankEmbedded, ref.Path, attack.Describe(o.Type).Reference(ref.Path).Here, relative{Object: other, path: ref.Path})
		}
	}
	for _, n := range s.named[o.ID] {
		if heading := attack.Describe(n.by.Type).Reference(n.path).Back; heading != "" {
			found.add(rankEmbedded+1, n.by.Type+"."+n.path, heading, relative{Object: n.by, path: n.path, back: true})
		}
		if attack.Describe(n.by.Type).Reference(n.path).Part {
			s.wholes(n.by, found)
		}
	}
	if o.Type == attack.TypeRelationship {
		t := attack.Describe(o.Type)
		for _, ref := range []attack.Ref{{Path: "source_ref", ID: o.Source}, {Path: "target_ref", ID: o.Target}} {
			if other := s.byID[ref.ID]; other != nil {
				found.add(rankFirst, ref.Path, t.Reference(ref.Path).Here, relative{Object: other, path: ref.Path})
			}
		}
	}
}

// wholes adds what a part of it belongs to: the detection strategies whose
// analytics read a data component.
func (s *Snapshot) wholes(part *Object, found groups) {
	for _, n := range s.named[part.ID] {
		if r := attack.Describe(n.by.Type).Reference(n.path); r.Part && r.Back != "" {
			found.addOnce(rankEmbedded+2, n.by.Type+"."+n.path, r.Back, relative{Object: n.by, back: true})
		}
	}
}

// serves adds the tactics of a technique, and the techniques of a tactic, as
// the matrices have them.
func (s *Snapshot) serves(o *Object, found groups) {
	if o.Type != attack.TypeTechnique && o.Type != attack.TypeTactic {
		return
	}
	seen := map[string]bool{}
	add := func(rank int, key, label, id string) {
		if other := s.byID[id]; other != nil && !seen[id] {
			seen[id] = true
			found.add(rank, key, label, relative{Object: other})
		}
	}
	for _, state := range s.states {
		if state.byID[o.ID] == nil {
			continue
		}
		for _, t := range state.matrix.Tactics {
			switch {
			case o.Type == attack.TypeTechnique && slices.Contains(o.Tactics(), t.Shortname):
				add(rankFirst, keyTactics, "Tactics", t.STIXID)
			case t.STIXID == o.ID:
				for _, cell := range t.Techniques {
					add(rankFirst, "techniques", "Techniques", cell.STIXID)
				}
			}
		}
	}
}

// sorted gives the groups in order, and their ends by name; what a property of
// the object lists stays in its order, as the tactics of a matrix do.
func (g groups) sorted() []group {
	ranked := make([]*rankedGroup, 0, len(g))
	for _, one := range g {
		ranked = append(ranked, one)
	}
	slices.SortFunc(ranked, func(a, b *rankedGroup) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.key, b.key)) })
	list := make([]group, len(ranked))
	for i, one := range ranked {
		list[i] = one.group
		slices.SortStableFunc(one.ends, func(a, b relative) int {
			if a.path != "" && !a.back && b.path != "" && !b.back {
				return 0
			}
			return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.ID, b.ID), cmp.Compare(a.relationship(), b.relationship()))
		})
		if one.key == keySubtechniques {
			slices.SortStableFunc(one.ends, func(a, b relative) int { return cmp.Compare(a.ATTACK, b.ATTACK) })
		}
	}
	return list
}

// relationship gives the id of the relationship, or nothing.
func (e relative) relationship() string {
	if e.by == nil {
		return ""
	}
	return e.by.ID
}
