package release_test

import (
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/release"
)

const example = "relationship--00000000-0000-4000-9000-000000000011" // gang uses overfill

// released publishes a release of all that is accepted.
func (d *desk) released() release.Release {
	d.t.Helper()
	r := d.openRelease()
	if p := d.preview(r); !p.Publishable {
		d.t.Fatalf("it cannot be published: %v %+v", p.Problems, p.Items)
	}
	return d.publish(r)
}

func (d *desk) problems(r release.Release) []string {
	d.t.Helper()
	var list []string
	for _, item := range d.preview(r).Items {
		list = append(list, item.Problems...)
	}
	return list
}

// below turns T1002 into a sub-technique of T1001.
func (d *desk) below(content attack.Content) review.Proposal {
	d.t.Helper()
	if content == nil {
		content = attack.Content{}
	}
	content[attack.FieldParent], content[attack.FieldTactics] = attack.Value{Text: overfill}, attack.Value{List: []string{"boiling"}}
	return d.accept(attack.ToSubtechnique, redirect, "", content)
}

func TestATechniqueThatMovesLeadsToItsNewPlace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := openSmall(t, db)
		seen := d.accept(attack.ProcedureExample, redirect, "", attack.Content{attack.FieldSource: {Text: gang},
			attack.FieldDescription: {Text: "They turned it.(Citation: Notes)"}, attack.FieldReferences: source("Notes")})
		d.released()
		p := d.below(nil)
		r := d.openRelease()
		item := d.preview(r).Items[0]
		if len(item.Parts) != 2 || item.Parts[0].AttackID != "T1001.002" || item.Parts[0].VersionTo != "1.0" || item.Parts[1].AttackID != "T1002" || item.AttackID != "" {
			t.Fatalf("the preview shows %+v", item)
		}
		r = d.publish(r)
		wellFormed(t, d.bundle(r))
		now := d.tax.Snapshot()
		made, ok := now.Object("T1001.002")
		old, _ := now.Object(redirect)
		if !ok || made.Name != "Spout Redirect" || !made.Subtechnique || made.ID != p.Makes[0].STIXID || !old.Revoked || old.ATTACK != "T1002" {
			t.Fatalf("it became %+v, and it is %+v", made, old)
		}
		if parent, ok := now.Parent(made.ID); !ok || parent.ID != overfill {
			t.Errorf("it is below %+v", parent)
		}
		if own, _ := now.InDomain(small, seen.Object.STIXID); own.Target != made.ID {
			t.Errorf("its example is of %s", own.Target)
		}
		after, err := d.proposals.Get(t.Context(), d.ana, p.ID)
		if err != nil || after.Object.AttackID != "T1002" || after.State != review.StateReleased {
			t.Errorf("the proposal is %+v, %v", after.Object, err)
		}
	})
}

func TestAMovedBaseIsTakenApartAnew(t *testing.T) {
	d := openSmall(t, storetest.Open(t))
	o, _ := d.tax.Snapshot().Object(redirect)
	text := "Another beginning. " + o.Description
	better := d.accept(attack.Refinement, redirect, "", attack.Content{attack.FieldDescription: {Text: text}})
	d.below(attack.Content{attack.FieldName: {Text: "Spout Turning"}})
	r := d.openRelease()
	if got := d.problems(r); len(got) != 1 || !strings.Contains(got[0], "T1002 is changed by #1 (Spout Redirect), which is on this release, too.") {
		t.Fatalf("together they have the problems %q", got)
	}
	only := []string{better.ID}
	r, err := d.Change(t.Context(), d.mia, r.ID, release.ReleaseUpdate{Revision: r.Revision, Proposals: &only})
	if err != nil {
		t.Fatal(err)
	}
	d.publish(r)
	d.released()
	made, _ := d.tax.Snapshot().Object("T1001.002")
	if made == nil || made.Description != text || made.Name != "Spout Turning" {
		t.Errorf("it is made of %+v", made)
	}
}

