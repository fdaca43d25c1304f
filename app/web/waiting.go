package web

import (
	"context"
	"net/http"

	"github.com/atelier-attack/atelier/app/notify"
)

// AboutWaiting is what the pages of a person are told to look at whose notices
// changed.
const AboutWaiting = "waiting"

// MarkWaiting says of some of my notices that I have read them, or not.
type MarkWaiting struct {
	IDs  []int64 `json:"ids,omitempty" maxItems:"1000" doc:"none: all"`
	Read *bool   `json:"read,omitempty" doc:"left out: I have"`
}

// MarkedWaiting names the notices that a mark changed.
type MarkedWaiting struct {
	IDs []int64 `json:"ids"`
}

func (s *Server) waitingRoutes() {
	route(s, "list-waiting", http.MethodGet, "/me/waiting", "What waits for me, and what is news to me, in all my workshops",
		func(ctx context.Context, in *struct {
			Unread bool `query:"unread" doc:"only what I have not read"`
		}) (*body[notify.Waiting], error) {
			return answer(s.Notices.List(ctx, actorOf(ctx).User, in.Unread))
		})
	route(s, "mark-waiting", http.MethodPost, "/me/waiting", "Say what of it I have read, or take that back; my other devices hear of it",
		func(ctx context.Context, in *struct{ Body MarkWaiting }) (*body[MarkedWaiting], error) {
			ids, err := s.Notices.Mark(ctx, actorOf(ctx).User, in.Body.IDs, in.Body.Read == nil || *in.Body.Read)
			return answer(MarkedWaiting{ids}, err)
		})
}
