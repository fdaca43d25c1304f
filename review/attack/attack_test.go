package attack_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/attack"
)

func decode(text string) (attack.Bundle, []string, error) {
	var objects []string
	b, err := attack.Decode(strings.NewReader(text), func(raw jsontext.Value) error {
		objects = append(objects, string(raw))
		return nil
	})
	return b, objects, err
}

// TestWrongShapesAreTold in words for people.
func TestWrongShapesAreTold(t *testing.T) {
	for text, want := range map[string]string{
		`{"name":["a"]}`:              "name must be text",
		`{"revoked":"yes"}`:           "revoked must be true or false",
		`{"aliases":{}}`:              "aliases must be a list",
		`{"aliases":["a",1]}`:         "aliases.1 must be text",
		`{"external_references":[1]}`: "external_references.0 must be an object",
	} {
		if _, err := attack.Parse([]byte(text)); err == nil || !strings.HasSuffix(err.Error(), ": "+want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestDecodeKeepsTheTokens(t *testing.T) {
	b, objects, err := decode(`{"type":"bundle", "id":"bundle--1", "x_more":[{"a":1}], "objects":[
	 { "type" : "x-new", "n": 1.50e+2, "s": "\u00e9\/é", "empty": "", "null": null }, {}]}`)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`{"type":"x-new","n":1.50e+2,"s":"\u00e9\/é","empty":"","null":null}`, `{}`}
	if d := cmp.Diff(want, objects); d != "" {
		t.Error(d)
	}
	if b.ID != "bundle--1" || b.Objects != 2 {
		t.Errorf("bundle is %+v", b)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"nothing":         {"", "ends in the middle"},
		"no JSON":         {"hello", "not valid JSON"},
		"a list":          {"[]", "must be one JSON object"},
		"no bundle":       {`{"type":"report","objects":[]}`, `a "report"`},
		"no objects":      {`{"type":"bundle"}`, `needs "type"`},
		"objects no list": {`{"type":"bundle","objects":{}}`, "must be a list"},
		"a number in it":  {`{"type":"bundle","objects":[{},7]}`, "Object 2"},
		"truncated":       {`{"type":"bundle","objects":[{"a":"b"},{"a":`, "ends in the middle (near byte"},
		"other version":   {`{"type":"bundle","spec_version":"3.0","objects":[]}`, `version "3.0"`},
		"duplicate key":   {`{"type":"bundle","objects":[{"a":1,"a":2}]}`, "stands twice"},
		"invalid UTF-8":   {"{\"type\":\"bundle\",\"objects\":[{\"a\":\"\xff\"}]}", "not valid JSON"},
		"deep nesting":    {`{"type":"bundle","objects":[{"a":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}]}`, "not valid JSON"},
		"text behind":     {`{"type":"bundle","objects":[]} {}`, "behind the end"},
		"long id":         {`{"type":"bundle","id":"` + strings.Repeat("x", 2000) + `","objects":[]}`, "too long"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := decode(c.text)
			if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestDecodeRefusesAPartWithoutEnd(t *testing.T) {
	read := 0
	endless := io.MultiReader(strings.NewReader(`{"type":"bundle","objects":[{},{"a":"`), readerFunc(func(p []byte) (int, error) {
		for i := range p {
			p[i] = 'x'
		}
		read += len(p)
		return len(p), nil
	}))
	_, err := attack.Decode(endless, func(jsontext.Value) error { return nil })
	if fault.CodeOf(err) != fault.TooLarge || read > 100<<20 {
		t.Errorf("read %d bytes, got %v", read, err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"type":"bundle","id":"bundle--1","objects":[{"type":"tool","id":"tool--1","external_references":[{"external_id":"S0001"}]}]}`))
	f.Add([]byte(`{"type":"bundle","spec_version":"2.0","objects":[{"name":1}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, _ = attack.Decode(bytes.NewReader(text), func(raw jsontext.Value) error {
			if !raw.IsValid() {
				t.Errorf("not valid: %q", raw)
			}
			o, err := attack.Parse(raw)
			if err != nil {
				return nil
			}
			form, _ := attack.FormOf(attack.Refinement)
			same, err := attack.Apply(raw, form, attack.ContentOf(o, form), attack.Stamp{})
			if err != nil || !same.IsValid() {
				t.Errorf("apply to %q: %q, %v", raw, same, err)
			}
			return nil
		})
	})
}

var when = time.Date(2026, 3, 4, 5, 6, 7, 890e6, time.FixedZone("x", 3600))

const old = `{"type":"attack-pattern","id":"attack-pattern--1","modified":"2020-01-01T00:00:00.000Z","name":"Old","x_odd":{"n":1.0},` +
	`"x_mitre_detection":"","external_references":[{"source_name":"mitre-attack","url":"u","external_id":"T1001","x":1},{"source_name":"capec","external_id":"CAPEC-1"}],` +
	`"kill_chain_phases":[{"kill_chain_name":"mitre-attack","phase_name":"impact"}],"x_mitre_platforms":["Linux"],"description":"Text.","x_mitre_version":"1.2"}`

func TestApplyTouchesOnlyWhatChanged(t *testing.T) {
	form, _ := attack.FormOf(attack.Refinement)
	o, err := attack.Parse([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	content := attack.ContentOf(o, form)
	content[attack.FieldDescription] = attack.Value{Text: "Better <text>."}
	content[attack.FieldTactics] = attack.Value{List: []string{"impact", "execution"}}
	stamp := attack.Stamp{Modified: when, Version: "1.3", KillChain: "mitre-attack", Spec: "3.3.0", Identity: "identity--1"}
	got, err := attack.Apply([]byte(old), form, content, stamp)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"attack-pattern","id":"attack-pattern--1","modified":"2026-03-04T04:06:07.890Z","name":"Old","x_odd":{"n":1.0},` +
		`"external_references":[{"source_name":"mitre-attack","url":"u","external_id":"T1001","x":1},{"source_name":"capec","external_id":"CAPEC-1"}],` +
		`"kill_chain_phases":[{"kill_chain_name":"mitre-attack","phase_name":"impact"},{"kill_chain_name":"mitre-attack","phase_name":"execution"}],` +
		`"x_mitre_platforms":["Linux"],"description":"Better <text>.","x_mitre_version":"1.3","x_mitre_attack_spec_version":"3.3.0","x_mitre_modified_by_ref":"identity--1"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestApplyKeepsWhatASourceHasBeside(t *testing.T) {
	form, _ := attack.FormOf(attack.Refinement)
	o, err := attack.Parse([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	content := attack.ContentOf(o, form)
	content[attack.FieldReferences] = attack.Value{References: append(o.Sources(), attack.Reference{SourceName: "New", URL: "https://example.org"})}
	raw, err := attack.Apply([]byte(old), form, content, attack.Stamp{})
	if err != nil {
		t.Fatal(err)
	}
	changed, err := attack.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	want := append(o.References, attack.ExternalReference{SourceName: "New", URL: "https://example.org"})
	if d := cmp.Diff(want, changed.References); d != "" {
		t.Error(d)
	}
}

func TestNewObjects(t *testing.T) {
	stamp := attack.Stamp{STIXID: "attack-pattern--2", AttackID: "T1001.004", Created: when, Modified: when, Version: "1.0", Domain: "enterprise-attack",
		KillChain: "mitre-attack", SourceName: "mitre-attack", Spec: "3.3.0", Identity: "identity--1", Markings: []string{"marking-definition--1"}}
	form, _ := attack.FormOf(attack.NewSubtechnique)
	content := attack.Content{
		attack.FieldName: {Text: "New"}, attack.FieldDescription: {Text: "How."}, attack.FieldTactics: {List: []string{"impact"}},
		attack.FieldPlatforms: {List: []string{"Linux"}}, attack.FieldContributors: {}, attack.FieldParent: {Text: "attack-pattern--1"},
		attack.FieldReferences: {References: []attack.Reference{{SourceName: "R", Description: "A.", URL: "https://example.org"}}},
	}
	raw, err := attack.NewObject(form, content, stamp)
	if err != nil {
		t.Fatal(err)
	}
	o, err := attack.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(content, withParent(attack.ContentOf(o, form)), cmp.Comparer(attack.Value.Equal)); d != "" {
		t.Errorf("content read back: %s", d)
	}
	if o.AttackID() != "T1001.004" || !o.Subtechnique || o.Created != "2026-03-04T04:06:07.890Z" || o.Modified != o.Created ||
		o.References[0].URL != "https://attack.mitre.org/techniques/T1001/004" || o.Version != "1.0" || strings.Contains(string(raw), "contributors") {
		t.Errorf("object is %s", raw)
	}
	stamp.STIXID, stamp.AttackID, stamp.Version = "relationship--1", "", ""
	example, _ := attack.FormOf(attack.ProcedureExample)
	raw, err = attack.NewObject(example, attack.Content{attack.FieldSource: {Text: "malware--1"}, attack.FieldTarget: {Text: "attack-pattern--1"},
		attack.FieldDescription: {Text: "It does."}}, stamp)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), "x_mitre_version") || strings.Contains(string(raw), "x_mitre_domains") || strings.Contains(string(raw), "external_references") {
		t.Errorf("a relationship has neither version, domains nor empty references: %s", raw)
	}
}

// withParent adds what a relationship says and the object does not.
func withParent(c attack.Content) attack.Content {
	c[attack.FieldParent] = attack.Value{Text: "attack-pattern--1"}
	return c
}

func TestVersionSteps(t *testing.T) {
	for _, c := range []struct{ from, to, step string }{
		{"1.2", "1.2", attack.BumpPatch}, {"1.2", "1.3", attack.BumpMinor}, {"1.2", "2.0", attack.BumpMajor}, {"1.9", "1.10", attack.BumpMinor},
		{"1.2", "1.4", ""}, {"1.2", "2.2", ""}, {"1.2", "1.1", ""}, {"1", "2", ""}, {"", "1.0", ""}, {"1.2", "", ""},
	} {
		if step := attack.VersionStep(c.from, c.to); step != c.step {
			t.Errorf("from %q to %q is the step %q", c.from, c.to, step)
		}
	}
	for text, is := range map[string]bool{"1.0": true, "99.99": true, "": false, "1": false, "1.0.0": false, "v1.0": false, "100.0": false, " 1.0": false} {
		if attack.IsVersion(text) != is {
			t.Errorf("%q is a version: %v", text, !is)
		}
	}
}

func TestBumpVersion(t *testing.T) {
	for _, c := range []struct{ version, bump, want string }{
		{"1.9", attack.BumpMinor, "1.10"}, {"1.99", attack.BumpMinor, "2.0"}, {"1.9", attack.BumpMajor, "2.0"}, {"1.9", attack.BumpPatch, "1.9"},
		{"1", attack.BumpMinor, ""}, {"", attack.BumpMinor, ""}, {"1.0", "huge", ""}, {"1.x", attack.BumpPatch, ""},
	} {
		got, err := attack.BumpVersion(c.version, c.bump)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s %s: got %q, %v", c.version, c.bump, got, err)
		}
	}
}
