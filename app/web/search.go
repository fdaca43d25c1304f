package web

import (
	"context"
	"net/http"

	"github.com/atelier-attack/atelier/review/taxonomy"
)

func (s *Server) searchRoutes() {
	route(s, "search", http.MethodGet, "/search", "Find objects by id, names, text, relationships and sources",
		func(ctx context.Context, in *struct {
			AsOf
			Q        string   `query:"q" maxLength:"500" doc:"words; without any, all that fits the other parameters"`
			Type     []string `query:"type,explode" doc:"STIX types; none: all"`
			Domain   []string `query:"domain,explode" doc:"none: all"`
			Tactic   []string `query:"tactic,explode" doc:"short names; none: all"`
			Platform []string `query:"platform,explode" doc:"none: all"`
			Limit    int      `query:"limit" minimum:"1" maximum:"500" default:"20"`
		}) (*body[taxonomy.Found], error) {
			snapshot, err := s.snapshot(ctx, in.At)
			if err != nil {
				return nil, err
			}
			return answer(snapshot.Search(taxonomy.Query{Text: in.Q, Type: in.Type, Domain: in.Domain, Tactic: in.Tactic,
				Platform: in.Platform, Limit: in.Limit}), nil)
		})
	route(s, "similar", http.MethodPost, "/similar", "Is this new? The objects that are most like a text",
		func(_ context.Context, in *struct {
			Body struct {
				Name        string `json:"name,omitempty" maxLength:"500"`
				Description string `json:"description,omitempty" maxLength:"100000"`
				Type        string `json:"type,omitempty" maxLength:"250" default:"attack-pattern" doc:"STIX type"`
				Domain      string `json:"domain,omitempty" maxLength:"200" doc:"empty: all domains"`
				Limit       int    `json:"limit,omitempty" minimum:"1" maximum:"50" default:"5"`
			}
		}) (*body[[]taxonomy.Alike], error) {
			return answer(s.Taxonomy.Snapshot().Similar(taxonomy.Draft{Name: in.Body.Name, Description: in.Body.Description,
				Type: in.Body.Type, Domain: in.Body.Domain, Limit: in.Body.Limit}), nil)
		})
}
