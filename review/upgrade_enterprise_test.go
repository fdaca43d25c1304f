package review_test

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

const enterprise = "enterprise-attack"

// TestEnterpriseUnderOpenProposals refines techniques of 17.1 that 18.1 changed,
// left as they were, revoked or deprecated, imports 18.1, and compares how each
// proposal stands with what the two files say.
func TestEnterpriseUnderOpenProposals(t *testing.T) {
	attacktest.Heavy(t)
	db := storetest.Open(t)
	ctx, j, tax := t.Context(), journal.New(db), taxonomy.New(db, slog.New(slog.DiscardHandler))
	load := func(name string) map[string]*taxonomy.Object {
		if _, err := tax.Import(ctx, taxonomy.Source{Name: name, Reader: bytes.NewReader(attacktest.Unzipped(t, name))}, nil); err != nil {
			t.Fatal(err)
		}
		techniques := map[string]*taxonomy.Object{}
		for _, o := range tax.Snapshot().Objects(enterprise) {
			if o.Type == attack.TypeTechnique {
				techniques[o.ID] = o
			}
		}
		return techniques
	}
	before := load("enterprise-attack-17.1.json.gz")
	p := people.New(db)
	var who []string
	for _, name := range []string{"Fay", "Ana"} {
		a, err := p.Add(ctx, people.Account{User: people.User{Name: name}})
		if err != nil {
			t.Fatal(err)
		}
		who = append(who, a.ID)
	}
	rooms := workshop.New(db, j, p)
	w, err := rooms.Create(ctx, who[0], workshop.Workshop{Brief: workshop.Brief{Name: "W", StartsOn: "2026-12-01", EndsOn: "2026-12-01", TLP: "clear"}, Domain: enterprise})
	if err != nil {
		t.Fatal(err)
	}
	proposals, ana := review.New(db, j, tax, markdown.New(attack.LinkRules()), rooms.CircleIn), review.Actor{User: who[1], Roles: []review.Role{review.Participant, review.Reviewer}, Workshop: w.ID}
	// Living techniques get two refinements: one that can only meet MITRE's
	// changes in the description, which it writes anew or adds a paragraph to,
	// and one that adds what nobody else has.
	const more = "More words of a workshop."
	rewritten, reworded, credited := map[string]bool{}, map[string]string{}, map[string]string{}
	refine := func(o *taxonomy.Object, content attack.Content) string {
		d, err := proposals.Start(ctx, ana, enterprise, review.NewProposal{Kind: attack.Refinement, ObjectID: o.ID, Content: content})
		if err != nil {
			t.Fatal(err)
		}
		return d.Proposal.ID
	}
	n := 0
	for _, o := range tax.Snapshot().Objects(enterprise) {
		if o.Type != attack.TypeTechnique || !o.Live() {
			continue
		}
		if n++; n%3 == 0 { // a third of all is enough, and quicker
			text := o.Description + "\n\n" + more
			if rewritten[o.ID] = n%2 == 0; rewritten[o.ID] {
				text = more
			}
			reworded[o.ID] = refine(o, attack.Content{attack.FieldDescription: {Text: text}})
			credited[o.ID] = refine(o, attack.Content{attack.FieldContributors: {List: append(slices.Clone(o.Contributors), "Nobody, Example CERT")}})
		}
	}
	after := load("enterprise-attack-18.1.json.gz")
	if err := proposals.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for id, proposal := range reworded {
		old, now := before[id], after[id]
		want := review.StandsConflict
		switch {
		case now == nil || !now.Live():
			want = review.StandsGone
		case old.Stamp() == now.Stamp(): // MITRE took out x_mitre_detection without a new time of change
			want = review.StandsCurrent
		case old.Description == now.Description:
			want = review.StandsMoved
		case !rewritten[id]:
			want = added(t, proposals, ana, proposal, old.Description, now.Description, more)
		}
		got := stands(t, proposals, ana, proposal)
		if count["reworded "+want]++; got.State != want || want == review.StandsConflict && !slices.Equal(got.Fields, []string{attack.FieldDescription}) {
			t.Errorf("%s, reworded, stands %+v, want %s", old.ATTACK, got, want)
		}
		if want != review.StandsGone && want != review.StandsCurrent {
			want = review.StandsMoved
		}
		got = stands(t, proposals, ana, credited[id])
		if count["credited "+want]++; got.State != want {
			t.Errorf("%s, credited, stands %+v, want %s", old.ATTACK, got, want)
		}
		if want != review.StandsMoved {
			continue
		}
		u, err := proposals.Upgrade(ctx, ana, credited[id])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := proposals.TakeOver(ctx, ana, credited[id], review.TakeOver{Onto: u.Onto, Version: u.Version}); err != nil {
			t.Fatal(err)
		}
		draft, err := proposals.Draft(ctx, ana, credited[id])
		if err != nil || draft.Content[attack.FieldDescription].Text != now.Description || draft.Base[attack.FieldDescription].Text != now.Description ||
			!slices.Contains(draft.Content[attack.FieldContributors].List, "Nobody, Example CERT") || !draft.Proposal.Standing.Settled() {
			t.Errorf("%s was taken over to %+v, %v", old.ATTACK, draft, err)
		}
	}
	t.Logf("%v", count)
	for _, kind := range []string{"reworded conflict", "reworded moved", "credited moved"} {
		if count[kind] < 5 {
			t.Errorf("only %d are %s: the files are not what they were", count[kind], kind)
		}
	}
}

// added looks at a paragraph that a refinement adds to a description that
// changed, and says how it has to stand: it is in the way of nothing but a
// change of the last paragraph.
func added(t *testing.T, p *review.Proposals, actor review.Actor, id, before, now, more string) string {
	t.Helper()
	u, err := p.Upgrade(t.Context(), actor, id)
	if err != nil {
		t.Fatal(err)
	}
	last := func(text string) string { return text[strings.LastIndex(text, "\n")+1:] }
	i := slices.IndexFunc(u.Fields, func(f review.UpgradeField) bool { return f.Field.Name == attack.FieldDescription })
	switch f := u.Fields[i]; {
	case f.Conflict && last(before) != last(now):
		return review.StandsConflict
	case strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(f.Merged.Text), more)) != strings.TrimSpace(now):
		t.Errorf("with a paragraph %q became %q", now, f.Merged.Text)
	}
	return review.StandsMoved
}

func stands(t *testing.T, p *review.Proposals, actor review.Actor, id string) review.Standing {
	t.Helper()
	d, err := p.Draft(t.Context(), actor, id)
	if err != nil || d.Proposal.Standing == nil {
		t.Fatalf("draft %+v, %v", d, err)
	}
	return *d.Proposal.Standing
}
