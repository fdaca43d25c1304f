package notify

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/fault"
)

// mailbox is a mail server that keeps what it takes.
type mailbox struct {
	mu     sync.Mutex
	mails  []*netmail.Message
	bodies []string
	broken error // told in place of taking a mail
	loses  bool  // takes a mail and then breaks off, without a word
}

// postbox starts a mail server that wants STARTTLS and a password.
func postbox(t *testing.T) (*mailbox, *SMTP) {
	t.Helper()
	certified := httptest.NewTLSServer(nil)
	t.Cleanup(certified.Close)
	box := &mailbox{}
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{box: box, conn: c}, nil }))
	s.TLSConfig = &tls.Config{Certificates: certified.TLS.Certificates}
	s.Domain = "mail.test"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = s.Serve(l) })
	t.Cleanup(func() {
		_ = s.Close()
		serving.Wait()
	})
	trust := x509.NewCertPool()
	trust.AddCert(certified.Certificate())
	return box, &SMTP{Address: l.Addr().String(), TLS: StartTLS, User: "atelier", Password: "s3cret", From: "atelier@example.org", Trust: trust}
}

type session struct {
	box    *mailbox
	conn   *smtp.Conn
	signed bool
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if _, secret := s.conn.TLSConnectionState(); !secret || user != "atelier" || password != "s3cret" {
			return smtp.ErrAuthFailed
		}
		s.signed = true
		return nil
	}), nil
}
func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error {
	if !s.signed {
		return smtp.ErrAuthRequired
	}
	return nil
}
func (s *session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s *session) Data(r io.Reader) error {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	if s.box.broken != nil {
		return s.box.broken
	}
	m, err := netmail.ReadMessage(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	s.box.mails, s.box.bodies = append(s.box.mails, m), append(s.box.bodies, string(body))
	if s.box.loses {
		_ = s.conn.Conn().Close()
	}
	return nil
}

func (b *mailbox) is(broken error, loses bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken, b.loses = broken, loses
}

func (b *mailbox) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.mails)
}

// last gives the last mail, as plain text and as a page.
func (b *mailbox) last(t *testing.T) (m *netmail.Message, plain, page string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.mails) == 0 {
		t.Fatal("no mail came")
	}
	m = b.mails[len(b.mails)-1]
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for r := multipart.NewReader(strings.NewReader(b.bodies[len(b.bodies)-1]), params["boundary"]); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, strings.ReplaceAll(string(text), "\r\n", "\n"))
	}
	if len(parts) != 2 {
		t.Fatalf("the mail has %d parts", len(parts))
	}
	return m, parts[0], parts[1]
}

var tokenOf = regexp.MustCompile(`token=(\w+)`)

func TestMailIsSentOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		r, ctx := newRoom(t, db), t.Context()
		box, server := postbox(t)
		n := r.notices
		n.Outside(Outside{BaseURL: "https://atelier.example.org", SMTP: server})
		now := time.Now()
		sends := func(after time.Duration, want int) {
			t.Helper()
			now = now.Add(after)
			if err := n.SendMail(ctx, now); err != nil {
				t.Fatal(err)
			}
			if got := box.count(); got != want {
				t.Fatalf("%d mails were sent, not %d", got, want)
			}
		}
		if err := n.SetAddress(ctx, "bo", "bo@example.org"); err != nil {
			t.Fatal(err)
		}
		if err := n.SetDigest(ctx, "bo", Hourly, 8, "Europe/Lisbon"); err != nil {
			t.Fatal(err)
		}
		sends(time.Second, 1)
		m, plain, page := box.last(t)
		link := tokenOf.FindStringSubmatch(plain)
		if m.Header.Get("To") != "<bo@example.org>" || link == nil || !strings.Contains(page, link[0]) {
			t.Fatalf("to confirm: %v\n%s\n%s", m.Header, plain, page)
		}
		first := r.say("ana", "", "Hello @Bo, <b>this</b> is secret")
		r.say("cleo", "", "@Bo and this goes away")
		read := r.say("ana", "", "@Bo reads this")
		r.follow()
		sends(2*time.Hour, 1) // nobody has said that the address is right
		if err := n.Stop(ctx, link[1]); fault.CodeOf(err) != fault.Gone {
			t.Errorf("a link for something else: %v", err)
		}
		if err := n.Confirm(ctx, link[1]); err != nil {
			t.Fatal(err)
		}
		if err := r.Read(ctx, "w", "bo", []discuss.ReadUpTo{{Thread: read.ID, Seq: read.Seq}}); err != nil {
			t.Fatal(err)
		}
		sends(2*time.Hour, 2)
		m, plain, page = box.last(t)
		stop := tokenOf.FindStringSubmatch(plain)
		if strings.Count(plain, "* ") != 2 || !strings.Contains(plain, "* Ana mentioned you in the room\n  https://atelier.example.org/w/w#message-"+first.ID) ||
			strings.Contains(plain+page, "secret") || stop == nil || m.Header.Get("List-Unsubscribe") != "<https://atelier.example.org/unsubscribe?"+stop[0]+">" ||
			m.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || !strings.Contains(m.Header.Get("Subject"), "2 things are new for you in Winter") {
			t.Errorf("%v\n%s\n%s", m.Header, plain, page)
		}
		var kept int64
		if err := db.Raw("SELECT count(*) FROM mail_tokens WHERE token_hash IN (?, ?)", stop[1], link[1]).Scan(&kept).Error; err != nil || kept != 0 {
			t.Errorf("tokens themselves are kept: %d, %v", kept, err)
		}
		sends(2*time.Hour, 2) // never again

		// The server is down, and what is not there any more is not sent when it is up.
		gone := r.say("cleo", "", "@Bo never mind")
		r.say("cleo", "", "@Bo do mind")
		r.follow()
		box.is(&smtp.SMTPError{Code: 451, Message: "Later"}, false)
		now = now.Add(2 * time.Hour)
		if err := n.SendMail(ctx, now); err == nil {
			t.Error("a broken server was not told of")
		}
		if _, err := r.Delete(ctx, "w", "cleo", gone.ID); err != nil {
			t.Fatal(err)
		}
		box.is(nil, false)
		sends(time.Second, 2) // not yet
		sends(time.Minute, 3)
		if _, plain, _ = box.last(t); strings.Count(plain, "* ") != 1 {
			t.Errorf("what is gone was sent:\n%s", plain)
		}

		// The server took it, and nobody heard: it comes once more under the same id.
		r.say("cleo", "", "@Bo again")
		r.follow()
		box.is(nil, true)
		now = now.Add(2 * time.Hour)
		if err := n.SendMail(ctx, now); err == nil {
			t.Error("a mail that was not answered for counts as sent")
		}
		before, _, _ := box.last(t)
		box.is(nil, false)
		sends(time.Hour, 5)
		if m, _, _ = box.last(t); m.Header.Get("Message-Id") != before.Header.Get("Message-Id") || m.Header.Get("Message-Id") == "" {
			t.Errorf("sent as %q and as %q", before.Header.Get("Message-Id"), m.Header.Get("Message-Id"))
		}

		if err := n.Stop(ctx, stop[1]); err != nil {
			t.Fatal(err)
		}
		r.say("cleo", "", "@Bo still?")
		r.follow()
		sends(30*time.Hour, 5)
	})
}

