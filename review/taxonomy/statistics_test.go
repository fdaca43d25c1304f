package taxonomy_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

func TestStatistics(t *testing.T) {
	st, ok := kitchenSnapshot(t).Statistics("kitchen-attack")
	if !ok {
		t.Fatal("the domain is not there")
	}
	var types []string
	for _, c := range st.Types {
		types = append(types, fmt.Sprint(c.Type, " ", c.Live, c.Revoked, c.Deprecated))
	}
	want := []string{"attack-pattern 10 1 1", "campaign 1 1 0", "course-of-action 1 0 0", "relationship 13 1 0",
		"x-chef 1 0 0", "x-mitre-matrix 2 0 1", "x-mitre-tactic 4 1 0"}
	if d := cmp.Diff(want, types); d != "" {
		t.Error(d)
	}
	rows := map[string]taxonomy.TechniqueNeeds{}
	for _, n := range st.Techniques {
		rows[n.AttackID] = n
	}
	wantRows := map[string]string{"T9001": "false 0 1 0 [heat stir]", "T9001.001": "true 1 0 0 [heat stir]", "T9002": "false 2 0 1 [heat]",
		"T9002.001": "true 0 0 0 [heat]", "T9005": "false 0 0 0 []", "T9008": "false 0 0 0 [rinse]"}
	for id, want := range wantRows {
		n := rows[id]
		if got := fmt.Sprint(n.Subtechnique, " ", n.Examples, n.Mitigations, n.Detections, " ", n.Tactics); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	var terms []string
	for _, x := range append(append([]taxonomy.TechniquesInTerm{st.Total}, st.Tactics...), st.Platforms...) {
		terms = append(terms, fmt.Sprint(x.Value, ": ", x.Techniques, x.WithoutExamples, x.WithoutMitigations, x.WithoutDetection))
	}
	want = []string{": 10 8 9 9", "stir: 2 1 1 2", "heat: 4 2 3 3", "rinse: 4 4 4 4", "serve: 0 0 0 0", "old: 1 1 1 1", "-: 1 1 1 1",
		"Kettle: 2 1 1 2", "Pan: 2 0 2 1"}
	if d := cmp.Diff(want, terms); d != "" {
		t.Error(d)
	}
}

// TestNumbersLeadToTheirLists: what statistics count is what a filter by the
// same words leaves, on the real Mobile.
func TestNumbersLeadToTheirLists(t *testing.T) {
	tax := taxonomy.New(storetest.Open(t), quiet())
	load(t, tax, "mobile", attacktest.Unzipped(t, "mobile-attack-17.1.json.gz"))
	s := tax.Snapshot()
	st, _ := s.Statistics("mobile-attack")
	lists := func(f taxonomy.Filter) int {
		m, fits, _ := s.Filtered("mobile-attack", f)
		all := map[string]bool{}
		for _, column := range m.Tactics {
			for _, cell := range column.Techniques {
				for _, one := range append(cell.Subtechniques, cell) {
					if fits[one.STIXID] {
						all[one.STIXID] = true
					}
				}
			}
		}
		return len(all)
	}
	lacks := func(f taxonomy.Filter, h taxonomy.Having) taxonomy.Filter {
		f.Have = []taxonomy.Wanted{{Having: h, Choice: taxonomy.Without}}
		return f
	}
	check := func(x taxonomy.TechniquesInTerm, f taxonomy.Filter) {
		got := []int{lists(f), lists(lacks(f, taxonomy.HasExamples)), lists(lacks(f, taxonomy.HasMitigations)), lists(lacks(f, taxonomy.HasDetection))}
		if d := cmp.Diff([]int{x.Techniques, x.WithoutExamples, x.WithoutMitigations, x.WithoutDetection}, got); d != "" {
			t.Errorf("%s: %s", x.Label, d)
		}
	}
	check(st.Total, taxonomy.Filter{})
	for _, x := range st.Tactics {
		check(x, taxonomy.Filter{Tactic: x.Value})
	}
	for _, x := range st.Platforms {
		check(x, taxonomy.Filter{Platform: x.Value})
	}
	if st.Total.Techniques != 121 || st.Total.MedianText == 0 || len(st.Total.MedianModified) < 20 {
		t.Errorf("total: %+v", st.Total)
	}
}

func TestSteps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		tax := taxonomy.New(db, quiet())
		collection := func(version string) string {
			return `{"type":"x-mitre-collection","id":"x-mitre-collection--00000000-0000-4000-8000-000000000001","modified":"2020-01-01T00:00:00.000Z",
				"name":"Kitchen","x_mitre_domains":["kitchen-attack"],"x_mitre_version":"` + version + `"}`
		}
		old := append([]string{collection("1.0")}, kitchen()...)
		var next []string
		for _, raw := range old {
			switch {
			case strings.Contains(raw, `"T9002"`): // changed
				raw = strings.Replace(raw, "2020-01-02", "2021-01-02", 1)
			case strings.Contains(raw, `"T9005"`): // other bytes, and not later
				raw = strings.Replace(raw, `"Idle"`, `"Idler"`, 1)
			case strings.Contains(raw, `"T9006"`): // changed, and of another version
				raw = strings.Replace(strings.Replace(raw, "2020-01-02", "2021-01-02", 1), `{"type"`, `{"x_mitre_version":"1.1","type"`, 1)
			case strings.Contains(raw, `"T9008"`): // gone
				continue
			}
			next = append(next, raw)
		}
		next = append(next, made(ap, 50, named("T9050", "Fry"), serving("heat")))
		next[0] = collection("2.0")
		load(t, tax, "2", []byte(bundle(next...)))
		load(t, tax, "1", []byte(bundle(old...))) // an older one, later
		steps, err := tax.Steps(t.Context(), "kitchen-attack")
		if err != nil || len(steps) != 2 || steps[0].Version != "1.0" || steps[1].Before != steps[0].Collection || steps[0].Before != 0 {
			t.Fatalf("%+v, %v", steps, err)
		}
		want := []taxonomy.StepOfType{{Type: ap, Label: "Techniques", Added: 1, Changed: 2, Removed: 1}}
		if d := cmp.Diff(want, steps[1].Types); d != "" {
			t.Error(d)
		}
		if steps[0].Sum.Added != len(old) || steps[0].Sum.Changed != 0 {
			t.Errorf("the first: %+v", steps[0].Sum)
		}
		for change, want := range map[taxonomy.Change][]string{"": {stixID(ap, 3), stixID(ap, 7), stixID(ap, 50)}, taxonomy.Added: {stixID(ap, 50)},
			taxonomy.Changed: {stixID(ap, 3), stixID(ap, 7)}, taxonomy.Versioned: {stixID(ap, 7)}} {
			m, ok, err := tax.ChangedIn(t.Context(), tax.Snapshot(), "kitchen-attack", steps[1].Collection, change)
			if d := cmp.Diff(want, m.Techniques); err != nil || !ok || d != "" {
				t.Errorf("%q: %v %t %s", change, err, ok, d)
			}
		}
		if _, ok, err := tax.ChangedIn(t.Context(), tax.Snapshot(), "kitchen-attack", 99, ""); ok || err != nil {
			t.Errorf("a collection that is not there: %t, %v", ok, err)
		}
	})
}

