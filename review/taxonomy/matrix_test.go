package taxonomy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// stixID makes an id of a type from a number.
func stixID(kind string, n int) string {
	return fmt.Sprintf("%s--00000000-0000-4000-8000-%012d", kind, n)
}

// made writes an object of the domain kitchen-attack; more are its members.
func made(kind string, n int, more ...string) string {
	return fmt.Sprintf(`{"type":%q,"id":%q,"created":"2020-01-01T00:00:00.000Z","modified":"2020-01-02T00:00:00.000Z","x_mitre_domains":["kitchen-attack"]%s}`,
		kind, stixID(kind, n), strings.Join(append([]string{""}, more...), ","))
}

func named(id, name string) string {
	return fmt.Sprintf(`"name":%q,"external_references":[{"source_name":"kitchen","external_id":%q}]`, name, id)
}

// serving lists a technique's tactics.
func serving(tactics ...string) string {
	list := make([]string, len(tactics))
	for i, t := range tactics {
		list[i] = `{"kill_chain_name":"kitchen","phase_name":` + jsonText(t) + `}`
	}
	return `"kill_chain_phases":[` + strings.Join(list, ",") + `]`
}

func on(platforms ...string) string {
	return fmt.Sprintf(`"x_mitre_platforms":[%s]`, quoted(platforms))
}

func quoted(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = jsonText(s)
	}
	return strings.Join(out, ",")
}

// relation writes a relationship between two objects, by type and number.
func relation(n int, kind, from string, a int, to string, b int, more ...string) string {
	return made("relationship", n, append(more, fmt.Sprintf(`"relationship_type":%q,"source_ref":%q,"target_ref":%q`, kind, stixID(from, a), stixID(to, b)))...)
}

const ap = "attack-pattern"

// kitchen is a domain whose tactics, platforms and users do not exist today.
func kitchen() []string {
	const tactic = "x-mitre-tactic"
	return []string{
		made("x-mitre-matrix", 1, `"name":"Stove"`, fmt.Sprintf(`"tactic_refs":[%s]`, quoted([]string{stixID(tactic, 2), stixID(tactic, 1), stixID(tactic, 2), stixID(tactic, 99)}))),
		made("x-mitre-matrix", 2, `"name":"Sink"`, fmt.Sprintf(`"tactic_refs":[%s]`, quoted([]string{stixID(tactic, 3), stixID(tactic, 1)}))),
		made("x-mitre-matrix", 3, `"name":"Gone"`, `"x_mitre_deprecated":true`, fmt.Sprintf(`"tactic_refs":[%s]`, quoted([]string{stixID(tactic, 4)}))),
		made(tactic, 1, named("TA9001", "Heat"), `"x_mitre_shortname":"heat"`),
		made(tactic, 2, named("TA9002", "Stir"), `"x_mitre_shortname":"stir"`),
		made(tactic, 3, named("TA9003", "Rinse"), `"x_mitre_shortname":"rinse"`),
		made(tactic, 4, named("TA9004", "Serve"), `"x_mitre_shortname":"serve"`),
		made(tactic, 5, named("TA9005", "Old"), `"x_mitre_shortname":"old"`, `"revoked":true`),
		made(ap, 1, named("T9001", "Whisk"), serving("stir", "heat"), on("Kettle")),
		made(ap, 2, named("T9001.001", "Whisk slowly"), `"x_mitre_is_subtechnique":true`, serving("stir", "heat"), on("Kettle", "Pan")),
		made(ap, 3, named("T9002", "Boil"), serving("heat"), on("Pan"), `"x_mitre_detection":"Listen."`),
		made(ap, 4, named("T9003", "Deprecated"), serving("heat"), `"x_mitre_deprecated":true`),
		made(ap, 5, named("T9004", "Revoked"), serving("heat"), `"revoked":true`),
		made(ap, 6, named("T9005", "Idle")),
		made(ap, 7, named("T9006", "Served of old"), serving("old")),
		made(ap, 8, named("T9002.001", "Inherits"), `"x_mitre_is_subtechnique":true`),
		made(ap, 9, named("T9001.002", "Elsewhere"), `"x_mitre_is_subtechnique":true`, serving("rinse")),
		made(ap, 10, named("T9007", "Round"), serving("rinse")),
		made(ap, 11, named("T9008", "About"), serving("rinse")),
		made(ap, 12, named("T9009.001", "Orphan"), `"x_mitre_is_subtechnique":true`, serving("rinse")),
		relation(1, "subtechnique-of", ap, 2, ap, 1),
		relation(2, "subtechnique-of", ap, 8, ap, 3),
		relation(3, "subtechnique-of", ap, 9, ap, 1),
		relation(4, "subtechnique-of", ap, 10, ap, 11),
		relation(5, "subtechnique-of", ap, 11, ap, 10),
		relation(6, "subtechnique-of", ap, 12, ap, 12),
		made("x-chef", 1, named("G9001", "Ada")),
		made("campaign", 1, named("C9001", "Dinner")),
		made("campaign", 2, named("C9002", "Never"), `"revoked":true`),
		made("course-of-action", 1, named("M9001", "Lid")),
		relation(11, "uses", "x-chef", 1, ap, 2),
		relation(12, "uses", "x-chef", 1, ap, 3),
		relation(13, "uses", "x-chef", 1, ap, 4),
		relation(14, "uses", "campaign", 1, ap, 3),
		relation(15, "uses", "campaign", 2, ap, 6),
		relation(16, "uses", "campaign", 1, ap, 6, `"revoked":true`),
		relation(17, "mitigates", "course-of-action", 1, ap, 1),
		relation(18, "detects", "x-mitre-detection-strategy", 77, ap, 1), // which is not here
	}
}

