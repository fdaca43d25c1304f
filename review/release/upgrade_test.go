package release_test

import (
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// last gives the report of the latest import.
func (d *desk) last() taxonomy.Report {
	d.t.Helper()
	list, err := d.tax.Reports(d.t.Context())
	if err != nil || len(list) == 0 {
		d.t.Fatalf("no report: %v", err)
	}
	return list[0]
}

func hows(r taxonomy.Report) map[string]string {
	how := map[string]string{}
	for _, g := range r.Kept.Groups {
		for _, k := range g.Objects {
			how[k.Object.Name] = g.How
		}
	}
	return how
}

// TestAnUpgradeKeepsWhatReleasesMade imports a newer ATT&CK over a release, and
// another one over that.
func TestAnUpgradeKeepsWhatReleasesMade(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := openSmall(t, db)
		kettle, sub, _, seen := d.four() // makes T9000 and T1001.002, changes T1002, adds an example
		d.accept(attack.Refinement, overfill, attack.BumpMinor, attack.Content{attack.FieldName: {Text: "Kettle Flood"}})
		r := d.publish(d.openRelease())
		before := d.bundle(r)
		d.newer("3.2", func(id string, o map[string]any) {
			switch id {
			case redirect: // both change it, in different properties
				o["x_mitre_platforms"], o["x_mitre_version"], o["modified"], o["x_new"] = []string{"Kettle", "Stove"}, "1.3", "2025-06-01T00:00:00.000Z", map[string]any{"a": 1}
			case overfill: // both change its name
				o["name"], o["modified"], o["x_mitre_version"] = "Kettle Drowning", "2025-06-01T00:00:00.000Z", "1.3"
			}
		})
		report := d.last()
		if !report.Current || report.Kept == nil {
			t.Fatalf("report is %+v", report)
		}
		want := map[string]string{"Whistle Muting": taxonomy.KeptAdded, "Sudden Overfill": taxonomy.KeptAdded, "Spout Redirect": taxonomy.KeptMerged,
			"Kettle Flood": taxonomy.KeptConflict, "G0901 Teapot Gang uses T1002 Spout Redirect": taxonomy.KeptAdded}
		if got := hows(report); !maps.Equal(got, want) {
			t.Errorf("kept: %v", got)
		}
		now := d.tax.Snapshot()
		o, _ := now.Object(redirect)
		raw, err := d.tax.Raw(t.Context(), o.Row)
		if err != nil || !strings.Contains(o.Description, "aside") || !slices.Equal(o.Platforms, []string{"Kettle", "Stove"}) || o.Version != "2.1" ||
			!slices.Equal(o.Tactics(), []string{"pouring", "boiling"}) || !strings.Contains(string(raw), `"x_new":{"a":1}`) || o.Modified < r.PublishedAt.Format("2006") {
			t.Errorf("both together are %s, %v", raw, err)
		}
		if o, _ := now.Object(overfill); o.Name != "Kettle Flood" || o.Version != "1.4" {
			t.Errorf("the conflict gave %+v", o)
		}
		for _, p := range []string{kettle.Object.STIXID, sub.Object.STIXID, seen.Object.STIXID} {
			if _, ok := now.InDomain(small, p); !ok {
				t.Errorf("%s is lost", p)
			}
		}
		if parent, ok := now.Parent(sub.Object.STIXID); !ok || parent.ID != overfill {
			t.Errorf("the sub-technique is under %+v", parent)
		}
		if c, _ := now.Conventions(small); c.Current.UpstreamVersion != "3.2" || c.Current.ID != report.Kept.Collection || c.Current.Version != "3.3" {
			t.Errorf("the domain is %+v", c.Current)
		}
		if string(d.bundle(r)) != string(before) {
			t.Error("the release changed")
		}
		// The import itself is kept as it came, beside it.
		if im, err := d.tax.At(t.Context(), report.Collection); err != nil {
			t.Error(err)
		} else if o, ok := im.Object(overfill); !ok || o.Name != "Kettle Drowning" {
			t.Errorf("the import has %+v", o)
		}
		// The next release, and the next upgrade, go on from there.
		d.accept(attack.Refinement, redirect, attack.BumpMinor, attack.Content{attack.FieldName: {Text: "Spout Turning"}})
		if log := d.publish(d.openRelease()); log.Version != "3.4" {
			t.Errorf("the next release is %+v", log)
		}
		d.newer("3.5", func(id string, o map[string]any) {
			if id == redirect {
				o["x_mitre_platforms"], o["x_mitre_version"], o["modified"] = []string{"Kettle", "Stove", "Urn"}, "1.4", "2025-07-01T00:00:00.000Z"
				o["name"] = "Spout Turning"
			}
		})
		if o, _ := d.tax.Snapshot().Object(redirect); o.Name != "Spout Turning" || len(o.Platforms) != 3 || !strings.Contains(o.Description, "aside") {
			t.Errorf("after the second upgrade it is %+v", o)
		}
		fresh := taxonomy.New(db, slog.New(slog.DiscardHandler))
		if err := fresh.Load(t.Context()); err != nil || len(fresh.Snapshot().Objects(small)) != len(d.tax.Snapshot().Objects(small)) {
			t.Errorf("a new start reads something else: %v", err)
		}
	})
}

