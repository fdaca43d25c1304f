package review

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
)

// Explanation says why what the guard finds in a revision may stand.
type Explanation struct {
	Revision  int64             `json:"revision" doc:"that was seen"`
	Explained map[string]string `json:"explained" doc:"reasons by the keys of the findings"`
}

// Explain adds to a submitted proposal why something in it may stand, as a
// revision that says the same and keeps the state. Its author may, and who
// reviews: what is accepted may name something by now that it did not when it
// was written, because an organisation joined since. The
// fault is Conflict where it is in the hands of its author or closed, Stale
// where there is a newer revision, and Invalid where a key is that of nothing
// in it.
func (p *Proposals) Explain(ctx context.Context, actor Actor, id string, in Explanation) (Proposal, error) {
	return journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (Proposal, error) {
		if err := tx.Hold(actor.Workshop); err != nil {
			return Proposal{}, err
		}
		row, err := find(tx.DB, actor, id)
		switch {
		case err != nil:
			return Proposal{}, err
		case row.AuthorID != actor.User && !actor.Has(Reviewers()...):
			return Proposal{}, fault.New(fault.Forbidden, "Its author and reviewers say why something may stand.")
		case row.inHand() || !slices.Contains(Open(), row.State):
			return Proposal{}, fault.New(fault.Conflict, "What is submitted and not released is explained here; a draft is explained where it is written.")
		case row.Revision != in.Revision:
			return Proposal{}, fault.New(fault.Stale, "There is a newer revision (%d) than the one you looked at (%d). Look at it once more.", row.Revision, in.Revision)
		}
		return p.explain(tx, actor, row, in.Explained)
	})
}

func (p *Proposals) explain(tx *journal.Tx, actor Actor, row proposalRow, more reasons) (Proposal, error) {
	stored, err := findRevision(tx.DB, row.ID, row.Revision)
	if err != nil {
		return Proposal{}, err
	}
	w, base, err := stored.working(row)
	if err != nil {
		return Proposal{}, err
	}
	if more, err = more.clean(); err != nil {
		return Proposal{}, err
	}
	if len(more) == 0 {
		return Proposal{}, fault.InField("explained", "Say why it may stand.")
	}
	before, err := p.checks(tx.DB, row, base, w)
	if err != nil {
		return Proposal{}, err
	}
	for key := range more {
		if !slices.ContainsFunc(before, func(c Check) bool { return c.Shared != nil && c.Shared.Key == key }) {
			return Proposal{}, fault.InField("explained."+key, "Nothing in this proposal has the key %.40q.", key)
		}
	}
	w.Explained = w.Explained.with(more)
	if row, err = row.kept(w); err != nil {
		return Proposal{}, err
	}
	row.UpdatedAt = journal.Now()
	revision, err := p.revised(tx.DB, row, w, base, actor, more.note(before))
	if err != nil {
		return Proposal{}, err
	}
	row.Revision = revision.Number
	err = tx.Model(&proposalRow{}).Where("id = ?", row.ID).Select("draft", "draft_version", "revision", "updated_at").Updates(&row).Error
	if err != nil {
		return Proposal{}, fmt.Errorf("explain a proposal: %w", err)
	}
	proposal, err := one(tx.DB, row)
	if err != nil {
		return proposal, err
	}
	shown, err := p.shown(row, *revision)
	if err != nil {
		return proposal, err
	}
	proposal.Content = &shown
	_, err = tx.Append(row.WorkshopID, actor.User, KindExplained, map[string]any{"proposal": proposal})
	return proposal, err
}

// working gives what a revision says, as an author works on it, and what it
// starts from.
func (r revisionRow) working(row proposalRow) (w working, base attack.Content, err error) {
	w = working{Rationale: r.Rationale, Bump: row.Bump}
	if w.Explained, err = readReasons(r.Explained); err != nil {
		return w, nil, err
	}
	if err := json.Unmarshal([]byte(r.Content), &w.Content); err != nil {
		return w, nil, fmt.Errorf("read revision %d of proposal %s: %w", r.Number, row.ID, err)
	}
	if err := json.Unmarshal([]byte(r.Base), &base); err != nil {
		return w, nil, fmt.Errorf("read the base of revision %d of proposal %s: %w", r.Number, row.ID, err)
	}
	return w, base, nil
}

// kept gives the row of what is submitted with what it says as its draft, too.
func (r proposalRow) kept(w working) (proposalRow, error) {
	draft, err := json.Marshal(w)
	if err != nil {
		return r, fmt.Errorf("write a draft: %w", err)
	}
	r.Draft = string(draft)
	r.DraftVersion++
	return r, nil
}

// with gives the reasons and more of them.
func (r reasons) with(more reasons) reasons {
	all := maps.Clone(r.all())
	maps.Copy(all, more)
	return all
}

// note says of a revision what was explained in it.
func (r reasons) note(found []Check) string {
	note := "Says why this may stand:"
	told := map[string]bool{}
	for _, c := range found {
		if c.Shared != nil && r[c.Shared.Key] != "" && !told[c.Shared.Key] {
			told[c.Shared.Key] = true
			note += fmt.Sprintf(" %q (%s).", cut(c.Shared.Text, check.MaxReason), r[c.Shared.Key])
		}
	}
	return note
}
