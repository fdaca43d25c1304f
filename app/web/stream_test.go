package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// streaming serves one file and gives its address.
func streaming(t *testing.T, packed bool, write func(context.Context, io.Writer) error) (url string) {
	t.Helper()
	s := &Server{Deps: Deps{Log: slog.New(slog.DiscardHandler)}}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/", func(c *fiber.Ctx) error {
		if packed {
			c.Set(fiber.HeaderContentEncoding, "gzip") // which Go's client unpacks
		}
		s.stream(c.UserContext(), c.Response(), file{name: "a.json", write: write}, packed)
		return nil
	})
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- app.Listener(l) }()
	t.Cleanup(func() {
		if err := errors.Join(app.ShutdownWithTimeout(5*time.Second), <-ended); err != nil {
			t.Error(err)
		}
	})
	return "http://" + l.Addr().String()
}

func fetch(t *testing.T, url string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Close = true
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestADownloadThatFailsMidwayIsNoWholeOne(t *testing.T) {
	noise := make([]byte, 3*streamed) // which packing makes no shorter
	for i := range noise {
		noise[i] = byte(rand.IntN(256))
	}
	part := string(noise)
	for name, c := range map[string]struct {
		end   func() error
		whole bool
	}{
		"ends":   {func() error { return nil }, true},
		"fails":  {func() error { return errors.New("the disk is gone") }, false},
		"panics": {func() error { panic("a bug") }, false},
	} {
		for _, packed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, packed: %t", name, packed), func(t *testing.T) {
				answer := fetch(t, streaming(t, packed, func(_ context.Context, w io.Writer) error {
					if _, err := io.WriteString(w, part); err != nil {
						return err
					}
					return c.end()
				}))
				defer answer.Body.Close()
				got, err := io.ReadAll(answer.Body)
				if (err == nil) != c.whole || c.whole && string(got) != part {
					t.Errorf("%d bytes, then %v", len(got), err)
				}
			})
		}
	}
}

// TestAClientThatGoesAwayEndsTheWriter reads the beginning of what has no end.
func TestAClientThatGoesAwayEndsTheWriter(t *testing.T) {
	ended := make(chan error, 1)
	answer := fetch(t, streaming(t, false, func(_ context.Context, w io.Writer) error {
		for {
			if _, err := io.WriteString(w, "more and more\n"); err != nil {
				ended <- err
				return err
			}
		}
	}))
	if _, err := io.CopyN(io.Discard, answer.Body, 2*streamed); err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it goes on writing")
	}
}
