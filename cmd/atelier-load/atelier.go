package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"testing/fstest"

	"github.com/atelier-attack/atelier/app"
	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/app/workshop"
)

// serveAtelier serves the real application, with a new database and so many
// workshops that take whoever has their code.
func serveAtelier(ctx context.Context, rooms int, ready chan<- place) (err error) {
	data, err := os.MkdirTemp("", "atelier-load-")
	if err != nil {
		return fmt.Errorf("make a data folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	a, err := app.Open(ctx, app.Config{DataDir: data, Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	host, err := a.People.Add(ctx, people.Account{User: people.User{Name: "Host"}, Host: true})
	if err != nil {
		return err
	}
	var p place
	for i := range rooms {
		w, err := a.Workshops.Create(ctx, host.ID, workshop.Workshop{Domain: "enterprise-attack", JoinOpen: true,
			Brief: workshop.Brief{Name: fmt.Sprint("Room ", i), StartsOn: "2026-12-01", EndsOn: "2026-12-01", TLP: "clear"}})
		if err != nil {
			return err
		}
		in, err := a.Workshops.Invitation(ctx, w.ID)
		if err != nil {
			return err
		}
		p.Codes = append(p.Codes, in.Code)
	}
	build := fstest.MapFS{"index.html": {Data: []byte("<!doctype html><title>Atelier</title>")}}
	return a.Serve(ctx, app.ServeConfig{Listen: "127.0.0.1:0", Build: build, Pace: web.Pace{Rate: 1e6, Burst: 1e6} /* a few stand for many */}, func(url string) error {
		p.URL = url
		ready <- p
		return nil
	})
}
