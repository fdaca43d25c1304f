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

// TestWhatNobodyExplainedStopsARelease has proposals that were accepted before
// anybody looked at what they share.
func TestWhatNobodyExplainedStopsARelease(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d, ctx := openSmall(t, db), t.Context()
		content := technique("Whistle Muting")
		content[attack.FieldDescription] = attack.Value{Text: "Adversaries may do this, as Brightlake wrote.(Citation: Notes)"}
		p := d.accept(attack.NewTechnique, "", "", content)
		d.accept(attack.Refinement, redirect, attack.BumpMinor, attack.Content{attack.FieldDescription: {Text: "Adversaries may turn a spout aside.(Citation: Kettle Report)"}})
		r := d.openRelease()
		if before := d.preview(r); !before.Publishable {
			t.Fatalf("before: %+v", before.Items)
		}
		if err := d.db.Exec("UPDATE users SET organisation = 'Brightlake' WHERE name = 'Fay'").Error; err != nil {
			t.Fatal(err)
		}
		stopped := d.preview(r)
		i := slices.IndexFunc(stopped.Items, func(one release.ReleaseItem) bool { return one.Proposal.ID == p.ID })
		item := stopped.Items[i]
		if stopped.Publishable || len(item.Shared) != 1 || len(item.Problems) != 1 || !strings.Contains(item.Problems[0], `"Brightlake"`) || len(stopped.Items[1-i].Problems) > 0 {
			t.Fatalf("it is not stopped: %+v", stopped.Items)
		}
		_, err := d.Publish(ctx, d.mia, r.ID, r.Revision)
		if fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "Brightlake") {
			t.Errorf("publish: %v", err)
		}
		reason := map[string]string{item.Shared[0].Shared.Key: "Their own paper."}
		if _, err := d.proposals.Explain(ctx, d.mia, p.ID, review.Explanation{Revision: 1, Explained: reason}); err != nil {
			t.Fatal(err)
		}
		next := d.preview(r)
		if item := next.Items[i]; !next.Publishable || len(item.Shared) > 0 || !slices.ContainsFunc(item.Hints, func(h string) bool { return strings.Contains(h, "Their own paper.") }) {
			t.Errorf("explained: %+v", next.Items)
		}
		d.publish(next.Release)
	})
}

// TestWhatAReleaseSaysOfItselfIsLookedAt puts what must not be shared into its
// notes, and thanks.
func TestWhatAReleaseSaysOfItselfIsLookedAt(t *testing.T) {
	d := openSmall(t, storetest.Open(t))
	if err := d.db.Exec("UPDATE users SET organisation = 'Brightlake' WHERE name = 'Fay'").Error; err != nil {
		t.Fatal(err)
	}
	d.accept(attack.NewTechnique, "", "", technique("Whistle Muting"))
	r := d.openRelease()
	write := func(notes string) { r = d.change(r, release.ReleaseUpdate{Revision: r.Revision, Notes: &notes}) }
	write("Thanks to Brightlake. Found at 45.77.65.211, and more at https://brightlake-kettles.ru/ or from ana@brightlake-kettles.ru.")
	if p := d.preview(r); p.Publishable || len(p.Problems) != 1 || !strings.Contains(p.Problems[0], `notes of this release: "45.77.65.211"`) {
		t.Errorf("with an address: %q", p.Problems)
	}
	// Why it may stand is kept as long as it is found, and of nothing else.
	found := d.preview(r).Shared
	if len(found) != 1 || found[0].Shared == nil || found[0].Field != "notes" {
		t.Fatalf("found %+v", found)
	}
	key := found[0].Shared.Key
	r = d.change(r, release.ReleaseUpdate{Revision: r.Revision, Explained: map[string]string{key: "A sinkhole that all know.", "0123456789abcdef": "Nothing."}})
	if p := d.preview(r); !p.Publishable || len(p.Shared) != 1 || p.Shared[0].Shared.Reason != "A sinkhole that all know." || len(r.Explained) != 1 {
		t.Errorf("explained: %+v, %q", p.Shared, p.Problems)
	}
	_, err := d.Change(t.Context(), d.mia, r.ID, release.ReleaseUpdate{Revision: r.Revision, Explained: map[string]string{"x": "y"}})
	if fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a key that is none: %v", err)
	}
	write("Thanks to Brightlake; more at https://brightlake-kettles.ru/.")
	if p := d.preview(r); !p.Publishable || len(r.Explained) != 0 {
		t.Errorf("with thanks: %q, %v", p.Problems, r.Explained)
	}
}
