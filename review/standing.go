package review

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/merge"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// States of a standing.
const (
	StandsCurrent  = "current"  // what it starts from is what there is
	StandsMoved    = "moved"    // the object moved, and the changes of both sides fit together
	StandsConflict = "conflict" // the object moved, and both sides changed the same field
	StandsGone     = "gone"     // an object that it needs was revoked, deprecated, or is there no more
)

// Reasons why an object is gone.
const (
	GoneRevoked    = "revoked"
	GoneDeprecated = "deprecated"
	GoneMissing    = "missing"
)

// Standing is where an open proposal stands beside the taxonomy as it is now.
type Standing struct {
	State   string   `json:"state" enum:"current,moved,conflict,gone"`
	ATTACK  string   `json:"attack" doc:"version of the domain that moved it; empty where there is nothing to do"`
	From    string   `json:"from" doc:"version of the object that it starts from; empty where it starts from none"`
	To      string   `json:"to" doc:"version that the object has now"`
	Changed []string `json:"changed" doc:"fields in which the object moved"`
	Fields  []string `json:"fields" doc:"fields that both sides changed, each in another way"`
	Gone    []Gone   `json:"gone" doc:"objects that it needs and that do not live any more"`
	Tactics []string `json:"tactics" doc:"tactics that it names and that the domain does not have"`
}

// Gone is an object that a proposal needs and that does not live any more.
type Gone struct {
	Field       string         `json:"field" doc:"the field that names it; empty: the object that is changed"`
	Reason      string         `json:"reason" enum:"revoked,deprecated,missing"`
	Object      taxonomy.Link  `json:"object"`
	Replacement *taxonomy.Link `json:"replacement,omitempty"`
}

// Settled says whether there is nothing to do about it.
func (s Standing) Settled() bool { return s.State == StandsCurrent && len(s.Tactics) == 0 }

// Open are the states of proposals that may still come true.
func Open() []State { return append([]State{StateDraft}, Waiting()...) }

// wording is what a proposal says, and what it starts from.
type wording struct {
	content, base attack.Content
}

// texts gives what proposals say: the latest revision, or the draft of one that
// is in its author's hands, which may have taken over something already.
func texts(db *gorm.DB, rows []proposalRow) (map[string]wording, error) {
	all := make(map[string]wording, len(rows))
	var ids []string
	for _, row := range rows {
		if !row.inHand() {
			ids = append(ids, row.ID)
			continue
		}
		w, err := row.draft()
		if err != nil {
			return nil, err
		}
		base, err := baseOf(db, row)
		if err != nil {
			return nil, err
		}
		all[row.ID] = wording{w.Content, base}
	}
	var stored []revisionRow
	err := db.Joins("JOIN proposals ON proposals.id = revisions.proposal_id AND proposals.revision = revisions.number").
		Select("revisions.*").Where("revisions.proposal_id IN ?", ids).Find(&stored).Error
	if err != nil {
		return nil, fmt.Errorf("read revisions: %w", err)
	}
	for _, r := range stored {
		var t wording
		if err := errors.Join(json.Unmarshal([]byte(r.Content), &t.content), json.Unmarshal([]byte(r.Base), &t.base)); err != nil {
			return nil, fmt.Errorf("read revision %d of proposal %s: %w", r.Number, r.ProposalID, err)
		}
		all[r.ProposalID] = t
	}
	return all, nil
}

// made lists the objects that proposals of a workshop make: others may build
// on them before they exist.
func made(db *gorm.DB, workshop string) (map[string]bool, error) {
	var ids []string
	if err := db.Model(&proposalRow{}).Where("workshop_id = ? AND base_version = 0", workshop).Pluck("object_id", &ids).Error; err != nil {
		return nil, fmt.Errorf("list what is proposed: %w", err)
	}
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	var several []proposalRow
	if err := db.Select("id", "number", "kind", "subject").Where("workshop_id = ? AND subject LIKE ?", workshop, `%"makes":[%`).Find(&several).Error; err != nil {
		return nil, fmt.Errorf("list what is proposed: %w", err)
	}
	for _, row := range several {
		b, err := row.building()
		if err != nil {
			return nil, err
		}
		for _, id := range b.makes {
			set[id] = true
		}
	}
	return set, nil
}

// stand holds what a proposal says against the taxonomy.
func (r proposalRow) stand(db *gorm.DB, now *taxonomy.Snapshot, t wording, proposed map[string]bool) (Standing, error) {
	form, err := r.form()
	if err != nil {
		return Standing{}, err
	}
	s := Standing{State: StandsCurrent, Changed: []string{}, Fields: []string{}, Gone: []Gone{}, Tactics: []string{}}
	if c, ok := now.Conventions(r.Domain); ok {
		s.ATTACK = cmp.Or(c.Current.UpstreamVersion, c.Current.Version)
	}
	content := t.content
	if form.Modifies {
		from, err := storedObject(db, r.BaseVersion)
		if err != nil {
			return s, err
		}
		content = s.moved(now, r, form, t, from)
	}
	for _, ref := range form.Refs(content) {
		if !proposed[ref.ID] && !content[ref.Field].Equal(t.base[ref.Field]) {
			s.gone(now, r.Domain, ref.Field, ref.ID, taxonomy.Link{STIXID: ref.ID, Type: attack.TypeOf(ref.ID)})
		}
	}
	words := now.Vocabulary(r.Domain)
	for _, tactic := range content[attack.FieldTactics].List {
		if !slices.ContainsFunc(words.Tactics, func(t taxonomy.Term) bool { return t.Value == tactic }) {
			s.Tactics = append(s.Tactics, tactic)
		}
	}
	if s.Settled() { // then it is no news that the domain has another version
		s.ATTACK = ""
	}
	return s, nil
}

