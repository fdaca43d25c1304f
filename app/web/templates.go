package web

import (
	"context"
	"net/http"

	"github.com/atelier-attack/atelier/review"
)

// OneTemplate names the template that an operation is about.
type OneTemplate struct {
	InWorkshop
	Template string `path:"template" maxLength:"100"`
}

func (s *Server) templateRoutes() {
	const path = "/workshops/{workshop}/templates"
	route(s, "list-templates", http.MethodGet, path, "What proposals may start from",
		func(ctx context.Context, _ *InWorkshop) (*body[[]review.Template], error) {
			return answer(s.Proposals.Templates(ctx, actorOf(ctx)))
		})
	route(s, "make-template", http.MethodPost, path, "Keep a template, of a proposal or of what is given",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body review.NewTemplate
		}) (*body[review.Template], error) {
			return answer(s.Proposals.MakeTemplate(ctx, actorOf(ctx), in.Body))
		})
	route(s, "change-template", http.MethodPut, path+"/{template}", "Change a template",
		func(ctx context.Context, in *struct {
			OneTemplate
			Body review.TemplateChange
		}) (*body[review.Template], error) {
			return answer(s.Proposals.ChangeTemplate(ctx, actorOf(ctx), in.Template, in.Body))
		})
	route(s, "delete-template", http.MethodDelete, path+"/{template}", "Take a template away; what started from it stays",
		func(ctx context.Context, in *OneTemplate) (*struct{}, error) {
			return nil, s.Proposals.DropTemplate(ctx, actorOf(ctx), in.Template)
		})
}
