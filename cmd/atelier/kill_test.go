package main_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/atelier-attack/atelier/app/store"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
)

// TestAKilledImportLeavesNothing kills the program at several points of an
// import, told by how much it has put on the disk, and looks at what is there.
func TestAKilledImportLeavesNothing(t *testing.T) {
	file := attacktest.File(t, "enterprise-attack-18.1.json.gz")
	data := t.TempDir()
	if code, _, errs := atelier(t, "--data", data, "import", odd); code != 0 {
		t.Fatal(errs)
	}
	before, bundle := rows(t, data), export(t, data, "odd-attack")
	for _, megabytes := range []int64{0, 4, 16, 32, 48} {
		cmd := command(t, "--data", data, "import", file)
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		killAt(t, cmd, filepath.Join(data, store.FileName+"-wal"), megabytes<<20)
		if said.Len() > 0 {
			t.Fatalf("at %d MB the import was over: %s", megabytes, &said)
		}
		if _, _, errs := atelier(t, "--data", data, "export", "--domain", "enterprise-attack", "--output", "-"); !strings.Contains(errs, "not loaded") {
			t.Errorf("killed at %d MB: %s", megabytes, errs)
		}
		if after := rows(t, data); after != before {
			t.Errorf("killed at %d MB: there were %v rows, now there are %v", megabytes, before, after)
		}
		if export(t, data, "odd-attack") != bundle {
			t.Errorf("killed at %d MB: the other domain was changed", megabytes)
		}
	}
	if code, out, errs := atelier(t, "--data", data, "import", file); code != 0 || !strings.Contains(out, "24772 objects, 24772 of them new") {
		t.Errorf("the next try: exit %d: %s%s", code, out, errs)
	}
	if code, out, errs := atelier(t, "--data", data, "import", file); code != 0 || !strings.Contains(out, "nothing changed") {
		t.Errorf("the same file again: exit %d: %s%s", code, out, errs)
	}
}

// killAt waits until a file has grown beyond size, and kills the program.
func killAt(t *testing.T, cmd *exec.Cmd, file string, size int64) {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			t.Fatalf("the program ended before it could be killed: %v", err)
		default:
		}
		if info, err := os.Stat(file); err == nil && info.Size() > size {
			break
		}
		runtime.Gosched()
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		t.Fatalf("the program was not killed: %v", cmd.ProcessState)
	}
}

// rows counts what an import writes: objects, collections and their members.
func rows(t *testing.T, data string) (n [3]int64) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Config{DataDir: data})
	if err != nil {
		t.Fatal(err)
	}
	for i, table := range []string{"objects", "collections", "collection_members"} {
		if err := db.Table(table).Count(&n[i]).Error; err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(db); err != nil {
		t.Fatal(err)
	}
	return n
}

func export(t *testing.T, data, domain string) string {
	t.Helper()
	code, out, errs := atelier(t, "--data", data, "export", "--domain", domain, "--output", "-")
	if code != 0 {
		t.Fatal(errs)
	}
	return out
}
