package release_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
)

// TestEnterprise releases one proposal of each kind on real ATT&CK. With
// ATELIER_CONFORMANCE it leaves the bundles there, for MITRE's own tools.
func TestEnterprise(t *testing.T) {
	attacktest.Heavy(t)
	base := attacktest.Unzipped(t, "enterprise-attack-18.1.json.gz")
	d := open(t, storetest.Open(t), "enterprise-attack", bytes.NewReader(base))
	now := d.tax.Snapshot()
	injection, _ := now.Object("T1055")
	apt29, ok := now.Object("G0016")
	if !ok || injection == nil {
		t.Fatal("the data is not Enterprise ATT&CK")
	}
	name := technique("Teapot Tampering")
	name[attack.FieldTactics], name[attack.FieldPlatforms] = attack.Value{List: []string{"impact"}}, attack.Value{List: []string{"Linux", "Windows"}}
	name[attack.FieldDescription] = attack.Value{Text: "Adversaries may tamper with a teapot, as in (LinkById: T1055).(Citation: Notes)"}
	name[attack.FieldContributors] = attack.Value{List: []string{"Ana Example, Example Organisation"}}
	d.vouch(d.accept(attack.NewTechnique, "", "", name), "Ana Example, Example Organisation")
	d.agree(d.ana, "Ana, Teapot Guild")
	sub := technique("Teapot Injection")
	sub[attack.FieldTactics], sub[attack.FieldPlatforms] = attack.Value{List: injection.Tactics()}, attack.Value{List: []string{"Linux"}}
	sub[attack.FieldDescription] = attack.Value{Text: "Adversaries may inject into a teapot.(Citation: Notes)"}
	d.accept(attack.NewSubtechnique, "T1055", "", sub)
	form, _ := attack.FormOf(attack.Refinement)
	refine := func(id, bump string, change func(attack.Content)) {
		o, _ := now.Object(id)
		content := attack.ContentOf(o.Object, form)
		change(content)
		d.accept(attack.Refinement, id, bump, content)
	}
	refine("T1055", attack.BumpPatch, func(c attack.Content) {
		c[attack.FieldDescription] = attack.Value{Text: c[attack.FieldDescription].Text + "\n\nA kettle helps, see (LinkById: T1059)."}
	})
	refine("T1055", attack.BumpMinor, func(c attack.Content) {
		c[attack.FieldPlatforms] = attack.Value{List: append([]string{"ESXi"}, c[attack.FieldPlatforms].List...)}
	})
	// These two have properties that go with a tactic.
	refine("T1053.005", attack.BumpPatch, func(c attack.Content) { c[attack.FieldTactics] = attack.Value{List: []string{"persistence"}} })
	refine("T1561.002", attack.BumpMajor, func(c attack.Content) { c[attack.FieldTactics] = attack.Value{List: []string{"execution"}} })
	d.accept(attack.ProcedureExample, "T1055", "", attack.Content{attack.FieldSource: {Text: apt29.ID},
		attack.FieldDescription: {Text: "[APT29](https://attack.mitre.org/groups/G0016) has injected into a teapot.(Citation: Notes)"}, attack.FieldReferences: source("Notes")})
	d.everyKind()
	r := d.openRelease()
	start := time.Now()
	preview := d.preview(r)
	previewed := time.Since(start)
	if !preview.Publishable {
		t.Fatalf("preview: %+v", preview)
	}
	start = time.Now()
	r = d.publish(r)
	published := time.Since(start)
	start = time.Now()
	bundle := d.bundle(r)
	downloaded := time.Since(start)
	start = time.Now()
	delta := d.delta(r)
	t.Logf("preview %v, publish %v, bundle %v (%d bytes), delta %v (%d bytes)", previewed, published, downloaded, len(bundle), time.Since(start), len(delta))
	wellFormed(t, bundle)
	wellFormed(t, delta)
	if got := contributors(t, bundle, injection.ID); !slices.Equal(got, append(slices.Clone(injection.Contributors), "Ana, Teapot Guild")) {
		t.Errorf("T1055 names %v", got)
	}
	d.importElsewhere(r)
	d.leave(t, r.ID, base, bundle, delta, preview)
}

// leave writes what conformance/check looks at.
func (d *desk) leave(t *testing.T, id string, base, bundle, delta []byte, preview any) {
	t.Helper()
	dir := os.Getenv("ATELIER_CONFORMANCE")
	if dir == "" {
		return
	}
	log, err := d.Changelog(t.Context(), d.mia.Workshop, id)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"old/enterprise-attack.json": base, "new/enterprise-attack.json": bundle, "delta.json": delta, "changelog.json": []byte(text(t, log))} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
