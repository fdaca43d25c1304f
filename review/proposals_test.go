package review_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	domain   = "small-attack"
	overfill = "attack-pattern--00000000-0000-4000-9000-000000000006"
	redirect = "attack-pattern--00000000-0000-4000-9000-000000000008"
	gang     = "intrusion-set--00000000-0000-4000-9000-000000000010"
)

// desk is a workshop on a small made-up taxonomy.
type desk struct {
	*review.Proposals
	t        testing.TB
	db       *gorm.DB
	journal  *journal.Journal
	workshop string
	ana      review.Actor // participant
	rob      review.Actor // reviewer
	mia      review.Actor // maintainer
	tax      *taxonomy.Taxonomy
}

func open(t testing.TB, db *gorm.DB) *desk {
	t.Helper()
	ctx := t.Context()
	j, p, text, tax := journal.New(db), people.New(db), markdown.New(attack.LinkRules()), taxonomy.New(db, slog.New(slog.DiscardHandler))
	f, err := os.Open("testdata/small.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := tax.Import(ctx, taxonomy.Source{Name: "small.json", Reader: f, Kind: taxonomy.FromImport}, nil); err != nil {
		t.Fatal(err)
	}
	person := func(name string) string {
		a, err := p.Add(ctx, people.Account{User: people.User{Name: name}})
		if err != nil {
			t.Fatal(err)
		}
		return a.ID
	}
	fay := person("Fay")
	rooms := workshop.New(db, j, p)
	w, err := rooms.Create(ctx, fay, workshop.Workshop{Brief: workshop.Brief{Name: "Tea", StartsOn: "2026-12-01", EndsOn: "2026-12-01", TLP: "clear"}, Domain: domain})
	if err != nil {
		t.Fatal(err)
	}
	as := func(name string, roles ...review.Role) review.Actor {
		return review.Actor{User: person(name), Roles: roles, Workshop: w.ID}
	}
	return &desk{review.New(db, j, tax, text, rooms.CircleIn), t, db, j, w.ID, as("Ana", review.Participant), as("Rob", review.Reviewer), as("Mia", review.Maintainer), tax}
}

func good() attack.Content {
	return attack.Content{
		attack.FieldName: {Text: "Whistle Muting"}, attack.FieldTactics: {List: []string{"boiling"}}, attack.FieldPlatforms: {List: []string{"Kettle"}},
		attack.FieldDescription: {Text: "Adversaries may mute the whistle." +
			" Who waits for it goes on waiting, and the kettle boils dry in an empty room, which nobody notices before the smell does.(Citation: Steam Notes)"},
		attack.FieldReferences: {References: []attack.Reference{{SourceName: "Steam Notes", Description: "Example, B. (2025). Steam. Retrieved May 2, 2026.", URL: "https://example.com/steam"}}},
	}
}

func (d *desk) start(kind, object string, content attack.Content) review.Draft {
	d.t.Helper()
	draft, err := d.Start(d.t.Context(), d.ana, domain, review.NewProposal{Kind: kind, ObjectID: object, Content: content})
	if err != nil {
		d.t.Fatal(err)
	}
	return draft
}

