package web

import (
	"context"
	"net/http"

	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/realtime/desk"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/poll"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/release"
)

// feedLength is how many events a room shows at first.
const feedLength = 50

// Room is the state of a workshop as of an event's number: what the page needs
// to start, and to keep up by applying the events that follow.
type Room struct {
	Seq       int64               `json:"seq"`
	Workshop  workshop.Workshop   `json:"workshop"`
	Members   []workshop.Member   `json:"members"`
	Proposals []review.Proposal   `json:"proposals" doc:"those that were submitted, without their content"`
	Releases  []release.Release   `json:"releases"`
	Messages  []discuss.Message   `json:"messages"`
	Discussed []discuss.Discussed `json:"discussed" doc:"objects and items of the agenda that are talked about"`
	Polls     []poll.Poll         `json:"polls" doc:"in the order in which they were made; those that are open with who has voted"`
	Desk      desk.State          `json:"desk"`
	Feed      []journal.Event     `json:"feed" doc:"newest first"`
}

// Invitation is how people get in, with the link for a QR code.
type Invitation struct {
	workshop.Invitation
	URL string `json:"url"`
}

// InWorkshop names the workshop that an operation is about.
type InWorkshop struct {
	Workshop string `path:"workshop" maxLength:"100"`
}

// OfMember names the member that an operation is about.
type OfMember struct {
	InWorkshop
	User string `path:"user" maxLength:"100"`
}

// NewWorkshop is the form of a new workshop.
type NewWorkshop struct {
	Name     string                `json:"name" maxLength:"1000"`
	Summary  string                `json:"summary,omitempty" maxLength:"50000"`
	StartsOn string                `json:"starts_on" doc:"YYYY-MM-DD" maxLength:"20"`
	EndsOn   string                `json:"ends_on" maxLength:"20"`
	Place    string                `json:"place,omitempty" maxLength:"1000"`
	TLP      string                `json:"tlp" enum:"clear,green,amber,amber+strict,red"`
	Domain   string                `json:"domain" maxLength:"200"`
	Agenda   []workshop.AgendaItem `json:"agenda,omitempty" maxItems:"200"`
	Policy   *workshop.Policy      `json:"policy,omitempty"`
	JoinOpen *bool                 `json:"join_open,omitempty" doc:"left out: open"`
}

func (n NewWorkshop) workshop() workshop.Workshop {
	w := workshop.Workshop{Brief: workshop.Brief{Name: n.Name, StartsOn: n.StartsOn, EndsOn: n.EndsOn, Place: n.Place, TLP: n.TLP},
		Summary: n.Summary, Domain: n.Domain, Agenda: n.Agenda, JoinOpen: true}
	if n.Policy != nil {
		w.Policy = *n.Policy
	}
	if n.JoinOpen != nil {
		w.JoinOpen = *n.JoinOpen
	}
	return w
}

