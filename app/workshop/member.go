package workshop

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review"
)

// letters of a join code: none that is mistaken for another when it is read
// from a wall.
const letters = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"

// newCode makes a join code, XXXX-XXXX: 31^8, over 10^11 of them.
func newCode() string {
	code := make([]byte, 0, 9)
	for i := range 8 {
		if i == 4 {
			code = append(code, '-')
		}
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
		if err != nil { // crypto/rand does not fail on a system that runs
			panic(fmt.Errorf("no randomness: %w", err))
		}
		code = append(code, letters[n.Int64()])
	}
	return string(code)
}

// CleanCode brings a code as people type it into its form.
func CleanCode(typed string) string {
	var code strings.Builder
	for _, r := range strings.ToUpper(typed) {
		if strings.ContainsRune(letters, r) {
			if code.Len() == 4 {
				code.WriteByte('-')
			}
			code.WriteRune(r)
		}
		if code.Len() > 9 {
			break
		}
	}
	return code.String()
}

// Invitation is how people get in.
type Invitation struct {
	Code string `json:"code"`
	Open bool   `json:"open"`
}

type memberRow struct {
	WorkshopID, UserID, Roles string
	JoinedAt                  time.Time
	Hidden                    bool
}

func (memberRow) TableName() string { return "members" }

// present is the condition on a member that they were not removed.
const present = "roles <> '[]'"

// removed says that a facilitator has removed the member, who has no role any
// more; the row keeps what they are called.
func (r memberRow) removed() bool { return r.Roles == "[]" }

func (r memberRow) roles() (roles []review.Role, err error) {
	if err = json.Unmarshal([]byte(r.Roles), &roles); err != nil {
		err = fmt.Errorf("read the roles of %s: %w", r.UserID, err)
	}
	return roles, err
}

// AllRoles lists the roles that a member can have.
func AllRoles() []review.Role {
	return []review.Role{review.Observer, review.Participant, review.Reviewer, review.Facilitator, review.Maintainer}
}

// Invitation gives the join code of a workshop.
func (s *Workshops) Invitation(ctx context.Context, id string) (Invitation, error) {
	r, err := find(s.db.WithContext(ctx), "id = ?", id)
	if err != nil {
		return Invitation{}, err
	}
	w, err := r.workshop()
	return Invitation{r.JoinCode, w.open()}, err
}

func (w Workshop) open() bool { return w.JoinOpen && w.Policy.Join == JoinByCode }

// Renew gives a workshop a new code; the old one ends.
func (s *Workshops) Renew(ctx context.Context, actor, id string) (Invitation, error) {
	return journal.Do(ctx, s.journal, func(_ context.Context, tx *journal.Tx) (Invitation, error) {
		r, err := find(tx.DB, "id = ?", id)
		if err != nil {
			return Invitation{}, err
		}
		w, err := r.workshop()
		if err != nil {
			return Invitation{}, err
		}
		code := newCode()
		if err := tx.Model(&row{}).Where("id = ?", id).Update("join_code", code).Error; err != nil {
			return Invitation{}, fmt.Errorf("renew a code: %w", err)
		}
		_, err = tx.Append(id, actor, KindCodeRenewed, map[string]any{})
		return Invitation{code, w.open()}, err
	})
}

// ByCode finds the workshop of a join code and says whether it is open.
func (s *Workshops) ByCode(ctx context.Context, code string) (w Workshop, open bool, err error) {
	r, err := byCode(s.db.WithContext(ctx), code)
	if err != nil {
		return w, false, err
	}
	w, err = r.workshop()
	return w, w.open(), err
}

func byCode(db *gorm.DB, code string) (row, error) {
	r, err := find(db, "join_code = ?", CleanCode(code))
	if fault.CodeOf(err) == fault.NotFound {
		err = fault.New(fault.NotFound, "No workshop has this code. Look at it once more, or ask your facilitator.")
	}
	return r, err
}

// Joined is the answer to who joins.
type Joined struct {
	Workshop string `json:"workshop" doc:"id"`
	Member   Member `json:"member"`
}

