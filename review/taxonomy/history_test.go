package taxonomy_test

import (
	"fmt"
	"sync"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// numbered makes the bundle of a domain in one of its versions, with tools by
// number and name.
func numbered(version string, tools map[int]string) []byte {
	objects := []string{fmt.Sprintf(`{"type":"x-mitre-collection","id":"x-mitre-collection--00000000-0000-4000-8000-000000000001",
		"modified":"2020-01-01T00:00:00.000Z","name":"D","x_mitre_version":%q,"x_mitre_domains":["d-attack"]}`, version)}
	for i := range 100 {
		if name, ok := tools[i]; ok {
			objects = append(objects, tool(i, fmt.Sprintf(`"name":%q`, name)))
		}
	}
	return []byte(bundle(objects...))
}

// TestAt: an older collection that comes in later is not what the pages show,
// but can be read; of who asks at once, one loads.
func TestAt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		tax := taxonomy.New(db, quiet())
		load(t, tax, "2", numbered("2.0", map[int]string{1: "new", 2: "same"}))
		if old := load(t, tax, "1", numbered("1.0", map[int]string{1: "old", 2: "same", 3: "gone"})); old.Current {
			t.Errorf("the older one: %+v", old)
		}
		list, err := tax.Collections(t.Context(), "d-attack")
		if err != nil || len(list) != 2 || list[0].Version != "2.0" || !list[0].IsCurrent || list[1].IsCurrent || list[1].Objects != 4 {
			t.Fatalf("collections: %+v, %v", list, err)
		}
		var got [20]*taxonomy.Snapshot
		var wait sync.WaitGroup
		for i := range got {
			wait.Go(func() {
				s, err := tax.At(t.Context(), list[1].ID)
				if err != nil {
					t.Error(err)
				}
				got[i] = s
			})
		}
		wait.Wait()
		for _, s := range got {
			if s != got[0] {
				t.Fatal("it was loaded more than once")
			}
		}
		id := func(n int) string { return fmt.Sprintf("tool--00000000-0000-4000-8000-%012x", n) }
		for _, c := range []struct {
			at     int64
			number int
			want   string
		}{{0, 1, "new"}, {list[0].ID, 1, "new"}, {list[1].ID, 1, "old"}, {list[1].ID, 2, "same"}, {list[1].ID, 3, "gone"}, {list[0].ID, 3, ""}, {0, 3, ""}} {
			s, err := tax.At(t.Context(), c.at)
			if err != nil {
				t.Fatal(err)
			}
			name := ""
			if o, ok := s.Object(id(c.number)); ok {
				name = o.Name
			}
			if name != c.want {
				t.Errorf("tool %d as of %d is %q, not %q", c.number, c.at, name, c.want)
			}
		}
		same, _ := got[0].Object(id(2))
		if now, _ := tax.Snapshot().Object(id(2)); now != same {
			t.Error("what did not change is in memory twice")
		}
		if _, err := tax.At(t.Context(), 99); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("one that is not there: %v", err)
		}
	})
}

// TestOnlyAFewArePast: what was looked at longest ago is let go.
func TestOnlyAFewArePast(t *testing.T) {
	tax := taxonomy.New(storetest.Open(t), quiet())
	var first *taxonomy.Snapshot
	for i := range 9 {
		load(t, tax, "x", numbered(fmt.Sprintf("%d.0", 9-i), map[int]string{i: "x"}))
	}
	list, err := tax.Collections(t.Context(), "")
	if err != nil || len(list) != 9 {
		t.Fatal(list, err)
	}
	for round := range 2 {
		for i, c := range list {
			s, err := tax.At(t.Context(), c.ID)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case i == 0 && round == 0:
				first = s
			case i == 0 && s == first:
				t.Error("the first is still in memory")
			}
			if again, err := tax.At(t.Context(), c.ID); err != nil || again != s {
				t.Errorf("it was not kept: %v", err)
			}
		}
	}
}

// TestDomainsAndReleasesSideBySide loads four real files, the older of each
// pair last.
func TestDomainsAndReleasesSideBySide(t *testing.T) {
	heavy(t)
	tax := taxonomy.New(storetest.Open(t), quiet())
	contents := map[string][]byte{}
	for _, name := range []string{"mobile-attack-17.1", "enterprise-attack-18.1", "enterprise-attack-17.1", "mobile-attack-17.0"} {
		contents[name] = attacktest.Unzipped(t, name+".json.gz")
		load(t, tax, name, contents[name])
	}
	list, err := tax.Collections(t.Context(), "")
	if err != nil || len(list) != 4 {
		t.Fatal(list, err)
	}
	for _, c := range list {
		s, err := tax.At(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		d := s.Domains()
		if len(d) != 1 || d[0].ID != c.Domain || d[0].Version != c.Version || d[0].Objects != c.Objects {
			t.Errorf("as of %+v: %+v", c, d)
		}
		if current := c.Version == "18.1" || c.Version == "17.1" && c.Domain == "mobile-attack"; c.IsCurrent != current {
			t.Errorf("%s %s is current: %v", c.Domain, c.Version, c.IsCurrent)
		}
	}
}
