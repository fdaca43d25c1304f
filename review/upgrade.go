package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/merge"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// Sides of a conflict.
const (
	Ours   = "ours"   // what the proposal says
	Theirs = "theirs" // what the taxonomy says now
)

// Upgraders are the roles that may take the taxonomy's changes over into
// proposals of others, where both sides fit together.
func Upgraders() []Role { return []Role{Reviewer, Facilitator, Maintainer} }

// Upgrade is what becomes of a proposal that takes over what moved.
type Upgrade struct {
	Proposal Proposal       `json:"proposal"`
	Version  int64          `json:"version" doc:"of the draft; 0: it is not in its author's hands"`
	Onto     int64          `json:"onto" doc:"stands for the version of the object that it will start from; 0: nothing to take over"`
	Fields   []UpgradeField `json:"fields" doc:"fields in which the object moved"`
}

// UpgradeField is one field in which the object moved.
type UpgradeField struct {
	Field    attack.Field     `json:"field"`
	Base     attack.Value     `json:"base"`
	Ours     attack.Value     `json:"ours"`
	Theirs   attack.Value     `json:"theirs"`
	Merged   attack.Value     `json:"merged" doc:"both together; ours in a conflict"`
	Conflict bool             `json:"conflict"`
	Parts    []merge.TextPart `json:"parts,omitempty" doc:"of a text in conflict: what merged and what did not, in order"`
}

// TakeOver takes over what was seen of an Upgrade.
type TakeOver struct {
	Onto     int64             `json:"onto"`
	Revision int64             `json:"revision" doc:"of the proposal, as it was seen"`
	Version  int64             `json:"version" doc:"of the draft, as it was seen"`
	Sides    map[string]string `json:"sides,omitempty" doc:"for each field in conflict: ours or theirs"`
}

// Bulk takes over what moved in several proposals.
type Bulk struct {
	Proposals []BulkItem `json:"proposals" maxItems:"1000"`
}

// BulkItem is one proposal as it was seen.
type BulkItem struct {
	ID       string `json:"id" maxLength:"100"`
	Revision int64  `json:"revision"`
}

// base is where an open proposal can go to.
type base struct {
	row    proposalRow
	form   attack.Form
	say    wording
	object *taxonomy.Object
	merged merge.Result
	theirs attack.Content
}

// inHand says whether its author is working on it: then what others see does
// not change before they submit it.
func (r proposalRow) inHand() bool {
	return r.State == StateDraft || r.State == StateChangesRequested
}

// look merges a refinement onto its object as it is now; ok is false where
// there is nothing to take over.
func (p *Proposals) look(db *gorm.DB, row proposalRow) (b base, ok bool, err error) {
	b.row = row
	if b.form, err = row.form(); err != nil || !b.form.Modifies || !slices.Contains(Open(), row.State) {
		return b, false, err
	}
	o, there := p.taxonomy.Snapshot().InDomain(row.Domain, row.ObjectID)
	if !there || !o.Live() {
		return b, false, nil
	}
	from, err := storedObject(db, row.BaseVersion)
	if err != nil || same(o, row.BaseVersion, from, b.form) {
		return b, false, err
	}
	w, err := row.draft()
	if err != nil {
		return b, false, err
	}
	b.say.base = attack.ContentOf(from, b.form)
	// Beside the draft of what is in hand, what was submitted is the draft still.
	b.say.content, b.object = w.Content, o
	b.theirs = attack.ContentOf(o.Object, b.form)
	b.merged = merge.Merge(b.form, b.say.base, b.say.content, b.theirs)
	return b, true, nil
}

// conflict finds the conflict of a field.
func (b base) conflict(field string) (c merge.Conflict, ok bool) {
	i := slices.IndexFunc(b.merged.Conflicts, func(c merge.Conflict) bool { return c.Field == field })
	if i < 0 {
		return c, false
	}
	return b.merged.Conflicts[i], true
}

// Upgrade shows what would become of a proposal. The fault is Forbidden where
// it is in the hands of its author and the actor is not.
func (p *Proposals) Upgrade(ctx context.Context, actor Actor, id string) (Upgrade, error) {
	return p.upgradeIn(p.db.WithContext(ctx), actor, id)
}

