package review

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review/check"
)

// maxNamedAs is the longest form in which a person is named, in characters.
const maxNamedAs = 150

// Naming is what a person says to being named, for one proposal or for all of
// theirs.
type Naming struct {
	Answer  Answer `json:"answer" enum:"none,named,unnamed,default" doc:"default: as for all of theirs; none: they do not say"`
	NamedAs string `json:"named_as" maxLength:"1000" doc:"how, where they agree, such as Ana Silva, Example CERT"`
}

// Thanks are whom the authors of a proposal name beside those of whom it is
// recorded that they had a part in it.
type Thanks struct {
	Users []string `json:"users" maxItems:"50" doc:"user ids of members who helped; each says whether to be named"`
	Names []string `json:"names" maxItems:"200" doc:"of those that came with its text: whose bearers agreed to be named"`
}

// clean brings a naming into the form in which it is kept. What is no name may
// point to somebody who did not agree.
func (n Naming) clean(known check.Known, answers ...Answer) (Naming, error) {
	if !slices.Contains(answers, n.Answer) {
		return n, fault.InField("answer", "Choose one of %v.", answers)
	}
	if n.Answer != AnswerNamed {
		return Naming{Answer: n.Answer}, nil
	}
	n.NamedAs = strings.TrimSpace(n.NamedAs)
	if n.NamedAs == "" {
		return n, fault.InField("named_as", "Say how you want to be named, such as your name and where you work.")
	}
	if err := typed.Line("named_as", n.NamedAs, maxNamedAs); err != nil {
		return n, err
	}
	if found := check.Name("named_as", n.NamedAs, known); len(found) > 0 {
		return n, fault.InField("named_as", "%s Give a name or a handle, and an organisation.", found[0].Message)
	}
	return n, nil
}

// Naming gives what a person says to being named in all of theirs.
func (p *Proposals) Naming(ctx context.Context, user string) (Naming, error) {
	var rows []wishRow
	if err := p.db.WithContext(ctx).Where("user_id = ?", user).Find(&rows).Error; err != nil {
		return Naming{}, fmt.Errorf("find how somebody wants to be named: %w", err)
	}
	if len(rows) == 0 {
		return Naming{Answer: AnswerNone}, nil
	}
	return Naming{rows[0].Answer, rows[0].NamedAs}, nil
}

// NameMe keeps what a person says to being named in all of theirs, and tells the
// workshops of what is still open.
func (p *Proposals) NameMe(ctx context.Context, user string, in Naming) (Naming, error) {
	in, err := in.clean(check.Known{}, AnswerNamed, AnswerUnnamed, AnswerNone)
	if err != nil {
		return in, err
	}
	return journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (Naming, error) {
		rows, err := partsOf(tx.DB, user)
		if err != nil {
			return in, err
		}
		for i, r := range rows { // by workshop, so that no two wait for each other
			if i == 0 || rows[i-1].WorkshopID != r.WorkshopID {
				if err := tx.Hold(r.WorkshopID); err != nil {
					return in, err
				}
			}
		}
		err = tx.Exec(`INSERT INTO credit_wishes (user_id, answer, named_as, updated_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (user_id) DO UPDATE SET answer = excluded.answer, named_as = excluded.named_as, updated_at = excluded.updated_at`,
			user, in.Answer, in.NamedAs, journal.Now()).Error
		if err != nil {
			return in, fmt.Errorf("keep how somebody wants to be named: %w", err)
		}
		return in, tellNaming(tx, user, rows)
	})
}

// partsOf lists the open proposals in which somebody has a part and for which
// they said nothing of their own, by workshop.
func partsOf(db *gorm.DB, user string) ([]proposalRow, error) {
	var rows []proposalRow
	err := db.Omit("draft").Where("state IN ? AND revision > 0", Waiting()).
		Where(`author_id = ? OR id IN (SELECT proposal_id FROM proposal_authors WHERE user_id = ?) OR id IN (SELECT proposal_id FROM reviews WHERE reviewer_id = ?)
			OR id IN (SELECT proposal_id FROM suggestions WHERE author_id = ? AND state = ?) OR id IN (SELECT proposal_id FROM proposal_credits WHERE user_id = ?)`,
			user, user, user, user, SuggestionTaken, user).
		Where("id NOT IN (SELECT proposal_id FROM proposal_credits WHERE user_id = ? AND answer <> '')", user).
		Order("workshop_id, number").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list what somebody has a part in: %w", err)
	}
	return rows, nil
}

