package directory_test

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/emersion/go-vcard"
	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/directory"
	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const domain = "small-attack"

type house struct {
	*directory.Directories
	t            testing.TB
	db           *gorm.DB
	journal      *journal.Journal
	discussion   *discuss.Discussion
	proposals    *review.Proposals
	ana, bo, cy  review.Actor
	users        map[string]people.User
	pour, kettle directory.Interest
}

func open(t testing.TB, db *gorm.DB) *house {
	t.Helper()
	ctx := t.Context()
	j, p, tax := journal.New(db), people.New(db), taxonomy.New(db, slog.New(slog.DiscardHandler))
	f, err := os.Open("../../review/testdata/small.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := tax.Import(ctx, taxonomy.Source{Name: "small", Reader: f}, nil); err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: db, journal: j, users: map[string]people.User{}}
	rooms := workshop.New(db, j, p)
	person := func(name string) string {
		a, err := p.Add(ctx, people.Account{User: people.User{Name: name, Organisation: name + " CERT"}})
		if err != nil {
			t.Fatal(err)
		}
		h.users[a.ID] = a.User
		return a.ID
	}
	w, err := rooms.Create(ctx, person("Fay"), workshop.Workshop{Brief: workshop.Brief{Name: "Tea", StartsOn: "2026-12-01", EndsOn: "2026-12-01", TLP: "clear"}, Domain: domain, JoinOpen: true})
	if err != nil {
		t.Fatal(err)
	}
	in, err := rooms.Invitation(ctx, w.ID)
	if err != nil {
		t.Fatal(err)
	}
	for name, as := range map[string]*review.Actor{"Ana": &h.ana, "Bo": &h.bo, "Cy": &h.cy} {
		*as = review.Actor{User: person(name), Workshop: w.ID, Roles: []review.Role{review.Participant}}
		if _, err := rooms.Join(ctx, in.Code, as.User); err != nil {
			t.Fatal(err)
		}
	}
	h.proposals = review.New(db, j, tax, markdown.New(attack.LinkRules()), rooms.CircleIn)
	h.discussion = discuss.New(db, j, markdown.New(attack.LinkRules()), h.proposals.MessageIn)
	h.Directories = directory.New(db, j, tax, h.proposals, h.discussion)
	words := tax.Snapshot().Vocabulary(domain)
	h.pour = directory.Interest{Kind: directory.InTactic, Value: words.Tactics[0].Value, Label: words.Tactics[0].Label}
	h.kettle = directory.Interest{Kind: directory.InPlatform, Value: words.Platforms[0].Value, Label: words.Platforms[0].Label}
	return h
}

func (h *house) set(who review.Actor, c directory.MemberCard, reached directory.Contact) {
	h.t.Helper()
	if err := h.SetCard(h.t.Context(), who, domain, c, reached); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) sees(who review.Actor) directory.Directory {
	h.t.Helper()
	d, err := h.Get(h.t.Context(), who, domain)
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

func (h *house) wish(who, other review.Actor, wanted bool) {
	h.t.Helper()
	if err := h.Wish(h.t.Context(), who, other.User, wanted); err != nil {
		h.t.Fatal(err)
	}
}

// card is what one member is told of another.
func (h *house) card(who, other review.Actor) directory.MemberCard {
	h.t.Helper()
	c, err := h.Card(h.t.Context(), who, domain, other.User)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// TestACardIsSeenWhileItIsShown and its contact is not, nor is any of it in the
// journal.
func TestACardIsSeenWhileItIsShown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		h := open(t, db)
		card := directory.MemberCard{Offers: "Reverse engineering of kettles", Seeks: "Tea", Interests: []directory.Interest{h.pour, h.kettle, h.pour}}
		reached := directory.Contact{Email: "ana@example.org", Phone: "+1 (555) 0100", Web: "https://example.org/ana", Other: "ana on chat"}
		before, err := h.journal.Head(t.Context(), h.ana.Workshop)
		if err != nil {
			t.Fatal(err)
		}
		h.set(h.ana, card, reached)
		if d := h.sees(h.bo); len(d.Cards) != 0 {
			t.Errorf("a card that is not shown is seen: %+v", d.Cards)
		}
		nothing := directory.MemberCard{Interests: []directory.Interest{}}
		if d := cmp.Diff(nothing, h.card(h.bo, h.ana)) + cmp.Diff(nothing, h.card(h.bo, h.cy)); d != "" {
			t.Error(d)
		}
		if mine := h.card(h.ana, h.ana); mine.Shown || mine.Offers != card.Offers {
			t.Errorf("her own is %+v", mine)
		}
		card.Shown = true
		h.set(h.ana, card, reached)
		want := []directory.ShownCard{{User: h.ana.User, MemberCard: directory.MemberCard{Shown: true, Offers: card.Offers, Seeks: card.Seeks, Interests: []directory.Interest{h.pour, h.kettle}}}}
		if d := cmp.Diff(want, h.sees(h.bo).Cards); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff(want[0].MemberCard, h.card(h.bo, h.ana)); d != "" {
			t.Error(d)
		}
		if mine := h.sees(h.ana); mine.Contact != reached || len(mine.Cards) != 0 {
			t.Errorf("of herself she sees %+v", mine)
		}
		card.Shown = false
		h.set(h.ana, card, reached)
		if d := h.sees(h.bo); len(d.Cards) != 0 {
			t.Errorf("what was taken back is seen: %+v", d.Cards)
		}
		if d := cmp.Diff(nothing, h.card(h.bo, h.ana)); d != "" {
			t.Error(d)
		}
		events, err := h.journal.After(t.Context(), h.ana.Workshop, before, 10)
		if err != nil || len(events) != 2 {
			t.Fatalf("%d events, %v", len(events), err)
		}
		for _, e := range events {
			if e.Kind != directory.KindCard || string(e.Data) != `{"card_of":"`+h.ana.User+`"}` {
				t.Errorf("the journal has %s %s", e.Kind, e.Data)
			}
		}
	})
}

