package review

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/cowrite"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// maxSimilar is how many similar objects are shown.
const maxSimilar = 5

// Draft is the text that an author works on, with what is found in it.
type Draft struct {
	Proposal  Proposal                 `json:"proposal" doc:"with the rationale, the bump and the standing of the draft"`
	Version   int64                    `json:"version" doc:"counts up with each save"`
	Texts     map[string]int64         `json:"texts" doc:"versions of the fields that several people can write at once, where that was begun"`
	Content   attack.Content           `json:"content"`
	Base      attack.Content           `json:"base,omitempty" doc:"what a refinement starts from"`
	Names     map[string]taxonomy.Link `json:"names" doc:"the objects that it names and that exist, by STIX id"`
	Checks    []Check                  `json:"checks"`
	Explained map[string]string        `json:"explained" doc:"why what the guard finds may stand, by the keys of the findings"`
	Similar   []taxonomy.Alike         `json:"similar" doc:"objects that may be the same, likeliest first"`
}

// StaleDraft is both sides of two saves of the same version.
type StaleDraft struct {
	Yours  attack.Content `json:"yours"`
	Theirs Draft          `json:"theirs"`
}

// Start makes a proposal as a draft that only its author sees. The fault is
// Invalid where the object that it names cannot be proposed about.
func (p *Proposals) Start(ctx context.Context, actor Actor, domain string, in NewProposal) (Draft, error) {
	if !actor.Has(Proposers()...) {
		return Draft{}, fault.New(fault.Forbidden, "Your role in this workshop does not let you propose.")
	}
	form, ok := attack.FormOf(in.Kind)
	if !ok || in.Kind == attack.HandOver {
		return Draft{}, fault.InField("kind", "%.40q is no kind of proposal.", in.Kind)
	}
	row, err := journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (proposalRow, error) {
		return p.create(tx, actor, domain, form, in)
	})
	if err != nil {
		return Draft{}, err
	}
	return p.opened(p.db.WithContext(ctx), row)
}

func (p *Proposals) create(tx *journal.Tx, actor Actor, domain string, form attack.Form, in NewProposal) (proposalRow, error) {
	origin, in, err := begins(tx.DB, actor, form, in)
	if err != nil {
		return proposalRow{}, err
	}
	given, err := p.from(tx.DB, actor, form, domain, in.ObjectID)
	if err != nil {
		return proposalRow{}, err
	}
	if in, err = templated(tx.DB, actor, in, given.content); err != nil {
		return proposalRow{}, err
	}
	content := given.content
	if len(in.ObjectIDs) > 0 {
		ids, err := p.selection(domain, form, in.ObjectIDs)
		if err != nil {
			return proposalRow{}, err
		}
		content[attack.FieldObjects] = attack.Value{List: ids}
	}
	maps.Copy(content, in.Content)
	if content, err = tidy(form, given.base, content); err != nil {
		return proposalRow{}, err
	}
	if err := typed.Text("rationale", in.Rationale, check.MaxNote); err != nil {
		return proposalRow{}, err
	}
	if err := tx.Hold(actor.Workshop); err != nil {
		return proposalRow{}, err
	}
	row := proposalRow{ID: uuid.NewString(), WorkshopID: actor.Workshop, Domain: domain, Kind: in.Kind, State: StateDraft, ObjectID: given.object,
		BaseVersion: given.row, AuthorID: actor.User, Origin: origin, DraftVersion: 1, CreatedAt: journal.Now()}
	if row.Number, err = nextNumber(tx.DB, row.WorkshopID); err != nil {
		return row, err
	}
	known, err := p.known(tx.DB, row)
	if err != nil {
		return row, err
	}
	if row, err = row.write(p.taxonomy.Snapshot(), known.Object, form, working{Content: content, Rationale: in.Rationale, Bump: attack.BumpMinor}); err != nil {
		return row, err
	}
	if row, err = row.turnTo(Turn{User: row.AuthorID, Reason: "is being written"}); err != nil {
		return row, err
	}
	if row, err = p.stood(tx.DB, row, wording{content, given.base}); err != nil {
		return row, err
	}
	if err := tx.Create(&row).Error; err != nil {
		return row, fmt.Errorf("make a proposal: %w", err)
	}
	return row, nil
}

