package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/atelier-attack/atelier/review/attack/attacktest"
)

// What a server with three domains may take.
const (
	mostResident  = 500 << 20
	longestStart  = 2 * time.Second
	variedReads   = 10_000
	searchesEvery = 10 // of the varied reads, one in so many is a search
)

// BenchmarkServer measures how soon the real program is ready and how much
// memory it holds, with Enterprise, Mobile and a domain of the size of ICS:
// after its start, and after many reads that differ. Beside it stands what the
// same program takes without content. The best start and the largest memory
// count; over a limit the benchmark fails.
func BenchmarkServer(b *testing.B) {
	empty, data := b.TempDir(), b.TempDir()
	fill(b, data)
	_, first := started(b, empty) // which loads the index
	first.stop()
	var floors, starts []time.Duration
	var bare, begun, after, peak int64
	for b.Loop() {
		took, s := started(b, empty)
		floors, bare = append(floors, took), max(bare, s.memory("VmRSS"))
		s.stop()
		took, s = started(b, data)
		starts, begun = append(starts, took), max(begun, s.memory("VmRSS"))
		s.readAll(b, data)
		after, peak = max(after, s.memory("VmRSS")), max(peak, s.memory("VmHWM"))
		s.stop()
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nServer with three domains, %d runs\tbest\tmedian\tlimit\n", len(starts))
	fmt.Fprintf(w, "floor: ready with the built-in index alone\t%s\n", times(floors))
	fmt.Fprintf(w, "ready\t%s\t%d ms\n", times(starts), longestStart.Milliseconds())
	fmt.Fprintf(w, "  times the floor\t%.2f\n", against(starts, floors))
	fmt.Fprintf(w, "floor: memory with the built-in index alone\t%d MB\n", bare>>20)
	fmt.Fprintf(w, "memory when ready\t%d MB\t\t%d MB\n", begun>>20, mostResident>>20)
	fmt.Fprintf(w, "  after %d varied reads\t%d MB\t\t%d MB\n", variedReads, after>>20, mostResident>>20)
	fmt.Fprintf(w, "  at its peak\t%d MB\t\t%d MB\n", peak>>20, mostResident>>20)
	fmt.Fprintf(w, "  times the floor\t%.2f\n", float64(after)/float64(bare))
	if err := w.Flush(); err != nil {
		b.Error(err)
	}
	b.ReportMetric(float64(peak>>20), "MB-peak")
	if slices.Min(starts) > longestStart || peak > mostResident {
		b.Errorf("ready after %s, with %d MB", slices.Min(starts), peak>>20)
	}
}

// started starts the program and waits until it says that it is ready.
func started(b *testing.B, data string) (took time.Duration, s *program) {
	b.Helper()
	took = timed(func() {
		s = start(b, 0, "--data", data, "serve", "--listen", "127.0.0.1:0", "--log-level", "warn")
		s.fetch("/readyz")
	})
	return took, s
}

// memory asks the system for a figure of the program, in bytes.
func (s *program) memory(figure string) int64 {
	s.t.Helper()
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(s.cmd.Process.Pid), "status"))
	if err != nil {
		s.t.Fatalf("this system does not tell how much memory a program has: %v", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(status))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		if fields := strings.Fields(value); name == figure && len(fields) == 2 {
			kilobytes, err := strconv.ParseInt(fields[0], 10, 64)
			if err != nil {
				s.t.Fatal(err)
			}
			return kilobytes << 10
		}
	}
	s.t.Fatalf("no %s in %s", figure, status)
	return 0
}

// readAll reads the pages of very many objects, as whoever browses for a year,
// and searches for their names.
func (s *program) readAll(b *testing.B, data string) {
	b.Helper()
	code, out, errs := atelier(b, "--data", data, "user", "add", "Reader")
	if code != 0 {
		b.Fatal(errs)
	}
	_, token, _ := strings.Cut(strings.TrimSpace(out), "token=")
	s.links["reader"] = token
	cookie := s.signIn("reader")
	things := named(b)
	var next int
	_, took := load(b, s.address(), 1, time.Hour, 0, func(_, turn int) []byte {
		if next = turn; turn == variedReads {
			return nil
		}
		o := things[turn%len(things)]
		path := "/api/objects/" + o.ID
		if turn%searchesEvery == 0 && o.Name != "" {
			path = "/api/search?q=" + url.QueryEscape(o.Name)
		}
		return wired(path, "Cookie", cookie, "Accept-Encoding", "gzip")
	})
	if len(took) != variedReads || next != variedReads {
		b.Fatalf("%d reads", len(took))
	}
}

// thing is an object that has a page and a name to search for.
type thing struct{ ID, Type, Name string }

// named lists the objects of Enterprise, in an order that is always the same
// and follows nothing.
func named(b *testing.B) []thing {
	b.Helper()
	var bundle struct{ Objects []thing }
	if err := json.Unmarshal(attacktest.Unzipped(b, "enterprise-attack-18.1.json.gz"), &bundle); err != nil {
		b.Fatal(err)
	}
	slices.SortFunc(bundle.Objects, func(a, b thing) int {
		_, x, _ := strings.Cut(a.ID, "--")
		_, y, _ := strings.Cut(b.ID, "--")
		return strings.Compare(x, y)
	})
	return bundle.Objects
}
