package taxonomy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// odd makes one object of a type, with what is odd about it.
func odd(kind string, number int, more string) string {
	if more != "" {
		more = "," + more
	}
	return fmt.Sprintf(`{"type":%q,"id":%q,"created":"2020-01-01T00:00:00.000Z","modified":"2020-01-01T00:00:00.000Z","x_mitre_domains":["odd-attack"]%s}`,
		kind, oddID(kind, number), more)
}

func oddID(kind string, number int) string {
	return fmt.Sprintf("%s--00000000-0000-4000-8000-%012x", kind, number)
}

// idOf gives an object its ATT&CK id.
func idOf(id string) string {
	return fmt.Sprintf(`"external_references":[{"source_name":"mitre-attack","external_id":%q}]`, id)
}

func under(number, child, parent int) string {
	return odd(attack.TypeRelationship, number, fmt.Sprintf(`"relationship_type":"subtechnique-of","source_ref":%q,"target_ref":%q`,
		oddID(attack.TypeTechnique, child), oddID(attack.TypeTechnique, parent)))
}

// kindsOf counts the findings of a report by kind.
func kindsOf(r taxonomy.Report) map[string]int {
	count := map[string]int{}
	for _, f := range r.Findings {
		count[f.Kind] = f.Count
	}
	return count
}

// readAll reads every page that there is of what is loaded.
func readAll(t testing.TB, tax *taxonomy.Taxonomy, ids []string) {
	t.Helper()
	now, text := tax.Snapshot(), markdown.New(attack.LinkRules())
	for _, id := range ids {
		if _, ok := now.Page(id, text); !ok {
			t.Errorf("%s has no page", id)
		}
		now.Parent(id)
		now.Children(id)
	}
	for _, d := range now.Domains() {
		if _, ok := now.Matrix(d.ID); !ok {
			t.Errorf("%s has no matrix", d.ID)
		}
	}
}

