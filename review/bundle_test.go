package review_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/check"
)

const (
	newTop         = "attack-pattern--00000000-0000-4000-9000-0000000000b1"
	newSub         = "attack-pattern--00000000-0000-4000-9000-0000000000b2"
	slowPour       = "attack-pattern--00000000-0000-4000-9000-000000000007"
	actorElsewhere = "threat-actor--00000000-0000-4000-9000-0000000000b7"
	newExample     = "relationship--00000000-0000-4000-9000-0000000000b3"
)

type object = map[string]any

// changes is the small domain as somebody has it who changed some of it: only
// what is edited by hand here differs from testdata.
func changes(t *testing.T, edit func(objects map[string]object) []object) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/small.json")
	if err != nil {
		t.Fatal(err)
	}
	var bundle struct {
		Type    string   `json:"type"`
		ID      string   `json:"id"`
		Objects []object `json:"objects"`
	}
	if err := json.Unmarshal(raw, &bundle); err != nil {
		t.Fatal(err)
	}
	by := map[string]object{}
	for _, o := range bundle.Objects {
		by[o["id"].(string)] = o
	}
	bundle.Objects = append(bundle.Objects, edit(by)...)
	text, err := json.Marshal(bundle)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

const (
	afterwards = "2027-01-01T00:00:00.000Z"
	earlier    = "2001-01-01T00:00:00.000Z"
)

func technique(id, name string, more object) object {
	o := object{"type": "attack-pattern", "id": id, "created": afterwards, "modified": afterwards, "name": name, "description": "Adversaries may do it.",
		"x_mitre_platforms": []string{"Kettle"}, "x_mitre_domains": []string{domain},
		"kill_chain_phases": []object{{"kill_chain_name": "mitre-small-attack", "phase_name": "boiling"}}}
	maps.Copy(o, more)
	return o
}

func relation(id, kind, source, target string) object {
	return object{"type": "relationship", "id": id, "created": afterwards, "modified": afterwards, "relationship_type": kind, "source_ref": source, "target_ref": target,
		"x_mitre_domains": []string{domain}, "description": "It did so."}
}

// somebodys changes one technique, revokes another, adds two that belong
// together and an example, and has one object as it was long ago.
func somebodys(t *testing.T) []byte {
	return changes(t, func(by map[string]object) []object {
		maps.Copy(by[redirect], object{"modified": afterwards, "name": "Spout Bending"})
		maps.Copy(by[slowPour], object{"modified": afterwards, "revoked": true})
		maps.Copy(by[gang], object{"modified": earlier, "name": "Older"})
		return []object{
			technique(newTop, "Lid Lifting", nil),
			technique(newSub, "Slow Lifting", object{"x_mitre_is_subtechnique": true}),
			relation("relationship--00000000-0000-4000-9000-0000000000b4", "subtechnique-of", newSub, newTop),
			relation("relationship--00000000-0000-4000-9000-0000000000b5", "revoked-by", slowPour, overfill),
			relation(newExample, "uses", gang, newTop),
			technique("attack-pattern--00000000-0000-4000-9000-0000000000b6", "Gone Already", object{"x_mitre_deprecated": true}),
			{"type": "threat-actor", "id": actorElsewhere, "created": afterwards, "modified": afterwards, "name": "Somebody"},
		}
	})
}

// TestABundleOfSomebodysChanges tells what each object would be, and makes
// drafts of those that are chosen.
func TestABundleOfSomebodysChanges(t *testing.T) {
	d := open(t, storetest.Open(t))
	ctx := t.Context()
	content := somebodys(t)
	report, err := d.TryBundle(ctx, d.ana, domain, content)
	if err != nil {
		t.Fatal(err)
	}
	type told struct {
		what, form string
		fields     []string
	}
	got := map[string]told{}
	number := map[string]int{}
	for i, item := range report.Items {
		if item.Item != i || (item.Why == "") != (item.Form != "") {
			t.Errorf("item %d is %+v", i, item)
		}
		got[item.Object.STIXID], number[item.Object.STIXID] = told{item.What, item.Form, item.Fields}, i
	}
	gone := "attack-pattern--00000000-0000-4000-9000-0000000000b6"
	want := map[string]told{
		redirect:       {review.BundleChanged, "Refine a technique", []string{"Name"}},
		slowPour:       {review.BundleRevoked, "Revoke a technique", []string{"Takes its place", "Carry its relationships over"}},
		gang:           {review.BundleLeft, "", []string{}},
		gone:           {review.BundleLeft, "", []string{}},
		actorElsewhere: {review.BundleLeft, "", []string{}},
		newTop:         {review.BundleNew, "New technique", []string{"Name", "Tactics", "Platforms", "Description"}},
		newSub:         {review.BundleNew, "New sub-technique", []string{"Parent technique", "Name", "Tactics", "Platforms", "Description"}},
		newExample:     {review.BundleNew, "Procedure example", []string{"Who", "Technique", "Description"}},
	}
	for id, w := range want {
		if g := got[id]; g.what != w.what || g.form != w.form || !slices.Equal(g.fields, w.fields) {
			t.Errorf("%s: told %+v, want %+v", id, g, w)
		}
	}
	if len(got) != len(want) || report.Same == 0 {
		t.Errorf("told %v, %d the same", slices.Collect(maps.Keys(got)), report.Same)
	}

	made, err := d.MakeBundle(ctx, d.ana, domain, content, []int{number[newSub], number[newTop], number[redirect], number[slowPour], number[newSub]})
	if err != nil || len(made.Proposals) != 4 || made.First != 1 {
		t.Fatalf("made %+v, %v", made, err)
	}
	drafts := map[string]review.Draft{}
	for _, id := range made.Proposals {
		draft, err := d.Draft(ctx, d.ana, id)
		if err != nil {
			t.Fatal(err)
		}
		drafts[draft.Proposal.Object.STIXID] = draft
	}
	if refined := drafts[redirect]; refined.Content[attack.FieldName].Text != "Spout Bending" || refined.Base[attack.FieldName].Text == "Spout Bending" ||
		refined.Proposal.Standing == nil || refined.Proposal.Standing.State != review.StandsCurrent {
		t.Errorf("the refinement is %+v", refined)
	}
	if c := drafts[slowPour].Content; c[attack.FieldReplacement].Text != overfill || c[attack.FieldCarry].Text != "true" {
		t.Errorf("the revocation says %+v", c)
	}
	// What names a draft waits until that is submitted, and is told so.
	sub := drafts[newSub]
	_, err = d.Submit(ctx, d.ana, sub.Proposal.ID, review.Submission{Version: sub.Version})
	if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), "Submit that first") {
		t.Errorf("submitted before its parent: %v", err)
	}
	d.submit(drafts[newTop])
	if sub, err = d.Draft(ctx, d.ana, sub.Proposal.ID); err != nil || slices.ContainsFunc(sub.Checks, func(c review.Check) bool { return c.Level == check.Error }) {
		t.Errorf("behind its parent: %+v, %v", sub.Checks, err)
	}
	d.submit(sub)
	again, err := d.TryBundle(ctx, d.ana, domain, content)
	if err != nil || again.Items[number[newTop]].What != review.BundleLeft || !strings.Contains(again.Items[number[newTop]].Why, "already") {
		t.Errorf("once more: %+v, %v", again.Items, err)
	}
}