// Join makes a user a participant of the workshop with the code. Who is in
// already stays as they are.
func (s *Workshops) Join(ctx context.Context, code, user string) (Joined, error) {
	return journal.Do(ctx, s.journal, func(ctx context.Context, tx *journal.Tx) (Joined, error) { return s.JoinIn(ctx, tx, code, user) })
}

// JoinIn does what Join does, within a transaction.
func (s *Workshops) JoinIn(ctx context.Context, tx *journal.Tx, code, user string) (Joined, error) {
	r, err := byCode(tx.DB, code)
	if err != nil {
		return Joined{}, err
	}
	w, err := r.workshop()
	if err != nil {
		return Joined{}, err
	}
	if err := tx.Hold(w.ID); err != nil { // else somebody comes in twice at once
		return Joined{}, err
	}
	known, err := memberOf(tx.DB, w.ID, user)
	if err != nil {
		return Joined{}, err
	}
	if known == nil && !w.open() {
		return Joined{}, fault.New(fault.Forbidden, "This workshop takes no new members at present. Ask its facilitator.")
	}
	if known != nil && known.removed() {
		return Joined{}, fault.New(fault.Forbidden, "You were removed from this workshop. Ask a facilitator to let you in again.")
	}
	m, err := s.enter(ctx, tx, w.ID, user, []review.Role{review.Participant})
	return Joined{w.ID, m}, err
}

