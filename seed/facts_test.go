package seed_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/taxonomy"
	"github.com/atelier-attack/atelier/seed"
	"github.com/atelier-attack/atelier/seed/index"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// source is the file that a built-in index was made from, unpacked. It lies
// beside the project and not in it.
func source(t *testing.T, name string) []byte {
	t.Helper()
	return attacktest.Unzipped(t, strings.TrimSuffix(path.Base(name), ".index.gz")+".json.gz")
}

func unzip(t *testing.T, r io.Reader) []byte {
	t.Helper()
	z, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func objectsOf(t *testing.T, bundle []byte) []map[string]any {
	t.Helper()
	var all struct{ Objects []map[string]any }
	if err := json.Unmarshal(bundle, &all); err != nil {
		t.Fatal(err)
	}
	return all.Objects
}

func builtIn(t *testing.T, name string) []byte {
	t.Helper()
	bundle, err := seed.Bundle(name)
	if err != nil {
		t.Fatal(err)
	}
	return bundle
}

// TestIndexesHoldNoText looks at every value that ships in the program.
func TestIndexesHoldNoText(t *testing.T) {
	attacktest.Heavy(t)
	named := []string{"name", "aliases", "x_mitre_aliases", "x_mitre_platforms"}
	for _, name := range seed.Indexes() {
		for _, o := range objectsOf(t, builtIn(t, name)) {
			for key, value := range o {
				if strings.Contains(key, "description") || strings.Contains(key, "detection") || strings.Contains(key, "citation") {
					t.Errorf("%s: %s has %s", name, o["id"], key)
				}
				if key == "definition" { // our own words
					continue
				}
				for _, text := range textsIn(value) {
					if long := utf8.RuneCountInString(text) > 150; long || !slices.Contains(named, key) && strings.Contains(text, " ") {
						t.Errorf("%s: %s of %s is text: %q", name, key, o["id"], text)
					}
				}
			}
		}
	}
}

func textsIn(v any) (list []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, x := range v {
			list = append(list, textsIn(x)...)
		}
	case map[string]any:
		for _, x := range v {
			list = append(list, textsIn(x)...)
		}
	}
	return list
}

// TestIndexesHoldAllFacts compares with MITRE's files, object by object.
func TestIndexesHoldAllFacts(t *testing.T) {
	attacktest.Heavy(t)
	facts := []string{"type", "spec_version", "created", "modified", "name", "revoked", "x_mitre_deprecated", "x_mitre_version", "x_mitre_domains",
		"x_mitre_platforms", "x_mitre_is_subtechnique", "x_mitre_shortname", "kill_chain_phases", "aliases", "x_mitre_aliases",
		"relationship_type", "source_ref", "target_ref", "tactic_refs", "x_mitre_analytic_refs", "created_by_ref", "object_marking_refs"}
	for _, name := range seed.Indexes() {
		t.Run(path.Base(name), func(t *testing.T) {
			real := objectsOf(t, source(t, name))
			ours := map[any]map[string]any{}
			for _, o := range objectsOf(t, builtIn(t, name)) {
				ours[o["id"]] = o
			}
			if len(ours) != len(real) {
				t.Errorf("%d objects, the file has %d", len(ours), len(real))
			}
			for _, want := range real {
				got := ours[want["id"]]
				for _, key := range facts {
					if !reflect.DeepEqual(got[key], want[key]) {
						t.Fatalf("%s of %s is %v, in the file %v", key, want["id"], got[key], want[key])
					}
				}
				if refs, ok := want["external_references"].([]any); ok {
					id := refs[0].(map[string]any)["external_id"]
					own, _ := got["external_references"].([]any)
					if id != nil && (len(own) != 1 || own[0].(map[string]any)["external_id"] != id) {
						t.Fatalf("the ATT&CK id of %s is not %v but in %v", want["id"], id, own)
					}
				}
			}
		})
	}
}

