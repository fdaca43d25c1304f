package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/atelier-attack/atelier/app"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

type importCmd struct {
	Files  []string `arg:"" help:"Files to load, each whole or not at all." type:"path"`
	Strict bool     `help:"Load no file with a severe finding."`
	JSON   bool     `name:"json" help:"Print the reports as JSON."`
}

// Help is what the command's own help says on top.
func (importCmd) Help() string {
	return `What is odd in a file is reported, counted and kept. A finding is severe where the file
contradicts itself, a warning where somebody should look, and a notice where official
ATT&CK has the like. The report is kept: see the page Import.

Exit code: 0 the files are loaded, whatever was found; 1 a file could not be loaded, or
has a severe finding and --strict was given (nothing of that file is loaded); 2 wrong use.`
}

type exportCmd struct {
	Domain     string `help:"Such as enterprise-attack; all: every domain in one bundle, with each id once." placeholder:"DOMAIN"`
	Release    int64  `help:"Number of a release; left out: the current state." placeholder:"N"`
	Workshop   string `help:"Workshop that made the release, where several have one of this number." placeholder:"ID"`
	Collection int64  `help:"Number of any collection, as in addresses of pages behind at=, instead of a domain." placeholder:"N"`
	Spec       string `help:"Dialect of STIX, 2.0 or 2.1; left out: that in which it came in." enum:",2.0,2.1" default:"" placeholder:"VERSION"`
	Output     string `help:"File to write, packed where its name ends in .gz; - is the standard output." required:"" placeholder:"FILE"`
}

// allDomains is what --domain says for all of them.
const allDomains = "all"

// Validate refuses what does not go together.
func (cmd exportCmd) Validate() error {
	switch {
	case cmd.Release < 0:
		return errors.New("releases are numbered from 1")
	case cmd.Collection < 0:
		return errors.New("collections are numbered from 1")
	case cmd.Collection == 0 && cmd.Domain == "":
		return errors.New("name what to export: --domain=DOMAIN, --domain=all or --collection=N")
	case cmd.Collection > 0 && (cmd.Domain != "" || cmd.Release > 0):
		return errors.New("a collection has a domain and a state of its own: leave out --domain and --release")
	case cmd.Release > 0 && cmd.Domain == allDomains:
		return errors.New("a release is of one domain: name it with --domain")
	}
	return nil
}

// imported is what an import of several files prints with --json.
type imported struct {
	Imported []taxonomy.Report `json:"imported"`
	Failed   *failed           `json:"failed"`
}

// failed is the file that could not be loaded, and why.
type failed struct {
	File   string           `json:"file"`
	Error  string           `json:"error"`
	Report *taxonomy.Report `json:"report,omitempty"` // where its findings are the reason
}

// Run imports file by file, up to the first that cannot be loaded. Where a file
// is not there at all, none is.
func (cmd importCmd) Run(ctx context.Context, c app.Config, out io.Writer) error {
	for _, path := range cmd.Files {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			err = fault.New(fault.NotFound, "There is no file %s; nothing was loaded.", path)
			return cmd.end(out, imported{Imported: []taxonomy.Report{}, Failed: &failed{File: path, Error: sentence(err)}}, err)
		}
	}
	return with(ctx, c, func(a *app.Atelier) error {
		done := imported{Imported: []taxonomy.Report{}}
		var bad error
		for i, path := range cmd.Files {
			progress, end := bar(path)
			load := a.ImportFile
			if cmd.Strict {
				load = a.ImportStrictly
			}
			report, err := load(ctx, path, progress)
			end()
			if err != nil {
				done.Failed = &failed{File: path, Error: sentence(err), Report: refused(err)}
				if done.Failed.Report != nil && !cmd.JSON {
					bad = tellFindings(out, *done.Failed.Report)
				}
				bad = errors.Join(bad, cmd.stopped(i, err))
				break
			}
			done.Imported = append(done.Imported, report)
			if cmd.JSON {
				continue
			}
			if err := tell(out, report); err != nil {
				return err
			}
		}
		return cmd.end(out, done, bad)
	})
}

// end prints the reports for programs, where one is to read them.
func (cmd importCmd) end(out io.Writer, done imported, bad error) error {
	if !cmd.JSON {
		return bad
	}
	text := json.NewEncoder(out)
	text.SetIndent("", "  ")
	return errors.Join(bad, text.Encode(done))
}

