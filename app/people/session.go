package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// SessionLasts is how long a browser is remembered.
const SessionLasts = 30 * 24 * time.Hour

// Session is a browser that was recognised.
type Session struct {
	ID string // hash of the cookie; names the session without opening it
	Account
	ExpiresAt time.Time
}

type sessionRow struct {
	TokenHash, UserID    string
	CreatedAt, ExpiresAt time.Time
}

func (sessionRow) TableName() string { return "sessions" }

type linkRow struct {
	TokenHash, UserID    string
	Once                 bool
	CreatedAt, ExpiresAt time.Time
	UsedAt               *time.Time
}

func (linkRow) TableName() string { return "sign_in_links" }

// secret makes a token of 128 random bits and more, and its hash, which is all
// that is kept.
func secret() (token, hash string) {
	token = rand.Text()
	return token, hashOf(token)
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Link makes a token that signs a user in until it expires; once: only the
// first time.
func (p *People) Link(ctx context.Context, user string, once bool, lasts time.Duration) (token string, err error) {
	token, hash := secret()
	now := journal.Now()
	row := linkRow{TokenHash: hash, UserID: user, Once: once, CreatedAt: now, ExpiresAt: now.Add(lasts)}
	if err := p.db.WithContext(ctx).Create(&row).Error; err != nil {
		return "", fmt.Errorf("make a sign-in link: %w", err)
	}
	return token, nil
}

// Unlink ends all sign-in links of a user; sessions go on.
func (p *People) Unlink(ctx context.Context, user string) error {
	if err := p.db.WithContext(ctx).Where("user_id = ?", user).Delete(&linkRow{}).Error; err != nil {
		return fmt.Errorf("end sign-in links: %w", err)
	}
	return nil
}

// SignIn turns the token of a link into a session; cookie is the secret that
// the browser keeps.
func (p *People) SignIn(ctx context.Context, token string) (cookie string, s Session, err error) {
	err = p.db.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		var rows []linkRow
		if err := db.Where("token_hash = ?", hashOf(token)).Limit(1).Find(&rows).Error; err != nil {
			return fmt.Errorf("find a sign-in link: %w", err)
		}
		now := journal.Now()
		if len(rows) == 0 || !now.Before(rows[0].ExpiresAt) {
			return fault.New(fault.Gone, "This sign-in link is not valid, or no longer. Ask for a new one.")
		}
		// The condition on used_at makes one of two sign-ins at once lose.
		used := db.Model(&linkRow{}).Where("token_hash = ? AND (used_at IS NULL OR NOT once)", rows[0].TokenHash).Update("used_at", now)
		if used.Error != nil {
			return fmt.Errorf("use a sign-in link: %w", used.Error)
		}
		if used.RowsAffected == 0 {
			return fault.New(fault.Gone, "This sign-in link was used before. Ask for a new one.")
		}
		cookie, s, err = p.StartIn(db, rows[0].UserID)
		return err
	})
	return cookie, s, err
}

// StartIn starts a session for a user, within a transaction.
func (p *People) StartIn(db *gorm.DB, user string) (cookie string, s Session, err error) {
	var account userRow
	if err := db.Where("id = ?", user).Take(&account).Error; err != nil {
		return "", Session{}, fmt.Errorf("find the user of a session: %w", err)
	}
	cookie, hash := secret()
	now := journal.Now()
	row := sessionRow{TokenHash: hash, UserID: user, CreatedAt: now, ExpiresAt: now.Add(SessionLasts)}
	if err := db.Create(&row).Error; err != nil {
		return "", Session{}, fmt.Errorf("start a session: %w", err)
	}
	return cookie, Session{ID: hash, Account: account.account(), ExpiresAt: row.ExpiresAt}, nil
}

// Session recognises a cookie. The fault is Unauthenticated where it is
// unknown or expired. What another process changes is seen within a second.
func (p *People) Session(ctx context.Context, cookie string) (Session, error) {
	id, now := hashOf(cookie), time.Now()
	s, known, epoch := p.sessions.find(id, now)
	if known {
		return s, nil
	}
	s, err := p.lookUp(ctx, id)
	if err == nil {
		p.sessions.keep(s, now, epoch)
	}
	return s, err
}

func (p *People) lookUp(ctx context.Context, id string) (Session, error) {
	s, ok, err := p.bySession.Get(ctx, id)
	if err == nil && !ok {
		err = fault.New(fault.Unauthenticated, "You are not signed in, or no longer. Join with a code or open your sign-in link.")
	}
	return s, err
}

// mostAtOnce is how many rows one statement asks for by name.
const mostAtOnce = 500

// findSessions finds those of some sessions that go on.
func (p *People) findSessions(ctx context.Context, ids []string) (map[string]Session, error) {
	found := make(map[string]Session, len(ids))
	for some := range slices.Chunk(ids, mostAtOnce) {
		var rows []struct {
			Session sessionRow `gorm:"embedded"`
			User    userRow    `gorm:"embedded"`
		}
		err := p.db.WithContext(ctx).Raw(`SELECT s.token_hash, s.user_id, s.expires_at, u.id, u.name, u.organisation, u.host, u.administrator
			FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash IN ? AND s.expires_at > ?`, some, journal.Now()).Scan(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("find sessions: %w", err)
		}
		for _, r := range rows {
			found[r.Session.TokenHash] = Session{ID: r.Session.TokenHash, Account: r.User.account(), ExpiresAt: r.Session.ExpiresAt.UTC()}
		}
	}
	return found, nil
}

// SignOut ends the session of a cookie; id names it, also where it was over.
func (p *People) SignOut(ctx context.Context, cookie string) (id string, err error) {
	id = hashOf(cookie)
	defer p.sessions.drop() // also where it failed, for it may have been done
	if err := p.db.WithContext(ctx).Where("token_hash = ?", id).Delete(&sessionRow{}).Error; err != nil {
		return "", fmt.Errorf("end a session: %w", err)
	}
	return id, nil
}

// Over gives those of some sessions that have ended or expired.
func (p *People) Over(ctx context.Context, ids []string) ([]string, error) {
	var over []string
	for some := range slices.Chunk(ids, mostAtOnce) {
		var known []string
		err := p.db.WithContext(ctx).Model(&sessionRow{}).Where("token_hash IN ? AND expires_at > ?", some, journal.Now()).Pluck("token_hash", &known).Error
		if err != nil {
			return nil, fmt.Errorf("look which sessions are over: %w", err)
		}
		there := map[string]bool{}
		for _, id := range known {
			there[id] = true
		}
		for _, id := range some {
			if !there[id] {
				over = append(over, id)
			}
		}
	}
	return over, nil
}

// Start starts a session for a user.
func (p *People) Start(ctx context.Context, user string) (cookie string, s Session, err error) {
	return p.StartIn(p.db.WithContext(ctx), user)
}

// Forget drops sessions and sign-in links that have expired.
func (p *People) Forget(ctx context.Context) error {
	db, now := p.db.WithContext(ctx), journal.Now()
	err := errors.Join(db.Where("expires_at < ?", now).Delete(&sessionRow{}).Error, db.Where("expires_at < ?", now).Delete(&linkRow{}).Error)
	if err != nil {
		return fmt.Errorf("drop what has expired: %w", err)
	}
	return nil
}
