package taxonomy_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func load(t testing.TB, tax *taxonomy.Taxonomy, name string, content []byte) taxonomy.Report {
	t.Helper()
	report, err := tax.Import(t.Context(), taxonomy.Source{Name: name, Reader: bytes.NewReader(content)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func exported(t testing.TB, tax *taxonomy.Taxonomy, domain string) []byte {
	t.Helper()
	c, err := tax.Find(t.Context(), domain, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := tax.Export(t.Context(), c, taxonomy.AsItCameIn, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// tokensOf lists each object of a bundle by its tokens, literally as written:
// compacting takes away what is between tokens and nothing else. The product
// does it with another library.
func tokensOf(t testing.TB, bundle []byte) []string {
	t.Helper()
	var whole struct {
		Objects []json.RawMessage `json:"objects"`
	}
	if err := json.Unmarshal(bundle, &whole); err != nil {
		t.Fatal(err)
	}
	list := make([]string, len(whole.Objects))
	for i, raw := range whole.Objects {
		var b bytes.Buffer
		if err := json.Compact(&b, raw); err != nil {
			t.Fatal(err)
		}
		list[i] = b.String()
	}
	return list
}

func sameObjects(t testing.TB, in, out []byte) {
	t.Helper()
	a, b := tokensOf(t, in), tokensOf(t, out)
	if len(a) != len(b) {
		t.Fatalf("%d objects went in, %d came out", len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("object %d went in as\n%s\nand came out as\n%s", i, a[i], b[i])
		}
	}
}

func TestOddBundleComesOutAsItWentIn(t *testing.T) {
	odd, err := os.ReadFile("testdata/odd.json")
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		tax := taxonomy.New(db, quiet())
		report := load(t, tax, "odd.json", odd)
		if report.Objects != 12 || report.Added != 11 || report.Domain != "odd-attack" || report.Same || !report.Current {
			t.Errorf("report is %+v", report)
		}
		count := map[string]int{}
		for _, f := range report.Findings {
			count[f.Kind] = f.Count
		}
		want := map[string]int{taxonomy.DanglingReference: 2, taxonomy.DuplicateObject: 1, taxonomy.RevokedNoSuccessor: 1,
			taxonomy.UnresolvedCitation: 1, taxonomy.UnknownType: 1, taxonomy.RepeatedName: 2}
		if d := cmp.Diff(want, count); d != "" {
			t.Errorf("findings: %s", d)
		}
		out := exported(t, tax, "odd-attack")
		sameObjects(t, odd, out)
		if again := load(t, tax, "odd.json", odd); !again.Same || again.Added != 0 {
			t.Errorf("the second time: %+v", again)
		}
		// A program that starts anew reads the same from the database.
		fresh := taxonomy.New(db, quiet())
		if err := fresh.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		before, _ := tax.Snapshot().Matrix("odd-attack")
		after, ok := fresh.Snapshot().Matrix("odd-attack")
		if d := cmp.Diff(before, after); !ok || d != "" {
			t.Errorf("after a restart: %s", d)
		}
		if len(after.Tactics) != 3 || after.Tactics[2].Name != taxonomy.WithoutTactic || after.Tactics[0].Shortname != "first" || len(after.Tactics[0].Techniques) != 1 ||
			len(after.Tactics[0].Techniques[0].Subtechniques) != 1 || !slices.Equal(after.Platforms, []string{"Toaster"}) {
			t.Errorf("matrix is %+v", after)
		}
		page, ok := fresh.Snapshot().Page("T0001", markdown.New(attack.LinkRules()))
		if !ok || !strings.Contains(page.DescriptionHTML, "citation unknown") || len(page.Subtechniques) != 1 {
			t.Errorf("page is %+v", page)
		}
	})
}

func TestEnterpriseComesOutAsItWentIn(t *testing.T) {
	attacktest.Heavy(t)
	content := attacktest.Unzipped(t, "enterprise-attack-18.1.json.gz")
	tax := taxonomy.New(storetest.Open(t), quiet())
	report := load(t, tax, "enterprise", content)
	if report.Objects != 24_772 || report.Version != "18.1" || report.Domain != "enterprise-attack" {
		t.Fatalf("report is %+v", report)
	}
	sameObjects(t, content, exported(t, tax, "enterprise-attack"))
	if again := load(t, tax, "enterprise", content); !again.Same || again.Added != 0 || again.Unchanged != 24_772 {
		t.Errorf("the second time: %+v", again)
	}

	s := tax.Snapshot()
	m, _ := s.Matrix("enterprise-attack")
	if len(m.Tactics) != 14 || m.Tactics[0].Shortname != "reconnaissance" || m.Tactics[13].Shortname != "impact" {
		t.Errorf("columns: %d", len(m.Tactics))
	}
	page, ok := s.Page("T1055", markdown.New(attack.LinkRules()))
	if !ok || page.Object.Name != "Process Injection" || len(page.Subtechniques) != 12 || len(page.References) == 0 || !strings.Contains(page.DescriptionHTML, "<p>") {
		t.Errorf("page of T1055: %+v", page.Object)
	}
	sections := map[string]int{}
	for _, x := range page.Sections {
		sections[x.Key] = len(x.Items)
	}
	if sections["examples-of-groups"] < 8 || sections["examples-of-software"] < 30 || sections["mitigations"] != 2 || sections["detections"] == 0 {
		t.Errorf("sections of T1055: %v", sections)
	}
	seen := map[string]bool{} // every footnote leads to one place
	for _, x := range page.Sections {
		for _, item := range x.Items {
			if seen[item.STIXID] || strings.Contains(item.HTML, `"#ref-1"`) {
				t.Errorf("the footnotes of %s are those of another text", item.STIXID)
			}
			seen[item.STIXID] = true
		}
	}
}

func TestANewerReleaseFollowsAndAnOlderDoesNot(t *testing.T) {
	tax := taxonomy.New(storetest.Open(t), quiet())
	old, err := os.Open(attacktest.File(t, "mobile-attack-17.0.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	if _, err := tax.Import(t.Context(), taxonomy.Source{Name: "old", Reader: old}, nil); err != nil { // zipped
		t.Fatal(err)
	}
	content := attacktest.Unzipped(t, "mobile-attack-17.1.json.gz")
	if r := load(t, tax, "new", content); !r.Current || r.Added == 0 {
		t.Errorf("the newer release: %+v", r)
	}
	if d := tax.Snapshot().Domains(); len(d) != 1 || d[0].Version != "17.1" {
		t.Errorf("domains are %+v", d)
	}
	sameObjects(t, content, exported(t, tax, "mobile-attack"))
	if r := load(t, tax, "old", attacktest.Unzipped(t, "mobile-attack-17.0.json.gz")); !r.Same {
		t.Errorf("the older release again: %+v", r)
	}
}
