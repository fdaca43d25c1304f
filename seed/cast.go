package seed

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/atelier-attack/atelier/app"
	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/review"
)

// linksLast is how long the demo's sign-in links work, any number of times.
const linksLast = 24 * time.Hour

// Link is a sign-in link to print.
type Link struct {
	Role string
	URL  string
}

// person is somebody of the demo; all are made up.
type person struct {
	key           string
	name          string
	organisation  string
	roles         []review.Role
	host          bool
	administrator bool
	link          string // under which a link is printed; empty: none is
	named         bool   // agreed to be named for what they do
}

// The people of the demo. The administrator comes last: whoever finds that
// account knows that the demo is complete.
const (
	tomasz = "tomasz" // facilitator
	hanna  = "hanna"  // maintainer
	kwame  = "kwame"  // reviewer
	mirela = "mirela" // participant
	jonas  = "jonas"  // participant
	priya  = "priya"  // participant
	lucie  = "lucie"  // observer
	ines   = "ines"   // administrator
)

// cast lists the people in the order in which they come.
func cast() []person {
	return []person{
		{key: tomasz, name: "Tomasz Wolny", organisation: "Open Defence Forum", roles: []review.Role{review.Facilitator}, host: true, link: "facilitator"},
		{key: hanna, name: "Hanna Lindqvist", organisation: "Nordvakt", roles: []review.Role{review.Maintainer}, link: "maintainer"},
		{key: kwame, name: "Kwame Boateng", organisation: "Blue Harbour Labs", roles: []review.Role{review.Reviewer}, link: "reviewer"},
		{key: mirela, name: "Mirela Costa", organisation: "Alder & Finch", roles: []review.Role{review.Participant}, link: "participant", named: true},
		{key: jonas, name: "Jonas Feld", organisation: "Grauwerk", roles: []review.Role{review.Participant}},
		{key: priya, name: "Priya Raman", organisation: "Lantern Response", roles: []review.Role{review.Participant}, named: true},
		{key: lucie, name: "Lucie Marchand", organisation: "Atlas Institute", roles: []review.Role{review.Observer}, link: "observer"},
		{key: ines, name: "Ines Amrani", organisation: "Workshop office", roles: []review.Role{review.Observer}, host: true, administrator: true, link: "administrator"},
	}
}

// id is the same in every installation, so that the demo's people are found
// again.
func (p person) id() string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("atelier demo "+p.key)).String()
}

func (p person) account() people.Account {
	return people.Account{User: people.User{ID: p.id(), Name: p.name, Organisation: p.organisation}, Host: p.host, Administrator: p.administrator}
}

// present tells who of the demo has an account.
func present(ctx context.Context, a *app.Atelier) (map[string]bool, error) {
	var ids []string
	for _, p := range cast() {
		ids = append(ids, p.id())
	}
	known, err := a.People.Users(ctx, ids)
	if err != nil {
		return nil, err
	}
	here := map[string]bool{}
	for _, p := range cast() {
		_, here[p.key] = known[p.id()]
	}
	return here, nil
}

// DemoLinks makes a sign-in link for each role of the demo, in place of those
// that were made before; none where the demo is not there.
func DemoLinks(ctx context.Context, a *app.Atelier, baseURL string) ([]Link, error) {
	here, err := present(ctx, a)
	if err != nil || !here[ines] {
		return nil, err
	}
	byRole := map[string]Link{}
	for _, p := range cast() {
		if p.link == "" {
			continue
		}
		if err := a.People.Unlink(ctx, p.id()); err != nil {
			return nil, err
		}
		token, err := a.People.Link(ctx, p.id(), false, linksLast)
		if err != nil {
			return nil, err
		}
		byRole[p.link] = Link{p.link, baseURL + "/sign-in?token=" + token}
	}
	var links []Link
	for _, role := range []string{"administrator", "facilitator", "maintainer", "reviewer", "participant", "observer"} {
		if byRole[role].URL == "" {
			return nil, errors.New("the demo has nobody who is " + role)
		}
		links = append(links, byRole[role])
	}
	return links, nil
}
