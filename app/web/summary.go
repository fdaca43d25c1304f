package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/atelier-attack/atelier/app/summary"
	"github.com/atelier-attack/atelier/realtime/fault"
)

// inTime says of what time a summary is asked for. Days are local to where
// people meet, so that pages give their bounds.
type inTime struct {
	InWorkshop
	From time.Time `query:"from" required:"true" doc:"such as 2026-12-01T00:00:00+01:00"`
	To   time.Time `query:"to" required:"true" doc:"before this"`
}

func (s *Server) summaryRoutes() {
	const path = "/workshops/{workshop}/summary"
	route(s, "get-summary", http.MethodGet, path, "What happened in a time, from the record",
		func(ctx context.Context, in *inTime) (*body[summary.Summary], error) {
			return answer(s.summary(ctx, in))
		})
	route(s, "get-summary-notes", http.MethodGet, path+".md", "What happened in a time, as Markdown",
		func(ctx context.Context, in *inTime) (*huma.StreamResponse, error) {
			text, day, err := s.summaryNotes(ctx, in)
			if err != nil {
				return nil, err
			}
			return s.download(ctx, "", file{"summary-" + day + ".md", "text/markdown; charset=utf-8", "", func(_ context.Context, w io.Writer) error {
				_, err := io.WriteString(w, text)
				return err
			}})
		})
}

func (s *Server) summary(ctx context.Context, in *inTime) (summary.Summary, error) {
	if !in.From.Before(in.To) {
		return summary.Summary{}, fault.InField("to", "The end must be after the beginning.")
	}
	return summary.Build(s.Journal.All(ctx, in.Workshop), in.From, in.To, time.Now())
}

func (s *Server) summaryNotes(ctx context.Context, in *inTime) (text, day string, err error) {
	found, err := s.summary(ctx, in)
	if err != nil {
		return "", "", err
	}
	w, err := s.Workshops.Get(ctx, in.Workshop)
	if err != nil {
		return "", "", err
	}
	members, err := s.Workshops.Members(ctx, in.Workshop)
	if err != nil {
		return "", "", err
	}
	names := map[string]string{}
	for _, m := range members {
		names[m.User.ID] = m.User.Name
	}
	day = in.From.Format(time.DateOnly)
	return found.Markdown(fmt.Sprintf("%s, %s", w.Name, day), func(user string) string {
		if name, ok := names[user]; ok {
			return name
		}
		return "Somebody"
	}), day, nil
}