func (d *desk) submit(draft review.Draft) review.Proposal {
	d.t.Helper()
	p, err := d.Submit(d.t.Context(), d.ana, draft.Proposal.ID, review.Submission{Version: draft.Version})
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

func (d *desk) kinds() []string {
	d.t.Helper()
	events, err := d.journal.After(d.t.Context(), d.workshop, 2, 100) // behind created and joined
	if err != nil {
		d.t.Fatal(err)
	}
	list := make([]string, len(events))
	for i, e := range events {
		list[i] = e.Kind
	}
	return list
}

func wants(t testing.TB, what string, err error, code fault.Code) {
	t.Helper()
	if err == nil || fault.CodeOf(err) != code {
		t.Errorf("%s: got %v, want a fault %s", what, err, code)
	}
}

func TestAProposalIsWrittenReviewedAndAccepted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d, ctx := open(t, db), t.Context()
		draft := d.start(attack.NewTechnique, "", attack.Content{attack.FieldName: {Text: " Kettle Overfil "}})
		if draft.Proposal.Title != "Kettle Overfil" || draft.Proposal.Object.Label != "NEW-1" || len(draft.Similar) == 0 || draft.Similar[0].AttackID != "T1001" {
			t.Errorf("draft is %+v", draft)
		}
		_, err := d.Submit(ctx, d.ana, draft.Proposal.ID, review.Submission{Version: draft.Version})
		var refused *fault.Error
		if !errors.As(err, &refused) || refused.Code != fault.Invalid || refused.Field != "content.tactics" || len(refused.Details.(review.Refused).Checks) < 3 {
			t.Errorf("an unfinished one was answered by %v", err)
		}
		if _, err := d.Get(ctx, d.rob, draft.Proposal.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("a draft is seen by others: %v", err)
		}
		wants(t, "talk about a draft", d.Discussed(ctx, d.ana, draft.Proposal.ID, ""), fault.Conflict)
		saved, err := d.Save(ctx, d.ana, draft.Proposal.ID, review.DraftUpdate{Version: draft.Version, Content: good(), Rationale: "Seen twice."})
		if err != nil || saved.Version != 2 || len(saved.Checks) != 0 {
			t.Fatalf("save: %+v, %v", saved, err)
		}
		p := d.submit(saved)
		if p.State != review.StateSubmitted || p.Revision != 1 || p.Title != "Whistle Muting" || p.Turn.Role != review.Reviewer || p.Content == nil {
			t.Errorf("submitted is %+v", p)
		}
		_, err = d.Review(ctx, d.ana, p.ID, review.ActionApprove, review.Verdict{Revision: 1})
		wants(t, "a participant approves", err, fault.Forbidden)
		_, err = d.Review(ctx, d.rob, p.ID, review.ActionRequestChanges, review.Verdict{Revision: 1})
		wants(t, "a request without a note", err, fault.Invalid)
		for _, step := range []struct {
			action review.Action
			state  review.State
		}{{review.ActionStartReview, review.StateInReview}, {review.ActionRequestChanges, review.StateChangesRequested}} {
			if p, err = d.Review(ctx, d.rob, p.ID, step.action, review.Verdict{Revision: 1, Note: "Why **kettles**?"}); err != nil || p.State != step.state {
				t.Fatalf("%s: %+v, %v", step.action, p, err)
			}
		}
		if p.Turn.User != d.ana.User || len(p.Reviews) != 1 || p.Reviews[0].NoteHTML == "" {
			t.Errorf("after the request it is %+v", p)
		}
		again, err := d.Draft(ctx, d.ana, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		again.Content[attack.FieldDescription] = attack.Value{Text: "Adversaries may stuff the whistle.(Citation: Steam Notes)"}
		if again, err = d.Save(ctx, d.ana, p.ID, review.DraftUpdate{Version: again.Version, Content: again.Content}); err != nil {
			t.Fatal(err)
		}
		if p = d.submit(again); p.Revision != 2 || p.Turn.User != d.rob.User {
			t.Errorf("revised is %+v", p)
		}
		_, err = d.Review(ctx, d.rob, p.ID, review.ActionApprove, review.Verdict{Revision: 1})
		wants(t, "a verdict on the old revision", err, fault.Stale)
		if p, err = d.Review(ctx, d.rob, p.ID, review.ActionApprove, review.Verdict{Revision: 2, Bump: "major"}); err != nil || p.State != review.StateAccepted || p.Bump != "major" {
			t.Errorf("approve: %+v, %v", p, err)
		}
		want := []string{review.KindSubmitted, review.KindStarted, review.KindChangesRequested, review.KindSubmitted, review.KindApproved}
		if got := d.kinds(); !slices.Equal(got, want) {
			t.Errorf("journal has %v", got)
		}
		first, err := d.Revision(ctx, d.rob, p.ID, 1)
		if err != nil || first.Number != 1 || !strings.Contains(first.Fields[3].AfterHTML, "mute the whistle") {
			t.Errorf("the first revision reads %+v, %v", first, err)
		}
	})
}

