package review_test

import (
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
)

// TestAMessageBecomesAProposal starts from what somebody said: all who see the
// proposal see where it comes from, and its text is looked at like any other.
func TestAMessageBecomesAProposal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := open(t, db)
		ctx := t.Context()
		talk := discuss.New(db, d.journal, markdown.New(markdown.Rules{}), d.MessageIn)
		room := discuss.Anchor{Type: "workshop", ID: d.workshop}
		const body = "Adversaries may mute the whistle, as from 45.83.12.9."
		found, err := d.Look(ctx, d.rob, body, nil)
		if err != nil || len(found) != 1 {
			t.Fatalf("found %+v, %v", found, err)
		}
		said, err := talk.Post(ctx, d.workshop, d.rob.User, room, discuss.NewMessage{Body: body, Explained: map[string]string{found[0].Shared.Key: "It is ours."}})
		if err != nil {
			t.Fatal(err)
		}
		begin := func(kind, object string, content attack.Content) review.Draft {
			t.Helper()
			draft, err := d.Start(ctx, d.ana, domain, review.NewProposal{Kind: kind, ObjectID: object, Message: said.ID, Content: content})
			if err != nil {
				t.Fatal(err)
			}
			if o := draft.Proposal.Origin; o == nil || *o != (review.Origin{Message: said.ID, Anchor: room.String(), Author: d.rob.User}) {
				t.Errorf("it began with %+v", o)
			}
			return draft
		}
		fresh := begin(attack.NewTechnique, "", nil)
		if fresh.Content[attack.FieldDescription].Text != said.Body || fresh.Proposal.Rationale != "" || len(shared(fresh.Checks)) != 1 {
			t.Errorf("a new technique says %+v, because %q, with %+v", fresh.Content, fresh.Proposal.Rationale, fresh.Checks)
		}
		better := begin(attack.Refinement, overfill, nil)
		if better.Content[attack.FieldDescription].Text != better.Base[attack.FieldDescription].Text || better.Proposal.Rationale != said.Body {
			t.Errorf("a refinement says %+v, because %q", better.Content[attack.FieldDescription], better.Proposal.Rationale)
		}
		whole := begin(attack.NewTechnique, "", good())
		if whole.Content[attack.FieldDescription].Text != good()[attack.FieldDescription].Text {
			t.Errorf("what was given is %+v", whole.Content)
		}
		p := d.submit(whole)
		list, err := d.List(ctx, d.rob, review.Filter{})
		if err != nil || p.Origin == nil || len(list) != 1 || *list[0].Origin != *p.Origin {
			t.Errorf("others see %+v, %v", list, err)
		}
		for name, id := range map[string]string{"no message": "nowhere", "nothing of the kind": "'; --"} {
			_, err := d.Start(ctx, d.ana, domain, review.NewProposal{Kind: attack.NewTechnique, Message: id})
			wants(t, name, err, fault.Invalid)
		}
		elsewhere := d.ana
		elsewhere.Workshop = "elsewhere"
		_, err = d.Start(ctx, elsewhere, domain, review.NewProposal{Kind: attack.NewTechnique, Message: said.ID})
		wants(t, "a message of another workshop", err, fault.Invalid)
	})
}
