package web_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/review/taxonomy"
)

// exactly asks without the help of Go's client, which unpacks in silence.
func (b *browser) exactly(method, path string, headers ...string) reply {
	b.t.Helper()
	return b.ask(method, path, "", append([]string{"Accept-Encoding", "identity"}, headers...)...)
}

func unpacked(t *testing.T, r reply) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(r.body))
	if err != nil {
		t.Fatalf("not packed: %v: %.100q", err, r.body)
	}
	all, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

const matrixPath = "/api/domains/odd-attack/matrix"

// TestKeptAnswersKeepToHTTP: forms, tags, conditions and methods.
func TestKeptAnswersKeepToHTTP(t *testing.T) {
	ana := start(t).signIn("Ana", false, false)
	for _, path := range []string{matrixPath, "/api/domains", "/api/types", "/api/objects/T0001", "/api/objects/T0001/stix", "/api/domains/odd-attack/bundle"} {
		plain, packed := ana.exactly("GET", path), ana.exactly("GET", path, "Accept-Encoding", "br;q=1, gzip")
		if !bytes.Equal(unpacked(t, packed), plain.body) || packed.header.Get("Content-Encoding") != "gzip" || plain.header.Get("Content-Encoding") != "" {
			t.Errorf("%s: the packed answer is another one", path)
		}
		for _, r := range []reply{plain, packed} {
			if r.status != 200 || r.header.Get("Vary") != "Accept-Encoding" || r.header.Get("Cache-Control") != "private, no-cache" ||
				!strings.HasPrefix(r.header.Get("Etag"), `"`) || plain.header.Get("Content-Type") != r.header.Get("Content-Type") {
				t.Errorf("%s: %d %v", path, r.status, r.header)
			}
		}
		if plain.header.Get("Etag") == packed.header.Get("Etag") {
			t.Errorf("%s: one strong tag for two sequences of bytes", path)
		}
		for _, none := range []string{"gzip;q=0", "*;q=0", "identity;q=1, *;q=0"} {
			if r := ana.exactly("GET", path, "Accept-Encoding", none); !bytes.Equal(r.body, plain.body) {
				t.Errorf("%s packed, for who takes %s", path, none)
			}
		}
		for have, want := range map[string]int{plain.header.Get("Etag"): 304, "W/" + plain.header.Get("Etag"): 304, `"other", ` + plain.header.Get("Etag"): 304,
			"*": 304, `"other"`: 200, packed.header.Get("Etag"): 200} {
			r := ana.exactly("GET", path, "If-None-Match", have)
			if r.status != want || want == 304 && (len(r.body) > 0 || r.header.Get("Etag") != plain.header.Get("Etag")) {
				t.Errorf("%s for who has %s: %d", path, have, r.status)
			}
		}
		head := ana.exactly("HEAD", path)
		if head.status != 200 || len(head.body) > 0 || head.header.Get("Etag") != plain.header.Get("Etag") ||
			!strings.HasSuffix(path, "bundle") && head.header.Get("Content-Length") != plain.header.Get("Content-Length") {
			t.Errorf("HEAD %s: %d %v", path, head.status, head.header)
		}
	}
}

// TestKeptAnswersAreForWhoIsSignedIn, also when somebody else got them before,
// and not for a moment longer.
func TestKeptAnswersAreForWhoIsSignedIn(t *testing.T) {
	s := start(t)
	ana, ben := s.signIn("Ana", false, false), s.signIn("Ben", false, false)
	if a, b := ana.exactly("GET", matrixPath), ben.exactly("GET", matrixPath); a.status != 200 || !bytes.Equal(a.body, b.body) {
		t.Errorf("got %d and %d", a.status, b.status)
	}
	for range 2 {
		r := (&browser{site: s}).exactly("GET", matrixPath)
		if p := r.problem(t); r.status != 401 || p.Code != "unauthenticated" || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("without a cookie: %d %v", r.status, r.header)
		}
	}
	if r := ana.ask("POST", "/api/sign-out", ""); r.status != 200 {
		t.Fatalf("sign out: %d", r.status)
	}
	if r := ana.exactly("GET", matrixPath); r.status != 401 {
		t.Errorf("after signing out: %d", r.status)
	}
	if r := ben.exactly("GET", matrixPath); r.status != 200 {
		t.Errorf("somebody else signed out, and now: %d", r.status)
	}
}