// TestTheTableDecides tries every action in every state as everybody and finds
// exactly what the table says.
func TestTheTableDecides(t *testing.T) {
	d := open(t, storetest.Open(t))
	d.ana.Roles = []review.Role{review.Participant, review.Reviewer} // to see that the author is refused as a reviewer
	actors := map[string]review.Actor{"author": d.ana, "reviewer": d.rob, "maintainer": d.mia,
		"observer": {User: d.rob.User, Workshop: d.workshop, Roles: []review.Role{review.Observer}}}
	actions := []review.Action{review.ActionEdit, review.ActionSubmit, review.ActionWithdraw, review.ActionStartReview, review.ActionApprove,
		review.ActionRequestChanges, review.ActionReject, review.ActionInvite, review.ActionSuggest, review.ActionTake, review.ActionDecline,
		review.ActionDrop, review.ActionUndo, review.ActionName, review.ActionThank, review.ActionYield,
		review.ActionResolve, review.ActionReopen, review.ActionBlock, review.ActionUnblock}
	states := []review.State{review.StateDraft, review.StateSubmitted, review.StateInReview, review.StateChangesRequested,
		review.StateAccepted, review.StateRejected, review.StateWithdrawn, review.StateReleased}
	for _, action := range actions {
		p := d.readyFor(action)
		for _, state := range states {
			for name, actor := range actors {
				if err := d.db.Exec("UPDATE proposals SET state = ? WHERE id = ?", state, p.ID).Error; err != nil {
					t.Fatal(err)
				}
				got, want := d.try(actor, p, action), allowed(actor, p, state, action)
				if (got == nil) != want {
					t.Errorf("%s by the %s when %s: %v", action, name, state, got)
				}
				if got == nil { // what is refused changes nothing, and serves again
					p = d.readyFor(action)
				}
			}
		}
	}
}

// readyFor gives a proposal that an action can be tried on, but for its state.
func (d *desk) readyFor(action review.Action) review.Proposal {
	d.t.Helper()
	p := d.submit(d.start(attack.NewTechnique, "", good()))
	if slices.Contains([]review.Action{review.ActionTake, review.ActionDecline, review.ActionDrop, review.ActionUndo}, action) {
		p = d.suggest(p, "Whistles, too.")
	}
	if action == review.ActionUndo {
		p = d.answer(p, review.ActionTake)
	}
	return p
}

func allowed(actor review.Actor, p review.Proposal, state review.State, action review.Action) bool {
	return slices.ContainsFunc(review.Transitions(), func(t review.Transition) bool {
		mine := p.Author == actor.User
		return t.Action == action && t.From == state && actor.Has(t.Roles...) &&
			!((t.Guard == review.GuardAuthor || t.Guard == review.GuardWriter || t.Guard == review.GuardParty) && !mine) &&
			!((t.Guard == review.GuardNotAuthor || t.Guard == review.GuardNotWriter) && mine) &&
			!(t.Guard == review.GuardSuggester && actor.User != p.Suggestions[0].By)
	})
}

func (d *desk) try(actor review.Actor, p review.Proposal, action review.Action) (err error) {
	ctx := d.t.Context()
	switch action {
	case review.ActionEdit:
		_, err = d.Save(ctx, actor, p.ID, review.DraftUpdate{Version: 1, Content: good()})
	case review.ActionInvite:
		_, err = d.Invite(ctx, actor, p.ID, review.Authors{})
	case review.ActionSubmit:
		_, err = d.Submit(ctx, actor, p.ID, review.Submission{Version: 1})
	case review.ActionWithdraw:
		_, err = d.Withdraw(ctx, actor, p.ID)
	case review.ActionSuggest:
		_, err = d.Suggest(ctx, actor, p.ID, review.NewSuggestion{Revision: 1, Content: attack.Content{attack.FieldName: {Text: "Whistle Silencing"}}, Note: "Why."})
	case review.ActionTake, review.ActionDecline, review.ActionDrop, review.ActionUndo:
		_, err = d.AnswerSuggestion(ctx, actor, p.ID, p.Suggestions[0].ID, action, review.SuggestionAnswer{Revision: p.Revision})
	case review.ActionName:
		_, err = d.NameMeIn(ctx, actor, p.ID, review.Naming{Answer: review.AnswerUnnamed})
	case review.ActionThank:
		_, err = d.Thank(ctx, actor, p.ID, review.Thanks{})
	case review.ActionResolve, review.ActionReopen, review.ActionBlock, review.ActionUnblock:
		_, err = d.ChangeThread(ctx, actor, p.ID, d.opened(p), action)
	case review.ActionYield:
		err = d.MayYieldIn(d.db, actor, p.ID)
	default:
		_, err = d.Review(ctx, actor, p.ID, action, review.Verdict{Revision: 1, Note: "Because."})
	}
	return err
}

