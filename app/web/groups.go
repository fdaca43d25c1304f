package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/atelier-attack/atelier/realtime/desk"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
)

// InGroup names the breakout group that an operation is about.
type InGroup struct {
	InWorkshop
	Group string `path:"group" maxLength:"100"`
}

func (g InGroup) anchor() discuss.Anchor { return discuss.Anchor{Type: "group", ID: g.Group} }

// NewGroups says how people come into groups.
type NewGroups struct {
	Mode   desk.Mode       `json:"mode" enum:"random,topic,choice"`
	Groups []desk.NewGroup `json:"groups" maxItems:"100"`
	People []string        `json:"people,omitempty" maxItems:"5000" doc:"who is spread; left out: all who may propose"`
}

func (s *Server) groupRoutes(path string) {
	route(s, "make-groups", http.MethodPost, path, "Make breakout groups, in place of those there are",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body NewGroups
		}) (*struct{}, error) {
			return nil, s.makeGroups(ctx, in.Workshop, in.Body)
		})
	route(s, "end-groups", http.MethodPost, path+"/end", "Bring all together again; what the groups said stays",
		func(ctx context.Context, in *InWorkshop) (*struct{}, error) {
			return noBody(s.Desk.EndGroups(ctx, in.Workshop, actorOf(ctx).User))
		})
	route(s, "join-group", http.MethodPost, path+"/{group}/join", "Go into a group, where each chooses",
		func(ctx context.Context, in *InGroup) (*struct{}, error) {
			me := actorOf(ctx).User
			return noBody(s.Desk.Move(ctx, in.Workshop, me, in.Group, me, true))
		})
	route(s, "move-to-group", http.MethodPost, path+"/{group}/members", "Put somebody into a group",
		func(ctx context.Context, in *struct {
			InGroup
			Body struct {
				User string `json:"user" maxLength:"100"`
			}
		}) (*struct{}, error) {
			if err := s.toMember(ctx, in.Workshop, in.Body.User); err != nil {
				return nil, err
			}
			return noBody(s.Desk.Move(ctx, in.Workshop, actorOf(ctx).User, in.Group, in.Body.User, false))
		})
	route(s, "set-group-proposals", http.MethodPut, path+"/{group}/proposals", "Say what a group works on",
		func(ctx context.Context, in *struct {
			InGroup
			Body struct {
				Proposals []string `json:"proposals" maxItems:"200"`
			}
		}) (*struct{}, error) {
			if err := s.ofGroup(ctx, in.InGroup); err != nil {
				return nil, err
			}
			for _, id := range in.Body.Proposals {
				if _, err := s.subject(ctx, "proposal:"+id); err != nil {
					return nil, err
				}
			}
			return noBody(s.Desk.WorkOn(ctx, in.Workshop, actorOf(ctx).User, in.Group, in.Body.Proposals))
		})
	route(s, "list-group-messages", http.MethodGet, path+"/{group}/messages", "The discussion of a group",
		func(ctx context.Context, in *InGroup) (*body[[]discuss.Message], error) {
			return answer(s.Discussion.Messages(ctx, in.Workshop, in.anchor()))
		})
	route(s, "post-group-message", http.MethodPost, path+"/{group}/messages", "Say something in a group",
		func(ctx context.Context, in *struct {
			InGroup
			Body Said
		}) (*body[discuss.Message], error) {
			if _, err := s.Desk.GroupOf(ctx, in.Workshop, in.Group); err != nil {
				return nil, err
			}
			return answer(s.Discussion.Post(ctx, in.Workshop, actorOf(ctx).User, in.anchor(), in.Body.about("")))
		})
}

// ofGroup lets those change what a group works on who are in it, and who runs
// the room.
func (s *Server) ofGroup(ctx context.Context, in InGroup) error {
	one, err := s.Desk.GroupOf(ctx, in.Workshop, in.Group)
	if err == nil && !slices.Contains(one.Members, actorOf(ctx).User) && !actorOf(ctx).Has(review.Facilitator) {
		err = fault.New(fault.Forbidden, "Only who is in the group says what it works on.")
	}
	return err
}

// makeGroups finds who is to be spread, and who has a part in what a group
// works on.
func (s *Server) makeGroups(ctx context.Context, workshop string, in NewGroups) error {
	members, err := s.Workshops.Members(ctx, workshop)
	if err != nil {
		return err
	}
	people := []string{}
	for _, m := range members {
		if (review.Actor{Roles: m.Roles}).Has(review.Proposers()...) && (len(in.People) == 0 || slices.Contains(in.People, m.User.ID)) {
			people = append(people, m.User.ID)
		}
	}
	prefer := map[string]int{}
	for i, g := range in.Groups {
		for _, id := range g.Proposals {
			if _, err := s.subject(ctx, "proposal:"+id); err != nil {
				return err
			}
			p, err := s.Proposals.Get(ctx, actorOf(ctx), id)
			if err != nil {
				return err
			}
			for _, user := range append([]string{p.Author}, p.CoAuthors...) {
				if _, known := prefer[user]; !known {
					prefer[user] = i
				}
			}
		}
	}
	_, err = s.Desk.MakeGroups(ctx, workshop, actorOf(ctx).User, in.Mode, in.Groups, people, prefer)
	return err
}