func (p *Proposals) upgradeIn(db *gorm.DB, actor Actor, id string) (Upgrade, error) {
	row, err := find(db, actor, id)
	if err != nil {
		return Upgrade{}, err
	}
	if row.inHand() && row.AuthorID != actor.User {
		return Upgrade{}, fault.New(fault.Forbidden, "Its author is working on it. They see what moved, and take it over.")
	}
	proposal, err := one(db, row)
	if err != nil {
		return Upgrade{}, err
	}
	u := Upgrade{Proposal: proposal, Fields: []UpgradeField{}}
	if row.inHand() {
		u.Version = row.DraftVersion
	}
	b, ok, err := p.look(db, row)
	if err != nil {
		return u, err
	}
	if u.Proposal.Standing, err = p.own(db, row, b.say.or(row)); err != nil || !ok {
		return u, err
	}
	u.Onto = b.object.Row
	for _, f := range b.form.Fields {
		if n := f.Name; !merge.Same(f.Kind, b.say.base[n], b.theirs[n]) {
			c, ok := b.conflict(n)
			u.Fields = append(u.Fields, UpgradeField{f, b.say.base[n], b.say.content[n], b.theirs[n], b.merged.Content[n], ok, c.Parts})
		}
	}
	return u, nil
}

// or gives the wording, or where none was read, the row's draft.
func (t wording) or(row proposalRow) wording {
	if t.content != nil {
		return t
	}
	w, err := row.draft()
	if err != nil {
		return t
	}
	return wording{w.Content, t.base}
}

// TakeOver brings the actor's own proposal onto its object as it is now. What
// is in hand stays a draft; of all others it makes a revision, and the state
// and the verdicts stay: what the author wrote is the same. The fault is Stale,
// with a fresh Upgrade, where something moved since it was seen, and Invalid
// where a conflict has no side.
func (p *Proposals) TakeOver(ctx context.Context, actor Actor, id string, in TakeOver) (Proposal, error) {
	return journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (Proposal, error) {
		if err := tx.Hold(actor.Workshop); err != nil {
			return Proposal{}, err
		}
		row, err := find(tx.DB, actor, id)
		if err != nil {
			return Proposal{}, err
		}
		if row.AuthorID != actor.User {
			return Proposal{}, fault.New(fault.Forbidden, "Only its author chooses what it says.")
		}
		b, ok, err := p.look(tx.DB, row)
		if err != nil {
			return Proposal{}, err
		}
		if !ok || b.object.Row != in.Onto || row.Revision != in.Revision || row.inHand() && row.DraftVersion != in.Version {
			fresh, err := p.upgradeIn(tx.DB, actor, id)
			if err == nil {
				err = fault.New(fault.Stale, "Something changed since you saw this. Look at it once more.").With(fresh)
			}
			return Proposal{}, err
		}
		if row.State == StateAccepted && len(b.merged.Conflicts) > 0 {
			return Proposal{}, fault.New(fault.Conflict, "It is accepted, so the maintainer solves this where it is released.")
		}
		for _, c := range b.merged.Conflicts {
			switch in.Sides[c.Field] {
			case Theirs:
				b.merged.Content[c.Field] = c.KeepTheirs()
			case Ours:
				b.merged.Content[c.Field] = c.KeepOurs()
			default:
				return Proposal{}, fault.InField("sides."+c.Field, "Both sides changed %s. Choose one.", labelOf(b.form, c.Field))
			}
		}
		return p.take(tx, actor, b)
	})
}

// TakeOverAll brings proposals onto their objects as they are now, all of them
// or none. The fault is Conflict where one does not merge cleanly any more, or
// is in the hands of its author.
func (p *Proposals) TakeOverAll(ctx context.Context, actor Actor, in Bulk) ([]Proposal, error) {
	return journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) ([]Proposal, error) {
		if err := tx.Hold(actor.Workshop); err != nil {
			return nil, err
		}
		done := []Proposal{}
		for _, item := range in.Proposals {
			row, err := find(tx.DB, actor, item.ID)
			if err != nil {
				return nil, err
			}
			b, ok, err := p.look(tx.DB, row)
			switch {
			case err != nil:
				return nil, err
			case row.inHand():
				return nil, fault.New(fault.Conflict, "#%d is in the hands of its author now. Nothing was changed; look at the list once more.", row.Number)
			case row.Revision != item.Revision:
				return nil, fault.New(fault.Conflict, "#%d has a newer revision now. Nothing was changed; look at the list once more.", row.Number)
			case !ok || len(b.merged.Conflicts) > 0:
				return nil, fault.New(fault.Conflict, "#%d does not merge cleanly any more. Nothing was changed; look at the list once more.", row.Number)
			}
			one, err := p.take(tx, actor, b)
			if err != nil {
				return nil, err
			}
			done = append(done, one)
		}
		return done, nil
	})
}

