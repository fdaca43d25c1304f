package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func atelier(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, &o, &e)
	return code, o.String(), e.String()
}

func TestExitCodesAndSentences(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("no bundle"), 0o600); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"help":             {[]string{"--help"}, 0, "ATELIER_DATA_DIR"},
		"no command":       {nil, 2, "--help"},
		"unknown flag":     {[]string{"serve", "--colour"}, 2, "--colour"},
		"missing file":     {[]string{"import", filepath.Join(data, "none")}, 2, "none"},
		"no bundle":        {[]string{"--data", data, "import", file}, 1, "not valid JSON"},
		"port taken":       {[]string{"--data", data, "serve", "--listen", taken.Addr().String()}, 1, "choose another with --listen"},
		"folder is a file": {[]string{"--data", file, "serve"}, 1, "file"},
		"unknown domain":   {[]string{"--data", data, "export", "--domain", "none", "--output", "-"}, 1, "not loaded"},
		"version":          {[]string{"version"}, 0, "atelier"},
		"openapi":          {[]string{"openapi"}, 0, `"openapi": "3.1`},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := atelier(t, c.args...)
			if code != c.code || !strings.Contains(out+errs, c.says) {
				t.Errorf("exit %d, says %.300q", code, out+errs)
			}
			if code != 0 && strings.Contains(errs, "panic") {
				t.Errorf("it panicked: %s", errs)
			}
		})
	}
}

func TestImportAndExport(t *testing.T) {
	odd, data := "../../review/taxonomy/testdata/odd.json", t.TempDir()
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

// TestTheFirstLinkSignsIn starts a new installation as its owner would.
func TestTheFirstLinkSignsIn(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan int, 1)
	data := t.TempDir()
	go func() {
		ended <- run(ctx, []string{"--data", data, "serve", "--listen", "127.0.0.1:0"}, w, new(bytes.Buffer))
	}()
	said := make([]byte, 0, 1000)
	link := regexp.MustCompile(`administrator\s+(http://\S+)/sign-in\?token=(\S+)\n`)
	for !link.Match(said) {
		part := make([]byte, 1000)
		n, err := r.Read(part)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, part[:n]...)
	}
	m := link.FindSubmatch(said)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Jar: jar}
	url := string(m[1])
	post, err := http.NewRequestWithContext(t.Context(), "POST", url+"/api/sign-in", strings.NewReader(`{"token":"`+string(m[2])+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	post.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(post)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != 200 || len(answer.Cookies()) != 1 {
		t.Errorf("sign in: %s", answer.Status)
	}
	client.CloseIdleConnections()
	stop()
	if code := <-ended; code != 0 {
		t.Errorf("stopped with exit %d", code)
	}
}
