package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/atelier-attack/atelier/review"
)

// InBundle is a bundle of changes, as JSON or gzip of it. It is sent with each
// step, so that nothing is kept of one that nobody goes on with.
type InBundle struct {
	InWorkshop
	RawBody []byte `contentType:"application/octet-stream"`
}

func (s *Server) bundleRoutes() {
	route(s, "start-letter", http.MethodPost, "/workshops/{workshop}/letters", "Make a draft of an e-mail in the form that MITRE asks for",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body struct {
				Text string `json:"text" maxLength:"100000"`
			}
		}) (*body[review.Draft], error) {
			w, err := s.Workshops.Get(ctx, in.Workshop)
			if err != nil {
				return nil, err
			}
			return answer(s.Proposals.StartLetter(ctx, actorOf(ctx), w.Domain, in.Body.Text))
		})
	const at = "/workshops/{workshop}/bundle"
	takes := func(op *huma.Operation) { op.MaxBodyBytes = review.MaxBundle }
	route(s, "try-bundle", http.MethodPost, at+"/try", "What a STIX bundle of somebody's changes would be, object by object; nothing is changed",
		func(ctx context.Context, in *InBundle) (*body[review.BundleReport], error) {
			w, err := s.Workshops.Get(ctx, in.Workshop)
			if err != nil {
				return nil, err
			}
			return answer(s.Proposals.TryBundle(ctx, actorOf(ctx), w.Domain, in.RawBody))
		}, takes)
	route(s, "make-bundle", http.MethodPost, at+"/make", "Make a draft of each chosen object of a STIX bundle, all or none",
		func(ctx context.Context, in *struct {
			InBundle
			Items []int `query:"items,explode" maxItems:"200" doc:"numbers of the items that are wanted"`
		}) (*body[review.BundleMade], error) {
			w, err := s.Workshops.Get(ctx, in.Workshop)
			if err != nil {
				return nil, err
			}
			return answer(s.Proposals.MakeBundle(ctx, actorOf(ctx), w.Domain, in.RawBody, in.Items))
		}, takes)
}