func TestCardsThatAreRefused(t *testing.T) {
	h := open(t, storetest.Open(t))
	long := strings.Repeat("é", directory.MaxSaid+1)
	for name, c := range map[string]struct {
		field string
		card  directory.MemberCard
		reach directory.Contact
	}{
		"long offers":     {"offers", directory.MemberCard{Offers: long}, directory.Contact{}},
		"long wishes":     {"seeks", directory.MemberCard{Seeks: long}, directory.Contact{}},
		"a machine":       {"seeks", directory.MemberCard{Seeks: "Who else saw 185.12.13.14?"}, directory.Contact{}},
		"no tactic":       {"interests", directory.MemberCard{Interests: []directory.Interest{{Kind: directory.InTactic, Value: "whistling"}}}, directory.Contact{}},
		"no kind":         {"interests", directory.MemberCard{Interests: []directory.Interest{{Kind: "tea", Value: h.pour.Value}}}, directory.Contact{}},
		"no group":        {"interests", directory.MemberCard{Interests: []directory.Interest{{Kind: directory.InGroup, Value: "T1001"}}}, directory.Contact{}},
		"no e-mail":       {"contact.email", directory.MemberCard{}, directory.Contact{Email: "ana"}},
		"name and e-mail": {"contact.email", directory.MemberCard{}, directory.Contact{Email: "Ana <ana@example.org>"}},
		"two lines":       {"contact.other", directory.MemberCard{}, directory.Contact{Other: "a\nb"}},
		"no number":       {"contact.phone", directory.MemberCard{}, directory.Contact{Phone: "call me"}},
		"a script":        {"contact.web", directory.MemberCard{}, directory.Contact{Web: "javascript:alert(1)"}},
	} {
		err := h.SetCard(t.Context(), h.ana, domain, c.card, c.reach)
		if f, ok := err.(*fault.Error); !ok || f.Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestContactsAreExchangedWhereBothWantIt has one ask, the other one agree, and
// one take it back.
func TestContactsAreExchangedWhereBothWantIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		h := open(t, db)
		ctx := t.Context()
		if err := h.Wish(ctx, h.ana, h.bo.User, true); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("without a contact of her own: %v", err)
		}
		h.set(h.ana, directory.MemberCard{}, directory.Contact{Email: "ana@example.org"})
		for who, code := range map[string]fault.Code{h.ana.User: fault.Invalid, "nobody": fault.NotFound} {
			if err := h.Wish(ctx, h.ana, who, true); fault.CodeOf(err) != code {
				t.Errorf("exchange with %s: %v", who, err)
			}
		}
		states := func(who review.Actor) (list []directory.ExchangeState) {
			for _, e := range h.sees(who).Contacts {
				list = append(list, e.State)
				if (e.Contact != nil) != (e.State == directory.Exchanged) {
					t.Errorf("%s is %+v", e.State, e.Contact)
				}
			}
			return list
		}
		is := func(when string, who review.Actor, want ...directory.ExchangeState) {
			t.Helper()
			if d := cmp.Diff(want, states(who)); d != "" {
				t.Errorf("%s: %s", when, d)
			}
		}
		h.wish(h.ana, h.bo, true)
		h.wish(h.ana, h.bo, true)
		is("asked", h.ana, directory.Asked)
		is("asked", h.bo, directory.Asks)
		is("asked", h.cy)
		var none bytes.Buffer
		if err := directory.WriteCards(&none, h.sees(h.ana), "", h.users); fault.CodeOf(err) != fault.NotFound || none.Len() > 0 {
			t.Errorf("cards before both agree: %v %s", err, none.String())
		}
		h.set(h.bo, directory.MemberCard{}, directory.Contact{Phone: "+1 555", Other: "bo; on, chat"})
		h.wish(h.bo, h.ana, true)
		is("agreed", h.ana, directory.Exchanged)
		is("agreed", h.bo, directory.Exchanged)
		is("agreed", h.cy)

		var text bytes.Buffer
		if err := directory.WriteCards(&text, h.sees(h.ana), h.bo.User, h.users); err != nil {
			t.Fatal(err)
		}
		card, err := vcard.NewDecoder(&text).Decode()
		if err != nil || card.Value(vcard.FieldFormattedName) != "Bo" || card.Value(vcard.FieldTelephone) != "+1 555" || card.Value(vcard.FieldEmail) != "" ||
			card.Value(vcard.FieldOrganization) != "Bo CERT" || card.Value(vcard.FieldNote) != "bo; on, chat" || card.Value(vcard.FieldVersion) != "4.0" {
			t.Errorf("the card is %v, %v", card, err)
		}
		h.wish(h.bo, h.ana, false)
		is("taken back", h.ana, directory.Asked)
		is("taken back", h.bo, directory.Asks)
	})
}

