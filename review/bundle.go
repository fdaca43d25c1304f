package review

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/merge"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// Limits of a bundle of changes. A whole domain is imported, not proposed.
const (
	MaxBundle      = 16 << 20 // bytes as sent
	maxUnzipped    = 64 << 20
	maxBundleDraft = 200 // drafts that are made at once
)

// What a bundle says of an object, beside what is here.
const (
	BundleNew        = "new"
	BundleChanged    = "changed"
	BundleDeprecated = "deprecated"
	BundleRevoked    = "revoked"
	BundleLeft       = "left" // nothing is proposed of it
)

// BundleItem is one object of a bundle of changes, and what would be proposed
// of it.
type BundleItem struct {
	Item   int           `json:"item" doc:"its number among the items; a choice names it"`
	Object taxonomy.Link `json:"object"`
	What   string        `json:"what" enum:"new,changed,deprecated,revoked,left"`
	Form   string        `json:"form" doc:"label of the kind of proposal; empty where nothing is proposed"`
	Why    string        `json:"why" doc:"why nothing is proposed of it; empty where something is"`
	Fields []string      `json:"fields" doc:"labels of the fields that differ"`
	Checks []Check       `json:"checks"`

	kind    string
	base    int64 // row of the version that it changes
	bump    string
	was     attack.Content
	content attack.Content
}

// BundleReport is what a bundle of changes would be.
type BundleReport struct {
	Items []BundleItem `json:"items" doc:"what differs from what is here, in the order of the bundle"`
	Same  int          `json:"same" doc:"objects that say the same as here"`
}

// BundleMade is what a bundle of changes has made.
type BundleMade struct {
	Proposals []string `json:"proposals" doc:"ids of the drafts"`
	First     int64    `json:"first" doc:"number of the first; the others follow it"`
}

// TryBundle says what a bundle of changes would be, and changes nothing.
func (p *Proposals) TryBundle(ctx context.Context, actor Actor, domain string, content []byte) (BundleReport, error) {
	return p.tryBundle(p.db.WithContext(ctx), actor, domain, content)
}

func (p *Proposals) tryBundle(db *gorm.DB, actor Actor, domain string, content []byte) (BundleReport, error) {
	if !actor.Has(Proposers()...) {
		return BundleReport{}, fault.New(fault.Forbidden, "Your role in this workshop does not let you propose.")
	}
	now := p.taxonomy.Snapshot()
	if _, ok := now.Conventions(domain); !ok {
		return BundleReport{}, fault.New(fault.Conflict, "The domain %q of this workshop is not loaded. A maintainer can import it.", domain)
	}
	objects, err := readBundle(content)
	if err != nil {
		return BundleReport{}, err
	}
	known, err := p.known(db, proposalRow{WorkshopID: actor.Workshop, Domain: domain, AuthorID: actor.User})
	if err != nil {
		return BundleReport{}, err
	}
	r := &bundleReader{now: now, domain: domain, known: known, proposed: map[string]bool{}, by: map[string]attack.Object{}, parents: map[string]string{}, heirs: map[string]string{}}
	if r.proposed, err = made(db, actor.Workshop); err != nil {
		return BundleReport{}, err
	}
	return r.read(objects), nil
}

// readBundle reads the objects of a bundle, zipped or not, each in its newest
// version.
func readBundle(content []byte) ([]attack.Object, error) {
	reader := io.Reader(bytes.NewReader(content))
	if bytes.HasPrefix(content, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(reader)
		if err != nil {
			return nil, fault.New(fault.Invalid, "The file cannot be unzipped.").Because(err)
		}
		reader = &refusing{io.LimitedReader{R: z, N: maxUnzipped}}
	}
	var list []attack.Object
	at := map[string]int{}
	_, err := attack.Decode(reader, func(raw jsontext.Value) error {
		o, err := attack.Parse(raw)
		if err != nil {
			return err
		}
		i, seen := at[o.ID]
		switch {
		case !seen:
			at[o.ID] = len(list)
			list = append(list, o)
		case o.CompareTime(&list[i]) > 0:
			list[i] = o
		}
		return nil
	})
	return list, err
}

// refusing is an error where a limit ends what could go on, for a text that is
// cut would look broken.
type refusing struct{ io.LimitedReader }

func (r *refusing) Read(b []byte) (int, error) {
	if r.N <= 0 {
		return 0, fault.New(fault.TooLarge, "Unzipped, the bundle has more than %d MB. Leave what was not changed out of it.", maxUnzipped>>20)
	}
	return r.LimitedReader.Read(b)
}

// bundleReader holds objects of a bundle against what is here.
type bundleReader struct {
	now      *taxonomy.Snapshot
	domain   string
	known    check.Known
	proposed map[string]bool          // STIX ids that proposals of the workshop make
	by       map[string]attack.Object // what the bundle adds
	parents  map[string]string        // of sub-techniques
	heirs    map[string]string        // of revoked objects
}

