package review_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/sheet"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// sheetOf makes a spreadsheet whose first row stands in row 2.
func sheetOf(rows ...[]string) review.Sheet {
	in := review.Sheet{Columns: sheet.Mapping{Who: 1, Technique: 2, Description: 3, Source: 4, URL: 5, Citation: 6}}
	for i, cells := range rows {
		in.Table.Rows = append(in.Table.Rows, sheet.Row{Number: i + 2, Cells: cells})
	}
	return in
}

func example(who, technique, text string) []string {
	return []string{who, technique, text, "Steam Notes", "https://example.com/steam", "Example, B. (2025). Steam."}
}

func codes(checks []review.Check, level check.Level) []string {
	var list []string
	for _, c := range checks {
		if c.Level == level {
			list = append(list, c.Code)
		}
	}
	return list
}

func TestASheetMakesAllOrNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d, ctx := open(t, db), t.Context()
		var rows [][]string
		for i := range 600 {
			rows = append(rows, example(gang, "T1001", fmt.Sprintf("The gang overfilled kettle number %d.", i)))
		}
		rows[499] = example(gang, "T1999", "The gang did what there is not.")
		before := d.kinds()
		_, err := d.MakeSheet(ctx, d.ana, domain, sheetOf(rows...))
		var refused *fault.Error
		if !errors.As(err, &refused) || refused.Code != fault.Invalid {
			t.Fatalf("a sheet with a wrong row is answered by %v", err)
		}
		report, _ := refused.Details.(review.SheetReport)
		if report.Errors != 1 || len(report.Rows) != 600 || !slices.Equal(codes(report.Rows[499].Checks, check.Error), []string{review.CodeUnknownName}) || report.Rows[499].Row != 501 {
			t.Errorf("the report has %d errors in %d rows", report.Errors, len(report.Rows))
		}
		if drafts, err := d.Drafts(ctx, d.ana); err != nil || len(drafts) != 0 {
			t.Errorf("%d drafts were made, %v", len(drafts), err)
		}
		rows[499] = example(gang, "T1001", "The gang overfilled another kettle.")
		made, err := d.MakeSheet(ctx, d.ana, domain, sheetOf(rows...))
		if err != nil {
			t.Fatal(err)
		}
		drafts, err := d.Drafts(ctx, d.ana)
		if err != nil || len(drafts) != 600 || len(made.Proposals) != 600 || made.First != 1 {
			t.Errorf("%d drafts from number %d, %v", len(drafts), made.First, err)
		}
		one, err := d.Draft(ctx, d.ana, made.Proposals[7])
		if err != nil || one.Proposal.Number != 8 || one.Content[attack.FieldDescription].Text != "The gang overfilled kettle number 7.(Citation: Steam Notes)" {
			t.Errorf("the eighth is %+v, %v", one, err)
		}
		if listed, err := d.List(ctx, d.rob, review.Filter{}); err != nil || len(listed) != 0 || !slices.Equal(d.kinds(), before) {
			t.Errorf("others see %d of them, %v, and events %v", len(listed), err, d.kinds())
		}
		again, err := d.TrySheet(ctx, d.ana, domain, sheetOf(rows[0]))
		if err != nil || !slices.Contains(codes(again.Rows[0].Checks, check.Warning), check.CodeDuplicate) {
			t.Errorf("a sheet that was used already says %+v, %v", again, err)
		}
	})
}

func TestASheetIsSubmitted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := open(t, db)
		in := sheetOf(example(gang, "T1001", "The gang overfilled a kettle."), example(gang, redirect, "The gang turned the steam."))
		in.Submit = true
		request := journal.WithRequest(t.Context(), d.ana.User, "key", "hash")
		made, err := d.MakeSheet(request, d.ana, domain, in)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := d.MakeSheet(request, d.ana, domain, in); err != nil || !slices.Equal(twice.Proposals, made.Proposals) {
			t.Errorf("a repeat made %v, %v", twice, err)
		}
		listed, err := d.List(t.Context(), d.rob, review.Filter{})
		if err != nil || len(listed) != 2 || !slices.Equal(d.kinds(), []string{review.KindSubmitted, review.KindSubmitted}) {
			t.Fatalf("%d are listed, %v, %v", len(listed), err, d.kinds())
		}
		// One that was submitted by hand looks the same to reviewers.
		by := d.submit(d.start(attack.ProcedureExample, "", attack.Content{attack.FieldSource: {Text: gang}, attack.FieldTarget: {Text: overfill},
			attack.FieldDescription: {Text: "By hand.(Citation: Steam Notes)"}, attack.FieldReferences: good()[attack.FieldReferences]}))
		of, err := d.Get(t.Context(), d.rob, made.Proposals[0])
		if err != nil || of.State != by.State || of.Turn.Role != by.Turn.Role || of.Revision != by.Revision || of.Title != by.Title ||
			len(of.Content.Fields) != len(by.Content.Fields) || of.Standing == nil || of.Standing.State != by.Standing.State {
			t.Errorf("of a sheet: %+v\nby hand: %+v, %v", of, by, err)
		}
		if _, err := d.Review(t.Context(), d.rob, of.ID, review.ActionApprove, review.Verdict{Revision: 1}); err != nil {
			t.Errorf("it is not approved: %v", err)
		}
		d.ana.Roles = []review.Role{review.Observer}
		_, err = d.MakeSheet(t.Context(), d.ana, domain, in)
		wants(t, "an observer", err, fault.Forbidden)
	})
}

