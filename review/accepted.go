package review

import (
	"encoding/json"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review/attack"
)

// Accepted is a proposal with what a release needs of it.
type Accepted struct {
	Proposal Proposal
	Base     attack.Content // nil for new objects
	Content  attack.Content
	BaseRow  int64             // objects.id of the version that it changes; 0: none
	Reasons  map[string]string // why what the guard finds may stand, by the keys of the findings
	// Names are how those who agreed themselves are named, Vouched those names
	// that came with its text and are vouched for, and Unvouched the others of
	// these. Content has the vouched alone.
	Names, Vouched, Unvouched []string
}

// AcceptedIn lists the accepted proposals of a workshop by number, within a
// transaction; Proposal.Release says which release one is on.
func (p *Proposals) AcceptedIn(db *gorm.DB, workshop string) ([]Accepted, error) {
	return accepted(db.Where("workshop_id = ? AND state = ?", workshop, StateAccepted))
}

// OnReleaseIn lists the proposals of a release by number, within a transaction.
func (p *Proposals) OnReleaseIn(db *gorm.DB, release string) ([]Accepted, error) {
	return accepted(db.Where("release_id = ? AND state IN ?", release, []State{StateAccepted, StateReleased}))
}

func accepted(query *gorm.DB) ([]Accepted, error) {
	query = query.Session(&gorm.Session{})
	proposals, err := list(query)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		ProposalID, Content, Base, Explained string
		BaseVersion                          int64
	}
	err = query.Session(&gorm.Session{NewDB: true}).Table("revisions").
		Select("revisions.proposal_id, revisions.content, revisions.base, revisions.explained, proposals.base_version").
		Joins("JOIN proposals ON proposals.id = revisions.proposal_id AND proposals.revision = revisions.number").
		Where("proposals.id IN (?)", query.Model(&proposalRow{}).Select("id")).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read revisions: %w", err)
	}
	all := make([]Accepted, len(proposals))
	at := map[string]int{}
	for i, one := range proposals {
		all[i].Proposal, at[one.ID] = one, i
	}
	for _, r := range rows {
		a := &all[at[r.ProposalID]]
		a.BaseRow = r.BaseVersion
		var err error
		a.Reasons, err = readReasons(r.Explained)
		if err := errors.Join(err, json.Unmarshal([]byte(r.Content), &a.Content), json.Unmarshal([]byte(r.Base), &a.Base)); err != nil {
			return nil, fmt.Errorf("read the revision of proposal %s: %w", r.ProposalID, err)
		}
		a.credit()
	}
	return all, nil
}

// ByReleaseIn gives the ids of a workshop's proposals that are on a release, by
// release and in the order of their numbers, within a transaction.
func (p *Proposals) ByReleaseIn(db *gorm.DB, workshop string) (map[string][]string, error) {
	var rows []proposalRow
	err := db.Select("id", "release_id").Where("workshop_id = ? AND release_id <> '' AND state IN ?", workshop, []State{StateAccepted, StateReleased}).
		Order("number").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list what is on releases: %w", err)
	}
	on := map[string][]string{}
	for _, r := range rows {
		on[r.ReleaseID] = append(on[r.ReleaseID], r.ID)
	}
	return on, nil
}

// PutOnIn makes the accepted proposals with these ids, and no others, be on a
// release, within a transaction that holds the workshop. It gives those that
// changed.
func (p *Proposals) PutOnIn(db *gorm.DB, workshop, release string, ids []string) (changed []Proposal, err error) {
	wanted := map[string]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	var rows []proposalRow
	if err := db.Where("workshop_id = ? AND state = ?", workshop, StateAccepted).Order("number").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list accepted proposals: %w", err)
	}
	changed = []Proposal{}
	for _, row := range rows {
		want := wanted[row.ID]
		delete(wanted, row.ID)
		switch {
		case want && row.ReleaseID == release, !want && row.ReleaseID != release:
			continue
		case want && row.ReleaseID != "":
			return nil, fault.New(fault.Conflict, "The proposal #%d is on another release.", row.Number)
		case want:
			row.ReleaseID = release
		default:
			row.ReleaseID = ""
			if row, err = row.asked(false); err != nil {
				return nil, err
			}
		}
		row.UpdatedAt = journal.Now()
		if err := update(db, row); err != nil {
			return nil, err
		}
		one, err := one(db, row)
		if err != nil {
			return nil, err
		}
		changed = append(changed, one)
	}
	for id := range wanted {
		return nil, fault.InField("proposals", "The proposal %.40q is not one that was accepted here.", id)
	}
	return changed, nil
}

// ReleaseIn makes the proposals of a release released, within a transaction
// that holds the workshop; attackIDs are what their objects were given, by
// proposal.
func (p *Proposals) ReleaseIn(db *gorm.DB, actor Actor, release string, attackIDs map[string]string) ([]Proposal, error) {
	var rows []proposalRow
	if err := db.Where("release_id = ? AND state = ?", release, StateAccepted).Order("number").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list the proposals of a release: %w", err)
	}
	released := make([]Proposal, len(rows))
	for i, row := range rows {
		t, err := transition(actor, row, ActionRelease)
		if err != nil {
			return nil, err
		}
		if row, err = row.named(attackIDs[row.ID]); err != nil {
			return nil, err
		}
		if row, err = row.turnTo(Turn{}); err != nil {
			return nil, err
		}
		row.State, row.UpdatedAt = t.To, journal.Now()
		if err := update(db, row); err != nil {
			return nil, err
		}
		if released[i], err = one(db, row); err != nil {
			return nil, err
		}
		if err := released[i].settledCredits(db, row.UpdatedAt); err != nil {
			return nil, err
		}
		for j := range released[i].Credits { // as they are read from now on
			released[i].Credits[j].Own = true
		}
	}
	return released, nil
}

// named puts the ATT&CK id of a new object into the row's subject.
func (r proposalRow) named(attackID string) (proposalRow, error) {
	if attackID == "" {
		return r, nil
	}
	var s subject
	if err := json.Unmarshal([]byte(r.Subject), &s); err != nil {
		return r, fmt.Errorf("read proposal %s: %w", r.ID, err)
	}
	s.Object.AttackID, s.Object.Label = attackID, attackID
	text, err := json.Marshal(s)
	r.Subject = string(text)
	return r, err
}