func kitchenSnapshot(t *testing.T) *taxonomy.Snapshot {
	t.Helper()
	tax := taxonomy.New(storetest.Open(t), quiet())
	load(t, tax, "kitchen", []byte(bundle(kitchen()...)))
	return tax.Snapshot()
}

// drawn writes a matrix as one line for each column.
func drawn(m taxonomy.Matrix) []string {
	lines := []string{}
	for _, column := range m.Tactics {
		var cells []string
		for _, cell := range column.Techniques {
			text := cell.AttackID
			for _, sub := range cell.Subtechniques {
				text += ">" + strings.TrimPrefix(sub.AttackID, cell.AttackID)
			}
			cells = append(cells, text)
		}
		lines = append(lines, column.Name+": "+strings.Join(cells, " "))
	}
	return lines
}

// TestMatrixShowsAll: nothing that lives vanishes, whatever it lacks.
func TestMatrixShowsAll(t *testing.T) {
	m, _ := kitchenSnapshot(t).Matrix("kitchen-attack")
	want := []string{
		"Stir: T9001>.001",
		"Heat: T9002>.001 T9001>.001",
		"Rinse: T9008 T9001.002 T9009.001 T9007", // by name; what is in a cycle stands alone
		"Serve: ",
		"old: T9006",
		"Without a tactic: T9005",
	}
	if d := cmp.Diff(want, drawn(m)); d != "" {
		t.Error(d)
	}
	var matrices []string
	for _, one := range m.Matrices {
		matrices = append(matrices, fmt.Sprint(one.Name, len(one.Tactics)))
	}
	if d := cmp.Diff([]string{"Stove2", "Sink2"}, matrices); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([][]string{{"Kettle", "Pan"}, {"campaign", "x-chef"}}, [][]string{m.Platforms, m.Users}); d != "" {
		t.Error(d)
	}
}

