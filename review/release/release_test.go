package release_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/release"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

const (
	small        = "small-attack"
	overfill     = "attack-pattern--00000000-0000-4000-9000-000000000006" // T1001
	slowOverfill = "attack-pattern--00000000-0000-4000-9000-000000000007" // T1001.001
	redirect     = "attack-pattern--00000000-0000-4000-9000-000000000008" // T1002
	gang         = "intrusion-set--00000000-0000-4000-9000-000000000010"
)

// desk is a workshop on a domain.
type desk struct {
	*release.Releases
	t             testing.TB
	db            *gorm.DB
	journal       *journal.Journal
	tax           *taxonomy.Taxonomy
	proposals     *review.Proposals
	domain        string
	ana, rob, mia review.Actor // participant, reviewer, maintainer
}

func open(t testing.TB, db *gorm.DB, domain string, bundle io.Reader) *desk {
	t.Helper()
	ctx := t.Context()
	j, p, tax := journal.New(db), people.New(db), taxonomy.New(db, slog.New(slog.DiscardHandler))
	if _, err := tax.Import(ctx, taxonomy.Source{Name: "base", Reader: bundle}, nil); err != nil {
		t.Fatal(err)
	}
	if err := tax.Load(ctx); err != nil { // another desk may have imported it
		t.Fatal(err)
	}
	person := func(name string) string {
		a, err := p.Add(ctx, people.Account{User: people.User{Name: name}})
		if err != nil {
			t.Fatal(err)
		}
		return a.ID
	}
	rooms := workshop.New(db, j, p)
	w, err := rooms.Create(ctx, person("Fay"), workshop.Workshop{Brief: workshop.Brief{Name: "Tea", StartsOn: "2026-12-01", EndsOn: "2026-12-01", TLP: "clear"}, Domain: domain})
	if err != nil {
		t.Fatal(err)
	}
	as := func(name string, roles ...review.Role) review.Actor {
		return review.Actor{User: person(name), Roles: roles, Workshop: w.ID}
	}
	proposals := review.New(db, j, tax, markdown.New(attack.LinkRules()), rooms.CircleIn)
	settings := func(ctx context.Context, id string) (release.Settings, error) {
		return release.Settings{Domain: domain, IDsFrom: w.Policy.TechniqueIDsFrom}, nil
	}
	return &desk{release.New(db, j, tax, proposals, settings), t, db, j, tax, proposals, domain,
		as("Ana", review.Participant), as("Rob", review.Reviewer), as("Mia", review.Maintainer)}
}