// hostile are names that an unwary writer would let out as markup, a formula
// or broken XML.
func hostile() []string {
	return []string{
		`</text><script>alert(1)</script>`, `"><svg onload=alert(1)>`, `<![CDATA[`, `]]>&amp;&#x3c;script>`, `<?xml-stylesheet href="evil"?>`,
		`=cmd|' /C calc'!A0`, " =1+1", "\t@SUM(1)", "+1", "-1", "＝1", "a\x01b\x00c", "\u2028line", "𝕊𝕦𝕡𝕖𝕣 文字の長い名前です文字の長い名前です", strings.Repeat("W", 5000), "",
	}
}

func hostileSnapshot(t *testing.T) *taxonomy.Snapshot {
	t.Helper()
	objects := kitchen()
	for i, name := range hostile() {
		objects = append(objects, made(ap, 100+i, fmt.Sprintf(`"name":%s`, jsonText(name)), serving("heat", name), on(name+" ")))
	}
	tax := taxonomy.New(storetest.Open(t), quiet())
	load(t, tax, "hostile", []byte(bundle(objects...)))
	return tax.Snapshot()
}

func TestPictureOfHostileNames(t *testing.T) {
	m, fits, _ := hostileSnapshot(t).Filtered("kitchen-attack", taxonomy.Filter{})
	var svg bytes.Buffer
	if err := (taxonomy.Picture{Matrix: m, Fits: fits, About: hostile()[0], Unfold: true, Heat: map[string]int{stixID(ap, 3): 7}}).WriteSVG(&svg); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"svg": true, "title": true, "rect": true, "text": true, "tspan": true, "g": true}
	titles, all := map[string]int{}, ""
	d := xml.NewDecoder(bytes.NewReader(svg.Bytes()))
	for in := ""; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			in = x.Name.Local
			if !known[in] {
				t.Errorf("an element %s", in)
			}
			for _, a := range x.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" {
					t.Errorf("an attribute %s", a.Name.Local)
				}
			}
		case xml.CharData:
			if in == "title" {
				titles[string(x)]++
			}
			all += string(x) + " "
		case xml.ProcInst:
			if x.Target != "xml" {
				t.Errorf("an instruction %s", x.Target)
			}
		}
	}
	for _, want := range []string{hostile()[0], hostile()[1], hostile()[3], "T9001 Whisk", "T9001.001 Whisk slowly", "Without a tactic"} {
		if titles[want] == 0 {
			t.Errorf("no title %q", want)
		}
	}
	if !strings.Contains(all, "proposals: 7") || !strings.Contains(all, "Whisk slowly") {
		t.Error("the heat or a sub-technique is not there")
	}
	if svg.Len() > 200_000 {
		t.Errorf("%d bytes", svg.Len())
	}
}

func TestTableOfHostileNames(t *testing.T) {
	st, _ := hostileSnapshot(t).Statistics("kitchen-attack")
	var out bytes.Buffer
	if err := st.WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != len(st.Techniques)+1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	found := map[string]bool{}
	for _, row := range rows {
		for _, cell := range row {
			found[cell] = true
			if bare := strings.TrimSpace(cell); bare != "" && strings.ContainsAny(bare[:1], "=+-@|") {
				t.Errorf("a formula: %.60q", cell)
			}
		}
	}
	for _, want := range []string{"'=cmd|' /C calc'!A0", "' =1+1", "'+1", "T9001", "Whisk"} {
		if !found[want] {
			t.Errorf("no cell %q", want)
		}
	}
}
