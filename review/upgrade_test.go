package review_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

const later = "2026-06-01T00:00:00.000Z"

// newer imports the small domain as a later version has it, and finds out what
// that means to proposals.
func (d *desk) newer(version string, change func(o map[string]any) []map[string]any) {
	d.t.Helper()
	text, err := os.ReadFile("testdata/small.json")
	if err != nil {
		d.t.Fatal(err)
	}
	var bundle map[string]any
	if err := json.Unmarshal(text, &bundle); err != nil {
		d.t.Fatal(err)
	}
	var list []any
	for _, one := range bundle["objects"].([]any) {
		o := one.(map[string]any)
		if o["type"] == attack.TypeCollection {
			o["x_mitre_version"], o["modified"] = version, later
		}
		for _, kept := range change(o) {
			list = append(list, kept)
		}
	}
	bundle["objects"] = list
	text, err = json.Marshal(bundle)
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.tax.Import(d.t.Context(), taxonomy.Source{Name: "newer", Reader: bytes.NewReader(text)}, nil); err != nil {
		d.t.Fatal(err)
	}
	if err := d.Settle(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

// only changes one object.
func only(id string, change func(o map[string]any)) func(map[string]any) []map[string]any {
	return func(o map[string]any) []map[string]any {
		if o["id"] == id {
			o["modified"], o["x_mitre_version"] = later, "1.3"
			change(o)
		}
		return []map[string]any{o}
	}
}

func (d *desk) refine(object string, content attack.Content) review.Draft {
	return d.start(attack.Refinement, object, content)
}

func (d *desk) standing(p string) review.Standing {
	d.t.Helper()
	now, err := d.Get(d.t.Context(), d.ana, p)
	if err != nil || now.Standing == nil {
		d.t.Fatalf("proposal %+v, %v", now, err)
	}
	return *now.Standing
}

func (d *desk) events(kind string) (data []string) {
	d.t.Helper()
	events, err := d.journal.After(d.t.Context(), d.workshop, 0, 1000)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, e := range events {
		if e.Kind == kind {
			data = append(data, string(e.Data))
		}
	}
	return data
}

const aside = "Adversaries may turn a spout aside.(Citation: Kettle Report)"

// TestANewReleaseUnderOpenProposals brings each proposal to where it stands.
func TestANewReleaseUnderOpenProposals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d, ctx := open(t, db), t.Context()
		clean := d.submit(d.refine(redirect, attack.Content{attack.FieldDescription: {Text: aside}}))
		draft := d.refine(redirect, attack.Content{attack.FieldPlatforms: {List: []string{"Kettle", "Samovar"}}})
		conflict := d.submit(d.refine(redirect, attack.Content{attack.FieldName: {Text: "Spout Turning"}}))
		still := d.submit(d.refine(overfill, attack.Content{attack.FieldName: {Text: "Kettle Flood"}}))
		if s := d.standing(clean.ID); s.State != review.StandsCurrent || !s.Settled() || s.From != "1.2" {
			t.Errorf("before it is %+v", s)
		}
		if err := d.Settle(ctx); err != nil || len(d.events(review.KindMoved)) != 0 {
			t.Errorf("nothing moved, but %v was told (%v)", d.events(review.KindMoved), err)
		}
		d.newer("3.2", only(redirect, func(o map[string]any) {
			o["x_mitre_platforms"], o["name"] = []string{"Kettle", "Stove"}, "Spout Bending"
		}))
		want := review.Standing{State: review.StandsMoved, ATTACK: "3.2", From: "1.2", To: "1.3", Changed: []string{"name", "platforms"},
			Fields: []string{}, Gone: []review.Gone{}, Tactics: []string{}}
		if diff := cmp.Diff(want, d.standing(clean.ID)); diff != "" {
			t.Errorf("clean: %s", diff)
		}
		if s := d.standing(conflict.ID); s.State != review.StandsConflict || !slices.Equal(s.Fields, []string{"name"}) {
			t.Errorf("conflict: %+v", s)
		}
		if s := d.standing(still.ID); s.State != review.StandsCurrent {
			t.Errorf("untouched: %+v", s)
		}
		if told := d.events(review.KindMoved); len(told) != 1 || strings.Count(told[0], `"standing"`) != 2 || strings.Contains(told[0], draft.Proposal.ID) {
			t.Errorf("told is %s", told)
		}
		if err := d.Settle(ctx); err != nil || len(d.events(review.KindMoved)) != 1 {
			t.Errorf("told again: %v", err)
		}
		// Another process of the same installation finds nothing new.
		if err := review.New(db, d.journal, d.tax, nil, nil).Settle(ctx); err != nil || len(d.events(review.KindMoved)) != 1 {
			t.Errorf("another process told again: %v", err)
		}
		d.takeOver(clean, draft, conflict)
	})
}