func openSmall(t testing.TB, db *gorm.DB) *desk {
	t.Helper()
	f, err := os.Open("../testdata/small.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return open(t, db, small, f)
}

// accept brings a proposal to the state accepted.
func (d *desk) accept(kind, object, bump string, content attack.Content) review.Proposal {
	d.t.Helper()
	p, err := d.accepted(kind, object, bump, content)
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

func (d *desk) accepted(kind, object, bump string, content attack.Content) (review.Proposal, error) {
	ctx := d.t.Context()
	draft, err := d.proposals.Start(ctx, d.ana, d.domain, review.NewProposal{Kind: kind, ObjectID: object, Content: content})
	if err != nil {
		return review.Proposal{}, err
	}
	p, err := d.proposals.Submit(ctx, d.ana, draft.Proposal.ID, review.Submission{Version: draft.Version})
	if err != nil {
		return p, fmt.Errorf("submit %s: %w %v", kind, err, draft.Checks)
	}
	return d.proposals.Review(ctx, d.rob, p.ID, review.ActionApprove, review.Verdict{Revision: 1, Bump: bump})
}

func source(name string) attack.Value {
	return attack.Value{References: []attack.Reference{{SourceName: name, Description: "Example, B. (2025). " + name + ".", URL: "https://example.com/notes"}}}
}

func technique(name string) attack.Content {
	return attack.Content{
		attack.FieldName: {Text: name}, attack.FieldTactics: {List: []string{"boiling"}}, attack.FieldPlatforms: {List: []string{"Kettle"}},
		attack.FieldDescription: {Text: "Adversaries may do this; see (LinkById: T1002).(Citation: Notes)"}, attack.FieldReferences: source("Notes"),
	}
}

// four is one accepted proposal of each kind.
func (d *desk) four() (kettle, sub, better, seen review.Proposal) {
	d.t.Helper()
	kettle = d.accept(attack.NewTechnique, "", "", technique("Whistle Muting"))
	content := technique("Sudden Overfill")
	content[attack.FieldDescription] = attack.Value{Text: "A form of (LinkById: NEW-1).(Citation: Notes)"}
	sub = d.accept(attack.NewSubtechnique, overfill, "", content)
	better = d.accept(attack.Refinement, redirect, attack.BumpMajor, attack.Content{
		attack.FieldDescription: {Text: "Adversaries may turn a spout aside.(Citation: Kettle Report)"}, attack.FieldTactics: {List: []string{"pouring", "boiling"}}})
	seen = d.accept(attack.ProcedureExample, redirect, "", attack.Content{attack.FieldSource: {Text: gang},
		attack.FieldDescription: {Text: "They turned it.(Citation: Notes)"}, attack.FieldReferences: source("Notes")})
	return kettle, sub, better, seen
}

func (d *desk) openRelease() release.Release {
	d.t.Helper()
	r, err := d.Open(d.t.Context(), d.mia, release.NewRelease{Name: "First"})
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

func (d *desk) preview(r release.Release) release.Preview {
	d.t.Helper()
	p, err := d.Preview(d.t.Context(), d.mia.Workshop, r.ID)
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

func (d *desk) publish(r release.Release) release.Release {
	d.t.Helper()
	r, err := d.Publish(d.t.Context(), d.mia, r.ID, r.Revision)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

func (d *desk) bundle(r release.Release) []byte {
	d.t.Helper()
	var out bytes.Buffer
	if err := d.Bundle(d.t.Context(), d.mia.Workshop, r.ID, &out); err != nil {
		d.t.Fatal(err)
	}
	return out.Bytes()
}

func (d *desk) delta(r release.Release) []byte {
	d.t.Helper()
	var out bytes.Buffer
	if err := d.Delta(d.t.Context(), d.mia.Workshop, r.ID, &out); err != nil {
		d.t.Fatal(err)
	}
	return out.Bytes()
}

// objectsOf lists the objects of a bundle, and their own bytes by id.
func objectsOf(t testing.TB, bundle []byte) (list []attack.Object, raw map[string]string) {
	t.Helper()
	var whole struct {
		Type, ID string
		Objects  []json.RawMessage
	}
	if err := json.Unmarshal(bundle, &whole); err != nil || whole.Type != "bundle" || !attack.IsSTIXID(whole.ID) {
		t.Fatalf("no bundle: %v %q %q", err, whole.Type, whole.ID)
	}
	raw = map[string]string{}
	for _, text := range whole.Objects {
		o, err := attack.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if raw[o.ID] != "" {
			t.Errorf("%s is in the bundle twice", o.ID)
		}
		list = append(list, o)
		raw[o.ID] = string(text)
	}
	return list, raw
}

// wellFormed makes sure that a bundle starts with its collection, which lists
// all others, and holds all that it refers to.
func wellFormed(t testing.TB, bundle []byte) ([]attack.Object, map[string]string) {
	t.Helper()
	list, raw := objectsOf(t, bundle)
	if list[0].Type != attack.TypeCollection || len(list[0].Contents) != len(list)-1 {
		t.Fatalf("it starts with a %s that lists %d of %d", list[0].Type, len(list[0].Contents), len(list)-1)
	}
	for i, ref := range list[0].Contents {
		if o := list[i+1]; ref.Object != o.ID || ref.Modified != o.Stamp() {
			t.Errorf("content %d is %+v, the object %s of %s", i, ref, o.ID, o.Stamp())
		}
	}
	for id, text := range raw {
		refs, err := attack.Refs([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, ref := range refs {
			if raw[ref] == "" {
				t.Errorf("%s refers to %s, which is not in the bundle", id, ref)
			}
		}
	}
	return list, raw
}

func code(t testing.TB, err error, want fault.Code) {
	t.Helper()
	if err == nil || fault.CodeOf(err) != want {
		t.Errorf("want a fault %s, got %v", want, err)
	}
}

func TestFromAcceptedToABundleThatOthersImport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := openSmall(t, db)
		kettle, sub, better, seen := d.four()
		r := d.openRelease()
		if r.Number != 1 || !slices.Equal(r.Proposals, []string{kettle.ID, sub.ID, better.ID, seen.ID}) || r.State != release.Open {
			t.Fatalf("opened %+v", r)
		}
		before := d.preview(r)
		if !before.Publishable || len(before.Problems) > 0 || len(before.Items) != 4 || before.Version != "3.2" {
			t.Fatalf("preview is %+v", before)
		}
		got := []string{}
		for _, item := range before.Items {
			got = append(got, item.AttackID+" "+item.VersionFrom+" "+item.VersionTo)
		}
		if want := []string{"T9000  1.0", "T1001.002  1.0", "T1002 1.2 2.0", "  "}; !slices.Equal(got, want) {
			t.Errorf("items get %q", got)
		}
		r = d.publish(r)
		after := d.preview(r)
		if r.State != release.Published || r.Version != "3.2" || r.PublishedAt == nil || len(after.Items) != 4 || after.Items[0].AttackID != "T9000" ||
			after.Items[0].Proposal.State != review.StateReleased || after.Items[0].Proposal.Object.AttackID != "T9000" {
			t.Errorf("published %+v", after)
		}
		if a, b := text(t, before.Changelog), text(t, after.Changelog); a != b {
			t.Errorf("the preview said %s, published was %s", a, b)
		}
		d.bundleOfFour(r, kettle, sub, seen)
		d.deltaOfFour(r, kettle, sub, seen)
		d.importElsewhere(r)
	})
}

func text(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (d *desk) bundleOfFour(r release.Release, kettle, sub, seen review.Proposal) {
	d.t.Helper()
	t := d.t
	list, raw := wellFormed(t, d.bundle(r))
	if !bytes.Equal(d.bundle(r), d.bundle(r)) {
		t.Error("the bundle has other bytes the next time")
	}
	original, err := os.ReadFile("../testdata/small.json")
	if err != nil {
		t.Fatal(err)
	}
	_, was := objectsOf(t, original)
	for id, text := range was {
		var packed bytes.Buffer
		if err := json.Compact(&packed, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if same := packed.String() == raw[id]; same == (id == redirect || id == list[0].ID) {
			t.Errorf("%s is now %s", id, raw[id])
		}
	}
	if len(list) != len(was)+4 || list[0].Version != "3.2" {
		t.Errorf("%d objects became %d, of version %s", len(was), len(list), list[0].Version)
	}
	at := attack.FormatTime(*r.PublishedAt)
	byID := map[string]attack.Object{}
	children := map[string]string{}
	for _, o := range list {
		byID[o.ID] = o
		if o.Kind == attack.SubtechniqueOf {
			children[o.Source] = o.Target
		}
	}
	o := byID[kettle.Object.STIXID]
	if o.AttackID() != "T9000" || o.Version != "1.0" || o.Created != at || o.Modified != at || o.AttackSpec != "3.3.0" || o.CreatedBy == "" ||
		o.ModifiedBy != o.CreatedBy || len(o.Markings) != 1 || !strings.Contains(o.Description, "[Spout Redirect](https://attack.mitre.org/techniques/T1002)") {
		t.Errorf("the new technique is %s", raw[o.ID])
	}
	o = byID[sub.Object.STIXID]
	if o.AttackID() != "T1001.002" || !o.Subtechnique || children[o.ID] != overfill || !strings.Contains(o.Description, "[Whistle Muting](https://attack.mitre.org/techniques/T9000)") {
		t.Errorf("the new sub-technique is %s", raw[o.ID])
	}
	if o = byID[redirect]; o.Version != "2.0" || o.Modified != at || o.Created == at || !slices.Equal(o.Tactics(), []string{"pouring", "boiling"}) {
		t.Errorf("the refined technique is %s", raw[o.ID])
	}
	if o = byID[seen.Object.STIXID]; o.Kind != attack.Uses || o.Source != gang || o.Target != redirect || o.Version != "" || len(o.References) != 1 {
		t.Errorf("the procedure example is %s", raw[o.ID])
	}
}

func (d *desk) deltaOfFour(r release.Release, kettle, sub, seen review.Proposal) {
	d.t.Helper()
	list, raw := wellFormed(d.t, d.delta(r))
	for _, id := range []string{kettle.Object.STIXID, sub.Object.STIXID, redirect, seen.Object.STIXID, gang, overfill} {
		if raw[id] == "" {
			d.t.Errorf("%s is not in the delta", id)
		}
	}
	if raw[slowOverfill] != "" || len(list) != 10 { // collection, identity, marking, the six and the relationship to the parent
		d.t.Errorf("the delta has %d objects", len(list))
	}
	if !bytes.Equal(d.delta(r), d.delta(r)) {
		d.t.Error("the delta has other bytes the next time")
	}
}

func (d *desk) importElsewhere(r release.Release) {
	d.t.Helper()
	bundle := d.bundle(r)
	elsewhere := open(d.t, storetest.Open(d.t), d.domain, bytes.NewReader(bundle))
	c, err := elsewhere.tax.Find(d.t.Context(), d.domain, 0)
	if err != nil || c.Version != r.Version {
		d.t.Fatalf("elsewhere it is %+v, %v", c, err)
	}
	var out bytes.Buffer
	if err := elsewhere.tax.Export(d.t.Context(), c, taxonomy.AsItCameIn, &out); err != nil {
		d.t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), bundle) {
		d.t.Error("it came out of another installation with other bytes")
	}
	fresh := taxonomy.New(d.db, slog.New(slog.DiscardHandler)) // as after a crash behind the commit
	if err := fresh.Load(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	a, _ := d.tax.Snapshot().Conventions(d.domain)
	b, _ := fresh.Snapshot().Conventions(d.domain)
	if a.Current.ID != b.Current.ID || a.Current.Version != r.Version {
		d.t.Errorf("a fresh start shows %+v, this one %+v", b.Current, a.Current)
	}
}

// TestWhoIsToldOfAReleaseFindsIt looks at the taxonomy at the very moment at
// which listeners hear of a publication.
func TestWhoIsToldOfAReleaseFindsIt(t *testing.T) {
	d := openSmall(t, storetest.Open(t))
	d.accept(attack.NewTechnique, "", "", technique("Whistle Muting"))
	r, err := d.Open(t.Context(), d.mia, release.NewRelease{Name: "First"})
	if err != nil {
		t.Fatal(err)
	}
	var found []bool
	d.journal.Notify(func(string) {
		_, ok := d.tax.Snapshot().Object("T9000")
		found = append(found, ok)
	})
	if _, err := d.Publish(t.Context(), d.mia, r.ID, r.Revision); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(found, []bool{true}) {
		t.Errorf("when they were told, the technique was there: %v", found)
	}
}