func TestMatrixOfABundleWithoutAMatrixObject(t *testing.T) {
	tax := taxonomy.New(storetest.Open(t), quiet())
	load(t, tax, "bare", []byte(bundle(kitchen()[3:]...)))
	m, _ := tax.Snapshot().Matrix("kitchen-attack")
	if got := drawn(m); len(m.Matrices) != 0 || len(got) != 6 || !strings.HasPrefix(got[0], "Heat: T9002") {
		t.Errorf("columns by id: %v", got)
	}
}

func TestMarks(t *testing.T) {
	s := kitchenSnapshot(t)
	ids := func(m taxonomy.Marks) string {
		var list []string
		for _, id := range m.Techniques {
			o, _ := s.Object(id)
			list = append(list, o.ATTACK)
		}
		return m.Label + ": " + strings.Join(list, " ")
	}
	for _, c := range []struct {
		make func() (taxonomy.Marks, bool)
		want string
	}{
		{func() (taxonomy.Marks, bool) { return s.UsedBy("kitchen-attack", "G9001") }, "G9001 Ada: T9001.001 T9002"},
		{func() (taxonomy.Marks, bool) { return s.UsedBy("kitchen-attack", stixID("campaign", 1)) }, "C9001 Dinner: T9002"},
		{func() (taxonomy.Marks, bool) { return s.With("kitchen-attack", taxonomy.HasExamples) }, "with procedure examples: T9001.001 T9002"},
		{func() (taxonomy.Marks, bool) { return s.With("kitchen-attack", taxonomy.HasMitigations) }, "with mitigations: T9001"},
		{func() (taxonomy.Marks, bool) { return s.With("kitchen-attack", taxonomy.HasDetection) }, "with detection: T9002"},
	} {
		m, ok := c.make()
		if got := ids(m); !ok || got != c.want {
			t.Errorf("%t %q, want %q", ok, got, c.want)
		}
	}
	if _, ok := s.UsedBy("kitchen-attack", "G0404"); ok {
		t.Error("there is a group G0404")
	}
	if _, ok := s.UsedBy("no-attack", "G9001"); ok {
		t.Error("there is a domain no-attack")
	}
}

func TestFilters(t *testing.T) {
	s := kitchenSnapshot(t)
	ada, _ := s.UsedBy("kitchen-attack", "G9001")
	lacks := func(h taxonomy.Having) []taxonomy.Wanted {
		return []taxonomy.Wanted{{Having: h, Choice: taxonomy.Without}}
	}
	for name, c := range map[string]struct {
		filter taxonomy.Filter
		want   string
	}{
		"platform":         {taxonomy.Filter{Platform: "Pan"}, "Stir: T9001>.001|Heat: T9002 T9001>.001|Rinse: |Serve: |old: |Without a tactic: "},
		"unknown platform": {taxonomy.Filter{Platform: "Moon", Tactic: "heat"}, "Heat: "},
		"tactic":           {taxonomy.Filter{Tactic: "stir"}, "Stir: T9001>.001"},
		"no tactic":        {taxonomy.Filter{Tactic: taxonomy.NoTactic}, "Without a tactic: T9005"},
		"matrix":           {taxonomy.Filter{Matrix: stixID("x-mitre-matrix", 2), Text: "t9001.0"}, "Heat: T9001>.001|Rinse: T9001.002"},
		"unknown matrix":   {taxonomy.Filter{Matrix: "none"}, ""},
		"text":             {taxonomy.Filter{Text: " WHISK s", Tactic: "heat"}, "Heat: T9001>.001"},
		"user":             {taxonomy.Filter{Within: []taxonomy.Marks{ada}, Tactic: "heat"}, "Heat: T9002 T9001>.001"},
		"nothing":          {taxonomy.Filter{Within: []taxonomy.Marks{{}}, Tactic: "heat"}, "Heat: "},
		"lacks detection":  {taxonomy.Filter{Have: lacks(taxonomy.HasDetection), Tactic: "heat"}, "Heat: T9002>.001 T9001>.001"},
		"lacks, has": {taxonomy.Filter{Tactic: "heat", Have: append(lacks(taxonomy.HasExamples),
			taxonomy.Wanted{Having: taxonomy.HasMitigations, Choice: taxonomy.With})}, "Heat: T9001"},
	} {
		t.Run(name, func(t *testing.T) {
			m, fits, ok := s.Filtered("kitchen-attack", c.filter)
			if got := strings.Join(drawn(m), "|"); !ok || got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if name == "platform" && (fits[stixID(ap, 1)] || !fits[stixID(ap, 2)]) {
				t.Errorf("what fits itself: %v", fits)
			}
		})
	}
}

