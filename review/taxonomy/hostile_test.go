package taxonomy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// TestPagesOfWhatConsistsOfItself: objects that are, by their properties, parts
// of each other have pages all the same.
func TestPagesOfWhatConsistsOfItself(t *testing.T) {
	strategy, analytic := attack.TypeStrategy, attack.TypeAnalytic
	analytics := func(ids ...string) string { return fmt.Sprintf(`"x_mitre_analytic_refs":[%s]`, quoted(ids)) }
	logs := func(ids ...string) string {
		list := ""
		for i, id := range ids {
			if i > 0 {
				list += ","
			}
			list += fmt.Sprintf(`{"x_mitre_data_component_ref":%q,"name":"log","channel":"c"}`, id)
		}
		return `"x_mitre_log_source_references":[` + list + `]`
	}
	tax := taxonomy.New(storetest.Open(t), quiet())
	load(t, tax, "circles", []byte(bundle(
		odd(strategy, 1, analytics(oddID(strategy, 1), oddID(analytic, 3))),
		odd(strategy, 2, analytics(oddID(strategy, 1), oddID(strategy, 4))),
		odd(strategy, 4, analytics(oddID(strategy, 2))),
		odd(analytic, 3, logs(oddID(analytic, 3), oddID(strategy, 1), oddID(attack.TypeComponent, 5))),
		odd(attack.TypeComponent, 5, `"name":"Kettle"`),
		odd(attack.TypeTechnique, 6, idOf("T0001")),
		odd(attack.TypeRelationship, 7, fmt.Sprintf(`"relationship_type":"detects","source_ref":%q,"target_ref":%q`, oddID(strategy, 1), oddID(attack.TypeTechnique, 6))),
	)))
	s, text := tax.Snapshot(), markdown.New(attack.LinkRules())
	for _, o := range s.Objects("odd-attack") {
		p, ok := s.Page(o.ID, text)
		if !ok {
			t.Fatalf("%s has no page", o.ID)
		}
		checkPage(t, s, p)
	}
	p, _ := s.Page("T0001", text)
	parts := section(p, "detections").Items[0].Parts
	if len(parts) != 1 || parts[0].Object.STIXID != oddID(analytic, 3) || len(parts[0].Parts) != 1 || parts[0].Parts[0].Object.Name != "Kettle" {
		t.Errorf("the parts are %+v", parts)
	}
}

// TestManyPartsTakeTimeByTheirNumber: what is written of each object that a
// property names is read once, however many it names.
func TestManyPartsTakeTimeByTheirNumber(t *testing.T) {
	work := func(parts int) float64 {
		var objects, logs []string
		for i := range parts {
			objects = append(objects, odd(attack.TypeComponent, 100+i, ""))
			logs = append(logs, fmt.Sprintf(`{"x_mitre_data_component_ref":%q,"name":"log %d"}`, oddID(attack.TypeComponent, 100+i), i))
		}
		tax := taxonomy.New(storetest.Open(t), quiet())
		load(t, tax, "many", []byte(bundle(append(objects, odd(attack.TypeAnalytic, 1, `"x_mitre_log_source_references":[`+strings.Join(logs, ",")+`]`),
			odd(attack.TypeStrategy, 2, fmt.Sprintf(`"x_mitre_analytic_refs":[%q]`, oddID(attack.TypeAnalytic, 1))))...)))
		s, text := tax.Snapshot(), markdown.New(attack.LinkRules())
		return testing.AllocsPerRun(1, func() {
			for _, id := range []string{oddID(attack.TypeAnalytic, 1), oddID(attack.TypeStrategy, 2)} {
				if p, ok := s.Page(id, text); !ok || len(p.Sections) == 0 {
					t.Fatalf("%s has the page %+v", id, p)
				}
			}
		})
	}
	if few, many := work(50), work(200); many > 6*few {
		t.Errorf("50 parts take %.0f allocations and 200 take %.0f", few, many)
	}
}

