package web

import (
	"context"
	"net/http"

	"github.com/atelier-attack/atelier/realtime/poll"
)

// InPoll names the poll that an operation is about.
type InPoll struct {
	InWorkshop
	Poll string `path:"poll" maxLength:"100"`
}

// castVote is a vote as it is sent.
type castVote struct {
	InPoll
	Body struct {
		Ballot poll.Ballot `json:"ballot" maxItems:"50" doc:"yes_no and choice: the number of an option, from 0; a ranking: the numbers of all options, best first; dots: how many for each option"`
	}
}

func (s *Server) pollRoutes() {
	const path = "/workshops/{workshop}/polls"
	route(s, "make-poll", http.MethodPost, path, "Ask the room",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body poll.NewPoll
		}) (*body[poll.Poll], error) {
			if in.Body.About != "" {
				if _, err := s.subject(ctx, in.Body.About); err != nil {
					return nil, err
				}
			}
			return answer(s.Polls.Make(ctx, in.Workshop, actorOf(ctx).User, in.Body))
		})
	route(s, "get-poll", http.MethodGet, path+"/{poll}", "A poll with who has voted and, unless it is anonymous, what",
		func(ctx context.Context, in *InPoll) (*body[poll.Poll], error) {
			return answer(s.Polls.Get(ctx, in.Workshop, in.Poll))
		})
	route(s, "open-poll", http.MethodPost, path+"/{poll}/open", "Take votes from now on",
		func(ctx context.Context, in *InPoll) (*body[poll.Poll], error) {
			return answer(s.Polls.Open(ctx, in.Workshop, actorOf(ctx).User, in.Poll))
		})
	route(s, "close-poll", http.MethodPost, path+"/{poll}/close", "Take no more votes; the result goes into the record",
		func(ctx context.Context, in *InPoll) (*body[poll.Poll], error) {
			return answer(s.Polls.Close(ctx, in.Workshop, actorOf(ctx).User, in.Poll))
		})
	route(s, "vote", http.MethodPost, path+"/{poll}/vote", "Vote by name, or change my vote",
		func(ctx context.Context, in *castVote) (*body[poll.Vote], error) {
			return answer(s.Polls.Vote(ctx, in.Workshop, actorOf(ctx).User, in.Poll, in.Body.Ballot))
		})
	route(s, "cast-vote", http.MethodPost, path+"/{poll}/cast", "Vote anonymously: once, and what is voted is kept nowhere, nor a key with it; a repeat changes nothing",
		func(ctx context.Context, in *castVote) (*body[poll.Vote], error) {
			return answer(s.Polls.Cast(ctx, in.Workshop, actorOf(ctx).User, in.Poll, in.Body.Ballot))
		})
}