// takeOver goes on with what moved.
func (d *desk) takeOver(clean review.Proposal, draft review.Draft, conflict review.Proposal) {
	t, ctx := d.t, d.t.Context()
	see := func(id string) review.Upgrade {
		u, err := d.Upgrade(ctx, d.ana, id)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	u := see(clean.ID)
	if u.Onto == 0 || u.Version != 0 || len(u.Fields) != 2 || u.Fields[0].Conflict || u.Fields[0].Merged.Text != "Spout Bending" {
		t.Errorf("the upgrade is %+v", u)
	}
	_, err := d.TakeOver(ctx, d.rob, clean.ID, review.TakeOver{Onto: u.Onto, Revision: 1})
	wants(t, "somebody else takes over", err, fault.Forbidden)
	_, err = d.TakeOver(ctx, d.ana, clean.ID, review.TakeOver{Onto: u.Onto - 1, Revision: 1})
	wants(t, "onto another version", err, fault.Stale)
	done, err := d.TakeOver(ctx, d.ana, clean.ID, review.TakeOver{Onto: u.Onto, Revision: 1})
	if err != nil || done.Revision != 2 || done.State != review.StateSubmitted || !done.Standing.Settled() || done.Title != "Spout Bending" {
		t.Fatalf("taken over to %+v, %v", done, err)
	}
	changed := map[string]bool{}
	for _, f := range done.Content.Fields {
		changed[f.Field.Name] = f.Changed
		if f.Field.Name == attack.FieldDescription && f.After.Text != aside || f.Field.Name == attack.FieldPlatforms && len(f.After.List) != 2 {
			t.Errorf("merged to %+v", f)
		}
	}
	if !changed["description"] || changed["name"] || changed["platforms"] || done.Content.MadeBy != d.ana.User || done.Content.Note == "" {
		t.Errorf("against its new base: %v", changed)
	}
	first, err := d.Revision(ctx, d.ana, clean.ID, 1)
	if err != nil || first.Fields[0].After.Text != "Spout Redirect" {
		t.Errorf("the revision before is %+v, %v", first, err)
	}
	_, err = d.TakeOver(ctx, d.ana, clean.ID, review.TakeOver{Onto: u.Onto, Revision: 2})
	wants(t, "twice", err, fault.Stale)

	// A draft stays a draft, and an editor that is open elsewhere hears of it.
	w := see(draft.Proposal.ID)
	if _, err := d.TakeOver(ctx, d.ana, draft.Proposal.ID, review.TakeOver{Onto: w.Onto, Version: w.Version}); err != nil {
		t.Fatal(err)
	}
	now, err := d.Draft(ctx, d.ana, draft.Proposal.ID)
	if err != nil || now.Base["name"].Text != "Spout Bending" || !slices.Equal(now.Content["platforms"].List, []string{"Kettle", "Stove", "Samovar"}) || now.Version != draft.Version+1 || !now.Proposal.Standing.Settled() {
		t.Errorf("the draft is %+v, %v", now, err)
	}
	_, err = d.Save(ctx, d.ana, draft.Proposal.ID, review.DraftUpdate{Version: draft.Version, Content: draft.Content})
	wants(t, "a save from before", err, fault.Stale)

	// A conflict waits for a choice.
	c := see(conflict.ID)
	if len(c.Fields) != 2 || !c.Fields[0].Conflict || c.Fields[0].Theirs.Text != "Spout Bending" || c.Fields[0].Ours.Text != "Spout Turning" {
		t.Errorf("the conflict is %+v", c)
	}
	in := review.TakeOver{Onto: c.Onto, Revision: 1}
	_, err = d.TakeOver(ctx, d.ana, conflict.ID, in)
	wants(t, "without a choice", err, fault.Invalid)
	_, err = d.TakeOverAll(ctx, d.rob, review.Bulk{Proposals: []review.BulkItem{{ID: conflict.ID, Revision: 1}}})
	wants(t, "a conflict in bulk", err, fault.Conflict)
	in.Sides = map[string]string{"name": review.Ours}
	if solved, err := d.TakeOver(ctx, d.ana, conflict.ID, in); err != nil || !solved.Standing.Settled() || solved.Title != "Spout Turning" {
		t.Errorf("solved to %+v, %v", solved, err)
	}
	if got := d.events(review.KindUpgraded); len(got) != 2 {
		t.Errorf("%d were told", len(got))
	}
}

// TestTakingOverInBulk is all or nothing, and keeps verdicts.
func TestTakingOverInBulk(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d, ctx := open(t, db), t.Context()
		one := d.submit(d.refine(redirect, attack.Content{attack.FieldDescription: {Text: aside}}))
		two := d.submit(d.refine(redirect, attack.Content{attack.FieldTactics: {List: []string{"pouring", "boiling"}}}))
		back := d.submit(d.refine(redirect, attack.Content{attack.FieldContributors: {List: []string{"Ana"}}}))
		if _, err := d.Review(ctx, d.rob, two.ID, review.ActionApprove, review.Verdict{Revision: 1}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Review(ctx, d.rob, back.ID, review.ActionRequestChanges, review.Verdict{Revision: 1, Note: "More."}); err != nil {
			t.Fatal(err)
		}
		d.newer("3.2", only(redirect, func(o map[string]any) { o["x_mitre_platforms"] = []string{"Kettle", "Stove"} }))
		items := []review.BulkItem{{ID: one.ID, Revision: 1}, {ID: two.ID, Revision: 1}}
		_, err := d.TakeOverAll(ctx, d.rob, review.Bulk{Proposals: append(items, review.BulkItem{ID: back.ID, Revision: 1})})
		wants(t, "with one that is in hand", err, fault.Conflict)
		if s := d.standing(one.ID); s.State != review.StandsMoved {
			t.Errorf("half of it was done: %+v", s)
		}
		done, err := d.TakeOverAll(ctx, d.rob, review.Bulk{Proposals: items})
		if err != nil || len(done) != 2 || done[0].Revision != 2 || done[1].State != review.StateAccepted || done[1].Revision != 2 || len(done[1].Reviews) != 1 {
			t.Fatalf("done is %+v, %v", done, err)
		}
		_, err = d.Upgrade(ctx, d.rob, back.ID)
		wants(t, "a look at a draft of somebody else's", err, fault.Forbidden)
		u, err := d.Upgrade(ctx, d.ana, back.ID)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := d.TakeOver(ctx, d.ana, back.ID, review.TakeOver{Onto: u.Onto, Revision: 1, Version: u.Version}); err != nil || p.Revision != 1 || !p.Standing.Settled() || p.State != review.StateChangesRequested {
			t.Errorf("in hand: %+v, %v", p, err)
		}
	})
}

