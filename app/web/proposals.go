package web

import (
	"context"
	"net/http"

	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
)

// ProposalPage is all that the page of a proposal starts from, as of an
// event's number.
type ProposalPage struct {
	Seq       int64                  `json:"seq"`
	Proposal  review.Proposal        `json:"proposal"`
	Revisions []review.RevisionBrief `json:"revisions" doc:"oldest first"`
	Messages  []discuss.Message      `json:"messages"`
}

// InProposal names the proposal that an operation is about.
type InProposal struct {
	InWorkshop
	Proposal string `path:"proposal" maxLength:"100"`
}

func (s *Server) proposalRoutes() {
	const path = "/workshops/{workshop}/proposals"
	route(s, "list-proposals", http.MethodGet, path, "The proposals that were submitted",
		func(ctx context.Context, in *struct {
			InWorkshop
			State  review.State `query:"state" maxLength:"50"`
			Kind   string       `query:"kind" maxLength:"50"`
			Author string       `query:"author" maxLength:"100" doc:"user id"`
		}) (*body[[]review.Proposal], error) {
			return answer(s.Proposals.List(ctx, actorOf(ctx), review.Filter{State: in.State, Kind: in.Kind, Author: in.Author}))
		})
	route(s, "list-drafts", http.MethodGet, "/workshops/{workshop}/drafts", "What I have to finish",
		func(ctx context.Context, _ *InWorkshop) (*body[[]review.Proposal], error) {
			return answer(s.Proposals.Drafts(ctx, actorOf(ctx)))
		})
	route(s, "get-queue", http.MethodGet, "/workshops/{workshop}/queue", "What waits, for me first",
		func(ctx context.Context, _ *InWorkshop) (*body[review.Queue], error) {
			return answer(s.Proposals.Queue(ctx, actorOf(ctx)))
		})
	route(s, "start-proposal", http.MethodPost, path, "Start a proposal, as a draft that only I see",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body review.NewProposal
		}) (*body[review.Draft], error) {
			w, err := s.Workshops.Get(ctx, in.Workshop)
			if err != nil {
				return nil, err
			}
			return answer(s.Proposals.Start(ctx, actorOf(ctx), w.Domain, in.Body))
		})
	route(s, "get-proposal", http.MethodGet, path+"/{proposal}", "A proposal with all that its page starts from",
		func(ctx context.Context, in *InProposal) (*body[ProposalPage], error) {
			return answer(s.proposalPage(ctx, in.Workshop, in.Proposal))
		})
	route(s, "get-revision", http.MethodGet, path+"/{proposal}/revisions/{number}", "One revision, field by field against its base",
		func(ctx context.Context, in *struct {
			InProposal
			Number int64 `path:"number"`
		}) (*body[review.RevisionContent], error) {
			return answer(s.Proposals.Revision(ctx, actorOf(ctx), in.Proposal, in.Number))
		})
	route(s, "get-revision-parts", http.MethodGet, path+"/{proposal}/revisions/{number}/parts", "What a revision that changes several objects does to each",
		func(ctx context.Context, in *struct {
			InProposal
			Number int64 `path:"number" minimum:"1"`
		}) (*body[[]review.PartContent], error) {
			return answer(s.Proposals.Parts(ctx, actorOf(ctx), in.Proposal, in.Number))
		})
	route(s, "get-draft-parts", http.MethodGet, path+"/{proposal}/draft/parts", "What my draft would do to each object, where it changes several",
		func(ctx context.Context, in *InProposal) (*body[[]review.PartContent], error) {
			return answer(s.Proposals.Parts(ctx, actorOf(ctx), in.Proposal, 0))
		})
	route(s, "get-draft", http.MethodGet, path+"/{proposal}/draft", "My draft of a proposal",
		func(ctx context.Context, in *InProposal) (*body[review.Draft], error) {
			return answer(s.Proposals.Draft(ctx, actorOf(ctx), in.Proposal))
		})
	route(s, "save-draft", http.MethodPut, path+"/{proposal}/draft", "Save my draft",
		func(ctx context.Context, in *struct {
			InProposal
			Body review.DraftUpdate
		}) (*body[review.Draft], error) {
			return answer(s.Proposals.Save(ctx, actorOf(ctx), in.Proposal, in.Body))
		})
	route(s, "look-at-draft", http.MethodPost, path+"/{proposal}/draft/look", "What is found in my draft as it stands in my page; nothing is changed",
		func(ctx context.Context, in *struct {
			InProposal
			Body review.Unsaved
		}) (*body[review.Findings], error) {
			return answer(s.Proposals.LookAt(ctx, actorOf(ctx), in.Proposal, in.Body))
		})
	route(s, "set-authors", http.MethodPut, path+"/{proposal}/authors", "Say who writes in my proposal with me",
		func(ctx context.Context, in *struct {
			InProposal
			Body review.Authors
		}) (*body[review.Proposal], error) {
			return answer(s.invite(ctx, in.InProposal, in.Body))
		})
	route(s, "submit-proposal", http.MethodPost, path+"/{proposal}/submit", "Submit my draft as a revision",
		func(ctx context.Context, in *struct {
			InProposal
			Body review.Submission
		}) (*body[review.Proposal], error) {
			return answer(s.Proposals.Submit(ctx, actorOf(ctx), in.Proposal, in.Body))
		})
	route(s, "withdraw-proposal", http.MethodPost, path+"/{proposal}/withdraw", "Take my proposal back",
		func(ctx context.Context, in *InProposal) (*body[review.Proposal], error) {
			return answer(s.withdraw(ctx, in.Proposal))
		})
	route(s, "explain-proposal", http.MethodPost, path+"/{proposal}/explain", "Say why what the guard finds in a submitted proposal may stand",
		func(ctx context.Context, in *struct {
			InProposal
			Body review.Explanation
		}) (*body[review.Proposal], error) {
			return answer(s.Proposals.Explain(ctx, actorOf(ctx), in.Proposal, in.Body))
		})
	s.reviewRoute("start-review", review.ActionStartReview, "Begin to review a proposal")
	s.reviewRoute("approve-proposal", review.ActionApprove, "Accept a revision")
	s.reviewRoute("request-changes", review.ActionRequestChanges, "Ask the author for changes to a revision")
	s.reviewRoute("reject-proposal", review.ActionReject, "Reject a revision, with a reason")
	s.creditRoutes(path + "/{proposal}")
}