// TestMatrixOfMobile: the real file has two matrices, of which one is
// deprecated, and its numbers are those that another reading of it gives.
func TestMatrixOfMobile(t *testing.T) {
	content := attacktest.Unzipped(t, "mobile-attack-17.1.json.gz")
	tax := taxonomy.New(storetest.Open(t), quiet())
	load(t, tax, "mobile", content)
	s := tax.Snapshot()
	m, _ := s.Matrix("mobile-attack")
	shown := map[string]bool{}
	for _, column := range m.Tactics {
		for _, cell := range column.Techniques {
			shown[cell.STIXID] = true
			for _, sub := range cell.Subtechniques {
				shown[sub.STIXID] = true
			}
		}
	}
	var whole struct {
		Objects []struct {
			ID, Type   string
			Revoked    bool
			Deprecated bool   `json:"x_mitre_deprecated"`
			Kind       string `json:"relationship_type"`
			Source     string `json:"source_ref"`
			Target     string `json:"target_ref"`
			Detection  string `json:"x_mitre_detection"`
		}
	}
	if err := json.Unmarshal(content, &whole); err != nil {
		t.Fatal(err)
	}
	live := map[string]bool{}
	techniques, mitigated, detected := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, o := range whole.Objects {
		live[o.ID] = !o.Revoked && !o.Deprecated
		if o.Type == ap && live[o.ID] {
			techniques[o.ID] = true
			if o.Detection != "" {
				detected[o.ID] = true
			}
		}
	}
	for _, o := range whole.Objects {
		if !live[o.ID] || !live[o.Source] || !techniques[o.Target] {
			continue
		}
		switch o.Kind {
		case "mitigates":
			mitigated[o.Target] = true
		case "detects":
			detected[o.Target] = true
		}
	}
	if !maps.Equal(shown, techniques) {
		t.Errorf("%d techniques are shown, the file has %d", len(shown), len(techniques))
	}
	for h, want := range map[taxonomy.Having]map[string]bool{taxonomy.HasMitigations: mitigated, taxonomy.HasDetection: detected} {
		got, _ := s.With("mobile-attack", h)
		if d := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(slices.Values(got.Techniques))); d != "" {
			t.Errorf("%s: %s", h, d)
		}
	}
	body, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d matrices, %d columns, %d techniques, %d kB", len(m.Matrices), len(m.Tactics), len(shown), len(body)>>10)
}

func jsonText(s string) string {
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err) // no string fails
	}
	return string(raw)
}

func TestHabitsAreWhatLivingObjectsHave(t *testing.T) {
	var got []taxonomy.Habit
	for _, h := range kitchenSnapshot(t).Vocabulary("kitchen-attack").Habits {
		if h.Type == ap && (h.Field == "platforms" || h.Field == "tactics" || h.Field == "name" || h.Field == "description") {
			got = append(got, h)
		}
	}
	want := []taxonomy.Habit{
		{Type: ap, Field: "name", Of: 10, Filled: 10, Low: 4, High: 12},
		{Type: ap, Field: "tactics", Of: 10, Filled: 8, Low: 1, High: 2, Terms: map[string]int{"stir": 2, "heat": 3, "old": 1, "rinse": 4}},
		{Type: ap, Field: "platforms", Of: 10, Filled: 3, Low: 1, High: 2, Terms: map[string]int{"Kettle": 2, "Pan": 2}},
		{Type: ap, Field: "description", Of: 10},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