// TestATTACKUsesAnIDOfOurs: the address of the id is ATT&CK's, ours is found by
// its STIX id, and neither id is given again.
func TestATTACKUsesAnIDOfOurs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := openSmall(t, db)
		kettle := d.accept(attack.NewTechnique, "", "", technique("Whistle Muting"))
		sub := d.accept(attack.NewSubtechnique, overfill, "", technique("Sudden Overfill"))
		d.publish(d.openRelease())
		released := d.current()
		theirs := func(n, id, name string) map[string]any {
			return map[string]any{"type": "attack-pattern", "id": "attack-pattern--00000000-0000-4000-9000-0000000000" + n, "created": "2031-01-01T00:00:00.000Z", "modified": "2031-01-01T00:00:00.000Z",
				"name": name, "x_mitre_domains": []string{small}, "external_references": []any{map[string]any{"source_name": "mitre-attack", "external_id": id}}}
		}
		d.newerWith("3.2", func(string, map[string]any) {}, theirs("ab", "T9000", "Of ATT&CK"), theirs("ac", "T1001.002", "Of ATT&CK, too"))
		i := slices.IndexFunc(d.last().Findings, func(f taxonomy.Finding) bool { return f.Kind == taxonomy.TakenID })
		if i < 0 || d.last().Findings[i].Count != 2 {
			t.Errorf("findings: %+v", d.last().Findings)
		}
		check := func(tax *taxonomy.Taxonomy) {
			t.Helper()
			now := tax.Snapshot()
			for id, ours := range map[string]string{"T9000": kettle.Object.STIXID, "T1001.002": sub.Object.STIXID} {
				other, _ := now.Object(id)
				own, ok := now.Object(ours)
				if !ok || other == nil || other.ID == ours || own.Label() != ours || own.Yields != id {
					t.Fatalf("%s is %+v, ours %+v", id, other, own)
				}
				page, ok := now.Page(ours, markdown.New(attack.LinkRules()))
				if !ok || page.Clash == nil || page.Clash.AttackID != id || page.Clash.Theirs.STIXID != other.ID {
					t.Errorf("the page of ours says %+v", page.Clash)
				}
			}
			if c := now.Clashes(small); len(c) != 2 {
				t.Errorf("clashes: %+v", c)
			}
		}
		check(d.tax)
		fresh := taxonomy.New(db, slog.New(slog.DiscardHandler))
		if err := fresh.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		check(fresh)
		// The release itself is shown as it was.
		if past, err := d.tax.At(t.Context(), released); err != nil {
			t.Error(err)
		} else if o, ok := past.Object("T9000"); !ok || o.ID != kettle.Object.STIXID || o.ATTACK != "T9000" || past.Clash(o) != nil {
			t.Errorf("in the release T9000 is %+v", o)
		}
		next := d.accept(attack.NewTechnique, "", "", technique("Lid Rattling"))
		child := d.accept(attack.NewSubtechnique, overfill, "", technique("Slow Rattling"))
		r := d.openRelease()
		for _, item := range d.preview(r).Items {
			if want := map[string]string{next.ID: "T9001", child.ID: "T1001.003"}[item.Proposal.ID]; item.AttackID != want || len(item.Problems) > 0 {
				t.Errorf("%s got %s, want %s: %v", item.Proposal.Title, item.AttackID, want, item.Problems)
			}
		}
		d.publish(r)
		check(d.tax)
	})
}

// TestAnotherDomainUsesAnIDOfOurs has the same end.
func TestAnotherDomainUsesAnIDOfOurs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := openSmall(t, db)
		kettle := d.accept(attack.NewTechnique, "", "", technique("Whistle Muting"))
		d.publish(d.openRelease())
		const theirs = "attack-pattern--00000000-0000-4000-9000-0000000000ad"
		other := `{"type":"bundle","id":"bundle--00000000-0000-4000-9000-0000000000ad","objects":[{"type":"attack-pattern","id":"` + theirs + `","created":"2031-01-01T00:00:00.000Z",
			"modified":"2031-01-01T00:00:00.000Z","name":"Of another domain","x_mitre_domains":["tall-attack"],"external_references":[{"source_name":"mitre-attack","external_id":"T9000"}]}]}`
		report, err := d.tax.Import(t.Context(), taxonomy.Source{Name: "other", Reader: strings.NewReader(other)}, nil)
		if err != nil || !slices.ContainsFunc(report.Findings, func(f taxonomy.Finding) bool { return f.Kind == taxonomy.TakenID }) {
			t.Errorf("findings: %+v, %v", report.Findings, err)
		}
		fresh := taxonomy.New(db, slog.New(slog.DiscardHandler))
		if err := fresh.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, tax := range []*taxonomy.Taxonomy{d.tax, fresh} {
			now := tax.Snapshot()
			if o, _ := now.Object("T9000"); o.ID != theirs {
				t.Errorf("T9000 is %+v", o)
			}
			if c := now.Clashes(small); len(c) != 1 || c[0].Ours.STIXID != kettle.Object.STIXID || c[0].Theirs.STIXID != theirs {
				t.Errorf("clashes: %+v", c)
			}
		}
	})
}
