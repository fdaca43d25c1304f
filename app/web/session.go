package web

import (
	"context"
	"net/http"
	"time"

	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// Me is who is signed in, and what they may do outside of workshops.
type Me struct {
	SignedIn    bool                  `json:"signed_in"`
	User        *people.User          `json:"user,omitempty"`
	Memberships []workshop.Membership `json:"memberships"`
	CanHost     bool                  `json:"can_host"`
	CanImport   bool                  `json:"can_import"`
}

type withCookie[T any] struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      T
}

// Invited is what the holder of a join code sees before joining.
type Invited struct {
	Workshop workshop.Brief `json:"workshop"`
	Open     bool           `json:"open"`
}

// JoinInput is the form of who joins; name and organisation are not asked of
// who is signed in.
type JoinInput struct {
	Code         string `json:"code" maxLength:"100"`
	Name         string `json:"name,omitempty" maxLength:"1000"`
	Organisation string `json:"organisation,omitempty" maxLength:"1000"`
}

func (s *Server) sessionRoutes() {
	route(s, "get-me", http.MethodGet, "/me", "Who am I?", func(ctx context.Context, _ *struct{}) (*body[Me], error) {
		return answer(s.me(ctx))
	})
	route(s, "change-me", http.MethodPatch, "/me", "Change my name and organisation",
		func(ctx context.Context, in *struct{ Body people.Profile }) (*body[people.User], error) {
			user, err := s.People.Change(ctx, actorOf(ctx).User, in.Body)
			if err != nil {
				return nil, err
			}
			return answer(user, s.Workshops.Renamed(ctx, user.ID))
		})
	route(s, "sign-in", http.MethodPost, "/sign-in", "Sign in with the token of a link",
		func(ctx context.Context, in *struct {
			Body struct {
				Token string `json:"token" maxLength:"200"`
			}
		}) (*withCookie[people.User], error) {
			cookie, session, err := s.People.SignIn(ctx, in.Body.Token)
			if err != nil {
				return nil, err
			}
			return &withCookie[people.User]{s.cookie(cookie, session.ExpiresAt), session.User}, nil
		})
	route(s, "sign-out", http.MethodPost, "/sign-out", "End this session",
		func(ctx context.Context, in *struct {
			Session string `cookie:"atelier_session"`
		}) (*withCookie[Me], error) {
			id, err := s.People.SignOut(ctx, in.Session)
			if err != nil {
				return nil, err
			}
			s.Hub.SignOut(id)
			return &withCookie[Me]{s.cookie("", time.Unix(1, 0)), Me{Memberships: []workshop.Membership{}}}, nil
		})
	route(s, "get-invited", http.MethodGet, "/join/{code}", "What is this join code for?",
		func(ctx context.Context, in *struct {
			Code string `path:"code" maxLength:"100"`
		}) (*body[Invited], error) {
			w, open, err := s.Workshops.ByCode(ctx, in.Code)
			return answer(Invited{w.Brief, open}, err)
		})
	route(s, "join", http.MethodPost, "/join", "Join a workshop by code", s.join)
}

func (s *Server) me(ctx context.Context) (Me, error) {
	session, ok := sessionOf(ctx)
	if !ok {
		return Me{Memberships: []workshop.Membership{}}, nil
	}
	list, err := s.Workshops.Memberships(ctx, session.User.ID)
	return Me{SignedIn: true, User: &session.User, Memberships: list, CanHost: mayHost(session),
		CanImport: mayImport(session, list, s.access["start-import"].roles)}, err
}

func (s *Server) cookie(value string, expires time.Time) http.Cookie {
	return http.Cookie{Name: cookieName, Value: value, Path: "/", Expires: expires, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: s.base.Scheme == "https"}
}

// join takes in who has a code. Who is not signed in gets an account and a
// session with it: all of it or nothing. The code is looked at first, so that
// who guesses keeps no writer waiting.
func (s *Server) join(ctx context.Context, in *struct{ Body JoinInput }) (*withCookie[workshop.Joined], error) {
	if session, ok := sessionOf(ctx); ok {
		joined, err := s.Workshops.Join(ctx, in.Body.Code, session.User.ID)
		return &withCookie[workshop.Joined]{Body: joined}, err
	}
	if _, _, err := s.Workshops.ByCode(ctx, in.Body.Code); err != nil {
		return nil, err
	}
	return journal.Do(ctx, s.Journal, func(ctx context.Context, tx *journal.Tx) (*withCookie[workshop.Joined], error) {
		a, err := s.People.AddIn(tx.DB, people.Account{User: people.User{Name: in.Body.Name, Organisation: in.Body.Organisation}})
		if err != nil {
			return nil, err
		}
		joined, err := s.Workshops.JoinIn(ctx, tx, in.Body.Code, a.ID)
		if err != nil {
			return nil, err
		}
		cookie, session, err := s.People.StartIn(tx.DB, a.ID)
		if err != nil {
			return nil, err
		}
		return &withCookie[workshop.Joined]{s.cookie(cookie, session.ExpiresAt), joined}, nil
	})
}
