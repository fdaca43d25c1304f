package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"path"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofiber/fiber/v2"

	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/sheet"
)

// policy lets pages load what this server serves and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// cookieName is the session's cookie.
const cookieName = "atelier_session"

type (
	requestKey struct{}
	sessionKey struct{}
	uploadKey  struct{}
)

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// sessionOf gives the session of a request; ok is false for who is not signed
// in.
func sessionOf(ctx context.Context) (s people.Session, ok bool) {
	s, ok = ctx.Value(sessionKey{}).(people.Session)
	return s, ok
}

// observe names, logs and survives every request. Paths can hold codes, so the
// log has the route.
func (s *Server) observe(c *fiber.Ctx) (err error) {
	start, id, method := time.Now(), rand.Text()[:12], c.Method()
	if method == fiber.MethodHead && strings.HasPrefix(c.Path(), "/api/") {
		c.Method(fiber.MethodGet) // the same answer; its body is left out when it is sent
	}
	c.Set("X-Request-Id", id)
	c.SetUserContext(context.WithValue(c.UserContext(), requestKey{}, id))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
		if err != nil {
			err = s.fiberError(c, err)
		}
		s.Log.Info("request", "request", id, "method", method, "route", c.Route().Path,
			"status", c.Response().StatusCode(), "took", time.Since(start))
	}()
	return c.Next()
}

// protect sets the headers that keep a browser from harm, and refuses writes
// that another site makes a browser send.
func (s *Server) protect(c *fiber.Ctx) error {
	c.Set("Content-Security-Policy", policy)
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("Referrer-Policy", "no-referrer")
	c.Set("X-Frame-Options", "DENY")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	if s.base.Scheme == "https" {
		c.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if write(c.Method()) && !s.sameOrigin(c) {
		return s.anotherSite()
	}
	return c.Next()
}

// notText answers addresses and keys that no database takes as text.
func notText() error {
	return fiber.NewError(fiber.StatusBadRequest, "The address or the Idempotency-Key contains bytes that are not text.")
}

func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func write(method string) bool {
	return method != fiber.MethodGet && method != fiber.MethodHead && method != fiber.MethodOptions
}

// sameOrigin says whether a request comes from our own pages, or from no page
// at all. Where nobody chose an address, ours is the one that the browser asks:
// a name that another site points here brings no cookie of ours with it.
func (s *Server) sameOrigin(c *fiber.Ctx) bool {
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		site := c.Get("Sec-Fetch-Site")
		return site == "" || site == "same-origin" || site == "none"
	}
	from, err := url.Parse(origin)
	if err != nil || from.Host == "" {
		return false
	}
	return from.Scheme == s.base.Scheme && (from.Host == s.base.Host ||
		s.AnyHost && from.Host == string(c.Request().Header.Host()) ||
		from.Port() == s.base.Port() && loopback(from.Hostname()) && loopback(s.base.Hostname()))
}

// anotherSite refuses a request, and says where this site is.
func (s *Server) anotherSite() error {
	if s.AnyHost {
		return fiber.NewError(fiber.StatusForbidden, "This request comes from another site. If it does not, the server must be started with --base-url and the address that you typed.")
	}
	return fiber.NewError(fiber.StatusForbidden, "This request comes from another site. Open Atelier at "+s.BaseURL+" instead.")
}

// loopback says whether a host is this machine, whatever name it goes by.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// recognise finds the session of a request's cookie.
func (s *Server) recognise(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	if path, err := url.PathUnescape(c.Path()); err != nil || !isText(path) || !isText(c.Get("Idempotency-Key")) {
		return notText()
	}
	for key, value := range c.Queries() {
		if !isText(key) || !isText(value) {
			return notText()
		}
	}
	cookie := c.Cookies(cookieName)
	if cookie == "" {
		return c.Next()
	}
	session, err := s.People.Session(c.UserContext(), cookie)
	if err == nil {
		c.SetUserContext(context.WithValue(c.UserContext(), sessionKey{}, session))
	} else if fault.CodeOf(err) != fault.Unauthenticated {
		return err
	}
	return c.Next()
}

// body reads what a write sends, within limits, and marks a repeated write by
// its key. Uploads stay a stream.
func (s *Server) body(c *fiber.Ctx) error {
	if !write(c.Method()) {
		return c.Next()
	}
	stream := c.Request().BodyStream()
	if stream == nil {
		stream = bytes.NewReader(nil)
	}
	if c.Path() == "/api/imports" {
		c.SetUserContext(context.WithValue(c.UserContext(), uploadKey{}, stream))
		return c.Next()
	}
	session, signedIn := sessionOf(c.UserContext())
	limit, file := maxBody, false
	if size, ok := takesFile(c.Path()); ok && signedIn {
		limit, file = size, true
	}
	content, err := io.ReadAll(io.LimitReader(stream, int64(limit)+1))
	if err != nil {
		return fiber.NewError(fiber.StatusBadRequest, "The request ended in the middle.")
	}
	if len(content) > limit {
		return fiber.NewError(fiber.StatusRequestEntityTooLarge, fmt.Sprintf("A request has at most %d MB.", limit>>20))
	}
	if !file {
		if err := strict(content); err != nil {
			return err
		}
	}
	c.Request().SetBodyStream(bytes.NewReader(content), len(content))
	if key := c.Get("Idempotency-Key"); key != "" && signedIn {
		if len(key) > 200 {
			return fiber.NewError(fiber.StatusBadRequest, "An Idempotency-Key has at most 200 characters.")
		}
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %s\n%s", c.Method(), c.OriginalURL(), content))
		c.SetUserContext(journal.WithRequest(c.UserContext(), session.User.ID, key, hex.EncodeToString(sum[:])))
	}
	return c.Next()
}

// strict refuses what encoding/json would take and change: a key that stands
// twice, and bytes or escapes that are no text.
func strict(content []byte) error {
	if len(bytes.TrimSpace(content)) == 0 {
		return nil
	}
	d := jsontext.NewDecoder(bytes.NewReader(content))
	_, err := d.ReadValue()
	if err == nil {
		if _, err = d.ReadToken(); errors.Is(err, io.EOF) {
			return nil
		}
	}
	what, at := "The request is not valid JSON", d.InputOffset()
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		at = syntax.ByteOffset
	}
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		what = "A key stands twice in the same object of the request"
	case syntax != nil:
		what = fmt.Sprintf("%s (%s)", what, syntax.Err)
	}
	return fiber.NewError(fiber.StatusBadRequest, fmt.Sprintf("%s, near byte %d.", what, at))
}

// takesFile gives how large a file a path takes, which may be no JSON; ok is
// false for all other paths.
func takesFile(address string) (size int, ok bool) {
	for pattern, size := range map[string]int{"/api/workshops/*/sheet/*": sheet.MaxBytes, "/api/workshops/*/bundle/*": review.MaxBundle} {
		if ok, err := path.Match(pattern, address); ok && err == nil {
			return size, true
		}
	}
	return 0, false
}
