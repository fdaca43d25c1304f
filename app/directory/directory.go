// Package directory is who is who in a workshop: what members say about
// themselves, whom they should talk to and why, and contacts that two people
// exchange where both want it.
//
// All of it stays within the workshop, and nothing of it is in the journal: who
// takes something back has taken it back. An event only says whose card to look
// at anew.
package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// KindCard is the journal's event of a card that was changed, shown or taken
// back; its data has the user's id and nothing else.
const KindCard = "card.changed"

// Directory is what one member sees of it.
type Directory struct {
	Mine     MemberCard  `json:"mine"`
	Contact  Contact     `json:"contact" doc:"mine; nobody sees it but those with whom I exchanged it"`
	Cards    []ShownCard `json:"cards" doc:"of those who show theirs"`
	Meet     []Meeting   `json:"meet" doc:"whom I should talk to, with all reasons; most reasons first"`
	Contacts []Exchange  `json:"contacts" doc:"whom I asked, who asks me, and with whom I exchanged"`
}

// ShownCard is the card of a member.
type ShownCard struct {
	User string `json:"user" doc:"user id"`
	MemberCard
}

// Directories keeps the directory of each workshop.
type Directories struct {
	db         *gorm.DB
	journal    *journal.Journal
	taxonomy   *taxonomy.Taxonomy
	proposals  *review.Proposals
	discussion *discuss.Discussion
	wished     Wished // hears who would like to exchange contacts; nil: nobody does
}

// Wished hears, within the transaction, that a member would like to exchange
// contacts with another; agrees: who asked first.
type Wished func(tx *journal.Tx, workshop, user, other string, agrees bool) error

// Wishes sets what hears of wishes. Call it before the first.
func (s *Directories) Wishes(f Wished) { s.wished = f }

// New makes the Directories of a database.
func New(db *gorm.DB, j *journal.Journal, t *taxonomy.Taxonomy, p *review.Proposals, d *discuss.Discussion) *Directories {
	return &Directories{db: db, journal: j, taxonomy: t, proposals: p, discussion: d}
}

type cardRow struct {
	WorkshopID, UserID string
	Shown              bool
	Offers, Seeks      string
	Interests, Contact string
	UpdatedAt          time.Time `gorm:"autoUpdateTime:false"`
}

func (cardRow) TableName() string { return "member_cards" }

// Get gives what the actor sees, with interests called as the domain calls them.
func (s *Directories) Get(ctx context.Context, actor review.Actor, domain string) (Directory, error) {
	all := Directory{Mine: MemberCard{Interests: []Interest{}}, Cards: []ShownCard{}}
	var rows []cardRow
	if err := s.db.WithContext(ctx).Where("workshop_id = ?", actor.Workshop).Order("user_id").Find(&rows).Error; err != nil {
		return all, fmt.Errorf("list cards: %w", err)
	}
	contacts := map[string]Contact{}
	label := labels(s.taxonomy.Snapshot(), domain)
	for _, r := range rows {
		card, contact, err := r.card(label)
		if err != nil {
			return all, err
		}
		contacts[r.UserID] = contact
		switch {
		case r.UserID == actor.User:
			all.Mine, all.Contact = card, contact
		case card.Shown:
			all.Cards = append(all.Cards, ShownCard{r.UserID, card})
		}
	}
	var err error
	if all.Contacts, err = s.exchanges(ctx, actor, contacts); err != nil {
		return all, err
	}
	all.Meet, err = s.meetings(ctx, actor, all)
	return all, err
}

// Card gives what a member says about themselves: nothing, where they do not
// show it to the actor.
func (s *Directories) Card(ctx context.Context, actor review.Actor, domain, user string) (MemberCard, error) {
	hidden := MemberCard{Interests: []Interest{}}
	var rows []cardRow
	if err := s.db.WithContext(ctx).Where("workshop_id = ? AND user_id = ?", actor.Workshop, user).Find(&rows).Error; err != nil {
		return hidden, fmt.Errorf("find a card: %w", err)
	}
	if len(rows) == 0 || !rows[0].Shown && user != actor.User {
		return hidden, nil
	}
	card, _, err := rows[0].card(labels(s.taxonomy.Snapshot(), domain))
	return card, err
}

