package app_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/atelier-attack/atelier/app"
	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
)

func TestBaseURL(t *testing.T) {
	for typed, want := range map[string]string{
		"https://Atelier.Example/":    "https://atelier.example",
		"HTTPS://atelier.example":     "https://atelier.example",
		"https://atelier.example:443": "https://atelier.example",
		"http://atelier.example:80/":  "http://atelier.example",
		"http://localhost:8080":       "http://localhost:8080",
		"http://[::1]:8080/":          "http://[::1]:8080",
		"https://[::1]":               "https://[::1]",
		"http://atelier.example:443":  "http://atelier.example:443",
		"":                            "",
		"nowhere":                     "",
		"atelier.example:8080":        "",
		"ftp://atelier.example":       "",
		"http://":                     "",
		"http://:8080":                "",
		"http://a:0":                  "",
		"http://a:65536":              "",
		"https://a/path":              "",
		"https://a?q":                 "",
		"https://a#f":                 "",
		"https://me:secret@a":         "",
		"http://a b":                  "",
	} {
		got, err := app.BaseURL(typed)
		if got != want || (err != nil) != (want == "") || err != nil && fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%q became %q, %v", typed, got, err)
		}
	}
}

func TestNoAccountIsMadeForALinkThatCannotWork(t *testing.T) {
	a, err := app.Open(t.Context(), app.Config{DataDir: storetest.DataDir(t), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	ana := people.Account{User: people.User{Name: "Ana"}}
	for base, lasts := range map[string]time.Duration{"nowhere": time.Hour, "http://a": -time.Hour, "http://b": 0} {
		if link, err := a.AddUser(t.Context(), ana, base, lasts); fault.CodeOf(err) != fault.Invalid || link != "" {
			t.Errorf("%s for %v: %q, %v", base, lasts, link, err)
		}
	}
	if known, err := a.People.Any(t.Context()); known || err != nil {
		t.Errorf("somebody was added: %v, %v", known, err)
	}
	if link, err := a.AddUser(t.Context(), ana, "http://A:80/", time.Hour); err != nil || !strings.HasPrefix(link, "http://a/sign-in?token=") {
		t.Errorf("the link is %q, %v", link, err)
	}
}
