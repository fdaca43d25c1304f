package people_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func account(name string) people.Account {
	return people.Account{User: people.User{Name: name, Organisation: "Example CERT"}, Host: true}
}

func TestNamesAreOneLineOfText(t *testing.T) {
	p := people.New(storetest.Open(t))
	for _, name := range []string{"", "A\nB", "A\x00", "A\xff", "A\u202eB", "A\u200f", strings.Repeat("x", 101)} {
		if _, err := p.Add(t.Context(), account(name)); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("the name %q: %v", name, err)
		}
	}
}

func TestALinkSignsInAndACookieIsRemembered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		p, ctx := people.New(db), t.Context()
		ana, err := p.Add(ctx, account(" Ana "))
		if err != nil || ana.Name != "Ana" {
			t.Fatalf("add: %v, %v", ana, err)
		}
		token, err := p.Link(ctx, ana.ID, true, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		var won atomic.Int32
		var cookie atomic.Value
		var tries sync.WaitGroup
		for range 8 {
			tries.Go(func() {
				c, s, err := p.SignIn(ctx, token)
				switch {
				case err == nil && s.User == ana.User && s.Host:
					won.Add(1)
					cookie.Store(c)
				case fault.CodeOf(err) != fault.Gone:
					t.Errorf("sign in: %v, %v", s, err)
				}
			})
		}
		tries.Wait()
		if won.Load() != 1 {
			t.Fatalf("a link for one use was used %d times", won.Load())
		}
		c := cookie.Load().(string)
		s, err := p.Session(ctx, c)
		if err != nil || s.User != ana.User || !s.Host || s.Administrator {
			t.Errorf("session: %+v, %v", s, err)
		}
		var kept int64
		if err := db.Raw("SELECT count(*) FROM sessions WHERE token_hash = ?", c).Scan(&kept).Error; err != nil || kept != 0 {
			t.Errorf("the cookie itself is in the database (%d, %v)", kept, err)
		}
		if id, err := p.SignOut(ctx, c); err != nil || id != s.ID {
			t.Errorf("sign out: %q, %v", id, err)
		}
		if _, err := p.Session(ctx, c); fault.CodeOf(err) != fault.Unauthenticated {
			t.Errorf("after signing out: %v", err)
		}
	})
}

func TestLinksThatDoNotSignIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		p, ctx := people.New(db), t.Context()
		ana, err := p.Add(ctx, account("Ana"))
		if err != nil {
			t.Fatal(err)
		}
		expired, err := p.Link(ctx, ana.ID, false, -time.Second)
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{expired, "", "guess"} {
			if _, _, err := p.SignIn(ctx, token); fault.CodeOf(err) != fault.Gone {
				t.Errorf("token %q: %v", token, err)
			}
		}
		again, err := p.Link(ctx, ana.ID, false, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, _, err := p.SignIn(ctx, again); err != nil {
				t.Errorf("a link for many uses: %v", err)
			}
		}
	})
}

func TestProfiles(t *testing.T) {
	p := people.New(storetest.Open(t))
	ana, err := p.Add(t.Context(), account("Ana"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, organisation, field string }{
		{"", "x", "name"},
		{"   ", "x", "name"},
		{strings.Repeat("a", 1<<20), "x", "name"},
		{"a\x00b", "x", "name"},
		{"a\u202eb", "x", "name"},
		{"a\xffb", "x", "name"},
		{"Ana of 185.12.13.14", "x", "name"},
		{"Ana", "2001:db9::17", "organisation"},
		{"Ana", strings.Repeat("é", 101), "organisation"},
		{"Ána", strings.Repeat("é", 100), ""},
		{"<script>alert(1)</script>", "", ""},
	} {
		got, err := p.Change(t.Context(), ana.ID, people.Profile{Name: c.name, Organisation: c.organisation})
		if c.field == "" {
			users, readErr := p.Users(t.Context(), []string{ana.ID, "nobody"})
			if err != nil || readErr != nil || len(users) != 1 || users[ana.ID] != got || got.Name != c.name {
				t.Errorf("%.20q: %v, %v, %v", c.name, got, users, err)
			}
			continue
		}
		if f, ok := err.(*fault.Error); !ok || f.Field != c.field {
			t.Errorf("%.20q: got %v, want a fault in %s", c.name, err, c.field)
		}
	}
	if _, err := p.Change(t.Context(), "nobody", people.Profile{Name: "x"}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("nobody's profile: %v", err)
	}
}

func TestWhatHasExpiredIsForgotten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		p, ctx := people.New(db), t.Context()
		ana, err := p.Add(ctx, account("Ana"))
		if err != nil {
			t.Fatal(err)
		}
		old, _, errOld := p.Start(ctx, ana.ID)
		young, _, errYoung := p.Start(ctx, ana.ID)
		if errOld != nil || errYoung != nil {
			t.Fatal(errOld, errYoung)
		}
		past := time.Now().Add(-time.Hour).UTC()
		if err := db.Exec("UPDATE sessions SET expires_at = ? WHERE token_hash <> (SELECT max(token_hash) FROM sessions)", past).Error; err != nil {
			t.Fatal(err)
		}
		_, errOld = p.Session(ctx, old)
		_, errYoung = p.Session(ctx, young)
		if (errOld == nil) == (errYoung == nil) {
			t.Errorf("one of two sessions has expired: %v, %v", errOld, errYoung)
		}
		if err := p.Forget(ctx); err != nil {
			t.Fatal(err)
		}
		var left int64
		if err := db.Raw("SELECT count(*) FROM sessions").Scan(&left).Error; err != nil || left != 1 {
			t.Errorf("%d sessions are kept, %v", left, err)
		}
	})
}
