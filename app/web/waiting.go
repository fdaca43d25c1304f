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

// NoticeSettings is what I am told, and how.
type NoticeSettings struct {
	Kinds []notify.KindChoices `json:"kinds"`
}

func (s *Server) waitingRoutes() {
	route(s, "get-notice-settings", http.MethodGet, "/me/notices", "What I am told, and how",
		func(ctx context.Context, _ *struct{}) (*body[NoticeSettings], error) {
			return answer(s.noticeSettings(ctx))
		})
	route(s, "set-notice-choices", http.MethodPut, "/me/notices", "Turn kinds of notices on or off, each for the page, push and mail; what is not named stays",
		func(ctx context.Context, in *struct {
			Body struct {
				Choices []notify.Choice `json:"choices" maxItems:"100"`
			}
		}) (*body[NoticeSettings], error) {
			if err := s.Notices.Choose(ctx, actorOf(ctx).User, in.Body.Choices); err != nil {
				return nil, err
			}
			return answer(s.noticeSettings(ctx))
		})
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

func (s *Server) noticeSettings(ctx context.Context) (out NoticeSettings, err error) {
	out.Kinds, err = s.Notices.Choices(ctx, actorOf(ctx).User)
	return out, err
}
