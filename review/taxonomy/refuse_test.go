package taxonomy_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// tool writes the object of a tool with more members.
func tool(number int, more string) string {
	return fmt.Sprintf(`{"type":"tool","id":"tool--00000000-0000-4000-8000-%012x","modified":"2020-01-01T00:00:00.000Z","x_mitre_domains":["d-attack"],%s}`, number, more)
}

func bundle(objects ...string) string {
	return `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[` + strings.Join(objects, ",") + `]}`
}

func zipped(t testing.TB, content string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, content)
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// bomb unpacks to head, then middle over and over, a member of gzip each.
func bomb(t testing.TB, head, middle string, times int) io.Reader {
	t.Helper()
	return io.MultiReader(strings.NewReader(zipped(t, head)), strings.NewReader(strings.Repeat(zipped(t, middle), times)))
}

const start = `{"type":"bundle","id":"bundle--1","objects":[`

func TestImportsThatAreRefusedChangeNothing(t *testing.T) {
	some := tool(1, `"a":1`)
	text := func(s string) io.Reader { return strings.NewReader(s) }
	db := storetest.Open(t)
	tax := taxonomy.New(db, quiet())
	load(t, tax, "before", []byte(bundle(some)))
	for name, c := range map[string]struct {
		content io.Reader
		says    string
	}{
		"nothing":              {text(""), "ends in the middle"},
		"no JSON":              {text("hello"), "not valid JSON"},
		"truncated":            {text(bundle(some)[:80]), "ends in the middle"},
		"truncated behind":     {text(strings.TrimSuffix(bundle(some), "]}")), "ends in the middle"},
		"truncated gzip":       {text(zipped(t, bundle(some))[:100]), "ends in the middle"},
		"gzip head only":       {text("\x1f\x8b"), "not a whole gzip"},
		"wrong checksum":       {text(zipped(t, bundle(some))[:len(zipped(t, bundle(some)))-8] + "12345678"), "damaged"},
		"gzip in gzip":         {text(zipped(t, zipped(t, bundle(some)))), "not valid JSON"},
		"many values":          {text(bundle(`{"type":"tool","aliases":[` + strings.Repeat(`1,`, 1_000_001) + `1]}`)), "more than 1000000 values"},
		"empty bundle":         {text(bundle()), "empty"},
		"no type":              {text(bundle(`{"id":"tool--00000000-0000-4000-8000-000000000001"}`)), `no "type"`},
		"bad id":               {text(bundle(`{"type":"tool","id":"tool--1"}`)), "TYPE--UUID"},
		"other type in id":     {text(bundle(`{"type":"tool","id":"malware--00000000-0000-4000-8000-000000000001"}`)), "TYPE--UUID"},
		"other version":        {text(bundle(tool(1, `"spec_version":"3.0"`))), `version "3.0"`},
		"other bundle version": {text(`{"type":"bundle","spec_version":"1.2","objects":[]}`), `version "1.2"`},
		"name is a number":     {text(bundle(tool(1, `"name":1`))), "Object 1"},
		"time is a page":       {text(bundle(strings.Replace(tool(2, `"a":1`), "2020", strings.Repeat("2", 1<<20), 1))), "time of change"},
		"time with a NUL":      {text(bundle(strings.Replace(tool(2, `"a":1`), "2020", `\u0000`, 1))), "time of change"},
		"no domain":            {text(bundle(`{"type":"tool","id":"tool--00000000-0000-4000-8000-000000000001"}`)), "which ATT&CK domain"},
		"bad second":           {text(bundle(tool(2, `"a":1`), `{"a":1,"a":2}`)), "stands twice"},
		"duplicate key deep":   {text(bundle(tool(2, `"a":{"b":[{"c":1,"c":1}]}`))), "stands twice"},
		"duplicate by escape":  {text(bundle(tool(2, `"ab":1,"a\u0062":2`))), "stands twice"},
		"invalid UTF-8":        {text(bundle(tool(2, "\"a\":\"\xff\""))), "not valid JSON"},
		"half a surrogate":     {text(bundle(tool(2, `"a":"\ud800"`))), "not valid JSON"},
		"deep nesting":         {text(bundle(tool(2, `"a":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)))), "not valid JSON"},
		"text behind":          {text(bundle(tool(2, `"a":1`)) + "x"), "not valid JSON"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, db, tax, c.content, c.says) })
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tax.Import(ended, taxonomy.Source{Reader: text(bundle(tool(3, `"a":1`)))}, nil); err == nil {
		t.Error("an import went on after it was cancelled")
	}
}

// TestBombs imports what is small as a file and without end when unpacked.
func TestBombs(t *testing.T) {
	attacktest.Heavy(t)
	some, list := tool(1, `"a":1`), strings.Repeat(`"x",`, 60_000)
	db := storetest.Open(t)
	tax := taxonomy.New(db, quiet())
	load(t, tax, "before", []byte(bundle(some)))
	for name, c := range map[string]struct {
		content io.Reader
		says    string
	}{
		"bomb of blanks":   {bomb(t, start, strings.Repeat(" ", 1<<20), 600), "larger than"},
		"bomb in a text":   {bomb(t, start+`{"name":"`, strings.Repeat("x", 1<<20), 600), "larger than"},
		"bomb of objects":  {bomb(t, start+some, strings.Repeat(","+some, 8192), 40), "more than 200000 objects"},
		"bomb of lists":    {bomb(t, start+some, strings.Repeat(","+tool(1, `"aliases":[`+list+`""]`), 4), 20), "more than 2000000 values"},
		"one huge list":    {bomb(t, start+`{"type":"tool","aliases":[`, strings.Repeat(`"",`, 500_000), 40), "larger than"},
		"deep without end": {bomb(t, start+`{"a":`, strings.Repeat("[", 1<<20), 200), "not valid JSON"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, db, tax, c.content, c.says) })
	}
}

// refused imports what must be refused into a store of one object.
func refused(t *testing.T, db *gorm.DB, tax *taxonomy.Taxonomy, content io.Reader, says string) {
	t.Helper()
	_, err := tax.Import(t.Context(), taxonomy.Source{Name: "bad", Reader: content}, nil)
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Invalid && f.Code != fault.TooLarge || !strings.Contains(f.Message, says) {
		t.Errorf("got %v", err)
	}
	if n := objects(t, db); n != 1 {
		t.Errorf("there are %d objects", n)
	}
	if d := tax.Snapshot().Domains(); len(d) != 1 || d[0].Objects != 1 {
		t.Errorf("the snapshot was changed: %+v", d)
	}
}

func objects(t testing.TB, db *gorm.DB) (n int64) {
	t.Helper()
	if err := db.Table("objects").Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

// TestOddContentIsKept imports what is unusual and not wrong.
func TestOddContentIsKept(t *testing.T) {
	for name, object := range map[string]string{
		"1 MB name":       tool(1, `"name":"`+strings.Repeat("ü", 1<<19)+`"`),
		"NUL in a name":   tool(1, `"name":"a\u0000b","description":"\u0000"`),
		"nested deeply":   tool(1, `"a":`+strings.Repeat("[", 9_000)+strings.Repeat("]", 9_000)),
		"long numbers":    tool(1, `"a":[1e400,-0,0.10000000000000000000000000000001,123456789012345678901234567890]`),
		"unknown members": tool(1, `"":{"":[]},"x y":null,"type ":"x"`),
		"two versions":    tool(1, `"a":1`) + "," + strings.Replace(tool(1, `"a":2`), "2020", "2021", 1),
		"two contents":    tool(1, `"a":1`) + "," + tool(1, `"a":2`),
		"many values":     tool(1, `"a":[`+strings.Repeat("1,", 900_000)+`1]`),
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *gorm.DB) {
				tax := taxonomy.New(db, quiet())
				load(t, tax, name, []byte(bundle(object)))
				sameObjects(t, []byte(bundle(object)), exported(t, tax, "d-attack"))
			})
		})
	}
	t.Run("collection of a long name", func(t *testing.T) {
		storetest.Each(t, func(t *testing.T, db *gorm.DB) {
			tax := taxonomy.New(db, quiet())
			collection := strings.ReplaceAll(tool(1, `"name":"\u0000`+strings.Repeat("x", 1<<20)+`","x_mitre_version":"1\u0000"`), "tool", "x-mitre-collection")
			if r := load(t, tax, "long", []byte(bundle(collection))); len(r.Title) > 300 {
				t.Errorf("the title has %d bytes", len(r.Title))
			}
			sameObjects(t, []byte(bundle(collection)), exported(t, tax, "d-attack"))
		})
	})
}