// TestABundleSaysHowVersionsGoOn tells of versions that do not follow on what is
// here, and has drafts count up as the others do.
func TestABundleSaysHowVersionsGoOn(t *testing.T) {
	d := open(t, storetest.Open(t))
	content := changes(t, func(by map[string]object) []object {
		maps.Copy(by[redirect], object{"modified": afterwards, "name": "Spout Bending", "x_mitre_version": "2.0"})
		maps.Copy(by[gang], object{"modified": afterwards, "name": "Teapot Crowd", "x_mitre_version": "1.7"})
		return []object{technique(newTop, "Lid Lifting", object{"x_mitre_version": "3.1"})}
	})
	report, err := d.TryBundle(t.Context(), d.ana, domain, content)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, item := range report.Items {
		for _, c := range item.Checks {
			if c.Code == check.CodeVersion {
				said[item.Object.STIXID] = c.Message
			}
		}
	}
	if !strings.Contains(said[gang], "more than one step") || !strings.Contains(said[newTop], "a release makes it 1.0") || said[redirect] != "" {
		t.Errorf("said %q", said)
	}
	made, err := d.MakeBundle(t.Context(), d.ana, domain, content, []int{0, 1, 2})
	if err != nil {
		t.Fatal(err)
	}
	bumps := map[string]string{}
	for _, id := range made.Proposals {
		draft, err := d.Draft(t.Context(), d.ana, id)
		if err != nil {
			t.Fatal(err)
		}
		bumps[draft.Proposal.Object.STIXID] = draft.Proposal.Bump
	}
	if want := map[string]string{redirect: attack.BumpMajor, gang: attack.BumpMinor, newTop: attack.BumpMinor}; !maps.Equal(bumps, want) {
		t.Errorf("the drafts count up by %v", bumps)
	}
}

// TestABundleThatCannotBeTaken says why and makes nothing.
func TestABundleThatCannotBeTaken(t *testing.T) {
	d := open(t, storetest.Open(t))
	zipped := func(content []byte) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	good := somebodys(t)
	if report, err := d.TryBundle(t.Context(), d.ana, domain, zipped(good)); err != nil || len(report.Items) == 0 {
		t.Errorf("zipped: %v", err)
	}
	for name, c := range map[string]struct {
		content []byte
		items   []int
		code    fault.Code
	}{
		"no bundle":      {[]byte(`{"type":"report"}`), []int{0}, fault.Invalid},
		"cut":            {good[:len(good)/2], []int{0}, fault.Invalid},
		"half a gzip":    {zipped(good)[:40], []int{0}, fault.Invalid},
		"nothing chosen": {good, nil, fault.Invalid},
		"no such item":   {good, []int{0, 99}, fault.Invalid},
		"one that is older": {changes(t, func(by map[string]object) []object {
			maps.Copy(by[gang], object{"modified": earlier, "name": "Older"})
			return nil
		}), []int{0}, fault.Invalid},
	} {
		_, err := d.MakeBundle(t.Context(), d.ana, domain, c.content, c.items)
		wants(t, name, err, c.code)
	}
	if drafts, err := d.Drafts(t.Context(), d.ana); err != nil || len(drafts) != 0 {
		t.Errorf("made all the same: %+v, %v", drafts, err)
	}
	t.Run("a bomb", func(t *testing.T) {
		attacktest.Heavy(t)
		_, err := d.TryBundle(t.Context(), d.ana, domain, zipped(bytes.Repeat([]byte(" "), 80<<20)))
		wants(t, "a bomb", err, fault.TooLarge)
	})
	reader := review.Actor{User: d.ana.User, Roles: []review.Role{review.Observer}, Workshop: d.workshop}
	_, err := d.TryBundle(t.Context(), reader, domain, good)
	wants(t, "by an observer", err, fault.Forbidden)
}
