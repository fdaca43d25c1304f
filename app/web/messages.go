package web

import (
	"context"
	"net/http"

	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review"
)

// maxModeration is how much of the log of moderation is shown.
const maxModeration = 500

// NewMessage is what somebody says.
type NewMessage struct {
	Body      string            `json:"body" maxLength:"100000"`
	Explained map[string]string `json:"explained,omitempty" doc:"why what must not be shared may stand, by the keys of what look-at-text finds"`
}

// Said is what somebody says, as a reply or as the opening of a thread.
type Said struct {
	NewMessage
	Thread string `json:"thread,omitempty" maxLength:"100" doc:"id of the message that opened the thread; empty: this one opens one"`
}

func (m Said) about(field string) discuss.NewMessage {
	return discuss.NewMessage{Thread: m.Thread, Field: field, Body: m.Body, Explained: m.Explained}
}

// MessageEdit is another text for a message.
type MessageEdit struct {
	NewMessage
	Version int64 `json:"version" doc:"of the text that it replaces"`
}

// InMessage names the message that an operation is about.
type InMessage struct {
	InWorkshop
	Message string `path:"message" maxLength:"100"`
}

func theRoom(in InWorkshop) discuss.Anchor {
	return discuss.Anchor{Type: "workshop", ID: in.Workshop}
}
func theProposal(in InProposal) discuss.Anchor {
	return discuss.Anchor{Type: review.AnchorType, ID: in.Proposal}
}

func (s *Server) messageRoutes() {
	const room = "/workshops/{workshop}"
	route(s, "look-at-text", http.MethodPost, room+"/look", "What must not be shared in a text that is being written; nothing is changed",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body NewMessage
		}) (*body[[]review.Check], error) {
			return answer(s.Proposals.Look(ctx, actorOf(ctx), in.Body.Body, in.Body.Explained))
		})
	route(s, "list-messages", http.MethodGet, room+"/messages", "The room's discussion",
		func(ctx context.Context, in *InWorkshop) (*body[[]discuss.Message], error) {
			return answer(s.Discussion.Messages(ctx, in.Workshop, theRoom(*in)))
		})
	route(s, "post-message", http.MethodPost, room+"/messages", "Say something in the room",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body Said
		}) (*body[discuss.Message], error) {
			return answer(s.Discussion.Post(ctx, in.Workshop, actorOf(ctx).User, theRoom(in.InWorkshop), in.Body.about("")))
		})
	route(s, "list-proposal-messages", http.MethodGet, room+"/proposals/{proposal}/messages", "The discussion of a proposal",
		func(ctx context.Context, in *InProposal) (*body[[]discuss.Message], error) {
			if err := s.Proposals.Discussed(ctx, actorOf(ctx), in.Proposal, ""); err != nil {
				return nil, err
			}
			return answer(s.Discussion.Messages(ctx, in.Workshop, theProposal(*in)))
		})
	route(s, "post-proposal-message", http.MethodPost, room+"/proposals/{proposal}/messages", "Say something about a proposal, or one of its fields",
		func(ctx context.Context, in *struct {
			InProposal
			Body struct {
				Said
				Field string              `json:"field,omitempty" maxLength:"100" doc:"name of a field; empty: the whole, or what the thread is about"`
				Words *review.ChosenWords `json:"words,omitempty" doc:"of the field's text, that a new thread is about; left out: all"`
			}
		}) (*body[discuss.Message], error) {
			if err := s.Proposals.Discussed(ctx, actorOf(ctx), in.Proposal, in.Body.Field); err != nil {
				return nil, err
			}
			said := in.Body.about(in.Body.Field)
			if in.Body.Words != nil && said.Thread == "" {
				words, err := s.Proposals.Quote(ctx, actorOf(ctx), in.Proposal, in.Body.Field, *in.Body.Words)
				if err != nil {
					return nil, err
				}
				said.Words = &words
			}
			return answer(s.Discussion.Post(ctx, in.Workshop, actorOf(ctx).User, theProposal(in.InProposal), said))
		})
	route(s, "list-moderation", http.MethodGet, room+"/moderation", "The log of moderation, newest first",
		func(ctx context.Context, in *InWorkshop) (*body[[]journal.Event], error) {
			return answer(s.Journal.OfKind(ctx, in.Workshop, "moderation.", maxModeration))
		})
	s.anchorRoutes(room)
	s.saidRoutes()
	s.oneMessageRoutes(room + "/messages/{message}")
	s.threadRoute("resolve-thread", review.ActionResolve, "Say that a thread about a proposal is settled")
	s.threadRoute("reopen-thread", review.ActionReopen, "Say that a thread about a proposal is not settled")
	s.threadRoute("block-thread", review.ActionBlock, "Hold a proposal up until a thread about it is resolved")
	s.threadRoute("unblock-thread", review.ActionUnblock, "Let a proposal go on, whatever a thread about it says")
}

