package main_test

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/atelier-attack/atelier/review/attack/attacktest"
)

// What reading must reach: so many answers a second, or so much of the floor.
const (
	leastReads   = 15_000
	leastOfFloor = 0.5
	readers      = 16
)

// loaded starts the real program with all that is there of ATT&CK, and gives
// the cookie of somebody who is signed in.
func loaded(b *testing.B, data string) (s *program, cookie string) {
	b.Helper()
	s = start(b, 1, "--data", data, "serve", "--listen", "127.0.0.1:0", "--log-level", "warn")
	return s, s.signIn("administrator")
}

// fill imports Enterprise, Mobile and a domain of the size of ICS.
func fill(b *testing.B, data string) {
	b.Helper()
	ics := write(b, string(attacktest.Renamed(b, "mobile-attack-17.1.json.gz", "mobile-attack", "ics-attack")))
	code, _, errs := atelier(b, "--data", data, "import", attacktest.File(b, "enterprise-attack-18.1.json.gz"), attacktest.File(b, "mobile-attack-17.1.json.gz"), ics)
	if code != 0 {
		b.Fatal(errs)
	}
}

// BenchmarkRead measures reads of the real program against a floor: a handler
// of the same router, in a process of its own, that has the same bytes in
// memory. Both are asked in turns, on the cores that they share with who asks;
// the median counts. Under the limit the benchmark fails.
func BenchmarkRead(b *testing.B) {
	data := b.TempDir()
	fill(b, data)
	s, cookie := loaded(b, data)
	type row struct {
		name, path, encoding string
		floor, reads, share  []float64
		content              []byte
	}
	rows := []*row{
		{name: "an object", path: "/api/objects/T1055"},
		{name: "  packed", path: "/api/objects/T1055", encoding: "gzip"},
		{name: "the matrix", path: "/api/domains/enterprise-attack/matrix"},
		{name: "  packed", path: "/api/domains/enterprise-attack/matrix", encoding: "gzip"},
		{name: "a list: domains", path: "/api/domains"},
		{name: "a list: a domain's words", path: "/api/domains/enterprise-attack/vocabulary"},
	}
	files := map[string][]byte{}
	for i, r := range rows {
		headers := []string{"Cookie", cookie}
		if r.encoding != "" {
			headers = append(headers, "Accept-Encoding", r.encoding)
		}
		r.content = s.fetch(r.path, headers...)
		files[fmt.Sprint(i)] = r.content
	}
	floor := startFloor(b, files)
	const each = 500 * time.Millisecond
	for b.Loop() {
		for i, r := range rows {
			least := wired(fmt.Sprintf("/%d", i), "Cookie", cookie, "Accept-Encoding", r.encoding)
			ours := wired(r.path, "Cookie", cookie, "Accept-Encoding", r.encoding)
			lowest, _ := load(b, floor, readers, each, len(r.content), func(int, int) []byte { return least })
			reached, _ := load(b, s.address(), readers, each, len(r.content), func(int, int) []byte { return ours })
			r.floor, r.reads, r.share = append(r.floor, lowest), append(r.reads, reached), append(r.share, reached/lowest)
		}
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\nReads by %d connections, median of %d\tbytes\tfloor/s\tours/s\tof the floor\tlimit\t\n", readers, len(rows[0].reads))
	for _, r := range rows {
		rate, share := middle(r.reads), middle(r.share)
		fmt.Fprintf(w, "%s\t%d\t%.0f\t%.0f\t%.2f\t%d/s or %.1f\t\n", r.name, len(r.content), middle(r.floor), rate, share, leastReads, leastOfFloor)
		if rate < leastReads && share < leastOfFloor {
			b.Errorf("%s: %.0f reads a second, %.2f of the floor", r.path, rate, share)
		}
	}
	if err := w.Flush(); err != nil {
		b.Error(err)
	}
	b.ReportMetric(middle(rows[0].share), "×floor")
}

func middle(all []float64) float64 { return slices.Sorted(slices.Values(all))[len(all)/2] }
