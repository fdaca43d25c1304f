package taxonomy_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// linksOf lists every object that a page links to.
func linksOf(p taxonomy.ObjectPage) []taxonomy.Link {
	var links []taxonomy.Link
	var parts func(list []taxonomy.Part)
	parts = func(list []taxonomy.Part) {
		for _, one := range list {
			links = append(links, one.Object)
			parts(one.Parts)
		}
	}
	links = append(links, p.Subtechniques...)
	for _, one := range []*taxonomy.Link{p.Parent, p.Object.ReplacedBy} {
		if one != nil {
			links = append(links, *one)
		}
	}
	for _, f := range p.Facts {
		links = append(links, f.Links...)
	}
	for _, s := range p.Sections {
		for _, item := range s.Items {
			links = append(links, item.Object)
			parts(item.Parts)
		}
		for _, m := range s.Matrices {
			for _, c := range m.Columns {
				for _, cell := range c.Techniques {
					links = append(append(links, cell.Object), cell.Subtechniques...)
				}
			}
		}
	}
	return links
}

var (
	footnoteLink = regexp.MustCompile(`href="#((?:ref|part)-?[^"]*)-(\d+)"`)
	placeID      = regexp.MustCompile(` id="([^"]+)"`)
)

// checkPage holds what must be right on every page: each link leads to an
// object, each citation to a footnote, and no place has the name of another.
func checkPage(t *testing.T, s *taxonomy.Snapshot, p taxonomy.ObjectPage) {
	t.Helper()
	label := p.Object.AttackID + " " + p.Object.STIXID
	for _, link := range linksOf(p) {
		o, ok := s.Object(link.STIXID)
		if !ok || o.ATTACK != link.AttackID || link.Name == "" && o.Name != "" {
			t.Errorf("%s links to %+v, which is not there", label, link)
		}
	}
	for _, d := range p.Object.Tactics {
		if _, ok := s.Object(d.STIXID); d.STIXID != "" && !ok {
			t.Errorf("%s has the tactic %+v, which is not there", label, d)
		}
	}
	notes := map[string]int{"ref": len(p.References)}
	html := p.DescriptionHTML
	for _, one := range p.Prose {
		html += one.HTML
	}
	for _, f := range p.Facts {
		html += f.HTML
		if f.Label == "" || len(f.Values)+len(f.Links) == 0 && f.HTML == "" && f.Table == nil {
			t.Errorf("%s has a fact that says nothing: %+v", label, f)
		}
	}
	keys := map[string]bool{}
	for _, section := range p.Sections {
		if keys[section.Key] || section.Label == "" || len(section.Items) == 0 {
			t.Errorf("%s has the section %q twice, or without anything", label, section.Key)
		}
		keys[section.Key] = true
		for _, item := range section.Items {
			notes["ref-"+cmp.Or(item.STIXID, item.Object.STIXID)] = len(item.References)
			html += item.HTML
		}
	}
	for _, m := range footnoteLink.FindAllStringSubmatch(html, -1) {
		if n, ok := notes[m[1]]; !ok || m[2] == "0" || len(m[2]) > 3 || n == 0 {
			t.Errorf("%s cites %s-%s, which is no footnote", label, m[1], m[2])
		}
	}
	places := map[string]bool{}
	for _, m := range placeID.FindAllStringSubmatch(html, -1) {
		if places[m[1]] {
			t.Errorf("%s has two places of the name %s", label, m[1])
		}
		places[m[1]] = true
	}
}

// mostNodes is what a graph of ATT&CK stays below, so that it can be drawn.
const mostNodes = 400

// checkGraph holds what must be right of every graph: all hangs together, and
// nothing is there twice.
func checkGraph(t *testing.T, s *taxonomy.Snapshot, o *taxonomy.Object) {
	t.Helper()
	g, ok := s.Graph(o.ID, 2)
	if !ok || len(g.Nodes) == 0 || g.Nodes[0].Object.STIXID != o.ID || len(g.Nodes) > mostNodes {
		t.Errorf("the graph of %s has %d nodes", o.Label(), len(g.Nodes))
		return
	}
	reached := map[string]bool{o.ID: true}
	for _, e := range g.Edges {
		if !reached[e.From] {
			t.Errorf("the graph of %s: %+v starts from nowhere", o.Label(), e)
		}
		reached[e.To] = true
	}
	seen := map[string]bool{}
	for _, n := range g.Nodes {
		if seen[n.ID] || !reached[n.ID] || n.Kind != taxonomy.NodeGroup && n.Object == nil || n.Kind == taxonomy.NodeObject != (n.Count == 0) {
			t.Errorf("the graph of %s: %+v", o.Label(), n)
		}
		seen[n.ID] = true
	}
}