// TestObjectsThatAreGone names what a proposal needs and what came instead.
func TestObjectsThatAreGone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := open(t, db)
		refined := d.submit(d.refine(redirect, attack.Content{attack.FieldName: {Text: "Spout Turning"}}))
		example := d.submit(d.start(attack.ProcedureExample, redirect, attack.Content{attack.FieldSource: {Text: gang}, attack.FieldDescription: {Text: "They did.(Citation: Steam Notes)"},
			attack.FieldReferences: good()[attack.FieldReferences]}))
		child := good()
		below := d.submit(d.start(attack.NewSubtechnique, redirect, child))
		tactic := d.submit(d.start(attack.NewTechnique, "", attack.Content{attack.FieldName: {Text: "Other"}, attack.FieldTactics: {List: []string{"pouring"}},
			attack.FieldPlatforms: child[attack.FieldPlatforms], attack.FieldDescription: child[attack.FieldDescription], attack.FieldReferences: child[attack.FieldReferences]}))
		check := func(reason string, replacement string) {
			t.Helper()
			for id, field := range map[string]string{refined.ID: "", example.ID: "target", below.ID: "parent"} {
				s := d.standing(id)
				if s.State != review.StandsGone || len(s.Gone) != 1 || s.Gone[0].Field != field || s.Gone[0].Reason != reason || s.Gone[0].Object.AttackID != "T1002" && reason != review.GoneMissing {
					t.Errorf("%s: stands %+v", reason, s)
					continue
				}
				if r := s.Gone[0].Replacement; (r == nil) != (replacement == "") || r != nil && r.STIXID != replacement {
					t.Errorf("%s: the replacement is %+v", reason, r)
				}
			}
		}
		d.newer("3.2", only(redirect, func(o map[string]any) { o["x_mitre_deprecated"] = true }))
		check(review.GoneDeprecated, "")
		d.newer("3.3", func(o map[string]any) []map[string]any {
			if o["id"] != redirect {
				return []map[string]any{o}
			}
			o["revoked"], o["modified"] = true, later
			by := map[string]any{"type": "relationship", "id": "relationship--00000000-0000-4000-9000-000000000099", "created": later, "modified": later,
				"relationship_type": "revoked-by", "source_ref": redirect, "target_ref": overfill}
			return []map[string]any{o, by}
		})
		check(review.GoneRevoked, overfill)
		if _, err := d.Upgrade(t.Context(), d.ana, refined.ID); err != nil {
			t.Errorf("an upgrade of what is gone: %v", err)
		}
		d.newer("3.4", func(o map[string]any) []map[string]any {
			if o["id"] == redirect {
				return nil
			}
			if o["x_mitre_shortname"] == "pouring" {
				o["x_mitre_shortname"], o["modified"] = "serving", later
			}
			return []map[string]any{o}
		})
		check(review.GoneMissing, "")
		if s := d.standing(tactic.ID); s.State != review.StandsCurrent || !slices.Equal(s.Tactics, []string{"pouring"}) || s.Settled() {
			t.Errorf("a tactic that vanished: %+v", s)
		}
		d.newer("3.5", only(overfill, func(map[string]any) {})) // all is back
		if s := d.standing(below.ID); s.State != review.StandsCurrent {
			t.Errorf("back again: %+v", s)
		}
	})
}

