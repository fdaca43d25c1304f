package taxonomy

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review/attack"
)

// Source is a bundle to import.
type Source struct {
	Name   string    // of the file, for messages
	Reader io.Reader // JSON, or gzip of it: its first bytes tell
	Size   int64     // bytes of Reader, for progress; 0: not known
	Kind   string    // FromImport or FromIndex
	Strict bool      // refuse a file with a severe finding
}

// Progress is told how far an import is; total is 0 where it is not known.
type Progress func(phase string, done, total int64)

// Phases of an import.
const (
	PhaseReading = "reading" // in bytes of the source
	PhaseStoring = "storing"
	PhaseLoading = "loading"
)

// Report says what an import did.
type Report struct {
	File      string    `json:"file"`
	Domain    string    `json:"domain"`
	Version   string    `json:"version"`
	Title     string    `json:"title"`
	Objects   int       `json:"objects"`
	Added     int       `json:"added" doc:"versions that were not known"`
	Unchanged int       `json:"unchanged" doc:"versions that were known"`
	Same      bool      `json:"same" doc:"all of it was here already; nothing changed"`
	Current   bool      `json:"current" doc:"it is now what the pages of its domain show"`
	Findings  []Finding `json:"findings" doc:"what is odd in the file, by severity; all of it was kept"`
	// Collection is where the report is found later.
	Collection int64     `json:"collection" doc:"number of the collection; 0: nothing was kept"`
	Kept       *Kept     `json:"kept,omitempty" doc:"what releases had made, and what became of it"`
	At         time.Time `json:"at"`
}

// maxTitle is how much of a collection's name is kept for lists, in characters;
// the object itself keeps all of it.
const maxTitle = 200

// Import stores a bundle, in one transaction: all of it or nothing. Odd content
// is kept and reported; a file that is no bundle is refused with a fault.
func (t *Taxonomy) Import(ctx context.Context, in Source, progress Progress) (Report, error) {
	if progress == nil {
		progress = func(string, int64, int64) {}
	}
	reader, err := unpack(&counter{Reader: in.Reader, total: in.Size, progress: progress})
	if err != nil {
		return Report{}, err
	}
	var report Report
	var next *state
	var given map[string]string
	err = t.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		w, err := newWriter(tx)
		if err != nil {
			return err
		}
		if given, err = givenIDs(tx); err != nil {
			return err
		}
		report, next, err = t.load(ctx, w, in, given, reader, progress)
		return err
	})
	if err != nil {
		return Report{}, err
	}
	if next != nil {
		progress(PhaseLoading, 0, 0)
		t.swap(next, given)
	}
	return report, nil
}

// load is an import within its transaction, given the ids that releases gave;
// next is the domain's new state, where it has one.
func (t *Taxonomy) load(ctx context.Context, w *writer, in Source, given map[string]string, r io.Reader, progress Progress) (report Report, next *state, err error) {
	stored, found := w.next, newExaminer()
	objects, bundle, err := read(ctx, r, w, found)
	if err != nil {
		return report, nil, err
	}
	progress(PhaseStoring, 0, 0)
	c, err := describe(objects, bundle, in)
	if err != nil {
		return report, nil, err
	}
	report = Report{File: in.Name, Domain: c.Domain, Version: c.Version, Title: c.Title, Objects: len(objects),
		Added: w.added, Unchanged: len(objects) - w.added, At: journal.Now()}
	if report.Same, err = w.collection(&c); err != nil {
		return report, nil, err
	}
	if err := t.silent(w.tx, stored, found); err != nil {
		return report, nil, err
	}
	report.Findings = found.finish(t.around(c.Domain, given))
	if severe := report.Severe(); in.Strict && len(severe) > 0 {
		return report, nil, fault.New(fault.Invalid, "The file has severe faults, and a strict import loads no such file: %s (%d).", severe[0].Title, severe[0].Count).With(report)
	}
	report.Current, report.Collection = c.IsCurrent, c.ID
	if c.IsCurrent && !report.Same {
		next = newState(c, objects)
	}
	if before := w.before; next != nil && before != nil && before.Source == FromRelease {
		if report.Kept, next, err = carry(ctx, w, *before, next, report.At); err != nil {
			return report, nil, err
		}
	}
	return report, next, keepReport(w.tx, report)
}

// read decodes and stores objects as they come.
func read(ctx context.Context, r io.Reader, w *writer, found *examiner) ([]*Object, attack.Bundle, error) {
	var objects []*Object
	var limit budget
	bundle, err := attack.Decode(r, func(raw jsontext.Value) error {
		if err := errors.Join(ctx.Err(), limit.before(raw)); err != nil {
			return err
		}
		o, err := parse(raw, len(objects)+1)
		if err != nil {
			return err
		}
		if err := limit.after(o); err != nil {
			return err
		}
		objects = append(objects, o)
		v := newVersion(o, raw)
		found.look(v)
		return w.put(v)
	})
	if err == nil && len(objects) == 0 {
		err = fault.New(fault.Invalid, "The bundle is empty.")
	}
	return objects, bundle, err
}

