package web

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// AsOf asks for the state of an earlier, or another, collection.
type AsOf struct {
	At int64 `query:"at" minimum:"0" doc:"number of a collection, whose domain alone is read; 0 or left out: the present"`
}

// snapshot gives what is read as of a collection; 0 is the present.
func (s *Server) snapshot(ctx context.Context, at int64) (*taxonomy.Snapshot, error) {
	return s.Taxonomy.At(ctx, at)
}

func (s *Server) historyRoutes() {
	route(s, "list-collections", http.MethodGet, "/domains/{domain}/collections", "The states of a domain that are here, the newest first",
		func(ctx context.Context, in *InDomain) (*body[[]taxonomy.Listed], error) {
			list, err := s.Taxonomy.Collections(ctx, in.Domain)
			if err == nil && len(list) == 0 {
				err = notLoaded(in.Domain)
			}
			return answer(list, err)
		})
	route(s, "compare", http.MethodGet, "/compare", "What differs between two collections of a domain",
		func(ctx context.Context, in *twoCollections) (*body[*taxonomy.Comparison], error) {
			return answer(s.Taxonomy.Compare(ctx, in.From, in.To))
		})
	route(s, "get-comparison-notes", http.MethodGet, "/compare/notes", "What differs between two collections of a domain, as Markdown",
		func(ctx context.Context, in *twoCollections) (*huma.StreamResponse, error) {
			c, err := s.Taxonomy.Compare(ctx, in.From, in.To)
			if err != nil {
				return nil, err
			}
			name := fmt.Sprintf("%s-%s-to-%s.md", c.To.Domain, c.From.Version, c.To.Version)
			return s.download(ctx, "", file{name, "text/markdown; charset=utf-8", "", func(_ context.Context, w io.Writer) error { return c.WriteMarkdown(w) }})
		})
	route(s, "list-versions", http.MethodGet, "/objects/{id}/versions", "All versions of an object, and the collections that each is in",
		func(ctx context.Context, in *struct {
			ID string `path:"id" maxLength:"200" doc:"STIX id or ATT&CK id"`
		}) (*body[taxonomy.Versions], error) {
			return answer(s.Taxonomy.Versions(ctx, in.ID))
		})
	route(s, "get-differences", http.MethodGet, "/objects/{id}/differences", "The properties in which two versions of an object differ",
		func(ctx context.Context, in *struct {
			ID   string `path:"id" maxLength:"200" doc:"STIX id"`
			From int64  `query:"from" minimum:"0" doc:"number of a version; 0 or left out: before there was any"`
			To   int64  `query:"to" minimum:"0" doc:"number of a version; 0 or left out: after it was gone"`
		}) (*body[[]attack.Difference], error) {
			return answer(s.Taxonomy.Differences(ctx, in.ID, in.From, in.To))
		})
}

// twoCollections asks what differs between two collections of one domain.
type twoCollections struct {
	From int64 `query:"from" required:"true" minimum:"1" doc:"number of a collection"`
	To   int64 `query:"to" required:"true" minimum:"1" doc:"number of another collection of the same domain"`
}
