package main_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"github.com/atelier-attack/atelier/app/store"
)

// binary is the real program, built once for all tests; its folder is open to
// all users, because one test runs it as another one.
var binary string

func TestMain(m *testing.M) {
	if folder := os.Getenv(floorFolder); folder != "" {
		fmt.Fprintln(os.Stderr, serveFloor(folder))
		os.Exit(1)
	}
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	folder, err := os.MkdirTemp("", "atelier-cmd-")
	if err == nil {
		err = os.Chmod(folder, 0o755)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	binary = filepath.Join(folder, "atelier")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_CFLAGS=") // as make build does, so that C is not compiled once more
	if said, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, said)
		return 1
	}
	return m.Run()
}

// command makes a command of the program in an environment without settings.
func command(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	return cmd
}

func atelier(t testing.TB, args ...string) (code int, out, errs string) {
	t.Helper()
	return finish(t, command(t, args...))
}

func finish(t testing.TB, cmd *exec.Cmd) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), o.String(), e.String()
}

// oneSentence makes sure that a failure says one thing and makes no noise.
func oneSentence(t testing.TB, errs string) {
	t.Helper()
	if strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "atelier: ") {
		t.Errorf("not one sentence: %q", errs)
	}
	for _, noise := range []string{"level=", "goroutine", "panic"} {
		if strings.Contains(errs, noise) {
			t.Errorf("it makes noise: %q", errs)
		}
	}
}

func write(t testing.TB, content string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "file.json")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestExitCodesAndSentences(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file, data := write(t, "no bundle"), t.TempDir()
	folderAsDatabase := t.TempDir()
	if err := os.Mkdir(filepath.Join(folderAsDatabase, store.FileName), 0o700); err != nil {
		t.Fatal(err)
	}
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, store.FileName), []byte("my diary, no database\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no command":           {nil, 2, "--help"},
		"unknown command":      {[]string{"dance"}, 2, "dance"},
		"unknown flag":         {[]string{"serve", "--colour"}, 2, "--colour"},
		"missing file":         {[]string{"import", file, filepath.Join(data, "none")}, 1, "There is no file " + filepath.Join(data, "none")},
		"no settings file":     {[]string{"--config", filepath.Join(data, "none"), "serve"}, 2, "none"},
		"broken settings":      {[]string{"--config", file, "serve"}, 2, "no JSON object"},
		"unknown setting":      {[]string{"--config", write(t, `{"colour": 1}`), "serve"}, 2, `"colour", which is no setting`},
		"odd setting":          {[]string{"--config", write(t, `{"listen": []}`), "serve"}, 2, `no plain value for "listen"`},
		"unknown level":        {[]string{"--log-level", "loud", "serve"}, 2, "loud"},
		"no bundle":            {[]string{"--data", data, "import", file}, 1, "not valid JSON"},
		"port taken":           {[]string{"--data", data, "serve", "--listen", taken.Addr().String()}, 1, "choose another with --listen"},
		"no address":           {[]string{"--data", data, "serve", "--listen", "nowhere"}, 1, "HOST:PORT"},
		"no URL":               {[]string{"--data", data, "serve", "--listen", "127.0.0.1:0", "--base-url", "nowhere"}, 1, "http://host"},
		"folder is a file":     {[]string{"--data", file, "serve"}, 1, "choose another one with --data"},
		"folder below a file":  {[]string{"--data", filepath.Join(file, "data"), "serve"}, 1, "choose another one with --data"},
		"database is a folder": {[]string{"--data", folderAsDatabase, "serve"}, 1, "choose another data folder with --data"},
		"another's file":       {[]string{"--data", foreign, "serve"}, 1, "is not an Atelier database"},
		"wrong DSN":            {[]string{"--database", "mysql://root@db/x", "serve"}, 1, "must be a postgres:// address"},
		"unreadable DSN":       {[]string{"--database", "postgres://%zz:secret@h/x", "serve"}, 1, "cannot be read"},
		"no PostgreSQL":        {[]string{"--data", data, "--database", "postgres://u:secret@127.0.0.1:1/x", "serve"}, 1, "cannot be reached"},
		"nothing loaded":       {[]string{"--data", data, "export", "--domain", "none", "--output", "-"}, 1, "import a file first"},
		"a link nowhere":       {[]string{"--data", data, "user", "add", "Ana", "--base-url", "nowhere"}, 1, "http://host"},
		"a link of the past":   {[]string{"--data", data, "user", "add", "Ana", "--valid=-1h"}, 1, "never works"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := atelier(t, c.args...)
			if code != c.code || !strings.Contains(errs, c.says) || out != "" {
				t.Errorf("exit %d, says %.300q and prints %.300q", code, errs, out)
			}
			oneSentence(t, errs)
			if strings.Contains(errs, "secret") {
				t.Errorf("it gives a password away: %s", errs)
			}
		})
	}
}