func parse(raw []byte, number int) (*Object, error) {
	o, err := attack.Parse(raw)
	if err != nil {
		return nil, fault.New(fault.Invalid, "Object %d of the bundle has a property of the wrong kind: %v", number, err)
	}
	switch {
	case o.Type == "" || len(o.Type) > 250:
		return nil, fault.New(fault.Invalid, `Object %d of the bundle has no "type".`, number)
	case !attack.IsSTIXID(o.ID) || attack.TypeOf(o.ID) != o.Type:
		return nil, fault.New(fault.Invalid, "Object %d of the bundle has the id %.100q; a STIX id is TYPE--UUID.", number, o.ID)
	case o.SpecVersion != "" && o.SpecVersion != "2.0" && o.SpecVersion != "2.1":
		return nil, fault.New(fault.Invalid, "Object %d of the bundle is of STIX version %.20q; Atelier reads 2.0 and 2.1.", number, o.SpecVersion)
	case len(o.Stamp()) > maxStamp || strings.ContainsFunc(o.Stamp(), unicode.IsControl):
		return nil, fault.New(fault.Invalid, "Object %d of the bundle has %.40q where its time of change should be.", number, o.Stamp())
	}
	return newObject(0, o), nil
}

// describe finds out what a bundle is: its collection object says it, or else
// its matrix, or else what most of its objects belong to, or else the kill chain
// of its tactics, which is all that MITRE's first files have.
func describe(objects []*Object, bundle attack.Bundle, in Source) (Collection, error) {
	c := Collection{BundleID: bundle.ID, SpecVersion: bundle.SpecVersion, Source: cmp.Or(in.Kind, FromImport)}
	if !attack.IsSTIXID(c.BundleID) {
		c.BundleID = "bundle--" + uuid.NewSHA1(uuid.NameSpaceURL, []byte(objects[0].ID+objects[0].Stamp())).String()
	}
	count, chains := map[string]int{}, map[string]int{}
	var matrix string
	for _, o := range objects {
		switch {
		case o.Type == attack.TypeCollection && c.Title == "":
			c.Title, c.Version = o.Name, o.Version
			if len(o.Domains) == 1 {
				c.Domain = o.Domains[0]
			}
		case o.Type == attack.TypeMatrix && matrix == "" && len(o.References) > 0:
			matrix = o.References[0].ExternalID
		}
		for _, d := range o.Domains {
			count[d]++
		}
		for _, p := range o.Phases {
			chains[attack.DomainOf(p.KillChain)]++
		}
	}
	delete(chains, "")
	c.Domain = cmp.Or(c.Domain, matrix, most(count), most(chains))
	if c.Domain == "" || len(c.Domain) > 100 {
		return c, fault.New(fault.Invalid, "The bundle does not say which ATT&CK domain it is of: it has neither a collection, nor a matrix, nor x_mitre_domains, nor tactics.")
	}
	c.Title, c.Version, c.Domain = line(cmp.Or(c.Title, c.Domain)), line(c.Version), line(c.Domain)
	c.UpstreamVersion = c.Version
	return c, nil
}

// line makes one short line for the list of domains of what may be any text.
func line(text string) string {
	text = strings.Map(func(r rune) rune {
		if typed.Hidden(r) {
			return ' '
		}
		return r
	}, text)
	return shortened(text, maxTitle)
}

// shortened gives at most so many characters of a text.
func shortened(text string, characters int) string {
	if len(text) <= characters {
		return text
	}
	if runes := []rune(text); len(runes) > characters {
		return string(runes[:characters-1]) + "…"
	}
	return text
}

func most(count map[string]int) string {
	best := ""
	for d, n := range count {
		if best == "" || n > count[best] || n == count[best] && d < best {
			best = d
		}
	}
	return best
}

// unpack looks at the first bytes and unzips what is zipped. The mark with
// which some programs begin a text is no part of it.
func unpack(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	magic, err := b.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	unpacked := &limited{Reader: b}
	if string(magic) == "\x1f\x8b" {
		if unpacked.Reader, err = gzip.NewReader(b); err != nil {
			return nil, fault.New(fault.Invalid, "This is not a whole gzip file.").Because(err)
		}
	}
	text := bufio.NewReaderSize(unpacked, 1<<16)
	if start, _ := text.Peek(len(mark)); string(start) == mark { // an error comes again when it is read
		if _, err := text.Discard(len(mark)); err != nil {
			return nil, fmt.Errorf("read the file: %w", err)
		}
	}
	return text, nil
}

// mark is the byte order mark in UTF-8.
const mark = "\ufeff"

// limited ends a bundle that is too large, which a small file can unpack to.
type limited struct {
	io.Reader
	read int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	if l.read += int64(n); l.read > MaxUnpacked {
		return 0, fault.New(fault.TooLarge, "The bundle is larger than %d MB when unpacked.", MaxUnpacked>>20)
	}
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) {
		err = fault.New(fault.Invalid, "This gzip file is damaged.").Because(err)
	}
	return n, err
}

// counter tells how much of the source was read.
type counter struct {
	io.Reader
	done, told, total int64
	progress          Progress
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if c.done += int64(n); c.done-c.told > 1<<18 || err == io.EOF {
		c.told = c.done
		c.progress(PhaseReading, c.done, c.total)
	}
	return n, err
}