// threadRoute registers what is done to a thread; the path ends in the action.
func (s *Server) threadRoute(id string, action review.Action, summary string) {
	route(s, id, http.MethodPost, "/workshops/{workshop}/proposals/{proposal}/threads/{thread}/"+string(action), summary,
		func(ctx context.Context, in *struct {
			InProposal
			Thread string `path:"thread" maxLength:"100" doc:"id of the message that opened it"`
		}) (*body[discuss.Message], error) {
			return answer(s.Proposals.ChangeThread(ctx, actorOf(ctx), in.Proposal, in.Thread, action))
		})
}

func (s *Server) oneMessageRoutes(path string) {
	route(s, "get-message", http.MethodGet, path, "One message, of the room or about a proposal",
		func(ctx context.Context, in *InMessage) (*body[discuss.Message], error) {
			return answer(s.Discussion.Message(ctx, in.Workshop, in.Message))
		})
	route(s, "list-older-texts", http.MethodGet, path+"/older", "What a message said before it was edited, oldest first",
		func(ctx context.Context, in *InMessage) (*body[[]discuss.OlderText], error) {
			return answer(s.Discussion.Older(ctx, in.Workshop, in.Message))
		})
	route(s, "edit-message", http.MethodPatch, path, "Give my message another text",
		func(ctx context.Context, in *struct {
			InMessage
			Body MessageEdit
		}) (*body[discuss.Message], error) {
			edit := discuss.Edit{Body: in.Body.Body, Version: in.Body.Version, Explained: in.Body.Explained}
			return answer(s.Discussion.Edit(ctx, in.Workshop, actorOf(ctx).User, in.Message, edit))
		})
	route(s, "hide-message", http.MethodPost, path+"/hide", "Take the text of somebody's message away, with a reason that all can read",
		func(ctx context.Context, in *struct {
			InMessage
			Body struct {
				Reason string `json:"reason" maxLength:"2000"`
			}
		}) (*body[discuss.Message], error) {
			return answer(s.Discussion.Hide(ctx, in.Workshop, actorOf(ctx).User, in.Message, in.Body.Reason))
		})
	route(s, "react", http.MethodPut, path+"/reactions/{kind}", "Give a message a sign, or take mine back",
		func(ctx context.Context, in *struct {
			InMessage
			Kind string `path:"kind" maxLength:"20" doc:"one of the signs that the workflow lists"`
			Body struct {
				On bool `json:"on" doc:"false: take it back"`
			}
		}) (*body[[]discuss.Reaction], error) {
			return answer(s.Discussion.React(ctx, in.Workshop, actorOf(ctx).User, in.Message, in.Kind, in.Body.On))
		})
	route(s, "delete-message", http.MethodDelete, path, "Take the text of my message away; a mark stays",
		func(ctx context.Context, in *InMessage) (*body[discuss.Message], error) {
			return answer(s.Discussion.Delete(ctx, in.Workshop, actorOf(ctx).User, in.Message))
		})
}
