package release_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

const later = "2031-01-01T00:00:00.000Z"

// exported is a collection as it goes out.
func (d *desk) exported(collection int64) []byte {
	d.t.Helper()
	c, err := d.tax.Collection(d.t.Context(), collection)
	if err != nil {
		d.t.Fatal(err)
	}
	var out bytes.Buffer
	if err := d.tax.Export(d.t.Context(), c, taxonomy.AsItCameIn, &out); err != nil {
		d.t.Fatal(err)
	}
	return out.Bytes()
}

// current is the number of the collection that the pages show.
func (d *desk) current() int64 {
	d.t.Helper()
	c, ok := d.tax.Snapshot().Conventions(d.domain)
	if !ok {
		d.t.Fatal("the domain is not loaded")
	}
	return c.Current.ID
}

// wordsOf reads an object's own bytes, to make another version of it.
func (d *desk) wordsOf(id string) map[string]any {
	d.t.Helper()
	o, ok := d.tax.Snapshot().Object(id)
	if !ok {
		d.t.Fatalf("there is no %s", id)
	}
	raw, err := d.tax.Raw(d.t.Context(), o.Row)
	if err != nil {
		d.t.Fatal(err)
	}
	var words map[string]any
	if err := json.Unmarshal(raw, &words); err != nil {
		d.t.Fatal(err)
	}
	return words
}

func (d *desk) byName() map[string]taxonomy.KeptObject {
	d.t.Helper()
	named := map[string]taxonomy.KeptObject{}
	for _, g := range d.last().Kept.Groups {
		for _, k := range g.Objects {
			named[k.Object.Name] = k
		}
	}
	return named
}

// TestWhatReleasesStandOn is the import that was shown when the first of them
// was made, not one of the same version that came later and is not shown.
func TestWhatReleasesStandOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := openSmall(t, db)
		d.reword("Adversaries may turn a spout aside.")
		d.publish(d.openRelease())
		d.newer("3.1", func(id string, o map[string]any) { // MITRE puts its file right
			if id == overfill {
				o["name"], o["modified"] = "Kettle Overfilling", "2025-02-01T00:00:00.000Z"
			}
		})
		if d.last().Current {
			t.Fatal("an import of the same version took the place of a release")
		}
		d.accept(attack.Refinement, redirect, attack.BumpMinor, attack.Content{attack.FieldName: {Text: "Spout Turning"}})
		d.publish(d.openRelease())
		d.newer("3.2", func(id string, o map[string]any) {
			if id == overfill {
				o["name"], o["modified"] = "Kettle Overfilling", "2025-02-01T00:00:00.000Z"
			}
		})
		if got := hows(d.last()); !maps.Equal(got, map[string]string{"Spout Turning": taxonomy.KeptChanged}) {
			t.Errorf("kept: %v", got)
		}
		if o, _ := d.tax.Snapshot().Object(overfill); o.Name != "Kettle Overfilling" {
			t.Errorf("theirs was not taken: %+v", o)
		}
	})
}

