package web

import (
	"context"
	"io"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// keeping is a router that keeps the answers of one operation, asked by
// somebody who is signed in.
func keeping(t *testing.T, before, make fiber.Handler) *fiber.App {
	t.Helper()
	s := &Server{Deps: Deps{Taxonomy: taxonomy.New(nil, nil)}, access: map[string]rule{"read": {"read", account, "read", nil}}}
	app := fiber.New(fiber.Config{DisableStartupMessage: true, Immutable: true})
	app.Use(func(c *fiber.Ctx) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fiber.ErrInternalServerError
			}
		}()
		c.SetUserContext(context.WithValue(c.UserContext(), sessionKey{}, people.Session{}))
		return before(c)
	})
	app.Get("/x", s.kept("read", []string{"fresh"}), make)
	return app
}

func read(t *testing.T, app *fiber.App, url string) (status int, body string) {
	t.Helper()
	r, err := app.Test(httptest.NewRequestWithContext(t.Context(), "GET", url, nil), -1)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	return r.StatusCode, string(text)
}

// TestAnAnswerIsMadeOnce lets the first answer wait until all have asked.
func TestAnAnswerIsMadeOnce(t *testing.T) {
	const readers = 16
	var here, made atomic.Int32
	all := make(chan struct{})
	app := keeping(t, func(c *fiber.Ctx) error {
		if here.Add(1) == readers {
			close(all)
		}
		return c.Next()
	}, func(c *fiber.Ctx) error {
		<-all
		made.Add(1)
		return c.SendString("answer")
	})
	var asking sync.WaitGroup
	for range readers {
		asking.Go(func() {
			if status, body := read(t, app, "/x"); status != 200 || body != "answer" {
				t.Errorf("got %d %q", status, body)
			}
		})
	}
	asking.Wait()
	if n := made.Load(); n != 1 {
		t.Errorf("it was made %d times", n)
	}
	if _, body := read(t, app, "/x?other"); body != "answer" || made.Load() != 2 {
		t.Errorf("another address: %q, made %d times", body, made.Load())
	}
	for range 2 {
		read(t, app, "/x?a=b&fresh=1")
	}
	if n := made.Load(); n != 4 {
		t.Errorf("what depends on more was made %d times", n-2)
	}
}

// TestWhatGoesWrongIsNotKept: a problem, an error and a panic are of those who
// asked, and the next one gets an answer.
func TestWhatGoesWrongIsNotKept(t *testing.T) {
	for name, fail := range map[string]fiber.Handler{
		"problem": func(c *fiber.Ctx) error { return c.SendStatus(404) },
		"error":   func(*fiber.Ctx) error { return fiber.ErrTeapot },
		"panic":   func(*fiber.Ctx) error { panic("a bug") },
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			app := keeping(t, (*fiber.Ctx).Next, func(c *fiber.Ctx) error {
				if asked.Add(1) <= 2 {
					return fail(c)
				}
				return c.SendString("answer")
			})
			for range 2 {
				if status, _ := read(t, app, "/x"); status < 400 {
					t.Errorf("got %d", status)
				}
			}
			for range 2 {
				if status, body := read(t, app, "/x"); status != 200 || body != "answer" {
					t.Errorf("afterwards: %d %q", status, body)
				}
			}
			if n := asked.Load(); n != 3 {
				t.Errorf("it was made %d times", n)
			}
		})
	}
}

// TestWhatIsKeptIsBounded fills the memory more than once.
func TestWhatIsKeptIsBounded(t *testing.T) {
	s := &Server{Deps: Deps{Taxonomy: taxonomy.New(nil, nil)}}
	kept := s.answersNow().byURL
	for i := range 3 * maxKept >> 20 {
		kept.Set(string(rune(i)), plain("", "", make([]byte, 1<<20)))
	}
	kept.CleanUp()
	if size := kept.WeightedSize(); size > maxKept {
		t.Errorf("%d bytes are kept", size)
	}
}
