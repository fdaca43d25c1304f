package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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

// minJoinKey is how long a key must be that stands for somebody who has nothing
// else yet to be known by: it is not to be guessed, nor hit by chance.
const minJoinKey = 20

// joining is whose answers those to people are who are not signed in; no user has
// such an id.
const joining = "join"

// enrolled is what is kept of an answer to who came in: not their cookie.
type enrolled struct {
	User   string          `json:"user"`
	Joined workshop.Joined `json:"joined"`
}

type joinRequest struct {
	Key  string `header:"Idempotency-Key" maxLength:"200" doc:"of somebody who is not signed in, at least 20 random characters: for a day, a repeat with the same key comes in as the same person. Shorter ones do nothing."`
	Body JoinInput
}

// join takes in who has a code. Who is not signed in gets an account and a
// session with it: all of it or nothing. Where the answer was lost, a repeat
// gets another session of the same account. The code is looked at first, so that
// who guesses keeps no writer waiting.
func (s *Server) join(ctx context.Context, in *joinRequest) (*withCookie[workshop.Joined], error) {
	if session, ok := sessionOf(ctx); ok {
		joined, err := s.Workshops.Join(ctx, in.Body.Code, session.User.ID)
		return &withCookie[workshop.Joined]{Body: joined}, err
	}
	if _, _, err := s.Workshops.ByCode(ctx, in.Body.Code); err != nil {
		return nil, err
	}
	if len(in.Key) >= minJoinKey { // the same for another name, for who mends a slip while they wait
		ctx = journal.WithRequest(ctx, joining, hashed(in.Key), hashed(workshop.CleanCode(in.Body.Code)))
	}
	var cookie string
	var session people.Session
	who, err := journal.Do(ctx, s.Journal, func(ctx context.Context, tx *journal.Tx) (enrolled, error) {
		a, err := s.People.AddIn(tx.DB, people.Account{User: people.User{Name: in.Body.Name, Organisation: in.Body.Organisation}})
		if err != nil {
			return enrolled{}, err
		}
		joined, err := s.Workshops.JoinIn(ctx, tx, in.Body.Code, a.ID)
		if err != nil {
			return enrolled{}, err
		}
		cookie, session, err = s.People.StartIn(tx.DB, a.ID)
		return enrolled{a.ID, joined}, err
	})
	if err == nil && cookie == "" { // it was answered before
		cookie, session, err = s.People.Start(ctx, who.User)
	}
	if err != nil {
		return nil, err
	}
	return &withCookie[workshop.Joined]{s.cookie(cookie, session.ExpiresAt), who.Joined}, nil
}

func hashed(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
