package people

import (
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
)

func signedIn(t *testing.T, p *People) (cookie string, a Account) {
	t.Helper()
	a, err := p.Add(t.Context(), Account{User: User{Name: "Ana"}})
	if err != nil {
		t.Fatal(err)
	}
	cookie, _, err = p.Start(t.Context(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	return cookie, a
}

// TestASessionIsLookedUpOnce counts what reaches the database.
func TestASessionIsLookedUpOnce(t *testing.T) {
	db := storetest.Open(t)
	p := New(db)
	cookie, _ := signedIn(t, p)
	asked := 0
	count := func(*gorm.DB) { asked++ }
	if err := db.Callback().Row().Before("gorm:row").Register("count", count); err != nil {
		t.Fatal(err)
	}
	if err := db.Callback().Raw().Before("gorm:raw").Register("count", count); err != nil {
		t.Fatal(err)
	}
	if err := db.Callback().Query().Before("gorm:query").Register("count", count); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for range 100 {
		if _, err := p.Session(t.Context(), cookie); err != nil {
			t.Fatal(err)
		}
	}
	if most := 1 + int(time.Since(began)/believed); asked == 0 || asked > most {
		t.Errorf("asked the database %d times in %s", asked, time.Since(began))
	}
}

// TestWhatEndsHereEndsAtOnce: neither a session that was signed out nor an old
// name is recalled, whatever is looked up meanwhile.
func TestWhatEndsHereEndsAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		p, ctx := New(db), t.Context()
		for range 5 {
			cookie, ana := signedIn(t, p)
			var readers sync.WaitGroup
			ended := make(chan struct{})
			for range 4 {
				readers.Go(func() {
					for {
						select {
						case <-ended:
							return
						default:
						}
						if _, err := p.Session(ctx, cookie); err != nil && fault.CodeOf(err) != fault.Unauthenticated {
							t.Error(err)
							return
						}
					}
				})
			}
			if _, err := p.Session(ctx, cookie); err != nil {
				t.Error(err)
			}
			if _, err := p.Change(ctx, ana.ID, Profile{Name: "Ana B"}); err != nil {
				t.Error(err)
			}
			if s, err := p.Session(ctx, cookie); err != nil || s.Name != "Ana B" {
				t.Errorf("with the new name: %+v, %v", s, err)
			}
			if _, err := p.SignOut(ctx, cookie); err != nil {
				t.Error(err)
			}
			if _, err := p.Session(ctx, cookie); fault.CodeOf(err) != fault.Unauthenticated {
				t.Errorf("after signing out: %v", err)
			}
			close(ended)
			readers.Wait()
		}
	})
}

// TestALookUpThatBeganBeforeAnEndIsNotKept does in order what a race would do.
func TestALookUpThatBeganBeforeAnEndIsNotKept(t *testing.T) {
	var r recall
	now := time.Now()
	s := Session{ID: "a", ExpiresAt: now.Add(time.Hour)}
	_, _, epoch := r.find("a", now)
	r.drop()
	r.keep(s, now, epoch)
	if _, ok, _ := r.find("a", now); ok {
		t.Error("it is believed")
	}
	_, _, epoch = r.find("a", now)
	r.keep(s, now, epoch)
	if _, ok, _ := r.find("a", now); !ok {
		t.Error("what nothing came between is not believed")
	}
	if _, ok, _ := r.find("a", now.Add(believed)); ok {
		t.Error("it is believed for too long")
	}
	short := Session{ID: "b", ExpiresAt: now.Add(believed / 2)}
	r.keep(short, now, epoch)
	if _, ok, _ := r.find("b", now.Add(believed/2)); ok {
		t.Error("an expired session is believed")
	}
}

// TestWhatAnotherProcessEndsEndsInTime: two processes on one database.
func TestWhatAnotherProcessEndsEndsInTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		here, there, ctx := New(db), New(db), t.Context()
		cookie, _ := signedIn(t, here)
		if _, err := here.Session(ctx, cookie); err != nil {
			t.Fatal(err)
		}
		if _, err := there.SignOut(ctx, cookie); err != nil {
			t.Fatal(err)
		}
		ended := time.Now()
		for {
			asked := time.Now()
			_, err := here.Session(ctx, cookie)
			if fault.CodeOf(err) == fault.Unauthenticated {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if asked.Sub(ended) > believed {
				t.Fatalf("still signed in after %s", asked.Sub(ended))
			}
		}
	})
}
