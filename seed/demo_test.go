package seed_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app"
	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/taxonomy"
	"github.com/atelier-attack/atelier/seed"
)

const enterprise = "facts/enterprise-attack-18.1.index.gz"

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, data string) *app.Atelier {
	t.Helper()
	a, err := app.Open(context.Background(), app.Config{DataDir: data, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func closing(t *testing.T, a *app.Atelier) *app.Atelier {
	t.Helper()
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// indexed makes a data folder with those objects of the index that the demo is
// about; all of them would take long under the race detector.
func indexed(t *testing.T) (folder string) {
	t.Helper()
	folder = storetest.DataDir(t)
	a := open(t, folder)
	loadSome(t, a)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return folder
}

func loadSome(t *testing.T, a *app.Atelier) {
	t.Helper()
	text, err := someFacts()
	if err != nil {
		t.Fatal(err)
	}
	importBundle(t, a, text, taxonomy.FromIndex)
}

// someFacts is made once for all tests: it takes seconds.
var someFacts = sync.OnceValues(func() (string, error) {
	bundle, err := seed.Bundle(enterprise)
	if err != nil {
		return "", err
	}
	return someOf(bundle)
})

// someOf gives a bundle of those objects that the demo is about.
func someOf(bundle []byte) (string, error) {
	var some []string
	_, err := attack.Decode(bytes.NewReader(bundle), func(raw jsontext.Value) error {
		o, err := attack.Parse(raw)
		switch o.Type {
		case attack.TypeCollection, attack.TypeMatrix, attack.TypeTactic, attack.TypeTechnique, attack.TypeTool, attack.TypeIdentity, attack.TypeMarking:
			some = append(some, string(raw))
		}
		return err
	})
	return `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[` + strings.Join(some, ",") + "]}", err
}

func importBundle(t *testing.T, a *app.Atelier, text, kind string) {
	t.Helper()
	in := taxonomy.Source{Name: "some", Reader: strings.NewReader(text), Kind: kind}
	if _, err := a.Taxonomy.Import(t.Context(), in, nil); err != nil {
		t.Fatal(err)
	}
}

func plant(t *testing.T, a *app.Atelier) workshop.Workshop {
	t.Helper()
	if err := seed.PlantDemo(t.Context(), a, noon); err != nil {
		t.Fatal(err)
	}
	return demoOf(t, a)
}

// demoOf finds the demo workshop by its facilitator's link.
func demoOf(t *testing.T, a *app.Atelier) workshop.Workshop {
	t.Helper()
	list, err := a.Workshops.Memberships(t.Context(), signIn(t, a, "facilitator").ID)
	if err != nil || len(list) != 1 {
		t.Fatalf("workshops: %+v, %v", list, err)
	}
	w, err := a.Workshops.Get(t.Context(), list[0].Workshop.ID)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func signIn(t *testing.T, a *app.Atelier, role string) people.Account {
	t.Helper()
	links, err := seed.DemoLinks(t.Context(), a, "http://localhost:8080")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		if l.Role != role {
			continue
		}
		_, token, _ := strings.Cut(l.URL, "?token=")
		_, first, err := a.People.SignIn(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		if _, again, err := a.People.SignIn(t.Context(), token); err != nil || again.User != first.User {
			t.Fatalf("the link of the %s works once only: %v", role, err)
		}
		return first.Account
	}
	t.Fatalf("no link for %s in %v", role, links)
	return people.Account{}
}

// told is the journal of the demo, without what differs from run to run.
func told(t *testing.T, a *app.Atelier, w workshop.Workshop) []string {
	t.Helper()
	events, err := a.Journal.After(t.Context(), w.ID, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	list := make([]string, len(events))
	for i, e := range events {
		list[i] = fmt.Sprintf("%d %s %s", e.Seq, e.Kind, e.Actor)
	}
	return list
}

// TestTheDemoIsAlive: something in every state, roles as on the links, and
// nothing that the checks find wrong.
func TestTheDemoIsAlive(t *testing.T) {
	a := closing(t, open(t, indexed(t)))
	w := plant(t, a)
	if w.StartsOn != "2026-11-24" || w.Agenda[0].StartsAt != "11:00" || w.Agenda[1].StartsAt != "11:45" || !w.JoinOpen {
		t.Errorf("the workshop is not on at noon: %+v", w)
	}
	list, err := a.Proposals.List(t.Context(), review.Actor{Workshop: w.ID}, review.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	states := map[review.State]int{}
	for _, p := range list {
		states[p.State]++
		full, err := a.Proposals.Get(t.Context(), review.Actor{Workshop: w.ID}, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range full.Content.Checks {
			if c.Code == "required" && p.Kind == "refinement" { // the index has no text
				continue
			}
			if c.Level != "hint" || c.Code == "indicator" || c.Code == "victim" {
				t.Errorf("%s: %+v", p.Title, c)
			}
		}
	}
	for _, s := range []review.State{review.StateSubmitted, review.StateInReview, review.StateChangesRequested, review.StateAccepted, review.StateRejected} {
		if states[s] == 0 {
			t.Errorf("no proposal is %s: %v", s, states)
		}
	}
	for _, role := range []string{"facilitator", "maintainer", "reviewer", "participant", "observer"} {
		roles, err := a.Workshops.Roles(t.Context(), w.ID, signIn(t, a, role).ID)
		if err != nil || len(roles) != 1 || string(roles[0]) != role {
			t.Errorf("the %s has the roles %v, %v", role, roles, err)
		}
	}
	if account := signIn(t, a, "administrator"); !account.Administrator {
		t.Errorf("the administrator is none: %+v", account)
	}
}

// TestADemoBrokenOffGoesOn lets the n-th row that is written fail, for many n,
// and starts again.
func TestADemoBrokenOffGoesOn(t *testing.T) {
	attacktest.Heavy(t)
	whole := closing(t, open(t, indexed(t)))
	want := told(t, whole, plant(t, whole))
	for _, n := range []int{2, 13, 55} {
		data := indexed(t)
		a := open(t, data)
		left := n
		err := a.DB.Callback().Create().Before("gorm:create").Register("test:break", func(db *gorm.DB) {
			if left--; left == 0 {
				_ = db.AddError(errors.New("broken off"))
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		broken := seed.PlantDemo(t.Context(), a, noon)
		if broken == nil && left <= 0 {
			t.Errorf("breaking at row %d was not noticed", n)
		}
		if links, err := seed.DemoLinks(t.Context(), a, ""); broken != nil && (err != nil || len(links) > 0) {
			t.Errorf("half a demo has the links %v, %v", links, err)
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		again := open(t, data)
		if diff := cmp.Diff(want, told(t, again, plant(t, again))); diff != "" {
			t.Errorf("broken off at row %d, the demo differs: %s", n, diff)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheDemoKeepsAway: once is enough, and where people are it has no place.
func TestTheDemoKeepsAway(t *testing.T) {
	a := closing(t, open(t, indexed(t)))
	before := told(t, a, plant(t, a))
	if diff := cmp.Diff(before, told(t, a, plant(t, a))); diff != "" {
		t.Errorf("the second start changed the demo: %s", diff)
	}
	theirs := closing(t, open(t, indexed(t)))
	if _, err := theirs.People.Add(t.Context(), people.Account{User: people.User{Name: "Ada"}}); err != nil {
		t.Fatal(err)
	}
	if err := seed.PlantDemo(t.Context(), theirs, noon); err != nil {
		t.Fatal(err)
	}
	if links, err := seed.DemoLinks(t.Context(), theirs, ""); err != nil || len(links) != 0 {
		t.Errorf("an installation with people got the demo: %v, %v", links, err)
	}
}

// TestTheDemoFitsOtherContent: what the taxonomy does not have is left out.
func TestTheDemoFitsOtherContent(t *testing.T) {
	a := closing(t, open(t, t.TempDir()))
	if err := seed.PlantDemo(t.Context(), a, noon); err != nil {
		t.Errorf("without a taxonomy: %v", err)
	}
	if _, err := a.ImportFile(t.Context(), "../review/taxonomy/testdata/odd.json", nil); err != nil {
		t.Fatal(err)
	}
	if w := plant(t, a); w.Domain != "odd-attack" {
		t.Errorf("the workshop is about %s", w.Domain)
	}
}

// TestOldLinksEnd: a start makes new links and ends those before.
func TestOldLinksEnd(t *testing.T) {
	a := closing(t, open(t, indexed(t)))
	plant(t, a)
	old, err := seed.DemoLinks(t.Context(), a, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seed.DemoLinks(t.Context(), a, ""); err != nil {
		t.Fatal(err)
	}
	_, token, _ := strings.Cut(old[0].URL, "?token=")
	if _, _, err := a.People.SignIn(t.Context(), token); err == nil {
		t.Error("a link of an earlier start still works")
	}
	var n int64
	if err := a.DB.Table("sign_in_links").Count(&n).Error; err != nil || n != int64(len(old)) {
		t.Errorf("%d links are kept, %v", n, err)
	}
}

// TestTheDemosReleaseCanBePublished does what a maintainer would try: publish,
// be told that the text is missing, import it, and publish.
func TestTheDemosReleaseCanBePublished(t *testing.T) {
	attacktest.Heavy(t)
	a := closing(t, open(t, indexed(t)))
	w := plant(t, a)
	list, err := a.Releases.List(t.Context(), w.ID)
	if err != nil || len(list) != 1 || len(list[0].Proposals) != 2 {
		t.Fatalf("releases: %+v, %v", list, err)
	}
	hanna := review.Actor{User: signIn(t, a, "maintainer").ID, Roles: []review.Role{review.Maintainer}, Workshop: w.ID}
	if _, err := a.Releases.Publish(t.Context(), hanna, list[0].ID, list[0].Revision); err == nil || !strings.Contains(err.Error(), "Import MITRE's file") {
		t.Errorf("publish on the index: %v", err)
	}
	text, err := someOf(source(t, enterprise))
	if err != nil {
		t.Fatal(err)
	}
	importBundle(t, a, text, taxonomy.FromImport)
	if _, err := a.Releases.Publish(t.Context(), hanna, list[0].ID, list[0].Revision); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := a.ExportDomain(t.Context(), w.Domain, "", &out); err != nil || !strings.Contains(out.String(), "Device Code Authorization") {
		t.Errorf("the release does not have its proposal: %v", err)
	}
}

// TestTheDemoOnPostgreSQL tells the same story on the other database.
func TestTheDemoOnPostgreSQL(t *testing.T) {
	attacktest.Heavy(t)
	dsn := storetest.PostgresDSN(t, true)
	a, err := app.Open(context.Background(), app.Config{DataDir: t.TempDir(), Database: dsn, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	closing(t, a)
	loadSome(t, a)
	here := closing(t, open(t, indexed(t)))
	if diff := cmp.Diff(told(t, here, plant(t, here)), told(t, a, plant(t, a))); diff != "" {
		t.Errorf("the demo differs: %s", diff)
	}
}
