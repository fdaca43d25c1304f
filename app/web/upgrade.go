package web

import (
	"context"
	"net/http"

	"github.com/atelier-attack/atelier/review/taxonomy"
)

func (s *Server) upgradeRoutes() {
	route(s, "list-import-reports", http.MethodGet, "/import-reports", "What was found in each file that was imported, latest first",
		func(ctx context.Context, _ *struct{}) (*body[[]taxonomy.Report], error) {
			return answer(s.Taxonomy.Reports(ctx))
		})
	route(s, "get-import-report", http.MethodGet, "/domains/{domain}/collections/{collection}/report", "What was found in the file that made a state of a domain",
		func(ctx context.Context, in *struct {
			InDomain
			Collection int64 `path:"collection"`
		}) (*body[taxonomy.Report], error) {
			return answer(s.Taxonomy.ReportOf(ctx, in.Domain, in.Collection))
		})
}