func TestRowsOfASheetAreHeldAgainstEachOther(t *testing.T) {
	d := open(t, storetest.Open(t))
	report, err := d.TrySheet(t.Context(), d.ana, domain, sheetOf(
		example(gang, "T1001", "The gang overfilled a kettle."),
		example(gang, "t1001", "The gang  overfilled a kettle"),
		example(gang, "T1001", "The gang overfilled it, too."),
		[]string{"", "", "", "", "", ""},
		[]string{gang, "T1001", "A text.", "", "hxxp://example.com", ""},
		example(gang, "T1001", "A \u202etext."),
	))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]string{nil, {review.CodeSameRow}, nil, {check.CodeRequired, check.CodeRequired, check.CodeRequired, check.CodeRequired},
		{check.CodeUnnamed, check.CodeURL}, {"invalid"}} {
		if got := codes(report.Rows[i].Checks, check.Error); !slices.Equal(got, want) {
			t.Errorf("row %d: %v, want %v: %+v", i+2, got, want, report.Rows[i].Checks)
		}
	}
	if got := codes(report.Rows[2].Checks, check.Warning); !slices.Contains(got, check.CodeDuplicate) {
		t.Errorf("the same two in row 4: %v", got)
	}
	if report.Errors != 4 {
		t.Errorf("%d rows have errors", report.Errors)
	}
}

// hall is a workshop on Enterprise.
func hall(t testing.TB) (*review.Proposals, review.Actor, *taxonomy.Taxonomy) {
	t.Helper()
	db := storetest.Open(t)
	ctx, j, tax, p := t.Context(), journal.New(db), taxonomy.New(db, slog.New(slog.DiscardHandler)), people.New(db)
	if _, err := tax.Import(ctx, taxonomy.Source{Name: "e", Reader: bytes.NewReader(attacktest.Unzipped(t, "enterprise-attack-18.1.json.gz"))}, nil); err != nil {
		t.Fatal(err)
	}
	fay, err := p.Add(ctx, people.Account{User: people.User{Name: "Fay"}})
	if err != nil {
		t.Fatal(err)
	}
	rooms := workshop.New(db, j, p)
	w, err := rooms.Create(ctx, fay.ID, workshop.Workshop{Brief: workshop.Brief{Name: "W", StartsOn: "2026-12-01", EndsOn: "2026-12-01", TLP: "clear"}, Domain: enterprise})
	if err != nil {
		t.Fatal(err)
	}
	return review.New(db, j, tax, markdown.New(attack.LinkRules()), rooms.CircleIn), review.Actor{User: fay.ID, Roles: []review.Role{review.Facilitator}, Workshop: w.ID}, tax
}

// TestEnterpriseIsNamedAsPeopleDo looks up what reports write.
func TestEnterpriseIsNamedAsPeopleDo(t *testing.T) {
	attacktest.Heavy(t)
	p, fay, _ := hall(t)
	for _, c := range []struct{ who, technique, source, target, code, says string }{
		{"G0016", "T1059.001", "G0016", "T1059.001", "", ""},
		{"APT29", "PowerShell", "G0016", "T1059.001", "", ""},
		{"apt 29", "powershell", "G0016", "T1059.001", "", ""},
		{"Cozy Bear", "T1059.001: PowerShell", "G0016", "T1059.001", "", ""},
		{"Midnight Blizzard", "PowerShell (T1059.001)", "G0016", "T1059.001", "", ""},
		{"G0016 (APT29)", "https://attack.mitre.org/techniques/T1059/001/", "G0016", "T1059.001", "", ""},
		{"APT29 – G0016", "Command and Scripting Interpreter: PowerShell", "G0016", "T1059.001", "", ""},
		{"Mimikatz", "T1003.001 LSASS Memory", "S0002", "T1003.001", "", ""},
		{"SolarWinds Compromise", "Phishing", "C0024", "T1566", "", ""},
		{"C0024", "t1566.001", "C0024", "T1566.001", "", ""},
		{"APT29", "T1059.001 Python", "G0016", "T1059.001", review.CodeOtherName, "PowerShell"},
		{"APT29", "Domain Account", "G0016", "", review.CodeAmbiguousName, "T1136.002"},
		{"APT29", "T1086", "G0016", "T1086", check.CodeRetired, "revoked"},
		{"APT29", "T1086", "G0016", "T1086", review.CodeReplaced, "T1059.001"},
		{"APT29", "T1003.001 or T1059.001", "G0016", "", review.CodeAmbiguousName, "LSASS"},
		{"APT29", "T9999", "G0016", "", review.CodeUnknownName, "T9999"},
		{"APT29", "Powershel script", "G0016", "", review.CodeUnknownName, "There is no"},
		{"APT29", "Spearphishing Attachement", "G0016", "", review.CodeUnknownName, "T1566.001"},
		{"APT 2999", "PowerShell", "", "T1059.001", review.CodeUnknownName, "APT 2999"},
		{"T1059", "PowerShell", "", "T1059.001", check.CodeWrongType, "Command and Scripting"},
		{"APT29", "Mimikatz", "G0016", "", review.CodeUnknownName, "Mimikatz"},
	} {
		report, err := p.TrySheet(t.Context(), fay, enterprise, sheetOf(example(c.who, c.technique, "They did a thing that was seen.")))
		if err != nil {
			t.Fatal(err)
		}
		row := report.Rows[0]
		source, target := "", ""
		if row.Source != nil {
			source = row.Source.AttackID
		}
		if row.Target != nil {
			target = row.Target.AttackID
		}
		i := slices.IndexFunc(row.Checks, func(f review.Check) bool { return f.Code == c.code })
		if source != c.source || target != c.target || c.code != "" && (i < 0 || !strings.Contains(row.Checks[i].Message, c.says)) || c.code == "" && report.Errors > 0 {
			t.Errorf("%s, %s: %s, %s: %+v", c.who, c.technique, source, target, row.Checks)
		}
	}
}

