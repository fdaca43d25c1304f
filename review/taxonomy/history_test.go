package taxonomy_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/attack"
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
	attacktest.Heavy(t)
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

// TestOneIDInTwoDomains: an ATT&CK id that objects of two domains have leads, in
// each domain, to its own.
func TestOneIDInTwoDomains(t *testing.T) {
	tax := taxonomy.New(storetest.Open(t), quiet())
	in := func(domain, object string) []byte {
		return []byte(strings.ReplaceAll(bundle(object), "odd-attack", domain))
	}
	load(t, tax, "first", in("first-attack", odd(attack.TypeTechnique, 1, idOf("T0001"))))
	load(t, tax, "second", in("second-attack", odd(attack.TypeTechnique, 2, idOf("T0001"))))
	now := tax.Snapshot()
	for domain, number := range map[string]int{"first-attack": 1, "second-attack": 2} {
		id := oddID(attack.TypeTechnique, number)
		if o, ok := now.ObjectFor(domain, "T0001"); !ok || o.ID != id {
			t.Errorf("in %s it leads to %+v", domain, o)
		}
		if o, ok := now.ObjectFor("third-attack", id); !ok || o.ID != id {
			t.Errorf("the STIX id leads to %+v", o)
		}
	}
	if o, ok := now.ObjectFor("first-attack", "T0002"); ok {
		t.Errorf("an id that nobody has leads to %+v", o)
	}
}

// TestVersionsOfAnObject: one entry per stored text, the newest first, with the
// collections of each, also of what is in an earlier collection only.
func TestVersionsOfAnObject(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		tax := taxonomy.New(db, quiet())
		id := uid("tool", 1)
		state := func(version string, objects ...object) {
			head := object{"type": "x-mitre-collection", "id": uid("x-mitre-collection", 1), "modified": "2020-01-01T00:00:00.000Z", "name": "D", "x_mitre_version": version, "x_mitre_domains": []string{"d-attack"}}
			raw, err := json.Marshal(object{"type": "bundle", "id": uid("bundle", 1), "objects": append([]object{head}, objects...)})
			if err != nil {
				t.Fatal(err)
			}
			load(t, tax, version, raw)
		}
		one := func(modified, name string, more ...any) object {
			o := object{"type": "tool", "id": id, "modified": modified, "name": name, "external_references": []object{{"source_name": "mitre-attack", "external_id": "S0001"}}}
			for i := 0; i < len(more); i += 2 {
				o[more[i].(string)] = more[i+1]
			}
			return o
		}
		other := object{"type": "tool", "id": uid("tool", 2), "modified": "2020-01-01T00:00:00.000Z", "name": "other"}
		state("3.0", other)
		state("2.0", one("2021-01-01T00:00:00Z", "B", "x_new", object{"a": 1}))
		state("1.0", one("2020-01-01T00:00:00.000Z", "A", "x_old", 1.0), other)
		state("0.9", one("2020-01-01T00:00:00.000Z", "A", "x_old", 1))
		state("0.8", one("2020-01-01T00:00:00.000Z", "A", "x_old", 1), other)
		for _, name := range []string{id, "S0001"} {
			list, err := tax.Versions(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			if list.STIXID != id || len(list.Versions) != 2 || len(list.Collections) != 4 || list.Collections[0].Version != "2.0" || list.Collections[3].Version != "0.8" {
				t.Fatalf("versions by %s: %+v", name, list)
			}
			b, a := list.Versions[0], list.Versions[1]
			if b.Name != "B" || b.Twin || len(b.Collections) != 1 || a.Name != "A" || a.Twin || len(a.Collections) != 3 {
				t.Errorf("versions by %s: %+v", name, list.Versions)
			}
			d, err := tax.Differences(t.Context(), id, a.ID, b.ID)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, one := range d {
				got[one.Property] = string(one.Before) + " → " + string(one.After)
			}
			want := map[string]string{"modified": `"2020-01-01T00:00:00.000Z" → "2021-01-01T00:00:00Z"`, "name": `"A" → "B"`, "x_new": ` → {"a":1}`, "x_old": "1 → "}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		}
		if d, err := tax.Differences(t.Context(), id, 0, 0); err != nil || len(d) != 0 {
			t.Errorf("between nothing and nothing: %v, %v", d, err)
		}
		list, err := tax.Versions(t.Context(), uid("tool", 2))
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range [][2]int64{{list.Versions[0].ID, 0}, {0, 999}} {
			if _, err := tax.Differences(t.Context(), id, bad[0], bad[1]); fault.CodeOf(err) != fault.NotFound {
				t.Errorf("a version of another object, or none: %v", err)
			}
		}
		for _, bad := range []string{"S9999", uid("tool", 3), "", "'"} {
			if _, err := tax.Versions(t.Context(), bad); fault.CodeOf(err) != fault.NotFound {
				t.Errorf("versions of %q: %v", bad, err)
			}
		}
	})
}

// TestTwins: two texts that say they are of the same time are two versions,
// and told so.
func TestTwins(t *testing.T) {
	tax := taxonomy.New(storetest.Open(t), quiet())
	load(t, tax, "1", numbered("1.0", map[int]string{1: "one"}))
	load(t, tax, "2", numbered("2.0", map[int]string{1: "two"}))
	list, err := tax.Versions(t.Context(), uid("tool", 1))
	if err != nil || len(list.Versions) != 2 || !list.Versions[0].Twin || !list.Versions[1].Twin || list.Versions[0].Name != "two" {
		t.Errorf("%+v, %v", list, err)
	}
}
