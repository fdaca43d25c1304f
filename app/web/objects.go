package web

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/atelier-attack/atelier/review/taxonomy"
)

func (s *Server) objectRoutes() {
	route(s, "list-object-types", http.MethodGet, "/object-types", "The types of objects, and what people call them",
		func(context.Context, *struct{}) (*body[[]taxonomy.TypeNames], error) {
			return answer(s.Taxonomy.Snapshot().ObjectTypes(), nil)
		})
	route(s, "get-object", http.MethodGet, "/objects/{id}", "An object with all that is about it", s.objectPage)
	route(s, "get-object-card", http.MethodGet, "/objects/{id}/card", "The little that a link to an object shows",
		func(ctx context.Context, in *ByObject) (*body[taxonomy.Card], error) {
			snapshot, err := s.snapshot(ctx, in.At)
			if err != nil {
				return nil, err
			}
			card, ok := snapshot.Card(in.ID, s.Text)
			if !ok {
				return nil, unknown(in.ID)
			}
			return answer(card, nil)
		})
	route(s, "get-object-graph", http.MethodGet, "/objects/{id}/graph", "What lies around an object",
		func(ctx context.Context, in *struct {
			ByObject
			Steps int `query:"steps" minimum:"1" maximum:"2" default:"1"`
		}) (*body[taxonomy.Graph], error) {
			snapshot, err := s.snapshot(ctx, in.At)
			if err != nil {
				return nil, err
			}
			graph, ok := snapshot.Graph(in.ID, in.Steps)
			if !ok {
				return nil, unknown(in.ID)
			}
			return answer(graph, nil)
		})
	route(s, "get-object-file", http.MethodGet, "/objects/{id}/stix/file", "An object's own STIX as a file, byte for byte", s.objectFile)
}

// pageOfObject is what of an object's page is asked for.
type pageOfObject struct {
	ByObject
	First int `query:"first" minimum:"0" doc:"at most so many items of each section; 0: all"`
}

func (s *Server) objectPage(ctx context.Context, in *pageOfObject) (*body[taxonomy.ObjectPage], error) {
	snapshot, err := s.snapshot(ctx, in.At)
	if err != nil {
		return nil, err
	}
	page, ok := snapshot.Beginning(in.ID, s.Text, cmp.Or(in.First, math.MaxInt))
	if !ok {
		return nil, unknown(in.ID)
	}
	released := slices.ContainsFunc(page.Object.In, func(d taxonomy.InDomain) bool { return d.Source == taxonomy.FromRelease })
	if page.Object.URL != "" && released {
		here, err := s.Taxonomy.MadeHere(ctx, page.Object.STIXID)
		if err != nil {
			return nil, err
		}
		if here { // it has the address that it would have at MITRE
			page.Object.URL = ""
		}
	}
	return answer(page, nil)
}

// noFileName are characters that the name of a file does not need.
var noFileName = regexp.MustCompile(`[^A-Za-z0-9.-]+`)

func (s *Server) objectFile(ctx context.Context, in *ByObject) (*huma.StreamResponse, error) {
	snapshot, err := s.snapshot(ctx, in.At)
	if err != nil {
		return nil, err
	}
	o, ok := snapshot.Object(in.ID)
	if !ok {
		return nil, unknown(in.ID)
	}
	raw, err := s.Taxonomy.Raw(ctx, o.Row)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%s.json", noFileName.ReplaceAllString(o.Label(), "-"))
	return s.download(ctx, "", file{name: name, contentType: "application/json", write: func(_ context.Context, w io.Writer) error {
		_, err := w.Write(raw)
		return err
	}})
}