// TestWhatIsOddIsReportedAndKept imports each oddity in objects of every type.
func TestWhatIsOddIsReportedAndKept(t *testing.T) {
	attacktest.Heavy(t)
	technique := attack.TypeTechnique
	three := []string{odd(technique, 1, idOf("T0001")), odd(technique, 2, idOf("T0002")), odd(technique, 3, idOf("T0003"))}
	cases := map[string]struct {
		objects []string
		want    map[string]int
	}{
		"a circle of three": {append([]string{under(11, 1, 2), under(12, 2, 3), under(13, 3, 1)}, three...), map[string]int{taxonomy.SubtechniqueCycle: 1}},
		"below itself":      {append([]string{under(11, 1, 1)}, three...), map[string]int{taxonomy.SubtechniqueCycle: 1, taxonomy.SelfRelationship: 1}},
		"two circles and a tail": {append([]string{under(11, 1, 2), under(12, 2, 1), under(13, 3, 1), under(14, 3, 3)}, three...),
			map[string]int{taxonomy.SubtechniqueCycle: 2, taxonomy.SelfRelationship: 1, taxonomy.SeveralParents: 1}},
		"no parent": {[]string{odd(technique, 1, `"x_mitre_is_subtechnique":true`)}, map[string]int{taxonomy.NoParent: 1}},
		"tactic": {[]string{odd(technique, 1, `"kill_chain_phases":[{"kill_chain_name":"mitre-attack","phase_name":"a"},{"kill_chain_name":"mitre-attack","phase_name":"b"}]`),
			odd(attack.TypeTactic, 1, `"x_mitre_shortname":"a"`)}, map[string]int{taxonomy.UnknownTactic: 1}},
		"no ends": {[]string{odd(attack.TypeRelationship, 1, `"relationship_type":"uses"`)}, map[string]int{taxonomy.LooseRelationship: 1}},
		"ids of two types": {[]string{odd(technique, 1, idOf("T0001")), odd(attack.TypeMitigation, 1, idOf("T0001")+`,"revoked":false`)},
			map[string]int{taxonomy.SharedID: 1}},
	}
	types := []string{technique, attack.TypeTactic, attack.TypeMatrix, attack.TypeCollection, attack.TypeGroup, attack.TypeMalware, attack.TypeTool, attack.TypeCampaign,
		attack.TypeMitigation, attack.TypeIdentity, "x-mitre-analytic", "x-mitre-asset", "x-mitre-data-component", "x-mitre-data-source", "x-mitre-detection-strategy"}
	for _, kind := range types {
		one := func(name string, want map[string]int, objects ...string) {
			cases[kind+": "+name] = struct {
				objects []string
				want    map[string]int
			}{objects, want}
		}
		nowhere := oddID("attack-pattern", 99)
		one("nothing odd", map[string]int{}, odd(kind, 1, ""))
		one("one id twice", map[string]int{taxonomy.SharedID: 1}, odd(kind, 1, idOf("T0001")), odd(kind, 2, idOf("T0001")))
		one("an id used again", map[string]int{taxonomy.ReusedID: 1}, odd(kind, 1, idOf("T0001")), odd(kind, 2, idOf("T0001")+`,"x_mitre_deprecated":true`))
		one("two bodies", map[string]int{taxonomy.ConflictingVersion: 2}, odd(kind, 1, `"name":"a"`), odd(kind, 1, `"name":"b"`), odd(kind, 1, `"name":"c"`))
		one("there twice", map[string]int{taxonomy.DuplicateObject: 1}, odd(kind, 1, ""), odd(kind, 1, ""))
		one("two versions", map[string]int{taxonomy.DuplicateObject: 1}, odd(kind, 1, ""), strings.Replace(odd(kind, 1, ""), `"modified":"2020`, `"modified":"2021`, 1))
		one("too early", map[string]int{taxonomy.ModifiedTooEarly: 1}, strings.Replace(odd(kind, 1, ""), `"modified":"2020`, `"modified":"2019`, 1))
		one("no time", map[string]int{taxonomy.BadTime: 1}, strings.Replace(odd(kind, 1, ""), `"modified":"2020-01-01T00:00:00.000Z"`, `"modified":"yesterday"`, 1))
		one("dangling", map[string]int{taxonomy.DanglingReference: 4}, odd(kind, 1, fmt.Sprintf(`"a_ref":%q,"b_refs":[%q,%q],"c":[{"d_ref":%q}],"e":"_ref"`, nowhere, nowhere, oddID(kind, 1), nowhere)),
			odd(kind, 2, fmt.Sprintf(`"created_by_ref":%q`, nowhere)))
		one("scripts", map[string]int{taxonomy.ActiveMarkup: 4}, odd(kind, 1, `"name":"<script>alert(1)</script>"`), odd(kind, 2, `"description":"a \u003cIMG src=x onerror=alert(1)>"`),
			odd(kind, 3, `"external_references":[{"source_name":"x","url":"JavaScript:alert(1)"}]`), odd(kind, 4, `"x_more":["<iframe/>"],"description":"<code>a < b</code>"`))
		one("a name of 1 MB", map[string]int{taxonomy.LongName: 1}, odd(kind, 1, `"name":"`+strings.Repeat("ä", 1<<19)+`"`))
		if kind != attack.TypeCollection && kind != attack.TypeMatrix {
			one("a relationship to itself", map[string]int{taxonomy.SelfRelationship: 1}, odd(kind, 1, ""),
				odd(attack.TypeRelationship, 1, fmt.Sprintf(`"relationship_type":"uses","source_ref":%q,"target_ref":%q`, oddID(kind, 1), oddID(kind, 1))))
		}
	}
	cases["unknown type"] = struct {
		objects []string
		want    map[string]int
	}{[]string{odd("x-new-thing", 1, `"name":"new"`)}, map[string]int{taxonomy.UnknownType: 1}}
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		tax := taxonomy.New(db, quiet())
		for i, name := range slices.Sorted(maps.Keys(cases)) {
			c := cases[name]
			// Each case has a domain and ids of its own, as if it were alone.
			in := strings.NewReplacer("odd-attack", fmt.Sprintf("odd%d-attack", i), "-4000-8000-", fmt.Sprintf("-4000-8%03x-", i), `"T000`, fmt.Sprintf(`"T%d`, 100+i)).Replace(bundle(c.objects...))
			report := load(t, tax, name, []byte(in))
			if d := cmp.Diff(c.want, kindsOf(report)); d != "" {
				t.Errorf("%s: findings: %s", name, d)
			}
			for _, f := range report.Findings {
				if len(f.Examples) == 0 || len(f.Examples) > 5 || len(f.Examples) > f.Count || f.Title == "" || f.Text == "" || len([]rune(f.Examples[0].Text)) > 160 {
					t.Errorf("%s: the finding %+v", name, f)
				}
			}
			sameObjects(t, []byte(in), exported(t, tax, report.Domain))
			var ids []string
			for _, o := range tax.Snapshot().Objects(report.Domain) {
				ids = append(ids, o.ID)
			}
			readAll(t, tax, ids)
			kept, err := tax.ReportOf(t.Context(), report.Domain, report.Collection)
			if d := cmp.Diff(report, kept); d != "" || err != nil {
				t.Errorf("%s: the report is kept as %s, %v", name, d, err)
			}
		}
	})
}