// TestHelpShowsAllThatCanBeConfigured asks each command for its flags and
// looks for them in the help of the program.
func TestHelpShowsAllThatCanBeConfigured(t *testing.T) {
	code, all, _ := atelier(t, "--help")
	if code != 0 {
		t.Fatalf("exit %d", code)
	}
	for _, want := range []string{"ATELIER_DATA_DIR", "ATELIER_DATABASE", "ATELIER_LOG_LEVEL", "ATELIER_LISTEN", "ATELIER_BASE_URL", "--config", `"base-url"`} {
		if !strings.Contains(all, want) {
			t.Errorf("--help does not show %s", want)
		}
	}
	for _, c := range []string{"serve", "import", "export", "user add", "openapi", "version"} {
		code, one, _ := atelier(t, append(strings.Fields(c), "--help")...)
		if code != 0 {
			t.Errorf("%s --help: exit %d", c, code)
		}
		for _, word := range strings.Fields(one) {
			flag, _, _ := strings.Cut(strings.Trim(word, "[],."), "=")
			if strings.HasPrefix(flag, "--") && flag != "--help" && !strings.Contains(all, flag) {
				t.Errorf("--help does not show %s %s", c, flag)
			}
		}
	}
}

// TestFlagBeforeEnvironmentBeforeFile names a folder that cannot be used in
// each place; the sentence tells which was taken.
func TestFlagBeforeEnvironmentBeforeFile(t *testing.T) {
	blocked := write(t, "")
	config := write(t, fmt.Sprintf(`{"data": %q}`, filepath.Join(blocked, "of-file")))
	environment := "ATELIER_DATA_DIR=" + filepath.Join(blocked, "of-environment")
	for _, c := range []struct {
		want string
		env  []string
		args []string
	}{
		{"of-file", nil, []string{"--config", config, "serve"}},
		{"of-file", nil, []string{"serve", "--config", config}},
		{"of-environment", []string{environment}, []string{"serve"}},
		{"of-environment", []string{environment}, []string{"--config", config, "serve"}},
		{"of-flag", []string{environment}, []string{"--config", config, "--data", filepath.Join(blocked, "of-flag"), "serve"}},
	} {
		cmd := command(t, c.args...)
		cmd.Env = append(cmd.Env, c.env...)
		if code, _, errs := finish(t, cmd); code != 1 || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d: %s, want %s", c.args, code, errs, c.want)
		}
	}
}

// TestANewerDatabaseIsLeftAlone compares every byte.
func TestANewerDatabaseIsLeftAlone(t *testing.T) {
	data := t.TempDir()
	if code, _, errs := atelier(t, "--data", data, "import", "../../review/taxonomy/testdata/odd.json"); code != 0 {
		t.Fatal(errs)
	}
	file := filepath.Join(data, store.FileName)
	db, err := sql.Open("sqlite3", file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	sum := func() string {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%x", sha256.Sum256(content))
	}
	before := sum()
	code, _, errs := atelier(t, "--data", data, "serve", "--listen", "127.0.0.1:0")
	if code != 1 || !strings.Contains(errs, "run the newer program, or use another data folder") {
		t.Errorf("exit %d: %s", code, errs)
	}
	oneSentence(t, errs)
	if sum() != before {
		t.Error("the database was changed")
	}
}

// TestWithoutTheRightToWrite runs the program as a user that rights hold for;
// root may write everywhere.
func TestWithoutTheRightToWrite(t *testing.T) {
	folder, err := os.MkdirTemp("", "atelier-rights-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) }) // the system clears it at last
	closed, open := filepath.Join(folder, "closed"), filepath.Join(folder, "open")
	for _, err := range []error{
		os.Chmod(folder, 0o755), os.Mkdir(closed, 0o755), os.Mkdir(open, 0o755), os.Chmod(open, 0o777),
		os.WriteFile(filepath.Join(open, store.FileName), nil, 0o444), os.Chmod(closed, 0o555),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct{ data, says string }{
		"folder":         {closed, closed + " cannot be written to"},
		"folder to make": {filepath.Join(closed, "data"), "cannot be written to"},
		"file":           {open, filepath.Join(open, store.FileName) + " cannot be written to"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := command(t, "--data", c.data, "serve", "--listen", "127.0.0.1:0")
			cmd.Dir = "/"
			if os.Geteuid() == 0 {
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: nobody(t)}
			}
			code, _, errs := finish(t, cmd)
			if code != 1 || !strings.Contains(errs, c.says) {
				t.Errorf("exit %d: %s", code, errs)
			}
			oneSentence(t, errs)
		})
	}
}

func nobody(t *testing.T) *syscall.Credential {
	t.Helper()
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Skipf("SKIPPED: root may write everywhere, and there is no other user to try: %v", err)
	}
	uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(errUID, errGID); err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func TestVersionAndOpenAPI(t *testing.T) {
	if code, out, _ := atelier(t, "version"); code != 0 || !strings.HasPrefix(out, "atelier ") {
		t.Errorf("version: exit %d: %s", code, out)
	}
	code, out, _ := atelier(t, "openapi")
	if code != 0 || !strings.Contains(out, `"openapi": "3.1`) || !json.Valid([]byte(out)) {
		t.Errorf("openapi: exit %d: %.300s", code, out)
	}
}
