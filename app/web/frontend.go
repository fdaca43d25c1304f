package web

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// unbuilt is shown where the program was built without Node.
const unbuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Atelier</title>
<h1>Atelier runs, without its pages</h1>
<p>This program was built without the frontend. Run <code>make build</code> (it needs Node) and start it again.</p>
<p>The API is there: <a href="/api/docs">/api/docs</a>.</p></html>
`

// index is the one page of the application.
const index = "index.html"

// encodings are those in which the frontend's build has its files beside them,
// by the ends of their names, best first.
func encodings() []struct{ name, end string } {
	return []struct{ name, end string }{{"br", ".br"}, {"gzip", ".gz"}}
}

// frontend serves the pages: files by name, and the one page of the
// application for every other address.
func (s *Server) frontend() error {
	files, err := readBuild(s.Build)
	if err != nil {
		return fmt.Errorf("read the frontend: %w", err)
	}
	needs, err := readNeeds(s.Build)
	if err != nil {
		return err
	}
	s.app.Use(func(c *fiber.Ctx) error {
		if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
			return fiber.ErrMethodNotAllowed
		}
		file, there := files[strings.TrimPrefix(c.Path(), "/")]
		if !there && strings.HasPrefix(c.Path(), "/_app/") {
			return fiber.NewError(fiber.StatusNotFound, "There is no such file. Load the page again.")
		}
		if !there {
			file = files[index]
			var domainOf func(workshop string) string
			if cookie := c.Cookies(cookieName); cookie != "" && len(c.Context().QueryArgs().QueryString()) == 0 {
				domainOf = s.domainFor(c.UserContext(), cookie)
			}
			if links := preloads(needs, c.Path(), domainOf); links != "" {
				c.Set(fiber.HeaderLink, links)
			}
		}
		file.send(c)
		return nil
	})
	return nil
}

// readBuild reads all files of the frontend's build, by name.
func readBuild(build fs.FS) (map[string]*ready, error) {
	files := map[string]*ready{index: plain(fiber.MIMETextHTMLCharsetUTF8, "no-cache", []byte(unbuilt))}
	err := fs.WalkDir(build, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		for _, e := range encodings() {
			if strings.HasSuffix(name, e.end) {
				return nil
			}
		}
		content, err := fs.ReadFile(build, name)
		if err != nil {
			return err
		}
		cache := "no-cache"
		if strings.HasPrefix(name, "_app/immutable/") {
			cache = "public, max-age=31536000, immutable"
		}
		file := plain(cmp.Or(mime.TypeByExtension(path.Ext(name)), fiber.MIMEOctetStream), cache, content)
		for _, e := range encodings() {
			switch packed, err := fs.ReadFile(build, name+e.end); {
			case err == nil:
				file.also(e.name, packed)
			case !errors.Is(err, fs.ErrNotExist):
				return err
			}
		}
		files[name] = file
		return nil
	})
	return files, err
}
