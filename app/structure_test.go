package app_test

import (
	"bytes"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"os"
)

const module = "github.com/atelier-attack/atelier/"

// floors of the house; a package never imports one from a higher floor.
var floors = map[string]int{"frontend": 0, "realtime": 1, "review": 2, "app": 3, "seed": 4, "cmd": 5}

func TestStructure(t *testing.T) {
	documented := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		inspect(t, path, documented)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(documented) < 3 {
		t.Fatalf("only %d packages found", len(documented))
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("package %s has no doc comment", dir)
		}
	}
}

func inspect(t *testing.T, path string, documented map[string]bool) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte("\n")); n > 600 {
		t.Errorf("%s has %d lines, 600 are allowed", path, n)
	}
	if strings.HasSuffix(path, "_test.go") {
		return
	}
	f, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ParseComments|parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	rel, _ := filepath.Rel("..", path)
	dir := filepath.ToSlash(filepath.Dir(rel))
	documented[dir] = documented[dir] || f.Doc != nil
	from, _, _ := strings.Cut(dir, "/")
	for _, i := range f.Imports {
		name, _ := strconv.Unquote(i.Path.Value)
		inner, ours := strings.CutPrefix(name, module)
		to, _, _ := strings.Cut(inner, "/")
		if ours && floors[to] > floors[from] {
			t.Errorf("%s imports %s from a higher floor", path, name)
		}
	}
}
