package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/realtime/desk"
	"github.com/atelier-attack/atelier/realtime/fault"
)

// noBody is what writes answer whose event says all.
func noBody[T any](_ T, err error) (*struct{}, error) { return nil, err }

// toMember refuses what is given to somebody who is not in the workshop.
func (s *Server) toMember(ctx context.Context, workshop, user string) error {
	if _, err := s.Workshops.Roles(ctx, workshop, user); err != nil {
		return fault.InField("user", "This person is not in the workshop.")
	}
	return nil
}

// subject gives the thing that is pointed to, with what it is called: a proposal
// that was submitted, or an object of ATT&CK.
func (s *Server) subject(ctx context.Context, on string) (desk.Subject, error) {
	kind, id, _ := strings.Cut(on, ":")
	switch kind {
	case "proposal":
		p, err := s.Proposals.Get(ctx, actorOf(ctx), id)
		if err == nil && p.Revision == 0 {
			err = fault.New(fault.Conflict, "A draft is for its authors. Submit it first.")
		}
		return desk.Subject{On: on, Label: fmt.Sprintf("#%d %s", p.Number, p.Title)}, err
	case "object":
		if card, ok := s.Taxonomy.Snapshot().Card(id, s.Text); ok {
			return desk.Subject{On: on, Label: strings.TrimSpace(card.Object.AttackID + " " + card.Object.Name)}, nil
		}
	}
	return desk.Subject{}, fault.InField("on", "This points to nothing here. Choose a proposal or an object of ATT&CK.")
}

func (s *Server) deskRoutes() {
	const path = "/workshops/{workshop}/desk"
	s.showRoutes(path)
	s.clockRoutes(path + "/clock")
	s.floorRoutes(path)
	s.quietRoutes(path)
	s.groupRoutes("/workshops/{workshop}/groups")
	route(s, "set-rules", http.MethodPut, path+"/rules", "Set the rules of the discussion",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body desk.Rules
		}) (*struct{}, error) {
			return noBody(s.Desk.SetRules(ctx, in.Workshop, actorOf(ctx).User, in.Body))
		})
}

func (s *Server) showRoutes(path string) {
	route(s, "set-spotlight", http.MethodPut, path+"/spotlight", "Show something to all, or nothing any more",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body struct {
				On string `json:"on" maxLength:"200" doc:"proposal:ID or object:ID; empty: nothing"`
			}
		}) (*struct{}, error) {
			if in.Body.On == "" {
				return noBody(s.Desk.Show(ctx, in.Workshop, actorOf(ctx).User, nil))
			}
			what, err := s.subject(ctx, in.Body.On)
			if err != nil {
				return nil, err
			}
			return noBody(s.Desk.Show(ctx, in.Workshop, actorOf(ctx).User, &what))
		})
	route(s, "park", http.MethodPost, path+"/parked", "Put a topic into the parking lot",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body struct {
				Text    string `json:"text" maxLength:"5000"`
				Message string `json:"message,omitempty" maxLength:"100" doc:"id of the message that it comes from"`
			}
		}) (*body[desk.Topic], error) {
			if in.Body.Message != "" {
				if _, err := s.Discussion.Message(ctx, in.Workshop, in.Body.Message); err != nil {
					return nil, err
				}
			}
			return answer(s.Desk.Park(ctx, in.Workshop, actorOf(ctx).User, in.Body.Text, in.Body.Message))
		})
	route(s, "settle-parked", http.MethodPatch, path+"/parked/{topic}", "Say that a topic was taken up, or put it back",
		func(ctx context.Context, in *struct {
			InWorkshop
			Topic string `path:"topic" maxLength:"100"`
			Body  struct {
				Done bool `json:"done"`
			}
		}) (*body[desk.Topic], error) {
			return answer(s.Desk.Settle(ctx, in.Workshop, actorOf(ctx).User, in.Topic, in.Body.Done))
		})
}

func (s *Server) clockRoutes(path string) {
	route(s, "start-item", http.MethodPut, path, "Start an item of the agenda, or end the one that is running",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body struct {
				Item string `json:"item" maxLength:"100" doc:"id of an item of the agenda; empty: none is running"`
			}
		}) (*struct{}, error) {
			if in.Body.Item == "" {
				return noBody(s.Desk.StopClock(ctx, in.Workshop, actorOf(ctx).User))
			}
			w, err := s.Workshops.Get(ctx, in.Workshop)
			if err != nil {
				return nil, err
			}
			at := slices.IndexFunc(w.Agenda, func(one workshop.AgendaItem) bool { return one.ID == in.Body.Item })
			if at < 0 {
				return nil, fault.InField("item", "This item is not on the agenda any more.")
			}
			return noBody(s.Desk.StartClock(ctx, in.Workshop, actorOf(ctx).User, in.Body.Item, w.Agenda[at].Title, w.Agenda[at].Minutes))
		})
	route(s, "extend-item", http.MethodPost, path+"/extend", "Give the item that is running more time",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body struct {
				Item    string `json:"item" maxLength:"100"`
				Minutes int    `json:"minutes"`
			}
		}) (*struct{}, error) {
			return noBody(s.Desk.Extend(ctx, in.Workshop, actorOf(ctx).User, in.Body.Item, in.Body.Minutes))
		})
}

func (s *Server) floorRoutes(path string) {
	route(s, "raise-hand", http.MethodPut, path+"/hand", "Raise my hand, or take it down",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body struct {
				Up bool `json:"up"`
			}
		}) (*struct{}, error) {
			return noBody(s.Desk.Raise(ctx, in.Workshop, actorOf(ctx).User, in.Body.Up))
		})
	route(s, "give-word", http.MethodPut, path+"/word", "Give somebody the word, or nobody",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body struct {
				User string `json:"user" maxLength:"100" doc:"empty: nobody"`
			}
		}) (*struct{}, error) {
			if in.Body.User != "" {
				if err := s.toMember(ctx, in.Workshop, in.Body.User); err != nil {
					return nil, err
				}
			}
			return noBody(s.Desk.Give(ctx, in.Workshop, actorOf(ctx).User, in.Body.User))
		})
}
