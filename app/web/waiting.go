package web

import (
	"context"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/atelier-attack/atelier/app/notify"
)

// AboutWaiting is what the pages of a person are told to look at whose notices
// changed.
const AboutWaiting = "waiting"

// MarkWaiting says of some of my notices that I have read them, or not.
type MarkWaiting struct {
	IDs  []int64 `json:"ids,omitempty" maxItems:"1000" doc:"none: all"`
	Read *bool   `json:"read,omitempty" doc:"left out: I have"`
}

// MarkedWaiting names the notices that a mark changed.
type MarkedWaiting struct {
	IDs []int64 `json:"ids"`
}

// NoticeSettings is what I am told, and how.
type NoticeSettings struct {
	Kinds []notify.KindChoices `json:"kinds"`
	Mail  notify.MailSettings  `json:"mail"`
	// PushKey is what browsers need to be told while no page is open.
	PushKey string `json:"push_key" doc:"by which browsers know this installation"`
}

// LinkOfMail is what the link in a mail carries.
type LinkOfMail struct {
	Token string `json:"token" maxLength:"200"`
}

func (s *Server) waitingRoutes() {
	route(s, "get-notice-settings", http.MethodGet, "/me/notices", "What I am told, and how",
		func(ctx context.Context, _ *struct{}) (*body[NoticeSettings], error) {
			return answer(s.noticeSettings(ctx))
		})
	route(s, "set-notice-choices", http.MethodPut, "/me/notices", "Turn kinds of notices on or off, each for the page, push and mail; what is not named stays",
		func(ctx context.Context, in *struct {
			Body struct {
				Choices []notify.Choice `json:"choices" maxItems:"100"`
			}
		}) (*body[NoticeSettings], error) {
			if err := s.Notices.Choose(ctx, actorOf(ctx).User, in.Body.Choices); err != nil {
				return nil, err
			}
			return answer(s.noticeSettings(ctx))
		})
	s.mailRoutes()
	route(s, "add-push", http.MethodPut, "/me/push", "Have a browser told while no page is open",
		func(ctx context.Context, in *struct{ Body notify.Subscription }) (*struct{}, error) {
			return nil, s.Notices.Subscribe(ctx, actorOf(ctx).User, in.Body)
		})
	route(s, "remove-push", http.MethodPost, "/me/push/remove", "Have a browser told no more",
		func(ctx context.Context, in *struct {
			Body struct {
				Endpoint string `json:"endpoint" maxLength:"2000"`
			}
		}) (*struct{}, error) {
			return nil, s.Notices.Unsubscribe(ctx, actorOf(ctx).User, in.Body.Endpoint)
		})
	route(s, "list-waiting", http.MethodGet, "/me/waiting", "What waits for me, and what is news to me, in all my workshops",
		func(ctx context.Context, in *struct {
			Unread bool `query:"unread" doc:"only what I have not read"`
		}) (*body[notify.Waiting], error) {
			return answer(s.Notices.List(ctx, actorOf(ctx).User, in.Unread))
		})
	route(s, "mark-waiting", http.MethodPost, "/me/waiting", "Say what of it I have read, or take that back; my other devices hear of it",
		func(ctx context.Context, in *struct{ Body MarkWaiting }) (*body[MarkedWaiting], error) {
			ids, err := s.Notices.Mark(ctx, actorOf(ctx).User, in.Body.IDs, in.Body.Read == nil || *in.Body.Read)
			return answer(MarkedWaiting{ids}, err)
		})
}

func (s *Server) noticeSettings(ctx context.Context) (out NoticeSettings, err error) {
	if out.Kinds, err = s.Notices.Choices(ctx, actorOf(ctx).User); err != nil {
		return out, err
	}
	if out.Mail, err = s.Notices.MailSettings(ctx, actorOf(ctx).User); err != nil {
		return out, err
	}
	out.PushKey, err = s.Notices.PushKey(ctx)
	return out, err
}

func (s *Server) mailRoutes() {
	route(s, "set-mail-address", http.MethodPut, "/me/notices/address", "Say where I get mail; a mail with a link goes there first",
		func(ctx context.Context, in *struct {
			Body struct {
				Address string `json:"address" maxLength:"1000" doc:"empty: nowhere"`
			}
		}) (*body[NoticeSettings], error) {
			if err := s.Notices.SetAddress(ctx, actorOf(ctx).User, in.Body.Address); err != nil {
				return nil, err
			}
			return answer(s.noticeSettings(ctx))
		})
	route(s, "set-digest", http.MethodPut, "/me/notices/digest", "Say how often I get mail",
		func(ctx context.Context, in *struct {
			Body struct {
				Digest notify.Digest `json:"digest" enum:"off,hourly,daily"`
				Hour   int           `json:"hour"`
				Zone   string        `json:"zone" maxLength:"200"`
			}
		}) (*body[NoticeSettings], error) {
			if err := s.Notices.SetDigest(ctx, actorOf(ctx).User, in.Body.Digest, in.Body.Hour, in.Body.Zone); err != nil {
				return nil, err
			}
			return answer(s.noticeSettings(ctx))
		})
	route(s, "confirm-mail", http.MethodPost, "/confirm-mail", "Say that the address is right to which a mail went",
		func(ctx context.Context, in *struct{ Body LinkOfMail }) (*struct{}, error) {
			return nil, s.Notices.Confirm(ctx, in.Body.Token)
		})
	route(s, "stop-mail", http.MethodPost, "/stop-mail", "Get no more mail, by the link of one",
		func(ctx context.Context, in *struct{ Body LinkOfMail }) (*struct{}, error) {
			return nil, s.Notices.Stop(ctx, in.Body.Token)
		})
	// What a mail program sends by itself, without a cookie, where its person
	// clicks on unsubscribe (RFC 8058). Who opens the link sees a page that asks.
	s.app.Post("/unsubscribe", func(c *fiber.Ctx) error {
		if err := s.Notices.Stop(c.UserContext(), c.Query("token")); err != nil {
			return err
		}
		return c.SendString("You get no more of these mails.\n")
	})
}