// take makes merged content what the proposal says.
func (p *Proposals) take(tx *journal.Tx, actor Actor, b base) (Proposal, error) {
	note := "Took over version " + b.object.Version + " of " + b.object.Label() + "."
	if c, ok := p.taxonomy.Snapshot().Conventions(b.row.Domain); ok {
		note = fmt.Sprintf("Took over version %s of %s, from %s %s.", b.object.Version, b.object.Label(), c.Current.Title, c.Current.Version)
	}
	b.row.BaseVersion = b.object.Row
	return p.rewrite(tx, actor, b.row, b.form, wording{filled(b.form, b.merged.Content), b.theirs}, note)
}

// filled gives every field of a form a value, as editors do.
func filled(form attack.Form, content attack.Content) attack.Content {
	full := attack.Content{}
	for _, f := range form.Fields {
		full[f.Name] = content[f.Name]
	}
	return full
}

// rewrite makes what a proposal says anew without its author having typed it:
// as a draft where it is in hand, else as a revision that keeps the state.
func (p *Proposals) rewrite(tx *journal.Tx, actor Actor, row proposalRow, form attack.Form, say wording, note string) (Proposal, error) {
	row, revision, err := p.anew(tx, actor, actor, row, form, say, note)
	if err != nil {
		return Proposal{}, err
	}
	proposal, err := one(tx.DB, row)
	if err != nil || row.Revision == 0 { // nobody is told of a draft that nobody saw
		return proposal, err
	}
	if revision != nil {
		shown, err := p.shown(row, *revision)
		if err != nil {
			return proposal, err
		}
		proposal.Content = &shown
	}
	_, err = tx.Append(row.WorkshopID, actor.User, KindUpgraded, map[string]any{"proposal": proposal})
	return proposal, err
}

// anew keeps what a proposal says anew, and gives the revision that it made, if
// any; maker is whose text it is.
func (p *Proposals) anew(tx *journal.Tx, actor, maker Actor, row proposalRow, form attack.Form, say wording, note string) (proposalRow, *revisionRow, error) {
	w, err := row.draft()
	if err != nil {
		return row, nil, err
	}
	if err := p.replaceTexts(tx, actor, row, w.Content, say.content); err != nil {
		return row, nil, err
	}
	w.Content = say.content
	draft, err := json.Marshal(w)
	if err != nil {
		return row, nil, fmt.Errorf("write a draft: %w", err)
	}
	row.Draft, row.UpdatedAt = string(draft), journal.Now()
	row.DraftVersion++
	if row, err = p.stood(tx.DB, row, say); err != nil {
		return row, nil, err
	}
	if row.Revision == 0 || !row.inHand() {
		known, err := p.known(tx.DB, row)
		if err != nil {
			return row, nil, err
		}
		if row, err = row.about(p.taxonomy.Snapshot(), known.Object, form, say.content); err != nil {
			return row, nil, err
		}
	}
	var revision *revisionRow
	if !row.inHand() {
		if revision, err = p.revised(tx.DB, row, w, say.base, maker, note); err != nil {
			return row, nil, err
		}
		row.Revision = revision.Number
	}
	err = tx.Model(&proposalRow{}).Where("id = ?", row.ID).
		Select("draft", "draft_version", "base_version", "revision", "standing", "title", "subject", "updated_at").Updates(&row).Error
	if err != nil {
		return row, nil, fmt.Errorf("change a proposal: %w", err)
	}
	if revision != nil {
		err = follow(tx, actor, row)
	}
	return row, revision, err
}

// revised keeps the next revision of a row. Its findings are kept as they are:
// an approval looks again.
func (p *Proposals) revised(db *gorm.DB, row proposalRow, w working, onto attack.Content, actor Actor, note string) (*revisionRow, error) {
	checks, err := p.checks(db, row, onto, w)
	if err != nil {
		return nil, err
	}
	form, err := row.form()
	if err != nil {
		return nil, err
	}
	parts, err := p.parted(row, form, w.Content)
	if err != nil {
		return nil, err
	}
	content, errContent := json.Marshal(w.Content)
	base, errBase := json.Marshal(onto)
	found, errFound := json.Marshal(checks)
	explained, errExplained := w.Explained.of(checks)
	if err := errors.Join(errContent, errBase, errFound, errExplained); err != nil {
		return nil, fmt.Errorf("write a revision: %w", err)
	}
	r := revisionRow{ProposalID: row.ID, Number: row.Revision + 1, Content: string(content), Base: string(base), Checks: string(found),
		Parts: parts, Rationale: row.Rationale, MadeBy: actor.User, Note: note, Explained: explained, CreatedAt: row.UpdatedAt}
	if err := db.Create(&r).Error; err != nil {
		return nil, fmt.Errorf("keep a revision: %w", err)
	}
	return &r, nil
}

func labelOf(form attack.Form, field string) string {
	if f, ok := form.Field(field); ok {
		return f.Label
	}
	return field
}