// nextNumber is what the next proposal of a workshop is called.
func nextNumber(db *gorm.DB, workshop string) (n int64, err error) {
	err = db.Raw("SELECT COALESCE(MAX(number), 0) + 1 FROM proposals WHERE workshop_id = ?", workshop).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("number a proposal: %w", err)
	}
	return n, nil
}

// write puts what an author wrote into the row. What was submitted before
// stays as it was for all others.
func (r proposalRow) write(now *taxonomy.Snapshot, look lookUp, form attack.Form, w working) (proposalRow, error) {
	draft, err := json.Marshal(w)
	if err != nil {
		return r, fmt.Errorf("write a draft: %w", err)
	}
	if r.Draft = string(draft); r.Revision > 0 {
		return r, nil
	}
	r.Rationale, r.Bump, r.UpdatedAt = w.Rationale, w.Bump, journal.Now()
	return r.about(now, look, form, w.Content)
}

// about brings the row's title and subject up to date with content.
func (r proposalRow) about(now *taxonomy.Snapshot, look lookUp, form attack.Form, content attack.Content) (proposalRow, error) {
	subject, title := r.describe(now, look, form, content)
	text, err := json.Marshal(subject)
	if err != nil {
		return r, fmt.Errorf("describe a proposal: %w", err)
	}
	r.Subject, r.Title = string(text), title
	return r, nil
}

func (r proposalRow) turnTo(t Turn) (proposalRow, error) {
	t.Since = journal.Now()
	text, err := json.Marshal(t)
	if err != nil {
		return r, fmt.Errorf("write whose turn it is: %w", err)
	}
	r.Turn = string(text)
	return r, nil
}

// origin is what a proposal starts from.
type origin struct {
	object  string // STIX id of the object that it makes or changes
	row     int64  // of the version that it changes
	base    attack.Content
	content attack.Content
}

func (p *Proposals) from(db *gorm.DB, actor Actor, form attack.Form, domain, id string) (origin, error) {
	now := p.taxonomy.Snapshot()
	if _, ok := now.Conventions(domain); !ok {
		return origin{}, fault.New(fault.Conflict, "The domain %q of this workshop is not loaded. A maintainer can import it.", domain)
	}
	made := origin{object: form.Type + "--" + uuid.NewString(), content: attack.Content{}}
	if id == "" && !form.Modifies {
		return made, nil
	}
	known, err := p.known(db, proposalRow{WorkshopID: actor.Workshop, Domain: domain, AuthorID: actor.User})
	if err != nil {
		return made, err
	}
	o, ok := known.Object(id)
	switch {
	case !ok || o.Elsewhere:
		return made, fault.InField("object_id", "Choose an object of this workshop's domain.")
	case form.Modifies && (o.Type != form.Type || o.Proposed != ""):
		return made, fault.InField("object_id", "%s cannot be changed in this way (%s).", o.Name, form.Label)
	case o.Retired:
		return made, fault.InField("object_id", "%s was revoked or deprecated. Choose what replaced it.", cmp.Or(o.AttackID, o.Name))
	case form.Modifies && fits(form, o) != nil:
		return made, fits(form, o)
	case form.Modifies:
		own, _ := now.InDomain(domain, o.STIXID)
		made.object, made.row = own.ID, own.Row
		made.base = attack.ContentOf(own.Object, form)
		made.content = attack.ContentOf(own.Object, form)
		return made, nil
	case form.Kind == attack.NewSubtechnique && o.Subtechnique:
		return made, fault.InField("object_id", "%s is a sub-technique itself. Choose its parent.", o.AttackID)
	}
	field, ok := form.Naming(o.Type)
	if !ok {
		return made, fault.InField("object_id", "A new %s does not start from %s.", form.Kind, o.Name)
	}
	made.content[field.Name] = attack.Value{Text: o.STIXID}
	if field.Kind == attack.ObjectRefs {
		made.content[field.Name] = attack.Value{List: []string{o.STIXID}}
	}
	if form.Kind == attack.NewSubtechnique {
		made.content[attack.FieldTactics] = attack.Value{List: o.Tactics}
	}
	return made, nil
}

