package web

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/atelier-attack/atelier/app/directory"
)

// aboutPeople is what the pages of who is asked for a contact are told to look at.
const aboutPeople = "people"

// WhoIAm is what a member says about themselves, and how they can be reached.
type WhoIAm struct {
	Card    directory.MemberCard `json:"card"`
	Contact directory.Contact    `json:"contact"`
}

// cardsOf asks for exchanged contacts as vCards.
type cardsOf struct {
	InWorkshop
	User string `query:"user" maxLength:"100" doc:"of one person; left out: of all"`
}

func (s *Server) directoryRoutes() {
	const path = "/workshops/{workshop}/people"
	route(s, "get-directory", http.MethodGet, path, "Who is who, whom I should talk to, and my contacts",
		func(ctx context.Context, in *InWorkshop) (*body[directory.Directory], error) {
			return answer(s.directory(ctx, in.Workshop))
		})
	route(s, "get-card", http.MethodGet, path+"/{user}/card", "What one member says about themselves, where they show it",
		func(ctx context.Context, in *struct {
			InWorkshop
			User string `path:"user" maxLength:"100"`
		}) (*body[directory.MemberCard], error) {
			w, err := s.Workshops.Get(ctx, in.Workshop)
			if err != nil {
				return nil, err
			}
			return answer(s.Directory.Card(ctx, actorOf(ctx), w.Domain, in.User))
		})
	route(s, "set-card", http.MethodPut, path+"/me", "Say who I am to this workshop, or take it back",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body WhoIAm
		}) (*struct{}, error) {
			w, err := s.Workshops.Get(ctx, in.Workshop)
			if err != nil {
				return nil, err
			}
			return nil, s.Directory.SetCard(ctx, actorOf(ctx), w.Domain, in.Body.Card, in.Body.Contact)
		})
	route(s, "set-contact-wish", http.MethodPut, path+"/{user}/contact", "Say that I want to exchange contacts, or do not any more",
		func(ctx context.Context, in *struct {
			InWorkshop
			User string `path:"user" maxLength:"100"`
			Body struct {
				Wanted bool `json:"wanted"`
			}
		}) (*struct{}, error) {
			if err := s.Directory.Wish(ctx, actorOf(ctx), in.User, in.Body.Wanted); err != nil {
				return nil, err
			}
			s.Hub.Tell(in.Workshop, in.User, aboutPeople)
			return nil, nil
		})
	route(s, "get-contacts", http.MethodGet, path+"/contacts.vcf", "The contacts that I exchanged, as vCards",
		func(ctx context.Context, in *cardsOf) (*huma.StreamResponse, error) { return s.contacts(ctx, in) })
}

func (s *Server) directory(ctx context.Context, workshop string) (directory.Directory, error) {
	w, err := s.Workshops.Get(ctx, workshop)
	if err != nil {
		return directory.Directory{}, err
	}
	return s.Directory.Get(ctx, actorOf(ctx), w.Domain)
}

func (s *Server) contacts(ctx context.Context, in *cardsOf) (*huma.StreamResponse, error) {
	all, err := s.directory(ctx, in.Workshop)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range all.Contacts {
		ids = append(ids, e.User)
	}
	known, err := s.People.Users(ctx, ids)
	if err != nil {
		return nil, err
	}
	var cards bytes.Buffer
	if err := directory.WriteCards(&cards, all, in.User, known); err != nil {
		return nil, err
	}
	return s.download(ctx, "", file{"contacts.vcf", "text/vcard; charset=utf-8", "",
		func(_ context.Context, w io.Writer) error {
			_, err := cards.WriteTo(w)
			return err
		}})
}