// stopped says what became of each file when one could not be loaded.
func (cmd importCmd) stopped(at int, err error) error {
	state := "nothing of this file was loaded"
	if at > 0 {
		state += "; loaded before it: " + names(cmd.Files[:at])
	}
	if rest := cmd.Files[at+1:]; len(rest) > 0 {
		state += "; not tried: " + names(rest)
	}
	return fmt.Errorf("%s: %w (%s)", cmd.Files[at], err, state)
}

func names(paths []string) string {
	list := make([]string, len(paths))
	for i, p := range paths {
		list[i] = filepath.Base(p)
	}
	return strings.Join(list, ", ")
}

// bar shows progress on a terminal, where somebody watches.
func bar(path string) (taxonomy.Progress, func()) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return nil, func() {}
	}
	name := filepath.Base(path)
	b := progressbar.NewOptions64(-1, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionClearOnFinish(),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(false), progressbar.OptionSetDescription(name))
	show := func(phase string, done, total int64) {
		b.Describe(name + ": " + phase)
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
		fmt.Fprintf(w, ", %d of them new; %s still shows what it had: a later version, or a release\n", r.Added, r.Domain)
	}
	tellKept(w, r.Kept)
	return errors.Join(w.Flush(), tellFindings(out, r))
}

// tellKept says what became of what releases had made.
func tellKept(w io.Writer, kept *taxonomy.Kept) {
	if kept == nil {
		return
	}
	fmt.Fprintf(w, "  what releases had made was carried over: version %s has both\n", kept.Version)
	for _, g := range kept.Groups {
		first := g.Objects[0].Object
		fmt.Fprintf(w, "  %s: %d, such as %s\n", g.Title, len(g.Objects), strings.TrimSpace(first.AttackID+" "+cmp.Or(first.Name, first.STIXID)))
	}
}

func tellFindings(out io.Writer, r taxonomy.Report) error {
	w := bufio.NewWriter(out)
	for _, f := range r.Findings {
		fmt.Fprintf(w, "  %s: %s: %d, such as %s\n", f.Severity, f.Title, f.Count, f.Examples[0].Text)
	}
	return w.Flush()
}

// refused gives the report of a file that a strict import did not load.
func refused(err error) *taxonomy.Report {
	var f *fault.Error
	if !errors.As(err, &f) {
		return nil
	}
	if report, ok := f.Details.(taxonomy.Report); ok {
		return &report
	}
	return nil
}

// Run writes the bundle; a file that cannot be finished is not left behind,
// and one that was there stays until the new one is whole.
func (cmd exportCmd) Run(ctx context.Context, c app.Config, out io.Writer) error {
	c.Unread = true
	return with(ctx, c, func(a *app.Atelier) error {
		if cmd.Output == "-" {
			return cmd.write(ctx, a, out)
		}
		target, part := cmd.Output, cmd.Output+".part"
		if behind, err := filepath.EvalSymlinks(target); err == nil {
			target, part = behind, behind+".part"
		}
		switch there, err := os.Stat(target); {
		case err == nil && there.IsDir():
			return fmt.Errorf("%s is a folder: name a file in it with --output", cmd.Output)
		case err == nil && !there.Mode().IsRegular(): // a device or a pipe takes it as it comes
			part = target
		}
		f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		if err != nil {
			return fmt.Errorf("write the file: %w", err)
		}
		w := bufio.NewWriter(f)
		err = errors.Join(cmd.pack(ctx, a, w), w.Flush())
		if part == target {
			return errors.Join(err, f.Close())
		}
		if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
			err = os.Rename(part, target)
		}
		if err != nil {
			return errors.Join(err, os.Remove(part))
		}
		return nil
	})
}

// pack writes the bundle as the name of its file says.
func (cmd exportCmd) pack(ctx context.Context, a *app.Atelier, w io.Writer) error {
	if !strings.HasSuffix(cmd.Output, ".gz") {
		return cmd.write(ctx, a, w)
	}
	z := gzip.NewWriter(w)
	return errors.Join(cmd.write(ctx, a, z), z.Close())
}

func (cmd exportCmd) write(ctx context.Context, a *app.Atelier, w io.Writer) error {
	switch {
	case cmd.Collection > 0:
		return a.ExportCollection(ctx, cmd.Collection, cmd.Spec, w)
	case cmd.Release > 0:
		return a.ExportRelease(ctx, cmd.Domain, cmd.Release, cmd.Workshop, cmd.Spec, w)
	case cmd.Domain == allDomains:
		return a.ExportAll(ctx, cmd.Spec, w)
	}
	return a.ExportDomain(ctx, cmd.Domain, cmd.Spec, w)
}