func TestAConflictOnAMovedBaseIsSolvedOnce(t *testing.T) {
	d := openSmall(t, storetest.Open(t))
	d.accept(attack.Refinement, redirect, "", attack.Content{attack.FieldName: {Text: "Theirs"}})
	first := d.openRelease()
	d.below(attack.Content{attack.FieldName: {Text: "Ours"}})
	d.publish(first)
	r := d.openRelease()
	item := d.preview(r).Items[0]
	if len(item.Conflicts) != 1 || len(item.Problems) != 1 || item.Conflicts[0].Field != attack.FieldName {
		t.Fatalf("the conflicts are %+v, %q", item.Conflicts, item.Problems)
	}
	r, err := d.Change(t.Context(), d.mia, r.ID, release.ReleaseUpdate{Revision: r.Revision, Resolutions: map[string]map[string]string{item.Proposal.ID: {attack.FieldName: release.Theirs}}})
	if err != nil {
		t.Fatal(err)
	}
	r, err = d.Agree(t.Context(), d.ana, r.ID, release.Agreement{Revision: r.Revision, Conflict: item.Proposal.ID, Field: attack.FieldName, Proposal: item.Proposal.ID, Agreed: true})
	if err != nil {
		t.Fatal(err)
	}
	d.publish(r)
	if made, _ := d.tax.Snapshot().Object("T1001.002"); made == nil || made.Name != "Theirs" {
		t.Errorf("it is %+v", made)
	}
}

// TestManyChangesMergeWithOthers adds a platform to objects that other
// proposals of the release change, too.
func TestManyChangesMergeWithOthers(t *testing.T) {
	d := openSmall(t, storetest.Open(t))
	d.accept(attack.Refinement, redirect, "", attack.Content{attack.FieldName: {Text: "Spout Turning"}})
	p := d.accept(attack.BulkChange, "", attack.BumpMajor, attack.Content{attack.FieldObjects: {List: []string{redirect, slowOverfill, overfill}}, attack.FieldAddPlatforms: {List: []string{"Stove"}}})
	before, _ := d.tax.Snapshot().Object(overfill)
	d.released()
	now := d.tax.Snapshot()
	turned, _ := now.Object(redirect)
	slow, _ := now.Object(slowOverfill)
	whole, _ := now.Object(overfill)
	if turned.Name != "Spout Turning" || !slices.Equal(turned.Platforms, []string{"Kettle", "Stove"}) || turned.Version != "2.0" || !slices.Equal(slow.Platforms, []string{"Kettle", "Stove"}) {
		t.Errorf("they are %+v and %+v", turned, slow)
	}
	if whole.Stamp() != before.Stamp() {
		t.Error("what had the platform moved")
	}
	parts, err := d.proposals.Parts(t.Context(), d.ana, p.ID, 1)
	if err != nil || len(parts) != 2 {
		t.Errorf("its parts are %+v now, %v", parts, err)
	}
}

// TestNothingHangsOnWhatIsRetired releases an example together with the end of
// its technique.
func TestNothingHangsOnWhatIsRetired(t *testing.T) {
	d := openSmall(t, storetest.Open(t))
	d.accept(attack.ProcedureExample, redirect, "", attack.Content{attack.FieldSource: {Text: gang},
		attack.FieldDescription: {Text: "They turned it.(Citation: Notes)"}, attack.FieldReferences: source("Notes")})
	d.below(nil)
	if got := d.problems(d.openRelease()); len(got) != 1 || !strings.Contains(got[0], "T1002 Spout Redirect is to live no more by #2 (Spout Redirect becomes a sub-technique of Kettle Overfill)") {
		t.Errorf("the problems are %q", got)
	}
}

// TestTwoHeirsShareARelationship revokes both ends of one.
func TestTwoHeirsShareARelationship(t *testing.T) {
	d := openSmall(t, storetest.Open(t))
	d.accept(attack.NewTechnique, "", "", technique("Whistle Muting"))
	d.accept("group", "", "", attack.Content{attack.FieldName: {Text: "Kettle Club"}, attack.FieldDescription: {Text: "People.(Citation: Notes)"}, attack.FieldReferences: source("Notes")})
	d.released()
	now := d.tax.Snapshot()
	muting, _ := now.Object("T9000")
	club, _ := now.Object("G9000")
	d.accept(attack.ToTechnique, slowOverfill, "", nil)
	d.released() // then it has no sub-technique, and can be merged
	d.accept("merge-technique", overfill, "", attack.Content{attack.FieldReplacement: {Text: muting.ID}})
	d.accept("merge-group", gang, "", attack.Content{attack.FieldReplacement: {Text: club.ID}})
	r := d.released()
	wellFormed(t, d.bundle(r))
	if own, _ := d.tax.Snapshot().InDomain(small, example); own.Source != club.ID || own.Target != muting.ID {
		t.Errorf("it is from %s to %s", own.Source, own.Target)
	}
}

