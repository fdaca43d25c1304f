// Package attacktest finds the real ATT&CK that tests read. It lies beside the
// project and never in it, because its text is MITRE's.
package attacktest

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// File gives the path of one of MITRE's files, such as
// enterprise-attack-18.1.json.gz: in the folder attack of ATELIER_DATA, or of
// shared beside the project. Where it is missing the test is skipped, and
// fails in CI.
func File(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(root(t), "attack", name)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	const missing = "this test reads %s: put it there, or set ATELIER_DATA to the folder that has it in attack/"
	if os.Getenv("CI") == "" {
		t.Skipf("SKIPPED: "+missing, path)
	}
	t.Fatalf(missing, path)
	return ""
}

func root(t testing.TB) string {
	t.Helper()
	if root := os.Getenv("ATELIER_DATA"); root != "" {
		return root
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(filepath.Dir(dir), "shared")
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("the test does not run within the project")
		}
		dir = filepath.Dir(dir)
	}
}

// Unzipped gives the content of one of MITRE's files.
func Unzipped(t testing.TB, name string) []byte {
	t.Helper()
	f, err := os.Open(File(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