// TestTheImportStaysAsItCame beside the state that has both, which is whole.
func TestTheImportStaysAsItCame(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := openSmall(t, db)
		d.four()
		d.publish(d.openRelease())
		file, err := os.ReadFile("../testdata/small.json")
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(file), `"x_mitre_version": "3.1"`, `"x_mitre_version": "3.2"`, 1)
		if text == string(file) {
			t.Fatal("the file has no version to count up")
		}
		report, err := d.tax.Import(t.Context(), taxonomy.Source{Name: "3.2", Reader: strings.NewReader(text), Strict: true}, nil)
		if err != nil {
			t.Fatal(err)
		}
		list, was := objectsOf(t, []byte(text))
		again, is := objectsOf(t, d.exported(report.Collection))
		if len(list) != len(again) {
			t.Errorf("%d objects came, %d go out", len(list), len(again))
		}
		for id, one := range was {
			var packed bytes.Buffer
			if err := json.Compact(&packed, []byte(one)); err != nil || packed.String() != is[id] {
				t.Errorf("%s went out as %s", id, is[id])
			}
		}
		both := d.exported(d.current())
		if list, _ := wellFormed(t, both); len(list) != len(again)+4 || d.current() == report.Collection { // two techniques, to the parent, an example
			t.Errorf("the state with both has %d objects", len(list))
		}
		log, err := d.tax.Compare(t.Context(), report.Collection, d.current())
		if err != nil || len(log.Sections) == 0 {
			t.Errorf("the two compare as %+v, %v", log, err)
		}
		// It is a file like any other, elsewhere too.
		elsewhere := taxonomy.New(storetest.Open(t), slog.New(slog.DiscardHandler))
		if _, err := elsewhere.Import(t.Context(), taxonomy.Source{Name: "both", Reader: bytes.NewReader(both), Strict: true}, nil); err != nil {
			t.Error(err)
		}
		// The same file again changes nothing.
		if report, err := d.tax.Import(t.Context(), taxonomy.Source{Name: "3.2", Reader: strings.NewReader(text)}, nil); err != nil || !report.Same {
			t.Errorf("the same file gave %+v, %v", report, err)
		}
	})
}

// TestWhatATTACKAdopted is told: by the same STIX id, or by what it says.
func TestWhatATTACKAdopted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := openSmall(t, db)
		kettle, sub, _, seen := d.four()
		d.accept(attack.NewTechnique, "", "", technique("Lid Rattling"))
		d.publish(d.openRelease())
		// Ours goes on after the version that ATT&CK took.
		first := d.wordsOf(sub.Object.STIXID)
		d.accept(attack.Refinement, sub.Object.STIXID, attack.BumpMinor, attack.Content{attack.FieldPlatforms: {List: []string{"Kettle", "Stove"}}})
		d.publish(d.openRelease())
		adopted, example := d.wordsOf(kettle.Object.STIXID), d.wordsOf(seen.Object.STIXID)
		adopted["modified"], adopted["name"] = later, "Muting of Whistles"
		adopted["external_references"].([]any)[0].(map[string]any)["external_id"] = "T1778"
		first["modified"], first["description"] = later, "Theirs."
		example["id"] = "relationship--00000000-0000-4000-9000-0000000000bb"
		like := map[string]any{"type": "attack-pattern", "id": "attack-pattern--00000000-0000-4000-9000-0000000000aa", "created": later, "modified": later,
			"name": "Lid Rattling", "x_mitre_domains": []string{small}, "external_references": []any{map[string]any{"source_name": "mitre-attack", "external_id": "T1777"}}}
		d.newerWith("3.2", func(id string, o map[string]any) {
			if id == redirect { // all that the release says
				maps.Copy(o, d.wordsOf(redirect))
				o["modified"] = later
			}
		}, adopted, first, like, example)
		got := d.byName()
		want := map[string]string{"Whistle Muting": taxonomy.Adopted, "Sudden Overfill": taxonomy.KeptMerged, "Lid Rattling": taxonomy.AdoptedLike,
			"T1001.002 Sudden Overfill subtechnique-of T1001 Kettle Overfill": taxonomy.KeptAdded, // they took the one without the other
			"Spout Redirect": taxonomy.Adopted, "G0901 Teapot Gang uses T1002 Spout Redirect": taxonomy.AdoptedLike}
		if how := hows(d.last()); !maps.Equal(how, want) {
			t.Errorf("adopted: %v", how)
		}
		if fields := got["Whistle Muting"].Fields; !slices.Equal(fields, []string{"external_references", "name"}) {
			t.Errorf("ATT&CK words it in another way in %v", fields)
		}
		if other := got["Lid Rattling"].Other; other == nil || other.AttackID != "T1777" {
			t.Errorf("the like is %+v", other)
		}
		now := d.tax.Snapshot()
		if o, ok := now.Object("T1778"); !ok || o.ID != kettle.Object.STIXID || o.Name != "Muting of Whistles" {
			t.Errorf("ATT&CK's version is not the one that is shown: %+v", o)
		}
		if o, _ := now.Object(sub.Object.STIXID); o.Description != "Theirs." || !slices.Equal(o.Platforms, []string{"Kettle", "Stove"}) {
			t.Errorf("what we did after they took it is lost: %+v", o)
		}
		wellFormed(t, d.exported(d.current()))
	})
}