// TestStrictImportsRefuseWhatIsSevere and load nothing of it.
func TestStrictImportsRefuseWhatIsSevere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		tax := taxonomy.New(db, quiet())
		strict := func(objects ...string) (taxonomy.Report, error) {
			return tax.Import(t.Context(), taxonomy.Source{Reader: strings.NewReader(bundle(objects...)), Strict: true}, nil)
		}
		_, err := strict(odd("tool", 1, ""), odd("tool", 1, `"a":1`))
		f, ok := err.(*fault.Error)
		if !ok || f.Code != fault.Invalid {
			t.Fatalf("a severe fault gave %v", err)
		}
		report, ok := f.Details.(taxonomy.Report)
		if !ok || kindsOf(report)[taxonomy.ConflictingVersion] != 1 || report.Collection != 0 {
			t.Errorf("its details are %+v", f.Details)
		}
		var stored int64
		if err := db.Raw("SELECT (SELECT count(*) FROM objects) + (SELECT count(*) FROM collections) + (SELECT count(*) FROM import_reports)").Scan(&stored).Error; err != nil || stored != 0 {
			t.Errorf("%d rows were stored, %v", stored, err)
		}
		if report, err := strict(odd("tool", 1, `"a_ref":"tool--00000000-0000-4000-8000-000000000009"`)); err != nil || kindsOf(report)[taxonomy.DanglingReference] != 1 {
			t.Errorf("with a notice only: %+v, %v", report, err)
		}
	})
}

// TestWhatWasThereBefore is held against what a file brings.
func TestWhatWasThereBefore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		tax := taxonomy.New(db, quiet())
		index := taxonomy.Source{Reader: strings.NewReader(bundle(odd("tool", 1, idOf("S0001")))), Kind: taxonomy.FromIndex}
		if _, err := tax.Import(t.Context(), index, nil); err != nil {
			t.Fatal(err)
		}
		first := load(t, tax, "first", []byte(bundle(odd("tool", 1, idOf("S0001")+`,"name":"a"`))))
		if len(first.Findings) != 0 {
			t.Errorf("text for what the index has is a finding: %+v", first.Findings)
		}
		if err := db.Exec("INSERT INTO assigned_ids (attack_id, stix_id, release_id) VALUES ('S0001', ?, 'r'), ('T9000.001', ?, 'r')", oddID("tool", 1), oddID("attack-pattern", 8)).Error; err != nil {
			t.Fatal(err)
		}
		second := load(t, tax, "second", []byte(bundle(odd("tool", 1, idOf("S0001")+`,"name":"b"`), odd(attack.TypeTechnique, 1, idOf("T9000.001")))))
		if d := cmp.Diff(map[string]int{taxonomy.ChangedSilently: 1, taxonomy.TakenID: 1}, kindsOf(second)); d != "" {
			t.Errorf("findings: %s", d)
		}
		other := strings.ReplaceAll(bundle(odd("malware", 1, idOf("S0001"))), "odd-attack", "else-attack")
		if d := cmp.Diff(map[string]int{taxonomy.IDElsewhere: 1, taxonomy.TakenID: 1}, kindsOf(load(t, tax, "other", []byte(other)))); d != "" {
			t.Errorf("findings in another domain: %s", d)
		}
		reports, err := tax.Reports(t.Context())
		if err != nil || len(reports) != 4 || reports[0].File != "other" {
			t.Errorf("the reports are %+v, %v", reports, err)
		}
		_, err = tax.ReportOf(t.Context(), "else-attack", first.Collection)
		if f, ok := err.(*fault.Error); !ok || f.Code != fault.NotFound {
			t.Errorf("a report of another domain: %v", err)
		}
	})
}

// TestOfficialFilesHaveNothingSevere, so that a strict import takes them.
func TestOfficialFilesHaveNothingSevere(t *testing.T) {
	attacktest.Heavy(t)
	for _, name := range []string{"enterprise-attack-17.1", "enterprise-attack-18.1", "mobile-attack-17.0", "mobile-attack-17.1"} {
		tax := taxonomy.New(storetest.Open(t), quiet())
		report, err := tax.Import(t.Context(), taxonomy.Source{Name: name, Reader: bytes.NewReader(attacktest.Unzipped(t, name+".json.gz")), Strict: true}, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, _ := json.Marshal(kindsOf(report))
		t.Logf("%s: %s", name, text)
		if slices.ContainsFunc(report.Findings, func(f taxonomy.Finding) bool { return f.Severity == taxonomy.Severe }) {
			t.Errorf("%s: %+v", name, report.Findings)
		}
	}
}
