package release_test

import (
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/release"
)

// by has one person reword the description, and another one approve it.
func (d *desk) by(author, reviewer review.Actor, text string) review.Proposal {
	d.t.Helper()
	ana, rob := d.ana, d.rob
	defer func() { d.ana, d.rob = ana, rob }()
	d.ana, d.rob = author, reviewer
	return d.reword(text)
}

// turn is whose turn a proposal is.
func (d *desk) turn(id string) review.Turn {
	d.t.Helper()
	p, err := d.proposals.Get(d.t.Context(), d.mia, id)
	if err != nil {
		d.t.Fatal(err)
	}
	return p.Turn
}

func choose(item review.Proposal, side string) release.ReleaseUpdate {
	return release.ReleaseUpdate{Resolutions: map[string]map[string]string{item.ID: {attack.FieldDescription: side}}}
}

func (d *desk) stopped(r release.Release, want bool) {
	d.t.Helper()
	if now := d.preview(r); now.Publishable == want {
		d.t.Errorf("publishable is %t: %+v", now.Publishable, now.Items)
	}
}

// TestWordsGiveWayWithTheirAuthorsAlone has two people reword one description:
// whichever text is kept, who wrote the other one has to agree.
func TestWordsGiveWayWithTheirAuthorsAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := openSmall(t, db)
		ctx := t.Context()
		first, second := d.reword("Adversaries may turn a spout aside."), d.by(d.rob, d.mia, "Adversaries may turn a spout off.")
		r := d.openRelease()
		agree := func(who review.Actor, r release.Release, p review.Proposal, yes bool) (release.Release, error) {
			return d.Agree(ctx, who, r.ID, release.Agreement{Revision: r.Revision, Conflict: second.ID, Field: attack.FieldDescription, Proposal: p.ID, Agreed: yes})
		}
		_, err := agree(d.rob, r, second, true)
		code(t, err, fault.Conflict) // nobody chose yet

		r = d.change(r, choose(second, release.Theirs))
		d.stopped(r, true)
		if a, b := d.turn(first.ID), d.turn(second.ID); a.Role != review.Maintainer || b.User != d.rob.User {
			t.Errorf("it is the turn of %+v and %+v", a, b)
		}
		_, err = agree(d.ana, r, second, true)
		code(t, err, fault.Forbidden)
		_, err = agree(d.ana, r, first, true)
		code(t, err, fault.Conflict) // hers stay
		old := r
		if r, err = agree(d.rob, r, second, true); err != nil {
			t.Fatal(err)
		}
		d.stopped(r, false)
		if by := d.preview(r).Items[1].Conflicts[0].Yielding[0].AgreedBy; by != d.rob.User || d.turn(second.ID).Role != review.Maintainer {
			t.Errorf("agreed by %q, the turn is %+v", by, d.turn(second.ID))
		}
		_, err = agree(d.rob, old, second, false)
		code(t, err, fault.Stale)
		if r, err = agree(d.rob, r, second, false); err != nil {
			t.Fatal(err)
		}
		d.stopped(r, true)

		// The other side takes Ana's words, and what Rob said is no answer to that.
		r = d.change(r, choose(second, release.Ours))
		d.stopped(r, true)
		if a, b := d.turn(first.ID), d.turn(second.ID); a.User != d.ana.User || b.Role != review.Maintainer {
			t.Errorf("it is the turn of %+v and %+v", a, b)
		}
		// Off the release nobody waits for them.
		r = d.change(r, release.ReleaseUpdate{Proposals: &[]string{second.ID}})
		if a := d.turn(first.ID); a.Role != review.Maintainer {
			t.Errorf("off the release it is the turn of %+v", a)
		}
		r = d.change(r, release.ReleaseUpdate{Proposals: &[]string{first.ID, second.ID}})
		d.stopped(r, true)
		if r, err = agree(d.ana, r, first, true); err != nil {
			t.Fatal(err)
		}
		d.publish(r)
	})
}

// TestWhoChoosesAgainstTheirOwnWordsAgreed has a maintainer give up her own.
func TestWhoChoosesAgainstTheirOwnWordsAgreed(t *testing.T) {
	d := openSmall(t, storetest.Open(t))
	d.reword("Adversaries may turn a spout aside.")
	own := d.by(d.mia, d.rob, "Adversaries may turn a spout off.")
	r := d.change(d.openRelease(), choose(own, release.Theirs))
	d.stopped(r, false)
}
