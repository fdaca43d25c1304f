package notify

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/fault"
)

// aBrowser is one with a push service of its own, which takes what it is given
// apart as browsers do (RFC 8291), and looks who sent it (RFC 8292).
type aBrowser struct {
	t      *testing.T
	server *httptest.Server
	key    *ecdh.PrivateKey
	auth   []byte
	public string // key of who may send

	mu     sync.Mutex
	got    []pushed
	status int
}

func newBrowser(t *testing.T) *aBrowser {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := &aBrowser{t: t, key: key, auth: []byte("0123456789abcdef"), status: http.StatusCreated}
	b.server = httptest.NewTLSServer(http.HandlerFunc(b.take))
	t.Cleanup(b.server.Close)
	return b
}

func (b *aBrowser) trust() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(b.server.Certificate())
	return pool
}

func (b *aBrowser) subscription() (s Subscription) {
	s.Endpoint = b.server.URL + "/push/1"
	s.Keys.P256dh = base64.RawURLEncoding.EncodeToString(b.key.PublicKey().Bytes())
	s.Keys.Auth = base64.RawURLEncoding.EncodeToString(b.auth)
	return s
}

func (b *aBrowser) answers(status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status = status
}

func (b *aBrowser) take(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.status == http.StatusCreated {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			b.t.Error(err)
		}
		b.sentBy(r.Header.Get("Authorization"))
		if r.Header.Get("Content-Encoding") != "aes128gcm" || r.Header.Get("TTL") == "" || len(r.Header.Get("Topic")) != 32 {
			b.t.Errorf("headers are %v", r.Header)
		}
		b.got = append(b.got, b.decrypted(body))
	}
	w.Header().Set("Location", "http://127.0.0.1:1/") // is not followed
	w.WriteHeader(b.status)
}

// decrypted opens a message with the browser's keys.
func (b *aBrowser) decrypted(body []byte) (p pushed) {
	must := func(err error) {
		if err != nil {
			b.t.Errorf("decrypt: %v", err)
		}
	}
	salt, length := body[:16], int(body[20])
	sender, sealed := body[21:21+length], body[21+length:]
	theirs, err := ecdh.P256().NewPublicKey(sender)
	must(err)
	shared, err := b.key.ECDH(theirs)
	must(err)
	info := "WebPush: info\x00" + string(b.key.PublicKey().Bytes()) + string(sender)
	secret, err := hkdf.Key(sha256.New, shared, b.auth, info, 32)
	must(err)
	key, err := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: aes128gcm\x00", 16)
	must(err)
	nonce, err := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: nonce\x00", 12)
	must(err)
	block, err := aes.NewCipher(key)
	must(err)
	gcm, err := cipher.NewGCM(block)
	must(err)
	plain, err := gcm.Open(nil, nonce, sealed, nil)
	must(err)
	text, _, _ := strings.Cut(string(plain), "\x02")
	must(json.Unmarshal([]byte(text), &p))
	return p
}

// sentBy checks the signature of who sends.
func (b *aBrowser) sentBy(header string) {
	rest, ok := strings.CutPrefix(header, "vapid t=")
	token, key, _ := strings.Cut(rest, ", k=")
	if !ok || key != b.public {
		b.t.Errorf("signed with %q: %q", key, header)
		return
	}
	point, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		b.t.Errorf("the key is %q: %v", key, err)
		return
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		b.t.Errorf("the key is %q: %v", key, err)
		return
	}
	claims := jwt.MapClaims{}
	_, err = jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return public, nil }, jwt.WithValidMethods([]string{"ES256"}), jwt.WithAudience(b.server.URL), jwt.WithExpirationRequired())
	if err != nil || claims["sub"] != "https://atelier.example.org" {
		b.t.Errorf("signed is %v: %v", claims, err)
	}
}

func TestPushIsEncryptedAndSentOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		r, ctx := newRoom(t, db), t.Context()
		b := newBrowser(t)
		here := false
		process := func() *Notices {
			n := r.another()
			n.Outside(Outside{BaseURL: "https://atelier.example.org", PushAnywhere: true, PushTrust: b.trust(), Present: func(string, string, string) bool { return here }})
			return n
		}
		n := process()
		var err error
		if b.public, err = n.PushKey(ctx); err != nil {
			t.Fatal(err)
		}
		if again, err := process().PushKey(ctx); err != nil || again != b.public {
			t.Errorf("another process has another key: %v", err)
		}
		if err := n.Subscribe(ctx, "bo", b.subscription()); err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		pushes := func(after time.Duration, want int) {
			t.Helper()
			now = now.Add(after)
			var processes sync.WaitGroup
			for _, one := range []*Notices{n, process(), process()} {
				processes.Go(func() { _ = one.SendPush(ctx, now) })
			}
			processes.Wait()
			b.mu.Lock()
			defer b.mu.Unlock()
			if len(b.got) != want {
				t.Fatalf("%d came, not %d: %+v", len(b.got), want, b.got)
			}
		}
		first := r.say("ana", "", "@Bo, this is secret")
		read := r.say("ana", "", "@Bo reads this")
		r.follow()
		pushes(time.Second, 0)
		if err := r.Read(ctx, "w", "bo", []discuss.ReadUpTo{{Thread: read.ID, Seq: read.Seq}}); err != nil {
			t.Fatal(err)
		}
		here = true
		pushes(15*time.Second, 0)
		here = false
		pushes(time.Second, 1)
		want := pushed{"Winter", "Ana mentioned you in the room", "/w/w#message-" + first.ID, "message:" + first.ID}
		if b.got[0] != want {
			t.Errorf("told is %+v", b.got[0])
		}
		pushes(time.Minute, 1)

		gone := r.say("ana", "", "@Bo never mind")
		r.say("ana", "", "@Bo do mind")
		r.follow()
		b.answers(http.StatusServiceUnavailable)
		pushes(10*time.Second, 1)
		b.answers(http.StatusFound)
		if _, err := r.Delete(ctx, "w", "ana", gone.ID); err != nil {
			t.Fatal(err)
		}
		b.answers(http.StatusCreated)
		pushes(time.Second, 1) // not so soon
		pushes(2*time.Minute, 2)

		b.answers(http.StatusGone)
		r.say("ana", "", "@Bo again")
		r.follow()
		pushes(10*time.Second, 2)
		b.answers(http.StatusCreated)
		pushes(time.Minute, 2)
		var left int64
		if err := db.Table("push_subscriptions").Count(&left).Error; err != nil || left != 0 {
			t.Errorf("%d browsers are left, %v", left, err)
		}
	})
}

func TestPushServicesAreOnTheInternet(t *testing.T) {
	r := newRoom(t, storetest.Open(t))
	b := newBrowser(t)
	n := r.notices
	n.Outside(Outside{BaseURL: "https://atelier.example.org", PushTrust: b.trust()})
	good := b.subscription()
	for _, endpoint := range []string{"", "push", "http://push.example.org/1", b.server.URL, "https://localhost/1", "https://10.0.0.1/1", "https://[::1]/1", "https://169.254.169.254/latest",
		"https://push.example.org:8443/1", "https://user@push.example.org/1", "https://[::ffff:127.0.0.1]/", "file:///etc/passwd", "https://" + strings.Repeat("a", 3000) + ".org"} {
		s := good
		s.Endpoint = endpoint
		if err := n.Subscribe(t.Context(), "bo", s); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%.60q: %v", endpoint, err)
		}
	}
	good.Endpoint = "https://push.example.org/1"
	for _, keys := range [][2]string{{"", ""}, {good.Keys.P256dh, "short"}, {"AAAA", good.Keys.Auth}, {"not base64!", good.Keys.Auth}} {
		s := good
		s.Keys.P256dh, s.Keys.Auth = keys[0], keys[1]
		if err := n.Subscribe(t.Context(), "bo", s); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("keys %v: %v", keys, err)
		}
	}
	if err := n.Subscribe(t.Context(), "bo", good); err != nil {
		t.Fatal(err)
	}
	// A name may lead anywhere: what it leads to is looked at when it is asked.
	if _, err := n.pusher.Get(b.server.URL); err == nil || !strings.Contains(err.Error(), "network of our own") {
		t.Errorf("a service on this machine was asked: %v", err)
	}
	for text, want := range map[string]bool{"8.8.8.8": true, "2606:4700::1": true, "127.0.0.1": false, "192.168.1.1": false, "100.64.0.1": false, "0.0.0.0": false, "224.0.0.1": false,
		"fe80::1": false, "fd00::1": false, "::ffff:10.0.0.1": false, "64:ff9b::7f00:1": false, "255.255.255.255": false} {
		if public(netip.MustParseAddr(text)) != want {
			t.Errorf("%s: not %v", text, want)
		}
	}
	if err := n.Unsubscribe(t.Context(), "ana", good.Endpoint); err != nil {
		t.Fatal(err)
	}
	var left int64
	if err := r.db.Table("push_subscriptions").Count(&left).Error; err != nil || left != 1 {
		t.Errorf("another one's browser was forgotten: %d, %v", left, err)
	}
}