// TestEnterpriseFindsItsOwnExamples reads a thousand of Enterprise's procedure
// examples back as a sheet, by name: each is found, and is there already.
func TestEnterpriseFindsItsOwnExamples(t *testing.T) {
	attacktest.Heavy(t)
	p, fay, tax := hall(t)
	in, want := ownExamples(tax.Snapshot(), 1000)
	report, err := p.TrySheet(t.Context(), fay, enterprise, in)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range report.Rows {
		if row.Source == nil || row.Target == nil || row.Source.STIXID != want[i].Source || row.Target.STIXID != want[i].Target {
			t.Errorf("row %d, %s – %s: %v", row.Row, row.Who, row.Technique, row.Checks)
			continue
		}
		if !slices.Contains(codes(row.Checks, check.Warning), check.CodeDuplicate) {
			t.Errorf("row %d is there already, and %v", row.Row, row.Checks)
		}
	}
}

// ownExamples makes a sheet of procedure examples of a domain.
func ownExamples(now *taxonomy.Snapshot, n int) (in review.Sheet, list []*taxonomy.Object) {
	var rows [][]string
	for _, o := range now.Objects(enterprise) {
		source, okSource := now.Object(o.Source)
		target, okTarget := now.Object(o.Target)
		if len(rows) == n || !okSource || !okTarget || o.Kind != attack.Uses || !o.Live() || target.Type != attack.TypeTechnique || !source.Live() || !target.Live() || len(o.References) == 0 {
			continue
		}
		name := target.Name
		if parent, ok := now.Parent(target.ID); ok {
			name = parent.Name + ": " + name
		}
		who := source.ATTACK // a campaign may be called as a group is
		if len(rows)%2 == 0 {
			who = source.ATTACK + " " + source.Name
		}
		ref := o.References[0]
		rows, list = append(rows, []string{who, name, o.Description, ref.SourceName, ref.URL, ref.Description}), append(list, o)
	}
	return sheetOf(rows...), list
}

// BenchmarkSheet tries a thousand rows, and such of which half name a technique
// that there is not, beside the floor: the same rows, read and looked up by id.
func BenchmarkSheet(b *testing.B) {
	p, fay, tax := hall(b)
	now := tax.Snapshot()
	good, list := ownExamples(now, 1000)
	bad := sheetOf()
	bad.Table.Rows = slices.Clone(good.Table.Rows)
	for i := 0; i < len(bad.Table.Rows); i += 2 {
		cells := slices.Clone(bad.Table.Rows[i].Cells)
		cells[1] = fmt.Sprintf("%s of kind %d", cells[1], i)
		bad.Table.Rows[i].Cells = cells
	}
	tax.Index()
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	for _, row := range append([]sheet.Row{{Cells: []string{"who", "technique", "description", "source", "url", "citation"}}}, good.Table.Rows...) {
		if err := w.Write(row.Cells); err != nil {
			b.Fatal(err)
		}
	}
	w.Flush()
	start := time.Now()
	table, err := sheet.Read(text.Bytes(), "")
	if err != nil || len(table.Rows) != len(list) {
		b.Fatalf("%d rows are read, %v", len(table.Rows), err)
	}
	for _, o := range list {
		for _, id := range []string{o.Source, o.Target} {
			if _, ok := now.Object(id); !ok {
				b.Fatal("an object is not there")
			}
		}
	}
	floor := time.Since(start)
	for name, in := range map[string]review.Sheet{"known": good, "half-unknown": bad} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := p.TrySheet(b.Context(), fay, enterprise, in); err != nil {
					b.Fatal(err)
				}
			}
			took := b.Elapsed() / time.Duration(b.N)
			b.ReportMetric(float64(took)/float64(floor), "times-the-floor")
			if took > 3*time.Second {
				b.Errorf("a thousand rows took %v; 3s is the limit", took)
			}
		})
	}
}
