package realtime

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// pipe gives both ends of a websocket.
func pipe(t *testing.T) (server, client *websocket.Conn) {
	t.Helper()
	made := make(chan *websocket.Conn, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := upgrader.Upgrade(corking{w}, r, nil)
		if err != nil {
			t.Error(err)
		}
		made <- ws
	}))
	client, _, err := websocket.DefaultDialer.DialContext(t.Context(), strings.Replace(s.URL, "http", "ws", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	server = <-made
	t.Cleanup(func() {
		_, _ = client.Close(), server.Close()
		s.Close()
	})
	return server, client
}

// TestWhatWaitsIsWrittenAtOnceAndWhole sends many frames of all sizes through
// the queue.
func TestWhatWaitsIsWrittenAtOnceAndWhole(t *testing.T) {
	server, client := pipe(t)
	h := NewHub(nil, nil, nil, nil, DefaultLimits())
	c := &conn{hub: h, ws: server, out: make(chan *websocket.PreparedMessage, 100), ended: make(chan struct{})}
	text := func(i int) string { return strings.Repeat("x", i*i*20) } // up to 50 kB
	for i := range 50 {
		m, err := websocket.NewPreparedMessage(websocket.TextMessage, []byte(text(i)))
		if err != nil {
			t.Fatal(err)
		}
		c.send(m)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.write()
	}()
	for i := range 50 {
		if _, got, err := client.ReadMessage(); err != nil || string(got) != text(i) {
			t.Fatalf("frame %d: %d bytes, %v", i, len(got), err)
		}
	}
	c.end(websocket.CloseNormalClosure, "")
	<-done
}
