package directory

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/emersion/go-vcard"

	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
)

// ExchangeState is how far two people are.
type ExchangeState string

// The states of an exchange, as one of the two sees it.
const (
	Asked     ExchangeState = "asked" // by me
	Asks      ExchangeState = "asks"  // me
	Exchanged ExchangeState = "exchanged"
)

// Exchange is a contact that is wanted, or was exchanged.
type Exchange struct {
	User    string        `json:"user" doc:"user id of the other one"`
	State   ExchangeState `json:"state" enum:"asked,asks,exchanged"`
	Contact *Contact      `json:"contact,omitempty" doc:"of the other one, once both want it"`
}

type wishRow struct {
	WorkshopID, UserID, OtherID string
	CreatedAt                   time.Time
}

func (wishRow) TableName() string { return "contact_wishes" }

// exchanges lists those of the actor: who asks them first, in the order of the
// wishes.
func (s *Directories) exchanges(ctx context.Context, actor review.Actor, contacts map[string]Contact) ([]Exchange, error) {
	var rows []wishRow
	err := s.db.WithContext(ctx).Where("workshop_id = ? AND (user_id = ? OR other_id = ?)", actor.Workshop, actor.User, actor.User).
		Order("created_at, user_id, other_id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list wishes for contacts: %w", err)
	}
	asked, asks := map[string]bool{}, map[string]bool{}
	var order []string
	for _, r := range rows {
		other, mine := r.OtherID, r.UserID == actor.User
		if !mine {
			other = r.UserID
		}
		if !asked[other] && !asks[other] {
			order = append(order, other)
		}
		if mine {
			asked[other] = true
		} else {
			asks[other] = true
		}
	}
	list := []Exchange{}
	for _, want := range []ExchangeState{Asks, Exchanged, Asked} {
		for _, other := range order {
			e := Exchange{User: other, State: Asked}
			switch {
			case asked[other] && asks[other]:
				contact := contacts[other]
				e.State, e.Contact = Exchanged, &contact
			case asks[other]:
				e.State = Asks
			}
			if e.State == want {
				list = append(list, e)
			}
		}
	}
	return list, nil
}

// WriteCards writes the contacts that the actor exchanged as vCards (RFC 6350):
// of one person or, where that is empty, of all. The fault is NotFound where
// there is none.
func WriteCards(w io.Writer, all Directory, user string, known map[string]people.User) error {
	written := false
	for _, e := range all.Contacts {
		if e.State != Exchanged || user != "" && e.User != user {
			continue
		}
		written = true
		if err := vcard.NewEncoder(w).Encode(e.Contact.card(known[e.User])); err != nil {
			return fmt.Errorf("write a vCard: %w", err)
		}
	}
	if !written {
		return fault.New(fault.NotFound, "You have exchanged no contact yet: both of you have to want it.")
	}
	return nil
}

func (c Contact) card(u people.User) vcard.Card {
	card := vcard.Card{}
	card.SetValue(vcard.FieldFormattedName, u.Name)
	for field, value := range map[string]string{vcard.FieldOrganization: u.Organisation, vcard.FieldEmail: c.Email, vcard.FieldTelephone: c.Phone,
		vcard.FieldURL: c.Web, vcard.FieldNote: c.Other} {
		if value != "" {
			card.SetValue(field, value)
		}
	}
	vcard.ToV4(card)
	return card
}