// moved looks at the object that a refinement changes, and gives the content
// as it would be on the object as it is now.
func (s *Standing) moved(now *taxonomy.Snapshot, r proposalRow, form attack.Form, t wording, from attack.Object) attack.Content {
	o, ok := now.InDomain(r.Domain, r.ObjectID)
	s.From, s.To = from.Version, from.Version
	if ok && same(o, r.BaseVersion, from, form) {
		return t.content
	}
	if s.gone(now, r.Domain, "", r.ObjectID, r.object()) {
		return t.content
	}
	theirs := attack.ContentOf(o.Object, form)
	result := merge.Merge(form, t.base, t.content, theirs)
	s.State, s.To = StandsMoved, o.Version
	s.Changed = append(s.Changed, merge.Changed(form, t.base, theirs)...)
	for _, c := range result.Conflicts {
		s.State = StandsConflict
		s.Fields = append(s.Fields, c.Field)
	}
	return result.Content
}

// same says whether an object is the version that was started from: the very
// one, or one of the same moment that says the same, as another tool wrote it.
func same(o *taxonomy.Object, row int64, from attack.Object, form attack.Form) bool {
	return o.Row == row || o.Live() && o.Stamp() == from.Stamp() &&
		len(merge.Changed(form, attack.ContentOf(from, form), attack.ContentOf(o.Object, form))) == 0
}

// gone says whether an object does not live any more, and notes why.
func (s *Standing) gone(now *taxonomy.Snapshot, domain, field, id string, known taxonomy.Link) bool {
	o, ok := now.InDomain(domain, id)
	if !ok && field != "" { // a group or software may be of another domain
		o, ok = now.Object(id)
	}
	g := Gone{Field: field, Object: known, Reason: GoneMissing}
	switch {
	case ok && o.Live():
		return false
	case ok && o.Revoked:
		g.Object, g.Reason = o.Link(), GoneRevoked
	case ok:
		g.Object, g.Reason = o.Link(), GoneDeprecated
	}
	g.Replacement = successor(now, domain, id)
	s.State, s.Gone = StandsGone, append(s.Gone, g)
	return true
}

// successor finds the living object that came instead of another, through any
// number of revocations.
func successor(now *taxonomy.Snapshot, domain, id string) *taxonomy.Link {
	for seen := map[string]bool{}; !seen[id]; {
		seen[id] = true
		next := ""
		for _, r := range now.Outgoing(id) {
			if _, ok := now.InDomain(domain, r.Target); ok && r.Kind == attack.RevokedBy {
				next = r.Target
				break
			}
		}
		if next == "" {
			return nil
		}
		if o, ok := now.InDomain(domain, next); ok && o.Live() {
			link := o.Link()
			return &link
		}
		id = next
	}
	return nil
}

// object names the object of a row, as it was when somebody last wrote.
func (r proposalRow) object() taxonomy.Link {
	var s subject
	if json.Unmarshal([]byte(r.Subject), &s) != nil {
		return taxonomy.Link{STIXID: r.ObjectID}
	}
	return taxonomy.Link{STIXID: r.ObjectID, AttackID: s.Object.AttackID, Type: s.Object.Type, Name: s.Object.Name}
}

// stood brings the row's standing up to date.
func (p *Proposals) stood(db *gorm.DB, row proposalRow, t wording) (proposalRow, error) {
	proposed, err := made(db, row.WorkshopID)
	if err != nil {
		return row, err
	}
	s, err := row.stand(db, p.taxonomy.Snapshot(), t, proposed)
	if err != nil {
		return row, err
	}
	return row.standing(s)
}

func (r proposalRow) standing(s Standing) (proposalRow, error) {
	written, err := json.Marshal(s)
	if err != nil {
		return r, fmt.Errorf("write how a proposal stands: %w", err)
	}
	r.Standing = string(written)
	return r, nil
}

// storedObject reads one version of an object.
func storedObject(db *gorm.DB, row int64) (attack.Object, error) {
	var raw []byte
	if err := db.Raw("SELECT raw FROM objects WHERE id = ?", row).Row().Scan(&raw); err != nil {
		return attack.Object{}, fmt.Errorf("read version %d of an object: %w", row, err)
	}
	return attack.Parse(raw)
}

// baseOf gives the content of the version that a refinement starts from; nil
// for what makes a new object.
func baseOf(db *gorm.DB, row proposalRow) (attack.Content, error) {
	if row.BaseVersion == 0 {
		return nil, nil //nolint:nilnil // a new object has no base
	}
	form, err := row.form()
	if err != nil {
		return nil, err
	}
	o, err := storedObject(db, row.BaseVersion)
	if err != nil {
		return nil, fmt.Errorf("the base of proposal %s: %w", row.ID, err)
	}
	return attack.ContentOf(o, form), nil
}

// own is how a draft stands, which only its author sees; nil where it is not
// open.
func (p *Proposals) own(db *gorm.DB, row proposalRow, t wording) (*Standing, error) {
	if !slices.Contains(Open(), row.State) {
		return nil, nil //nolint:nilnil // what is closed stands nowhere
	}
	row, err := p.stood(db, row, t)
	if err != nil {
		return nil, err
	}
	s := &Standing{}
	return s, json.Unmarshal([]byte(row.Standing), s)
}
