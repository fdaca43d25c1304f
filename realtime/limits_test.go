package realtime_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/atelier-attack/atelier/realtime"
)

// bareHub has a hub without content, and gives the address of its websocket.
func bareHub(t *testing.T, change func(*realtime.Limits)) (*realtime.Hub, string) {
	t.Helper()
	limits := realtime.DefaultLimits()
	change(&limits)
	hub := realtime.NewHub(slog.New(slog.DiscardHandler), nil, nil, nil, limits)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = hub.Upgrade(w, r, realtime.Session{ID: r.URL.RawQuery, User: r.URL.RawQuery}) // a refusal is the test's to see
	}))
	t.Cleanup(func() {
		if err := hub.Close(context.Background()); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return hub, strings.TrimPrefix(server.URL, "http://")
}

// raw is a client that writes any bytes.
type raw struct {
	net.Conn
	in *bufio.Reader
}

func dialRaw(t *testing.T, address, protocol string) raw {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	c := raw{conn, bufio.NewReader(conn)}
	if _, err := io.WriteString(c, "GET /?ana HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: "+protocol+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(c.in, nil)
	if err != nil || answer.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%v, %v", answer, err)
	}
	return c
}

// The bits and codes of frames, by RFC 6455, section 5.2.
const (
	fin, rsv1, rsv2                              = 0x80, 0x40, 0x20
	more, text, binaryFrame, closes, pings, pong = 0, 1, 2, 8, 9, 10
)

// masked makes a frame as a client sends it.
func masked(first byte, payload string) []byte {
	frame := []byte{first}
	switch n := len(payload); {
	case n < 126:
		frame = append(frame, 0x80|byte(n))
	default:
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(n))
	}
	key := []byte{1, 2, 3, 4}
	frame = append(frame, key...)
	for i := range len(payload) {
		frame = append(frame, payload[i]^key[i%4])
	}
	return frame
}

// closedWith reads frames of the server until the one that closes.
func (c raw) closedWith(t *testing.T) int {
	t.Helper()
	for {
		kind, payload := c.frame(t)
		if kind == closes {
			if len(payload) < 2 {
				return websocket.CloseNoStatusReceived
			}
			return int(binary.BigEndian.Uint16(payload))
		}
	}
}

func (c raw) frame(t *testing.T) (kind byte, payload []byte) {
	t.Helper()
	head := make([]byte, 2)
	if _, err := io.ReadFull(c.in, head); err != nil {
		t.Fatalf("it ended without a code: %v", err)
	}
	n := int(head[1])
	if n == 126 {
		size := make([]byte, 2)
		if _, err := io.ReadFull(c.in, size); err != nil {
			t.Fatal(err)
		}
		n = int(binary.BigEndian.Uint16(size))
	}
	payload = make([]byte, n)
	if _, err := io.ReadFull(c.in, payload); err != nil {
		t.Fatal(err)
	}
	return head[0] & 0x0f, payload
}

const goodWish = `{"type":"at","workshop":"w","place":"ä"}` // of a workshop that is not followed: nothing happens

// TestFramesThatBreakTheProtocol has the cases of the Autobahn suite that apply
// to a server that only takes short texts, each by raw frames.
func TestFramesThatBreakTheProtocol(t *testing.T) {
	_, address := bareHub(t, func(*realtime.Limits) {})
	half := len(goodWish) - 4 // in the middle of ä
	join := func(frames ...[]byte) []byte { return bytes.Join(frames, nil) }
	code := func(n uint16, reason string) string {
		return string(binary.BigEndian.AppendUint16(nil, n)) + reason
	}
	for name, c := range map[string]struct {
		sent []byte
		code int
	}{
		"no mask":                        {append([]byte{fin | text, byte(len(goodWish))}, goodWish...), 1002},
		"a reserved bit":                 {masked(fin|rsv2|text, goodWish), 1002},
		"compressed, but not agreed":     {masked(fin|rsv1|text, goodWish), 1002},
		"reserved code 3":                {masked(fin|3, ""), 1002},
		"reserved control code 11":       {masked(fin|11, ""), 1002},
		"a ping in pieces":               {masked(pings, "x"), 1002},
		"a long ping":                    {masked(fin|pings, strings.Repeat("x", 126)), 1002},
		"a piece of nothing":             {masked(fin|more, "x"), 1002},
		"a text within a text":           {join(masked(text, `{"type"`), masked(fin|text, goodWish)), 1002},
		"no UTF-8":                       {masked(fin|text, "\"\xff\xfe\""), 1007},
		"no UTF-8, in pieces":            {join(masked(text, goodWish[:half]), masked(fin|more, goodWish[half+1:])), 1007},
		"half a letter as a pair":        {masked(fin|text, "\"\xed\xa0\x80\""), 1007},
		"bytes":                          {masked(fin|binaryFrame, goodWish), 4400},
		"an empty text":                  {masked(fin|text, ""), 4400},
		"no message of ours":             {masked(fin|text, `{"type":"shout"}`), 4400},
		"a goodbye":                      {masked(fin|closes, code(1000, "")), 1000},
		"a goodbye without a code":       {masked(fin|closes, ""), websocket.CloseNoStatusReceived},
		"half a code, which is none":     {masked(fin|closes, "x"), websocket.CloseNoStatusReceived},
		"a code that is never sent":      {masked(fin|closes, code(1005, "")), 1002},
		"a code of nobody":               {masked(fin|closes, code(999, "")), 1002},
		"a goodbye that is no UTF-8":     {masked(fin|closes, code(1000, "\xff")), 1002},
		"in pieces, with a ping between": {join(masked(text, goodWish[:half]), masked(fin|pings, "x"), masked(more, ""), masked(fin|more, goodWish[half:]), masked(fin|closes, code(1000, ""))), 1000},
		"a pong that nobody asked for":   {join(masked(fin|pong, "x"), masked(fin|text, goodWish), masked(fin|closes, code(1001, ""))), 1001},
		"after a goodbye":                {join(masked(fin|closes, code(1000, "")), masked(fin|text, "hello")), 1000},
		"too large":                      {masked(fin|text, `"`+strings.Repeat("x", 65535-1)), websocket.CloseMessageTooBig},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "too large" { // in two pieces, for one of 64 kB is allowed
				c.sent = join(masked(text, strings.Repeat("x", 40_000)), masked(fin|more, strings.Repeat("x", 40_000)))
			}
			ws := dialRaw(t, address, realtime.Subprotocol)
			if _, err := ws.Write(c.sent); err != nil {
				t.Fatal(err)
			}
			if got := ws.closedWith(t); got != c.code {
				t.Errorf("closed with %d, not %d", got, c.code)
			}
		})
	}
}

