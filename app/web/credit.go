package web

import (
	"context"
	"net/http"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
)

// creditRoutes register who is named for proposals, and what reviewers would
// have them say.
func (s *Server) creditRoutes(proposal string) {
	route(s, "get-naming", http.MethodGet, "/me/naming", "Whether I agree to be named for what I do, and how",
		func(ctx context.Context, _ *struct{}) (*body[review.Naming], error) {
			return answer(s.Proposals.Naming(ctx, actorOf(ctx).User))
		})
	route(s, "set-naming", http.MethodPut, "/me/naming", "Say whether I agree to be named for what I do, and how",
		func(ctx context.Context, in *struct{ Body review.Naming }) (*body[review.Naming], error) {
			return answer(s.Proposals.NameMe(ctx, actorOf(ctx).User, in.Body))
		})
	route(s, "name-me", http.MethodPut, proposal+"/naming", "Say whether I agree to be named for a proposal, and how",
		func(ctx context.Context, in *struct {
			InProposal
			Body review.Naming
		}) (*body[review.Proposal], error) {
			return answer(s.Proposals.NameMeIn(ctx, actorOf(ctx), in.Proposal, in.Body))
		})
	route(s, "set-thanks", http.MethodPut, proposal+"/thanks", "Say who else is named for my proposal, if they agree",
		func(ctx context.Context, in *struct {
			InProposal
			Body review.Thanks
		}) (*body[review.Proposal], error) {
			for _, user := range in.Body.Users {
				if _, err := s.Workshops.Roles(ctx, in.Workshop, user); err != nil {
					return nil, fault.InField("users", "Only members of the workshop can be asked whether they want to be named.")
				}
			}
			return answer(s.Proposals.Thank(ctx, actorOf(ctx), in.Proposal, in.Body))
		})
	route(s, "suggest-text", http.MethodPost, proposal+"/suggestions", "Suggest another text of a proposal to its authors",
		func(ctx context.Context, in *struct {
			InProposal
			Body review.NewSuggestion
		}) (*body[review.Proposal], error) {
			return answer(s.Proposals.Suggest(ctx, actorOf(ctx), in.Proposal, in.Body))
		})
	for action, summary := range map[review.Action]string{
		review.ActionTake:    "Take a suggestion over into my proposal",
		review.ActionDecline: "Decline a suggestion",
		review.ActionDrop:    "Take my own suggestion back",
		review.ActionUndo:    "Undo that a suggestion was taken",
	} {
		s.suggestionRoute(proposal, action, summary)
	}
}

// suggestionRoute registers an answer to a suggestion; the path ends in the
// action.
func (s *Server) suggestionRoute(proposal string, action review.Action, summary string) {
	route(s, string(action)+"-suggestion", http.MethodPost, proposal+"/suggestions/{suggestion}/"+string(action), summary,
		func(ctx context.Context, in *struct {
			InProposal
			Suggestion string `path:"suggestion" maxLength:"100"`
			Body       review.SuggestionAnswer
		}) (*body[review.Proposal], error) {
			return answer(s.Proposals.AnswerSuggestion(ctx, actorOf(ctx), in.Proposal, in.Suggestion, action, in.Body))
		})
}
