package notify

import (
	"context"
	"crypto/ecdh"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/SherClockHolmes/webpush-go"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// Subscription is a browser that wants to be told while no page is open, as the
// browser gives it.
type Subscription struct {
	Endpoint string `json:"endpoint" maxLength:"2000"`
	Keys     struct {
		P256dh string `json:"p256dh" maxLength:"200"`
		Auth   string `json:"auth" maxLength:"100"`
	} `json:"keys"`
}

type subscriptionRow struct {
	ID, UserID, Endpoint string
	P256dh               string `gorm:"column:p256dh"`
	Auth                 string
	CreatedAt            time.Time
	Failures, NextTry    int64
}

func (subscriptionRow) TableName() string { return "push_subscriptions" }

type sentRow struct {
	NoticeID       int64
	SubscriptionID string
}

func (sentRow) TableName() string { return "push_sent" }

type keyRow struct {
	Name            string `gorm:"primaryKey"`
	Public, Private string
}

func (keyRow) TableName() string { return "server_keys" }

const (
	mostBrowsers = 20               // of one person
	pushAfter    = 10 * time.Second // a notice waits so long to be read on a page
	pushUntil    = time.Hour        // what is older is not pushed any more
	pushWithin   = 10 * time.Second // for a push service to answer
	mostPushed   = 500              // in one round
)

// PushKey gives the public key by which browsers know this installation. It is
// made once, for all processes.
func (n *Notices) PushKey(ctx context.Context) (string, error) {
	k, err := n.keys(ctx)
	return k.Public, err
}

func (n *Notices) keys(ctx context.Context) (keyRow, error) {
	const name = "vapid"
	db := n.db.WithContext(ctx)
	for range 2 {
		var rows []keyRow
		if err := db.Where("name = ?", name).Limit(1).Find(&rows).Error; err != nil {
			return keyRow{}, fmt.Errorf("read the keys for push: %w", err)
		}
		if len(rows) == 1 {
			return rows[0], nil
		}
		private, public, err := webpush.GenerateVAPIDKeys()
		if err != nil {
			return keyRow{}, fmt.Errorf("make keys for push: %w", err)
		}
		if err := db.Clauses(clause.OnConflict{DoNothing: true}).Create(&keyRow{name, public, private}).Error; err != nil {
			return keyRow{}, errors.New("keep the keys for push: the database refused") // its error could quote them
		}
	}
	return keyRow{}, errors.New("the keys for push were kept, and are not there")
}

// Subscribe keeps a browser of a person. Who used it before is not told there any
// more.
func (n *Notices) Subscribe(ctx context.Context, user string, s Subscription) error {
	if err := n.checkSubscription(s); err != nil {
		return err
	}
	r := subscriptionRow{hashOf(s.Endpoint), user, s.Endpoint, s.Keys.P256dh, s.Keys.Auth, journal.Now(), 0, 0}
	_, err := journal.Do(ctx, n.journal, func(_ context.Context, tx *journal.Tx) (struct{}, error) {
		var others int64
		if err := tx.Model(&subscriptionRow{}).Where("user_id = ? AND id <> ?", user, r.ID).Count(&others).Error; err != nil {
			return struct{}{}, fmt.Errorf("count browsers: %w", err)
		}
		if others >= mostBrowsers {
			return struct{}{}, fault.New(fault.TooMany, "You are told on %d browsers already. Turn it off on one of them first.", others)
		}
		if err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, UpdateAll: true}).Create(&r).Error; err != nil {
			return struct{}{}, fmt.Errorf("keep a browser: %w", err)
		}
		return struct{}{}, nil
	})
	return err
}

// Unsubscribe forgets a browser of a person.
func (n *Notices) Unsubscribe(ctx context.Context, user, endpoint string) error {
	if err := n.db.WithContext(ctx).Where("id = ? AND user_id = ?", hashOf(endpoint), user).Delete(&subscriptionRow{}).Error; err != nil {
		return fmt.Errorf("forget a browser: %w", err)
	}
	return nil
}

// checkSubscription refuses what no browser gives. The address is the browser's
// word, and asked by this server: only https, and no name or number of a network
// of our own; what a name leads to is looked at when it is asked.
func (n *Notices) checkSubscription(s Subscription) error {
	u, err := url.Parse(s.Endpoint)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || len(s.Endpoint) > 2000 {
		return fault.InField("endpoint", "This is no address of a push service.")
	}
	if !n.outside.PushAnywhere {
		addr, err := netip.ParseAddr(u.Hostname())
		if u.Port() != "" && u.Port() != "443" || err == nil && !public(addr) || err != nil && !strings.Contains(u.Hostname(), ".") {
			return fault.InField("endpoint", "This is no address of a push service.")
		}
	}
	key, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(s.Keys.P256dh, "="))
	if err == nil {
		_, err = ecdh.P256().NewPublicKey(key)
	}
	secret, errSecret := base64.RawURLEncoding.DecodeString(strings.TrimRight(s.Keys.Auth, "="))
	if err != nil || errSecret != nil || len(secret) != 16 {
		return fault.InField("keys", "These are no keys of a browser's push.")
	}
	return nil
}

// public says whether an address is one of the internet, and not of a network
// that only machines near this one reach.
func public(addr netip.Addr) bool {
	addr = addr.Unmap()
	if !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return false
	}
	for _, inner := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/23", "2002::/16", "fec0::/10"} {
		if netip.MustParsePrefix(inner).Contains(addr) {
			return false
		}
	}
	return true
}