func (r *bundleReader) read(objects []attack.Object) BundleReport {
	for _, o := range objects {
		_, here := r.now.InDomain(r.domain, o.ID)
		if !here && o.Live() {
			r.by[o.ID] = o
		}
		switch o.Kind {
		case attack.SubtechniqueOf:
			r.parents[o.Source] = o.Target
		case attack.RevokedBy:
			r.heirs[o.Source] = o.Target
		}
	}
	elsewhere := r.known.Object
	r.known.Object = func(id string) (check.Object, bool) {
		if c, ok := elsewhere(id); ok {
			return c, true
		}
		o, ok := r.by[id]
		return check.Object{STIXID: o.ID, AttackID: o.AttackID(), Type: o.Type, Name: o.Name, Tactics: o.Tactics(), Subtechnique: o.Subtechnique,
			Of: r.parents[id], Proposed: "in this bundle"}, ok
	}
	report := BundleReport{Items: []BundleItem{}}
	for _, o := range objects {
		item, ok := r.item(o)
		if !ok {
			report.Same++
			continue
		}
		item.Item = len(report.Items)
		report.Items = append(report.Items, item)
	}
	return report
}

// item says what would be proposed of an object; ok is false where there is
// nothing to say.
func (r *bundleReader) item(o attack.Object) (item BundleItem, ok bool) {
	item = BundleItem{Object: taxonomy.Link{STIXID: o.ID, AttackID: o.AttackID(), Type: o.Type, Name: r.called(o)}, Fields: []string{}, Checks: []Check{}}
	own, here := r.now.InDomain(r.domain, o.ID)
	form, what := r.form(o, own)
	if here {
		item.Object, item.base = own.Link(), own.Row
	}
	switch {
	case what == "":
		return item, false
	case what == BundleLeft:
		item.What = what
		item.Why = r.why(o, own)
		return item, true
	}
	content := attack.ContentOf(o, form)
	switch {
	case what == BundleRevoked:
		content[attack.FieldReplacement], content[attack.FieldCarry] = attack.Value{Text: r.heirs[o.ID]}, attack.Value{Text: "true"}
	case form.Kind == attack.NewSubtechnique:
		content[attack.FieldParent] = attack.Value{Text: r.parents[o.ID]}
	}
	if here {
		item.was = attack.ContentOf(own.Object, form)
	}
	for _, f := range form.Fields {
		if !merge.Same(f.Kind, item.was[f.Name], content[f.Name]) {
			item.Fields = append(item.Fields, f.Label)
		}
	}
	if what == BundleChanged && len(item.Fields) == 0 {
		return item, false
	}
	item.What, item.kind, item.Form = what, form.Kind, form.Label
	versions := check.Versions{Given: o.Version}
	if here {
		versions.Here = own.Version
	}
	return r.checked(item, form, content, versions), true
}

// checked adds what is found in the content of an item. What cannot even be
// kept is left.
func (r *bundleReader) checked(item BundleItem, form attack.Form, content attack.Content, versions check.Versions) BundleItem {
	normal, err := tidy(form, item.was, content)
	var wrong *fault.Error
	if errors.As(err, &wrong) {
		item.What, item.kind, item.Form, item.Why = BundleLeft, "", "", wrong.Message
		return item
	}
	item.content = normal
	found := check.Run(check.Subject{Form: form, Self: item.Object.STIXID, Base: item.was, Content: normal, Versions: versions}, r.known)
	item.Checks = check.Plain(found)
	// It is counted up as in the bundle, where that follows on what is here.
	if !slices.ContainsFunc(found, func(c Check) bool { return c.Code == check.CodeVersion }) {
		item.bump = attack.VersionStep(versions.Here, versions.Given)
	}
	return item
}

// form finds the kind of proposal that an object of the bundle is; own is what
// is here, or nil.
func (r *bundleReader) form(o attack.Object, own *taxonomy.Object) (form attack.Form, what string) {
	changed, editable := attack.FormFor(o.Type)
	_, known := attack.TypeOfName(o.Type)
	switch {
	case o.Type == attack.TypeMatrix || !editable && known:
		return form, "" // collections, identities and markings are of every bundle
	case !editable:
		return form, BundleLeft
	case own == nil:
		return r.newForm(o)
	case o.CompareTime(&own.Object) < 0:
		return form, BundleLeft
	case o.Live() == own.Live():
		return changed, BundleChanged
	case o.Live():
		return form, BundleLeft
	}
	action := attack.Deprecate
	if o.Revoked {
		action, what = attack.Revoke, BundleRevoked
	} else {
		what = BundleDeprecated
	}
	for _, f := range attack.Forms() {
		if f.Type == o.Type && f.Action == action {
			return f, what
		}
	}
	return form, BundleLeft
}

