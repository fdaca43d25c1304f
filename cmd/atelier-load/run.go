package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"
)

type runCmd struct {
	URL     string        `help:"Address of the server." required:"" placeholder:"URL"`
	Code    string        `help:"Join code of a workshop that takes new members." required:"" placeholder:"CODE"`
	Sockets int           `help:"Sockets to open." default:"100"`
	People  int           `help:"People who join, and whose the sockets are; 0: as many as sockets." default:"0"`
	Rate    int           `help:"Messages a second." default:"10"`
	Lasts   time.Duration `help:"How long it lasts." default:"10s"`
}

// Run joins, listens, posts and prints what it saw.
func (cmd runCmd) Run(ctx context.Context, out io.Writer) error {
	if cmd.People <= 0 || cmd.People > cmd.Sockets {
		cmd.People = cmd.Sockets
	}
	t := newTarget(place{URL: cmd.URL, Codes: []string{cmd.Code}}, kindAtelier)
	defer t.client.CloseIdleConnections()
	people, err := t.gather(ctx, make([]person, cmd.People), func(int) int { return 0 })
	if err != nil {
		return err
	}
	sockets := make([]person, cmd.Sockets)
	for i := range sockets {
		sockets[i] = people[i%len(people)]
	}
	start := time.Now()
	c, err := open(ctx, t, sockets)
	if err != nil {
		return err
	}
	defer c.cut()
	defer c.strolling(ctx)()
	fmt.Fprintf(out, "%d sockets of %d people are in sync after %s\n", len(sockets), len(people), time.Since(start).Round(time.Millisecond))
	if err := c.steadily(ctx, cmd.Rate, cmd.Lasts); err != nil {
		return err
	}
	if err := c.settle(ctx); err != nil {
		return err
	}
	took := c.times()
	slices.Sort(took)
	_, err = fmt.Fprintf(out, "%d messages arrived %d times, each everywhere, once and in the same order; post to arrival p50 %.1f ms, p99 %.1f ms, max %.1f ms\n",
		c.posted.Load(), len(took), milliseconds(took[len(took)/2]), milliseconds(took[len(took)*99/100]), milliseconds(took[len(took)-1]))
	return err
}
