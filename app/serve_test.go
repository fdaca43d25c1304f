package app_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/atelier-attack/atelier/app"
	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime"
)

// TestAStopRightAfterTheStart is told to stop before it has begun to accept,
// by a hair or two.
func TestAStopRightAfterTheStart(t *testing.T) {
	a, err := app.Open(t.Context(), app.Config{DataDir: storetest.DataDir(t), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	for i := range 12 {
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

// TestASocketEndsWithItsSession has another process end one session, while one
// of somebody else goes on.
func TestASocketEndsWithItsSession(t *testing.T) {
	a, err := app.Open(t.Context(), app.Config{DataDir: storetest.DataDir(t), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	address, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- a.Serve(ctx, app.ServeConfig{Listen: "127.0.0.1:0", Build: fstest.MapFS{"index.html": {Data: []byte("x")}}},
			func(url string) error { address <- url; return nil })
	}()
	defer func() {
		stop()
		if err := errors.Join(<-ended, a.Close()); err != nil {
			t.Error(err)
		}
	}()
	url := strings.Replace(<-address, "http", "ws", 1) + "/ws"
	open := func(name string) (*websocket.Conn, people.Session) {
		t.Helper()
		account, err := a.People.Add(ctx, people.Account{User: people.User{Name: name}})
		if err != nil {
			t.Fatal(err)
		}
		cookie, session, err := a.People.Start(ctx, account.ID)
		if err != nil {
			t.Fatal(err)
		}
		d := websocket.Dialer{Subprotocols: []string{realtime.Subprotocol}}
		ws, _, err := d.Dial(url, http.Header{"Cookie": {"atelier_session=" + cookie}})
		if err != nil {
			t.Fatal(err)
		}
		return ws, session
	}
	ana, session := open("Ana")
	bo, _ := open("Bo")
	defer ana.Close()
	defer bo.Close()
	if err := a.DB.Exec("DELETE FROM sessions WHERE token_hash = ?", session.ID).Error; err != nil {
		t.Fatal(err)
	}
	_ = ana.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, _, err := ana.ReadMessage(); !websocket.IsCloseError(err, realtime.CloseSignedOut) {
		t.Errorf("it ended with %v", err)
	}
	_ = bo.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	if _, _, err := bo.ReadMessage(); websocket.IsCloseError(err, realtime.CloseSignedOut) {
		t.Error("the other one ended, too")
	}
}