// TestWhatATTACKRetired or dropped under what releases had made is told, and
// the state stays whole.
func TestWhatATTACKRetired(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := openSmall(t, db)
		d.four()
		d.accept(attack.Refinement, slowOverfill, attack.BumpMinor, attack.Content{attack.FieldName: {Text: "Very Slow Overfill"}})
		d.publish(d.openRelease())
		d.newerWith("3.2", func(id string, o map[string]any) {
			switch id {
			case redirect: // refined by the release, and an example is about it
				o["revoked"], o["modified"] = true, later
			case overfill: // the parent of a new sub-technique
				o["x_mitre_deprecated"], o["modified"] = true, later
			case gang, "relationship--00000000-0000-4000-9000-000000000011", slowOverfill, "relationship--00000000-0000-4000-9000-000000000009":
				clear(o)
			}
		}, map[string]any{"type": "relationship", "id": "relationship--00000000-0000-4000-9000-0000000000cc", "created": later, "modified": later,
			"relationship_type": "revoked-by", "source_ref": redirect, "target_ref": overfill})
		want := map[string]string{"Whistle Muting": taxonomy.KeptAdded, "Sudden Overfill": taxonomy.KeptAdded,
			"T1001.002 Sudden Overfill subtechnique-of T1001 Kettle Overfill": taxonomy.KeptRetired, "Spout Redirect": taxonomy.KeptRetired,
			"G0901 Teapot Gang uses T1002 Spout Redirect": taxonomy.KeptRetired, "Teapot Gang": taxonomy.KeptMissing, "Very Slow Overfill": taxonomy.KeptMissing}
		if how := hows(d.last()); !maps.Equal(how, want) {
			t.Errorf("kept: %v", how)
		}
		if other := d.byName()["Spout Redirect"].Other; other == nil || other.STIXID != overfill {
			t.Errorf("what came instead is %+v", other)
		}
		if o, _ := d.tax.Snapshot().Object(redirect); !o.Revoked || !strings.Contains(o.Description, "aside") {
			t.Errorf("what is retired is %+v", o)
		}
		wellFormed(t, d.exported(d.current()))
	})
}

// TestSeveralVersionsInOneFile are no change of a release's, which goes on from
// the newest.
func TestSeveralVersionsInOneFile(t *testing.T) {
	text, err := os.ReadFile("../testdata/small.json")
	if err != nil {
		t.Fatal(err)
	}
	var bundle map[string]any
	if err := json.Unmarshal(text, &bundle); err != nil {
		t.Fatal(err)
	}
	list := bundle["objects"].([]any)
	for _, one := range list {
		if o := one.(map[string]any); o["id"] == overfill || o["id"] == redirect {
			old := maps.Clone(o)
			old["modified"], old["x_mitre_platforms"] = "2024-06-01T00:00:00.000Z", []string{"Stove"}
			list = append(list, old)
		}
	}
	bundle["objects"] = list
	if text, err = json.Marshal(bundle); err != nil {
		t.Fatal(err)
	}
	d := open(t, storetest.Open(t), small, bytes.NewReader(text))
	d.reword("Adversaries may turn a spout aside.")
	d.publish(d.openRelease())
	d.newer("3.2", func(id string, o map[string]any) {
		if id == overfill || id == redirect {
			o["x_mitre_platforms"], o["modified"] = []string{"Kettle", "Urn"}, later
		}
	})
	if how := hows(d.last()); !maps.Equal(how, map[string]string{"Spout Redirect": taxonomy.KeptMerged}) {
		t.Errorf("kept: %v", how)
	}
	if o, _ := d.tax.Snapshot().Object(redirect); !slices.Equal(o.Platforms, []string{"Kettle", "Urn"}) {
		t.Errorf("it was merged with the older version: %+v", o)
	}
}