// TestScriptsAreKeptAndNotShown has HTML in every text that an object can have.
func TestScriptsAreKeptAndNotShown(t *testing.T) {
	const evil = `<script>alert(1)</script><img src=x onerror=alert(2)><a href=\"javascript:alert(3)\">x</a> [y](javascript:alert(4)) <iframe srcdoc=z></iframe> (Citation: <b onclick=alert(5)>) (LinkById: T0001)`
	var all []string
	for i, kind := range []string{"attack-pattern", "attack-pattern", "malware", "course-of-action", "x-mitre-tactic", "x-mitre-data-component", "x-unknown"} {
		o := tool(i+1, strings.ReplaceAll(`"name":"E","description":"E","aliases":["E"],"x_mitre_aliases":["E"],"x_mitre_detection":"E","x_mitre_version":"E",
			"x_mitre_platforms":["E"],"x_mitre_contributors":["E"],"x_mitre_shortname":"E","kill_chain_phases":[{"kill_chain_name":"E","phase_name":"E"}],
			"external_references":[{"source_name":"mitre-attack","external_id":"T000`+fmt.Sprint(i+1)+`"},{"source_name":"E","description":"E","url":"javascript:alert(6)"}]`, "E", evil))
		all = append(all, strings.ReplaceAll(o, "tool", kind))
	}
	id := func(kind string, n int) string { return fmt.Sprintf("%s--00000000-0000-4000-8000-%012x", kind, n) }
	for i, r := range [][3]string{{"uses", id("malware", 3), id("attack-pattern", 1)}, {"mitigates", id("course-of-action", 4), id("attack-pattern", 1)},
		{"detects", id("x-mitre-data-component", 6), id("attack-pattern", 1)}, {"subtechnique-of", id("attack-pattern", 2), id("attack-pattern", 1)}} {
		o := tool(20+i, fmt.Sprintf(`"relationship_type":%q,"source_ref":%q,"target_ref":%q,"description":"%s"`, r[0], r[1], r[2], evil))
		all = append(all, strings.ReplaceAll(o, "tool", "relationship"))
	}
	tax := taxonomy.New(storetest.Open(t), quiet())
	load(t, tax, "evil", []byte(bundle(all...)))
	sameObjects(t, []byte(bundle(all...)), exported(t, tax, "d-attack"))
	shown := 0
	for i := range 7 {
		page, ok := tax.Snapshot().Page(fmt.Sprintf("T000%d", i+1), markdown.New(attack.LinkRules()))
		if !ok {
			t.Fatalf("object %d has no page", i+1)
		}
		text, err := json.Marshal(page)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		shown += htmlIn(v, func(key, html string) {
			for _, bad := range []string{"<script", "onerror", "onclick=", `"javascript:`, "<iframe", "<img"} {
				if strings.Contains(strings.ToLower(html), bad) && !strings.Contains(html, "&lt;") {
					t.Errorf("%s shows %s", key, html)
				}
			}
		})
	}
	if shown < 9 {
		t.Errorf("only %d texts are shown", shown)
	}
}

// htmlIn calls f with all that is HTML by its name, at any depth.
func htmlIn(v any, f func(key, html string)) (found int) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if text, ok := value.(string); ok && strings.HasSuffix(strings.ToLower(key), "html") {
				f(key, text)
				found++
			}
			found += htmlIn(value, f)
		}
	case []any:
		for _, value := range v {
			found += htmlIn(value, f)
		}
	}
	return found
}

// TestALargeFileTakesBoundedMemory imports text without end, of which every
// object is kept.
func TestALargeFileTakesBoundedMemory(t *testing.T) {
	attacktest.Heavy(t)
	tax := taxonomy.New(storetest.Open(t), quiet())
	object := "," + tool(1, `"description":"`+strings.Repeat("x", 1<<20)+`"`)
	large := io.MultiReader(strings.NewReader(start+tool(1, `"a":1`)), strings.NewReader(strings.Repeat(object, 200)), strings.NewReader("]}"))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	if _, err := tax.Import(t.Context(), taxonomy.Source{Name: "large", Reader: large}, nil); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 700<<20 {
		t.Errorf("after 200 MB the heap is %d MB larger", grown>>20)
	}
}
