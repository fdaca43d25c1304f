package taxonomy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// leave writes two states of a domain and what we say of them for
// review/release/conformance, where ATELIER_CONFORMANCE names its folder.
func leave(t *testing.T, name, domain string, before, after []byte, c *taxonomy.Comparison) {
	t.Helper()
	dir := os.Getenv("ATELIER_CONFORMANCE")
	if dir == "" {
		return
	}
	ours, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string][]byte{"old/" + domain + ".json": before, "new/" + domain + ".json": after, "ours.json": ours} {
		path := filepath.Join(dir, "pairs", name, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// compared compares what was imported first with what was imported second, and
// the other way round.
func compared(t *testing.T, tax *taxonomy.Taxonomy, domain string, before, after []byte, name string) *taxonomy.Comparison {
	t.Helper()
	list, err := tax.Collections(t.Context(), domain)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	old, now := min(list[0].ID, list[1].ID), max(list[0].ID, list[1].ID)
	back, err := tax.Compare(t.Context(), now, old)
	if err != nil {
		t.Fatal(err)
	}
	leave(t, name+"-reversed", domain, after, before, back)
	c, err := tax.Compare(t.Context(), old, now)
	if err != nil {
		t.Fatal(err)
	}
	leave(t, name, domain, before, after, c)
	return c
}

func counted(c *taxonomy.Comparison) map[string]int {
	count := map[string]int{}
	for _, s := range c.Sections {
		count[s.Key] = len(s.Objects)
	}
	for _, r := range c.Relationships {
		count[r.Kind+" "+r.Key] = len(r.Items)
	}
	return count
}

func TestCompareRealReleases(t *testing.T) {
	attacktest.Heavy(t)
	for _, pair := range []struct{ domain, from, to string }{{"mobile-attack", "17.0", "17.1"}, {"enterprise-attack", "17.1", "18.1"}} {
		tax := taxonomy.New(storetest.Open(t), quiet())
		before, after := attacktest.Unzipped(t, pair.domain+"-"+pair.from+".json.gz"), attacktest.Unzipped(t, pair.domain+"-"+pair.to+".json.gz")
		load(t, tax, pair.from, before)
		load(t, tax, pair.to, after)
		start := time.Now()
		c := compared(t, tax, pair.domain, before, after, pair.domain)
		t.Logf("%s both ways: %v; %v; unlisted %d, others %d, rewritten %d, names %d", pair.domain, time.Since(start), counted(c), len(c.Unlisted), len(c.Others), c.Rewritten, len(c.Names))
		body, _ := json.Marshal(c)
		t.Logf("%d bytes", len(body))
	}
}