// TestWhomToTalkToIsSaidWithTheReasons by interests, threads and proposals.
func TestWhomToTalkToIsSaidWithTheReasons(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		h := open(t, db)
		ctx := t.Context()
		shown := func(who review.Actor, interests ...directory.Interest) {
			h.set(who, directory.MemberCard{Shown: true, Interests: interests}, directory.Contact{})
		}
		shown(h.ana, h.pour, h.kettle)
		shown(h.bo, h.kettle)
		shown(h.cy)
		say := func(who review.Actor, thread, body string) discuss.Message {
			t.Helper()
			about := discuss.Anchor{Type: "workshop", ID: h.ana.Workshop}
			m, err := h.discussion.Post(ctx, h.ana.Workshop, who.User, about, discuss.NewMessage{Thread: thread, Body: body})
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		first := say(h.ana, "", "Who has a kettle?")
		say(h.bo, first.ID, "I have.")
		say(h.cy, "", "Tea?")
		draft, err := h.proposals.Start(ctx, h.bo, domain, review.NewProposal{Kind: attack.Refinement, ObjectID: "T1001",
			Content: attack.Content{attack.FieldPlatforms: {List: []string{"Kettle"}}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.proposals.Submit(ctx, h.bo, draft.Proposal.ID, review.Submission{Version: draft.Version}); err != nil {
			t.Fatal(err)
		}
		_, err = h.proposals.Review(ctx, review.Actor{User: h.ana.User, Workshop: h.ana.Workshop, Roles: []review.Role{review.Reviewer}}, draft.Proposal.ID,
			review.ActionRequestChanges, review.Verdict{Revision: 1, Note: "Why?"})
		if err != nil {
			t.Fatal(err)
		}
		want := []directory.Meeting{{User: h.bo.User, Reasons: []directory.Reason{
			{Kind: directory.SharedInterest, About: "platform:" + h.kettle.Value, Label: h.kettle.Label},
			{Kind: directory.SharedProposal, About: "proposal:" + draft.Proposal.ID, Label: draft.Proposal.Title},
			{Kind: directory.SharedThread, About: "thread:" + first.ID}}}}
		if d := cmp.Diff(want, h.sees(h.ana).Meet); d != "" {
			t.Error(d)
		}
		if meet := h.sees(h.bo).Meet; len(meet) != 1 || meet[0].User != h.ana.User || len(meet[0].Reasons) != 3 {
			t.Errorf("the other way round it is %+v", meet)
		}
		if meet := h.sees(h.cy).Meet; len(meet) != 0 {
			t.Errorf("who has nothing in common meets %+v", meet)
		}
		h.set(h.bo, directory.MemberCard{Interests: []directory.Interest{h.kettle}}, directory.Contact{})
		if meet := h.sees(h.ana).Meet; len(meet) != 0 {
			t.Errorf("who shows no card is named: %+v", meet)
		}
		if meet := h.sees(h.bo).Meet; len(meet) != 0 {
			t.Errorf("who shows no card is told: %+v", meet)
		}
	})
}
