package main_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/atelier-attack/atelier/app/store"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

const (
	// timesTheObjects is how much larger than Enterprise the large domain is.
	timesTheObjects = 4
	// mostGrowth is by how much the time and the memory of one object may grow
	// with it.
	mostGrowth = 1.3
)

// sized is what a domain of one size takes.
type sized struct {
	content []byte
	objects int
	imports []time.Duration
	heap    uint64 // bytes that its snapshot holds
}

func (s *sized) perObject() float64 {
	return float64(slices.Min(s.imports).Microseconds()) / float64(s.objects)
}

// BenchmarkScale measures import and memory with four times the objects of
// Enterprise 18.1, made from it, against Enterprise itself: what one object
// takes must not depend on how many there are. Both take turns, and the best of
// each counts. Over the limit the benchmark fails.
func BenchmarkScale(b *testing.B) {
	const file = "enterprise-attack-18.1.json.gz"
	one, many := &sized{content: attacktest.Unzipped(b, file)}, &sized{content: attacktest.Multiplied(b, file, timesTheObjects)}
	for b.Loop() {
		for range 2 { // even the shortest bench has a best of two
			one.measure(b)
			many.measure(b)
		}
	}
	slower := against(many.imports, one.imports) / (float64(many.objects) / float64(one.objects))
	larger := many.bytesPerObject() / one.bytesPerObject()
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nFrom %d to %d objects, %d runs\tone\tmany\tgrows by\tlimit\n", one.objects, many.objects, len(one.imports))
	fmt.Fprintf(w, "import, of one object\t%.1f µs\t%.1f µs\t%.2f\t%.1f\n", one.perObject(), many.perObject(), slower, mostGrowth)
	fmt.Fprintf(w, "memory of the snapshot, of one object\t%.0f bytes\t%.0f bytes\t%.2f\t%.1f\n", one.bytesPerObject(), many.bytesPerObject(), larger, mostGrowth)
	if err := w.Flush(); err != nil {
		b.Error(err)
	}
	b.ReportMetric(slower, "×slower")
	b.ReportMetric(larger, "×larger")
	if slower > mostGrowth || larger > mostGrowth {
		b.Errorf("with %d times the objects, one takes %.2f times the time and %.2f times the memory", timesTheObjects, slower, larger)
	}
}

func (s *sized) bytesPerObject() float64 { return float64(s.heap) / float64(s.objects) }

// measure imports into an empty database, and then loads what is there as a
// server does.
func (s *sized) measure(b *testing.B) {
	b.Helper()
	config := store.Config{DataDir: b.TempDir()}
	db, err := store.Open(b.Context(), config)
	if err != nil {
		b.Fatal(err)
	}
	tax := taxonomy.New(db, slog.New(slog.DiscardHandler))
	s.imports = append(s.imports, timed(func() {
		report, err := tax.Import(b.Context(), taxonomy.Source{Name: "enterprise", Reader: bytes.NewReader(s.content)}, nil)
		if err != nil {
			b.Fatal(err)
		}
		s.objects = report.Objects
	}))
	tax = taxonomy.New(db, slog.New(slog.DiscardHandler))
	before := held()
	if err := tax.Load(b.Context()); err != nil {
		b.Fatal(err)
	}
	s.heap = held() - before
	runtime.KeepAlive(tax)
	if err := store.Close(db); err != nil {
		b.Fatal(err)
	}
}

// held is what is reachable on the heap.
func held() uint64 {
	runtime.GC()
	runtime.GC() // what finalizers let go of in the first
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