func TestARefinementIsComparedWithItsBase(t *testing.T) {
	d := open(t, storetest.Open(t))
	draft := d.start(attack.Refinement, "T1001", nil)
	if draft.Base == nil || draft.Content[attack.FieldName].Text != "Kettle Overfill" || draft.Proposal.Object.Label != "T1001" {
		t.Fatalf("draft is %+v", draft)
	}
	_, err := d.Submit(t.Context(), d.ana, draft.Proposal.ID, review.Submission{Version: 1})
	wants(t, "nothing was changed", err, fault.Invalid)
	draft.Content[attack.FieldPlatforms] = attack.Value{List: []string{"Kettle"}}
	saved, err := d.Save(t.Context(), d.ana, draft.Proposal.ID, review.DraftUpdate{Version: 1, Content: draft.Content, Bump: "patch"})
	if err != nil {
		t.Fatal(err)
	}
	p := d.submit(saved)
	var changed []string
	for _, f := range p.Content.Fields {
		if f.Changed {
			changed = append(changed, f.Field.Name)
		}
	}
	if !slices.Equal(changed, []string{attack.FieldPlatforms}) || !slices.Equal(p.Techniques, []string{overfill}) || p.Bump != "patch" {
		t.Errorf("changed %v in %+v", changed, p)
	}
}

func TestKindsStartFromTheirObjects(t *testing.T) {
	d := open(t, storetest.Open(t))
	sub := d.start(attack.NewSubtechnique, "T1001", nil)
	if sub.Content[attack.FieldParent].Text != overfill || !slices.Equal(sub.Content[attack.FieldTactics].List, []string{"boiling"}) {
		t.Errorf("sub-technique starts with %+v", sub.Content)
	}
	example := d.start(attack.ProcedureExample, redirect, attack.Content{attack.FieldSource: {Text: gang}})
	if example.Proposal.Title != "Teapot Gang uses Spout Redirect" || example.Proposal.Object.Label != "#2" {
		t.Errorf("example is %+v", example.Proposal)
	}
	for name, in := range map[string]review.NewProposal{
		"unknown kind":              {Kind: "wish"},
		"refine nothing":            {Kind: attack.Refinement},
		"refine a group":            {Kind: attack.Refinement, ObjectID: "G0901"},
		"refine what is not":        {Kind: attack.Refinement, ObjectID: "T9999"},
		"below a sub-technique":     {Kind: attack.NewSubtechnique, ObjectID: "T1001.001"},
		"a technique of an object":  {Kind: attack.NewTechnique, ObjectID: "T1001"},
		"a field that is not there": {Kind: attack.NewTechnique, Content: attack.Content{"colour": {Text: "red"}}},
		"a name of 1 MB":            {Kind: attack.NewTechnique, Content: attack.Content{attack.FieldName: {Text: strings.Repeat("x", 1<<20)}}},
		"bytes that are no text":    {Kind: attack.NewTechnique, Content: attack.Content{attack.FieldName: {Text: "a\xffb"}}},
		"a list as a name":          {Kind: attack.NewTechnique, Content: attack.Content{attack.FieldName: {List: []string{"a"}}}},
	} {
		_, err := d.Start(t.Context(), d.ana, domain, in)
		wants(t, name, err, fault.Invalid)
	}
	_, err := d.Start(t.Context(), d.ana, "mars-attack", review.NewProposal{Kind: attack.NewTechnique})
	wants(t, "a domain that is not loaded", err, fault.Conflict)
	if drafts, err := d.Drafts(t.Context(), d.ana); err != nil || len(drafts) != 2 {
		t.Errorf("%d drafts were made, %v", len(drafts), err)
	}
}

func TestTwoTabsDoNotOverwriteEachOther(t *testing.T) {
	d, ctx := open(t, storetest.Open(t)), t.Context()
	draft := d.start(attack.NewTechnique, "", nil)
	if _, err := d.Save(ctx, d.ana, draft.Proposal.ID, review.DraftUpdate{Version: 1, Content: good()}); err != nil {
		t.Fatal(err)
	}
	mine := attack.Content{attack.FieldName: {Text: "Mine"}}
	_, err := d.Save(ctx, d.ana, draft.Proposal.ID, review.DraftUpdate{Version: 1, Content: mine})
	var stale *fault.Error
	if !errors.As(err, &stale) || stale.Code != fault.Stale {
		t.Fatalf("got %v", err)
	}
	both := stale.Details.(review.StaleDraft)
	if both.Yours[attack.FieldName].Text != "Mine" || both.Theirs.Content[attack.FieldName].Text != "Whistle Muting" || both.Theirs.Version != 2 {
		t.Errorf("both sides are %+v", both)
	}
	_, err = d.Submit(ctx, d.ana, draft.Proposal.ID, review.Submission{Version: 1})
	wants(t, "submit what was changed since", err, fault.Stale)
}

