package main_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestExportPacksWhatIsNamedSo: the same bytes, and import takes them back.
func TestExportPacksWhatIsNamedSo(t *testing.T) {
	data := t.TempDir()
	if code, _, errs := atelier(t, "--data", data, "import", odd); code != 0 {
		t.Fatal(errs)
	}
	content := map[string][]byte{}
	for _, name := range []string{"out.json", "out.json.gz"} {
		file := filepath.Join(data, name)
		if code, _, errs := atelier(t, "--data", data, "export", "--domain", "odd-attack", "--output", file); code != 0 {
			t.Fatal(errs)
		}
		var err error
		if content[name], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	z, err := gzip.NewReader(bytes.NewReader(content["out.json.gz"]))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || !bytes.Equal(got, content["out.json"]) {
		t.Errorf("packed it is another one: %v", err)
	}
	if code, out, errs := atelier(t, "--data", data, "import", filepath.Join(data, "out.json.gz")); code != 0 || !strings.Contains(out, "objects") {
		t.Errorf("import of it: exit %d: %s%s", code, out, errs)
	}
}
