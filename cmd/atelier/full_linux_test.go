package main_test

import (
	"strings"
	"syscall"
	"testing"

	"github.com/atelier-attack/atelier/review/attack/attacktest"
)

// TestAFullDisk imports onto a disk that is too small for it, and then makes
// room.
func TestAFullDisk(t *testing.T) {
	data := t.TempDir()
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("SKIPPED: a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(data, 0); err != nil {
			t.Error(err)
		}
	})
	file := attacktest.File(t, "enterprise-attack-18.1.json.gz")
	code, _, errs := atelier(t, "--data", data, "import", file)
	if code != 1 || !strings.Contains(errs, "disk of the database is full") {
		t.Errorf("exit %d: %s", code, errs)
	}
	oneSentence(t, errs)
	if n := rows(t, data); n != [3]int64{} {
		t.Errorf("it left %v rows", n)
	}
	if err := syscall.Mount("tmpfs", data, "tmpfs", syscall.MS_REMOUNT, "size=200m"); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := atelier(t, "--data", data, "import", file); code != 0 || !strings.Contains(out, "24772 of them new") {
		t.Errorf("with more room: exit %d: %s%s", code, out, errs)
	}
}
