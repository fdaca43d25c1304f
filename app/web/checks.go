package web

import (
	"context"
	"net/http"

	"github.com/atelier-attack/atelier/review/check"
)

func (s *Server) checkRoutes() {
	route(s, "list-checks", http.MethodGet, "/checks", "The rules by which drafts are looked at, with why and how to put it right",
		func(context.Context, *struct{}) (*body[[]check.Rule], error) { return answer(check.Rules(), nil) })
}
