package workshop_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type house struct {
	*workshop.Workshops
	journal *journal.Journal
	people  *people.People
}

func open(db *gorm.DB) house {
	j, p := journal.New(db), people.New(db)
	return house{workshop.New(db, j, p), j, p}
}

func (h house) person(t *testing.T, name string) string {
	t.Helper()
	a, err := h.people.Add(t.Context(), people.Account{User: people.User{Name: name}})
	if err != nil {
		t.Fatal(err)
	}
	return a.ID
}

func plan() workshop.Workshop {
	return workshop.Workshop{Brief: workshop.Brief{Name: "Winter", StartsOn: "2026-12-01", EndsOn: "2026-12-02", Place: "Lisbon", TLP: "green"},
		Domain: "enterprise-attack", JoinOpen: true, Agenda: []workshop.AgendaItem{{Title: "Welcome", StartsAt: "09:00", Minutes: 15}}}
}

func TestAWorkshopIsMadeJoinedAndRun(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		h, ctx := open(db), t.Context()
		fay, bo := h.person(t, "Fay"), h.person(t, "Bo")
		w, err := h.Create(ctx, fay, plan())
		if err != nil {
			t.Fatal(err)
		}
		in, err := h.Invitation(ctx, w.ID)
		if err != nil || !in.Open || !regexp.MustCompile(`^[A-Z2-9]{4}-[A-Z2-9]{4}$`).MatchString(in.Code) {
			t.Fatalf("invitation %+v, %v", in, err)
		}
		typed := " " + strings.ToLower(strings.ReplaceAll(in.Code, "-", " ")) + "\n"
		var joins sync.WaitGroup
		for range 4 { // a double click, and then some
			joins.Go(func() {
				j, err := h.Join(ctx, typed, bo)
				if err != nil || j.Workshop != w.ID || j.Member.User.Name != "Bo" || len(j.Member.Roles) != 1 || j.Member.Roles[0] != review.Participant {
					t.Errorf("join: %+v, %v", j, err)
				}
			})
		}
		joins.Wait()
		if _, err := h.SetRoles(ctx, fay, w.ID, bo, []review.Role{review.Reviewer, review.Participant}); err != nil {
			t.Fatal(err)
		}
		name := "Winter II"
		if _, err := h.Update(ctx, fay, w.ID, workshop.Change{Revision: 1, Name: &name}); err != nil {
			t.Fatal(err)
		}
		_, err = h.Update(ctx, fay, w.ID, workshop.Change{Revision: 1, Place: &name})
		if f, ok := err.(*fault.Error); !ok || f.Code != fault.Stale || f.Details.(workshop.BothSides).Theirs.Name != name {
			t.Errorf("a stale change: %v", err)
		}
		fresh, err := h.Get(ctx, w.ID)
		if err != nil {
			t.Fatal(err)
		}
		members, err := h.Members(ctx, w.ID)
		if err != nil {
			t.Fatal(err)
		}
		// What the events said is what is read afresh.
		var live workshop.Workshop
		byID, kinds := map[string]workshop.Member{}, []string{}
		events, err := h.journal.After(ctx, w.ID, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			var data struct {
				Workshop *workshop.Workshop
				Member   *workshop.Member
			}
			if err := json.Unmarshal(e.Data, &data); err != nil {
				t.Fatal(err)
			}
			if data.Workshop != nil {
				live = *data.Workshop
			}
			if data.Member != nil {
				byID[data.Member.User.ID] = *data.Member
			}
			kinds = append(kinds, e.Kind)
		}
		if d := cmp.Diff(fresh, live); d != "" {
			t.Errorf("workshop fresh (-) and live (+): %s", d)
		}
		listed := map[string]workshop.Member{}
		for _, m := range members {
			listed[m.User.ID] = m
		}
		if d := cmp.Diff(listed, byID); d != "" || len(members) != 2 {
			t.Errorf("members fresh (-) and live (+): %s", d)
		}
		want := []string{workshop.KindCreated, workshop.KindMemberJoined, workshop.KindMemberJoined, workshop.KindMemberChanged, workshop.KindUpdated}
		if d := cmp.Diff(want, kinds); d != "" {
			t.Errorf("events: %s", d)
		}
		list, err := h.Memberships(ctx, bo)
		if err != nil || len(list) != 1 || list[0].Workshop.Name != name || list[0].Workshop.TLP != "green" || len(list[0].Roles) != 2 {
			t.Errorf("memberships: %+v, %v", list, err)
		}
	})
}

