package review_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
)

// opened opens a thread about a proposal.
func (d *desk) opened(p review.Proposal) string {
	d.t.Helper()
	talk := discuss.New(d.db, d.journal, markdown.New(markdown.Rules{}), d.MessageIn)
	about := discuss.Anchor{Type: review.AnchorType, ID: p.ID}
	said, err := talk.Post(d.t.Context(), d.workshop, d.rob.User, about, discuss.NewMessage{Body: "Does it whistle?"})
	if err != nil {
		d.t.Fatal(err)
	}
	return said.ID
}

func TestABlockingThreadHoldsAProposalUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := open(t, db)
		ctx := t.Context()
		p := d.submit(d.start(attack.NewTechnique, "", good()))
		other := d.submit(d.start(attack.NewTechnique, "", good()))
		thread := d.opened(p)
		change := func(actor review.Actor, action review.Action) (discuss.Message, review.Requirement) {
			t.Helper()
			m, err := d.ChangeThread(ctx, actor, p.ID, thread, action)
			if err != nil {
				t.Fatal(err)
			}
			now, err := d.Get(ctx, d.ana, p.ID)
			if err != nil || len(now.Requirements) != 2 {
				t.Fatalf("%+v, %v", now.Requirements, err)
			}
			return m, now.Requirements[1]
		}
		approve := func(p review.Proposal) error {
			_, err := d.Review(ctx, d.rob, p.ID, review.ActionApprove, review.Verdict{Revision: p.Revision})
			return err
		}
		if m, r := change(d.rob, review.ActionBlock); m.Blocking == nil || m.Blocking.By != d.rob.User || r.Met || !strings.HasPrefix(r.Why, "A thread") || len(r.Stops) != 2 {
			t.Errorf("blocked: %+v, %+v", m, r)
		}
		head, err := d.journal.Head(ctx, d.workshop)
		if err != nil {
			t.Fatal(err)
		}
		if m, _ := change(d.mia, review.ActionBlock); m.Blocking.By != d.rob.User {
			t.Errorf("blocked twice: %+v", m)
		}
		if again, err := d.journal.Head(ctx, d.workshop); err != nil || again != head {
			t.Errorf("what changes nothing is told: %d, %v", again, err)
		}
		wants(t, "approve what is held up", approve(p), fault.Conflict)
		if err := approve(other); err != nil {
			t.Errorf("another proposal is held up, too: %v", err)
		}
		if m, r := change(d.ana, review.ActionResolve); m.Resolved == nil || m.Resolved.By != d.ana.User || !r.Met {
			t.Errorf("resolved: %+v, %+v", m, r)
		}
		if m, r := change(d.ana, review.ActionReopen); m.Resolved != nil || r.Met {
			t.Errorf("reopened: %+v, %+v", m, r)
		}
		wants(t, "approve what was reopened", approve(p), fault.Conflict)
		if m, r := change(d.mia, review.ActionUnblock); m.Blocking != nil || !r.Met {
			t.Errorf("unblocked: %+v, %+v", m, r)
		}
		if err := approve(p); err != nil {
			t.Errorf("nothing is in the way: %v", err)
		}
		if _, r := change(d.rob, review.ActionBlock); r.Met {
			t.Errorf("an accepted one is not held up: %+v", r)
		}
		_, err = d.ChangeThread(ctx, d.ana, other.ID, thread, review.ActionResolve)
		wants(t, "a thread of another proposal", err, fault.NotFound)
		_, err = d.ChangeThread(ctx, d.ana, p.ID, thread, review.ActionUnblock)
		wants(t, "let it go on oneself", err, fault.Forbidden)
		events, err := d.journal.Before(ctx, d.workshop, 1<<40, 1)
		if err != nil || events[0].Kind != review.KindBlocked {
			t.Fatalf("%+v, %v", events, err)
		}
		isSameAsFresh(t, d, events[0])
	})
}

// isSameAsFresh holds what an event carries against what is read afresh.
func isSameAsFresh(t *testing.T, d *desk, e journal.Event) {
	t.Helper()
	var told struct {
		Proposal review.Proposal
		Message  discuss.Message
	}
	if err := json.Unmarshal(e.Data, &told); err != nil {
		t.Fatal(err)
	}
	fresh, err := d.Get(t.Context(), d.ana, told.Proposal.ID)
	if err != nil {
		t.Fatal(err)
	}
	fresh.Content = nil
	message, err := discuss.MessageIn(d.db, d.workshop, told.Message.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fresh, told.Proposal) + cmp.Diff(message, told.Message); diff != "" {
		t.Errorf("afresh (-) and by the event (+):\n%s", diff)
	}
}