func (s *Server) workshopRoutes() {
	route(s, "list-workshops", http.MethodGet, "/workshops", "My workshops", func(ctx context.Context, _ *struct{}) (*body[[]workshop.Membership], error) {
		return answer(s.Workshops.Memberships(ctx, actorOf(ctx).User))
	})
	route(s, "create-workshop", http.MethodPost, "/workshops", "Make a workshop",
		func(ctx context.Context, in *struct{ Body NewWorkshop }) (*body[workshop.Workshop], error) {
			if _, ok := s.Taxonomy.Snapshot().Matrix(in.Body.Domain); !ok {
				return nil, fault.InField("domain", "The domain %.100q is not loaded. Import it first.", in.Body.Domain)
			}
			return answer(s.Workshops.Create(ctx, actorOf(ctx).User, in.Body.workshop()))
		})
	route(s, "get-workshop", http.MethodGet, "/workshops/{workshop}", "The room: all that its page starts from",
		func(ctx context.Context, in *InWorkshop) (*body[Room], error) {
			return answer(s.room(ctx, in.Workshop))
		})
	route(s, "change-workshop", http.MethodPatch, "/workshops/{workshop}", "Change a workshop",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body workshop.Change
		}) (*body[workshop.Workshop], error) {
			return answer(s.Workshops.Update(ctx, actorOf(ctx).User, in.Workshop, in.Body))
		})
	route(s, "get-invitation", http.MethodGet, "/workshops/{workshop}/invitation", "Join code and link",
		func(ctx context.Context, in *InWorkshop) (*body[Invitation], error) {
			return s.invitation(s.Workshops.Invitation(ctx, in.Workshop))
		})
	route(s, "renew-invitation", http.MethodPost, "/workshops/{workshop}/invitation/renew", "A new join code; the old one ends",
		func(ctx context.Context, in *InWorkshop) (*body[Invitation], error) {
			return s.invitation(s.Workshops.Renew(ctx, actorOf(ctx).User, in.Workshop))
		})
	route(s, "remove-member", http.MethodDelete, "/workshops/{workshop}/members/{user}", "Remove a member; with roles they are let in again",
		func(ctx context.Context, in *OfMember) (*body[workshop.Member], error) {
			m, err := s.Workshops.Remove(ctx, actorOf(ctx).User, in.Workshop, in.User)
			if err == nil {
				s.Hub.Resume(in.User) // what they may follow is looked at anew
			}
			return answer(m, err)
		})
	route(s, "change-member", http.MethodPatch, "/workshops/{workshop}/members/{user}", "Change a member's roles",
		func(ctx context.Context, in *struct {
			OfMember
			Body struct {
				Roles []review.Role `json:"roles" maxItems:"20" enum:"observer,participant,reviewer,facilitator,maintainer"`
			}
		}) (*body[workshop.Member], error) {
			m, err := s.Workshops.SetRoles(ctx, actorOf(ctx).User, in.Workshop, in.User, in.Body.Roles)
			if err == nil {
				s.Hub.Resume(in.User)
			}
			return answer(m, err)
		})
	route(s, "list-events", http.MethodGet, "/workshops/{workshop}/events", "What happened, newest first",
		func(ctx context.Context, in *struct {
			InWorkshop
			Before int64 `query:"before" doc:"events with lower numbers only; 0: from the newest"`
			Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"50"`
		}) (*body[[]journal.Event], error) {
			if in.Before == 0 {
				in.Before = 1 << 62
			}
			return answer(s.Journal.Before(ctx, in.Workshop, in.Before, in.Limit))
		})
}

func (s *Server) invitation(in workshop.Invitation, err error) (*body[Invitation], error) {
	return answer(Invitation{in, s.BaseURL + "/join/" + in.Code}, err)
}

// room reads the number first: what is read after it may be newer, and the
// events in between are applied again without harm.
func (s *Server) room(ctx context.Context, id string) (r Room, err error) {
	if r.Seq, err = s.Journal.Head(ctx, id); err != nil {
		return r, err
	}
	if r.Workshop, err = s.Workshops.Get(ctx, id); err != nil {
		return r, err
	}
	if r.Members, err = s.Workshops.Members(ctx, id); err != nil {
		return r, err
	}
	if r.Proposals, err = s.Proposals.List(ctx, actorOf(ctx), review.Filter{}); err != nil {
		return r, err
	}
	if r.Releases, err = s.Releases.List(ctx, id); err != nil {
		return r, err
	}
	if r.Messages, err = s.Discussion.Messages(ctx, id, discuss.Anchor{Type: "workshop", ID: id}); err != nil {
		return r, err
	}
	if r.Discussed, err = s.Discussion.DiscussedOf(ctx, id, objectAnchor, agendaAnchor); err != nil {
		return r, err
	}
	if r.Polls, err = s.Polls.List(ctx, id); err != nil {
		return r, err
	}
	if r.Desk, err = s.Desk.State(ctx, id); err != nil {
		return r, err
	}
	r.Feed, err = s.Journal.Before(ctx, id, r.Seq+1, feedLength)
	return r, err
}
