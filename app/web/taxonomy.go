package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// InDomain names the domain that an operation is about.
type InDomain struct {
	Domain string `path:"domain" maxLength:"200"`
}

// ByObject names an object, and as of when it is read.
type ByObject struct {
	ID string `path:"id" maxLength:"300" doc:"STIX id or ATT&CK id"`
	AsOf
}

func notLoaded(domain string) error {
	return fault.New(fault.NotFound, "The domain %.100q is not loaded. A maintainer can import it.", domain)
}

func (s *Server) taxonomyRoutes() {
	route(s, "list-types", http.MethodGet, "/types", "The kinds of contributions and their fields",
		func(context.Context, *struct{}) (*body[[]attack.Form], error) { return answer(attack.Forms(), nil) })
	route(s, "get-workflow", http.MethodGet, "/workflow", "The state machine of proposals, and who may do what in a workshop",
		func(context.Context, *struct{}) (*body[Workflow], error) { return answer(s.workflow(), nil) })
	route(s, "list-domains", http.MethodGet, "/domains", "The domains that are loaded",
		func(context.Context, *struct{}) (*body[[]taxonomy.Domain], error) {
			return answer(s.Taxonomy.Snapshot().Domains(), nil)
		})
	route(s, "get-matrix", http.MethodGet, "/domains/{domain}/matrix", "A domain as a matrix",
		func(ctx context.Context, in *struct {
			InDomain
			AsOf
		}) (*body[taxonomy.Matrix], error) {
			snapshot, err := s.snapshot(ctx, in.At)
			if err != nil {
				return nil, err
			}
			m, ok := snapshot.Matrix(in.Domain)
			if !ok {
				return nil, notLoaded(in.Domain)
			}
			return answer(m, nil)
		})
	route(s, "get-vocabulary", http.MethodGet, "/domains/{domain}/vocabulary", "Tactics and platforms of a domain",
		func(_ context.Context, in *InDomain) (*body[taxonomy.Vocabulary], error) {
			if _, ok := s.Taxonomy.Snapshot().Matrix(in.Domain); !ok {
				return nil, notLoaded(in.Domain)
			}
			return answer(s.Taxonomy.Snapshot().Vocabulary(in.Domain), nil)
		})
	route(s, "get-object-stix", http.MethodGet, "/objects/{id}/stix", "An object's own STIX",
		func(ctx context.Context, in *ByObject) (*body[json.RawMessage], error) {
			snapshot, err := s.snapshot(ctx, in.At)
			if err != nil {
				return nil, err
			}
			o, ok := snapshot.Object(in.ID)
			if !ok {
				return nil, unknown(in.ID)
			}
			raw, err := s.Taxonomy.Raw(ctx, o.Row)
			return answer(json.RawMessage(raw), err)
		})
	route(s, "preview", http.MethodPost, "/preview", "Markdown as it will read",
		func(_ context.Context, in *struct {
			Body struct {
				Text       string             `json:"text" maxLength:"100000"`
				References []attack.Reference `json:"references,omitempty" maxItems:"300"`
			}
		}) (*body[Preview], error) {
			html, _ := s.Taxonomy.Snapshot().Render(in.Body.Text, in.Body.References, s.Text)
			return answer(Preview{html}, nil)
		})
}

// Preview is rendered Markdown, safe to show.
type Preview struct {
	HTML string `json:"html"`
}

func unknown(id string) error {
	return fault.New(fault.NotFound, "There is no object %.100q in the domains that are loaded.", id)
}

// collectionTag stands for all bytes of a collection.
func collectionTag(c taxonomy.Collection) string { return fmt.Sprintf(`"%x"`, c.Digest[:16]) }
