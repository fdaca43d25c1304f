// Package people keeps the accounts of those who use Atelier, and the sessions
// by which they are recognised.
package people

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/lookup"
	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review/guard"
)

// maxName is the longest name of a person or an organisation, in characters.
const maxName = 100

// User is a person as others see them.
type User struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Organisation string `json:"organisation"`
}

// Account is a user with what they may do in the installation.
type Account struct {
	User
	Host          bool `json:"host" doc:"may make workshops"`
	Administrator bool `json:"administrator"`
}

// Profile is what people say about themselves.
type Profile struct {
	Name         string `json:"name" maxLength:"1000"`
	Organisation string `json:"organisation" maxLength:"1000"`
}

// People keeps accounts, sign-in links and sessions.
type People struct {
	db        *gorm.DB
	sessions  recall
	bySession *lookup.Lookup[string, Session]
}

// New makes the People of a database.
func New(db *gorm.DB) *People {
	p := &People{db: db}
	p.bySession = lookup.New(p.findSessions)
	return p
}

type userRow struct {
	ID, Name, Organisation string
	Host, Administrator    bool
	CreatedAt              time.Time
}

func (userRow) TableName() string { return "users" }

func (r userRow) account() Account {
	return Account{User: User{ID: r.ID, Name: r.Name, Organisation: r.Organisation}, Host: r.Host, Administrator: r.Administrator}
}

// Add makes an account; its ID is chosen here, where it has none.
func (p *People) Add(ctx context.Context, a Account) (Account, error) {
	return p.AddIn(p.db.WithContext(ctx), a)
}

// AddIn does what Add does, within a transaction.
func (p *People) AddIn(db *gorm.DB, a Account) (Account, error) {
	profile, err := Profile{a.Name, a.Organisation}.clean()
	if err != nil {
		return Account{}, err
	}
	row := userRow{cmp.Or(a.ID, uuid.NewString()), profile.Name, profile.Organisation, a.Host, a.Administrator, journal.Now()}
	if err := db.Create(&row).Error; err != nil {
		return Account{}, fmt.Errorf("add a user: %w", err)
	}
	return row.account(), nil
}

// OrganisationsIn lists the organisations of the users whose ids a query gives,
// each once, within a transaction or outside of one.
func (p *People) OrganisationsIn(db *gorm.DB, ids *gorm.DB) ([]string, error) {
	var list []string
	err := db.Model(&userRow{}).Where("organisation <> '' AND id IN (?)", ids).Distinct().Order("organisation").Pluck("organisation", &list).Error
	if err != nil {
		return nil, fmt.Errorf("list organisations: %w", err)
	}
	return list, nil
}

// NamesIn gives the users whose ids a query gives, as they are called, within a
// transaction or outside of one.
func (p *People) NamesIn(db *gorm.DB, ids *gorm.DB) ([]User, error) {
	var rows []userRow
	if err := db.Select("id", "name", "organisation").Where("id IN (?)", ids).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list names: %w", err)
	}
	users := make([]User, len(rows))
	for i, r := range rows {
		users[i] = User{ID: r.ID, Name: r.Name, Organisation: r.Organisation}
	}
	return users, nil
}

// Any says whether there are accounts at all.
func (p *People) Any(ctx context.Context) (bool, error) {
	var n int64
	if err := p.db.WithContext(ctx).Model(&userRow{}).Limit(1).Count(&n).Error; err != nil {
		return false, fmt.Errorf("count users: %w", err)
	}
	return n > 0, nil
}

// Change changes what a person says about themselves.
func (p *People) Change(ctx context.Context, user string, profile Profile) (User, error) {
	profile, err := profile.clean()
	if err != nil {
		return User{}, err
	}
	defer p.sessions.drop() // also where it failed, for it may have been done
	done := p.db.WithContext(ctx).Model(&userRow{}).Where("id = ?", user).
		Updates(map[string]any{"name": profile.Name, "organisation": profile.Organisation})
	if done.Error != nil {
		return User{}, fmt.Errorf("change a profile: %w", done.Error)
	}
	if done.RowsAffected == 0 {
		return User{}, fault.New(fault.NotFound, "There is no such user.")
	}
	return User{user, profile.Name, profile.Organisation}, nil
}

// Users gives the named users by id; ids that do not exist are left out.
func (p *People) Users(ctx context.Context, ids []string) (map[string]User, error) {
	var rows []userRow
	if err := p.db.WithContext(ctx).Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	users := make(map[string]User, len(rows))
	for _, r := range rows {
		users[r.ID] = r.account().User
	}
	return users, nil
}

func (p Profile) clean() (Profile, error) {
	var err error
	if p.Name, err = line("name", p.Name); err != nil {
		return p, err
	}
	if p.Name == "" {
		return p, fault.InField("name", "Give a name.")
	}
	p.Organisation, err = line("organisation", p.Organisation)
	return p, err
}

// line checks one line of text about a person.
func line(field, text string) (string, error) {
	text = strings.TrimSpace(text)
	if err := typed.Line(field, text, maxName); err != nil {
		return text, err
	}
	for _, f := range guard.Find(text, guard.Known{TLP: "red"}) {
		if slices.Contains(machines, f.Kind) {
			return text, fault.InField(field, "%q: %s Give a name that people know.", f.Text, f.Why)
		}
	}
	return text, nil
}

// machines are what nobody is called.
var machines = []guard.Kind{guard.IPv4, guard.IPv6, guard.CIDR, guard.Hash, guard.IBAN, guard.Registry}
