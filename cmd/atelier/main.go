// Command atelier serves the workshops and looks after their data.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"testing/fstest"
	"time"

	"github.com/alecthomas/kong"
	"github.com/schollz/progressbar/v3"

	"github.com/atelier-attack/atelier/app"
	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/frontend"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// firstLinkLasts is how long the link works that a new installation prints.
const firstLinkLasts = 24 * time.Hour

type cli struct {
	Data     string          `help:"Folder of the data." default:"./data" env:"ATELIER_DATA_DIR" placeholder:"DIR"`
	Database string          `help:"PostgreSQL to use instead of SQLite in the data folder." env:"ATELIER_DATABASE" placeholder:"DSN"`
	LogLevel slog.Level      `help:"What to log: debug, info, warn or error." default:"info" env:"ATELIER_LOG_LEVEL"`
	Config   kong.ConfigFlag `help:"JSON file with any of these flags." placeholder:"FILE"`

	Serve   serveCmd   `cmd:"" help:"Serve the web application."`
	Import  importCmd  `cmd:"" help:"Load ATT&CK from STIX bundles, .json or .json.gz."`
	Export  exportCmd  `cmd:"" help:"Write a domain as a STIX 2.1 bundle."`
	User    userCmd    `cmd:"" help:"Manage accounts."`
	Openapi openapiCmd `cmd:"" help:"Print the OpenAPI document of the API."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

type serveCmd struct {
	Listen  string `help:"Address to listen on." default:"localhost:8080" env:"ATELIER_LISTEN" placeholder:"HOST:PORT"`
	BaseURL string `help:"Address that people type, where it is not the one above." env:"ATELIER_BASE_URL" placeholder:"URL"`
}

type importCmd struct {
	Files []string `arg:"" help:"Files to load." type:"existingfile"`
}

type exportCmd struct {
	Domain string `help:"Such as enterprise-attack." required:""`
	Output string `help:"File to write; - is the standard output." required:"" placeholder:"FILE"`
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
		kong.Writers(out, errs), kong.Exit(func(code int) { exit = code }), kong.Configuration(kong.JSON),
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
	if err := parsed.Run(app.Config{DataDir: c.Data, Database: c.Database, Log: log}); err != nil {
		fmt.Fprintf(errs, "atelier: %v\n", err)
		return 1
	}
	return 0
}

// with opens the application for as long as f runs.
func with(ctx context.Context, c app.Config, f func(*app.Atelier) error) error {
	a, err := app.Open(ctx, c)
	if err != nil {
		return err
	}
	return errors.Join(f(a), a.Close())
}

// Run serves until it is told to stop.
func (cmd serveCmd) Run(ctx context.Context, c app.Config, out io.Writer) error {
	build, err := frontend.Build()
	if err != nil {
		return err
	}
	return with(ctx, c, func(a *app.Atelier) error {
		return a.Serve(ctx, app.ServeConfig{Listen: cmd.Listen, BaseURL: cmd.BaseURL, Build: build}, func(url string) error {
			link, err := a.FirstLink(ctx, url, firstLinkLasts)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintln(out, "Atelier is at", url); err != nil || link == "" {
				return err
			}
			_, err = fmt.Fprintln(out, "administrator ", link)
			return err
		})
	})
}

// Run imports file by file.
func (cmd importCmd) Run(ctx context.Context, c app.Config, out io.Writer) error {
	return with(ctx, c, func(a *app.Atelier) error {
		for _, path := range cmd.Files {
			progress, end := bar(path)
			report, err := a.ImportFile(ctx, path, progress)
			end()
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			if err := tell(out, report); err != nil {
				return err
			}
		}
		return nil
	})
}

// bar shows progress where somebody watches.
func bar(path string) (taxonomy.Progress, func()) {
	info, err := os.Stderr.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil, func() {}
	}
	b := progressbar.NewOptions64(-1, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionClearOnFinish(), progressbar.OptionSetDescription(path))
	show := func(phase string, done, total int64) {
		b.Describe(path + ": " + phase)
		if total > 0 {
			b.ChangeMax64(total)
			_ = b.Set64(done) // a bar that cannot be drawn is no reason to stop
		}
	}
	return show, func() { _ = b.Finish() }
}

func tell(out io.Writer, r taxonomy.Report) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "%s: %s %s, %d objects", r.File, r.Title, r.Version, r.Objects)
	switch {
	case r.Same:
		fmt.Fprintln(w, ": all of it was here already, nothing changed")
	case r.Current:
		fmt.Fprintf(w, ", %d of them new; %s shows it now\n", r.Added, r.Domain)
	default:
		fmt.Fprintf(w, ", %d of them new; %s still shows a later version\n", r.Added, r.Domain)
	}
	for _, f := range r.Findings {
		fmt.Fprintf(w, "  %s: %d, such as %s\n", f.Kind, f.Count, f.Examples[0])
	}
	return w.Flush()
}

// Run writes the bundle; a file that cannot be finished is not left behind.
func (cmd exportCmd) Run(ctx context.Context, c app.Config, out io.Writer) error {
	return with(ctx, c, func(a *app.Atelier) error {
		if cmd.Output == "-" {
			return a.ExportDomain(ctx, cmd.Domain, out)
		}
		part := cmd.Output + ".part"
		f, err := os.Create(part)
		if err != nil {
			return fmt.Errorf("write the file: %w", err)
		}
		w := bufio.NewWriter(f)
		err = errors.Join(a.ExportDomain(ctx, cmd.Domain, w), w.Flush(), f.Sync(), f.Close())
		if err != nil {
			return errors.Join(err, os.Remove(part))
		}
		return os.Rename(part, cmd.Output)
	})
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
