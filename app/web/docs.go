package web

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
)

// docsFiles read without any script, so that the strict policy holds here too.
//
//go:embed docs/page.html docs/docs.css
var docsFiles embed.FS

func openAPI(api huma.API) ([]byte, error) {
	text, err := json.MarshalIndent(api.OpenAPI(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	return append(text, '\n'), nil
}

// docs serves the OpenAPI document and a page to read it. Each is made once, for
// the first who asks: it takes most of the time of a start, and few ask.
func (s *Server) docs() {
	s.sendOnce("/api/openapi.json", "json", s.OpenAPI)
	s.sendOnce("/api/docs", "html", s.docsPage)
	s.sendOnce("/api/docs.css", "css", func() ([]byte, error) { return docsFiles.ReadFile("docs/docs.css") })
}

func (s *Server) sendOnce(path, extension string, make func() ([]byte, error)) {
	once := sync.OnceValues(make)
	s.app.Get(path, func(c *fiber.Ctx) error {
		content, err := once()
		if err != nil {
			return err
		}
		return c.Type(extension, "utf-8").Send(content)
	})
}

func (s *Server) docsPage() ([]byte, error) {
	page, err := template.ParseFS(docsFiles, "docs/page.html")
	if err != nil {
		return nil, fmt.Errorf("read the page of the API: %w", err)
	}
	var html bytes.Buffer
	if err := page.Execute(&html, s.reference()); err != nil {
		return nil, fmt.Errorf("write the page of the API: %w", err)
	}
	return html.Bytes(), nil
}

// reference is the API as its page shows it.
type reference struct {
	About, Version string
	Groups         []docGroup
	Schemas        []docSchema
}

type docGroup struct {
	Name       string
	Operations []docOperation
}

type docOperation struct {
	ID, Method, Path, Summary, Who string
	Parameters                     []docParameter
	Takes, Gives                   *docType
}

type docParameter struct {
	Name, In, Type, Doc string
	Required            bool
}

type docSchema struct {
	Name   string
	Fields []docField
}

type docField struct {
	Name, Doc string
	Type      docType
	Required  bool
}

// docType is a named schema or a plain type, or a list of one.
type docType struct {
	Schema, Text string
	Many         bool
}

func (s *Server) reference() reference {
	api := s.api.OpenAPI()
	r := reference{About: api.Info.Description, Version: api.OpenAPI}
	groups := map[string][]docOperation{}
	for _, path := range slices.Sorted(maps.Keys(api.Paths)) {
		item := api.Paths[path]
		name := strings.Split(path, "/")[1]
		if parts := strings.Split(path, "/"); name == "workshops" && len(parts) > 3 {
			name = parts[3]
		}
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				groups[name] = append(groups[name], s.docOperation(path, op))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		r.Groups = append(r.Groups, docGroup{name, groups[name]})
	}
	schemas := api.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		schema := docSchema{Name: name}
		for _, field := range slices.Sorted(maps.Keys(schemas[name].Properties)) {
			property := schemas[name].Properties[field]
			schema.Fields = append(schema.Fields, docField{field, property.Description, typeOf(property), slices.Contains(schemas[name].Required, field)})
		}
		r.Schemas = append(r.Schemas, schema)
	}
	return r
}

func (s *Server) docOperation(path string, op *huma.Operation) docOperation {
	rule := s.access[op.OperationID]
	d := docOperation{ID: op.OperationID, Method: op.Method, Path: path, Summary: op.Summary, Who: string(rule.resource)}
	if len(rule.roles) > 0 {
		d.Who = fmt.Sprintf("%s: %v", rule.resource, rule.roles)
	}
	for _, p := range op.Parameters {
		d.Parameters = append(d.Parameters, docParameter{p.Name, p.In, typeOf(p.Schema).Text, cmp.Or(p.Description, p.Schema.Description), p.Required})
	}
	if op.RequestBody != nil {
		d.Takes = contentOf(op.RequestBody.Content)
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		if status < "300" {
			d.Gives = contentOf(op.Responses[status].Content)
		}
	}
	return d
}

func contentOf(content map[string]*huma.MediaType) *docType {
	for _, kind := range slices.Sorted(maps.Keys(content)) {
		if schema := content[kind].Schema; schema != nil {
			t := typeOf(schema)
			return &t
		}
	}
	return nil
}

func typeOf(schema *huma.Schema) docType {
	switch {
	case schema == nil:
		return docType{Text: "any"}
	case schema.Ref != "":
		return docType{Schema: schema.Ref[strings.LastIndex(schema.Ref, "/")+1:]}
	case schema.Type == huma.TypeArray:
		t := typeOf(schema.Items)
		t.Many = true
		return t
	}
	text := cmp.Or(schema.Type, "any")
	if len(schema.Enum) > 0 {
		text = strings.Trim(fmt.Sprint(schema.Enum), "[]")
		text = "one of: " + text
	}
	return docType{Text: text}
}
