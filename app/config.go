// Package app puts Atelier together: it opens the database, wires the services
// to each other and to the web, runs, and stops gracefully.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/directory"
	"github.com/atelier-attack/atelier/app/notify"
	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/store"
	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/realtime"
	"github.com/atelier-attack/atelier/realtime/bus"
	"github.com/atelier-attack/atelier/realtime/cowrite"
	"github.com/atelier-attack/atelier/realtime/desk"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/realtime/poll"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/release"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// Config says where the data is.
type Config struct {
	DataDir  string // folder of the SQLite database and of uploads; made where it is missing
	Database string // DSN of a PostgreSQL; empty: SQLite in DataDir
	NATS     string // address of the NATS by which several processes on one PostgreSQL tell each other; empty: this is the only one
	Log      *slog.Logger
	Unread   bool // nothing of the taxonomy is loaded: for what streams from the database, in little memory
}

// Atelier is the opened application: all services on one database.
type Atelier struct {
	Config
	DB         *gorm.DB
	Text       *markdown.Renderer
	Journal    *journal.Journal
	People     *people.People
	Workshops  *workshop.Workshops
	Discussion *discuss.Discussion
	Polls      *poll.Polls
	Directory  *directory.Directories
	Desk       *desk.Desk
	Notices    *notify.Notices
	Taxonomy   *taxonomy.Taxonomy
	Proposals  *review.Proposals
	Releases   *release.Releases
	Hub        *realtime.Hub
	Texts      *cowrite.Texts
	bus        bus.Bus
}