// invite lets in members who may propose, and tells those who came: others are
// told nothing of a draft. Whoever is not among the authors any more hears
// nothing more of its texts; their pages come back, and read their drafts anew.
func (s *Server) invite(ctx context.Context, in InProposal, authors review.Authors) (review.Proposal, error) {
	for _, user := range authors.Users {
		roles, err := s.Workshops.Roles(ctx, in.Workshop, user)
		if err != nil || !(review.Actor{Roles: roles}).Has(review.Proposers()...) {
			return review.Proposal{}, fault.InField("users", "Only members of the workshop who may propose can write in a proposal.")
		}
	}
	before, err := s.Proposals.Get(ctx, actorOf(ctx), in.Proposal)
	if err != nil {
		return before, err
	}
	now, err := s.Proposals.Invite(ctx, actorOf(ctx), in.Proposal, authors)
	if err != nil {
		return now, err
	}
	for _, user := range now.CoAuthors {
		if !before.Writes(user) {
			s.Hub.Tell(now.Workshop, user, aboutDraft(now))
		}
	}
	for _, user := range before.CoAuthors {
		if !now.Writes(user) {
			s.Hub.Resume(user)
		}
	}
	return now, nil
}

// withdraw takes a proposal back, and tells who wrote in it, too.
func (s *Server) withdraw(ctx context.Context, id string) (review.Proposal, error) {
	now, err := s.Proposals.Withdraw(ctx, actorOf(ctx), id)
	if err != nil {
		return now, err
	}
	for _, user := range now.CoAuthors {
		s.Hub.Tell(now.Workshop, user, aboutDraft(now))
	}
	return now, nil
}

// aboutDraft is how pages are told that the draft of a proposal came or went.
func aboutDraft(p review.Proposal) string { return "draft:" + p.ID }

// reviewRoute registers what a reviewer does; the path ends in the action.
func (s *Server) reviewRoute(id string, action review.Action, summary string) {
	route(s, id, http.MethodPost, "/workshops/{workshop}/proposals/{proposal}/"+string(action), summary,
		func(ctx context.Context, in *struct {
			InProposal
			Body review.Verdict
		}) (*body[review.Proposal], error) {
			return answer(s.Proposals.Review(ctx, actorOf(ctx), in.Proposal, action, in.Body))
		})
}

// proposalPage reads the number first, like room.
func (s *Server) proposalPage(ctx context.Context, workshop, id string) (p ProposalPage, err error) {
	actor := actorOf(ctx)
	if p.Seq, err = s.Journal.Head(ctx, workshop); err != nil {
		return p, err
	}
	if p.Proposal, err = s.Proposals.Get(ctx, actor, id); err != nil {
		return p, err
	}
	if p.Revisions, err = s.Proposals.Revisions(ctx, actor, id); err != nil {
		return p, err
	}
	p.Messages, err = s.Discussion.Messages(ctx, workshop, discuss.Anchor{Type: review.AnchorType, ID: id})
	return p, err
}
