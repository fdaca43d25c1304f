package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/wneessen/go-mail"

	"github.com/atelier-attack/atelier/realtime/journal"
)

// Outside is how people are reached who do not look at a page.
type Outside struct {
	BaseURL string // of the installation, for links
	SMTP    *SMTP  // nil: no mail is sent
	// Present says whether somebody looks at a place of a workshop.
	Present func(workshop, user, place string) bool
	// PushAnywhere lets push services be on networks of our own, for tests.
	PushAnywhere bool
	PushTrust    *x509.CertPool // nil: whom the system trusts
}

// Ways to protect what is said to a mail server.
const (
	StartTLS = "starttls" // asked for after the greeting; there is no mail without it
	TLS      = "tls"      // from the beginning
	NoTLS    = "none"
)

// SMTP is a server that takes mail.
type SMTP struct {
	Address        string // host:port
	TLS            string
	User, Password string         // empty: none is asked for
	From           string         // address of the sender
	Trust          *x509.CertPool // nil: whom the system trusts
}

// Outside sets how people are reached. Call it before the first is served.
func (n *Notices) Outside(o Outside) { n.outside, n.pusher = o, pusher(o) }

// letter is a mail that is to be sent, or was.
type letter struct {
	ID                       string `gorm:"primaryKey"`
	UserID, Purpose, Address string
	CreatedAt                time.Time
	SentAt                   *time.Time
	Tries, NextTry           int64
}

func (letter) TableName() string { return "mails" }

const (
	settles    = 2 * time.Minute     // a notice waits so long to be read before it is sent
	tooOld     = 14 * 24 * time.Hour // what is older is not sent any more
	sendWithin = 2 * time.Minute     // a mail is somebody's who sends it for so long
	longest    = 6 * time.Hour       // between two tries
	mostTries  = 20                  // some days
	atOnce     = 100                 // mails in one round
)

// SendMail writes the mails that are due and sends those that wait.
func (n *Notices) SendMail(ctx context.Context, now time.Time) error {
	if n.outside.SMTP == nil {
		return nil
	}
	return errors.Join(n.write(ctx, now), n.post(ctx, now))
}

// write puts what is not read of those who are due on mails, each in at most
// one.
func (n *Notices) write(ctx context.Context, now time.Time) error {
	var rows []struct {
		ID int64
		To mailRow `gorm:"embedded"`
	}
	err := n.db.WithContext(ctx).Table("notices n").Select("n.id, q.user_id, q.address, q.digest, q.hour, q.zone, q.last_at").
		Joins("JOIN notice_mail q ON q.user_id = n.user_id AND q.confirmed AND q.digest <> ?", Off).
		Where("n.mail_id = '' AND n.created_at <= ? AND n.created_at > ?", now.Add(-settles), now.Add(-tooOld)).
		Scopes(chosen(Mail)).Where(unread).Where(readable).Order("n.user_id, n.id").Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("look what is to be mailed: %w", err)
	}
	var all []error
	for from := 0; from < len(rows); {
		to := from
		var ids []int64
		for ; to < len(rows) && rows[to].To.UserID == rows[from].To.UserID; to++ {
			ids = append(ids, rows[to].ID)
		}
		if to := rows[from].To; to.due(now) {
			all = append(all, n.writeOne(ctx, to, ids, now))
		}
		from = to
	}
	return errors.Join(all...)
}

// due says whether it is time for the next mail.
func (r mailRow) due(now time.Time) bool {
	last := time.UnixMilli(r.LastAt)
	if r.Digest == Hourly {
		return now.Sub(last) >= time.Hour
	}
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		zone = time.UTC
	}
	local := now.In(zone)
	at := time.Date(local.Year(), local.Month(), local.Day(), r.Hour, 0, 0, 0, zone)
	if at.After(now) {
		at = at.AddDate(0, 0, -1)
	}
	return last.Before(at)
}

// writeOne writes a mail with notices, unless another process has just done so.
func (n *Notices) writeOne(ctx context.Context, to mailRow, ids []int64, now time.Time) error {
	_, err := journal.Do(ctx, n.journal, func(_ context.Context, tx *journal.Tx) (struct{}, error) {
		mine := tx.Model(&mailRow{}).Where("user_id = ? AND last_at = ?", to.UserID, to.LastAt).Update("last_at", now.UnixMilli())
		if mine.Error != nil || mine.RowsAffected == 0 {
			return struct{}{}, mine.Error
		}
		one := letter{ID: uuid.NewString(), UserID: to.UserID, Purpose: forDigest, Address: to.Address, CreatedAt: now.UTC(), NextTry: now.UnixMilli()}
		if err := tx.Create(&one).Error; err != nil {
			return struct{}{}, err
		}
		return struct{}{}, tx.Model(&row{}).Where("id IN ? AND mail_id = ''", ids).Update("mail_id", one.ID).Error
	})
	if err != nil {
		return fmt.Errorf("write a mail: %w", err)
	}
	return nil
}