// TestDeepListsAreShownAsTheyAre, and take no time that grows with their depth
// squared.
func TestDeepListsAreShownAsTheyAre(t *testing.T) {
	deep := strings.Repeat("[", 9000) + `"b"` + strings.Repeat("]", 9000)
	tax := taxonomy.New(storetest.Open(t), quiet())
	load(t, tax, "deep", []byte(bundle(odd(attack.TypeTool, 1, `"x_deep":["a",["b","c",`+deep+`]]`))))
	p, _ := tax.Snapshot().Page(oddID(attack.TypeTool, 1), markdown.New(attack.LinkRules()))
	if len(p.Facts) != 1 || len(p.Facts[0].Values) != 2 || p.Facts[0].Values[0] != "a" || p.Facts[0].Values[1] != "b, c, "+deep {
		t.Errorf("%d facts, %.200v", len(p.Facts), p.Facts)
	}
}

// TestWhatIsNoTextIsShownAllTheSame: a property that should hold text and holds
// something else is on the page.
func TestWhatIsNoTextIsShownAllTheSame(t *testing.T) {
	tax := taxonomy.New(storetest.Open(t), quiet())
	load(t, tax, "shapes", []byte(bundle(odd(attack.TypeTechnique, 1, `"x_mitre_detection":["look","listen"],"x_mitre_tactic_type":{"a":1},"x_mitre_first_seen_citation":[7]`))))
	p, _ := tax.Snapshot().Page(oddID(attack.TypeTechnique, 1), markdown.New(attack.LinkRules()))
	shown := map[string]string{}
	for _, f := range p.Facts {
		shown[f.Property] = strings.Join(f.Values, " ")
		if f.Table != nil {
			shown[f.Property] = f.Table.Rows[0][0]
		}
	}
	if shown["x_mitre_detection"] != "look listen" || shown["x_mitre_tactic_type"] != "1" || shown["x_mitre_first_seen_citation"] != "7" {
		t.Errorf("facts: %+v", p.Facts)
	}
}

// TestFilesThatSayTheirDomainByTheirTacticsOnly: MITRE's first files have no
// matrix, no tactics of their own and no x_mitre_domains.
func TestFilesThatSayTheirDomainByTheirTacticsOnly(t *testing.T) {
	for chain, want := range map[string]string{"mitre-attack": "enterprise-attack", "mitre-mobile-attack": "mobile-attack", "mitre-pre-attack": "pre-attack", "mitre-sea-attack": "sea-attack"} {
		technique := odd(attack.TypeTechnique, 1, fmt.Sprintf(`"name":"Tea","kill_chain_phases":[{"kill_chain_name":"other","phase_name":"x"},{"kill_chain_name":%q,"phase_name":"brew"}]`, chain))
		in := []byte(bundle(strings.Replace(technique, `,"x_mitre_domains":["odd-attack"]`, "", 1), strings.Replace(odd(attack.TypeGroup, 2, ""), `,"x_mitre_domains":["odd-attack"]`, "", 1)))
		tax := taxonomy.New(storetest.Open(t), quiet())
		if report := load(t, tax, "first", in); report.Domain != want {
			t.Errorf("%s is of the domain %q", chain, report.Domain)
			continue
		}
		sameObjects(t, in, exported(t, tax, want))
		if m, ok := tax.Snapshot().Matrix(want); !ok || len(m.Tactics) != 2 || m.Tactics[0].Name != "brew" || len(m.Tactics[0].Techniques) != 1 {
			t.Errorf("%s: the matrix is %+v", chain, m)
		}
	}
}

// TestMarkAtTheStart: the mark with which some programs begin a text is no
// part of the bundle.
func TestMarkAtTheStart(t *testing.T) {
	in := bundle(odd(attack.TypeTool, 1, ""))
	for name, content := range map[string]string{"plain": "\ufeff" + in, "zipped": zipped(t, "\ufeff"+in)} {
		tax := taxonomy.New(storetest.Open(t), quiet())
		if report := load(t, tax, name, []byte(content)); report.Objects != 1 {
			t.Errorf("%s: %+v", name, report)
		}
		sameObjects(t, []byte(in), exported(t, tax, "odd-attack"))
	}
}
