package release_test

import (
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/release"
)

// TestAReleaseNamesWhatItsProposalsBuildOn holds what others need back, and
// takes them along afterwards.
func TestAReleaseNamesWhatItsProposalsBuildOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d, ctx := openSmall(t, db), t.Context()
		kettle := d.accept(attack.NewTechnique, "", "", technique("Whistle Muting"))
		sub := technique("Sudden Overfill")
		sub[attack.FieldParent] = attack.Value{Text: kettle.Object.STIXID}
		below := d.accept(attack.NewSubtechnique, "", "", sub)
		seen := d.accept(attack.ProcedureExample, "", "", attack.Content{attack.FieldSource: {Text: gang}, attack.FieldTarget: {Text: kettle.Object.STIXID},
			attack.FieldDescription: {Text: "Teapot Gang has done so.(Citation: Notes)"}, attack.FieldReferences: source("Notes")})
		linking := technique("Kettle Hiding")
		linking[attack.FieldDescription] = attack.Value{Text: "Adversaries may hide it as in (LinkById: NEW-1).(Citation: Notes)"}
		links := d.accept(attack.NewTechnique, "", "", linking)
		r := d.openRelease()
		on := func(ids ...string) release.Preview {
			r = d.change(r, release.ReleaseUpdate{Revision: r.Revision, Proposals: &ids})
			return d.preview(r)
		}
		held := on(below.ID, seen.ID, links.ID)
		const says = "It builds on #1 Whistle Muting, which is not on this release. Add that, or take this one off until it is released."
		for _, item := range held.Items {
			if !slices.Equal(item.Problems, []string{says}) {
				t.Errorf("#%d: %q", item.Proposal.Number, item.Problems)
			}
			if n := item.Needs; len(n) != 1 || n[0].ID != kettle.ID || n[0].Number != 1 || n[0].Title != "Whistle Muting" || n[0].State != review.StateAccepted {
				t.Errorf("#%d needs %+v", item.Proposal.Number, item.Needs)
			}
		}
		_, err := d.Publish(ctx, d.mia, r.ID, r.Revision)
		if fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "#2 "+says) {
			t.Errorf("publish: %v", err)
		}
		if whole := on(kettle.ID, below.ID, seen.ID, links.ID); !whole.Publishable || len(whole.Items[1].Needs) > 0 {
			t.Errorf("with it: %+v", whole.Items)
		}
		if alone := on(kettle.ID); !alone.Publishable {
			t.Errorf("alone: %+v", alone.Items)
		}
		d.publish(r)
		r = d.openRelease()
		if after := on(below.ID, seen.ID); !after.Publishable {
			t.Errorf("after it was released: %+v", after.Items)
		}
	})
}