func (r *bundleReader) newForm(o attack.Object) (form attack.Form, what string) {
	if !o.Live() || r.proposed[o.ID] {
		return form, BundleLeft
	}
	kind := ""
	switch {
	case o.Type == attack.TypeTechnique && o.Subtechnique:
		kind = attack.NewSubtechnique
	case o.Type == attack.TypeTechnique:
		kind = attack.NewTechnique
	case o.Kind == attack.SubtechniqueOf || o.Kind == attack.RevokedBy:
		if _, here := r.now.InDomain(r.domain, o.Source); here && o.Kind == attack.SubtechniqueOf {
			return form, BundleLeft
		}
		return form, "" // it is a part of what is proposed of its source
	case o.Type == attack.TypeRelationship:
		kind = attack.NewRelationship
		example, _ := attack.FormOf(attack.ProcedureExample)
		source, _ := example.Field(attack.FieldSource)
		if o.Kind == attack.Uses && attack.TypeOf(o.Target) == attack.TypeTechnique && slices.Contains(source.Refers, attack.TypeOf(o.Source)) {
			kind = attack.ProcedureExample
		}
	default:
		for _, f := range attack.Forms() {
			if f.Type == o.Type && f.Action == attack.Add {
				return f, BundleNew
			}
		}
		return form, BundleLeft
	}
	form, _ = attack.FormOf(kind)
	return form, BundleNew
}

// why says why nothing is proposed of an object.
func (r *bundleReader) why(o attack.Object, own *taxonomy.Object) string {
	switch _, editable := attack.FormFor(o.Type); {
	case !editable:
		return fmt.Sprintf("ATT&CK has no objects of the type %s.", o.Type)
	case own == nil && r.proposed[o.ID]:
		return "It is proposed in this workshop already."
	case own == nil && o.Kind == attack.SubtechniqueOf:
		return "It moves a technique that is here. Propose that from the technique's page."
	case own == nil && !o.Live():
		return "It is not to be used any more, and is not here."
	case own != nil && o.CompareTime(&own.Object) < 0:
		return fmt.Sprintf("What is here was changed later, on %s.", date(own.Modified))
	case own != nil && o.Live():
		return "It was revoked or deprecated here."
	}
	return "There is no form for this."
}

// date is the day of a STIX time.
func date(stix string) string {
	day, _, _ := strings.Cut(stix, "T")
	return day
}

// called is what to call an object of the bundle.
func (r *bundleReader) called(o attack.Object) string {
	if o.Type != attack.TypeRelationship {
		return o.Name
	}
	name := func(id string) string {
		if one, ok := r.known.Object(id); ok {
			return one.Name
		}
		return "…"
	}
	return name(o.Source) + " " + o.Kind + " " + name(o.Target)
}

// MakeBundle makes a draft for the actor of each chosen item of a bundle of
// changes, all or none. New objects keep their STIX ids, by which they name
// each other. The fault is Invalid where an item cannot be chosen.
func (p *Proposals) MakeBundle(ctx context.Context, actor Actor, domain string, content []byte, chosen []int) (BundleMade, error) {
	return journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (BundleMade, error) {
		done := BundleMade{Proposals: []string{}}
		if err := tx.Hold(actor.Workshop); err != nil {
			return done, err
		}
		report, err := p.tryBundle(tx.DB, actor, domain, content)
		if err != nil {
			return done, err
		}
		if done.First, err = nextNumber(tx.DB, actor.Workshop); err != nil {
			return done, err
		}
		known, err := p.known(tx.DB, proposalRow{WorkshopID: actor.Workshop, Domain: domain, AuthorID: actor.User})
		if err != nil {
			return done, err
		}
		proposed, err := made(tx.DB, actor.Workshop)
		if err != nil {
			return done, err
		}
		items, err := report.choose(chosen)
		if err != nil {
			return done, err
		}
		for _, item := range items {
			proposed[item.Object.STIXID] = true
		}
		rows := make([]proposalRow, len(items))
		for i, item := range items {
			row := proposalRow{ID: uuid.NewString(), WorkshopID: actor.Workshop, Number: done.First + int64(i), Domain: domain, Kind: item.kind, State: StateDraft,
				ObjectID: item.Object.STIXID, BaseVersion: item.base, AuthorID: actor.User, Bump: item.bump, DraftVersion: 1, CreatedAt: journal.Now()}
			if rows[i], err = p.written(tx.DB, known.Object, row, wording{item.content, item.was}, proposed); err != nil {
				return done, err
			}
			done.Proposals = append(done.Proposals, row.ID)
		}
		if err := tx.CreateInBatches(rows, atOnce).Error; err != nil {
			return done, fmt.Errorf("make proposals: %w", err)
		}
		return done, nil
	})
}

// choose gives the items of a choice, each once.
func (r BundleReport) choose(chosen []int) ([]BundleItem, error) {
	if len(chosen) == 0 || len(chosen) > maxBundleDraft {
		return nil, fault.InField("items", "Choose from 1 to %d of the items.", maxBundleDraft)
	}
	var items []BundleItem
	for _, i := range slices.Compact(slices.Sorted(slices.Values(chosen))) {
		if i < 0 || i >= len(r.Items) || r.Items[i].kind == "" {
			return nil, fault.InField("items", "The bundle has no item %d of which something could be proposed. Look at it once more.", i)
		}
		items = append(items, r.Items[i])
	}
	return items, nil
}
