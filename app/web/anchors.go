package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/fault"
)

// What threads are anchored to apart from rooms, groups and proposals.
const (
	objectAnchor = "object"
	agendaAnchor = "agenda"
)

// InObject names the object of ATT&CK that a workshop talks about.
type InObject struct {
	InWorkshop
	Object string `path:"object" maxLength:"300" doc:"STIX id or ATT&CK id"`
}

// InItem names an item of a workshop's agenda.
type InItem struct {
	InWorkshop
	Item string `path:"item" maxLength:"100"`
}

func (s *Server) anchorRoutes(room string) {
	route(s, "list-object-messages", http.MethodGet, room+"/objects/{object}/messages", "What a workshop says about an object",
		func(ctx context.Context, in *InObject) (*body[[]discuss.Message], error) {
			about, _, err := s.theObject(in.Object)
			if fault.CodeOf(err) == fault.NotFound { // it may have been there when it was talked about
				about, err = discuss.Anchor{Type: objectAnchor, ID: in.Object}, nil
			}
			if err != nil {
				return nil, err
			}
			return answer(s.Discussion.Messages(ctx, in.Workshop, about))
		})
	route(s, "post-object-message", http.MethodPost, room+"/objects/{object}/messages", "Say something about an object, in a workshop",
		func(ctx context.Context, in *struct {
			InObject
			Body Said
		}) (*body[discuss.Message], error) {
			about, label, err := s.theObject(in.Object)
			if err != nil {
				return nil, err
			}
			return s.postAbout(ctx, in.Workshop, about, label, in.Body)
		})
	route(s, "list-agenda-messages", http.MethodGet, room+"/agenda/{item}/messages", "What is said about an item of the agenda",
		func(ctx context.Context, in *InItem) (*body[[]discuss.Message], error) {
			return answer(s.Discussion.Messages(ctx, in.Workshop, discuss.Anchor{Type: agendaAnchor, ID: in.Item}))
		})
	route(s, "post-agenda-message", http.MethodPost, room+"/agenda/{item}/messages", "Say something about an item of the agenda",
		func(ctx context.Context, in *struct {
			InItem
			Body Said
		}) (*body[discuss.Message], error) {
			w, err := s.Workshops.Get(ctx, in.Workshop)
			if err != nil {
				return nil, err
			}
			at := slices.IndexFunc(w.Agenda, func(one workshop.AgendaItem) bool { return one.ID == in.Item })
			if at < 0 {
				return nil, fault.New(fault.NotFound, "This item is not on the agenda any more. Say it in the room.")
			}
			return s.postAbout(ctx, in.Workshop, discuss.Anchor{Type: agendaAnchor, ID: in.Item}, w.Agenda[at].Title, in.Body)
		})
}

func (s *Server) postAbout(ctx context.Context, workshop string, about discuss.Anchor, label string, in Said) (*body[discuss.Message], error) {
	said := in.about("")
	said.Label = label
	return answer(s.Discussion.Post(ctx, workshop, actorOf(ctx).User, about, said))
}

// theObject finds what is talked about by its STIX id, whatever it was named by,
// and what it is called.
func (s *Server) theObject(id string) (discuss.Anchor, string, error) {
	o, ok := s.Taxonomy.Snapshot().Object(id)
	if !ok {
		return discuss.Anchor{}, "", fault.New(fault.NotFound, "ATT&CK, as it is loaded here, has no object %.100q.", id)
	}
	return discuss.Anchor{Type: objectAnchor, ID: o.ID}, strings.TrimSpace(o.AttackID() + " " + o.Name), nil
}
