package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/review/attack"
)

// Deed is what somebody did for a proposal.
type Deed string

// The deeds, as they follow from what is recorded anyway.
const (
	Wrote     Deed = "wrote"     // its author, and who writes in it with them
	Suggested Deed = "suggested" // a text that its authors took
	Reviewed  Deed = "reviewed"  // gave a verdict, whichever
	Helped    Deed = "helped"    // in another way, as its authors say
)

// Answer is what a person says to being named.
type Answer string

// The answers. Nobody is named who has not agreed.
const (
	AnswerNone    Answer = "none"
	AnswerNamed   Answer = "named"
	AnswerUnnamed Answer = "unnamed"
	AnswerDefault Answer = "default" // as they said for all of theirs
)

// Credit is one person who had a part in a proposal.
type Credit struct {
	User    string `json:"user" doc:"user id"`
	Did     []Deed `json:"did" enum:"wrote,suggested,reviewed,helped"`
	Answer  Answer `json:"answer" enum:"none,named,unnamed" doc:"to being named in ATT&CK; none: not answered, and so not named"`
	NamedAs string `json:"named_as" doc:"in the form that they chose; empty: not named"`
	Own     bool   `json:"own" doc:"they said so for this proposal; else for all of theirs"`
}

// Vouched is a name that came with a text from elsewhere, and who says that its
// bearer agreed to be named.
type Vouched struct {
	Name string `json:"name"`
	By   string `json:"by" doc:"user id"`
}

type wishRow struct {
	UserID    string
	Answer    Answer
	NamedAs   string
	UpdatedAt time.Time `gorm:"autoUpdateTime:false"`
}

func (wishRow) TableName() string { return "credit_wishes" }

type creditRow struct {
	ProposalID, UserID string
	Thanked            bool
	Answer             Answer // empty: as in all others
	NamedAs            string
	CreatedAt          time.Time
}

func (creditRow) TableName() string { return "proposal_credits" }

type vouchedRow struct {
	ProposalID, Name, UserID string
	CreatedAt                time.Time
}

func (vouchedRow) TableName() string { return "vouched_names" }

// complete adds to proposals who had a part in them and how they are named, and
// what is suggested; the query names the proposals.
func complete(db *gorm.DB, ids any, proposals []Proposal) error {
	var said []creditRow
	if err := db.Where("proposal_id IN (?)", ids).Order("created_at, user_id").Find(&said).Error; err != nil {
		return fmt.Errorf("list credits: %w", err)
	}
	var vouched []vouchedRow
	if err := db.Where("proposal_id IN (?)", ids).Order("created_at, name").Find(&vouched).Error; err != nil {
		return fmt.Errorf("list names that are vouched for: %w", err)
	}
	suggested, err := suggestions(db, ids)
	if err != nil {
		return err
	}
	blocking, err := discuss.BlockingIn(db, AnchorType, ids)
	if err != nil {
		return err
	}
	of := make(map[string][]creditRow, len(proposals))
	for _, r := range said {
		of[r.ProposalID] = append(of[r.ProposalID], r)
	}
	names := map[string][]Vouched{}
	for _, r := range vouched {
		names[r.ProposalID] = append(names[r.ProposalID], Vouched{r.Name, r.UserID})
	}
	for i := range proposals {
		p := &proposals[i]
		p.Suggestions, p.Vouched = append([]Suggestion{}, suggested[p.ID]...), append([]Vouched{}, names[p.ID]...)
		p.Requirements = p.requirements(blocking[p.ID])
		p.Credits = p.party(of[p.ID])
	}
	return answered(db, proposals, of)
}

// party lists who had a part in a proposal: who wrote first, in the order in
// which they came. It follows from what is recorded of each.
func (p Proposal) party(said []creditRow) []Credit {
	list := []Credit{}
	add := func(user string, deed Deed) {
		i := slices.IndexFunc(list, func(c Credit) bool { return c.User == user })
		if i < 0 {
			i, list = len(list), append(list, Credit{User: user, Answer: AnswerNone})
		}
		if !slices.Contains(list[i].Did, deed) {
			list[i].Did = append(list[i].Did, deed)
		}
	}
	add(p.Author, Wrote)
	for _, user := range p.CoAuthors {
		add(user, Wrote)
	}
	for _, user := range p.penned() {
		add(user, Suggested)
	}
	for _, r := range p.Reviews {
		add(r.Reviewer, Reviewed)
	}
	for _, r := range said {
		if r.Thanked {
			add(r.UserID, Helped)
		}
	}
	return list
}