// TestAHeirGetsARelationshipAsAnotherProposalLeavesIt refines one, or takes it
// out of life, while its source is revoked.
func TestAHeirGetsARelationshipAsAnotherProposalLeavesIt(t *testing.T) {
	for kind, text := range map[string]string{"refine-relationship": "They refined it.", "deprecate-relationship": "They never did it."} {
		t.Run(kind, func(t *testing.T) {
			d := openSmall(t, storetest.Open(t))
			d.accept("group", "", "", attack.Content{attack.FieldName: {Text: "Kettle Club"}, attack.FieldDescription: {Text: "People.(Citation: Notes)"}, attack.FieldReferences: source("Notes")})
			d.released()
			club, _ := d.tax.Snapshot().Object("G9000")
			d.accept(kind, example, "", attack.Content{attack.FieldDescription: {Text: text}})
			d.accept("revoke-group", gang, "", attack.Content{attack.FieldReplacement: {Text: club.ID}, attack.FieldCarry: {Text: "true"}})
			wellFormed(t, d.bundle(d.released()))
			own, _ := d.tax.Snapshot().InDomain(small, example)
			source := club.ID
			if kind == "deprecate-relationship" {
				source = gang
			}
			if own.Source != source || own.Deprecated != (source == gang) || own.Description != text {
				t.Errorf("it became %+v", own)
			}
		})
	}
}

func TestASplitHandsItsExamplesOver(t *testing.T) {
	d := openSmall(t, storetest.Open(t))
	p := d.accept(attack.SplitTechnique, overfill, "", attack.Content{
		attack.FieldPieces: {Rows: []map[string]string{
			{attack.ColumnKey: "a", attack.FieldName: "Flood", attack.FieldDescription: "Adversaries may flood a kitchen.(Citation: Notes)"},
			{attack.ColumnKey: "b", attack.FieldName: "Drip", attack.FieldDescription: "Adversaries may let it drip."}}},
		attack.FieldBelow:      {Text: "true"},
		attack.FieldExamples:   {Rows: []map[string]string{{attack.ColumnExample: example, attack.ColumnPiece: "b"}}},
		attack.FieldReferences: {References: append(sourcesOf(d, overfill), source("Notes").References...)},
	})
	if len(p.Makes) != 2 || p.Title != "Kettle Overfill is split into Flood, Drip" {
		t.Errorf("it is %q and makes %+v", p.Title, p.Makes)
	}
	before, _ := d.tax.Snapshot().Object(overfill)
	r := d.released()
	wellFormed(t, d.bundle(r))
	now := d.tax.Snapshot()
	flood, _ := now.Object("T1001.002")
	drip, _ := now.Object("T1001.003")
	if flood == nil || drip == nil || flood.Name != "Flood" || !flood.Subtechnique || len(flood.Sources()) != 1 || len(drip.Sources()) != 0 || !slices.Equal(flood.Platforms, before.Platforms) {
		t.Fatalf("they are %+v and %+v", flood, drip)
	}
	if own, _ := now.InDomain(small, example); own.Target != drip.ID || own.Source != gang {
		t.Errorf("the example is from %s to %s", own.Source, own.Target)
	}
	if after, _ := now.Object(overfill); after.Stamp() != before.Stamp() {
		t.Error("what was split moved")
	}
}

func sourcesOf(d *desk, id string) []attack.Reference {
	o, _ := d.tax.Snapshot().Object(id)
	return o.Sources()
}

// TestAnObjectIsRetiredOnce names the other of two that take it out of life.
func TestAnObjectIsRetiredOnce(t *testing.T) {
	d := openSmall(t, storetest.Open(t))
	d.accept("deprecate-technique", redirect, "", nil)
	d.below(nil)
	if got := d.problems(d.openRelease()); len(got) != 1 || !strings.Contains(got[0], "#1 (Spout Redirect), which is on this release, too, says of T1002: deprecate a technique.") {
		t.Errorf("the problems are %q", got)
	}
}