// TestTwoProcessesSendOneMail has them look at the same moment.
func TestTwoProcessesSendOneMail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		r, ctx := newRoom(t, db), t.Context()
		box, server := postbox(t)
		if err := db.Create(&mailRow{"bo", "bo@example.org", true, Hourly, 0, "UTC", 0}).Error; err != nil {
			t.Fatal(err)
		}
		r.say("ana", "", "@Bo")
		r.follow()
		var processes sync.WaitGroup
		at := time.Now().Add(time.Hour)
		for range 4 {
			n := r.another()
			n.Outside(Outside{BaseURL: "http://localhost", SMTP: server})
			processes.Go(func() {
				for range 3 {
					if err := n.SendMail(ctx, at); err != nil {
						t.Error(err)
					}
				}
			})
		}
		processes.Wait()
		if box.count() != 1 {
			t.Errorf("%d mails were sent", box.count())
		}
	})
}

func TestWhenAMailIsDue(t *testing.T) {
	at := func(text string) time.Time {
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct {
		digest    Digest
		hour      int
		zone      string
		last, now string
		due       bool
	}{
		{Hourly, 0, "UTC", "2026-11-28T08:00:00Z", "2026-11-28T08:59:59Z", false},
		{Hourly, 0, "UTC", "2026-11-28T08:00:00Z", "2026-11-28T09:00:00Z", true},
		{Daily, 8, "UTC", "2026-11-28T07:00:00Z", "2026-11-28T07:59:00Z", false},
		{Daily, 8, "UTC", "2026-11-28T07:00:00Z", "2026-11-28T08:00:00Z", true},
		{Daily, 8, "UTC", "2026-11-28T08:00:00Z", "2026-11-29T07:59:00Z", false},
		{Daily, 8, "UTC", "2026-11-28T08:00:00Z", "2026-11-29T08:00:00Z", true},
		{Daily, 8, "Asia/Tokyo", "2026-11-28T00:00:00Z", "2026-11-28T22:59:00Z", false},
		{Daily, 8, "Asia/Tokyo", "2026-11-28T00:00:00Z", "2026-11-28T23:00:00Z", true},
		{Daily, 2, "Europe/Lisbon", "2026-03-28T03:00:00Z", "2026-03-29T12:00:00Z", true}, // clocks go forward
	} {
		r := mailRow{Digest: c.digest, Hour: c.hour, Zone: c.zone, LastAt: at(c.last).UnixMilli()}
		if r.due(at(c.now)) != c.due {
			t.Errorf("%s at %d in %s, last %s, now %s: want %v", c.digest, c.hour, c.zone, c.last, c.now, c.due)
		}
	}
}

func TestBadAddresses(t *testing.T) {
	r := newRoom(t, storetest.Open(t))
	r.notices.Outside(Outside{BaseURL: "http://localhost", SMTP: &SMTP{}})
	for _, address := range []string{"bo", "bo@", "Bo <bo@example.org>", "bo@example.org\r\nBcc: all@example.org", "bo@example.org, ana@example.org", strings.Repeat("b", 300) + "@example.org", "bo@nowhere"} {
		if err := r.notices.SetAddress(t.Context(), "bo", address); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%.40q: %v", address, err)
		}
	}
	var err error
	for i := range 5 {
		err = r.notices.SetAddress(t.Context(), "bo", strings.Repeat("b", i+1)+"@example.org")
	}
	if fault.CodeOf(err) != fault.TooMany {
		t.Errorf("five addresses in a row: %v", err)
	}
}