// answered adds what people say to being named.
func answered(db *gorm.DB, proposals []Proposal, said map[string][]creditRow) error {
	var users []string
	for _, p := range proposals {
		for _, c := range p.Credits {
			users = append(users, c.User)
		}
	}
	slices.Sort(users)
	var rows []wishRow
	if err := db.Where("user_id IN ?", slices.Compact(users)).Find(&rows).Error; err != nil {
		return fmt.Errorf("list how people want to be named: %w", err)
	}
	wishes := make(map[string]wishRow, len(rows))
	for _, r := range rows {
		wishes[r.UserID] = r
	}
	for _, p := range proposals {
		for i := range p.Credits {
			c := &p.Credits[i]
			wish := wishes[c.User]
			c.Answer, c.NamedAs = cmp.Or(wish.Answer, AnswerNone), wish.NamedAs
			for _, r := range said[p.ID] {
				if r.UserID == c.User && r.Answer != "" {
					c.Answer, c.NamedAs, c.Own = r.Answer, r.NamedAs, true
				}
			}
			if c.Answer != AnswerNamed {
				c.NamedAs = ""
			}
		}
	}
	return nil
}

// hasPart says whether somebody is among those who had a part in it.
func (p Proposal) hasPart(user string) bool {
	return slices.ContainsFunc(p.Credits, func(c Credit) bool { return c.User == user })
}

// penned lists whose suggestions were taken, in the order in which they were.
func (p Proposal) penned() []string {
	taken := slices.DeleteFunc(slices.Clone(p.Suggestions), func(s Suggestion) bool { return s.State != SuggestionTaken })
	slices.SortStableFunc(taken, func(a, b Suggestion) int { return cmp.Compare(a.Made, b.Made) })
	var users []string
	for _, s := range taken {
		users = append(users, s.By)
	}
	return users
}

// SameName says whether two names are written the same, capitals and white
// space aside.
func SameName(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// brought gives the names that a text has of its own: those that the object it
// starts from has not.
func brought(base, content attack.Content) []string {
	var names []string
	for _, name := range content[attack.FieldContributors].List {
		if !slices.Contains(base[attack.FieldContributors].List, name) {
			names = append(names, name)
		}
	}
	return names
}

// credit parts whom an accepted text may name from whom it may not: of what it
// brought only those who are vouched for, and who agreed themselves.
func (a *Accepted) credit() {
	for _, name := range brought(a.Base, a.Content) {
		if slices.ContainsFunc(a.Proposal.Vouched, func(v Vouched) bool { return v.Name == name }) {
			a.Vouched = append(a.Vouched, name)
		} else {
			a.Unvouched = append(a.Unvouched, name)
		}
	}
	for _, c := range a.Proposal.Credits {
		if c.NamedAs != "" && !slices.ContainsFunc(a.Names, func(name string) bool { return SameName(name, c.NamedAs) }) {
			a.Names = append(a.Names, c.NamedAs)
		}
	}
	if len(a.Unvouched) > 0 {
		kept := slices.DeleteFunc(slices.Clone(a.Content[attack.FieldContributors].List), func(name string) bool { return slices.Contains(a.Unvouched, name) })
		a.Content[attack.FieldContributors] = attack.Value{List: kept}
	}
}

// settledCredits keeps how people are named in what is released as it is then.
func (p Proposal) settledCredits(db *gorm.DB, now time.Time) error {
	for _, c := range p.Credits {
		if err := keepAnswer(db, creditRow{ProposalID: p.ID, UserID: c.User, Answer: c.Answer, NamedAs: c.NamedAs, CreatedAt: now}); err != nil {
			return err
		}
	}
	return nil
}

// keepAnswer keeps what a person says of a proposal, and whether they are
// thanked stays.
func keepAnswer(db *gorm.DB, r creditRow) error {
	err := db.Exec(`INSERT INTO proposal_credits (proposal_id, user_id, thanked, answer, named_as, created_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (proposal_id, user_id) DO UPDATE SET answer = excluded.answer, named_as = excluded.named_as`,
		r.ProposalID, r.UserID, false, r.Answer, r.NamedAs, r.CreatedAt).Error
	if err != nil {
		return fmt.Errorf("keep how somebody is named: %w", err)
	}
	return nil
}
