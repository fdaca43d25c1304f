package attack_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-attack/atelier/review/attack"
)

func TestRefs(t *testing.T) {
	id := func(n string) string { return "tool--00000000-0000-4000-8000-00000000000" + n }
	raw := `{"id":"` + id("0") + `","created_by_ref":"` + id("1") + `","object_marking_refs":["` + id("2") + `","` + id("1") + `"],
		"x_list":[{"x_deep_ref":"` + id("3") + `","text":"` + id("4") + `"}],"x_mitre_contents":[{"object_ref":"` + id("5") + `"}],"a_ref":null,"b_refs":[1,"no id"]}`
	got, err := attack.Refs([]byte(raw))
	if d := cmp.Diff([]string{id("1"), id("2"), id("3")}, got); err != nil || d != "" {
		t.Error(d, err)
	}
}

func TestParseFindsWhatNoFieldReads(t *testing.T) {
	id := func(n string) string { return "tool--00000000-0000-4000-8000-00000000000" + n }
	o, err := attack.Parse([]byte(`{"type":"x-odd","id":"x-odd--1","created_by_ref":"` + id("1") + `","x_parts":[{"bolt_ref":"` + id("2") + `","n":1},{"bolt_ref":"` + id("2") + `"}],
		"x_a":{"b":{"c_refs":["` + id("3") + `"]}},"tactic_refs":["` + id("4") + `"],"x_n":1.50}`))
	if d := cmp.Diff([]attack.Ref{{Path: "tactic_refs", ID: id("4")}, {Path: "x_parts.bolt_ref", ID: id("2")}, {Path: "x_a.b.c_refs", ID: id("3")}}, o.Refs); err != nil || d != "" {
		t.Error(d, err)
	}
	if rest := string(o.Rest); !strings.Contains(rest, `"x_n":1.50`) || strings.Contains(rest, "created_by_ref") {
		t.Error(rest)
	}
}

func FuzzRefs(f *testing.F) {
	f.Add(`{"a_ref":"tool--00000000-0000-4000-8000-000000000000","b":[[{"c_refs":["x"]}]]}`)
	f.Add(`{"a_ref":`)
	f.Add(`[`)
	f.Fuzz(func(t *testing.T, text string) {
		ids, err := attack.Refs([]byte(text))
		if err != nil {
			return
		}
		for _, id := range ids {
			if !attack.IsSTIXID(id) || !strings.Contains(strings.ReplaceAll(text, `\`, ""), id[:4]) && !strings.Contains(text, `\u`) {
				t.Errorf("found %q in %q", id, text)
			}
		}
	})
}

func TestApplyDropsWhatWentWithATactic(t *testing.T) {
	raw := `{"type":"attack-pattern","id":"attack-pattern--1","modified":"2020-01-01T00:00:00.000Z","name":"N","x_mitre_impact_type":["Availability"],"x_mitre_remote_support":true,` +
		`"x_blank":" \t","x_none":[],"kill_chain_phases":[{"kill_chain_name":"old","phase_name":"impact"},{"kill_chain_name":"old","phase_name":"execution"}]}`
	form, _ := attack.FormOf(attack.Refinement)
	o, err := attack.Parse([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	content := attack.ContentOf(o, form)
	content[attack.FieldTactics] = attack.Value{List: []string{"execution", "persistence"}}
	got, err := attack.Apply([]byte(raw), form, content, attack.Stamp{Modified: when, KillChain: "new"})
	want := `{"type":"attack-pattern","id":"attack-pattern--1","modified":"2026-03-04T04:06:07.890Z","name":"N","x_mitre_remote_support":true,` +
		`"kill_chain_phases":[{"kill_chain_name":"old","phase_name":"execution"},{"kill_chain_name":"new","phase_name":"persistence"}]}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s\nwant %s (%v)", got, want, err)
	}
}
