package review_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
)

const (
	slowOverfill = "attack-pattern--00000000-0000-4000-9000-000000000007"
	uses         = "relationship--00000000-0000-4000-9000-000000000011" // gang uses overfill
)

func pieces(rows ...string) (v attack.Value) {
	for i := 0; i < len(rows); i += 2 {
		v.Rows = append(v.Rows, map[string]string{attack.ColumnKey: rows[i], attack.FieldName: rows[i+1], attack.FieldDescription: "It spills."})
	}
	return v
}

// several submits a proposal that changes several objects.
func (d *desk) several(kind, object string, content attack.Content) review.Proposal {
	d.t.Helper()
	return d.submit(d.start(kind, object, content))
}

func TestAChangeOfPlaceIsOneProposal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := open(t, db)
		p := d.several(attack.ToSubtechnique, redirect, attack.Content{attack.FieldParent: {Text: overfill}, attack.FieldTactics: {List: []string{"boiling"}}})
		if p.Title != "Spout Redirect becomes a sub-technique of Kettle Overfill" || p.Object.AttackID != "T1002" || p.Action != attack.Several {
			t.Errorf("it is %q of %+v", p.Title, p.Object)
		}
		if !slices.Contains(p.Techniques, redirect) || !slices.Contains(p.Techniques, overfill) || len(p.Techniques) != 2 || len(p.Makes) != 1 ||
			p.Makes[0].Label != "NEW-1.1" || p.Makes[0].Kind != attack.NewSubtechnique {
			t.Errorf("it touches %v and makes %+v", p.Techniques, p.Makes)
		}
		parts, err := d.Parts(t.Context(), d.rob, p.ID, 1)
		if err != nil || len(parts) != 2 || parts[0].Copies.AttackID != "T1002" || parts[1].Object.AttackID != "T1002" || parts[1].Fields[0].Labels[p.Makes[0].STIXID] != "Spout Redirect" {
			t.Fatalf("its parts are %+v, %v", parts, err)
		}
		for _, f := range parts[0].Fields {
			if want := f.Field.Name == attack.FieldParent || f.Field.Name == attack.FieldTactics; f.Changed != want {
				t.Errorf("%s is changed: %v", f.Field.Name, f.Changed)
			}
		}
		seen, err := d.Start(t.Context(), d.ana, domain, review.NewProposal{Kind: attack.ProcedureExample, ObjectID: p.Makes[0].STIXID, Content: attack.Content{
			attack.FieldSource: {Text: gang}, attack.FieldDescription: {Text: "Teapot Gang did.(Citation: Steam Notes)"}, attack.FieldReferences: good()[attack.FieldReferences]}})
		if err != nil {
			t.Fatal(err)
		}
		early := d.submit(seen)
		_, err = d.Review(t.Context(), d.rob, early.ID, review.ActionApprove, review.Verdict{Revision: 1})
		if fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "It builds on #1 Spout Redirect becomes") {
			t.Errorf("an example of what it makes: %v", err)
		}
		if _, err := d.Parts(t.Context(), d.rob, p.ID, 0); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("the parts of somebody's draft: %v", err)
		}
	})
}

func TestWhatAFormStartsFrom(t *testing.T) {
	d := open(t, storetest.Open(t))
	for _, c := range []struct{ kind, object, want string }{
		{attack.ToSubtechnique, slowOverfill, "T1001.001 is a sub-technique"},
		{attack.ToSubtechnique, overfill, "T1001 has sub-techniques"},
		{attack.ToTechnique, redirect, "T1002 is no sub-technique"},
		{attack.MoveSubtechnique, redirect, "T1002 is no sub-technique"},
		{attack.MoveTactics, gang, "cannot be changed in this way"},
		{attack.HandOver, gang, "no kind of proposal"},
		{attack.BulkChange, gang, "does not start from"},
	} {
		_, err := d.Start(t.Context(), d.ana, domain, review.NewProposal{Kind: c.kind, ObjectID: c.object})
		if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s of %s: %v", c.kind, c.object, err)
		}
	}
	for want, ids := range map[string][]string{"not in this workshop's domain": {"T9999"}, "cannot be changed": {"T1001", gang}, "200 are allowed": make([]string, 201)} {
		_, err := d.Start(t.Context(), d.ana, domain, review.NewProposal{Kind: attack.BulkChange, ObjectIDs: ids})
		if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", ids, err)
		}
	}
	if _, err := d.Start(t.Context(), d.ana, domain, review.NewProposal{Kind: attack.Refinement, ObjectID: redirect, ObjectIDs: []string{"T1001"}}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a selection for a refinement: %v", err)
	}
}

