package web

import (
	"context"
	"net/http"
	"time"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/attack"
)

// Cited is a reference to an address that somebody gave.
type Cited struct {
	Reference attack.Reference `json:"reference"`
	Known     bool             `json:"known" doc:"it is as ATT&CK has it; false: it is what the address tells, and has to be filled in"`
}

func (s *Server) sourceRoutes() {
	route(s, "list-sources", http.MethodGet, "/sources", "References that ATT&CK has, by words of their names and of what they say, best first",
		func(_ context.Context, in *struct {
			Q     string `query:"q" maxLength:"300" doc:"words; the last one may be unfinished"`
			Limit int    `query:"limit" minimum:"1" maximum:"100" default:"10"`
		}) (*body[[]attack.Reference], error) {
			return answer(s.Taxonomy.Snapshot().Sources(in.Q, in.Limit), nil)
		})
	route(s, "get-reference", http.MethodGet, "/reference", "The reference to a web address or a DOI, in ATT&CK's form",
		func(_ context.Context, in *struct {
			Address string `query:"address" maxLength:"2000"`
		}) (*body[Cited], error) {
			ref, known, ok := s.Taxonomy.Snapshot().Reference(in.Address, time.Now().UTC())
			if !ok {
				return nil, fault.InField("address", "This is no web address and no DOI. Paste one such as https://example.org/report or 10.1000/182.")
			}
			return answer(Cited{ref, known}, nil)
		})
}