// TestNobodySeesADraftBeforeItIsSubmitted saves after a request for changes,
// and compares what others read before and after.
func TestNobodySeesADraftBeforeItIsSubmitted(t *testing.T) {
	d, ctx := open(t, storetest.Open(t)), t.Context()
	p := d.submit(d.start(attack.Refinement, "T1001", attack.Content{attack.FieldPlatforms: {List: []string{"Kettle"}}}))
	if _, err := d.Review(ctx, d.rob, p.ID, review.ActionRequestChanges, review.Verdict{Revision: 1, Note: "Why?"}); err != nil {
		t.Fatal(err)
	}
	before, err := d.Get(ctx, d.rob, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	draft, err := d.Draft(ctx, d.ana, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	draft.Content[attack.FieldName] = attack.Value{Text: "Secret"}
	saved, err := d.Save(ctx, d.ana, p.ID, review.DraftUpdate{Version: draft.Version, Content: draft.Content, Rationale: "Secret", Bump: "major"})
	if err != nil || saved.Proposal.Rationale != "Secret" || saved.Proposal.Bump != "major" {
		t.Fatalf("the author sees %+v, %v", saved.Proposal, err)
	}
	after, err := d.Get(ctx, d.rob, p.ID)
	if err != nil || text(t, after) != text(t, before) {
		t.Errorf("others see %s, %v", text(t, after), err)
	}
	if out := d.submit(saved); out.Rationale != "Secret" || out.Bump != "major" || out.Title != "Secret" {
		t.Errorf("submitted is %+v", out)
	}
}

func TestARepeatIsAnsweredOnce(t *testing.T) {
	d := open(t, storetest.Open(t))
	once := func(key string) context.Context { return journal.WithRequest(t.Context(), d.ana.User, key, key) }
	var ids [2]string
	for i := range ids {
		draft, err := d.Start(once("start"), d.ana, domain, review.NewProposal{Kind: attack.NewTechnique, Content: good()})
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = draft.Proposal.ID
		p, err := d.Submit(once("submit"), d.ana, draft.Proposal.ID, review.Submission{Version: 1})
		if err != nil || p.State != review.StateSubmitted {
			t.Fatalf("submit %d: %+v, %v", i, p, err)
		}
	}
	if all, err := d.List(t.Context(), d.rob, review.Filter{}); err != nil || len(all) != 1 || ids[0] != ids[1] || all[0].Revision != 1 {
		t.Errorf("there are %+v, %v", all, err)
	}
}

func TestNumbersHaveNoDoublesUnderManyWriters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d := open(t, db)
		var writers sync.WaitGroup
		var failed atomic.Int32
		for range 16 {
			writers.Go(func() {
				draft, err := d.Start(t.Context(), d.ana, domain, review.NewProposal{Kind: attack.NewTechnique, Content: good()})
				if err == nil {
					_, err = d.Submit(t.Context(), d.ana, draft.Proposal.ID, review.Submission{Version: draft.Version})
				}
				if err != nil {
					failed.Add(1)
					t.Error(err)
				}
			})
		}
		writers.Wait()
		all, err := d.List(t.Context(), d.rob, review.Filter{})
		if err != nil || len(all) != 16-int(failed.Load()) || len(d.kinds()) != 16 {
			t.Fatalf("%d proposals, %d events, %v", len(all), len(d.kinds()), err)
		}
		for i, p := range all {
			if p.Number != int64(i+1) {
				t.Errorf("number %d is %d", i+1, p.Number)
			}
		}
	})
}

func TestTheQueueKnowsWhoseTurnItIs(t *testing.T) {
	d, ctx := open(t, storetest.Open(t)), t.Context()
	waiting := d.submit(d.start(attack.NewTechnique, "", good()))
	asked := d.submit(d.start(attack.Refinement, "T1002", attack.Content{attack.FieldPlatforms: {List: []string{"Stove"}}}))
	if _, err := d.Review(ctx, d.rob, asked.ID, review.ActionRequestChanges, review.Verdict{Revision: 1, Note: "Why?"}); err != nil {
		t.Fatal(err)
	}
	done := d.submit(d.start(attack.ProcedureExample, redirect, attack.Content{attack.FieldSource: {Text: gang},
		attack.FieldDescription: good()[attack.FieldDescription], attack.FieldReferences: good()[attack.FieldReferences]}))
	if _, err := d.Review(ctx, d.rob, done.ID, review.ActionApprove, review.Verdict{Revision: 1}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		actor review.Actor
		mine  []string
	}{"author": {d.ana, []string{asked.ID}}, "reviewer": {d.rob, []string{waiting.ID}}, "maintainer": {d.mia, []string{waiting.ID, done.ID}},
		"observer": {review.Actor{User: uuid.NewString(), Workshop: d.workshop, Roles: []review.Role{review.Observer}}, nil}} {
		q, err := d.Queue(ctx, c.actor)
		if err != nil || len(q.Items) != 3 {
			t.Fatalf("%s sees %+v, %v", name, q, err)
		}
		var mine []string
		for _, item := range q.Items {
			if item.Mine {
				mine = append(mine, item.Proposal.ID)
			}
		}
		if !slices.Equal(mine, c.mine) || len(mine) > 0 && !q.Items[0].Mine {
			t.Errorf("for the %s waits %v", name, mine)
		}
	}
}

