package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/centrifugal/centrifuge"
	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// encoded makes of a message the frame that Atelier sends for it.
type encoded struct {
	mu  sync.Mutex // guards what follows
	seq int64
}

// frame also calls send, in the order of the numbers.
func (e *encoded) frame(r *http.Request, send func(text []byte) error) error {
	var in struct {
		Body string `json:"body"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return fmt.Errorf("read a message: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seq++
	room, author, now := uuid.NewString(), uuid.NewString(), journal.Now()
	data, err := json.Marshal(map[string]any{"message": discuss.Message{ID: uuid.NewString(), Anchor: "workshop:" + room, Author: author,
		Body: in.Body, HTML: "<p>" + in.Body + "</p>\n", Seq: e.seq, At: now}})
	if err != nil {
		return err
	}
	text, err := json.Marshal(map[string]any{"type": "events", "workshop": room,
		"events": []journal.Event{{Workshop: room, Seq: e.seq, At: now, Actor: author, Kind: discuss.KindPosted, Data: data}}})
	if err != nil {
		return err
	}
	return send(text)
}

// posts answers posts of messages with what send makes of them.
func posts(send func(text []byte) error) http.HandlerFunc {
	var e encoded
	return func(w http.ResponseWriter, r *http.Request) {
		if err := e.frame(r, send); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_, _ = w.Write([]byte("{}")) // who does not wait for it has lost nothing
	}
}

// bareHub is the least that fans out: each socket has a reader, a writer and a
// queue, and a message is prepared once for all.
type bareHub struct {
	upgrader websocket.Upgrader
	mu       sync.Mutex // guards what follows
	sockets  map[chan *websocket.PreparedMessage]bool
}

func serveBare(ctx context.Context, _ int, ready chan<- place) error {
	h := &bareHub{sockets: map[chan *websocket.PreparedMessage]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ws", h.join)
	mux.HandleFunc("POST /api/workshops/{workshop}/messages", posts(h.send))
	return serveHTTP(ctx, mux, ready)
}

func (h *bareHub) send(text []byte) error {
	m, err := websocket.NewPreparedMessage(websocket.TextMessage, text)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for out := range h.sockets {
		select {
		case out <- m:
		default: // a floor forgets who is too slow; who counts sees it
		}
	}
	return nil
}

func (h *bareHub) join(w http.ResponseWriter, r *http.Request) {
	ws, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	out := make(chan *websocket.PreparedMessage, 64)
	h.mu.Lock()
	h.sockets[out] = true
	h.mu.Unlock()
	go func() {
		defer ws.Close()
		if ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"synced"}`)) != nil {
			return
		}
		for m := range out {
			_ = ws.SetWriteDeadline(time.Now().Add(10 * time.Second))
			if ws.WritePreparedMessage(m) != nil {
				return
			}
		}
	}()
	for {
		if _, _, err := ws.ReadMessage(); err != nil {
			break
		}
	}
	h.mu.Lock()
	delete(h.sockets, out)
	h.mu.Unlock()
	close(out)
}

// channel is where centrifuge publishes.
const channel = "room"

func serveCentrifuge(ctx context.Context, _ int, ready chan<- place) error {
	node, err := centrifuge.New(centrifuge.Config{LogLevel: centrifuge.LogLevelNone})
	if err != nil {
		return fmt.Errorf("start centrifuge: %w", err)
	}
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return centrifuge.ConnectReply{Credentials: &centrifuge.Credentials{UserID: uuid.NewString()}}, nil
	})
	node.OnConnect(func(c *centrifuge.Client) {
		c.OnSubscribe(func(_ centrifuge.SubscribeEvent, answer centrifuge.SubscribeCallback) {
			answer(centrifuge.SubscribeReply{}, nil)
		})
	})
	if err := node.Run(); err != nil {
		return fmt.Errorf("start centrifuge: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /ws", centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{CheckOrigin: func(*http.Request) bool { return true }}))
	mux.HandleFunc("POST /api/workshops/{workshop}/messages", posts(func(text []byte) error {
		_, err := node.Publish(channel, text)
		return err
	}))
	err = serveHTTP(ctx, mux, ready)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if down := node.Shutdown(stop); err == nil {
		err = down
	}
	return err
}
