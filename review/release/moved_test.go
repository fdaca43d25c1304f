package release_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/changes"
	"github.com/atelier-attack/atelier/review/merge"
	"github.com/atelier-attack/atelier/review/release"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// newer imports the small domain as a later version has it. What change clears
// is not in it.
func (d *desk) newer(version string, change func(id string, o map[string]any)) {
	d.t.Helper()
	d.newerWith(version, change)
}

// newerWith adds objects, too.
func (d *desk) newerWith(version string, change func(id string, o map[string]any), more ...map[string]any) {
	d.t.Helper()
	text, err := os.ReadFile("../testdata/small.json")
	if err != nil {
		d.t.Fatal(err)
	}
	var bundle map[string]any
	if err := json.Unmarshal(text, &bundle); err != nil {
		d.t.Fatal(err)
	}
	var list []any
	for _, one := range bundle["objects"].([]any) {
		o := one.(map[string]any)
		if o["type"] == attack.TypeCollection {
			o["x_mitre_version"], o["modified"] = version, "2025-06-01T00:00:00.000Z"
		}
		if change(o["id"].(string), o); len(o) > 0 {
			list = append(list, o)
		}
	}
	for _, o := range more {
		list = append(list, o)
	}
	bundle["objects"] = list
	text, err = json.Marshal(bundle)
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.tax.Import(d.t.Context(), taxonomy.Source{Name: "newer", Reader: bytes.NewReader(text)}, nil); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) reword(text string) review.Proposal {
	d.t.Helper()
	return d.accept(attack.Refinement, redirect, attack.BumpMinor, attack.Content{attack.FieldDescription: {Text: text + "(Citation: Kettle Report)"}})
}

func (d *desk) change(r release.Release, c release.ReleaseUpdate) release.Release {
	d.t.Helper()
	c.Revision = r.Revision
	r, err := d.Change(d.t.Context(), d.mia, r.ID, c)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

// TestABaseThatMoved has an import change what a refinement changes, too.
func TestABaseThatMoved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := openSmall(t, db)
		p := d.reword("Adversaries may turn a spout aside.")
		d.newer("3.2", func(id string, o map[string]any) {
			if id == redirect {
				o["description"], o["modified"] = "Adversaries may turn a spout round a bend.(Citation: Kettle Report)", "2025-06-01T00:00:00.000Z"
				o["x_mitre_platforms"], o["x_mitre_version"] = []string{"Kettle", "Stove"}, "1.3"
			}
		})
		r := d.openRelease()
		item := d.preview(r).Items[0]
		if len(item.Conflicts) != 1 || item.Conflicts[0].Field != attack.FieldDescription || item.Conflicts[0].Resolution != "" ||
			!strings.Contains(item.Conflicts[0].Theirs.Text, "bend") || len(item.Problems) != 1 || d.preview(r).Publishable {
			t.Fatalf("item is %+v", item)
		}
		_, err := d.Publish(t.Context(), d.mia, r.ID, r.Revision)
		code(t, err, fault.Conflict)
		for field, side := range map[string]string{"name": release.Ours, attack.FieldDescription: "mine"} {
			_, err := d.Change(t.Context(), d.mia, r.ID, release.ReleaseUpdate{Revision: r.Revision, Resolutions: map[string]map[string]string{p.ID: {field: side}}})
			code(t, err, fault.Invalid)
		}
		solve := func(side string) release.ReleaseUpdate {
			return release.ReleaseUpdate{Resolutions: map[string]map[string]string{p.ID: {attack.FieldDescription: side}}}
		}
		r = d.change(r, solve(release.Theirs))
		if now := d.preview(r); now.Publishable || len(now.Items[0].Hints) != 1 { // nothing is left of it
			t.Errorf("with their text it is %+v", now)
		}
		r = d.change(r, solve(release.Ours))
		if r.Resolutions[p.ID][attack.FieldDescription] != release.Ours {
			t.Errorf("release is %+v", r)
		}
		// Their text changes once more: what was chosen is no answer to this.
		d.newer("3.3", func(id string, o map[string]any) {
			if id == redirect {
				o["description"], o["modified"] = "Adversaries may turn a spout with a twist.(Citation: Kettle Report)", "2031-01-01T00:00:00.000Z"
				o["x_mitre_platforms"], o["x_mitre_version"] = []string{"Kettle", "Stove"}, "1.4"
			}
		})
		if now := d.preview(r); now.Publishable || now.Items[0].Conflicts[0].Resolution != "" {
			t.Errorf("an old choice solved a new conflict: %+v", now)
		}
		r = d.publish(d.change(r, solve(release.Ours)))
		list, raw := wellFormed(t, d.bundle(r))
		i := slices.IndexFunc(list, func(o attack.Object) bool { return o.ID == redirect })
		if o := list[i]; !strings.Contains(o.Description, "aside") || !slices.Equal(o.Platforms, []string{"Kettle", "Stove"}) || o.Version != "1.5" ||
			o.Modified != "2031-01-01T00:00:00.001Z" {
			t.Errorf("merged to %s", raw[redirect])
		}
	})
}

