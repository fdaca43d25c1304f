package attack_test

import (
	"slices"
	"testing"
	"time"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/merge"
)

// TestCarry carries one line's changes over to another, property by property.
func TestCarry(t *testing.T) {
	moment := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	object := func(more string) string {
		return `{"type":"x-new","id":"x-new--00000000-0000-4000-8000-000000000001","created":"2020-01-01T00:00:00.000Z",` + more + `}`
	}
	references := func(list string) string { return `"external_references":[` + list + `]` }
	for name, c := range map[string]struct {
		base, ours, theirs string
		want               string // empty: theirs, as it is
		conflicts          []string
	}{
		"nobody":                          {`"a":1`, `"a":1`, `"a":1`, "", nil},
		"they only":                       {`"a":1`, `"a":1`, `"a":2,"b":{"c":[1]}`, "", nil},
		"both the same":                   {`"a":"x"`, `"a":"y"`, `"a":"\u0079"`, "", nil},
		"we only":                         {`"a":1,"b":1`, `"a":2,"b":1`, `"a":1,"b":1`, `"a":2,"b":1,"modified":"2026-01-02T03:04:05.000Z"`, nil},
		"both, apart":                     {`"a":1,"b":1`, `"a":2,"b":1`, `"a":1,"b":2`, `"a":2,"b":2,"modified":"2026-01-02T03:04:05.000Z"`, nil},
		"both, a conflict":                {`"a":1`, `"a":2`, `"a":3`, `"a":2,"modified":"2026-01-02T03:04:05.000Z"`, []string{"a"}},
		"we took it out":                  {`"a":1,"b":1`, `"b":1`, `"a":1,"b":1`, `"b":1,"modified":"2026-01-02T03:04:05.000Z"`, nil},
		"we took it out, they changed it": {`"a":1,"b":1`, `"b":1`, `"a":2,"b":1`, "", []string{"a"}},
		"we put it in":                    {`"b":1`, `"b":1,"a":{"z":1,"y":2}`, `"b":1`, `"b":1,"a":{"z":1,"y":2},"modified":"2026-01-02T03:04:05.000Z"`, nil},
		"lists":                           {`"a":["x","y"]`, `"a":["x","ours"]`, `"a":["new","x","y"]`, `"a":["new","x","ours"],"modified":"2026-01-02T03:04:05.000Z"`, nil},
		"lists of objects":                {`"a":[{"k":1,"n":"o"}]`, `"a":[{"n":"o","k":1},{"k":2}]`, `"a":[{"k":3}]`, `"a":[{"k":3},{"k":2}],"modified":"2026-01-02T03:04:05.000Z"`, nil},
		"versions, we only": {`"a":1,"x_mitre_version":"1.0"`, `"a":2,"x_mitre_version":"1.1"`, `"a":1,"x_mitre_version":"1.0"`,
			`"a":2,"x_mitre_version":"1.1","modified":"2026-01-02T03:04:05.000Z"`, nil},
		"versions of both": {`"a":1,"b":1,"x_mitre_version":"1.9"`, `"a":2,"b":1,"x_mitre_version":"1.10"`, `"a":1,"b":2,"x_mitre_version":"1.10"`,
			`"a":2,"b":2,"x_mitre_version":"1.11","modified":"2026-01-02T03:04:05.000Z"`, nil},
		"a version that is none": {`"a":1,"x_mitre_version":"1"`, `"a":2,"x_mitre_version":"x"`, `"a":1,"x_mitre_version":"y"`,
			`"a":2,"x_mitre_version":"y","modified":"2026-01-02T03:04:05.000Z"`, nil},
		"behind both": {`"a":1,"modified":"2020-01-01T00:00:00.000Z"`, `"a":2,"modified":"2021-01-01T00:00:00.000Z"`, `"a":1,"modified":"2030-01-01T00:00:00.000Z"`,
			`"a":2,"modified":"2030-01-01T00:00:00.001Z"`, nil},
		"numbers beyond a float":                  {`"a":9007199254740993`, `"a":9007199254740992`, `"a":9007199254740993`, `"a":9007199254740992,"modified":"2026-01-02T03:04:05.000Z"`, nil},
		"lists, ours is gone":                     {`"b":1,"a":["x"]`, `"b":1`, `"b":1,"a":["x","new"]`, `"b":1,"a":["new"],"modified":"2026-01-02T03:04:05.000Z"`, nil},
		"lists, theirs is gone":                   {`"b":1,"a":["x"]`, `"b":1,"a":["x","ours"]`, `"b":1`, `"b":1,"a":["ours"],"modified":"2026-01-02T03:04:05.000Z"`, nil},
		"lists, nothing is left":                  {`"b":1,"a":["x","y"]`, `"b":1,"a":["x"]`, `"b":1,"a":["y"]`, `"b":1,"modified":"2026-01-02T03:04:05.000Z"`, nil},
		"lists of which one is new on both sides": {`"b":1`, `"b":1,"a":["x"]`, `"b":1,"a":["y"]`, `"b":1,"a":["y","x"],"modified":"2026-01-02T03:04:05.000Z"`, nil},
		"nothing, said in two ways":               {`"a":"","b":1,"c":[]`, `"b":1`, `"a":"","b":2,"c":[]`, "", nil},
		"what is written anew has nothing empty":  {`"a":"","b":1`, `"b":2`, `"a":" ","b":1,"c":""`, `"b":2,"modified":"2026-01-02T03:04:05.000Z"`, nil},
		"a retired one":                           {`"a":1`, `"a":2`, `"a":1,"revoked":true`, `"a":2,"revoked":true,"modified":"2026-01-02T03:04:05.000Z"`, nil},
		"references, apart": {references(`{"source_name":"A","url":"1"},{"source_name":"B"}`), references(`{"source_name":"A","url":"2"},{"source_name":"B"},{"source_name":"C"}`),
			references(`{"source_name":"A","url":"1"},{"source_name":"B","url":"3"}`),
			references(`{"source_name":"A","url":"2"},{"source_name":"B","url":"3"},{"source_name":"C"}`) + `,"modified":"2026-01-02T03:04:05.000Z"`, nil},
		"references, a conflict": {references(`{"source_name":"A","url":"1"}`), references(`{"source_name":"A","url":"2"}`), references(`{"source_name":"A","url":"3"}`),
			references(`{"source_name":"A","url":"2"}`) + `,"modified":"2026-01-02T03:04:05.000Z"`, []string{"external_references"}},
		"references of one name": {references(`{"source_name":"capec","external_id":"1"},{"source_name":"capec","external_id":"2"}`), references(`{"source_name":"capec","external_id":"1"}`),
			references(`{"source_name":"capec","external_id":"1"},{"source_name":"capec","external_id":"2"},{"source_name":"capec","external_id":"3"}`),
			references(`{"source_name":"capec","external_id":"1"},{"source_name":"capec","external_id":"3"}`) + `,"modified":"2026-01-02T03:04:05.000Z"`, nil},
		"a source that ours still cites": {`"d":"(Citation: A)",` + references(`{"source_name":"A"},{"source_name":"B"}`), `"d":"Ours.(Citation: A)",` + references(`{"source_name":"A"},{"source_name":"B"}`),
			`"d":"Theirs.(Citation: B)",` + references(`{"source_name":"B"}`),
			`"d":"Ours.(Citation: A)",` + references(`{"source_name":"B"},{"source_name":"A"}`) + `,"modified":"2026-01-02T03:04:05.000Z"`, []string{"d"}},
		"a source that theirs cites by now": {`"d":"x",` + references(`{"source_name":"A"},{"source_name":"B"}`), `"d":"x",` + references(`{"source_name":"A"}`),
			`"d":"(Citation: B)",` + references(`{"source_name":"A"},{"source_name":"B"}`), `"d":"(Citation: B)",` + references(`{"source_name":"A"},{"source_name":"B"}`) + `,"modified":"2026-01-02T03:04:05.000Z"`, nil},
		"a text, apart": {`"description":"One <b>.\n\nTwo."`, `"description":"One <b>.\n\nTwo of ours."`, `"description":"Theirs: one <b>.\n\nTwo."`,
			`"description":"Theirs: one <b>.\n\nTwo of ours.","modified":"2026-01-02T03:04:05.000Z"`, nil},
		"a text, a conflict in one place": {`"description":"One.\n\nTwo."`, `"description":"Ours.\n\nTwo."`, `"description":"Theirs.\n\nTwo of theirs."`,
			`"description":"Ours.\n\nTwo of theirs.","modified":"2026-01-02T03:04:05.000Z"`, []string{"description"}},
		"a name is no text":      {`"name":"One two three"`, `"name":"One two four"`, `"name":"Five two three"`, `"name":"One two four","modified":"2026-01-02T03:04:05.000Z"`, []string{"name"}},
		"who changed it":         {`"a":1`, `"a":2,"x_mitre_modified_by_ref":"identity--1"`, `"a":1,"x_mitre_modified_by_ref":"identity--2"`, `"a":2,"x_mitre_modified_by_ref":"identity--1","modified":"2026-01-02T03:04:05.000Z"`, nil},
		"who changed it, unsaid": {`"a":1`, `"a":2`, `"a":1,"x_mitre_modified_by_ref":"identity--2"`, `"a":2,"x_mitre_modified_by_ref":"identity--2","modified":"2026-01-02T03:04:05.000Z"`, nil},
		"long numbers":           {`"a":1,"n":1`, `"a":2,"n":1`, `"a":1,"n":1.50E+200`, `"a":2,"n":1.50E+200,"modified":"2026-01-02T03:04:05.000Z"`, nil},
	} {
		got, err := attack.Carry([]byte(object(c.base)), []byte(object(c.ours)), []byte(object(c.theirs)), moment, merge.Text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := object(c.want)
		if c.want == "" {
			want = object(c.theirs)
		}
		if string(got.Raw) != want || got.Same != (c.want == "") || !slices.Equal(got.Conflicts, c.conflicts) {
			t.Errorf("%s: %s, same %v, conflicts %v; want %s", name, got.Raw, got.Same, got.Conflicts, want)
		}
	}
	for i := range 3 {
		sides := []string{object(`"a":1`), object(`"a":2`), object(`"a":3`)}
		sides[i] = `{"a":`
		if _, err := attack.Carry([]byte(sides[0]), []byte(sides[1]), []byte(sides[2]), moment, merge.Text); err == nil {
			t.Errorf("side %d is cut off, and was carried", i)
		}
	}
}