// TestChecksLookAtTheParts tries what is wrong with each kind.
func TestChecksLookAtTheParts(t *testing.T) {
	d := open(t, storetest.Open(t))
	for _, c := range []struct {
		name, kind, object, want string
		content                  attack.Content
	}{
		{"no parent", attack.ToSubtechnique, redirect, "parent required: New parent is missing.", nil},
		{"itself", attack.ToSubtechnique, redirect, "It cannot be a sub-technique of itself.", attack.Content{attack.FieldParent: {Text: redirect}}},
		{"below a part", attack.ToSubtechnique, redirect, "Slow Overfill is a sub-technique itself", attack.Content{attack.FieldParent: {Text: slowOverfill}}},
		{"where it is", attack.MoveSubtechnique, slowOverfill, "It is a sub-technique of Kettle Overfill already.", attack.Content{attack.FieldParent: {Text: overfill}}},
		{"no tactic", attack.MoveTactics, redirect, "Tactics are missing.", attack.Content{attack.FieldTactics: {}}},
		{"the same name", "rename-technique", redirect, "Nothing is changed yet.", nil},
		{"no name", "rename-technique", redirect, "Name is missing.", attack.Content{attack.FieldName: {}}},
		{"no heir", "merge-technique", redirect, "replacement required: Merge into is missing.", nil},
		{"no replacement", "revoke-technique", redirect, "replacement required: Takes its place is missing.", attack.Content{attack.FieldCarry: {Text: "true"}}},
		{"no pieces", attack.SplitTechnique, redirect, "pieces required: The new ones are missing.", attack.Content{attack.FieldRetire: {Text: "true"}}},
		{"into a group", "merge-technique", redirect, "“Merge into” takes techniques. Teapot Gang is none.", attack.Content{attack.FieldReplacement: {Text: gang}}},
		{"both ways", attack.BulkChange, "", `"Kettle" is added and taken out.`, attack.Content{attack.FieldObjects: {List: []string{redirect}},
			attack.FieldAddPlatforms: {List: []string{"Kettle"}}, attack.FieldRemovePlatforms: {List: []string{"Kettle"}}}},
		{"into itself", "merge-technique", redirect, "cannot be the object itself", attack.Content{attack.FieldReplacement: {Text: redirect}}},
		{"what has parts", "merge-technique", overfill, "T1001 Kettle Overfill: Kettle Overfill has sub-techniques.", attack.Content{attack.FieldReplacement: {Text: redirect}}},
		{"an unknown citation", "merge-technique", redirect, `cites "Nowhere"`, attack.Content{attack.FieldReplacement: {Text: slowOverfill}, attack.FieldDescription: {Text: "Both.(Citation: Nowhere)"}}},
		{"an unknown platform", attack.BulkChange, "", `"Moon" is not one of the platforms`, attack.Content{attack.FieldObjects: {List: []string{redirect}}, attack.FieldAddPlatforms: {List: []string{"Moon"}}}},
		{"the only platform", attack.BulkChange, "", "T1002 Spout Redirect: Platforms are missing.", attack.Content{attack.FieldObjects: {List: []string{redirect}}, attack.FieldRemovePlatforms: {List: []string{"Kettle"}}}},
		{"one piece", attack.SplitTechnique, redirect, "One more is no split.", attack.Content{attack.FieldPieces: pieces("a", "Drip")}},
		{"two of a name", attack.SplitTechnique, redirect, `Two of the new ones are called "drip".`, attack.Content{attack.FieldPieces: pieces("a", "Drip", "b", "drip")}},
		{"an end that cannot be", attack.SplitTechnique, redirect, "It cannot be deprecated while", attack.Content{attack.FieldPieces: pieces("a", "Drip"),
			attack.FieldBelow: {Text: "true"}, attack.FieldRetire: {Text: "true"}}},
		{"a piece that is gone", attack.SplitTechnique, overfill, "not among the new ones any more", attack.Content{attack.FieldPieces: pieces("a", "Drip", "b", "Drop"),
			attack.FieldExamples: {Rows: []map[string]string{{attack.ColumnExample: uses, attack.ColumnPiece: "c"}}}}},
		{"a piece without a text", attack.SplitTechnique, redirect, "The new ones: a row has no description.", attack.Content{
			attack.FieldPieces: {Rows: []map[string]string{{attack.ColumnKey: "a", attack.FieldName: "Drip"}}}}},
		{"nothing to look for", attack.SearchReplace, "", "Look for is missing.", attack.Content{attack.FieldObjects: {List: []string{redirect}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			draft := d.start(c.kind, c.object, c.content)
			var said []string
			for _, one := range draft.Checks {
				if one.Level == check.Error || strings.Contains(one.Message, "cites") {
					said = append(said, one.Field+" "+one.Code+": "+one.Message)
				}
			}
			if !strings.Contains(strings.Join(said, "\n"), c.want) {
				t.Errorf("it says %q", said)
			}
			_, err := d.Submit(t.Context(), d.ana, draft.Proposal.ID, review.Submission{Version: draft.Version})
			if failed := slices.ContainsFunc(draft.Checks, func(c review.Check) bool { return c.Level == check.Error }); failed != (fault.CodeOf(err) == fault.Invalid) {
				t.Errorf("submitted all the same: %v", err)
			}
		})
	}
}

// TestRowsWithTheSameGapAreToldOnce has two pieces without a text, and three of
// one name.
func TestRowsWithTheSameGapAreToldOnce(t *testing.T) {
	d := open(t, storetest.Open(t))
	rows := pieces("a", "Drip", "b", "Drip", "c", "Drip")
	for _, row := range rows.Rows {
		delete(row, attack.FieldDescription)
	}
	said := map[string]int{}
	for _, c := range d.start(attack.SplitTechnique, redirect, attack.Content{attack.FieldPieces: rows}).Checks {
		said[c.Field+" "+c.Message]++
	}
	for _, want := range []string{"pieces The new ones: a row has no description.", `pieces Two of the new ones are called "Drip".`} {
		if said[want] != 1 {
			t.Errorf("%q is told %d times: %v", want, said[want], said)
		}
	}
}

// TestTheSameFindingIsToldOnce has a finding on each of three objects.
func TestTheSameFindingIsToldOnce(t *testing.T) {
	d := open(t, storetest.Open(t))
	draft := d.start(attack.BulkChange, "", attack.Content{attack.FieldObjects: {List: []string{redirect, slowOverfill, overfill}},
		attack.FieldRemoveTactics: {List: []string{"boiling", "pouring"}}})
	var said []string
	for _, one := range draft.Checks {
		if one.Level == check.Error {
			said = append(said, one.Message)
		}
	}
	if !slices.Equal(said, []string{"T1002 Spout Redirect, T1001.001 Slow Overfill, T1001 Kettle Overfill: Tactics are missing."}) {
		t.Errorf("it says %q", said)
	}
	if draft.Proposal.Title != "Boiling, Pouring taken out of 3 objects" || draft.Proposal.Object.STIXID != "" {
		t.Errorf("it is %q about %+v", draft.Proposal.Title, draft.Proposal.Object)
	}
}

// TestACircleOfProposalsIsRefused makes proposals name each other.
func TestACircleOfProposalsIsRefused(t *testing.T) {
	d := open(t, storetest.Open(t))
	first := d.submit(d.start(attack.NewTechnique, "", good()))
	content := good()
	content[attack.FieldName] = attack.Value{Text: "Kettle Drumming"}
	below := d.submit(d.start(attack.NewSubtechnique, first.Object.STIXID, content))
	content = good()
	content[attack.FieldName] = attack.Value{Text: "Lid Rattling"}
	content[attack.FieldParent] = attack.Value{Text: first.Object.STIXID}
	third := d.start(attack.NewSubtechnique, "", content)
	// No kind has such fields yet, so the first is made to name what the third makes.
	var subject map[string]any
	var row struct{ Subject string }
	if err := d.db.Table("proposals").Where("id = ?", first.ID).Take(&row).Error; err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(row.Subject), &subject); err != nil {
		t.Fatal(err)
	}
	subject["refers"] = []string{third.Proposal.Object.STIXID}
	changed, err := json.Marshal(subject)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.db.Table("proposals").Where("id = ?", first.ID).Update("subject", string(changed)).Error; err != nil {
		t.Fatal(err)
	}
	_, err = d.Submit(t.Context(), d.ana, third.Proposal.ID, review.Submission{Version: third.Version})
	if fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "#3 Lid Rattling → #1 Whistle Muting → #3 Lid Rattling") {
		t.Errorf("a circle: %v", err)
	}
	if below.State != review.StateSubmitted { // it only builds on one of them
		t.Errorf("the other one is %s", below.State)
	}
}
