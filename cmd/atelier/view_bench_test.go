package main_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/atelier-attack/atelier/frontend"
)

const (
	// leastScore is what Lighthouse must give a first view at least, of 1.
	leastScore = 0.95
	// mostScripts is what all scripts of a first view may take on the way, in bytes.
	mostScripts = 250_000
)

// BenchmarkFirstView lets Lighthouse judge the first view of matrices and of
// objects' pages, by its own rules, on a phone with a slow line and on a desktop.
// Beside them stands the page to sign in, which is the same application without
// content. Of each the best run counts, for all that disturbs a run makes it
// slower; what has not reached the limit is tried again. Under it the benchmark
// fails.
func BenchmarkFirstView(b *testing.B) {
	lighthouse := lighthouse(b)
	data := b.TempDir()
	fill(b, data)
	s, cookie := loaded(b, data)
	var workshop struct{ ID string }
	s.send("POST", "/api/workshops", cookie, strings.NewReader(`{"name":"First view","starts_on":"2026-12-01","ends_on":"2026-12-02","tlp":"green","domain":"enterprise-attack","join_open":true}`), &workshop)
	var rows []*viewed
	for _, form := range []string{"phone", "desktop"} {
		for _, page := range []struct{ name, path string }{
			{"floor: the page to sign in", "/sign-in"},
			{"the matrix", "/domains/enterprise-attack"},
			{"a workshop's matrix", "/w/" + workshop.ID + "/matrix"},
			{"an object", "/objects/T1055"},
			{"a technique with 500 relationships", "/objects/T1105"},
			{"a group with 120 relationships", "/objects/G0094"},
		} {
			rows = append(rows, &viewed{name: page.name, path: page.path, form: form})
		}
	}
	const tries = 5 // even the shortest bench has another chance, for what misses the limit
	for b.Loop() {
		for range tries {
			for _, r := range rows {
				if len(r.runs) == 0 || best(r.runs).score < leastScore {
					r.runs = append(r.runs, s.view(b, lighthouse, r, cookie))
				}
			}
		}
	}
	report(b, rows)
}

// report prints what was found, and fails where a limit is not kept.
func report(b *testing.B, rows []*viewed) {
	floors := map[string]float64{}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nFirst view, best of the runs\ton\truns\tscore\tof the floor\tlimit\tlargest paint\tblocked\tshifts\tscripts\n")
	for _, r := range rows {
		v := best(r.runs)
		if floors[r.form] == 0 {
			floors[r.form] = v.score
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%.2f\t%.2f\t%.2f\t%.0f ms\t%.0f ms\t%.3f\t%.0f kB\n", r.name, r.form, len(r.runs), v.score, v.score/floors[r.form], leastScore, v.largest, v.blocked, v.shifts, v.scripts/1000)
		if v.score < leastScore || v.scripts > mostScripts {
			b.Errorf("%s on a %s: Lighthouse gives %.2f, with %.0f bytes of scripts", r.path, r.form, v.score, v.scripts)
		}
	}
	if err := w.Flush(); err != nil {
		b.Error(err)
	}
}

// viewed is a page that is judged again and again.
type viewed struct {
	name, path, form string
	runs             []view
}

// view is what Lighthouse found: a score of 1, times in milliseconds, bytes.
type view struct{ score, largest, blocked, shifts, scripts float64 }

func best(all []view) view {
	return slices.MaxFunc(all, func(a, b view) int { return cmp.Compare(a.score, b.score) })
}

// lighthouse gives the tool's program; without it, or without pages, there is
// nothing to judge.
func lighthouse(b *testing.B) string {
	b.Helper()
	build, err := frontend.Build()
	if err != nil {
		b.Fatal(err)
	}
	if _, err := fs.Stat(build, "index.html"); err != nil {
		b.Skip("the program was built without its pages: make build")
	}
	program, err := filepath.Abs("../../frontend/lighthouse/node_modules/.bin/lighthouse")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(program); errors.Is(err, fs.ErrNotExist) {
		b.Skip("Lighthouse is not installed: make bench")
	}
	return program
}

// view opens a page in a browser of its own, as somebody who is signed in.
func (s *program) view(b *testing.B, lighthouse string, page *viewed, cookie string) view {
	b.Helper()
	folder := b.TempDir()
	headers, report := filepath.Join(folder, "headers.json"), filepath.Join(folder, "report.json")
	text, err := json.Marshal(map[string]string{"Cookie": cookie})
	if err == nil {
		err = os.WriteFile(headers, text, 0o600)
	}
	if err != nil {
		b.Fatal(err)
	}
	args := []string{s.url + page.path, "--extra-headers=" + headers, "--only-categories=performance",
		"--chrome-flags=--headless=new --no-sandbox --disable-gpu", "--output=json", "--output-path=" + report, "--quiet"}
	if page.form == "desktop" {
		args = append(args, "--preset=desktop")
	}
	cmd := exec.CommandContext(b.Context(), lighthouse, args...)
	cmd.Env = append(os.Environ(), "CHROME_PATH="+cmp.Or(os.Getenv("CHROMIUM"), "/usr/bin/chromium"))
	said, err := cmd.CombinedOutput()
	if bytes.Contains(said, []byte("NO_NAVSTART")) {
		return view{} // the browser's trace misses its beginning now and then: no run at all
	}
	if err != nil {
		b.Fatalf("Lighthouse on %s: %v\n%s", page.path, err, said)
	}
	if text, err = os.ReadFile(report); err != nil {
		b.Fatal(err)
	}
	return found(b, page, text)
}

// found reads a report, which must be of the page as it is meant: an error is
// shown fast, too.
func found(b *testing.B, page *viewed, report []byte) view {
	b.Helper()
	var judged struct {
		FinalDisplayedURL string `json:"finalDisplayedUrl"`
		Categories        struct{ Performance struct{ Score float64 } }
		Audits            map[string]struct {
			NumericValue float64 `json:"numericValue"`
			Details      json.RawMessage
		}
	}
	var requests struct {
		Items []struct {
			URL          string
			StatusCode   int     `json:"statusCode"`
			ResourceType string  `json:"resourceType"`
			TransferSize float64 `json:"transferSize"`
		}
	}
	err := json.Unmarshal(report, &judged)
	if err == nil {
		err = json.Unmarshal(judged.Audits["network-requests"].Details, &requests)
	}
	if err != nil {
		b.Fatal(err)
	}
	if !strings.HasSuffix(judged.FinalDisplayedURL, page.path) {
		b.Fatalf("%s led to %s", page.path, judged.FinalDisplayedURL)
	}
	of := func(audit string) float64 { return judged.Audits[audit].NumericValue }
	v := view{score: judged.Categories.Performance.Score, largest: of("largest-contentful-paint"), blocked: of("total-blocking-time"), shifts: of("cumulative-layout-shift")}
	for _, one := range requests.Items {
		if one.StatusCode >= 400 {
			b.Fatalf("%s: %d for %s", page.path, one.StatusCode, one.URL)
		}
		if one.ResourceType == "Script" {
			v.scripts += one.TransferSize
		}
	}
	return v
}