func TestDoorsThatAreShut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		h, ctx := open(db), t.Context()
		fay, bo := h.person(t, "Fay"), h.person(t, "Bo")
		w, err := h.Create(ctx, fay, plan())
		if err != nil {
			t.Fatal(err)
		}
		old, err := h.Invitation(ctx, w.ID)
		if err != nil {
			t.Fatal(err)
		}
		now, err := h.Renew(ctx, fay, w.ID)
		if err != nil || now.Code == old.Code {
			t.Fatalf("renewed %v to %v, %v", old, now, err)
		}
		if _, err := h.Join(ctx, old.Code, bo); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("with the old code: %v", err)
		}
		shut := false
		if _, err := h.Update(ctx, fay, w.ID, workshop.Change{Revision: 1, JoinOpen: &shut}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Join(ctx, now.Code, bo); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("into a shut workshop: %v", err)
		}
		if _, err := h.Join(ctx, now.Code, fay); err != nil {
			t.Errorf("a member comes back: %v", err)
		}
		if _, err := h.Roles(ctx, w.ID, bo); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("roles of a stranger: %v", err)
		}
		if _, err := h.Get(ctx, "nowhere"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("a workshop that is not: %v", err)
		}
		for _, roles := range [][]review.Role{nil, {"king"}, {review.Participant, "king"}} {
			if _, err := h.SetRoles(ctx, fay, w.ID, fay, roles); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("roles %v: %v", roles, err)
			}
		}
	})
}

func TestWhoJoinsManyTimesAtOnceIsInOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		h, ctx := open(db), t.Context()
		w, err := h.Create(ctx, h.person(t, "Fay"), plan())
		if err != nil {
			t.Fatal(err)
		}
		in, err := h.Invitation(ctx, w.ID)
		if err != nil {
			t.Fatal(err)
		}
		bo := h.person(t, "Bo")
		var tries sync.WaitGroup
		for range 8 {
			tries.Go(func() {
				if _, err := h.Join(ctx, in.Code, bo); err != nil {
					t.Error(err)
				}
			})
		}
		tries.Wait()
		if members, err := h.Members(ctx, w.ID); err != nil || len(members) != 2 {
			t.Errorf("members are %v, %v", members, err)
		}
	})
}

func TestAgendaItemsHaveIDsOfTheirOwn(t *testing.T) {
	h := open(storetest.Open(t))
	p := plan()
	p.Agenda = []workshop.AgendaItem{{ID: "a", Title: "One"}, {ID: "a", Title: "Two"}, {ID: "6f0c1e9e-0d0e-4a55-8f3f-0d1f4f1f0001", Title: "Three"}}
	w, err := h.Create(t.Context(), h.person(t, "Fay"), p)
	if err != nil || w.Agenda[0].ID == w.Agenda[1].ID || w.Agenda[2].ID != p.Agenda[2].ID {
		t.Errorf("agenda is %+v, %v", w.Agenda, err)
	}
}

