package web

import (
	"context"
	"net/http"

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
}