// TestTacticsThatVanishedAreMapped in what is under review and in drafts, all
// of it or nothing.
func TestTacticsThatVanishedAreMapped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d, ctx := open(t, db), t.Context()
		pouring := func(name string) attack.Content {
			c := good()
			c[attack.FieldName], c[attack.FieldTactics] = attack.Value{Text: name}, attack.Value{List: []string{"pouring", "boiling"}}
			return c
		}
		one, two, asked := d.submit(d.start(attack.NewTechnique, "", pouring("One"))), d.submit(d.start(attack.NewTechnique, "", pouring("Two"))), d.submit(d.start(attack.NewTechnique, "", pouring("Asked")))
		draft, refined := d.start(attack.NewTechnique, "", pouring("Draft")), d.submit(d.refine(redirect, attack.Content{attack.FieldDescription: {Text: aside}}))
		if _, err := d.Review(ctx, d.rob, asked.ID, review.ActionRequestChanges, review.Verdict{Revision: 1, Note: "More."}); err != nil {
			t.Fatal(err)
		}
		d.newer("3.2", func(o map[string]any) []map[string]any {
			if phases, ok := o["kill_chain_phases"].([]any); ok && phases[0].(map[string]any)["phase_name"] == "pouring" {
				phases[0].(map[string]any)["phase_name"], o["modified"] = "serving", later
			}
			if o["x_mitre_shortname"] == "pouring" {
				o["x_mitre_shortname"], o["modified"] = "serving", later
			}
			return []map[string]any{o}
		})
		// What a refinement did not touch follows by itself.
		if s := d.standing(refined.ID); s.State != review.StandsMoved || len(s.Tactics) != 0 {
			t.Errorf("a refinement of something else stands %+v", s)
		}
		drafts, err := d.AffectedDrafts(ctx, d.mia)
		if err != nil || drafts["pouring"] != 1 {
			t.Errorf("drafts: %v, %v", drafts, err)
		}
		item := func(p review.Proposal, revision int64) review.MapItem {
			return review.MapItem{BulkItem: review.BulkItem{ID: p.ID, Revision: revision}}
		}
		in := review.Map{Tactics: review.Mapping{"pouring": {"serving"}}, Proposals: []review.MapItem{item(one, 1), item(two, 2)}, Drafts: true}
		_, err = d.MapTactics(ctx, d.mia, domain, in)
		wants(t, "one that moved on", err, fault.Conflict)
		for name, m := range map[string]review.Mapping{"to nothing": {"pouring": {}}, "to what is not": {"pouring": {"eating"}}, "from what exists": {"boiling": {"serving"}}} {
			_, err := d.MapTactics(ctx, d.mia, domain, review.Map{Tactics: m})
			wants(t, name, err, fault.Invalid)
		}
		if s := d.standing(one.ID); !slices.Equal(s.Tactics, []string{"pouring"}) {
			t.Errorf("half of it was done: %+v", s)
		}
		in.Proposals = []review.MapItem{item(one, 1), item(two, 1), item(asked, 1)}
		in.Proposals[1].Tactics = review.Mapping{"pouring": {"boiling"}}
		done, err := d.MapTactics(ctx, d.mia, domain, in)
		if err != nil || len(done.Proposals) != 3 || done.Drafts != 1 {
			t.Fatalf("mapped %+v, %v", done, err)
		}
		for id, want := range map[string][]string{one.ID: {"serving", "boiling"}, two.ID: {"boiling"}} {
			now, err := d.Get(ctx, d.ana, id)
			if err != nil || now.Revision != 2 || !slices.Equal(now.Tactics, want) || !now.Standing.Settled() || !strings.Contains(now.Content.Note, "pouring") || now.Content.MadeBy != d.mia.User {
				t.Errorf("mapped to %+v, %v", now, err)
			}
			first, err := d.Revision(ctx, d.ana, id, 1)
			if err != nil || first.Number != 1 {
				t.Errorf("the revision before: %v", err)
			}
		}
		for _, id := range []string{asked.ID, draft.Proposal.ID} {
			now, err := d.Draft(ctx, d.ana, id)
			if err != nil || !slices.Equal(now.Content[attack.FieldTactics].List, []string{"serving", "boiling"}) || !now.Proposal.Standing.Settled() || now.Version != 2 {
				t.Errorf("the draft is %+v, %v", now, err)
			}
		}
		// What was mapped stays so when the next release comes.
		d.newer("3.3", func(o map[string]any) []map[string]any {
			if o["x_mitre_shortname"] == "pouring" {
				o["x_mitre_shortname"], o["modified"] = "serving", later
			}
			return []map[string]any{o}
		})
		if s := d.standing(asked.ID); !s.Settled() {
			t.Errorf("after one more release: %+v", s)
		}
		if again, err := d.MapTactics(ctx, d.mia, domain, review.Map{Tactics: in.Tactics, Drafts: true}); err != nil || again.Drafts != 0 {
			t.Errorf("again %+v, %v", again, err)
		}
	})
}