// TestIndexesAreWhatTheGeneratorMakes holds the files and the generator
// together, on the smallest: Enterprise takes a minute under the race detector,
// and the test before compares its facts. The packed bytes may differ with the
// version of Go.
func TestIndexesAreWhatTheGeneratorMakes(t *testing.T) {
	for _, name := range seed.Indexes() {
		if name == enterprise {
			continue
		}
		t.Run(path.Base(name), func(t *testing.T) {
			var made bytes.Buffer
			if err := index.Write(&made, bytes.NewReader(source(t, name))); err != nil {
				t.Fatal(err)
			}
			kept, err := os.Open(filepath.FromSlash(name))
			if err != nil {
				t.Fatal(err)
			}
			defer kept.Close()
			if !bytes.Equal(unzip(t, kept), unzip(t, &made)) {
				t.Error("the index is out of date: run make index")
			}
		})
	}
}

// TestIndexesShowWhatTheFilesShow compares the matrix and the vocabulary, and
// then imports the files over the indexes.
func TestIndexesShowWhatTheFilesShow(t *testing.T) {
	attacktest.Heavy(t)
	indexed := taxonomy.New(storetest.Open(t), quiet())
	if err := seed.LoadIndexes(t.Context(), indexed); err != nil {
		t.Fatal(err)
	}
	for _, d := range indexed.Snapshot().Domains() {
		if d.HasText || d.Source != taxonomy.FromIndex {
			t.Errorf("%s is not shown as an index: %+v", d.ID, d)
		}
	}
	for _, name := range seed.Indexes() {
		before := indexed.Snapshot()
		in := taxonomy.Source{Name: name, Reader: bytes.NewReader(source(t, name))}
		report, err := indexed.Import(t.Context(), in, nil)
		if err != nil {
			t.Fatal(err)
		}
		after := indexed.Snapshot()
		old, _ := before.Matrix(report.Domain)
		real, _ := after.Matrix(report.Domain)
		if diff := cmp.Diff(real, old); diff != "" || len(real.Tactics) == 0 {
			t.Errorf("the matrix of %s differs: %s", report.Domain, diff)
		}
		// How long texts are, only the file shows.
		texts := cmpopts.IgnoreFields(taxonomy.Vocabulary{}, "Habits")
		if diff := cmp.Diff(after.Vocabulary(report.Domain), before.Vocabulary(report.Domain), texts); diff != "" {
			t.Errorf("the words of %s differ: %s", report.Domain, diff)
		}
		if !maps.Equal(attackIDs(before), attackIDs(after)) {
			t.Errorf("the ATT&CK ids of %s differ", report.Domain)
		}
		if !report.Current || report.Same {
			t.Errorf("the file did not take the place of the index: %+v", report)
		}
		textOf(t, after, report.Domain)
	}
}

// attackIDs gives the object that each ATT&CK id stands for, in all domains.
func attackIDs(s *taxonomy.Snapshot) map[string]string {
	ids := map[string]string{}
	for _, d := range s.Domains() {
		for _, o := range s.Objects(d.ID) {
			if named, ok := s.Object(o.ATTACK); ok {
				ids[o.ATTACK] = named.ID
			}
		}
	}
	return ids
}

// textOf makes sure that the objects of a domain have their text now, also
// where the index of another domain has them too.
func textOf(t *testing.T, s *taxonomy.Snapshot, domain string) {
	t.Helper()
	missing := 0
	for _, o := range s.Objects(domain) {
		if shown, _ := s.Object(o.ID); o.Description != "" && shown.Description == "" {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d objects of %s are shown without their text", missing, domain)
	}
}

// TestIndexesLeaveContentAlone: a program with another index changes nothing
// in an installation that has content.
func TestIndexesLeaveContentAlone(t *testing.T) {
	tax := taxonomy.New(storetest.Open(t), quiet())
	odd, err := os.Open("../review/taxonomy/testdata/odd.json")
	if err != nil {
		t.Fatal(err)
	}
	defer odd.Close()
	if _, err := tax.Import(t.Context(), taxonomy.Source{Name: "odd", Reader: odd}, nil); err != nil {
		t.Fatal(err)
	}
	if err := seed.LoadIndexes(t.Context(), tax); err != nil {
		t.Fatal(err)
	}
	if list := tax.Snapshot().Domains(); len(list) != 1 || list[0].ID != "odd-attack" {
		t.Errorf("domains: %+v", list)
	}
}
