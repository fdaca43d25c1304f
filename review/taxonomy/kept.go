package taxonomy

import (
	"context"
	"fmt"
	"slices"

	"github.com/atelier-attack/atelier/review/attack"
)

// What became of an object that releases added or changed when a newer ATT&CK
// was imported over them.
const (
	KeptConflict = "conflict"
	KeptRetired  = "retired"
	KeptMissing  = "missing"
	AdoptedLike  = "adopted_like"
	KeptMerged   = "merged"
	KeptChanged  = "changed"
	KeptAdded    = "added"
	Adopted      = "adopted"
)

// fates is the one table of what became of objects, what needs a look first.
func fates() []KeptGroup {
	return []KeptGroup{
		{How: KeptConflict, Look: true, Title: "Both changed the same", Text: "What the release says stayed. Look at both, and refine it where ATT&CK's is better."},
		{How: KeptRetired, Look: true, Title: "Retired by ATT&CK", Text: "ATT&CK revoked or deprecated it, or what it is about. See whether it belongs elsewhere by now."},
		{How: KeptMissing, Look: true, Title: "No longer in ATT&CK", Text: "A release had changed it or refers to it, so it stays."},
		{How: AdoptedLike, Look: true, Title: "Likely the same as a new one of ATT&CK", Text: "It has the same name, or says the same of the same two objects. Both are there."},
		{How: KeptMerged, Title: "Merged", Text: "Both changes are in it."},
		{How: KeptChanged, Title: "Kept as changed", Text: "ATT&CK left it as it was."},
		{How: KeptAdded, Title: "Kept as added", Text: "ATT&CK does not have it yet."},
		{How: Adopted, Title: "Adopted", Text: "ATT&CK has it by now, and its words are shown."},
	}
}

// Kept is what a newer ATT&CK left of what releases had made.
type Kept struct {
	Collection int64       `json:"collection" doc:"number of the state that has both"`
	Version    string      `json:"version" doc:"of that state"`
	Groups     []KeptGroup `json:"groups" doc:"what needs a look first; none is empty"`
}

// KeptGroup are objects that fared alike.
type KeptGroup struct {
	How     string       `json:"how" enum:"conflict,retired,missing,adopted_like,merged,changed,added,adopted"`
	Look    bool         `json:"look" doc:"a person should look at them"`
	Title   string       `json:"title"`
	Text    string       `json:"text" doc:"what it means"`
	Objects []KeptObject `json:"objects"`
}

// KeptObject is one object that releases had added or changed, or that such
// an object refers to.
type KeptObject struct {
	Object Link     `json:"object"`
	Fields []string `json:"fields" doc:"properties that both sides changed, of which ours stayed; of what was adopted, those that ATT&CK words in another way"`
	Other  *Link    `json:"other,omitempty" doc:"the object that is likely the same, or that came instead"`
}

// fared is an object that was carried over, and what became of it.
type fared struct {
	KeptObject
	object *Object
	how    string
}

func (c *carrier) keep(o *Object, how string, fields []string, other *Object) {
	if how == AdoptedLike {
		other = c.alike[likeness(o)]
	}
	k := fared{KeptObject{Object: o.Link(), Fields: append([]string{}, fields...)}, o, how}
	if other != nil {
		link := c.called(other)
		k.Other = &link
	}
	c.kept = append(c.kept, k)
}

// told groups what was kept as people are told. A relationship that was added
// together with its source goes without saying, as long as its end lives.
func (c *carrier) told() []KeptGroup {
	added := map[string]bool{}
	for _, k := range c.kept {
		if k.how == KeptAdded {
			added[k.object.ID] = true
		}
	}
	fates, groups := fates(), []KeptGroup{}
	for _, k := range c.kept {
		if o := k.object; o.Type == attack.TypeRelationship {
			if k.how == KeptAdded && o.Live() && (c.retired(o.Source) || c.retired(o.Target)) {
				k.how = KeptRetired
			}
			if k.how == KeptAdded && added[o.Source] {
				continue
			}
			k.Object = c.called(o)
		}
		i := slices.IndexFunc(fates, func(g KeptGroup) bool { return g.How == k.how })
		fates[i].Objects = append(fates[i].Objects, k.KeptObject)
	}
	for _, g := range fates {
		if len(g.Objects) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// retired says whether ATT&CK revoked or deprecated an object.
func (c *carrier) retired(id string) bool {
	o := c.theirs.byID[id]
	return o != nil && !o.Live()
}

// called names an object, a relationship by its ends.
func (c *carrier) called(o *Object) Link {
	link := o.Link()
	if o.Type == attack.TypeRelationship {
		link.Name = c.nameOf(o.Source) + " " + o.Kind + " " + c.nameOf(o.Target)
	}
	return link
}

func (c *carrier) nameOf(id string) string {
	if o := c.theirs.byID[id]; o != nil {
		return o.called()
	}
	for _, one := range c.behind {
		if one.object.ID == id {
			return one.object.called()
		}
	}
	return id
}

// KeptIn tells what became of what releases had made, when a domain was last
// upgraded; nil where they had made nothing.
func (t *Taxonomy) KeptIn(ctx context.Context, current Collection) (*Kept, error) {
	var rows []importReport
	err := t.db.WithContext(ctx).Joins("JOIN collections c ON c.id = import_reports.collection_id").
		Where("c.domain = ? AND c.upstream_version = ?", current.Domain, current.UpstreamVersion).Order("c.id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find the last upgrade: %w", err)
	}
	for _, row := range rows {
		if r, err := readReport(row); err != nil || r.Kept != nil {
			return r.Kept, err
		}
	}
	return nil, nil //nolint:nilnil // there was none
}
