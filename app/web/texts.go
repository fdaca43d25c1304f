package web

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/atelier-attack/atelier/realtime/cowrite"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
)

// InText names the text that an operation is about: a field of a draft.
type InText struct {
	InProposal
	Field string `path:"field" maxLength:"100"`
}

func (in InText) name() cowrite.Name {
	return cowrite.Name{Topic: review.TextsOf(in.Proposal), Field: in.Field}
}

// TextPush is what a page has written since a version.
type TextPush struct {
	Client  string            `json:"client" minLength:"1" maxLength:"64" doc:"names the page's editor; no other of the person has the same"`
	Version int64             `json:"version" minimum:"0" doc:"that the page had seen"`
	First   int64             `json:"first" minimum:"1" doc:"number of the first change; the editor counts them from 1"`
	Changes []json.RawMessage `json:"changes" minItems:"1" maxItems:"500" doc:"each a ChangeSet of CodeMirror as JSON, for the text that the one before made"`
}

func (p TextPush) by(author string) (cowrite.Push, error) {
	push := cowrite.Push{Author: author, Client: p.Client, Version: p.Version, First: p.First, Changes: make([]cowrite.Changes, len(p.Changes))}
	for i, text := range p.Changes {
		if err := json.Unmarshal(text, &push.Changes[i]); err != nil {
			return push, fault.InField("changes", "A change is not what CodeMirror writes, or inserts what no text may have.").Because(err)
		}
	}
	return push, nil
}

func (s *Server) textRoutes() {
	const path = "/workshops/{workshop}/proposals/{proposal}/texts/{field}"
	route(s, "open-texts", http.MethodPost, "/workshops/{workshop}/proposals/{proposal}/texts", "Begin the texts of a draft, for several people to write in, and get them by field",
		func(ctx context.Context, in *InProposal) (*body[map[string]cowrite.Text], error) {
			return answer(s.Proposals.OpenTexts(ctx, actorOf(ctx), in.Proposal))
		})
	route(s, "push-text", http.MethodPost, path, "Write in a text; what is answered for is saved, and a repeat is taken once",
		func(ctx context.Context, in *struct {
			InText
			Body TextPush
		}) (*body[cowrite.Pushed], error) {
			if err := s.Proposals.MayWrite(ctx, actorOf(ctx), in.Proposal); err != nil {
				return nil, err
			}
			push, err := in.Body.by(actorOf(ctx).User)
			if err != nil {
				return nil, err
			}
			pushed, err := s.Texts.Push(ctx, in.name(), push)
			if err == nil {
				if err := s.Proposals.Wrote(ctx, actorOf(ctx), in.Proposal); err != nil { // the text is saved all the same
					s.Log.WarnContext(ctx, "a draft does not move up", "error", err)
				}
			}
			return answer(pushed, err)
		})
	route(s, "get-text", http.MethodGet, path, "A text as it is",
		func(ctx context.Context, in *InText) (*body[cowrite.Text], error) {
			if err := s.Proposals.MayWrite(ctx, actorOf(ctx), in.Proposal); err != nil {
				return nil, err
			}
			return answer(s.Texts.Read(ctx, in.name()))
		})
	route(s, "list-text-updates", http.MethodGet, path+"/updates", "What came in a text since a version",
		func(ctx context.Context, in *struct {
			InText
			After int64 `query:"after" minimum:"0"`
			Limit int   `query:"limit" minimum:"1" maximum:"1000" default:"200"`
		}) (*body[[]cowrite.Update], error) {
			if err := s.Proposals.MayWrite(ctx, actorOf(ctx), in.Proposal); err != nil {
				return nil, err
			}
			return answer(s.Texts.Since(ctx, in.name(), in.After, in.Limit))
		})
}
