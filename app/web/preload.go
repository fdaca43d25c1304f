package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"strings"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// preloadFile is what the frontend's build says of its pages.
const preloadFile = "preload.json"

// pageNeeds is what a page of the frontend needs first, by its route, such as
// /objects/[id]: files of the build and addresses of the API.
type pageNeeds struct {
	Route string   `json:"route"`
	Files []string `json:"files"`
	Data  []string `json:"data"`
}

// readNeeds reads what the build says of its pages; nothing, where there is no
// build.
func readNeeds(build fs.FS) (needs []pageNeeds, err error) {
	text, err := fs.ReadFile(build, preloadFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &needs)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", preloadFile, err)
	}
	return needs, nil
}

// preloads gives the Link header of an address of the frontend: what its page
// is about to ask for. A browser fetches that at once, while it still waits for
// the scripts. Data is only for who is signed in, and where the address has no
// query, which may ask for other data; domainOf is nil elsewhere. It gives the
// domain of a workshop, or nothing to who is not in it.
func preloads(needs []pageNeeds, address string, domainOf func(workshop string) string) string {
	var links []string
	for _, page := range needs {
		values, ok := match(page.Route, address)
		if !ok {
			continue
		}
		for _, file := range page.Files {
			if path.Ext(file) == ".css" {
				links = append(links, "<"+file+">; rel=preload; as=style; crossorigin")
			} else {
				links = append(links, "<"+file+">; rel=modulepreload")
			}
		}
		if domainOf == nil {
			break
		}
		for _, data := range page.Data {
			if data = addressOf(data, values, domainOf); data != "" {
				links = append(links, "<"+data+">; rel=preload; as=fetch; crossorigin")
			}
		}
		break
	}
	return strings.Join(links, ", ")
}

// addressOf fills in what an address of the API takes from the page's own. A
// [domain] that is not in that is the workshop's.
func addressOf(data string, values *strings.Replacer, domainOf func(workshop string) string) string {
	const domain = "[domain]"
	data = values.Replace(data)
	if !strings.Contains(data, domain) {
		return data
	}
	its := domainOf(values.Replace("[workshop]"))
	if its == "" {
		return ""
	}
	return strings.ReplaceAll(data, domain, url.PathEscape(its))
}

// domainFor gives what tells who is asking the domain of a workshop of theirs.
func (s *Server) domainFor(ctx context.Context, cookie string) func(workshop string) string {
	find := func(workshop string) (string, error) {
		session, err := s.People.Session(ctx, cookie)
		if err != nil {
			return "", err
		}
		if _, err := s.Workshops.Roles(ctx, workshop, session.User.ID); err != nil {
			return "", err
		}
		w, err := s.Workshops.Get(ctx, workshop)
		return w.Domain, err
	}
	return func(workshop string) string {
		if !isText(workshop) {
			return ""
		}
		domain, err := find(workshop)
		// The page comes in any case, and says what is wrong.
		if code := fault.CodeOf(err); err != nil && code != fault.NotFound && code != fault.Unauthenticated {
			s.Log.Warn("a page does not say which matrix it needs", "error", err)
		}
		return domain
	}
}

// match holds an address against a route, and gives what puts the address's
// parts, as they were sent, where the route has names for them.
func match(route, address string) (values *strings.Replacer, ok bool) {
	names, parts := strings.Split(route, "/"), strings.Split(strings.TrimSuffix(address, "/"), "/")
	if len(names) != len(parts) {
		return nil, false
	}
	var pairs []string
	for i, name := range names {
		switch {
		case strings.HasPrefix(name, "[") && parts[i] != "" && !strings.ContainsAny(parts[i], "<>\""):
			pairs = append(pairs, name, parts[i])
		case name != parts[i]:
			return nil, false
		}
	}
	return strings.NewReplacer(pairs...), true
}
