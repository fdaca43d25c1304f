package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
)

func openAPI(api huma.API) ([]byte, error) {
	text, err := json.MarshalIndent(api.OpenAPI(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	return append(text, '\n'), nil
}

// docsPage reads without any script, so that the strict policy holds here too.
const docsPage = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Atelier: API</title><main><h1>The API of Atelier</h1><p>{{.About}} The whole document: <a href="/api/openapi.json">openapi.json</a>.</p>
<dl>{{range .Operations}}<dt id="{{.ID}}"><code>{{.Method}} /api{{.Path}}</code></dt><dd>{{.Summary}}. <small>{{.Who}}</small></dd>{{end}}</dl></main></html>
`

type docsLine struct{ ID, Method, Path, Summary, Who string }

// docs serves the OpenAPI document and a page to read it. Both are made once.
func (s *Server) docs() error {
	document, err := s.OpenAPI()
	if err != nil {
		return err
	}
	var lines []docsLine
	paths := s.api.OpenAPI().Paths
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				r := s.access[op.OperationID]
				who := string(r.resource)
				if len(r.roles) > 0 {
					who = fmt.Sprintf("%s: %v", r.resource, r.roles)
				}
				lines = append(lines, docsLine{op.OperationID, op.Method, path, op.Summary, who})
			}
		}
	}
	var page bytes.Buffer
	data := map[string]any{"About": s.api.OpenAPI().Info.Description, "Operations": lines}
	if err := template.Must(template.New("docs").Parse(docsPage)).Execute(&page, data); err != nil {
		return fmt.Errorf("write the page of the API: %w", err)
	}
	s.app.Get("/api/openapi.json", func(c *fiber.Ctx) error {
		return c.Type("json").Send(document)
	})
	s.app.Get("/api/docs", func(c *fiber.Ctx) error { return c.Type("html", "utf-8").Send(page.Bytes()) })
	return nil
}
