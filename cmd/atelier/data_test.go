package main_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/atelier-attack/atelier/review/taxonomy"
)

const odd = "../../review/taxonomy/testdata/odd.json"

func TestImportAndExport(t *testing.T) {
	data := t.TempDir()
	if code, out, errs := atelier(t, "--data", data, "import", odd); code != 0 || !strings.Contains(out, "12 objects, 11 of them new") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	if code, out, _ := atelier(t, "--data", data, "import", odd); code != 0 || !strings.Contains(out, "nothing changed") {
		t.Errorf("again: exit %d: %s", code, out)
	}
	file := filepath.Join(data, "out.json")
	if code, _, errs := atelier(t, "--data", data, "export", "--domain", "odd-attack", "--output", file); code != 0 {
		t.Fatalf("export: %s", errs)
	}
	second := t.TempDir()
	if code, out, errs := atelier(t, "--data", second, "import", file); code != 0 || !strings.Contains(out, "12 objects, 11 of them new") {
		t.Errorf("into a second installation: exit %d: %s%s", code, out, errs)
	}
}

// TestExportKeepsWhatItIsToldToWriteTo: a link stays a link, a pipe a pipe, and
// a folder is none of it.
func TestExportKeepsWhatItIsToldToWriteTo(t *testing.T) {
	data, folder := t.TempDir(), t.TempDir()
	if code, _, errs := atelier(t, "--data", data, "import", odd); code != 0 {
		t.Fatal(errs)
	}
	export := func(to string) (int, string) {
		code, _, errs := atelier(t, "--data", data, "export", "--domain", "odd-attack", "--output", to)
		return code, errs
	}
	target, link, pipe := filepath.Join(folder, "target"), filepath.Join(folder, "link"), filepath.Join(folder, "pipe")
	if err := errors.Join(os.WriteFile(target, []byte("old"), 0o600), os.Symlink(target, link), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	if code, errs := export(link); code != 0 {
		t.Fatal(errs)
	}
	is, err := os.Lstat(link)
	content, errRead := os.ReadFile(target)
	if err != nil || errRead != nil || is.Mode()&os.ModeSymlink == 0 || !json.Valid(content) {
		t.Errorf("behind the link is %.20q (%v, %v)", content, err, errRead)
	}
	read := make(chan []byte, 1)
	go func() {
		all, _ := os.ReadFile(pipe)
		read <- all
	}()
	if code, errs := export(pipe); code != 0 || string(<-read) != string(content) {
		t.Errorf("the pipe gave something else: %s", errs)
	}
	code, errs := export(folder)
	oneSentence(t, errs)
	left, err := filepath.Glob(filepath.Join(folder, "*.part"))
	if code != 1 || !strings.Contains(errs, "is a folder") || err != nil || len(left) > 0 {
		t.Errorf("exit %d: %s; left %v, %v", code, errs, left, err)
	}
}

// TestImportOfSeveralFiles: each file whole or not at all, up to the first bad
// one, and what was done is told.
func TestImportOfSeveralFiles(t *testing.T) {
	good := write(t, `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[{"type":"x-mitre-matrix",
		"id":"x-mitre-matrix--00000000-0000-4000-8000-000000000002","created":"2020-01-01T00:00:00.000Z","modified":"2020-01-01T00:00:00.000Z",
		"name":"Other","x_mitre_domains":["other-attack"]}]}`)
	bad := write(t, `{"type":"bundle","objects":[{"type":"x-mitre-matrix","id":"x-mitre-matrix--00000000-0000-4000-8000-000000000003","x_mitre_domains":["bad"]},`)
	data := t.TempDir()
	code, out, errs := atelier(t, "--data", data, "import", odd, bad, good)
	if code != 1 || strings.Count(out, "objects,") != 1 {
		t.Errorf("exit %d: %s", code, out)
	}
	for _, want := range []string{bad, "ends in the middle", "nothing of this file was loaded", "loaded before it: odd.json", "not tried: file.json"} {
		if !strings.Contains(errs, want) {
			t.Errorf("it does not say %q: %s", want, errs)
		}
	}
	oneSentence(t, errs)
	if _, _, errs := atelier(t, "--data", data, "export", "--domain", "none", "--output", "-"); !strings.Contains(errs, "there is [odd-attack]") {
		t.Errorf("after the bad file: %s", errs)
	}
	if code, out, errs := atelier(t, "--data", data, "import", odd, good); code != 0 || strings.Count(out, "objects") != 2 || errs != "" {
		t.Errorf("without it: exit %d: %s%s", code, out, errs)
	}
}

func TestImportPrintsJSON(t *testing.T) {
	var report struct {
		Imported []taxonomy.Report
		Failed   *struct{ File, Error string }
	}
	code, out, _ := atelier(t, "--data", t.TempDir(), "import", "--json", odd, odd)
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 {
		t.Fatalf("exit %d: %v: %s", code, err, out)
	}
	if len(report.Imported) != 2 || report.Imported[0].Objects != 12 || !report.Imported[1].Same || report.Failed != nil {
		t.Errorf("report: %+v", report)
	}
	bad := write(t, "no bundle")
	for name, files := range map[string][]string{bad: {bad, odd}, bad + ".none": {odd, bad + ".none"}} {
		code, out, errs := atelier(t, append([]string{"--data", t.TempDir(), "import", "--json"}, files...)...)
		if err := json.Unmarshal([]byte(out), &report); err != nil || code != 1 {
			t.Fatalf("exit %d: %v: %s", code, err, out)
		}
		if len(report.Imported) != 0 || report.Failed == nil || report.Failed.File != name || !strings.Contains(errs, report.Failed.Error) {
			t.Errorf("report: %+v, says %s", report, errs)
		}
	}
}

// TestFindingsAndTheExitCode: findings alone are no failure; --strict makes the
// severe ones one, and loads nothing.
func TestFindingsAndTheExitCode(t *testing.T) {
	severe := write(t, `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[
		{"type":"tool","id":"tool--00000000-0000-4000-8000-000000000001","created":"2021-01-01T00:00:00.000Z","modified":"2020-01-01T00:00:00.000Z","name":"Early","x_mitre_domains":["other-attack"]}]}`)
	data := t.TempDir()
	code, out, errs := atelier(t, "--data", data, "import", "--strict", severe)
	if code != 1 || !strings.Contains(out, "severe: ") || !strings.Contains(out, "Early") || !strings.Contains(errs, "strict") || !strings.Contains(errs, "nothing of this file was loaded") {
		t.Errorf("strict: exit %d: %s%s", code, out, errs)
	}
	code, out, _ = atelier(t, "--data", data, "import", "--strict", "--json", odd, severe)
	var told struct {
		Imported []taxonomy.Report
		Failed   struct{ Report *taxonomy.Report }
	}
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != 1 || len(told.Imported) != 1 || told.Failed.Report == nil ||
		told.Failed.Report.Findings[0].Kind != taxonomy.ModifiedTooEarly || told.Failed.Report.Findings[0].Count != 1 {
		t.Errorf("strict, as JSON: exit %d: %s, %v", code, out, err)
	}
	if code, _, errs := atelier(t, "--data", data, "export", "--domain", "other-attack", "--output", "-"); code != 1 {
		t.Errorf("the refused domain was loaded: %s", errs)
	}
	if code, out, errs := atelier(t, "--data", data, "import", severe); code != 0 || !strings.Contains(out, "severe: ") {
		t.Errorf("not strict: exit %d: %s%s", code, out, errs)
	}
	if code, out, _ := atelier(t, "import", "--help"); code != 0 || !strings.Contains(out, "Exit code") || !strings.Contains(out, "--strict") {
		t.Errorf("help: exit %d: %s", code, out)
	}
}

// TestExportAsSomebodyWants: a state, all domains, and a dialect of STIX.
func TestExportAsSomebodyWants(t *testing.T) {
	data := t.TempDir()
	newer := write(t, `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[
		{"type":"x-mitre-collection","spec_version":"2.1","id":"x-mitre-collection--00000000-0000-4000-8000-000000000001","modified":"2020-01-01T00:00:00.000Z","name":"Odd","x_mitre_version":"2.0","x_mitre_domains":["odd-attack"]},
		{"type":"tool","spec_version":"2.1","id":"tool--00000000-0000-4000-8000-000000000002","modified":"2020-01-01T00:00:00.000Z","name":"Hammer","x_mitre_domains":["odd-attack"]}]}`)
	if code, _, errs := atelier(t, "--data", data, "import", newer, odd); code != 0 {
		t.Fatal(errs)
	}
	export := func(args ...string) (code, objects int, head, errs string) {
		code, out, errs := atelier(t, append([]string{"--data", data, "export", "--output", "-"}, args...)...)
		var bundle struct {
			Spec    string `json:"spec_version"`
			Objects []any
		}
		if code == 0 && json.Unmarshal([]byte(out), &bundle) != nil {
			t.Fatalf("export %v is no JSON: %s", args, out)
		}
		return code, len(bundle.Objects), bundle.Spec, errs
	}
	for _, c := range []struct {
		args          string
		code, objects int
		head          string
	}{
		{"--domain odd-attack", 0, 2, ""}, {"--domain odd-attack --spec 2.0", 0, 2, "2.0"}, {"--domain odd-attack --spec 2.1", 0, 2, ""},
		{"--collection 1", 0, 2, ""}, {"--collection 2", 0, 12, "2.0"}, {"--collection 2 --spec 2.1", 0, 12, ""},
		{"--domain all", 0, 2, ""}, {"--domain all --spec 2.0", 0, 2, "2.0"},
		{"--collection 9", 1, 0, ""}, {"--domain none", 1, 0, ""}, {"--domain odd-attack --release 1", 1, 0, ""},
		{"", 2, 0, ""}, {"--domain all --release 1", 2, 0, ""}, {"--collection 1 --domain odd-attack", 2, 0, ""}, {"--collection -1", 2, 0, ""},
		{"--domain odd-attack --release -1", 2, 0, ""}, {"--domain odd-attack --spec 1.2", 2, 0, ""}, {"--domain odd-attack --spec=", 0, 2, ""},
	} {
		code, objects, head, errs := export(strings.Fields(c.args)...)
		if code != c.code || objects != c.objects || head != c.head {
			t.Errorf("export %s: exit %d with %d objects and %q: %s", c.args, code, objects, head, errs)
		}
		if code != 0 {
			oneSentence(t, errs)
		}
	}
	if code, _, errs := atelier(t, "--data", t.TempDir(), "export", "--domain", "all", "--output", "-"); code != 1 || !strings.Contains(errs, "import a file first") {
		t.Errorf("of nothing: exit %d: %s", code, errs)
	}
}
