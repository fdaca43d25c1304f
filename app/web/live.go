package web

import (
	"bufio"
	"net"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp/fasthttpadaptor"

	"github.com/atelier-attack/atelier/realtime"
)

// live upgrades a request to a websocket and hands it to the hub. gorilla's
// Upgrader speaks net/http, Fiber does not: the request is copied, because
// fasthttp uses its buffers again, and the connection is taken out of
// fasthttp's hands.
func (s *Server) live(c *fiber.Ctx) error {
	session, ok := sessionOf(c.UserContext())
	if !ok {
		return fiber.NewError(fiber.StatusUnauthorized, "You are not signed in, or no longer.")
	}
	if c.Get(fiber.HeaderOrigin) != "" && !s.sameOrigin(c) {
		return s.anotherSite()
	}
	if !strings.EqualFold(c.Get(fiber.HeaderUpgrade), "websocket") {
		return fiber.NewError(fiber.StatusUpgradeRequired, "This address speaks websocket only.")
	}
	var shared http.Request
	if err := fasthttpadaptor.ConvertRequest(c.Context(), &shared, true); err != nil {
		return fiber.NewError(fiber.StatusBadRequest, "This is not a request that can become a websocket.")
	}
	r := &http.Request{Method: strings.Clone(shared.Method), Host: strings.Clone(shared.Host), Header: copied(shared.Header),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(conn net.Conn) {
		// The connection below has no large buffer. Whoever sends more than the
		// request before it is answered breaks the protocol, and loses it.
		if bare, ok := conn.(interface{ UnsafeConn() net.Conn }); ok {
			conn = bare.UnsafeConn()
		}
		if err := s.Hub.Upgrade(&hijacked{conn: conn, header: http.Header{}}, r, realtime.Session{ID: session.ID, User: session.User.ID}); err != nil {
			_ = conn.Close() // the refusal has been sent
		}
	})
	return nil
}

func copied(h http.Header) http.Header {
	out := make(http.Header, len(h))
	for key, values := range h {
		for _, v := range values {
			out.Add(strings.Clone(key), strings.Clone(v))
		}
	}
	return out
}

// hijacked is a connection as gorilla's Upgrader wants it.
type hijacked struct {
	conn   net.Conn
	header http.Header
	status int
}

// Header is part of http.ResponseWriter.
func (h *hijacked) Header() http.Header { return h.header }

// WriteHeader writes the head of a refusal.
func (h *hijacked) WriteHeader(status int) {
	h.status = status
	r := http.Response{StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: h.header, Close: true, Body: http.NoBody, ContentLength: -1}
	_ = r.Write(h.conn) // whoever cannot hear the refusal is gone
}

// Write writes the body of a refusal.
func (h *hijacked) Write(p []byte) (int, error) {
	if h.status == 0 {
		h.WriteHeader(http.StatusOK)
	}
	return h.conn.Write(p)
}

// Hijack is part of http.Hijacker.
func (h *hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.conn, bufio.NewReadWriter(bufio.NewReader(h.conn), bufio.NewWriter(h.conn)), nil
}