// tidy refuses content that cannot be kept and gives the rest as it is kept.
func tidy(form attack.Form, base, content attack.Content) (attack.Content, error) {
	if err := check.Shape(form, base, content); err != nil {
		return nil, err
	}
	return check.Normal(form, base, content), nil
}

// Draft opens what the author works on.
func (p *Proposals) Draft(ctx context.Context, actor Actor, id string) (Draft, error) {
	return p.draftIn(p.db.WithContext(ctx), actor, id)
}

func (p *Proposals) draftIn(db *gorm.DB, actor Actor, id string) (Draft, error) {
	row, err := find(db, actor, id)
	if err != nil {
		return Draft{}, err
	}
	if err := row.openTo(actor); err != nil {
		return Draft{}, err
	}
	return p.opened(db, row)
}

// openTo refuses whoever may not see the row's draft.
func (r proposalRow) openTo(actor Actor) error {
	if !r.writes(actor.User) {
		return fault.New(fault.Forbidden, "Only its authors see the draft of a proposal.")
	}
	return nil
}

func (p *Proposals) opened(db *gorm.DB, row proposalRow) (Draft, error) {
	w, err := row.draft()
	if err != nil {
		return Draft{}, err
	}
	proposal, err := one(db, row)
	if err != nil {
		return Draft{}, err
	}
	proposal.Rationale, proposal.Bump = w.Rationale, w.Bump
	d := Draft{Proposal: proposal, Version: row.DraftVersion, Content: w.Content, Texts: row.texts, Explained: w.Explained.all()}
	if d.Texts == nil {
		d.Texts = map[string]int64{}
	}
	if d.Base, err = baseOf(db, row); err != nil {
		return d, err
	}
	form, err := row.form()
	if err != nil {
		return d, err
	}
	w.Content = check.Normal(form, d.Base, w.Content) // texts are as they were typed
	content := w.Content
	d.Names = links(p.taxonomy.Snapshot(), form, d.Base, content)
	if d.Proposal.Standing, err = p.own(db, row, wording{content, d.Base}); err != nil {
		return d, err
	}
	found, err := p.found(db, row, d.Base, w)
	d.Checks, d.Similar = found.Checks, found.Similar
	return d, err
}

// similar finds objects that may be what a proposal is about, unless its name
// is still the object's own.
func (p *Proposals) similar(row proposalRow, content attack.Content, own string) []taxonomy.Alike {
	name := content[attack.FieldName].Text
	form, known := attack.FormOf(row.Kind)
	list := []taxonomy.Alike{}
	if _, named := form.Field(attack.FieldName); !known || !named || name == own && own != "" {
		return list
	}
	draft := taxonomy.Draft{Name: name, Description: content[attack.FieldDescription].Text, Type: form.Type, Domain: row.Domain, Limit: maxSimilar + 1}
	for _, one := range p.taxonomy.Snapshot().Similar(draft) {
		if one.STIXID != row.ObjectID && len(list) < maxSimilar {
			list = append(list, one)
		}
	}
	return list
}

func (p *Proposals) checks(db *gorm.DB, row proposalRow, base attack.Content, w working) ([]Check, error) {
	form, err := row.form()
	if err != nil {
		return nil, err
	}
	known, err := p.known(db, row)
	if err != nil {
		return nil, err
	}
	known.Reasons = w.Explained
	if form.Action == attack.Several {
		found := partChecks(p.taxonomy.Snapshot(), row.Domain, row.compound(form, w.Content), base, known)
		return append(found, check.Text(FieldRationale, w.Rationale, known)...), nil
	}
	s := check.Subject{Form: form, Self: row.ObjectID, Base: base, Content: w.Content}
	if o, ok := p.taxonomy.Snapshot().InDomain(row.Domain, row.ObjectID); ok {
		s.Versions = check.Versions{Here: o.Version, Bump: w.Bump}
	}
	found := check.Run(s, known)
	return append(found, check.Text(FieldRationale, w.Rationale, known)...), nil
}

