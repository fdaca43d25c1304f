package release_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/release"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// The tactic that is gone in the release below, and the two that came for it.
const oldTactic, firstTactic, secondTactic = "defense-evasion", "stealth", "defense-impairment"

// nineteen makes, of the real 18.1, a release in which one tactic was replaced
// by two, one technique was deprecated, and one that is new has the first id
// that a workshop gives away.
func nineteen(t *testing.T, deprecated string) []byte {
	t.Helper()
	const later = "2030-04-01T00:00:00.000Z"
	var bundle map[string]any
	if err := json.Unmarshal(attacktest.Unzipped(t, "enterprise-attack-18.1.json.gz"), &bundle); err != nil {
		t.Fatal(err)
	}
	var list []any
	for i, one := range bundle["objects"].([]any) {
		o := one.(map[string]any)
		list = append(list, o)
		phases, _ := o["kill_chain_phases"].([]any)
		for _, p := range phases {
			if phase := p.(map[string]any); phase["phase_name"] == oldTactic {
				phase["phase_name"], o["modified"] = []string{firstTactic, secondTactic}[i%2], later
			}
		}
		switch {
		case o["id"] == deprecated:
			o["x_mitre_deprecated"], o["modified"] = true, later
		case o["x_mitre_shortname"] == oldTactic:
			o["x_mitre_shortname"], o["name"], o["modified"] = firstTactic, "Stealth", later
			second := map[string]any{"type": "x-mitre-tactic", "id": "x-mitre-tactic--00000000-0000-4000-9000-000000000019", "created": later, "modified": later,
				"name": "Defense Impairment", "x_mitre_shortname": secondTactic, "x_mitre_domains": []string{"enterprise-attack"},
				"external_references": []any{map[string]any{"source_name": "mitre-attack", "external_id": "TA0112"}}}
			list = append(list, second, map[string]any{"type": "attack-pattern", "id": "attack-pattern--00000000-0000-4000-9000-000000000019", "created": later, "modified": later,
				"name": "One of Theirs", "x_mitre_domains": []string{"enterprise-attack"}, "external_references": []any{map[string]any{"source_name": "mitre-attack", "external_id": "T9000"}},
				"kill_chain_phases": []any{map[string]any{"kill_chain_name": "mitre-attack", "phase_name": secondTactic}}})
		case o["type"] == attack.TypeMatrix:
			o["tactic_refs"] = append(o["tactic_refs"].([]any), "x-mitre-tactic--00000000-0000-4000-9000-000000000019")
			o["modified"] = later
		case o["type"] == attack.TypeCollection:
			o["x_mitre_version"], o["modified"] = "19.0", later
		}
	}
	bundle["objects"] = list
	text, err := json.Marshal(bundle)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestAnUpgradeInWhichATacticVanishes has a workshop publish on 17.1 and go on
// proposing, and then imports 18.1 and a release that replaces a tactic.
func TestAnUpgradeInWhichATacticVanishes(t *testing.T) {
	attacktest.Heavy(t)
	const domain = "enterprise-attack"
	d := open(t, storetest.Open(t), domain, bytes.NewReader(attacktest.Unzipped(t, "enterprise-attack-17.1.json.gz")))
	ctx := t.Context()
	load := func(name string, content []byte) taxonomy.Report {
		start := time.Now()
		report, err := d.tax.Import(ctx, taxonomy.Source{Name: name, Reader: bytes.NewReader(content)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.proposals.Settle(ctx); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d objects, %v kept, in %v", name, report.Objects, hows(report), time.Since(start))
		return report
	}
	evading := technique("Teapot Hiding")
	evading[attack.FieldTactics], evading[attack.FieldPlatforms] = attack.Value{List: []string{oldTactic, "impact"}}, attack.Value{List: []string{"Linux"}}
	evading[attack.FieldDescription] = attack.Value{Text: "Adversaries may hide in a teapot.(Citation: Notes)"}
	released := d.accept(attack.NewTechnique, "", "", evading)
	injection, _ := d.tax.Snapshot().Object("T1055")
	deprecated, _ := d.tax.Snapshot().Object("T1053.005")
	credit := attack.Content{attack.FieldContributors: {List: append(slices.Clone(injection.Contributors), "Ana Example, Example Organisation")}}
	d.vouch(d.accept(attack.Refinement, injection.ID, attack.BumpMinor, credit), "Ana Example, Example Organisation")
	d.publish(d.openRelease())
	evading[attack.FieldName] = attack.Value{Text: "Kettle Hiding"}
	waiting := d.accept(attack.NewTechnique, "", "", evading)
	doomed := d.accept(attack.Refinement, deprecated.ID, "", attack.Content{attack.FieldContributors: {List: []string{"Ana Example"}}})
	moved := d.accept(attack.Refinement, injection.ID, "", attack.Content{attack.FieldPlatforms: {List: append([]string{"ESXi"}, injection.Platforms...)}})

	if kept := load("18.1", attacktest.Unzipped(t, "enterprise-attack-18.1.json.gz")).Kept; kept.Version != "18.2" {
		t.Errorf("after 18.1: %+v", kept)
	}
	report := load("19", nineteen(t, deprecated.ID))
	if how := hows(report); !maps.Equal(how, map[string]string{"Teapot Hiding": taxonomy.KeptAdded, injection.Name: taxonomy.KeptMerged}) {
		t.Errorf("kept: %v", how)
	}
	now := d.tax.Snapshot()
	theirs, _ := now.Object("T9000")
	own, ok := now.Object(released.Object.STIXID)
	if !ok || theirs.Name != "One of Theirs" || own.ATTACK != "" || len(now.Clashes(domain)) != 1 {
		t.Errorf("T9000 is %+v, ours %+v", theirs, own)
	}
	o, _ := now.Object(injection.ID)
	if !slices.Contains(o.Contributors, "Ana Example, Example Organisation") || slices.Contains(o.Tactics(), oldTactic) {
		t.Errorf("what both changed is %+v", o)
	}
	if n := len(now.Objects(domain)); n != report.Objects+1 {
		t.Errorf("the domain has %d objects, the import %d and the release one more", n, report.Objects)
	}
	if strays := now.Strays(domain); len(strays) != 1 || strays[0].Object.STIXID != own.ID || !slices.Equal(strays[0].Tactics, []string{oldTactic}) {
		t.Errorf("techniques that name a tactic which is gone: %+v", strays)
	}
	stands := func(p review.Proposal) review.Standing {
		got, err := d.proposals.Get(ctx, d.ana, p.ID)
		if err != nil || got.Standing == nil {
			t.Fatalf("%+v, %v", got, err)
		}
		return *got.Standing
	}
	if s := stands(waiting); !slices.Equal(s.Tactics, []string{oldTactic}) || s.State != review.StandsCurrent {
		t.Errorf("a proposal with the old tactic stands %+v", s)
	}
	if s := stands(doomed); s.State != review.StandsGone || s.Gone[0].Reason != review.GoneDeprecated {
		t.Errorf("a proposal about what is deprecated stands %+v", s)
	}
	if s := stands(moved); s.State != review.StandsMoved || len(s.Tactics) != 0 || !slices.Contains(s.Changed, attack.FieldTactics) {
		t.Errorf("a proposal whose base moved stands %+v", s)
	}
	fay := review.Actor{User: d.mia.User, Roles: []review.Role{review.Facilitator}, Workshop: d.mia.Workshop}
	mapped, err := d.proposals.MapTactics(ctx, fay, domain, review.Map{Tactics: review.Mapping{oldTactic: {firstTactic, secondTactic}},
		Proposals: []review.MapItem{{BulkItem: review.BulkItem{ID: waiting.ID, Revision: 1}}}})
	if err != nil || len(mapped.Proposals) != 1 || !slices.Equal(mapped.Proposals[0].Tactics, []string{firstTactic, secondTactic, "impact"}) {
		t.Fatalf("mapped: %+v, %v", mapped, err)
	}
	if _, err := d.proposals.TakeOverAll(ctx, d.rob, review.Bulk{Proposals: []review.BulkItem{{ID: moved.ID, Revision: 1}}}); err != nil {
		t.Fatal(err)
	}
	// What is mapped and taken over is released; the new id is free of theirs.
	r := d.openRelease()
	r = d.change(r, release.ReleaseUpdate{Proposals: &[]string{waiting.ID, moved.ID}})
	for _, item := range d.preview(r).Items {
		if len(item.Problems)+len(item.Conflicts) > 0 || item.Proposal.ID == waiting.ID && item.AttackID != "T9001" {
			t.Errorf("the item is %+v", item)
		}
	}
	d.publish(r)
	wellFormed(t, d.bundle(r))
}
