package review

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// Mapping says which tactics take the place of others; several may take the
// place of one.
type Mapping map[string][]string

// Map puts tactics that exist in the place of those that vanished.
type Map struct {
	Tactics   Mapping   `json:"tactics" doc:"by the short name of the tactic that vanished"`
	Proposals []MapItem `json:"proposals" maxItems:"1000"`
	Drafts    bool      `json:"drafts" doc:"also in drafts that only their authors see"`
}

// MapItem is one proposal as it was seen.
type MapItem struct {
	BulkItem
	Tactics Mapping `json:"tactics,omitempty" doc:"instead of what is for all"`
}

// Mapped is what a mapping changed.
type Mapped struct {
	Proposals []Proposal `json:"proposals"`
	Drafts    int        `json:"drafts" doc:"of those that only their authors see"`
}

// Mappers are the roles that may map tactics.
func Mappers() []Role { return []Role{Facilitator} }

// apply gives a list of tactics with others in the place of some, each once.
func (m Mapping) apply(tactics []string) []string {
	var list []string
	for _, t := range tactics {
		instead, ok := m[t]
		if !ok {
			instead = []string{t}
		}
		for _, one := range instead {
			if !slices.Contains(list, one) {
				list = append(list, one)
			}
		}
	}
	return list
}

// check makes sure that a mapping leads from tactics that are gone to such as
// there are.
func (m Mapping) check(words taxonomy.Vocabulary) error {
	exists := func(tactic string) bool {
		return slices.ContainsFunc(words.Tactics, func(t taxonomy.Term) bool { return t.Value == tactic })
	}
	for from, to := range m {
		switch {
		case exists(from):
			return fault.InField("tactics", "The tactic %.60q exists; only one that vanished is mapped.", from)
		case len(to) == 0:
			return fault.InField("tactics", "Choose what takes the place of %.60q.", from)
		}
		for _, t := range to {
			if !exists(t) {
				return fault.InField("tactics", "There is no tactic %.60q in this domain.", t)
			}
		}
	}
	return nil
}

// MapTactics maps tactics in proposals and drafts, all of it or nothing: what
// is under review gets a revision, and the one before remains; what is in the
// hands of its author changes in the draft. The fault is Conflict where a
// proposal moved on since it was seen.
func (p *Proposals) MapTactics(ctx context.Context, actor Actor, domain string, in Map) (Mapped, error) {
	words := p.taxonomy.Snapshot().Vocabulary(domain)
	if err := in.Tactics.check(words); err != nil {
		return Mapped{}, err
	}
	return journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (Mapped, error) {
		done := Mapped{Proposals: []Proposal{}}
		if err := tx.Hold(actor.Workshop); err != nil {
			return done, err
		}
		for _, item := range in.Proposals {
			if err := item.Tactics.check(words); err != nil {
				return done, err
			}
			row, err := find(tx.DB, actor, item.ID)
			switch {
			case err != nil:
				return done, err
			case row.Domain != domain || !slices.Contains(Open(), row.State):
				return done, fault.New(fault.Conflict, "#%d is %s now. Nothing was changed; look at the list once more.", row.Number, strings.ReplaceAll(string(row.State), "_", " "))
			case row.Revision != item.Revision:
				return done, fault.New(fault.Conflict, "#%d has a newer revision now. Nothing was changed; look at the list once more.", row.Number)
			}
			mapping := item.Tactics
			if len(mapping) == 0 {
				mapping = in.Tactics
			}
			one, changed, err := p.mapped(tx, actor, row, mapping)
			if err != nil {
				return done, err
			}
			if changed {
				done.Proposals = append(done.Proposals, one)
			}
		}
		if !in.Drafts {
			return done, nil
		}
		var rows []proposalRow
		err := tx.Where("workshop_id = ? AND domain = ? AND state = ?", actor.Workshop, domain, StateDraft).Order("number").Find(&rows).Error
		if err != nil {
			return done, fmt.Errorf("list drafts: %w", err)
		}
		if err := abreast(tx.DB, rows); err != nil {
			return done, err
		}
		for _, row := range rows {
			_, changed, err := p.mapped(tx, actor, row, in.Tactics)
			if err != nil {
				return done, err
			}
			if changed {
				done.Drafts++
			}
		}
		return done, nil
	})
}

// mapped maps the tactics of one proposal.
func (p *Proposals) mapped(tx *journal.Tx, actor Actor, row proposalRow, m Mapping) (proposal Proposal, changed bool, err error) {
	form, err := row.form()
	if err != nil {
		return proposal, false, err
	}
	w, err := row.draft()
	if err != nil {
		return proposal, false, err
	}
	before := w.Content[attack.FieldTactics].List
	after := m.apply(before)
	if slices.Equal(before, after) {
		return proposal, false, nil
	}
	base, err := baseOf(tx.DB, row)
	if err != nil {
		return proposal, false, err
	}
	content := filled(form, w.Content)
	content[attack.FieldTactics] = attack.Value{List: after}
	var gone []string
	for _, t := range before {
		if to, ok := m[t]; ok {
			gone = append(gone, t+" became "+strings.Join(to, " and "))
		}
	}
	proposal, err = p.rewrite(tx, actor, row, form, wording{content, base}, "Tactics that ATT&CK replaced: "+strings.Join(gone, "; ")+".")
	return proposal, true, err
}

// AffectedDrafts counts the drafts of a workshop that only their authors see,
// and that do not stand on the taxonomy as it is, by the tactics that they
// name and that vanished; "" counts those that anything else moved.
func (p *Proposals) AffectedDrafts(ctx context.Context, actor Actor) (map[string]int, error) {
	var rows []proposalRow
	err := p.db.WithContext(ctx).Where("workshop_id = ? AND state = ? AND revision = 0", actor.Workshop, StateDraft).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list drafts: %w", err)
	}
	count := map[string]int{}
	for _, row := range rows {
		one, err := row.proposal(nil)
		if err != nil {
			return nil, err
		}
		if one.Standing == nil {
			continue
		}
		for _, t := range one.Standing.Tactics {
			count[t]++
		}
		if one.Standing.State != StandsCurrent {
			count[""]++
		}
	}
	return count, nil
}