// Open opens the database, migrates it and loads the taxonomy. The error is a
// sentence that says what to do.
func Open(ctx context.Context, c Config) (*Atelier, error) {
	if c.NATS != "" && c.Database == "" {
		return nil, fault.InField("nats", "NATS is for several servers on one database, and a SQLite file has one. Give a PostgreSQL with --database, or leave --nats out.")
	}
	db, err := store.Open(ctx, store.Config{Database: c.Database, DataDir: c.DataDir, Log: c.Log})
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.uploads(), 0o750); err != nil {
		return nil, errors.Join(store.NotWritable(c.DataDir, err), store.Close(db))
	}
	a := &Atelier{Config: c, DB: db, Text: markdown.New(attack.LinkRules()), Journal: journal.New(db), People: people.New(db), Taxonomy: taxonomy.New(db, c.Log)}
	a.Workshops = workshop.New(db, a.Journal, a.People)
	a.Proposals = review.New(db, a.Journal, a.Taxonomy, a.Text, a.Workshops.CircleIn)
	a.Discussion = discuss.New(db, a.Journal, a.Text, a.Proposals.MessageIn)
	a.Discussion.Refer(a.refer)
	a.Polls = poll.New(db, a.Journal, a.Proposals.MessageIn)
	a.Desk = desk.New(db, a.Journal, a.Proposals.MessageIn)
	a.Discussion.Limit(a.limits)
	a.Directory = directory.New(db, a.Journal, a.Taxonomy, a.Proposals, a.Discussion)
	a.Notices = notify.New(db, a.Journal, c.Log, a.Workshops.ActorsIn)
	a.Proposals.Invitations(a.Notices.Invite)
	a.Directory.Wishes(a.Notices.Ask)
	a.Releases = release.New(db, a.Journal, a.Taxonomy, a.Proposals, func(ctx context.Context, id string) (release.Settings, error) {
		w, err := a.Workshops.Get(ctx, id)
		return release.Settings{Domain: w.Domain, IDsFrom: w.Policy.TechniqueIDsFrom}, err
	})
	a.Texts = cowrite.Start(db, c.Log, cowrite.DefaultLimits())
	a.Proposals.Tell(a.Texts)
	a.Hub = realtime.NewHub(c.Log, a.Journal, a.Texts, a.follows, realtime.DefaultLimits())
	a.Hub.Moves(workshop.Moved)
	a.Hub.Erases(discuss.KindDeleted, discuss.KindHidden)
	if err := a.join(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	a.Notices.Tell(func(users []string) { a.Hub.TellAll(users, web.AboutWaiting) })
	a.Journal.Notify(func(workshop string) {
		a.Hub.Wake(workshop)
		a.Notices.Wake(workshop)
	})
	a.Journal.Rewritten(a.Hub.Forget)
	a.Texts.Notify(a.Hub.WakeText)
	if c.Unread {
		return a, nil
	}
	if err := a.Taxonomy.Load(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// join lets this process hear the others on its database. Without NATS it still
// looks for what was written to a PostgreSQL from elsewhere.
func (a *Atelier) join() (err error) {
	if a.NATS == "" {
		a.bus = bus.NewLine().Join()
		if a.Database == "" {
			return nil
		}
		return a.Hub.Join(a.bus)
	}
	if a.bus, err = bus.Dial(a.NATS, a.Log); err != nil {
		return err
	}
	return errors.Join(a.Hub.Join(a.bus), a.Polls.Join(a.bus))
}

// follows lets every member read a workshop's journal, and in a draft's texts
// those who may write there; who writes together is not hidden from each other.
func (a *Atelier) follows(ctx context.Context, s realtime.Session, t realtime.Topic) (hidden bool, err error) {
	roles, hidden, err := a.Workshops.Attends(ctx, t.Workshop, s.User)
	if err != nil || t.Text == "" {
		return hidden, err
	}
	return false, a.Proposals.MayWrite(ctx, review.Actor{User: s.User, Workshop: t.Workshop, Roles: roles}, review.ProposalOf(t.Text))
}

// refer finds what messages stand for: members of the workshop, proposals and
// objects.
func (a *Atelier) refer(db *gorm.DB, workshop, body string) (discuss.Find, error) {
	links, err := a.Proposals.ReferIn(db, workshop, body)
	if err != nil || !strings.Contains(body, "@") {
		return links, err
	}
	names, err := a.Workshops.NamesIn(db, workshop)
	if err != nil {
		return nil, err
	}
	var people []discuss.Person
	for _, u := range names {
		page := "/w/" + workshop + "/people#person-" + u.ID
		people = append(people, discuss.Person{User: u.ID, Name: u.Name, Organisation: u.Organisation, Page: page})
	}
	mentions := discuss.Mentions(people)
	return func(words string) []discuss.Reference { return append(links(words), mentions(words)...) }, nil
}

// limits are those of a workshop's discussion; who runs it does not wait.
func (a *Atelier) limits(db *gorm.DB, workshop, author string) (discuss.Limits, error) {
	r, err := a.Desk.Rules(db, workshop)
	l := discuss.Limits{Pause: time.Duration(r.Slow) * time.Second, Length: r.Length}
	if err != nil || l.Pause == 0 {
		return l, err
	}
	runs, err := a.Workshops.RunsIn(db, workshop, author)
	if runs {
		l.Pause = 0
	}
	return l, err
}

// Close ends all sockets and all connections to the database.
func (a *Atelier) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	err := errors.Join(a.Hub.Close(ctx), a.Texts.Close(ctx))
	if a.bus != nil {
		err = errors.Join(err, a.bus.Close())
	}
	return errors.Join(err, store.Close(a.DB))
}

func (c Config) uploads() string { return filepath.Join(c.DataDir, "uploads") }

// ImportFile loads one file into the taxonomy.
func (a *Atelier) ImportFile(ctx context.Context, path string, progress taxonomy.Progress) (taxonomy.Report, error) {
	return a.importFile(ctx, path, false, progress)
}

// ImportStrictly loads one file, unless it has a severe finding; then the
// fault's Details is the Report.
func (a *Atelier) ImportStrictly(ctx context.Context, path string, progress taxonomy.Progress) (taxonomy.Report, error) {
	return a.importFile(ctx, path, true, progress)
}

func (a *Atelier) importFile(ctx context.Context, path string, strict bool, progress taxonomy.Progress) (report taxonomy.Report, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return report, fault.New(fault.NotFound, "There is no such file.")
	}
	if err != nil {
		return report, fmt.Errorf("open the file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return report, fmt.Errorf("look at the file: %w", err)
	}
	in := taxonomy.Source{Name: filepath.Base(path), Reader: f, Size: info.Size(), Kind: taxonomy.FromImport, Strict: strict}
	return a.Taxonomy.Import(ctx, in, progress)
}

// ExportDomain writes the current state of a domain as a STIX bundle, in the
// dialect that taxonomy.Export takes.
func (a *Atelier) ExportDomain(ctx context.Context, domain, dialect string, w io.Writer) error {
	current, err := a.Taxonomy.Current(ctx)
	if err != nil {
		return err
	}
	names := make([]string, len(current))
	for i, c := range current {
		if names[i] = c.Domain; c.Domain == domain {
			return a.Taxonomy.Export(ctx, c, dialect, w)
		}
	}
	if len(names) > 0 {
		return fmt.Errorf("the domain %q is not loaded; there is %v", domain, names)
	}
	return nothingLoaded()
}

func nothingLoaded() error {
	return fault.New(fault.NotFound, "Nothing is loaded yet: import a file first, with atelier import FILE.")
}

// ExportAll writes the current state of all domains as one STIX bundle.
func (a *Atelier) ExportAll(ctx context.Context, dialect string, w io.Writer) error {
	if err := a.Taxonomy.Load(ctx); err != nil {
		return err
	}
	now := a.Taxonomy.Snapshot()
	if len(now.Domains()) == 0 {
		return nothingLoaded()
	}
	return a.Taxonomy.ExportWhole(ctx, now.Whole(dialect), w)
}

// ExportCollection writes any collection as a STIX bundle.
func (a *Atelier) ExportCollection(ctx context.Context, id int64, dialect string, w io.Writer) error {
	c, err := a.Taxonomy.Collection(ctx, id)
	if err != nil {
		return err
	}
	return a.Taxonomy.Export(ctx, c, dialect, w)
}

// ExportRelease writes a published release of a domain as a STIX bundle. An
// empty workshop means the only one that has a release of this number.
func (a *Atelier) ExportRelease(ctx context.Context, domain string, number int64, workshop, dialect string, w io.Writer) error {
	r, err := a.Releases.Find(ctx, domain, number, workshop)
	if err != nil {
		return err
	}
	c, err := a.Releases.Collection(ctx, r.Workshop, r.ID)
	if err != nil {
		return err
	}
	return a.Taxonomy.Export(ctx, c, dialect, w)
}

// AddUser makes an account and a sign-in link for it.
func (a *Atelier) AddUser(ctx context.Context, account people.Account, baseURL string, lasts time.Duration) (link string, err error) {
	if baseURL, err = BaseURL(baseURL); err != nil {
		return "", err
	}
	if lasts <= 0 {
		return "", fault.New(fault.Invalid, "A link that is valid for %s never works. Give a time such as 24h.", lasts)
	}
	made, err := a.People.Add(ctx, account)
	if err != nil {
		return "", err
	}
	token, err := a.People.Link(ctx, made.ID, true, lasts)
	if err != nil {
		return "", err
	}
	return baseURL + "/sign-in?token=" + token, nil
}

// FirstLink makes the first account of an installation, an administrator's,
// and a sign-in link for it; empty where there are accounts already.
func (a *Atelier) FirstLink(ctx context.Context, baseURL string, lasts time.Duration) (link string, err error) {
	any, err := a.People.Any(ctx)
	if err != nil || any {
		return "", err
	}
	first := people.Account{User: people.User{Name: "Administrator"}, Host: true, Administrator: true}
	return a.AddUser(ctx, first, baseURL, lasts)
}