// TestTextsOfBothSides has an import change words of a text, once beside what a
// refinement changes and once just there.
func TestTextsOfBothSides(t *testing.T) {
	d := openSmall(t, storetest.Open(t))
	p := d.reword("Adversaries may turn a spout aside.")
	newer := func(version, text string) {
		d.newer(version, func(id string, o map[string]any) {
			if id == redirect {
				o["description"], o["modified"], o["x_mitre_version"] = text+"(Citation: Kettle Report)", "2025-06-0"+version[2:]+"T00:00:00.000Z", version
			}
		})
	}
	newer("3.2", "Attackers may turn a spout.")
	r := d.openRelease()
	if now := d.preview(r); !now.Publishable || len(now.Items[0].Conflicts) != 0 {
		t.Fatalf("changes that fit together: %+v", now)
	}
	newer("3.3", "Attackers may turn a spout up.")
	c := d.preview(r).Items[0].Conflicts
	want := []merge.TextPart{{Text: "Attackers may turn a spout"}, {Conflict: true, Ours: " aside", Theirs: " up"}, {Text: ".(Citation: Kettle Report)"}}
	if len(c) != 1 || !slices.Equal(c[0].Parts, want) {
		t.Fatalf("conflicts are %+v, want %+v", c, want)
	}
	r = d.change(r, release.ReleaseUpdate{Resolutions: map[string]map[string]string{p.ID: {attack.FieldDescription: release.Ours}}})
	r = d.publish(r)
	list, _ := wellFormed(t, d.bundle(r))
	i := slices.IndexFunc(list, func(o attack.Object) bool { return o.ID == redirect })
	if got := list[i].Description; got != "Attackers may turn a spout aside.(Citation: Kettle Report)" {
		t.Errorf("our side of the conflict made %q", got)
	}
}

// TestTwoProposalsOfOneObject are merged in the order of their numbers.
func TestTwoProposalsOfOneObject(t *testing.T) {
	d := openSmall(t, storetest.Open(t))
	first := d.reword("Adversaries may turn a spout aside.")
	second := d.accept(attack.Refinement, redirect, attack.BumpMajor, attack.Content{attack.FieldPlatforms: {List: []string{"Kettle", "Stove"}}})
	third := d.reword("Adversaries may turn a spout off.")
	r := d.openRelease()
	items := d.preview(r).Items
	if len(items[0].Conflicts)+len(items[1].Conflicts) != 0 || len(items[2].Conflicts) != 1 || !strings.Contains(items[2].Conflicts[0].Theirs.Text, "aside") {
		t.Fatalf("items are %+v", items)
	}
	r = d.change(r, release.ReleaseUpdate{Proposals: &[]string{first.ID, second.ID}})
	now := d.preview(r)
	if !now.Publishable || len(now.Waiting) != 1 || now.Waiting[0].ID != third.ID || now.Items[0].VersionTo != "2.0" || now.Items[1].VersionTo != "2.0" {
		t.Fatalf("preview is %+v", now)
	}
	r = d.publish(r)
	log, err := d.Changelog(t.Context(), d.mia.Workshop, r.ID)
	if err != nil || len(log.Sections) != 1 || log.Sections[0].Key != changes.MajorChanges || len(log.Sections[0].Objects) != 1 {
		t.Errorf("changelog is %+v, %v", log, err)
	}
	// The next release goes on from there: the third conflicts with what was released.
	next, err := d.Open(t.Context(), d.mia, release.NewRelease{Name: "Second"})
	if err != nil || next.Number != 2 || !slices.Equal(next.Proposals, []string{third.ID}) {
		t.Fatalf("opened %+v, %v", next, err)
	}
	if item := d.preview(next).Items[0]; len(item.Conflicts) != 1 || item.VersionFrom != "2.0" {
		t.Errorf("item is %+v", item)
	}
}

