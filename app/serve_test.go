package app_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/fstest"
	"time"

	"github.com/atelier-attack/atelier/app"
)

// TestAStopRightAfterTheStart is told to stop before it has begun to accept,
// by a hair or two.
func TestAStopRightAfterTheStart(t *testing.T) {
	a, err := app.Open(t.Context(), app.Config{DataDir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	for i := range 50 {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			ended <- a.Serve(ctx, app.ServeConfig{Listen: "127.0.0.1:0", Build: fstest.MapFS{"index.html": {Data: []byte("x")}}},
				func(string) error { stop(); return nil })
		}()
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("stop %d: %v", i, err)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("stop %d: it goes on serving", i)
		}
	}
}
