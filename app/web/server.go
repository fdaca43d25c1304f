// Package web is the HTTP face of Atelier: the API with its OpenAPI document,
// the websocket, the frontend, and the one table of who may do what.
package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/atelier-attack/atelier/app/directory"
	"github.com/atelier-attack/atelier/app/notify"
	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/realtime"
	"github.com/atelier-attack/atelier/realtime/cowrite"
	"github.com/atelier-attack/atelier/realtime/desk"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/realtime/poll"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/release"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// Limits of requests.
const (
	maxBody   = 2 << 20              // bytes of a JSON body
	maxUpload = taxonomy.MaxUnpacked // bytes of an imported file
	maxHeader = 16 << 10             // bytes of all header lines
)

// Deps is what the web application stands on.
type Deps struct {
	Log        *slog.Logger
	BaseURL    string // as browsers write it, without a slash at the end
	AnyHost    bool   // nobody chose BaseURL: people may know this server by other names
	UploadDir  string // where uploads wait to be imported
	Build      fs.FS  // the frontend's build
	Ready      func(context.Context) error
	Text       *markdown.Renderer
	Journal    *journal.Journal
	People     *people.People
	Workshops  *workshop.Workshops
	Discussion *discuss.Discussion
	Polls      *poll.Polls
	Directory  *directory.Directories
	Desk       *desk.Desk
	Notices    *notify.Notices
	Taxonomy   *taxonomy.Taxonomy
	Proposals  *review.Proposals
	Releases   *release.Releases
	Hub        *realtime.Hub
	Texts      *cowrite.Texts
	Pace       Pace // of one person's writes; the zero value is DefaultPace
}

// Server serves Atelier over HTTP.
type Server struct {
	Deps
	app     *fiber.App
	api     huma.API
	base    *url.URL
	access  map[string]rule
	keeps   map[string][]string // the operations whose answers are kept
	answers atomic.Pointer[answers]
	imports *imports
	paces   *paces
}

// New makes a server. It fails where an operation has no row in the table of
// access, or a row no operation.
func New(d Deps) (*Server, error) {
	base, err := url.Parse(d.BaseURL)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("the base URL %q is no address", d.BaseURL)
	}
	s := &Server{Deps: d, base: base, access: accessTable(), keeps: keptOperations(), imports: newImports(d), paces: newPaces(d.Pace)}
	s.app = fiber.New(fiber.Config{
		AppName: "Atelier", DisableStartupMessage: true, StrictRouting: true, CaseSensitive: true, Immutable: true, StreamRequestBody: true,
		BodyLimit: maxBody, ReadBufferSize: maxHeader, ErrorHandler: s.fiberError,
		// An upload or a download of a whole domain over a slow line fits in here.
		ReadTimeout: 10 * time.Minute, WriteTimeout: 10 * time.Minute, IdleTimeout: 2 * time.Minute,
	})
	s.app.Server().KeepHijackedConns = true // else closing a websocket would do nothing
	s.app.Use(s.observe, s.protect)
	s.app.Get("/healthz", func(c *fiber.Ctx) error { return c.SendString("ok\n") })
	s.app.Get("/readyz", s.readyz)
	s.app.Get("/ws", s.recognise, s.live)
	s.app.Use("/api", compress(), s.recognise, s.body, s.paced)
	s.api = humafiber.NewWithGroup(s.app, s.app.Group("/api"), apiConfig())
	s.api.UseMiddleware(decodeAddress, s.allow)
	s.sessionRoutes()
	s.workshopRoutes()
	s.presenceRoutes()
	s.pollRoutes()
	s.deskRoutes()
	s.directoryRoutes()
	s.summaryRoutes()
	s.proposalRoutes()
	s.messageRoutes()
	s.unreadRoutes()
	s.waitingRoutes()
	s.templateRoutes()
	s.sheetRoutes()
	s.bundleRoutes()
	s.releaseRoutes()
	s.taxonomyRoutes()
	s.checkRoutes()
	s.objectRoutes()
	s.searchRoutes()
	s.sourceRoutes()
	s.historyRoutes()
	s.statisticsRoutes()
	s.importRoutes()
	s.upgradeRoutes()
	s.textRoutes()
	if err := s.checkAccess(); err != nil {
		return nil, err
	}
	s.docs()
	s.app.Use("/api", s.noRoute)
	return s, s.frontend()
}

func apiConfig() huma.Config {
	c := huma.DefaultConfig("Atelier", "1")
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil // no $schema member in answers
	c.Servers = []*huma.Server{{URL: "/api"}}
	c.Info.Description = "The API of Atelier, where people improve MITRE ATT&CK together. Writes of workshops take an Idempotency-Key; errors are application/problem+json."
	c.Transformers = []huma.Transformer{asProblem}
	return c
}

// Listen serves until Shutdown.
func (s *Server) Listen(l net.Listener) error {
	if err := s.imports.sweep(); err != nil {
		s.Log.Warn("start", "error", err)
	}
	if err := s.app.Listener(l); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// Shutdown lets open requests finish until the context ends. A running import
// is broken off, and nothing of it is kept.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.app.ShutdownWithContext(ctx)
	s.imports.stop() // a cancelled import rolls back at its next object
	if err != nil {
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}

// OpenAPI gives the OpenAPI 3.1 document of the API, as JSON.
func (s *Server) OpenAPI() ([]byte, error) { return openAPI(s.api) }

// pattern is the address of an operation as the router writes it.
func pattern(path string) string {
	return "/api" + strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// noRoute answers what no operation did: the method is another, or there is no
// such address.
func (s *Server) noRoute(c *fiber.Ctx) error {
	var allowed []string
	for path, item := range s.api.OpenAPI().Paths {
		if !fiber.RoutePatternMatch(c.Path(), pattern(path)) {
			continue
		}
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				allowed = append(allowed, op.Method)
			}
			if op != nil && op.Method == http.MethodGet {
				allowed = append(allowed, http.MethodHead)
			}
		}
	}
	if len(allowed) == 0 {
		return fiber.NewError(fiber.StatusNotFound, "There is no such address in the API.")
	}
	slices.Sort(allowed)
	c.Set(fiber.HeaderAllow, strings.Join(allowed, ", "))
	return fiber.NewError(fiber.StatusMethodNotAllowed, "This address takes "+strings.Join(allowed, " and ")+".")
}

func (s *Server) readyz(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), 5*time.Second)
	defer cancel()
	if err := s.Ready(ctx); err != nil {
		s.Log.WarnContext(ctx, "not ready", "error", err)
		return c.Status(fiber.StatusServiceUnavailable).SendString("not ready: the database does not answer or is not migrated\n")
	}
	return c.SendString("ready\n")
}

// route registers one operation; its errors become problems.
func route[I, O any](s *Server, id, method, path, summary string, fn func(context.Context, *I) (*O, error), more ...func(*huma.Operation)) {
	op := huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, MaxBodyBytes: maxBody, Responses: s.errorResponse()}
	for _, f := range more {
		f(&op)
	}
	if unless, kept := s.keeps[id]; kept {
		s.app.Get(pattern(path), s.kept(id, unless))
	}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, in)
		var status huma.StatusError // such as 304
		if err != nil && !errors.As(err, &status) {
			err = s.problem(ctx, err)
		}
		return out, err
	})
}

// body is an answer that is only a body.
type body[T any] struct{ Body T }

func answer[T any](v T, err error) (*body[T], error) {
	if err != nil {
		return nil, err
	}
	return &body[T]{v}, nil
}
