package taxonomy_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

func exportedIn(t testing.TB, tax *taxonomy.Taxonomy, domain, dialect string) []byte {
	t.Helper()
	c, err := tax.Find(t.Context(), domain, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := tax.Export(t.Context(), c, dialect, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func whole(t testing.TB, tax *taxonomy.Taxonomy, dialect string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := tax.ExportWhole(t.Context(), tax.Snapshot().Whole(dialect), &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// head is all that a bundle says but for its objects.
func head(t testing.TB, bundle []byte) map[string]any {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(bundle, &all); err != nil {
		t.Fatal(err)
	}
	delete(all, "objects")
	return all
}

func sameValues(t testing.TB, a, b []byte) {
	t.Helper()
	x, y := tokensOf(t, a), tokensOf(t, b)
	if len(x) != len(y) {
		t.Fatalf("%d objects and %d", len(x), len(y))
	}
	for i := range x {
		d, err := attack.Differences([]byte(x[i]), []byte(y[i]))
		if err != nil || len(d) > 0 {
			t.Fatalf("object %d: %v: %v\n%s\n%s", i, err, d, x[i], y[i])
		}
	}
}

// TestEveryFileGoesThereAndBack: what came in goes out byte for byte, and in
// the other dialect says the same, also when it comes back from there.
func TestEveryFileGoesThereAndBack(t *testing.T) {
	attacktest.Heavy(t)
	for _, name := range []string{"mobile-attack-17.0", "mobile-attack-17.1", "enterprise-attack-18.1"} {
		domain := name[:strings.LastIndex(name, "-")]
		in := attacktest.Unzipped(t, name+".json.gz")
		tax := taxonomy.New(storetest.Open(t), quiet())
		load(t, tax, name, in)
		for _, dialect := range []string{taxonomy.AsItCameIn, attack.STIX21} {
			out := exportedIn(t, tax, domain, dialect)
			sameObjects(t, in, out)
			if d := cmp.Diff(head(t, in), head(t, out)); d != "" {
				t.Errorf("%s in %q: %s", name, dialect, d)
			}
		}
		sameObjects(t, in, whole(t, tax, taxonomy.AsItCameIn))
		in20 := exportedIn(t, tax, domain, attack.STIX20)
		elsewhere := taxonomy.New(storetest.Open(t), quiet())
		if r := load(t, elsewhere, name, in20); r.Objects != len(tokensOf(t, in)) {
			t.Errorf("%s in 2.0: %+v", name, r)
		}
		if again := exportedIn(t, elsewhere, domain, taxonomy.AsItCameIn); !bytes.Equal(again, in20) {
			t.Errorf("%s: 2.0 came in and went out otherwise", name)
		}
		sameValues(t, in, exportedIn(t, elsewhere, domain, attack.STIX21))
	}
}

const in20 = `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","spec_version":"2.0","objects":[
{"type":"x-mitre-matrix","id":"x-mitre-matrix--00000000-0000-4000-8000-000000000001","modified":"2020-01-01T00:00:00Z","name":"A","external_references":[{"source_name":"m","external_id":"a-attack"}]},
{"labels":["malware"],"id":"malware--00000000-0000-4000-8000-000000000002","type":"malware","modified":"2020-01-01T00:00:00.5Z","name":"in a","x":1.50},
{"id":"tool--00000000-0000-4000-8000-000000000003","type":"tool","labels":["tool"],"modified":"2020-01-01T00:00:00.000Z","name":"in a","x":"\u00e9\/"}
]}
`

const in21 = `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000002","objects":[
{"type":"x-mitre-matrix","spec_version":"2.1","id":"x-mitre-matrix--00000000-0000-4000-8000-000000000004","modified":"2020-01-01T00:00:00Z","name":"B","external_references":[{"source_name":"m","external_id":"b-attack"}]},
{"type":"malware","spec_version":"2.1","is_family":true,"id":"malware--00000000-0000-4000-8000-000000000002","modified":"2020-01-01T00:00:00Z","name":"in b"},
{"type":"tool","spec_version":"2.1","id":"tool--00000000-0000-4000-8000-000000000003","modified":"2020-01-01T00:00:00.0Z","name":"in b"},
{"type":"tool","spec_version":"2.1","id":"tool--00000000-0000-4000-8000-000000000003","modified":"2020-01-01T00:00:00.0Z","name":"in b"}
]}
`

// TestDialects: each domain goes out byte for byte in its own dialect, by
// default, and in another only where somebody asks.
func TestDialects(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		tax := taxonomy.New(db, quiet())
		load(t, tax, "a", []byte(in20))
		load(t, tax, "b", []byte(in21))
		for domain, c := range map[string]struct{ own, other, content string }{"a-attack": {"2.0", "2.1", in20}, "b-attack": {"2.1", "2.0", in21}} {
			for _, dialect := range []string{taxonomy.AsItCameIn, c.own} {
				if got := string(exportedIn(t, tax, domain, dialect)); got != c.content {
					t.Errorf("%s in %q: %s", domain, dialect, got)
				}
			}
			other := exportedIn(t, tax, domain, c.other)
			elsewhere := taxonomy.New(storetest.Open(t), quiet())
			load(t, elsewhere, domain, other)
			sameValues(t, []byte(c.content), exportedIn(t, elsewhere, domain, c.own))
			want := map[string]any{"type": "bundle", "id": head(t, []byte(c.content))["id"]}
			if c.other == "2.0" {
				want["spec_version"] = "2.0"
			}
			if d := cmp.Diff(want, head(t, other)); d != "" || strings.Count(string(other), `"spec_version":"2.1"`) != map[string]int{"2.0": 0, "2.1": 3}[c.other] {
				t.Errorf("%s in the other dialect: %s%s", domain, d, other)
			}
		}
	})
}

// TestWhole: all domains in one bundle have each id once. The newer of two
// versions is there, and of two that are as new that of the first domain.
func TestWhole(t *testing.T) {
	for _, order := range [][]string{{in20, in21}, {in21, in20}} {
		tax := taxonomy.New(storetest.Open(t), quiet())
		for _, content := range order {
			load(t, tax, "x", []byte(content))
		}
		for dialect, want := range map[string]string{"": "2.1", "2.1": "2.1", "2.0": "2.0"} {
			out := whole(t, tax, dialect)
			seen := map[string]string{}
			for _, raw := range tokensOf(t, out) {
				o, err := attack.Parse([]byte(raw))
				if err != nil {
					t.Fatal(err)
				}
				if seen[o.ID] != "" {
					t.Errorf("%s is there twice", o.ID)
				}
				seen[o.ID] = o.Name
				if (o.SpecVersion == "2.1") != (want == "2.1") {
					t.Errorf("in %q: %s", dialect, raw)
				}
			}
			if len(seen) != 4 || seen["malware--00000000-0000-4000-8000-000000000002"] != "in a" || seen["tool--00000000-0000-4000-8000-000000000003"] != "in a" {
				t.Errorf("in %q: %v", dialect, seen)
			}
			if again := whole(t, tax, dialect); !bytes.Equal(out, again) {
				t.Error("it is not the same each time")
			}
			if says := head(t, out)["spec_version"]; (says == "2.0") != (want == "2.0") {
				t.Errorf("in %q it says %v", dialect, says)
			}
		}
	}
	tax := taxonomy.New(storetest.Open(t), quiet())
	load(t, tax, "a", []byte(in20))
	sameObjects(t, []byte(in20), whole(t, tax, taxonomy.AsItCameIn))
}
