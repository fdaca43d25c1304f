package web

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/maypok86/otter/v2"
	"github.com/valyala/fasthttp"

	"github.com/atelier-attack/atelier/review/taxonomy"
)

// maxKept is how many bytes of answers are kept; what is asked for least goes
// first.
const maxKept = 32 << 20

// keptBeside is what an answer takes beside its bytes.
const keptBeside = 512

// answers are those that were made from one snapshot, by address. They go with
// it when an import or a release swaps it.
type answers struct {
	snapshot *taxonomy.Snapshot
	byURL    *otter.Cache[string, *ready]
}

// errNotKept marks an answer that is for its asker alone, such as a problem.
var errNotKept = errors.New("not kept")

// kept answers an operation from memory. What is not there yet is made by the
// handlers behind this one, once however many ask at the same time. What is
// asked with one of the named parameters is left to them.
func (s *Server) kept(operation string, unless []string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if slices.ContainsFunc(unless, func(name string) bool { return c.Context().QueryArgs().Has(name) }) {
			return c.Next()
		}
		param := func(name string) string { return c.Params(name) }
		if _, err := s.authorize(c.UserContext(), s.access[operation], param); err != nil {
			return s.problem(c.UserContext(), err)
		}
		asked := false // by this request, of the handlers
		load := func(context.Context, string) (*ready, error) {
			asked = true
			if err := c.Next(); err != nil {
				return nil, err
			}
			return takeOver(c.Response())
		}
		a, err := s.answersNow().byURL.Get(c.UserContext(), c.OriginalURL(), otter.LoaderFunc[string, *ready](load))
		switch {
		case err == nil:
			a.send(c)
			return nil
		case asked && errors.Is(err, errNotKept):
			return nil // it is answered
		case asked:
			return err
		}
		return c.Next()
	}
}

// answersNow gives the answers of the present snapshot.
func (s *Server) answersNow() *answers {
	for {
		snapshot, now := s.Taxonomy.Snapshot(), s.answers.Load()
		if now != nil && now.snapshot == snapshot {
			return now
		}
		next := &answers{snapshot, otter.Must(&otter.Options[string, *ready]{MaximumWeight: maxKept, Weigher: weigh})}
		if s.answers.CompareAndSwap(now, next) {
			return next
		}
	}
}

func weigh(url string, a *ready) uint32 { return uint32(len(url) + a.size() + keptBeside) }

// takeOver keeps what the handlers answered.
func takeOver(r *fasthttp.Response) (*ready, error) {
	if r.StatusCode() != fiber.StatusOK || r.IsBodyStream() {
		return nil, errNotKept
	}
	a := plain(string(r.Header.ContentType()), "private, no-cache", bytes.Clone(r.Body()))
	a.pack()
	return a, nil
}