// SetCard keeps what the actor says about themselves, and how they can be
// reached. The fault is Invalid where an interest is none of the taxonomy.
func (s *Directories) SetCard(ctx context.Context, actor review.Actor, domain string, card MemberCard, contact Contact) error {
	card, err := card.clean(s.taxonomy.Snapshot(), domain)
	if err != nil {
		return err
	}
	if contact, err = contact.clean(); err != nil {
		return err
	}
	r, err := rowOf(actor, card, contact)
	if err != nil {
		return err
	}
	_, err = journal.Do(ctx, s.journal, func(_ context.Context, tx *journal.Tx) (struct{}, error) {
		var before []cardRow
		if err := tx.Where("workshop_id = ? AND user_id = ?", actor.Workshop, actor.User).Find(&before).Error; err != nil {
			return struct{}{}, fmt.Errorf("find a card: %w", err)
		}
		if err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "workshop_id"}, {Name: "user_id"}}, UpdateAll: true}).Create(&r).Error; err != nil {
			return struct{}{}, fmt.Errorf("keep a card: %w", err)
		}
		if !r.Shown && (len(before) == 0 || !before[0].Shown) { // nobody saw it, and nobody sees it
			return struct{}{}, nil
		}
		_, err := tx.Append(actor.Workshop, actor.User, KindCard, map[string]any{"card_of": actor.User})
		return struct{}{}, err
	})
	return err
}

func rowOf(actor review.Actor, card MemberCard, contact Contact) (cardRow, error) {
	interests, err := json.Marshal(card.Interests)
	if err != nil {
		return cardRow{}, fmt.Errorf("write interests: %w", err)
	}
	reached, err := json.Marshal(contact)
	if err != nil {
		return cardRow{}, fmt.Errorf("write a contact: %w", err)
	}
	return cardRow{actor.Workshop, actor.User, card.Shown, card.Offers, card.Seeks, string(interests), string(reached), journal.Now()}, nil
}

func (r cardRow) card(label func(Interest) string) (MemberCard, Contact, error) {
	card := MemberCard{Shown: r.Shown, Offers: r.Offers, Seeks: r.Seeks, Interests: []Interest{}}
	var contact Contact
	if err := json.Unmarshal([]byte(r.Interests), &card.Interests); err != nil {
		return card, contact, fmt.Errorf("read the interests of %s: %w", r.UserID, err)
	}
	if err := json.Unmarshal([]byte(r.Contact), &contact); err != nil {
		return card, contact, fmt.Errorf("read the contact of %s: %w", r.UserID, err)
	}
	for i, one := range card.Interests {
		card.Interests[i].Label = label(one)
	}
	return card, contact, nil
}

// Wish says that the actor wants to exchange contacts with another member, or
// does not any more. Each sees how to reach the other while both want it.
func (s *Directories) Wish(ctx context.Context, actor review.Actor, other string, wanted bool) error {
	if other == actor.User {
		return fault.InField("user", "This is you.")
	}
	_, err := journal.Do(ctx, s.journal, func(_ context.Context, tx *journal.Tx) (struct{}, error) {
		w := wishRow{actor.Workshop, actor.User, other, journal.Now()}
		if !wanted {
			err := tx.Where("workshop_id = ? AND user_id = ? AND other_id = ?", w.WorkshopID, w.UserID, w.OtherID).Delete(&wishRow{}).Error
			if err != nil {
				err = fmt.Errorf("take back a wish for a contact: %w", err)
			}
			return struct{}{}, err
		}
		if err := reachable(tx.DB, actor, other); err != nil {
			return struct{}{}, err
		}
		done := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&w)
		if done.Error != nil {
			return struct{}{}, fmt.Errorf("keep a wish for a contact: %w", done.Error)
		}
		if done.RowsAffected == 0 || s.wished == nil {
			return struct{}{}, nil
		}
		var back int64
		if err := tx.Model(&wishRow{}).Where("workshop_id = ? AND user_id = ? AND other_id = ?", actor.Workshop, other, actor.User).Count(&back).Error; err != nil {
			return struct{}{}, fmt.Errorf("look who asked first: %w", err)
		}
		return struct{}{}, s.wished(tx, actor.Workshop, actor.User, other, back > 0)
	})
	return err
}

// reachable refuses who has said nothing of how to reach them, and who is no
// member.
func reachable(db *gorm.DB, actor review.Actor, other string) error {
	var members int64
	if err := db.Table("members").Where("workshop_id = ? AND user_id = ? AND roles <> '[]'", actor.Workshop, other).Count(&members).Error; err != nil {
		return fmt.Errorf("find a member: %w", err)
	}
	if members == 0 {
		return fault.New(fault.NotFound, "There is no such person in this workshop.")
	}
	var mine []cardRow
	if err := db.Where("workshop_id = ? AND user_id = ?", actor.Workshop, actor.User).Find(&mine).Error; err != nil {
		return fmt.Errorf("find a card: %w", err)
	}
	for _, r := range mine {
		var contact Contact
		if err := json.Unmarshal([]byte(r.Contact), &contact); err != nil {
			return fmt.Errorf("read the contact of %s: %w", r.UserID, err)
		}
		if contact != (Contact{}) {
			return nil
		}
	}
	return fault.InField("contact", "Say first how you can be reached: an exchange goes both ways.")
}
