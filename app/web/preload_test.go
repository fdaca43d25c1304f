package web

import (
	"testing"
	"testing/fstest"
)

func TestPagesSayWhatTheyNeedFirst(t *testing.T) {
	build := fstest.MapFS{preloadFile: {Data: []byte(`[
		{"route":"","files":["/a.js"],"data":["/api/me"]},
		{"route":"/objects/[id]","files":["/b.js","/b.css"],"data":["/api/me","/api/objects/[id]"]},
		{"route":"/w/[workshop]/matrix","files":[],"data":["/api/me","/api/domains/[domain]/matrix"]}]`)}}
	needs, err := readNeeds(build)
	if err != nil {
		t.Fatal(err)
	}
	domainOf := func(workshop string) string { return map[string]string{"mine": "a domain"}[workshop] }
	const files = `</b.js>; rel=modulepreload, </b.css>; rel=preload; as=style; crossorigin`
	for _, c := range []struct {
		address string
		data    bool
		want    string
	}{
		{"/", true, `</a.js>; rel=modulepreload, </api/me>; rel=preload; as=fetch; crossorigin`},
		{"/objects/T1055", false, files},
		{"/objects/T1055", true, files + `, </api/me>; rel=preload; as=fetch; crossorigin, </api/objects/T1055>; rel=preload; as=fetch; crossorigin`},
		{"/objects/a%20b", true, files + `, </api/me>; rel=preload; as=fetch; crossorigin, </api/objects/a%20b>; rel=preload; as=fetch; crossorigin`},
		{"/objects/T1055>; rel=evil", true, ""},
		{"/objects/", true, ""},
		{"/objects/a/b", true, ""},
		{"/nothing", true, ""},
		{"/w/mine/matrix", false, ""},
		{"/w/mine/matrix", true, `</api/me>; rel=preload; as=fetch; crossorigin, </api/domains/a%20domain/matrix>; rel=preload; as=fetch; crossorigin`},
		{"/w/theirs/matrix", true, `</api/me>; rel=preload; as=fetch; crossorigin`},
	} {
		known := domainOf
		if !c.data {
			known = nil
		}
		if got := preloads(needs, c.address, known); got != c.want {
			t.Errorf("%s: %s", c.address, got)
		}
	}
	if none, err := readNeeds(fstest.MapFS{}); err != nil || len(none) > 0 {
		t.Errorf("without a build: %v, %v", none, err)
	}
	if _, err := readNeeds(fstest.MapFS{preloadFile: {Data: []byte("{")}}); err == nil {
		t.Error("a broken file is taken")
	}
}
