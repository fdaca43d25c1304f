package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
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
// query, which may ask for other data.
func preloads(needs []pageNeeds, address string, withData bool) string {
	var links []string
	for _, page := range needs {
		values, ok := match(page.Route, address)
		if !ok {
			continue
		}
		for _, file := range page.Files {
			if path.Ext(file) == ".css" {
				links = append(links, "<"+file+">; rel=preload; as=style")
			} else {
				links = append(links, "<"+file+">; rel=modulepreload")
			}
		}
		for _, data := range page.Data {
			if withData {
				links = append(links, "<"+values.Replace(data)+">; rel=preload; as=fetch; crossorigin")
			}
		}
		break
	}
	return strings.Join(links, ", ")
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
