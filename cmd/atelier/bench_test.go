package main_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/atelier-attack/atelier/app/store"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// What the import of a whole domain may take.
const (
	mostTimesTheFloor = 2.5
	mostMemory        = 600 << 20
)

// BenchmarkImport measures the import of a whole domain against a floor: unzip,
// split, insert the raw rows and the rows of text in one transaction. Both run
// in this process, in turns, on the same disk; the best run of each counts, for
// all that disturbs a run makes it slower. The limit is held against the lower
// floor, whose rows of text have no index; the other one shows what FTS4 would
// cost, which the driver has without a build tag (Atelier searches in memory).
// Memory is that of the real program. Over a limit the benchmark fails.
func BenchmarkImport(b *testing.B) {
	inProgram, peak := importByProgram(b)
	packed, err := os.ReadFile(attacktest.File(b, "enterprise-attack-18.1.json.gz"))
	if err != nil {
		b.Fatal(err)
	}
	var floors, indexed, imports, repeats []time.Duration
	for b.Loop() {
		floors = append(floors, timed(func() { floor(b, packed, "CREATE TABLE texts (name text, description text)") }))
		indexed = append(indexed, timed(func() { floor(b, packed, "CREATE VIRTUAL TABLE texts USING fts4 (name, description)") }))
		first, again := importTwice(b, packed)
		imports, repeats = append(imports, first), append(repeats, again)
	}
	ratio := against(imports, floors)
	b.ReportMetric(ratio, "×floor")
	b.ReportMetric(float64(peak>>20), "MB-peak")
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nImport of Enterprise 18.1, %d runs\tbest\tmedian\tlimit\n", len(floors))
	fmt.Fprintf(w, "floor: unzip, split, insert raw rows and rows of text\t%s\n", times(floors))
	fmt.Fprintf(w, "  the same, the text indexed by FTS4\t%s\n", times(indexed))
	fmt.Fprintf(w, "import into an empty database\t%s\n", times(imports))
	fmt.Fprintf(w, "  times the floor\t%.2f\t%.2f\t%.1f\n", ratio, float64(median(imports))/float64(median(floors)), mostTimesTheFloor)
	fmt.Fprintf(w, "import of the same file again\t%s\n", times(repeats))
	fmt.Fprintf(w, "atelier import, the whole program\t%d ms\n", inProgram.Milliseconds())
	fmt.Fprintf(w, "  its peak of memory\t%d MB\t\t%d MB\n", peak>>20, mostMemory>>20)
	if err := w.Flush(); err != nil {
		b.Error(err)
	}
	if ratio > mostTimesTheFloor || peak > mostMemory {
		b.Errorf("the import takes %.2f times the floor and %d MB", ratio, peak>>20)
	}
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func median(all []time.Duration) time.Duration { return slices.Sorted(slices.Values(all))[len(all)/2] }

func times(all []time.Duration) string {
	return fmt.Sprintf("%d ms\t%d ms", slices.Min(all).Milliseconds(), median(all).Milliseconds())
}

// importTwice imports into an empty database, and then the same file again.
func importTwice(b *testing.B, packed []byte) (first, again time.Duration) {
	db, err := store.Open(b.Context(), store.Config{DataDir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	tax := taxonomy.New(db, slog.New(slog.DiscardHandler))
	once := func() {
		if _, err := tax.Import(b.Context(), taxonomy.Source{Name: "enterprise", Reader: bytes.NewReader(packed)}, nil); err != nil {
			b.Fatal(err)
		}
	}
	first, again = timed(once), timed(once)
	if err := store.Close(db); err != nil {
		b.Fatal(err)
	}
	return first, again
}

// importByProgram runs the real program and asks the system what it took.
func importByProgram(b *testing.B) (took time.Duration, peak int64) {
	cmd := command(b, "--data", b.TempDir(), "import", attacktest.File(b, "enterprise-attack-18.1.json.gz"))
	small(b)
	took = timed(func() {
		if said, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, said)
		}
	})
	return took, peakOf(b, cmd)
}

// small gives back what this process does not need and forgets its own peak,
// for that is counted as the first memory of a program that it starts.
func small(b *testing.B) {
	b.Helper()
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // proc(5): the peak becomes what there is now
		b.Fatal(err)
	}
}

// peakOf asks the system how much memory a program took that has ended; small
// comes before its start.
func peakOf(b *testing.B, cmd *exec.Cmd) int64 {
	b.Helper()
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		b.Fatal("this system does not tell how much memory a program took")
	}
	return usage.Maxrss << 10
}

// against is how many times the best of the floor the best of ours takes.
func against(ours, floor []time.Duration) float64 {
	return float64(slices.Min(ours)) / float64(slices.Min(floor))
}

// head is what the floor reads of an object.
type head struct {
	ID          string `json:"id"`
	Modified    string `json:"modified"`
	Created     string `json:"created"`
	Type        string `json:"type"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// floor does what cannot be left out, by the shortest way.
func floor(b *testing.B, packed []byte, texts string) {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(b.TempDir(), "floor.db")+"?_journal_mode=WAL&_synchronous=FULL")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	tx, err := db.BeginTx(context.Background(), nil)
	must(err)
	_, err = tx.Exec("CREATE TABLE objects (id integer PRIMARY KEY, stix_id text, modified text, type text, raw blob);" + texts)
	must(err)
	object, err := tx.Prepare("INSERT INTO objects VALUES (NULL, ?, ?, ?, ?)")
	must(err)
	text, err := tx.Prepare("INSERT INTO texts (rowid, name, description) VALUES (?, ?, ?)")
	must(err)
	z, err := gzip.NewReader(bytes.NewReader(packed))
	must(err)
	_, err = attack.Decode(z, func(raw jsontext.Value) error {
		var o head
		if err := json.Unmarshal(raw, &o); err != nil {
			return err
		}
		r, err := object.Exec(o.ID, cmp.Or(o.Modified, o.Created), o.Type, []byte(raw))
		if err != nil {
			return err
		}
		row, err := r.LastInsertId()
		if err != nil || o.Name+o.Description == "" {
			return err
		}
		_, err = text.Exec(row, o.Name, o.Description)
		return err
	})
	must(err)
	_, err = tx.Exec("CREATE UNIQUE INDEX objects_version ON objects (stix_id, modified)")
	must(err)
	must(tx.Commit())
}
