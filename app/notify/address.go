package notify

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // machines without time zones

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/typed"
)

// Digest is how often somebody gets a mail, at most.
type Digest string

// The digests.
const (
	Off    Digest = "off"
	Hourly Digest = "hourly"
	Daily  Digest = "daily"
)

// MailSettings is where and how often somebody gets mail.
type MailSettings struct {
	Possible  bool   `json:"possible" doc:"this installation sends mail"`
	Address   string `json:"address" doc:"empty: none; nobody else sees it"`
	Confirmed bool   `json:"confirmed" doc:"by the link in a mail to it; nothing else is sent before"`
	Digest    Digest `json:"digest" enum:"off,hourly,daily"`
	Hour      int    `json:"hour" doc:"of the day, where it is daily"`
	Zone      string `json:"zone" doc:"time zone of the hour"`
}

type mailRow struct {
	UserID    string `gorm:"primaryKey"`
	Address   string
	Confirmed bool
	Digest    Digest
	Hour      int
	Zone      string
	LastAt    int64
}

func (mailRow) TableName() string { return "notice_mail" }

type tokenRow struct {
	TokenHash, UserID, Purpose, Address string
	ExpiresAt                           time.Time
}

func (tokenRow) TableName() string { return "mail_tokens" }

// Purposes of mails, and of the links in them.
const (
	forDigest  = "digest"
	forConfirm = "confirm"
	forStop    = "stop"
)

// How long the links in mails work, and how many mails somebody may have sent to
// an address in an hour to confirm it.
const (
	confirmLasts = 24 * time.Hour
	stopLasts    = 365 * 24 * time.Hour
	mostConfirms = 3
)

// maxAddress is the longest address of mail, in characters.
const maxAddress = 254

// MailSettings gives where and how often a person gets mail.
func (n *Notices) MailSettings(ctx context.Context, user string) (MailSettings, error) {
	r, err := mailOf(n.db.WithContext(ctx), user)
	return MailSettings{n.outside.SMTP != nil, r.Address, r.Confirmed, r.Digest, r.Hour, r.Zone}, err
}

func mailOf(db *gorm.DB, user string) (mailRow, error) {
	var rows []mailRow
	if err := db.Where("user_id = ?", user).Limit(1).Find(&rows).Error; err != nil {
		return mailRow{}, fmt.Errorf("find an address of mail: %w", err)
	}
	if len(rows) == 0 {
		return mailRow{UserID: user, Digest: Daily, Hour: 8, Zone: "UTC"}, nil
	}
	return rows[0], nil
}

func keepMail(db *gorm.DB, r mailRow) error {
	if err := db.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "user_id"}}, UpdateAll: true}).Create(&r).Error; err != nil {
		return fmt.Errorf("keep an address of mail: %w", err)
	}
	return nil
}

// SetAddress says where a person gets mail, once they have followed the link in
// a mail to it; empty: nowhere. Nothing waits any more to be sent elsewhere.
func (n *Notices) SetAddress(ctx context.Context, user, address string) error {
	address = strings.TrimSpace(address)
	if err := checkAddress(address); err != nil {
		return err
	}
	if address != "" && n.outside.SMTP == nil {
		return fault.New(fault.Conflict, "This installation sends no mail. Ask its administrator.")
	}
	_, err := journal.Do(ctx, n.journal, func(_ context.Context, tx *journal.Tx) (struct{}, error) {
		r, err := mailOf(tx.DB, user)
		if err != nil || r.Address == address && (r.Confirmed || address == "") {
			return struct{}{}, err
		}
		r.Address, r.Confirmed = address, false
		if err := keepMail(tx.DB, r); err != nil {
			return struct{}{}, err
		}
		if err := tx.Model(&letter{}).Where("user_id = ? AND sent_at IS NULL", user).Update("sent_at", journal.Now()).Error; err != nil { // they count
			return struct{}{}, fmt.Errorf("drop mails that wait: %w", err)
		}
		if address == "" {
			return struct{}{}, nil
		}
		return struct{}{}, askToConfirm(tx.DB, user, address)
	})
	return err
}

func checkAddress(address string) error {
	if address == "" {
		return nil
	}
	if err := typed.Line("address", address, maxAddress); err != nil {
		return err
	}
	if a, err := mail.ParseAddress(address); err != nil || a.Address != address || !strings.Contains(address[strings.LastIndexByte(address, '@'):], ".") && !strings.HasSuffix(address, "@localhost") {
		return fault.InField("address", "This is no e-mail address.")
	}
	return nil
}

