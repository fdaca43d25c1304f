package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/atelier-attack/atelier/review/attack/attacktest"
)

// What an export may take.
const (
	mostTimesPacking = 2.5
	mostExportMemory = 100 << 20 // of the whole program
)

// BenchmarkExport measures a packed export of a whole domain against a floor:
// the same bytes, which are in memory, through the same library at the same
// level into a file. The program's export includes its start; the download goes
// over the line. All take turns, and the best of each counts. Over a limit the
// benchmark fails.
func BenchmarkExport(b *testing.B) {
	data, folder := b.TempDir(), b.TempDir()
	if code, _, errs := atelier(b, "--data", data, "import", attacktest.File(b, "enterprise-attack-18.1.json.gz")); code != 0 {
		b.Fatal(errs)
	}
	s, cookie := loaded(b, data)
	_, peak := exported(b, data, filepath.Join(folder, "ours.json.gz"))
	plain, most := exported(b, data, filepath.Join(folder, "plain.json"))
	peak = max(peak, most)
	content, err := os.ReadFile(filepath.Join(folder, "plain.json"))
	if err != nil {
		b.Fatal(err)
	}
	var floors, programs, downloads []time.Duration
	for b.Loop() {
		floors = append(floors, timed(func() { packInto(b, filepath.Join(folder, "floor.json.gz"), content) }))
		took, _ := exported(b, data, filepath.Join(folder, "ours.json.gz"))
		programs = append(programs, took)
		var packed []byte
		downloads = append(downloads, timed(func() {
			packed = s.fetch("/api/domains/enterprise-attack/bundle", "Cookie", cookie, "Accept-Encoding", "gzip")
		}))
		same(b, content, packed)
	}
	packed, err := os.ReadFile(filepath.Join(folder, "ours.json.gz"))
	if err != nil {
		b.Fatal(err)
	}
	same(b, content, packed)
	program, download := against(programs, floors), against(downloads, floors)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nExport of Enterprise 18.1, %d MB, %d runs\tbest\tmedian\ttimes the floor\tlimit\n", len(content)>>20, len(floors))
	fmt.Fprintf(w, "floor: pack the same bytes into a file\t%s\n", times(floors))
	fmt.Fprintf(w, "atelier export --output FILE.json.gz\t%s\t%.2f\t%.1f\n", times(programs), program, mostTimesPacking)
	fmt.Fprintf(w, "packed download\t%s\t%.2f\t%.1f\n", times(downloads), download, mostTimesPacking)
	fmt.Fprintf(w, "atelier export --output FILE.json\t%d ms\n", plain.Milliseconds())
	fmt.Fprintf(w, "  the program's peak of memory\t%d MB\t\t\t%d MB\n", peak>>20, mostExportMemory>>20)
	if err := w.Flush(); err != nil {
		b.Error(err)
	}
	b.ReportMetric(program, "×floor")
	if program > mostTimesPacking || download > mostTimesPacking || peak > mostExportMemory {
		b.Errorf("an export takes %.2f times the floor, a download %.2f, and %d MB", program, download, peak>>20)
	}
}

// exported runs the real program and tells its peak of memory.
func exported(b *testing.B, data, file string) (took time.Duration, peak int64) {
	b.Helper()
	cmd := command(b, "--data", data, "export", "--domain", "enterprise-attack", "--output", file)
	small(b)
	took = timed(func() {
		if said, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, said)
		}
	})
	return took, peakOf(b, cmd)
}

func packInto(b *testing.B, file string, content []byte) {
	b.Helper()
	f, err := os.Create(file)
	if err != nil {
		b.Fatal(err)
	}
	z := gzip.NewWriter(f)
	_, err = z.Write(content)
	if err = errors.Join(err, z.Close(), f.Sync(), f.Close()); err != nil {
		b.Fatal(err)
	}
}

func same(b *testing.B, content, packed []byte) {
	b.Helper()
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		b.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || !bytes.Equal(got, content) {
		b.Fatalf("the packed export is another one: %v", err)
	}
}