func TestGraphShowsTheFirstAndSaysHowManyMore(t *testing.T) {
	attacktest.Heavy(t)
	tax := taxonomy.New(storetest.Open(t), quiet())
	load(t, tax, "enterprise", attacktest.Unzipped(t, "enterprise-attack-18.1.json.gz"))
	s := tax.Snapshot()
	text := markdown.New(attack.LinkRules())
	page, _ := s.Page("T1105", text)
	g, _ := s.Graph("T1105", 1)
	for _, n := range g.Nodes {
		if n.Kind != taxonomy.NodeGroup || n.Key == "tactics" {
			continue
		}
		listed := map[string]bool{}
		for _, item := range section(page, n.Key).Items {
			listed[item.Object.STIXID] = true
		}
		shown, more := 0, 0
		for _, e := range g.Edges {
			if e.From == n.ID && listed[e.To] {
				shown++
			}
		}
		for _, m := range g.Nodes {
			if m.Kind == taxonomy.NodeMore && m.Key == n.Key {
				more = m.Count
			}
		}
		if n.Count != len(listed) || shown+more != n.Count || shown > 7 {
			t.Errorf("%s: %d are listed, %d in the graph, %d shown and %d more", n.Label, len(listed), n.Count, shown, more)
		}
	}
}

func TestEveryObjectOfEnterpriseHasAPage(t *testing.T) {
	attacktest.Heavy(t)
	tax := taxonomy.New(storetest.Open(t), quiet())
	load(t, tax, "enterprise", attacktest.Unzipped(t, "enterprise-attack-18.1.json.gz"))
	s, text := tax.Snapshot(), markdown.New(attack.LinkRules())
	types := map[string]int{}
	var slowest time.Duration
	var slow string
	for _, o := range s.Objects("enterprise-attack") {
		if o.Type == attack.TypeRelationship {
			continue
		}
		start := time.Now()
		page, ok := s.Page(o.ID, text)
		if took := time.Since(start); took > slowest {
			slowest, slow = took, o.Label()
		}
		if !ok || page.Object.TypeLabel == "" {
			t.Fatalf("%s has no page", o.Label())
		}
		types[o.Type]++
		checkPage(t, s, page)
		checkGraph(t, s, o)
		if o.ATTACK != "" && o.Live() {
			if by, ok := s.Object(o.ATTACK); !ok || by != o {
				t.Errorf("%s does not lead to %s", o.ATTACK, o.ID)
			}
		}
	}
	t.Logf("%d types, %v; the slowest page was that of %s: %v", len(types), types, slow, slowest)
	if len(types) < 15 {
		t.Errorf("only %d types were tried", len(types))
	}
}

func section(p taxonomy.ObjectPage, key string) taxonomy.Section {
	i := slices.IndexFunc(p.Sections, func(s taxonomy.Section) bool { return s.Key == key })
	if i < 0 {
		return taxonomy.Section{}
	}
	return p.Sections[i]
}

