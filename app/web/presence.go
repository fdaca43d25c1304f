package web

import (
	"context"
	"net/http"
)

// Presence is how one is seen in a workshop.
type Presence struct {
	Hidden bool `json:"hidden" doc:"the others are not told when I am here, and where"`
}

func (s *Server) presenceRoutes() {
	route(s, "get-presence", http.MethodGet, "/workshops/{workshop}/presence", "How I am seen by the others", func(ctx context.Context, in *InWorkshop) (*body[Presence], error) {
		_, hidden, err := s.Workshops.Attends(ctx, in.Workshop, actorOf(ctx).User)
		return answer(Presence{hidden}, err)
	})
	route(s, "set-presence", http.MethodPut, "/workshops/{workshop}/presence", "Be hidden from the others, or seen again",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body Presence
		}) (*body[Presence], error) {
			user := actorOf(ctx).User
			if err := s.Workshops.Hide(ctx, in.Workshop, user, in.Body.Hidden); err != nil {
				return nil, err
			}
			s.Hub.Hide(in.Workshop, user, in.Body.Hidden)
			return answer(in.Body, nil)
		})
}
