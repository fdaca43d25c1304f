package web

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/compress"
	"github.com/gofiber/fiber/v2/middleware/filesystem"
)

// unbuilt is shown where the program was built without Node.
const unbuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Atelier</title>
<h1>Atelier runs, without its pages</h1>
<p>This program was built without the frontend. Run <code>make build</code> (it needs Node) and start it again.</p>
<p>The API is there: <a href="/api/docs">/api/docs</a>.</p></html>
`

// frontend serves the pages: files by name, and the one page of the
// application for every other address.
func (s *Server) frontend() error {
	index, err := fs.ReadFile(s.Build, "index.html")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		index = []byte(unbuilt)
	case err != nil:
		return fmt.Errorf("read the frontend: %w", err)
	}
	s.app.Use(compress.New(), func(c *fiber.Ctx) error {
		if strings.HasPrefix(c.Path(), "/_app/immutable/") {
			c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
		} else {
			c.Set(fiber.HeaderCacheControl, "no-cache")
		}
		return c.Next()
	})
	s.app.Use(filesystem.New(filesystem.Config{Root: http.FS(s.Build), Next: func(c *fiber.Ctx) bool { return c.Path() == "/" }}))
	s.app.Use(func(c *fiber.Ctx) error {
		if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
			return fiber.ErrMethodNotAllowed
		}
		if strings.HasPrefix(c.Path(), "/_app/") {
			return fiber.NewError(fiber.StatusNotFound, "There is no such file. Load the page again.")
		}
		return c.Status(fiber.StatusOK).Type("html", "utf-8").Send(index)
	})
	return nil
}