func TestAReleaseTakesWhatWasAccepted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d, ctx := open(t, db), t.Context()
		p := d.submit(d.start(attack.NewTechnique, "", good()))
		if _, err := d.PutOnIn(db, d.workshop, "r1", []string{p.ID}); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("what was not accepted went on a release: %v", err)
		}
		if _, err := d.Review(ctx, d.rob, p.ID, review.ActionApprove, review.Verdict{Revision: 1}); err != nil {
			t.Fatal(err)
		}
		if changed, err := d.PutOnIn(db, d.workshop, "r1", []string{p.ID}); err != nil || len(changed) != 1 || changed[0].Release != "r1" {
			t.Fatalf("put on: %+v, %v", changed, err)
		}
		if _, err := d.PutOnIn(db, d.workshop, "r2", []string{p.ID}); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("it went on two releases: %v", err)
		}
		on, err := d.OnReleaseIn(db, "r1")
		if err != nil || len(on) != 1 || on[0].Content[attack.FieldName].Text != "Whistle Muting" || on[0].Base != nil {
			t.Errorf("on the release is %+v, %v", on, err)
		}
		_, err = d.ReleaseIn(db, d.rob, "r1", nil)
		wants(t, "a reviewer releases", err, fault.Forbidden)
		out, err := d.ReleaseIn(db, d.mia, "r1", map[string]string{p.ID: "T9000"})
		if err != nil || len(out) != 1 || out[0].State != review.StateReleased || out[0].Object.AttackID != "T9000" {
			t.Errorf("released %+v, %v", out, err)
		}
	})
}

// TestEventsCarryWhatIsReadAfresh compares the proposal of every event with
// what the same moment gives when it is read.
func TestEventsCarryWhatIsReadAfresh(t *testing.T) {
	d, ctx := open(t, storetest.Open(t)), t.Context()
	same := func(what string) {
		t.Helper()
		events, err := d.journal.Before(ctx, d.workshop, 1<<62, 1)
		if err != nil {
			t.Fatal(err)
		}
		var data struct{ Proposal review.Proposal }
		if err := json.Unmarshal(events[0].Data, &data); err != nil {
			t.Fatal(err)
		}
		fresh, err := d.Get(ctx, d.rob, data.Proposal.ID)
		if err != nil {
			t.Fatal(err)
		}
		if data.Proposal.Content == nil { // the page keeps the content that it has
			fresh.Content = nil
		}
		a, b := text(t, data.Proposal), text(t, fresh)
		if a != b {
			t.Errorf("%s: the event says\n%s, afresh it is\n%s", what, a, b)
		}
	}
	p := d.submit(d.start(attack.NewTechnique, "", good()))
	same("submitted")
	for _, action := range []review.Action{review.ActionStartReview, review.ActionRequestChanges} {
		if _, err := d.Review(ctx, d.rob, p.ID, action, review.Verdict{Revision: 1, Note: "Why?"}); err != nil {
			t.Fatal(err)
		}
		same(string(action))
	}
	if _, err := d.Submit(ctx, d.ana, p.ID, review.Submission{Version: 1}); err != nil {
		t.Fatal(err)
	}
	same("submitted again")
	for i, action := range []review.Action{review.ActionApprove, review.ActionReject} {
		q := d.submit(d.start(attack.NewTechnique, "", good()))
		if _, err := d.Review(ctx, d.rob, q.ID, action, review.Verdict{Revision: 1, Note: fmt.Sprint("Note ", i)}); err != nil {
			t.Fatal(err)
		}
		same(string(action))
	}
	if _, err := d.Withdraw(ctx, d.ana, p.ID); err != nil {
		t.Fatal(err)
	}
	same("withdrawn")
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
