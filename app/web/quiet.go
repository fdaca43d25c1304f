package web

import (
	"context"
	"net/http"

	"github.com/atelier-attack/atelier/realtime/desk"
)

// InRound names the time of quiet that an operation is about.
type InRound struct {
	InWorkshop
	Round string `path:"round" maxLength:"100"`
}

func (s *Server) quietRoutes(path string) {
	route(s, "start-reading", http.MethodPost, path+"/reading", "Have all read something in quiet",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body struct {
				On string `json:"on" maxLength:"200" doc:"proposal:ID or object:ID"`
			}
		}) (*struct{}, error) {
			what, err := s.subject(ctx, in.Body.On)
			if err != nil {
				return nil, err
			}
			return noBody(s.Desk.StartReading(ctx, in.Workshop, actorOf(ctx).User, what))
		})
	route(s, "mark-read", http.MethodPost, path+"/reading/{round}/read", "Say that I have read it",
		func(ctx context.Context, in *InRound) (*body[desk.Tick], error) {
			return answer(s.Desk.MarkRead(ctx, in.Workshop, actorOf(ctx).User, in.Round))
		})
	route(s, "end-reading", http.MethodPost, path+"/reading/{round}/end", "End the quiet",
		func(ctx context.Context, in *InRound) (*struct{}, error) {
			return noBody(s.Desk.EndReading(ctx, in.Workshop, actorOf(ctx).User, in.Round))
		})
	route(s, "start-writing", http.MethodPost, path+"/writing", "Have all write in quiet",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body struct {
				Question string `json:"question" maxLength:"2000"`
			}
		}) (*struct{}, error) {
			return noBody(s.Desk.StartWriting(ctx, in.Workshop, actorOf(ctx).User, in.Body.Question))
		})
	route(s, "write-note", http.MethodPut, path+"/writing/{round}/note", "Write in quiet, in place of what I wrote before",
		func(ctx context.Context, in *struct {
			InRound
			Body struct {
				Text string `json:"text" maxLength:"20000"`
			}
		}) (*body[desk.Note], error) {
			return answer(s.Desk.WriteNote(ctx, in.Workshop, actorOf(ctx).User, in.Round, in.Body.Text))
		})
	route(s, "show-notes", http.MethodPost, path+"/writing/{round}/show", "Show what all wrote, at once",
		func(ctx context.Context, in *InRound) (*struct{}, error) {
			return noBody(s.Desk.ShowNotes(ctx, in.Workshop, actorOf(ctx).User, in.Round))
		})
	route(s, "end-writing", http.MethodPost, path+"/writing/{round}/end", "Clear the table; what was not shown is gone",
		func(ctx context.Context, in *InRound) (*struct{}, error) {
			return noBody(s.Desk.EndWriting(ctx, in.Workshop, actorOf(ctx).User, in.Round))
		})
}