func memberOf(db *gorm.DB, workshop, user string) (*memberRow, error) {
	var rows []memberRow
	if err := db.Where("workshop_id = ? AND user_id = ?", workshop, user).Limit(1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("find a member: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return &rows[0], nil
}

// enter adds a member where they are not one yet.
func (s *Workshops) enter(ctx context.Context, tx *journal.Tx, workshop, user string, roles []review.Role) (Member, error) {
	known, err := memberOf(tx.DB, workshop, user)
	if err != nil {
		return Member{}, err
	}
	if known != nil {
		return s.member(tx.DB, *known)
	}
	text, err := json.Marshal(roles)
	if err != nil {
		return Member{}, err
	}
	r := memberRow{WorkshopID: workshop, UserID: user, Roles: string(text), JoinedAt: journal.Now()}
	if err := tx.Create(&r).Error; err != nil {
		return Member{}, fmt.Errorf("add a member: %w", err)
	}
	m, err := s.member(tx.DB, r)
	if err != nil {
		return m, err
	}
	_, err = tx.Append(workshop, user, KindMemberJoined, map[string]any{"member": m})
	return m, err
}

func (s *Workshops) member(db *gorm.DB, r memberRow) (Member, error) {
	roles, err := r.roles()
	if err != nil {
		return Member{}, err
	}
	users, err := people.New(db).Users(db.Statement.Context, []string{r.UserID})
	return Member{users[r.UserID], roles, r.JoinedAt.UTC()}, err
}

// Members lists the members of a workshop in the order in which they came.
func (s *Workshops) Members(ctx context.Context, workshop string) ([]Member, error) {
	var rows []memberRow
	if err := s.db.WithContext(ctx).Where("workshop_id = ?", workshop).Order("joined_at, user_id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.UserID
	}
	users, err := s.people.Users(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]Member, len(rows))
	for i, r := range rows {
		roles, err := r.roles()
		if err != nil {
			return nil, err
		}
		list[i] = Member{users[r.UserID], roles, r.JoinedAt.UTC()}
	}
	return list, nil
}

// NamesIn gives a workshop's members as they are called, within a transaction or
// outside of one.
func (s *Workshops) NamesIn(db *gorm.DB, workshop string) ([]people.User, error) {
	return s.people.NamesIn(db, db.Model(&memberRow{}).Select("user_id").Where("workshop_id = ?", workshop).Where(present))
}

// ActorsIn lists the members of a workshop with their roles, within a transaction
// or outside of one.
func (s *Workshops) ActorsIn(db *gorm.DB, workshop string) ([]review.Actor, error) {
	var rows []memberRow
	if err := db.Where("workshop_id = ?", workshop).Where(present).Order("user_id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	list := make([]review.Actor, len(rows))
	for i, r := range rows {
		roles, err := r.roles()
		if err != nil {
			return nil, err
		}
		list[i] = review.Actor{User: r.UserID, Roles: roles, Workshop: workshop}
	}
	return list, nil
}

// Roles gives the roles of a member. The fault is NotFound for who is not one,
// so that a workshop cannot be found out from outside.
func (s *Workshops) Roles(ctx context.Context, workshop, user string) ([]review.Role, error) {
	roles, _, err := s.Attends(ctx, workshop, user)
	return roles, err
}

// Attends gives what Roles gives, and whether the member is hidden: then the
// others are not told when they are here, and where.
func (s *Workshops) Attends(ctx context.Context, workshop, user string) (roles []review.Role, hidden bool, err error) {
	r, err := s.present(ctx, workshop, user)
	if err != nil {
		return nil, false, err
	}
	roles, err = r.roles()
	return roles, r.Hidden, err
}

// Hide makes a member hidden from the others, or seen again. It is nobody's
// business but theirs: the journal does not have it.
func (s *Workshops) Hide(ctx context.Context, workshop, user string, hidden bool) error {
	_, err := journal.Do(ctx, s.journal, func(_ context.Context, tx *journal.Tx) (struct{}, error) {
		done := tx.Model(&memberRow{}).Where("workshop_id = ? AND user_id = ?", workshop, user).Update("hidden", hidden)
		if done.Error != nil {
			return struct{}{}, fmt.Errorf("hide a member: %w", done.Error)
		}
		return struct{}{}, nil
	})
	return err
}

// JoinedAt says since when somebody is a member. The fault is NotFound for who
// is not one.
func (s *Workshops) JoinedAt(ctx context.Context, workshop, user string) (time.Time, error) {
	r, err := s.present(ctx, workshop, user)
	return r.JoinedAt, err
}

// present finds a member. The fault is NotFound for who is not one, or was
// removed.
func (s *Workshops) present(ctx context.Context, workshop, user string) (memberRow, error) {
	r, ok, err := s.members.Get(ctx, seat{workshop, user})
	if err == nil && (!ok || r.removed()) {
		err = noWorkshop()
	}
	return r, err
}

// seat is somebody's place in a workshop.
type seat struct{ workshop, user string }

// mostAtOnce is how many rows one statement asks for by name.
const mostAtOnce = 500

// findMembers finds those of some members that there are.
func (s *Workshops) findMembers(ctx context.Context, seats []seat) (map[seat]memberRow, error) {
	found, users := make(map[seat]memberRow, len(seats)), map[string][]string{}
	for _, one := range seats {
		users[one.workshop] = append(users[one.workshop], one.user)
	}
	for workshop, all := range users {
		for some := range slices.Chunk(all, mostAtOnce) {
			var rows []memberRow
			if err := s.db.WithContext(ctx).Where("workshop_id = ? AND user_id IN ?", workshop, some).Find(&rows).Error; err != nil {
				return nil, fmt.Errorf("find members: %w", err)
			}
			for _, r := range rows {
				found[seat{workshop, r.UserID}] = r
			}
		}
	}
	return found, nil
}

// Memberships lists the workshops of a person, the latest first.
func (s *Workshops) Memberships(ctx context.Context, user string) ([]Membership, error) {
	var rows []struct {
		Workshop row `gorm:"embedded"`
		Roles    string
	}
	err := s.db.WithContext(ctx).Raw(`SELECT w.*, m.roles FROM members m JOIN workshops w ON w.id = m.workshop_id
		WHERE m.user_id = ? AND m.roles <> '[]' ORDER BY w.starts_on DESC, w.created_at DESC`, user).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list workshops: %w", err)
	}
	list := make([]Membership, len(rows))
	for i, r := range rows {
		w, err := r.Workshop.workshop()
		if err != nil {
			return nil, err
		}
		roles, err := memberRow{UserID: user, Roles: r.Roles}.roles()
		if err != nil {
			return nil, err
		}
		list[i] = Membership{w.Brief, roles}
	}
	return list, nil
}

// SetRoles gives a member another set of roles. A workshop keeps at least one
// facilitator.
func (s *Workshops) SetRoles(ctx context.Context, actor, workshop, user string, roles []review.Role) (Member, error) {
	var clean []review.Role
	for _, r := range AllRoles() { // in one order, each once
		if slices.Contains(roles, r) {
			clean = append(clean, r)
		}
	}
	if len(clean) == 0 || slices.ContainsFunc(roles, func(r review.Role) bool { return !slices.Contains(AllRoles(), r) }) {
		return Member{}, fault.InField("roles", "Choose one or more of observer, participant, reviewer, facilitator, maintainer.")
	}
	return s.setRoles(ctx, actor, workshop, user, clean, KindMemberChanged)
}

// Remove takes a member out of a workshop: they may read and do nothing there any
// more, and do not come in again by the code. What they did stays, under their
// name. SetRoles lets them in again.
func (s *Workshops) Remove(ctx context.Context, actor, workshop, user string) (Member, error) {
	if actor == user {
		return Member{}, fault.New(fault.Conflict, "You cannot remove yourself. Ask another facilitator.")
	}
	return s.setRoles(ctx, actor, workshop, user, []review.Role{}, KindMemberRemoved)
}

func (s *Workshops) setRoles(ctx context.Context, actor, workshop, user string, roles []review.Role, kind string) (Member, error) {
	return journal.Do(ctx, s.journal, func(_ context.Context, tx *journal.Tx) (Member, error) {
		seq, err := tx.NextSeq(workshop) // first of all: two facilitators who leave at once wait here
		if err != nil {
			return Member{}, err
		}
		var rows []memberRow
		if err := tx.Where("workshop_id = ?", workshop).Find(&rows).Error; err != nil {
			return Member{}, fmt.Errorf("list members: %w", err)
		}
		at := slices.IndexFunc(rows, func(r memberRow) bool { return r.UserID == user })
		if at < 0 || len(roles) == 0 && rows[at].removed() {
			return Member{}, fault.New(fault.NotFound, "This person is not in the workshop.")
		}
		text, err := json.Marshal(roles)
		if err != nil {
			return Member{}, err
		}
		rows[at].Roles = string(text)
		if !slices.ContainsFunc(rows, func(r memberRow) bool { return strings.Contains(r.Roles, `"facilitator"`) }) {
			return Member{}, fault.New(fault.Conflict, "A workshop needs a facilitator. Make somebody else one first.")
		}
		if err := tx.Model(&memberRow{}).Where("workshop_id = ? AND user_id = ?", workshop, user).Update("roles", string(text)).Error; err != nil {
			return Member{}, fmt.Errorf("change roles: %w", err)
		}
		m, err := s.member(tx.DB, rows[at])
		if err != nil {
			return m, err
		}
		_, err = tx.AppendAt(seq, workshop, actor, kind, map[string]any{"member": m})
		return m, err
	})
}

// Moved gives whose rights in a workshop are others after an event; empty: nobody's.
func Moved(e journal.Event) (user string) {
	if e.Kind != KindMemberRemoved && e.Kind != KindMemberChanged {
		return ""
	}
	var data struct{ Member Member }
	if json.Unmarshal(e.Data, &data) != nil { // it is ours
		return ""
	}
	return data.Member.User.ID
}

// Renamed tells all workshops of a user what they are called now.
func (s *Workshops) Renamed(ctx context.Context, user string) error {
	list, err := s.Memberships(ctx, user)
	if err != nil {
		return err
	}
	// In one order for all, so that no two wait for each other.
	slices.SortFunc(list, func(a, b Membership) int { return strings.Compare(a.Workshop.ID, b.Workshop.ID) })
	_, err = journal.Do(ctx, s.journal, func(_ context.Context, tx *journal.Tx) (bool, error) {
		for _, m := range list {
			known, err := memberOf(tx.DB, m.Workshop.ID, user)
			if err != nil || known == nil {
				return false, err
			}
			now, err := s.member(tx.DB, *known)
			if err != nil {
				return false, err
			}
			if _, err := tx.Append(m.Workshop.ID, user, KindMemberRenamed, map[string]any{"member": now}); err != nil {
				return false, err
			}
		}
		return true, nil
	})
	return err
}