// TestKeptAnswersGoWithTheirSnapshot imports a later version between two reads.
func TestKeptAnswersGoWithTheirSnapshot(t *testing.T) {
	s := start(t)
	ana := s.signIn("Ana", false, false)
	before := ana.exactly("GET", matrixPath)
	if r := ana.exactly("GET", "/api/objects/T9000"); r.status != 404 {
		t.Fatalf("an object that is not there yet: %d", r.status)
	}
	later := `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-00000000f001","objects":[
		{"type":"x-mitre-collection","id":"x-mitre-collection--00000000-0000-4000-8000-00000000f002","spec_version":"2.1","name":"Odd","x_mitre_version":"99.0",
		 "created":"2030-01-01T00:00:00.000Z","modified":"2030-01-01T00:00:00.000Z","x_mitre_domains":["odd-attack"]},
		{"type":"attack-pattern","id":"attack-pattern--00000000-0000-4000-8000-00000000f003","spec_version":"2.1","name":"Appears later",
		 "created":"2030-01-01T00:00:00.000Z","modified":"2030-01-01T00:00:00.000Z","x_mitre_domains":["odd-attack"],
		 "external_references":[{"source_name":"mitre-attack","external_id":"T9000"}]}]}`
	if report, err := s.Taxonomy.Import(t.Context(), taxonomy.Source{Name: "later", Reader: strings.NewReader(later)}, nil); err != nil || !report.Current {
		t.Fatalf("%+v, %v", report, err)
	}
	after := ana.exactly("GET", matrixPath, "If-None-Match", before.header.Get("Etag"))
	if after.status != 200 || bytes.Equal(before.body, after.body) || before.header.Get("Etag") == after.header.Get("Etag") {
		t.Errorf("the matrix afterwards: %d", after.status)
	}
	if r := ana.exactly("GET", "/api/objects/T9000"); r.status != 200 {
		t.Errorf("the object afterwards: %d", r.status)
	}
}

// TestAddressesAreDecoded: a browser may escape more than it must.
func TestAddressesAreDecoded(t *testing.T) {
	ana := start(t).signIn("Ana", true, false)
	plain := get[taxonomy.ObjectPage](ana, "/api/objects/T0001")
	for _, path := range []string{"/api/objects/" + strings.ReplaceAll(plain.Object.STIXID, "-", "%2D"), "/api/objects/%540001"} {
		if r := ana.exactly("GET", path); r.status != 200 {
			t.Errorf("%s: %d", path, r.status)
		}
	}
	room := "/api/workshops/" + ana.newWorkshop().ID
	if r := ana.exactly("GET", strings.ReplaceAll(room, "-", "%2d")); r.status != 200 {
		t.Errorf("an address with a workshop: %d", r.status)
	}
	for _, path := range []string{"/api/objects/a%2Fb", "/api/objects/%2e%2e"} {
		if p := ana.exactly("GET", path).problem(t); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	for _, path := range []string{"/api/objects/a%00", "/api/objects/%ff"} {
		if p := ana.exactly("GET", path).problem(t); p.Status != http.StatusBadRequest {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}

// TestOtherAnswersArePackedToo: a room is made for its reader, and long.
func TestOtherAnswersArePackedToo(t *testing.T) {
	fay := start(t).signIn("Fay", true, false)
	room := "/api/workshops/" + fay.newWorkshop().ID
	r := fay.exactly("GET", room, "Accept-Encoding", "gzip")
	if r.header.Get("Content-Encoding") != "gzip" || r.header.Get("Vary") != "Accept-Encoding" || !json.Valid(unpacked(t, r)) {
		t.Errorf("got %v", r.header)
	}
	if r := fay.exactly("GET", room); r.header.Get("Content-Encoding") != "" || !json.Valid(r.body) {
		t.Errorf("got %v", r.header)
	}
	if r := fay.exactly("HEAD", room); r.status != 200 || len(r.body) > 0 {
		t.Errorf("HEAD: %d", r.status)
	}
	if r := fay.exactly("DELETE", room); r.status != 405 || r.header.Get("Allow") != "GET, HEAD, PATCH" {
		t.Errorf("DELETE: %d, allowed %s", r.status, r.header.Get("Allow"))
	}
}
