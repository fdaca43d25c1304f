package web

import (
	"context"
	"net/http"

	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/search"
)

// SaidHit is a message that was found.
type SaidHit struct {
	Message discuss.Message  `json:"message"`
	Excerpt []search.Segment `json:"excerpt" doc:"the part of it that has the most of the words"`
}

// SaidFound is what a search in messages found, the newest first.
type SaidFound struct {
	Hits []SaidHit `json:"hits"`
	Next int64     `json:"next" doc:"go on before this number; 0: there is no more"`
}

func (s *Server) saidRoutes() {
	route(s, "search-messages", http.MethodGet, "/workshops/{workshop}/said", "Find messages of a workshop by their words, the newest first",
		func(ctx context.Context, in *struct {
			InWorkshop
			Q      string `query:"q" maxLength:"500" doc:"words, all of which a message has; without any, all messages"`
			By     string `query:"by" maxLength:"100" doc:"user id; left out: everybody"`
			About  string `query:"about" enum:"workshop,group,proposal,object,agenda" doc:"what it is said about; left out: anything"`
			Before int64  `query:"before" minimum:"0"`
			Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
		}) (*body[SaidFound], error) {
			words := search.NewMarker(in.Q)
			messages, more, err := s.Discussion.Search(ctx, in.Workshop, discuss.Sought{By: in.By, About: in.About, Before: in.Before, Limit: in.Limit}, words.All)
			found := SaidFound{Hits: make([]SaidHit, len(messages))}
			for i, m := range messages {
				found.Hits[i] = SaidHit{m, words.Excerpt(s.Text.Plain(m.Body, markdown.Context{}))}
			}
			if more {
				found.Next = messages[len(messages)-1].Seq
			}
			return answer(found, err)
		})
}
