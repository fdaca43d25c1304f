package review

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// lookUp finds an object by its STIX id, its ATT&CK id, or the label that stands
// for one that is proposed.
type lookUp func(id string) (check.Object, bool)

// name is what an object is called in a title.
func (l lookUp) name(id string) string {
	if o, ok := l(id); ok && id != "" {
		return cmp.Or(o.Name, o.Proposed, unnamed)
	}
	return unnamed
}

// unnamed stands in a title for what was not chosen or named yet.
const unnamed = "…"

// linked calls for each object that the texts of content link to by a label.
func (l lookUp) linked(form attack.Form, content attack.Content, found func(id string)) {
	link := func(text string) {
		for _, id := range attack.TypedLinks(text) {
			if o, ok := l(id); ok && attack.IsLabel(id) {
				found(o.STIXID)
			}
		}
	}
	for _, f := range form.Fields {
		switch f.Kind {
		case attack.Markdown:
			link(content[f.Name].Text)
		case attack.Rows:
			for _, row := range content[f.Name].Rows {
				for _, c := range f.Columns {
					link(row[c.Property])
				}
			}
		}
	}
}

// nameOf is what an object of the taxonomy is called.
func nameOf(now *taxonomy.Snapshot, id string) string {
	if o, ok := now.Object(id); ok && id != "" {
		return o.Name
	}
	return unnamed
}

// known is what checks may look up: the domain as it is, the open proposals of
// the same workshop, and drafts of who writes the row.
func (p *Proposals) known(db *gorm.DB, row proposalRow) (known check.Known, err error) {
	if known, err = p.KnownIn(db, row.WorkshopID, row.Domain); err != nil {
		return known, err
	}
	pending, drafts, err := p.pending(db, row)
	if err != nil {
		return known, err
	}
	if known.Lost, err = p.lost(db, row.WorkshopID); err != nil {
		return known, err
	}
	labels, err := p.LabelsIn(db, row.WorkshopID)
	if err != nil {
		return known, err
	}
	for _, one := range drafts {
		labels[one.Label] = one.STIXID
	}
	self, err := row.own()
	if err != nil {
		return known, err
	}
	known.Pending = pending
	exists := known.Object
	known.Object = func(id string) (check.Object, bool) {
		if attack.IsLabel(id) {
			if o, ok := self[id]; ok {
				return o, true
			}
			id = labels[id]
		}
		if o, ok := exists(id); ok {
			return o, true
		}
		if o, ok := proposed(known.Pending, id); ok {
			return o, true
		}
		o, ok := proposed(drafts, id)
		o.Draft = ok
		return o, ok
	}
	return known, nil
}

// own are the objects that a row makes itself, by their labels.
func (r proposalRow) own() (map[string]check.Object, error) {
	own := map[string]check.Object{}
	if r.Subject == "" {
		return own, nil
	}
	var s subject
	if err := json.Unmarshal([]byte(r.Subject), &s); err != nil {
		return nil, fmt.Errorf("read proposal %s: %w", r.ID, err)
	}
	if form, ok := attack.FormOf(r.Kind); ok && form.Action == attack.Add {
		own[s.Object.Label] = check.Object{STIXID: r.ObjectID, Type: form.Type, Name: s.Object.Name}
	}
	for _, one := range s.Makes {
		own[one.Label] = check.Object{STIXID: one.STIXID, Type: one.Type, Name: one.Name}
	}
	return own, nil
}

// proposed finds an object that an open proposal makes.
func proposed(pending []check.Pending, id string) (check.Object, bool) {
	for _, one := range pending {
		if form, ok := attack.FormOf(one.Kind); ok && one.STIXID == id && form.Action == attack.Add {
			return check.Object{STIXID: id, AttackID: one.Label, Type: form.Type, Name: one.Name, Subtechnique: one.Kind == attack.NewSubtechnique,
				Tactics: one.Tactics, Proposed: one.Label}, true
		}
	}
	return check.Object{}, false
}

