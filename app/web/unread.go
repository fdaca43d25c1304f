package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/atelier-attack/atelier/realtime/discuss"
)

// UnreadPage is what I have not read, as of an event's number.
type UnreadPage struct {
	Seq      int64            `json:"seq"`
	Messages []discuss.Unread `json:"messages" doc:"of others, since I joined; oldest first, at most the latest 1000"`
}

func (s *Server) unreadRoutes() {
	const path = "/workshops/{workshop}/unread"
	route(s, "list-unread", http.MethodGet, path, "What others said and I have not read",
		func(ctx context.Context, in *InWorkshop) (*body[UnreadPage], error) {
			return answer(s.unread(ctx, in.Workshop))
		})
	route(s, "mark-threads-read", http.MethodPut, path, "Say how far I have read threads; my other devices hear of it",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body struct {
				Threads []discuss.ReadUpTo `json:"threads" maxItems:"200"`
			}
		}) (*struct{}, error) {
			user := actorOf(ctx).User
			if err := s.Discussion.Read(ctx, in.Workshop, user, in.Body.Threads); err != nil {
				return nil, err
			}
			threads := make([]string, len(in.Body.Threads))
			for i, one := range in.Body.Threads {
				threads[i] = one.Thread
				s.Hub.Tell(in.Workshop, user, fmt.Sprintf("read:%s:%d", one.Thread, one.Seq))
			}
			return nil, s.Notices.Seen(ctx, user, threads)
		})
}

// unread reads the number first, like room.
func (s *Server) unread(ctx context.Context, workshop string) (p UnreadPage, err error) {
	user := actorOf(ctx).User
	if p.Seq, err = s.Journal.Head(ctx, workshop); err != nil {
		return p, err
	}
	since, err := s.Workshops.JoinedAt(ctx, workshop, user)
	if err != nil {
		return p, err
	}
	p.Messages, err = s.Discussion.Unread(ctx, workshop, user, since)
	return p, err
}