// Save keeps a draft. The fault is Stale, with both sides, where it was saved
// from another tab meanwhile, and Conflict where it cannot be edited now.
func (p *Proposals) Save(ctx context.Context, actor Actor, id string, in DraftUpdate) (Draft, error) {
	return journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (Draft, error) {
		if _, err := cowrite.Hold(tx.DB, TextsOf(id)); err != nil {
			return Draft{}, err
		}
		row, err := find(tx.DB, actor, id)
		if err != nil {
			return Draft{}, err
		}
		if _, err := transition(actor, row, ActionEdit); err != nil {
			return Draft{}, err
		}
		if row.DraftVersion != in.Version || !row.seen(in.Texts) {
			return Draft{}, p.stale(tx.DB, actor, id, in)
		}
		next, err := p.edited(tx, actor, row, in)
		if err != nil {
			return Draft{}, err
		}
		done := tx.Model(&proposalRow{}).Where("id = ? AND draft_version = ? AND state = ?", id, in.Version, row.State).
			Select("draft", "draft_version", "title", "subject", "rationale", "bump", "standing", "updated_at").Updates(&next)
		if done.Error != nil {
			return Draft{}, fmt.Errorf("save a draft: %w", done.Error)
		}
		if done.RowsAffected == 0 {
			return Draft{}, p.stale(tx.DB, actor, id, in)
		}
		return p.draftIn(tx.DB, actor, id)
	})
}

// stale gives the fault of a save of what was changed since it was seen.
func (p *Proposals) stale(db *gorm.DB, actor Actor, id string, in DraftUpdate) error {
	now, err := p.draftIn(db, actor, id)
	if err != nil {
		return err
	}
	return fault.New(fault.Stale, "This draft was saved from another tab meanwhile. Compare both and choose.").With(StaleDraft{Yours: in.Content, Theirs: now})
}

// edited gives the row with what an author wrote, and replaces its texts.
func (p *Proposals) edited(tx *journal.Tx, actor Actor, row proposalRow, in DraftUpdate) (proposalRow, error) {
	db := tx.DB
	form, err := row.form()
	if err != nil {
		return row, err
	}
	base, err := baseOf(db, row)
	if err != nil {
		return row, err
	}
	before, err := row.draft()
	if err != nil {
		return row, err
	}
	content := maps.Clone(in.Content)
	if content == nil {
		content = attack.Content{}
	}
	for _, field := range in.Keep {
		content[field] = before.Content[field]
	}
	if content, err = tidy(form, base, content); err != nil {
		return row, err
	}
	if err := typed.Text("rationale", in.Rationale, check.MaxNote); err != nil {
		return row, err
	}
	if err := p.replaceTexts(tx, actor, row, before.Content, content, in.Keep...); err != nil {
		return row, err
	}
	next := working{Content: content, Rationale: in.Rationale, Bump: cmp.Or(in.Bump, before.Bump), Explained: before.Explained}
	if !validBump(next.Bump) {
		return row, fault.InField("bump", "Choose major, minor or patch.")
	}
	if in.Explained != nil {
		next.Explained = in.Explained
	}
	if next.Explained, err = p.explained(db, row, base, next); err != nil {
		return row, err
	}
	row.DraftVersion = in.Version + 1
	if row.Revision == 0 {
		if row, err = p.stood(db, row, wording{content, base}); err != nil {
			return row, err
		}
	}
	known, err := p.known(db, row)
	if err != nil {
		return row, err
	}
	return row.write(p.taxonomy.Snapshot(), known.Object, form, next)
}

func validBump(bump string) bool {
	return bump == attack.BumpMajor || bump == attack.BumpMinor || bump == attack.BumpPatch
}