// post sends the mails that wait. One that does not go out is tried again later
// and later. It has the same Message-ID each time: where the server took it and
// nobody could note that, the other side knows it again.
func (n *Notices) post(ctx context.Context, now time.Time) error {
	var waiting []letter
	err := n.db.WithContext(ctx).Where("sent_at IS NULL AND next_try <= ? AND tries < ?", now.UnixMilli(), mostTries).Order("next_try").Limit(atOnce).Find(&waiting).Error
	if err != nil {
		return fmt.Errorf("look which mails wait: %w", err)
	}
	for _, l := range waiting {
		if err := n.postOne(ctx, l, now); err != nil {
			return err // the others wait, too, for it is the server's affair
		}
	}
	return nil
}

func (n *Notices) postOne(ctx context.Context, l letter, now time.Time) error {
	db := n.db.WithContext(ctx)
	mine := db.Model(&letter{}).Where("id = ? AND sent_at IS NULL AND next_try = ?", l.ID, l.NextTry).
		Updates(map[string]any{"tries": l.Tries + 1, "next_try": now.Add(sendWithin).UnixMilli()})
	if mine.Error != nil || mine.RowsAffected == 0 {
		return mine.Error
	}
	message, err := n.compose(ctx, l)
	if err == nil && message != nil {
		err = n.outside.SMTP.send(ctx, message)
	}
	if err != nil {
		wait := min(longest, time.Minute<<min(l.Tries, 10))
		later := db.Model(&letter{}).Where("id = ?", l.ID).Update("next_try", now.Add(wait).UnixMilli()).Error
		return errors.Join(fmt.Errorf("send mail %s, try %d: %w", l.ID, l.Tries+1, err), later)
	}
	if err := db.Model(&letter{}).Where("id = ?", l.ID).Update("sent_at", journal.Now()).Error; err != nil {
		return fmt.Errorf("note that a mail was sent: %w", err)
	}
	return nil
}

// compose makes a mail as it is to be read now; nil: there is nothing to say any
// more.
func (n *Notices) compose(ctx context.Context, l letter) (*mail.Msg, error) {
	w := written{BaseURL: n.outside.BaseURL}
	stop := ""
	switch l.Purpose {
	case forConfirm:
		token, err := n.token(ctx, l, forConfirm, confirmLasts)
		if err != nil {
			return nil, err
		}
		w.Confirm = n.outside.BaseURL + "/confirm-mail?token=" + token
	case forDigest:
		var rows []found
		err := look(n.db.WithContext(ctx)).Where("n.mail_id = ? AND n.user_id = ?", l.ID, l.UserID).Scopes(chosen(Mail)).Where(unread).Order("w.name, w.id, n.created_at, n.id").Find(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("read what a mail is about: %w", err)
		}
		if len(rows) == 0 {
			return nil, nil
		}
		w.add(rows)
		token, err := n.token(ctx, l, forStop, stopLasts)
		if err != nil {
			return nil, err
		}
		w.Stop = n.outside.BaseURL + "/unsubscribe?token=" + token
		stop = w.Stop
	}
	text, page, err := w.bodies()
	if err != nil {
		return nil, err
	}
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := errors.Join(m.FromFormat("Atelier", n.outside.SMTP.From), m.To(l.Address)); err != nil {
		return nil, fmt.Errorf("address a mail: %w", err)
	}
	m.Subject(w.subject())
	m.SetMessageIDWithValue(l.ID + "@" + n.host())
	m.SetDateWithValue(l.CreatedAt)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	if stop != "" {
		m.SetGenHeader(mail.HeaderListUnsubscribe, "<"+stop+">")
		m.SetGenHeader(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	m.SetBodyString(mail.TypeTextPlain, text)
	m.AddAlternativeString(mail.TypeTextHTML, page)
	return m, nil
}

// host names this installation in the ids of mails.
func (n *Notices) host() string {
	if u, err := url.Parse(n.outside.BaseURL); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return "atelier.invalid"
}

// send hands a mail to the server.
func (s *SMTP) send(ctx context.Context, m *mail.Msg) error {
	host, text, err := net.SplitHostPort(s.Address)
	if err != nil {
		return fmt.Errorf("the mail server's address: %w", err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("the mail server's port: %w", err)
	}
	options := []mail.Option{mail.WithPort(port), mail.WithTimeout(20 * time.Second), mail.WithTLSConfig(&tls.Config{ServerName: host, RootCAs: s.Trust, MinVersion: tls.VersionTLS12})}
	switch s.TLS {
	case TLS:
		options = append(options, mail.WithSSL())
	case NoTLS:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.User), mail.WithPassword(s.Password))
	}
	c, err := mail.NewClient(host, options...)
	if err != nil {
		return fmt.Errorf("speak to the mail server: %w", err)
	}
	if err := c.DialAndSendWithContext(ctx, m); err != nil && !m.IsDelivered() {
		return fmt.Errorf("hand a mail to the server: %w", err)
	}
	return nil
}