func TestPagesOfEnterprise(t *testing.T) {
	attacktest.Heavy(t)
	tax := taxonomy.New(storetest.Open(t), quiet())
	load(t, tax, "enterprise", attacktest.Unzipped(t, "enterprise-attack-18.1.json.gz"))
	s, text := tax.Snapshot(), markdown.New(attack.LinkRules())
	page := func(id string) taxonomy.ObjectPage {
		p, ok := s.Page(id, text)
		if !ok {
			t.Fatalf("there is no %s", id)
		}
		return p
	}
	injection := page("T1055")
	strategies := section(injection, "detections").Items
	if len(strategies) != 1 || len(strategies[0].Parts) == 0 || strategies[0].Parts[0].Object.Type != attack.TypeAnalytic ||
		!strings.Contains(strategies[0].Parts[0].HTML, "<p>") || len(strategies[0].Parts[0].Parts) == 0 {
		t.Errorf("detection of T1055: %+v", strategies)
	}
	source := strategies[0].Parts[0].Parts[0]
	if source.Object.Type != attack.TypeComponent || !slices.Equal(source.Beside.Columns, []string{"Name", "Channel"}) || len(source.Beside.Rows) == 0 || source.Beside.Rows[0][0] == "" {
		t.Errorf("a log source: %+v %+v", source.Object, source.Beside)
	}
	component := page(source.Object.STIXID)
	back := section(component, attack.TypeAnalytic+".x_mitre_log_source_references.x_mitre_data_component_ref")
	if !slices.ContainsFunc(back.Items, func(i taxonomy.Item) bool {
		return i.Object.STIXID == strategies[0].Parts[0].Object.STIXID && i.Beside != nil
	}) || back.Label != "Analytics" {
		t.Errorf("the data component does not lead back to the analytic: %s", back.Label)
	}
	if whole := section(component, attack.TypeStrategy+".x_mitre_analytic_refs"); whole.Label != "Detection strategies" || len(whole.Items) > len(back.Items) ||
		!slices.ContainsFunc(whole.Items, func(i taxonomy.Item) bool { return i.Object.STIXID == strategies[0].Object.STIXID && i.Parts == nil }) {
		t.Errorf("the data component does not lead to the strategy: %s, %d", whole.Label, len(whole.Items))
	}
	if tactics := section(page("x-mitre-matrix--eafc1b4c-5e56-4965-bd4e-66a6a89c88cc"), "tactic_refs").Items; len(tactics) != 14 || tactics[0].Object.AttackID != "TA0043" || tactics[13].Object.AttackID != "TA0040" {
		t.Errorf("a matrix lists its tactics not from left to right: %+v", tactics)
	}
	if own := section(page(strategies[0].Object.STIXID), "x_mitre_analytic_refs"); own.Label != "Analytics" || len(own.Items) != len(strategies[0].Parts) {
		t.Errorf("the strategy's own page: %+v", own)
	}
	group := section(page("G0016"), "techniques")
	if len(group.Items) < 50 || len(group.Matrices) != 1 || len(group.Matrices[0].Columns) < 10 {
		t.Errorf("the techniques of a group: %d in %d matrices", len(group.Items), len(group.Matrices))
	}
	shown := map[string]bool{} // live techniques, which have a place in the matrix
	for _, c := range group.Matrices[0].Columns {
		for _, cell := range c.Techniques {
			shown[cell.Object.STIXID] = shown[cell.Object.STIXID] || cell.Meant
			for _, sub := range cell.Subtechniques {
				shown[sub.STIXID] = true
			}
		}
	}
	for _, item := range group.Items {
		if !item.Object.Retired && !shown[item.Object.STIXID] {
			t.Errorf("%s is not in the group's matrix", item.Object.AttackID)
		}
	}
	if tactic := section(page("TA0001"), "techniques"); len(tactic.Items) < 9 || tactic.Matrices != nil {
		t.Errorf("the techniques of a tactic: %d", len(tactic.Items))
	}
	if revoked := page("T1066").Object; !revoked.Revoked || revoked.ReplacedBy == nil || revoked.ReplacedBy.AttackID != "T1027.005" {
		t.Errorf("a revoked technique: %+v", revoked)
	}
	apt := page("G0016")
	i := slices.IndexFunc(apt.References, func(f taxonomy.Footnote) bool { return f.Cited > 0 })
	if i < 0 || !strings.Contains(apt.DescriptionHTML, fmt.Sprintf(`id="cite-ref-%d-%d"`, i+1, apt.References[i].Cited)) {
		t.Error("the footnotes do not lead back")
	}
}

// TestTheBeginningOfAPage is the page, but for what its sections have beyond so
// many.
func TestTheBeginningOfAPage(t *testing.T) {
	s, text := realATTACK(t), markdown.New(attack.LinkRules())
	for _, most := range []int{1, 2, 1000} {
		page, _ := s.Page("T1055", text)
		begun, ok := s.Beginning("T1055", text, most)
		if !ok {
			t.Fatal("there is no page")
		}
		for i, one := range page.Sections {
			if one.Total != len(one.Items) {
				t.Errorf("%s: %d of %d", one.Key, len(one.Items), one.Total)
			}
			page.Sections[i].Items = one.Items[:min(most, len(one.Items))]
		}
		if d := diff.Diff(page, begun); d != "" {
			t.Errorf("at most %d: %s", most, d)
		}
	}
}