// pusher makes the client that asks push services: it connects to the internet
// only, takes no detour and does not wait long.
func pusher(o Outside) *http.Client {
	dialer := &net.Dialer{Timeout: pushWithin}
	if !o.PushAnywhere {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil || !public(at.Addr()) {
				return errors.New("this leads into a network of our own")
			}
			return nil
		}
	}
	return &http.Client{Timeout: pushWithin,
		Transport:     &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: pushWithin, TLSClientConfig: &tls.Config{RootCAs: o.PushTrust, MinVersion: tls.VersionTLS12}, MaxResponseHeaderBytes: 16 << 10, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// pushed is what a browser is told.
type pushed struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	Href  string `json:"href"`
	Tag   string `json:"tag"`
}

// SendPush tells browsers what was not read on a page for a while.
func (n *Notices) SendPush(ctx context.Context, now time.Time) error {
	var due []struct {
		Found found           `gorm:"embedded"`
		To    subscriptionRow `gorm:"embedded;embeddedPrefix:s_"`
	}
	query := look(n.db.WithContext(ctx))
	columns := append(append([]string{}, query.Statement.Selects...), "s.id AS s_id", "s.user_id AS s_user_id", "s.endpoint AS s_endpoint", "s.p256dh AS s_p256dh", "s.auth AS s_auth", "s.failures AS s_failures")
	err := query.Select(columns).Joins("JOIN push_subscriptions s ON s.user_id = n.user_id AND s.next_try <= ?", now.UnixMilli()).
		Where("n.created_at <= ? AND n.created_at > ?", now.Add(-pushAfter), now.Add(-pushUntil)).
		Where("NOT EXISTS (SELECT 1 FROM push_sent x WHERE x.notice_id = n.id AND x.subscription_id = s.id)").
		Scopes(chosen(Push)).Where(unread).Order("n.id, s.id").Limit(mostPushed).Find(&due).Error
	if err != nil {
		return fmt.Errorf("look what is to be pushed: %w", err)
	}
	failed := map[string]bool{}
	var all []error
	for _, d := range due {
		if failed[d.To.ID] || n.outside.Present != nil && n.outside.Present(d.Found.Kept.WorkshopID, d.Found.Kept.UserID, d.Found.presence()) {
			continue
		}
		if err := n.pushOne(ctx, d.Found, d.To, now); err != nil {
			failed[d.To.ID] = true
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// presence is how pages call the place that a notice leads to.
func (r found) presence() string {
	if r.Kept.ProposalID != "" {
		return "proposal:" + r.Kept.ProposalID
	}
	return ""
}

// pushOne tells a browser of a notice, unless another process does. What a push
// service did not take is tried again, later and later.
func (n *Notices) pushOne(ctx context.Context, f found, to subscriptionRow, now time.Time) error {
	db := n.db.WithContext(ctx)
	claim := sentRow{f.Kept.ID, to.ID}
	mine := db.Clauses(clause.OnConflict{DoNothing: true}).Create(&claim)
	if mine.Error != nil || mine.RowsAffected == 0 {
		return mine.Error
	}
	status, err := n.push(ctx, f, to)
	browser := func() *gorm.DB { return db.Model(&subscriptionRow{}).Where("id = ?", to.ID) }
	switch {
	case err == nil && status < 300:
		return browser().Where("failures > 0").Updates(map[string]any{"failures": 0, "next_try": 0}).Error
	case status == http.StatusNotFound || status == http.StatusGone: // the browser does not want it any more
		return db.Where("id = ?", to.ID).Delete(&subscriptionRow{}).Error
	case err == nil && status < 500 && status != http.StatusTooManyRequests: // it would be refused again
		return fmt.Errorf("a push service refused: status %d", status)
	}
	wait := min(longest, time.Minute<<min(to.Failures, 10))
	later := errors.Join(browser().Updates(map[string]any{"failures": to.Failures + 1, "next_try": now.Add(wait).UnixMilli()}).Error,
		db.Where("notice_id = ? AND subscription_id = ?", claim.NoticeID, claim.SubscriptionID).Delete(&sentRow{}).Error)
	if err == nil {
		err = fmt.Errorf("status %d", status)
	}
	return errors.Join(fmt.Errorf("a push service cannot be reached: %w", err), later)
}

// push hands a notice to a push service, encrypted for the browser.
func (n *Notices) push(ctx context.Context, f found, to subscriptionRow) (status int, err error) {
	keys, err := n.keys(ctx)
	if err != nil {
		return 0, err
	}
	titled := telling(f.TLP)
	text, err := json.Marshal(pushed{f.WorkshopName, f.Kept.sentence(f.actor(), f.proposal(titled), f.where(titled)), f.place(), f.Kept.Thing})
	if err != nil {
		return 0, fmt.Errorf("write a push: %w", err)
	}
	answer, err := webpush.SendNotificationWithContext(ctx, text, &webpush.Subscription{Endpoint: to.Endpoint, Keys: webpush.Keys{Auth: to.Auth, P256dh: to.P256dh}},
		&webpush.Options{HTTPClient: n.pusher, Subscriber: n.sender(), VAPIDPublicKey: keys.Public, VAPIDPrivateKey: keys.Private,
			TTL: int(pushUntil.Seconds()), Topic: hashOf(f.Kept.Thing)[:32], Urgency: webpush.UrgencyNormal})
	if err != nil {
		var at *url.Error
		if errors.As(err, &at) {
			err = at.Err // without the address, which is a secret of the browser
		}
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

// sender names this installation to push services: by its address or, where that
// is not one of https, as they want it.
func (n *Notices) sender() string {
	if strings.HasPrefix(n.outside.BaseURL, "https://") {
		return n.outside.BaseURL
	}
	return "atelier@" + n.host()
}
