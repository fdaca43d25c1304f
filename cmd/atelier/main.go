// Command atelier serves the workshops and looks after their data.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"testing/fstest"
	"time"

	"github.com/alecthomas/kong"

	"github.com/atelier-attack/atelier/app"
	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/realtime/fault"
)

type cli struct {
	Data     string          `help:"Folder of the data." default:"./data" env:"ATELIER_DATA_DIR" placeholder:"DIR"`
	Database string          `help:"PostgreSQL to use instead of SQLite in the data folder." env:"ATELIER_DATABASE" placeholder:"DSN"`
	LogLevel slog.Level      `help:"What to log: debug, info, warn or error." default:"info" env:"ATELIER_LOG_LEVEL" placeholder:"LEVEL"`
	Config   kong.ConfigFlag `help:"JSON file with any of the settings; flags and environment come before it." placeholder:"FILE"`

	Serve   serveCmd   `cmd:"" help:"Serve the web application."`
	Import  importCmd  `cmd:"" help:"Load ATT&CK from STIX bundles, .json or .json.gz."`
	Export  exportCmd  `cmd:"" help:"Write a domain, or all, as a STIX bundle."`
	User    userCmd    `cmd:"" help:"Manage accounts."`
	Openapi openapiCmd `cmd:"" help:"Print the OpenAPI document of the API."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

type userCmd struct {
	Add userAddCmd `cmd:"" help:"Make an account and print its sign-in link, which works once."`
}

type userAddCmd struct {
	Name          string        `arg:"" help:"Of the person."`
	Organisation  string        `help:"Of the person."`
	Host          bool          `help:"May make workshops."`
	Administrator bool          `help:"May do all that belongs to no workshop."`
	BaseURL       string        `help:"Address of the installation." default:"http://localhost:8080" env:"ATELIER_BASE_URL" placeholder:"URL"`
	Valid         time.Duration `help:"How long the link works." default:"24h"`
}

type openapiCmd struct{}

type versionCmd struct{}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run does what the arguments say: 0 done, 1 failed, 2 wrong use.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	var c cli
	exit := -1
	parser, err := kong.New(&c, kong.Name("atelier"), kong.Description("Workshops that improve MITRE ATT&CK together."),
		kong.Writers(out, errs), kong.Exit(func(code int) { exit = code }), kong.Configuration(settingsFile), kong.Help(help),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.BindTo(out, (*io.Writer)(nil)))
	if err != nil {
		fmt.Fprintln(errs, "atelier:", err)
		return 1
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 { // --help
		return exit
	}
	if err != nil {
		fmt.Fprintf(errs, "atelier: %v. See atelier --help.\n", err)
		return 2
	}
	log := slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: c.LogLevel}))
	if parsed.Command() != "serve" && c.LogLevel > slog.LevelDebug {
		log = slog.New(slog.DiscardHandler) // who runs a command is told in a sentence
	}
	if err := parsed.Run(app.Config{DataDir: c.Data, Database: c.Database, Log: log}); err != nil {
		log.Debug("failed", "error", err)
		fmt.Fprintf(errs, "atelier: %s\n", sentence(err))
		return 1
	}
	return 0
}

// sentence is what a person is told about an error: not its private cause.
func sentence(err error) string {
	text := err.Error()
	var f *fault.Error
	if errors.As(err, &f) {
		text = strings.Replace(text, f.Error(), f.Message, 1)
	}
	return text
}

// with opens the application for as long as f runs.
func with(ctx context.Context, c app.Config, f func(*app.Atelier) error) error {
	a, err := app.Open(ctx, c)
	if err != nil {
		return err
	}
	return errors.Join(f(a), a.Close())
}

// Run makes an account.
func (cmd userAddCmd) Run(ctx context.Context, c app.Config, out io.Writer) error {
	return with(ctx, c, func(a *app.Atelier) error {
		account := people.Account{User: people.User{Name: cmd.Name, Organisation: cmd.Organisation}, Host: cmd.Host, Administrator: cmd.Administrator}
		link, err := a.AddUser(ctx, account, cmd.BaseURL, cmd.Valid)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, link)
		return err
	})
}

// Run prints the document; it needs no data.
func (openapiCmd) Run(c app.Config, out io.Writer) error {
	server, err := (&app.Atelier{Config: c}).Server(app.ServeConfig{BaseURL: "http://localhost", Build: fstest.MapFS{}})
	if err != nil {
		return err
	}
	document, err := server.OpenAPI()
	if err != nil {
		return err
	}
	_, err = out.Write(document)
	return err
}

// Run prints what the program was built from.
func (versionCmd) Run(out io.Writer) error {
	version, revision := "unknown", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value
			}
		}
	}
	_, err := fmt.Fprintf(out, "atelier %s%s\n", version, revision)
	return err
}