func TestAPingIsAnswered(t *testing.T) {
	_, address := bareHub(t, func(*realtime.Limits) {})
	dialRaw(t, address, realtime.Subprotocol).answers(t)
}

// TestAPageHearsThatTheServerIsAlive has a page see a stall, of which the
// browser shows it no ping.
func TestAPageHearsThatTheServerIsAlive(t *testing.T) {
	_, address := bareHub(t, func(l *realtime.Limits) { l.Ping = 10 * time.Millisecond })
	c := dialRaw(t, address, realtime.Subprotocol)
	for {
		if kind, payload := c.frame(t); kind == text {
			if string(payload) != `{"type":"alive"}` {
				t.Errorf("it says %s", payload)
			}
			return
		}
	}
}

// answers makes sure that the server has taken the connection.
func (c raw) answers(t *testing.T) {
	t.Helper()
	if _, err := c.Write(masked(fin|pings, "hello")); err != nil {
		t.Fatal(err)
	}
	if kind, payload := c.frame(t); kind != pong || string(payload) != "hello" {
		t.Errorf("it answers %d %q", kind, payload)
	}
}

func TestAPageOfAnotherVersionIsTold(t *testing.T) {
	_, address := bareHub(t, func(*realtime.Limits) {})
	if code := dialRaw(t, address, "atelier.v0").closedWith(t); code != realtime.CloseProtocol {
		t.Errorf("closed with %d", code)
	}
}

// TestWhoSendsTooMuchIsSentAway sends more than a person can cause.
func TestWhoSendsTooMuchIsSentAway(t *testing.T) {
	_, address := bareHub(t, func(l *realtime.Limits) { l.Rate, l.Burst = 0.001, 5 })
	ws := dialRaw(t, address, realtime.Subprotocol)
	if _, err := ws.Write(bytes.Repeat(masked(fin|text, goodWish), 6)); err != nil {
		t.Fatal(err)
	}
	if code := ws.closedWith(t); code != realtime.CloseTooFast {
		t.Errorf("closed with %d", code)
	}
}

// TestOnePersonHasSoManyTabs opens one too many, and another one when there is
// room again.
func TestOnePersonHasSoManyTabs(t *testing.T) {
	hub, address := bareHub(t, func(l *realtime.Limits) { l.Tabs = 2 })
	one := dialRaw(t, address, realtime.Subprotocol)
	one.answers(t)
	dialRaw(t, address, realtime.Subprotocol).answers(t)
	if code := dialRaw(t, address, realtime.Subprotocol).closedWith(t); code != realtime.CloseTooManyTabs {
		t.Errorf("closed with %d", code)
	}
	if all := hub.Sessions(); len(all) != 1 || all[0] != "ana" {
		t.Errorf("the sessions are %v", all)
	}
	if _, err := one.Write(masked(fin|closes, "\x03\xe8")); err != nil {
		t.Fatal(err)
	}
	one.closedWith(t)
	for end := time.Now().Add(10 * time.Second); ; {
		next := dialRaw(t, address, realtime.Subprotocol)
		if _, err := next.Write(masked(fin|pings, "x")); err != nil {
			t.Fatal(err)
		}
		if kind, _ := next.frame(t); kind == pong {
			return
		}
		if time.Now().After(end) {
			t.Fatal("there is no room again")
		}
	}
}

// TestWhoAnswersNoPingIsGivenUp leaves a connection half open, and makes sure
// that one that answers stays.
func TestWhoAnswersNoPingIsGivenUp(t *testing.T) {
	hub, address := bareHub(t, func(l *realtime.Limits) { l.Ping, l.Pong = 50*time.Millisecond, 400*time.Millisecond })
	d := websocket.Dialer{Subprotocols: []string{realtime.Subprotocol}}
	lively, _, err := d.Dial("ws://"+address+"/?bo", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer lively.Close()
	go func() {
		for {
			if _, _, err := lively.ReadMessage(); err != nil { // which answers pings
				return
			}
		}
	}()
	dialRaw(t, address, realtime.Subprotocol)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		all := hub.Sessions()
		if len(all) == 1 && all[0] == "bo" {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("connected are %v", all)
		}
	}
	time.Sleep(time.Second)
	if all := hub.Sessions(); len(all) != 1 {
		t.Errorf("who answers was given up: %v", all)
	}
}