// pending lists the other proposals of the workshop that may still come true,
// and beside them the drafts that nobody but the row's authors sees.
func (p *Proposals) pending(db *gorm.DB, row proposalRow) (waiting, drafts []check.Pending, err error) {
	with, err := coAuthors(db, []string{row.ID})
	if err != nil {
		return nil, nil, err
	}
	authors := append(slices.Clone(with[row.ID]), row.AuthorID)
	shared := db.Model(&authorRow{}).Select("proposal_id").Where("user_id IN ?", authors)
	var rows []proposalRow
	err = db.Select("id", "kind", "object_id", "subject", "revision", "number", "title").Where("workshop_id = ? AND id <> ?", row.WorkshopID, row.ID).
		Where("revision > 0 AND state IN ? OR revision = 0 AND state = ? AND (author_id IN ? OR id IN (?))", Waiting(), StateDraft, authors, shared).
		Order("number").Find(&rows).Error
	if err != nil {
		return nil, nil, fmt.Errorf("list open proposals: %w", err)
	}
	for _, r := range rows {
		all, err := r.pending()
		switch {
		case err != nil:
			return nil, nil, err
		case r.Revision == 0:
			drafts = append(drafts, all...)
		default:
			waiting = append(waiting, all...)
		}
	}
	return waiting, drafts, nil
}

// lost lists what the proposals of a workshop that were turned down would have
// made, for those that named it.
func (p *Proposals) lost(db *gorm.DB, workshop string) ([]check.Pending, error) {
	var rows []proposalRow
	err := db.Select("id", "kind", "object_id", "subject", "state").Where("workshop_id = ? AND revision > 0 AND state IN ?", workshop,
		[]State{StateRejected, StateWithdrawn}).Order("number").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list what was turned down: %w", err)
	}
	var lost []check.Pending
	for _, r := range rows {
		all, err := r.pending()
		if err != nil {
			return nil, err
		}
		for _, one := range all {
			if form, ok := attack.FormOf(one.Kind); ok && form.Action == attack.Add {
				one.State = string(r.State)
				lost = append(lost, one)
			}
		}
	}
	return lost, nil
}

// pending tells what a row would make or change.
func (r proposalRow) pending() ([]check.Pending, error) {
	var s subject
	if err := json.Unmarshal([]byte(r.Subject), &s); err != nil {
		return nil, fmt.Errorf("read proposal %s: %w", r.ID, err)
	}
	all := []check.Pending{{STIXID: r.ObjectID, Label: s.Object.Label, Kind: r.Kind, Name: s.Object.Name, Relation: s.Relation, Source: s.Source, Target: s.Target,
		Tactics: s.Tactics, Number: r.Number, Title: r.Title}}
	for _, made := range s.Makes {
		all = append(all, check.Pending{STIXID: made.STIXID, Label: made.Label, Kind: made.Kind, Name: made.Name})
	}
	return all, nil
}

// LabelsIn gives the STIX ids of the objects that the submitted proposals of a
// workshop make or made, by the labels that stood for them at first. The handle
// may be inside a transaction.
func (p *Proposals) LabelsIn(db *gorm.DB, workshop string) (map[string]string, error) {
	var rows []proposalRow
	several := []string{}
	for _, form := range attack.Forms() {
		if form.Action == attack.Several {
			several = append(several, form.Kind)
		}
	}
	err := db.Select("id, number, kind, object_id, CASE WHEN kind IN ? THEN subject ELSE '' END AS subject", several).
		Where("workshop_id = ? AND revision > 0 AND state IN ?", workshop, Counted()).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list what proposals make: %w", err)
	}
	labels := map[string]string{}
	for _, r := range rows {
		if form, ok := attack.FormOf(r.Kind); ok && form.Action == attack.Add {
			labels[r.label()] = r.ObjectID
		}
		if r.Subject == "" {
			continue
		}
		var s subject
		if err := json.Unmarshal([]byte(r.Subject), &s); err != nil {
			return nil, fmt.Errorf("read proposal %s: %w", r.ID, err)
		}
		for _, one := range s.Makes {
			labels[one.Label] = one.STIXID
		}
	}
	return labels, nil
}

// label stands for the new object of a row until a release gives it an id.
func (r proposalRow) label() string { return fmt.Sprintf("NEW-%d", r.Number) }
