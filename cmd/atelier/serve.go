package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/atelier-attack/atelier/app"
	"github.com/atelier-attack/atelier/frontend"
	"github.com/atelier-attack/atelier/seed"
)

// firstLinkLasts is how long the link works that a new installation prints.
const firstLinkLasts = 24 * time.Hour

type serveCmd struct {
	Listen  string    `help:"Address to listen on." default:"localhost:8080" env:"ATELIER_LISTEN" placeholder:"HOST:PORT"`
	BaseURL string    `help:"Address that people type, where it is not the one above." env:"ATELIER_BASE_URL" placeholder:"URL"`
	NATS    string    `name:"nats" help:"NATS by which several servers on one PostgreSQL tell each other what is new." env:"ATELIER_NATS" placeholder:"URL"`
	Mail    mailFlags `embed:""`
	Demo    bool      `help:"Fill a new installation with a made-up workshop, and print a sign-in link for each role at every start." env:"ATELIER_DEMO"`
}

// Run serves until it is told to stop.
func (cmd serveCmd) Run(ctx context.Context, c app.Config, out io.Writer) error {
	build, err := frontend.Build()
	if err != nil {
		return err
	}
	c.NATS = cmd.NATS
	smtp, err := cmd.Mail.server()
	if err != nil {
		return err
	}
	return with(ctx, c, func(a *app.Atelier) error {
		return a.Serve(ctx, app.ServeConfig{Listen: cmd.Listen, BaseURL: cmd.BaseURL, Build: build, SMTP: smtp}, func(url string) error {
			links, err := cmd.prepare(ctx, a, url)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintln(out, "Atelier is at", url); err != nil {
				return err
			}
			for _, l := range links {
				if _, err := fmt.Fprintf(out, "%-14s%s\n", l.Role, l.URL); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// prepare fills an empty installation and makes the links to print.
func (cmd serveCmd) prepare(ctx context.Context, a *app.Atelier, url string) ([]seed.Link, error) {
	if err := seed.LoadIndexes(ctx, a.Taxonomy); err != nil {
		return nil, err
	}
	if cmd.Demo {
		if err := seed.PlantDemo(ctx, a, time.Now()); err != nil {
			return nil, err
		}
		links, err := seed.DemoLinks(ctx, a, url)
		if err != nil || len(links) > 0 {
			return links, err
		}
	}
	link, err := a.FirstLink(ctx, url, firstLinkLasts)
	if err != nil || link == "" {
		return nil, err
	}
	return []seed.Link{{Role: "administrator", URL: link}}, nil
}