// askToConfirm has a mail sent to an address, which may be anybody's: so not
// often.
func askToConfirm(db *gorm.DB, user, address string) error {
	now := journal.Now()
	var lately int64
	err := db.Model(&letter{}).Where("user_id = ? AND purpose = ? AND created_at > ?", user, forConfirm, now.Add(-time.Hour)).Count(&lately).Error
	if err != nil {
		return fmt.Errorf("count mails: %w", err)
	}
	if lately >= mostConfirms {
		return fault.New(fault.TooMany, "You have had several mails sent to confirm an address. Try again in an hour.")
	}
	one := letter{ID: uuid.NewString(), UserID: user, Purpose: forConfirm, Address: address, CreatedAt: now, NextTry: now.UnixMilli()}
	if err := db.Create(&one).Error; err != nil {
		return fmt.Errorf("write a mail: %w", err)
	}
	return nil
}

// SetDigest says how often a person gets mail.
func (n *Notices) SetDigest(ctx context.Context, user string, digest Digest, hour int, zone string) error {
	if !slices.Contains([]Digest{Off, Hourly, Daily}, digest) {
		return fault.InField("digest", "Choose off, hourly or daily.")
	}
	if hour < 0 || hour > 23 {
		return fault.InField("hour", "Choose an hour from 0 to 23.")
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" || len(zone) > 100 {
		return fault.InField("zone", "%.40q is no time zone, such as Europe/Lisbon.", zone)
	}
	_, err := journal.Do(ctx, n.journal, func(_ context.Context, tx *journal.Tx) (struct{}, error) {
		r, err := mailOf(tx.DB, user)
		if err != nil {
			return struct{}{}, err
		}
		r.Digest, r.Hour, r.Zone = digest, hour, zone
		return struct{}{}, keepMail(tx.DB, r)
	})
	return err
}

// Confirm says that the address is right to which the mail with this token went.
func (n *Notices) Confirm(ctx context.Context, token string) error {
	return n.use(ctx, token, forConfirm, func(db *gorm.DB, t tokenRow) error {
		r, err := mailOf(db, t.UserID)
		if err != nil {
			return err
		}
		if r.Address != t.Address {
			return fault.New(fault.Gone, "You have chosen another address since. Follow the link in the mail to that one.")
		}
		if r.Confirmed {
			return nil
		}
		r.Confirmed, r.LastAt = true, journal.Now().UnixMilli()
		return keepMail(db, r)
	})
}

// Stop ends the digests of the person to whom the mail with this token went.
func (n *Notices) Stop(ctx context.Context, token string) error {
	return n.use(ctx, token, forStop, func(db *gorm.DB, t tokenRow) error {
		if err := db.Model(&mailRow{}).Where("user_id = ?", t.UserID).Update("digest", Off).Error; err != nil {
			return fmt.Errorf("stop mail: %w", err)
		}
		return nil
	})
}

func (n *Notices) use(ctx context.Context, token, purpose string, f func(db *gorm.DB, t tokenRow) error) error {
	_, err := journal.Do(ctx, n.journal, func(_ context.Context, tx *journal.Tx) (struct{}, error) {
		var rows []tokenRow
		err := tx.Where("token_hash = ? AND purpose = ? AND expires_at > ?", hashOf(token), purpose, journal.Now()).Limit(1).Find(&rows).Error
		if err != nil {
			return struct{}{}, fmt.Errorf("find the token of a mail: %w", err)
		}
		if len(rows) == 0 {
			return struct{}{}, fault.New(fault.Gone, "This link is not valid, or no longer. Look at what you are told on your page What I am told.")
		}
		return struct{}{}, f(tx.DB, rows[0])
	})
	return err
}

// token makes what a link in a mail does; only its hash is kept.
func (n *Notices) token(ctx context.Context, l letter, purpose string, lasts time.Duration) (string, error) {
	token := rand.Text()
	t := tokenRow{hashOf(token), l.UserID, purpose, l.Address, journal.Now().Add(lasts)}
	if err := n.db.WithContext(ctx).Create(&t).Error; err != nil {
		return "", fmt.Errorf("keep the token of a mail: %w", err)
	}
	return token, nil
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
