package review_test

import (
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
)

// TestATemplateIsMadeChangedAndStartedFrom keeps one of what is given and one of
// a proposal.
func TestATemplateIsMadeChangedAndStartedFrom(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := open(t, db)
		ctx := t.Context()
		made, err := d.MakeTemplate(ctx, d.mia, review.NewTemplate{Name: " Kettle ", Kind: attack.NewSubtechnique, Rationale: "{{Why}}", Content: attack.Content{
			attack.FieldDescription: {Text: "Adversaries may {{do what}}."}, attack.FieldPlatforms: {List: []string{"Kettle"}}, attack.FieldTactics: {List: []string{"pouring"}}}})
		if err != nil || made.Name != "Kettle" || made.Revision != 1 || made.BuiltIn {
			t.Fatalf("made %+v, %v", made, err)
		}
		change := review.TemplateChange{Revision: 1, Name: "Kettles", Content: made.Content, Rationale: made.Rationale}
		if made, err = d.ChangeTemplate(ctx, d.mia, made.ID, change); err != nil || made.Name != "Kettles" || made.Revision != 2 {
			t.Errorf("changed %+v, %v", made, err)
		}
		_, err = d.ChangeTemplate(ctx, d.mia, made.ID, change)
		wants(t, "changed as it was before", err, fault.Stale)

		draft, err := d.Start(ctx, d.ana, domain, review.NewProposal{Kind: attack.NewSubtechnique, ObjectID: overfill, Template: made.ID,
			Content: attack.Content{attack.FieldName: {Text: "Slow Spills"}}})
		if err != nil {
			t.Fatal(err)
		}
		c := draft.Content
		if c[attack.FieldDescription].Text != "Adversaries may {{do what}}." || c[attack.FieldName].Text != "Slow Spills" || c[attack.FieldParent].Text != overfill ||
			c[attack.FieldTactics].List[0] != "boiling" || draft.Proposal.Rationale != "{{Why}}" {
			t.Errorf("it starts with %+v, because %q", c, draft.Proposal.Rationale)
		}
		_, err = d.Submit(ctx, d.ana, draft.Proposal.ID, review.Submission{Version: 1})
		if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), "{{do what}}") {
			t.Errorf("submitted with a hint: %v", err)
		}
		_, err = d.Start(ctx, d.ana, domain, review.NewProposal{Kind: attack.NewTechnique, Template: made.ID})
		wants(t, "a template of another kind", err, fault.Invalid)

		content := good()
		content[attack.FieldContributors] = attack.Value{List: []string{"Ana"}}
		p := d.submit(d.start(attack.NewTechnique, "", content))
		like, err := d.MakeTemplate(ctx, d.mia, review.NewTemplate{Name: "Like #2", Proposal: p.ID})
		if err != nil || like.Kind != attack.NewTechnique || like.Content[attack.FieldName].Text != "Whistle Muting" || len(like.Content[attack.FieldContributors].List) != 0 {
			t.Errorf("of a proposal: %+v, %v", like, err)
		}
		list, err := d.Templates(ctx, d.ana)
		if err != nil || len(list) < 5 || list[0].ID != made.ID || list[1].ID != like.ID || !list[2].BuiltIn {
			t.Errorf("there are %+v, %v", list, err)
		}
		if err := d.DropTemplate(ctx, d.mia, made.ID); err != nil {
			t.Fatal(err)
		}
		wants(t, "deleted twice", d.DropTemplate(ctx, d.mia, made.ID), fault.NotFound)
		_, err = d.Start(ctx, d.ana, domain, review.NewProposal{Kind: attack.NewSubtechnique, Template: made.ID})
		wants(t, "a template that is gone", err, fault.Invalid)
		elsewhere := d.mia
		elsewhere.Workshop = "elsewhere"
		wants(t, "deleted from another workshop", d.DropTemplate(ctx, elsewhere, like.ID), fault.NotFound)
	})
}

// TestATemplateThatCannotBeKept is refused with a reason.
func TestATemplateThatCannotBeKept(t *testing.T) {
	d := open(t, storetest.Open(t))
	draft, err := d.Start(t.Context(), d.rob, domain, review.NewProposal{Kind: attack.NewTechnique, Content: good()})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		in   review.NewTemplate
		code fault.Code
	}{
		"no name":          {review.NewTemplate{Kind: attack.NewTechnique}, fault.Invalid},
		"a long name":      {review.NewTemplate{Name: strings.Repeat("n", 101), Kind: attack.NewTechnique}, fault.Invalid},
		"no kind":          {review.NewTemplate{Name: "N", Kind: "kettle"}, fault.Invalid},
		"a refinement":     {review.NewTemplate{Name: "N", Kind: attack.Refinement}, fault.Invalid},
		"an unknown field": {review.NewTemplate{Name: "N", Kind: attack.NewTechnique, Content: attack.Content{"spout": {Text: "x"}}}, fault.Invalid},
		"what must not be shared": {review.NewTemplate{Name: "N", Kind: attack.NewTechnique, Content: attack.Content{
			attack.FieldDescription: {Text: "As from 45.83.12.9."}}}, fault.Invalid},
		"a draft of somebody else": {review.NewTemplate{Name: "N", Proposal: draft.Proposal.ID}, fault.NotFound},
	} {
		_, err := d.MakeTemplate(t.Context(), d.mia, c.in)
		wants(t, name, err, c.code)
	}
}

// TestBuiltInTemplates start a draft each, in which no text is without a hint.
func TestBuiltInTemplates(t *testing.T) {
	d := open(t, storetest.Open(t))
	list, err := d.Templates(t.Context(), d.ana)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range list {
		draft, err := d.Start(t.Context(), d.ana, domain, review.NewProposal{Kind: one.Kind, Template: one.ID})
		if err != nil {
			t.Errorf("%s: %v", one.Name, err)
			continue
		}
		hinted := map[string]bool{}
		for _, c := range draft.Checks {
			hinted[c.Field] = hinted[c.Field] || c.Code == check.CodeHint
			if c.Shared != nil {
				t.Errorf("%s: %s", one.Name, c.Message)
			}
		}
		for field := range one.Content {
			if !hinted[field] {
				t.Errorf("%s: %s has no hint", one.Name, field)
			}
		}
	}
}
