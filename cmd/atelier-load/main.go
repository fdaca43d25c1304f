// Command atelier-load measures how fast and how surely the room is told of
// what happens. It opens many websockets, posts over HTTP, and looks at each
// socket when a message arrives, whether all came, and whether they came in the
// same order as everywhere else. Presence is on all the while.
//
// Without an address it starts the server itself, in a process of its own, and
// the floors that it is held against, each with the same messages: a bare hub
// of gorilla/websocket that fans out prepared frames, with a goroutine for each
// reader and writer; the library centrifuge; and, for what is written to the
// disk, a bare group commit of the same rows. With an address and a join code it
// measures a server that runs, without floors:
//
//	atelier-load bench
//	atelier-load bench --only steady,storm --sockets 500
//	atelier-load run --url http://localhost:8080 --code ABCD-EFGH --sockets 200
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

type cli struct {
	Bench benchCmd `cmd:"" help:"Measure the server beside its floors, and say which limits are missed."`
	Run   runCmd   `cmd:"" help:"Measure a server that runs, by its address and the join code of a workshop."`
	Host  hostCmd  `cmd:"" hidden:"" help:"Be what is measured; bench starts it."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run does what the arguments say: 0 done, 1 failed or over a limit, 2 wrong use.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	var c cli
	exit := -1
	parser, err := kong.New(&c, kong.Name("atelier-load"), kong.Description("Measures how fast and how surely a room is told of what happens."),
		kong.Writers(out, errs), kong.Exit(func(code int) { exit = code }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.BindTo(in, (*io.Reader)(nil)), kong.BindTo(out, (*io.Writer)(nil)))
	if err != nil {
		fmt.Fprintln(errs, "atelier-load:", err)
		return 1
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 { // --help
		return exit
	}
	if err != nil {
		fmt.Fprintf(errs, "atelier-load: %v. See atelier-load --help.\n", err)
		return 2
	}
	if err := parsed.Run(); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintf(errs, "atelier-load: %v\n", err)
		return 1
	}
	return 0
}