// TestAnImportInTheMiddleOfAPlan has an import bring a new object while a plan
// is being made: the plan is about what it began with, and a publication is
// planned anew.
func TestAnImportInTheMiddleOfAPlan(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := openSmall(t, db)
		d.reword("Adversaries may turn a spout aside.")
		r := d.openRelease()
		const uses = "relationship--00000000-0000-4000-9000-000000000011"
		added := "" // what the next plan is disturbed by
		err := db.Callback().Row().Before("gorm:row").Register("import", func(tx *gorm.DB) {
			if id := added; id != "" && strings.HasPrefix(tx.Statement.SQL.String(), "SELECT raw FROM objects") {
				added = ""
				d.newer("3."+id[len(id)-1:], func(_ string, o map[string]any) {
					if o["id"] == uses {
						o["id"], o["modified"] = id, "2025-06-01T00:00:00.000Z"
					}
				})
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		added = "relationship--00000000-0000-4000-9000-000000000105"
		if now := d.preview(r); !now.Publishable || now.Version != "3.2" || added != "" {
			t.Errorf("preview is %+v", now)
		}
		added = "relationship--00000000-0000-4000-9000-000000000107"
		last := added
		r = d.publish(r)
		list, _ := wellFormed(t, d.bundle(r))
		if r.Version != "3.8" || !slices.ContainsFunc(list, func(o attack.Object) bool { return o.ID == last }) {
			t.Errorf("version %s was made, disturbed by %q", r.Version, added)
		}
	})
}

// TestWhatAnImportTookAway stops a release.
func TestWhatAnImportTookAway(t *testing.T) {
	d := openSmall(t, storetest.Open(t))
	d.four()
	d.newer("4.0", func(id string, o map[string]any) {
		switch {
		case id == redirect:
			o["revoked"], o["modified"] = true, "2025-06-01T00:00:00.000Z"
		case o["x_mitre_shortname"] == "boiling":
			o["x_mitre_shortname"], o["modified"] = "simmering", "2025-06-01T00:00:00.000Z"
		}
	})
	now := d.preview(d.openRelease())
	for i, want := range []string{`"boiling" is not one of the tactics`, `"boiling" is not one of the tactics`, "revoked or deprecated", "revoked or deprecated"} {
		if got := strings.Join(now.Items[i].Problems, "\n"); !strings.Contains(got, want) {
			t.Errorf("item %d has the problems %q", i, got)
		}
	}
	if now.Publishable {
		t.Error("it can be published")
	}
}

// TestMergedContentIsChecked looks at what two proposals make together: each
// is right alone.
func TestMergedContentIsChecked(t *testing.T) {
	d := openSmall(t, storetest.Open(t))
	for _, left := range []string{"Kettle", "Stove"} {
		d.accept(attack.Refinement, overfill, attack.BumpMinor, attack.Content{attack.FieldPlatforms: {List: []string{left}}})
	}
	content := technique("Whistle Muting")
	content[attack.FieldDescription] = attack.Value{Text: "It is mute."}
	d.accept(attack.NewTechnique, "", "", content)
	d.reword("Adversaries may turn a spout aside.") // which cites what the object does not name any more
	d.newer("3.2", func(id string, o map[string]any) {
		if id == redirect {
			o["external_references"], o["modified"] = o["external_references"].([]any)[:1], "2025-06-01T00:00:00.000Z"
		}
	})
	now := d.preview(d.openRelease())
	if p := now.Items; now.Publishable || len(p[0].Problems) != 0 || !slices.Equal(p[1].Problems, []string{"Platforms are missing."}) {
		t.Errorf("the items are %+v", now.Items)
	}
	for i, want := range map[int][]string{2: {`The text does not cite "Notes".`}, 3: {}} {
		if p := now.Items[i]; len(p.Problems) != 0 || !slices.Equal(p.Hints, want) {
			t.Errorf("item %d has the problems %q and the hints %q", i, p.Problems, p.Hints)
		}
	}
}

// TestLinksThatLeadNowhereStopARelease has a text that was accepted when its
// link led somewhere.
func TestLinksThatLeadNowhereStopARelease(t *testing.T) {
	d := openSmall(t, storetest.Open(t))
	content := technique("Whistle Muting")
	content[attack.FieldDescription] = attack.Value{Text: "See (LinkById: T1001).(Citation: Notes)"}
	p := d.accept(attack.NewTechnique, "", "", content)
	if err := d.db.Exec("UPDATE revisions SET content = REPLACE(content, 'T1001', 'NEW-77') WHERE proposal_id = ?", p.ID).Error; err != nil {
		t.Fatal(err)
	}
	if now := d.preview(d.openRelease()); now.Publishable || !strings.Contains(now.Items[0].Problems[0], "NEW-77") {
		t.Errorf("preview is %+v", now)
	}
}

// TestALabelLeadsToWhatItStoodFor links by its label to what an earlier release
// made, and to a part of what this one makes.
func TestALabelLeadsToWhatItStoodFor(t *testing.T) {
	d := openSmall(t, storetest.Open(t))
	first := d.accept(attack.NewTechnique, "", "", technique("Whistle Muting"))
	split := d.accept(attack.SplitTechnique, redirect, "", attack.Content{attack.FieldPieces: {Rows: []map[string]string{
		{attack.ColumnKey: "a", attack.FieldName: "Left Turns", attack.FieldDescription: "It spills."},
		{attack.ColumnKey: "b", attack.FieldName: "Right Turns", attack.FieldDescription: "It spills."}}}})
	r := d.openRelease()
	d.publish(d.change(r, release.ReleaseUpdate{Proposals: &[]string{first.ID}}))
	content := technique("Lid Rattling")
	content[attack.FieldDescription] = attack.Value{Text: "See (LinkById: NEW-1) and (LinkById: NEW-2.2).(Citation: Notes)"}
	rattling := d.accept(attack.NewTechnique, "", "", content)
	d.publish(d.openRelease())
	o, ok := d.tax.Snapshot().Object(rattling.Object.STIXID)
	if !ok || len(split.Makes) != 2 || !regexp.MustCompile(`^See \[Whistle Muting\]\(\S+/T9000\) and \[Right Turns\]\(\S+\)\.`).MatchString(o.Description) {
		t.Errorf("it says %q", o.Description)
	}
}

func TestChangesThatAreRefused(t *testing.T) {
	d := openSmall(t, storetest.Open(t))
	ctx := t.Context()
	p := d.accept(attack.NewTechnique, "", "", technique("Whistle Muting"))
	r := d.openRelease()
	_, err := d.Open(ctx, d.mia, release.NewRelease{Name: "Another"})
	code(t, err, fault.Conflict)
	name, long, lines, none := "Renamed", strings.Repeat("x", 201), "a\nb", " "
	for _, c := range []release.ReleaseUpdate{{Name: &long}, {Name: &lines}, {Name: &none}, {Proposals: &[]string{"nobody"}}} {
		c.Revision = r.Revision
		_, err := d.Change(ctx, d.mia, r.ID, c)
		code(t, err, fault.Invalid)
	}
	_, err = d.Change(ctx, d.mia, "nobody", release.ReleaseUpdate{Revision: 1})
	code(t, err, fault.NotFound)
	d.change(r, release.ReleaseUpdate{Name: &name})
	_, err = d.Change(ctx, d.mia, r.ID, release.ReleaseUpdate{Revision: r.Revision, Name: &long})
	var f *fault.Error
	sides, ok := release.BothSides{}, false
	if errors.As(err, &f) {
		sides, ok = f.Details.(release.BothSides)
	}
	if !ok || f.Code != fault.Stale || sides.Theirs.Name != "Renamed" || sides.Yours.Name != long {
		t.Errorf("a stale change got %v", err)
	}
	_, err = d.Publish(ctx, d.mia, r.ID, r.Revision)
	code(t, err, fault.Stale)
	_, err = d.Publish(ctx, d.ana, r.ID, r.Revision+1) // the table of transitions asks for a maintainer
	code(t, err, fault.Forbidden)
	r = d.change(release.Release{ID: r.ID, Revision: 2}, release.ReleaseUpdate{Proposals: &[]string{}})
	if now := d.preview(r); now.Publishable || len(now.Problems) != 1 || len(now.Waiting) != 1 || now.Waiting[0].ID != p.ID {
		t.Errorf("an empty release is %+v", now)
	}
	_, err = d.Published(ctx, d.mia.Workshop, r.ID)
	code(t, err, fault.Conflict)
	r = d.publish(d.change(r, release.ReleaseUpdate{Proposals: &[]string{p.ID}}))
	_, err = d.Change(ctx, d.mia, r.ID, release.ReleaseUpdate{Revision: r.Revision, Name: &name})
	code(t, err, fault.Conflict)
}

// TestManyPublishAtOnce has several maintainers press the button of one release.
func TestManyPublishAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := openSmall(t, db)
		d.four()
		r := d.openRelease()
		count := func() (n int64) {
			if err := db.Raw("SELECT (SELECT count(*) FROM objects) + (SELECT count(*) FROM assigned_ids) + (SELECT count(*) FROM journal)").Scan(&n).Error; err != nil {
				t.Error(err)
			}
			return n
		}
		before := count()
		d.preview(r)
		if after := count(); after != before {
			t.Errorf("a preview wrote %d rows", after-before)
		}
		var all sync.WaitGroup
		results := make([]error, 5)
		for i := range results {
			all.Go(func() { _, results[i] = d.Publish(t.Context(), d.mia, r.ID, r.Revision) })
		}
		all.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
			} else if c := fault.CodeOf(err); c != fault.Conflict && c != fault.Stale {
				t.Errorf("one got %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d published it", won)
		}
		wellFormed(t, d.bundle(r))
	})
}

