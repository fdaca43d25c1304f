package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// Problem is an error as the API tells it (RFC 9457).
type Problem struct {
	Status  int            `json:"status"`
	Title   string         `json:"title"`
	Detail  string         `json:"detail" doc:"a sentence that says what to do"`
	Code    string         `json:"code" doc:"stable, for programs"`
	Errors  []ProblemField `json:"errors,omitempty"`
	Details any            `json:"details,omitempty" doc:"what is needed to recover; for stale: yours and theirs"`
	Request string         `json:"request,omitempty" doc:"id of the request, to be found in the log"`

	wait time.Duration // until it may be tried again
}

// ProblemField is what is wrong with one part of the input.
type ProblemField struct {
	Location string `json:"location" doc:"such as body.name"`
	Message  string `json:"message"`
}

// Error is the sentence for people.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is part of huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders is part of huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	if p.wait <= 0 {
		return nil
	}
	return http.Header{fiber.HeaderRetryAfter: {strconv.Itoa(int(math.Ceil(p.wait.Seconds())))}}
}

// ContentType is part of huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statuses is the one table from what went wrong to the status of HTTP.
func statuses() map[fault.Code]int {
	return map[fault.Code]int{
		fault.Unauthenticated: http.StatusUnauthorized,
		fault.Forbidden:       http.StatusForbidden,
		fault.NotFound:        http.StatusNotFound,
		fault.Invalid:         http.StatusUnprocessableEntity,
		fault.Stale:           http.StatusConflict,
		fault.Conflict:        http.StatusConflict,
		fault.Gone:            http.StatusGone,
		fault.TooLarge:        http.StatusRequestEntityTooLarge,
		fault.TooMany:         http.StatusTooManyRequests,
		fault.TooFast:         http.StatusTooManyRequests,
		fault.Unavailable:     http.StatusServiceUnavailable,
		fault.Internal:        http.StatusInternalServerError,
	}
}

// problem tells an error to the client. What is our fault is logged and not
// told.
func (s *Server) problem(ctx context.Context, err error) *Problem {
	code := fault.CodeOf(err)
	p := &Problem{Status: statuses()[code], Code: string(code), Request: requestID(ctx)}
	p.Title = http.StatusText(p.Status)
	var f *fault.Error
	if code == fault.Internal || !errors.As(err, &f) {
		s.Log.ErrorContext(ctx, "request failed", "request", p.Request, "error", err)
		p.Detail = "Something went wrong here. Look whether it was done before you try again; if it stays, tell the administrator the request's id."
		return p
	}
	p.Detail, p.Details, p.wait = f.Message, f.Details, f.Wait
	if f.Field != "" {
		p.Errors = []ProblemField{{"body." + f.Field, f.Message}}
	}
	return p
}

// asProblem gives the errors of the framework the same shape as ours.
func asProblem(_ huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := &Problem{Status: e.Status, Title: e.Title, Detail: e.Detail, Code: string(codeOf(e.Status))}
	for _, d := range e.Errors {
		p.Errors = append(p.Errors, ProblemField{d.Location, d.Message})
	}
	if len(p.Errors) > 0 {
		p.Detail = "Something in the input is not right: " + p.Errors[0].Location + ": " + p.Errors[0].Message + "."
	}
	return p, nil
}

func codeOf(status int) fault.Code {
	switch {
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return fault.NotFound
	case status == http.StatusRequestEntityTooLarge:
		return fault.TooLarge
	case status == http.StatusForbidden:
		return fault.Forbidden
	case status < 500:
		return fault.Invalid
	}
	return fault.Internal
}

// fiberError answers what the router itself refuses.
func (s *Server) fiberError(c *fiber.Ctx, err error) error {
	var p *Problem
	var own *fiber.Error
	switch {
	case errors.As(err, &p):
	case errors.As(err, &own):
		p = &Problem{Status: own.Code, Title: http.StatusText(own.Code), Detail: own.Message, Code: string(codeOf(own.Code))}
	default:
		p = s.problem(c.UserContext(), err)
	}
	for name := range p.GetHeaders() {
		c.Set(name, p.GetHeaders().Get(name))
	}
	if !strings.HasPrefix(c.Path(), "/api") && c.Path() != "/ws" {
		return c.Status(p.Status).SendString(p.Detail + "\n")
	}
	if err := c.Status(p.Status).JSON(p); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return nil
}

// errorResponse documents that every operation answers errors as problems.
func (s *Server) errorResponse() map[string]*huma.Response {
	schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	return map[string]*huma.Response{"default": {
		Description: "What went wrong",
		Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: schema}},
	}}
}
