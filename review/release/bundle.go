package release

import (
	"cmp"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/changes"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// bundle is a release's whole bundle before it is stored.
type bundle struct {
	title   string
	version string
	members []taxonomy.Member // the collection object first
}

// assemble puts what a plan wrote among the objects of its domain: changed
// ones in their place, new ones behind, each id once.
func (p plan) assemble(r row, g ground, s attack.Stamp) (bundle, error) {
	changed := make(map[string]written, len(p.written))
	for _, w := range p.written {
		changed[w.after.ID] = w
	}
	var head *taxonomy.Object
	members := make([]taxonomy.Member, 1, len(g.objects)+len(p.written)+1)
	contents := make([]attack.ContentRef, 0, cap(members))
	seen := make(map[string]bool, cap(members))
	add := func(o attack.Object, m taxonomy.Member) {
		seen[o.ID] = true
		members = append(members, m)
		contents = append(contents, attack.ContentRef{Object: o.ID, Modified: o.Stamp()})
	}
	for _, o := range g.objects {
		if o.Type == attack.TypeCollection && head == nil {
			head, _ = g.object(o.ID)
			seen[o.ID] = true
		}
		if seen[o.ID] {
			continue
		}
		if w, ok := changed[o.ID]; ok {
			add(w.after, taxonomy.Member{Raw: w.raw})
			continue
		}
		newest, _ := g.object(o.ID)
		add(newest.Object, taxonomy.Member{Row: newest.Row})
	}
	for _, w := range p.written {
		if !seen[w.after.ID] {
			add(w.after, taxonomy.Member{Raw: w.raw})
		}
	}
	b, raw, err := collection(r, g, head, contents, s)
	members[0] = taxonomy.Member{Raw: raw}
	b.members = members
	return b, err
}

// collection writes the collection object: the next version of the domain's
// own, or the first where it has none.
func collection(r row, g ground, head *taxonomy.Object, contents []attack.ContentRef, s attack.Stamp) (bundle, []byte, error) {
	if head == nil {
		b := bundle{title: g.style.Current.Title, version: attack.FirstVersion}
		s.STIXID, s.Version = idFor(attack.TypeCollection, r.ID), b.version
		h := attack.Heading{Name: b.title, Description: "All of " + r.Domain + ", as released by a workshop."}
		raw, err := attack.NewCollection(h, contents, s)
		return b, raw, err
	}
	b := bundle{title: head.Name, version: attack.NextVersion(head.Version)}
	old, err := g.raw(head.Row)
	if err != nil {
		return b, nil, err
	}
	s.Version, s.Modified = b.version, after(s.Modified, head.Stamp())
	s.Identity = cmp.Or(s.Identity, head.CreatedBy)
	raw, err := attack.NextCollection(old, contents, s)
	return b, raw, err
}

// versionAfter is the version that the domain's collection will get.
func versionAfter(objects []*taxonomy.Object) string {
	for _, o := range objects {
		if o.Type == attack.TypeCollection {
			return attack.NextVersion(o.Version)
		}
	}
	return attack.FirstVersion
}

// changelog tells what a plan changes.
func (p plan) changelog(g ground) Changelog {
	pairs := make([]changes.Pair, len(p.written))
	names := map[string]string{}
	for i, w := range p.written {
		pairs[i].After = sideOf(w.after, 0)
		if w.before != nil {
			pairs[i].Before = sideOf(w.before.Object, w.before.Row)
		}
		names[w.after.ID] = w.after.Name
	}
	name := func(id string) string {
		if o, ok := g.object(id); ok {
			return cmp.Or(names[id], o.Name)
		}
		return names[id]
	}
	log := compare(pairs, func(id string) (string, bool) {
		if next, ok := p.heirs[id]; ok {
			return next, true
		}
		return g.replacement(id)
	})
	for _, w := range p.written {
		if o := w.after; o.Type == attack.TypeRelationship {
			log.Relationships = append(log.Relationships, ChangelogRelationship{STIXID: o.ID, Kind: o.Kind, Source: o.Source, SourceName: name(o.Source),
				Target: o.Target, TargetName: name(o.Target), Added: w.before == nil})
		}
	}
	return log
}

// sideOf is an object as changelogs compare it: what a release writes has no
// empty description.
func sideOf(o attack.Object, row int64) *changes.Side {
	return &changes.Side{Object: o, Row: row, Described: o.Description != ""}
}
