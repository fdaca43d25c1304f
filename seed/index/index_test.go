package index_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/seed/index"
)

const odd = "../../review/taxonomy/testdata/odd.json"

func packed(t *testing.T, bundle []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := index.Write(&out, bytes.NewReader(bundle)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func unpacked(t *testing.T, file []byte) (objects map[string]map[string]any, n int) {
	t.Helper()
	bundle, err := index.Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Objects []map[string]any }
	if err := json.Unmarshal(bundle, &all); err != nil {
		t.Fatal(err)
	}
	objects = map[string]map[string]any{}
	for _, o := range all.Objects {
		objects[o["id"].(string)] = o
	}
	return objects, len(all.Objects)
}

// TestFactsStayAndTextGoes takes a bundle with every oddity of ATT&CK.
func TestFactsStayAndTextGoes(t *testing.T) {
	source, err := os.ReadFile(odd)
	if err != nil {
		t.Fatal(err)
	}
	file := packed(t, source)
	objects, n := unpacked(t, file)
	if n != 12 || len(objects) != 11 {
		t.Fatalf("%d objects, %d of them different; want 12 and 11", n, len(objects))
	}
	technique := objects["attack-pattern--00000000-0000-4000-8000-000000000004"]
	want := map[string]any{
		"type": "attack-pattern", "id": "attack-pattern--00000000-0000-4000-8000-000000000004", "name": "Ünïcode <b>näme</b>",
		"created": "2020-01-01T00:00:00.000000Z", "modified": "2020-01-01T00:00:00.123456Z",
		"x_mitre_domains": []any{"odd-attack"}, "x_mitre_platforms": []any{"Toaster"},
		"kill_chain_phases": []any{
			map[string]any{"kill_chain_name": "odd", "phase_name": "first"},
			map[string]any{"kill_chain_name": "odd", "phase_name": "second"}},
		"external_references": []any{map[string]any{"source_name": "mitre-attack", "external_id": "T0001"}},
	}
	if !reflect.DeepEqual(technique, want) {
		t.Errorf("the technique became %v", technique)
	}
	dangling := objects["relationship--00000000-0000-4000-8000-000000000009"]
	if dangling["source_ref"] != "malware--00000000-0000-4000-8000-00000000dead" || dangling["target_ref"] != technique["id"] {
		t.Errorf("the relationship became %v", dangling)
	}
	matrix := objects["x-mitre-matrix--00000000-0000-4000-8000-000000000001"]["tactic_refs"].([]any)
	if len(matrix) != 3 || matrix[0] != "x-mitre-tactic--00000000-0000-4000-8000-000000000003" || matrix[2] != "x-mitre-tactic--00000000-0000-4000-8000-00000000dead" {
		t.Errorf("the order of the tactics became %v", matrix)
	}
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	for _, no := range []string{"description", "Nobody explains", "Citation", "Made up", "x_number", "ever"} {
		if strings.Contains(string(text), no) {
			t.Errorf("the index contains %q", no)
		}
	}
}

// TestPackingAgainChangesNothing: the same facts make the same file.
func TestPackingAgainChangesNothing(t *testing.T) {
	source, err := os.ReadFile(odd)
	if err != nil {
		t.Fatal(err)
	}
	first := packed(t, source)
	bundle, err := index.Read(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if again := packed(t, bundle); !bytes.Equal(first, again) {
		t.Error("the index of what an index unpacks to is another one")
	}
}

func TestACollectionListsAllOthers(t *testing.T) {
	objects, _ := unpacked(t, packed(t, []byte(`{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[
		{"type":"marking-definition","id":"marking-definition--00000000-0000-4000-8000-000000000002","created":"2020-01-01T00:00:00.000Z"},
		{"type":"x-mitre-collection","id":"x-mitre-collection--00000000-0000-4000-8000-000000000003","name":"C","x_mitre_contents":[]}]}`)))
	want := []any{map[string]any{"object_ref": "marking-definition--00000000-0000-4000-8000-000000000002", "object_modified": "2020-01-01T00:00:00.000Z"}}
	if got := objects["x-mitre-collection--00000000-0000-4000-8000-000000000003"]["x_mitre_contents"]; !reflect.DeepEqual(got, want) {
		t.Errorf("contents: %v", got)
	}
}

func TestWhatIsNoIndexIsRefused(t *testing.T) {
	pack := func(text string) []byte {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		_, _ = z.Write([]byte(text)) // into memory
		_ = z.Close()
		return out.Bytes()
	}
	for name, file := range map[string][]byte{
		"not packed":     []byte("no index"),
		"another format": pack(`{"format":"other","objects":1}` + "\n"),
		"ends too early": pack(`{"format":"atelier-index-1","objects":1}` + "\n"),
		"no ids":         pack(`{"format":"atelier-index-1","objects":1}` + "\n" + `{"type":"x","count":1,"properties":["name"]}` + "\n\"a\"\n"),
		"too few values": pack(`{"format":"atelier-index-1","objects":2}` + "\n" + `{"type":"x","count":2,"properties":["id"]}` + "\n\"a\"\n"),
		"no such object": pack(`{"format":"atelier-index-1","objects":1}` + "\n" + `{"type":"x","count":1,"properties":["id","a_ref"]}` + "\n\"a\"\n7\n"),
	} {
		if _, err := index.Read(bytes.NewReader(file)); err == nil {
			t.Errorf("%s: it was read", name)
		}
	}
	if err := index.Write(io.Discard, strings.NewReader("{")); err == nil {
		t.Error("half a bundle was packed")
	}
}
