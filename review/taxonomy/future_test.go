package taxonomy_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// future imports a domain with tactics, platforms, types, properties and kinds
// of relationships that do not exist today.
func future(t *testing.T) *taxonomy.Snapshot {
	t.Helper()
	content, err := os.ReadFile("testdata/future.json")
	if err != nil {
		t.Fatal(err)
	}
	tax := taxonomy.New(storetest.Open(t), quiet())
	load(t, tax, "future.json", content)
	sameObjects(t, content, exported(t, tax, "space-attack"))
	return tax.Snapshot()
}

// headings gives the sections of a page with the names in them.
func headings(p taxonomy.ObjectPage) map[string]string {
	found := map[string]string{}
	for _, s := range p.Sections {
		var names []string
		for _, i := range s.Items {
			names = append(names, i.Object.Name)
		}
		found[s.Label] = strings.Join(names, ", ")
	}
	return found
}

func TestWhatDoesNotExistTodayHasPages(t *testing.T) {
	s, text := future(t), markdown.New(attack.LinkRules())
	page := func(id string) taxonomy.ObjectPage {
		t.Helper()
		p, ok := s.Page(id, text)
		if !ok {
			t.Fatalf("there is no %s", id)
		}
		checkPage(t, s, p)
		return p
	}
	for _, o := range s.Objects("space-attack") {
		page(o.ID) // of relationships, too
		checkGraph(t, s, o)
	}
	for id, want := range map[string]map[string]string{
		"ZQ9101": {"Bolt": "First Bolt", "Space bolt": "First Bolt, Second Bolt", "Orbit": "Orbit Decay", "Powers: Techniques": "Spin Up",
			"Powers: Space gadget": "Gadget of Doom", "Space gadget (powers)": "Gadget of Doom", "Assets (orbits)": "Habitat"},
		"x-space-bolt--00000000-0000-4000-8000-000000000031": {"Space gadget (bolt)": "Gadget of Doom", "Space gadget (space bolt)": "Gadget of Doom"},
		"T9101": {"Procedure examples: groups": "Moon Crew", "Mitigations": "Brake", "Detection": "Watch the wheel", "Space gadget (powers)": "Gadget of Doom",
			"Assets targeted": "Habitat", "Replaces": "Old Spin"},
		"TA9101":  {"Techniques": "Leap, Spin Up", "Matrices": "Space"},
		"TA9102":  {"Techniques": "Spin Up", "Matrices": "Space", "Space gadget (orbit)": "Gadget of Doom"},
		"DC9101":  {"Data source": "Wheel", "Analytics": "Analytic 9101", "Detection strategies": "Watch the wheel"},
		"DS9101":  {"Data components": "Wheel turns"},
		"DET9101": {"Analytics": "Analytic 9101", "Techniques detected": "Spin Up"},
		"AN9101":  {"Log sources": "Wheel turns", "Detection strategies": "Watch the wheel"},
		"relationship--00000000-0000-4000-8000-000000000066": {"From": "Gadget of Doom", "To": "Spin Up"},
	} {
		if d := cmp.Diff(want, headings(page(id))); d != "" {
			t.Errorf("%s: %s", id, d)
		}
	}
	gadget := page("ZQ9101")
	if gadget.Object.TypeLabel != "Space gadget" || !strings.Contains(gadget.DescriptionHTML, `<a href="/objects/T9101.001">Counter Spin</a>`) {
		t.Errorf("%+v %s", gadget.Object, gadget.DescriptionHTML)
	}
	// One bolt is missing, and the frame says more than what it names: both stay in sight.
	if d := cmp.Diff(map[string]string{"Space parts": "Bolt ref,Torque,Tool", "Space frame": "Inner,Mass", "Created by": ""}, factNames(gadget)); d != "" {
		t.Error(d)
	}
	bolts := section(gadget, "x_space_parts.bolt_ref").Items[0].Beside
	if d := cmp.Diff(&taxonomy.Table{Columns: []string{"Torque", "Tool"}, Rows: [][]string{{"12", "spanner"}}}, bolts); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([][]string{{"rover:log", "turns"}, {"rover:log", "stops"}}, section(page("AN9101"), "x_mitre_log_source_references.x_mitre_data_component_ref").Items[0].Beside.Rows); d != "" {
		t.Error(d)
	}
	spin := page("T9101")
	facts := map[string]string{}
	for _, f := range spin.Facts {
		facts[f.Label] = strings.Join(f.Values, "|")
	}
	if facts["Orbit effects"] != "dizziness|drift" || facts["Lunar dose"] != "1.50" || facts["Orbit ready"] != "Yes" {
		t.Errorf("facts: %v", facts)
	}
	if len(spin.Prose) != 1 || spin.Prose[0].Label != "Narrative" || spin.References[0].Cited != 2 {
		t.Errorf("prose: %+v, references %+v", spin.Prose, spin.References)
	}
	if crew := page("G9101"); !strings.Contains(crew.Facts[slices.IndexFunc(crew.Facts, func(f taxonomy.Fact) bool { return f.HTML != "" })].HTML, "#ref-1") {
		t.Errorf("a cited fact: %+v", crew.Facts)
	} else if m := section(crew, "techniques").Matrices; len(m) != 1 || len(m[0].Columns) != 2 || m[0].Columns[0].Tactic.Name != "Orbit Decay" {
		t.Errorf("the group's matrix: %+v", m)
	}
	if old := page("T9100").Object; old.ReplacedBy == nil || old.ReplacedBy.AttackID != "T9101" || old.Tactics[0].Name != "vanished-tactic" {
		t.Errorf("a revoked one: %+v", old)
	}
	if brake := page("course-of-action--00000000-0000-4000-8000-000000000047"); brake.Object.AttackID != "T9101" {
		t.Errorf("what shares an id: %+v", brake.Object)
	}
}

func factNames(p taxonomy.ObjectPage) map[string]string {
	found := map[string]string{}
	for _, f := range p.Facts {
		found[f.Label] = ""
		if f.Table != nil {
			found[f.Label] = strings.Join(f.Table.Columns, ",")
		}
	}
	return found
}