// TestTwoWorkshopsReleaseOneDomain gives no id twice and loses nothing.
func TestTwoWorkshopsReleaseOneDomain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		one, two := openSmall(t, db), openSmall(t, db)
		releases := make([]release.Release, 2)
		for i, d := range []*desk{one, two} {
			d.accept(attack.NewTechnique, "", "", technique(fmt.Sprintf("Whistle Muting %d", i)))
			releases[i] = d.openRelease()
		}
		var all sync.WaitGroup
		for i, d := range []*desk{one, two} {
			all.Go(func() {
				var err error
				if releases[i], err = d.Publish(t.Context(), d.mia, releases[i].ID, 1); err != nil {
					t.Errorf("release %d: %v", i, err)
				}
			})
		}
		all.Wait()
		last, d := releases[0], one
		if releases[1].Version > last.Version {
			last, d = releases[1], two
		}
		list, _ := wellFormed(t, d.bundle(last))
		var ids []string
		for _, o := range list {
			if strings.HasPrefix(o.AttackID(), "T9") {
				ids = append(ids, o.AttackID())
			}
		}
		slices.Sort(ids)
		if !slices.Equal(ids, []string{"T9000", "T9001"}) || last.Version != "3.3" {
			t.Errorf("version %s has %v", last.Version, ids)
		}
		if _, err := one.Find(t.Context(), small, 1, ""); fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), one.mia.Workshop) {
			t.Errorf("two have the number 1: %v", err)
		}
		if r, err := one.Find(t.Context(), small, 1, two.mia.Workshop); err != nil || r.ID != releases[1].ID {
			t.Errorf("found %+v, %v", r, err)
		}
	})
}