func tellNaming(tx *journal.Tx, user string, rows []proposalRow) error {
	for len(rows) > 0 {
		n := slices.IndexFunc(rows, func(r proposalRow) bool { return r.WorkshopID != rows[0].WorkshopID })
		if n < 0 {
			n = len(rows)
		}
		told := make([]Proposal, n)
		for i, r := range rows[:n] {
			var err error
			if told[i], err = one(tx.DB, r); err != nil {
				return err
			}
		}
		for part := range slices.Chunk(told, perEvent) {
			if _, err := tx.Append(rows[0].WorkshopID, user, KindNaming, map[string]any{"proposals": part}); err != nil {
				return err
			}
		}
		rows = rows[n:]
	}
	return nil
}

// NameMeIn keeps what the actor says to being named in one proposal, in which
// they have a part. The fault is Forbidden where they have none, and Conflict
// where it is released or will not be.
func (p *Proposals) NameMeIn(ctx context.Context, actor Actor, id string, in Naming) (Proposal, error) {
	return p.recredit(ctx, actor, id, ActionName, func(tx *journal.Tx, row proposalRow, _ Proposal) error {
		known, err := p.KnownIn(tx.DB, row.WorkshopID, row.Domain)
		if err != nil {
			return err
		}
		in, err := in.clean(known, AnswerNamed, AnswerUnnamed, AnswerDefault)
		if err != nil {
			return err
		}
		if in.Answer == AnswerDefault {
			in.Answer = ""
		}
		return keepAnswer(tx.DB, creditRow{ProposalID: id, UserID: actor.User, Answer: in.Answer, NamedAs: in.NamedAs, CreatedAt: journal.Now()})
	})
}

// Thank keeps whom the authors of a proposal name beside others. Whether the
// users are members is for the caller to know. The fault is Invalid where its
// text has no such name.
func (p *Proposals) Thank(ctx context.Context, actor Actor, id string, in Thanks) (Proposal, error) {
	return p.recredit(ctx, actor, id, ActionThank, func(tx *journal.Tx, row proposalRow, before Proposal) error {
		if err := p.vouch(tx.DB, actor, row, before, in.Names); err != nil {
			return err
		}
		err := tx.Model(&creditRow{}).Where("proposal_id = ?", id).Update("thanked", false).Error
		if err != nil {
			return fmt.Errorf("thank nobody any more: %w", err)
		}
		for _, user := range in.Users {
			err := tx.Exec(`INSERT INTO proposal_credits (proposal_id, user_id, thanked, answer, named_as, created_at) VALUES (?, ?, ?, '', '', ?)
				ON CONFLICT (proposal_id, user_id) DO UPDATE SET thanked = excluded.thanked`, id, user, true, journal.Now()).Error
			if err != nil {
				return fmt.Errorf("thank somebody: %w", err)
			}
		}
		return nil
	})
}

// vouch keeps which names of a text are vouched for, and by whom.
func (p *Proposals) vouch(db *gorm.DB, actor Actor, row proposalRow, before Proposal, names []string) error {
	say, err := texts(db, []proposalRow{row})
	if err != nil {
		return err
	}
	has := brought(say[row.ID].base, say[row.ID].content)
	for i, name := range names {
		if !slices.Contains(has, name) || slices.Contains(names[:i], name) {
			return fault.InField("names", "Its text brings no name %.100q, or it is given twice.", name)
		}
		if slices.ContainsFunc(before.Vouched, func(v Vouched) bool { return v.Name == name }) {
			continue
		}
		if err := db.Create(&vouchedRow{row.ID, name, actor.User, journal.Now()}).Error; err != nil {
			return fmt.Errorf("vouch for a name: %w", err)
		}
	}
	gone := db.Where("proposal_id = ?", row.ID)
	if len(names) > 0 {
		gone = gone.Where("name NOT IN ?", names)
	}
	if err := gone.Delete(&vouchedRow{}).Error; err != nil {
		return fmt.Errorf("vouch for a name no more: %w", err)
	}
	return nil
}

// recredit changes who is named for a proposal, and tells the workshop.
func (p *Proposals) recredit(ctx context.Context, actor Actor, id string, action Action, change func(*journal.Tx, proposalRow, Proposal) error) (Proposal, error) {
	return journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (Proposal, error) {
		if err := tx.Hold(actor.Workshop); err != nil {
			return Proposal{}, err
		}
		row, err := find(tx.DB, actor, id)
		if err != nil {
			return Proposal{}, err
		}
		before, err := one(tx.DB, row)
		if err != nil {
			return before, err
		}
		row.party = before.hasPart(actor.User)
		if _, err := transition(actor, row, action); err != nil {
			return before, err
		}
		if err := change(tx, row, before); err != nil {
			return before, err
		}
		proposal, err := one(tx.DB, row)
		if err != nil || row.Revision == 0 { // nobody is told of a draft that nobody saw
			return proposal, err
		}
		_, err = tx.Append(row.WorkshopID, actor.User, KindCredited, map[string]any{"proposal": proposal})
		return proposal, err
	})
}