// TestARenewedCodeStays: a facilitator renews the join code while another
// saves the workshop that was read before.
func TestARenewedCodeStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		h, ctx := open(db), t.Context()
		fay := h.person(t, "Fay")
		w, err := h.Create(ctx, fay, plan())
		if err != nil {
			t.Fatal(err)
		}
		for revision := w.Revision; revision <= 20; revision++ {
			var renewed string
			var both sync.WaitGroup
			both.Go(func() {
				in, err := h.Renew(ctx, fay, w.ID)
				if err != nil {
					t.Error(err)
				}
				renewed = in.Code
			})
			both.Go(func() {
				if _, err := h.Update(ctx, fay, w.ID, workshop.Change{Revision: revision}); err != nil {
					t.Error(err)
				}
			})
			both.Wait()
			if in, err := h.Invitation(ctx, w.ID); err != nil || in.Code != renewed {
				t.Fatalf("the code is %q, renewed to %q, %v", in.Code, renewed, err)
			}
		}
	})
}

func TestTwoFacilitatorsCannotBothLeave(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		h, ctx := open(db), t.Context()
		two := []string{h.person(t, "Fay"), h.person(t, "Gus")}
		w, err := h.Create(ctx, two[0], plan())
		if err != nil {
			t.Fatal(err)
		}
		in, err := h.Invitation(ctx, w.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Join(ctx, in.Code, two[1]); err != nil {
			t.Fatal(err)
		}
		if _, err := h.SetRoles(ctx, two[0], w.ID, two[1], []review.Role{review.Facilitator}); err != nil {
			t.Fatal(err)
		}
		var left atomic.Int32
		var both sync.WaitGroup
		for _, one := range two {
			both.Go(func() {
				if _, err := h.SetRoles(ctx, one, w.ID, one, []review.Role{review.Observer}); err == nil {
					left.Add(1)
				} else if fault.CodeOf(err) != fault.Conflict {
					t.Errorf("leave: %v", err)
				}
			})
		}
		both.Wait()
		if left.Load() != 1 {
			t.Errorf("%d of 2 left", left.Load())
		}
	})
}

func TestWorkshopsThatAreRefused(t *testing.T) {
	h := open(storetest.Open(t))
	fay := h.person(t, "Fay")
	for field, spoil := range map[string]func(*workshop.Workshop){
		"name":                      func(w *workshop.Workshop) { w.Name = strings.Repeat("x", 1<<20) },
		"place":                     func(w *workshop.Workshop) { w.Place = "a\x00" },
		"summary":                   func(w *workshop.Workshop) { w.Summary = "\xff" },
		"domain":                    func(w *workshop.Workshop) { w.Domain = "" },
		"starts_on":                 func(w *workshop.Workshop) { w.StartsOn = "tomorrow" },
		"ends_on":                   func(w *workshop.Workshop) { w.EndsOn = "2026-11-30" },
		"tlp":                       func(w *workshop.Workshop) { w.TLP = "pink" },
		"policy.join":               func(w *workshop.Workshop) { w.Policy.Join = "all" },
		"policy.technique_ids_from": func(w *workshop.Workshop) { w.Policy.TechniqueIDsFrom = 99999 },
		"agenda":                    func(w *workshop.Workshop) { w.Agenda = make([]workshop.AgendaItem, 101) },
		"agenda[0].title":           func(w *workshop.Workshop) { w.Agenda[0].Title = " " },
		"agenda[0].starts_at":       func(w *workshop.Workshop) { w.Agenda[0].StartsAt = "25:00" },
		"agenda[0].minutes":         func(w *workshop.Workshop) { w.Agenda[0].Minutes = -1 },
		"agenda[0].notes":           func(w *workshop.Workshop) { w.Agenda[0].Notes = strings.Repeat("x", 10_001) },
	} {
		w := plan()
		spoil(&w)
		_, err := h.Create(t.Context(), fay, w)
		if f, ok := err.(*fault.Error); !ok || f.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	if list, err := h.Memberships(t.Context(), fay); err != nil || len(list) != 0 {
		t.Errorf("left behind: %v, %v", list, err)
	}
}

func FuzzCleanCode(f *testing.F) {
	f.Add("abcd-efgh")
	f.Fuzz(func(t *testing.T, typed string) {
		code := workshop.CleanCode(typed)
		if len(code) > 10 || workshop.CleanCode(code) != code {
			t.Errorf("%q became %q", typed, code)
		}
	})
}
