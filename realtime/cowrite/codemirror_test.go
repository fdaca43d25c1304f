package cowrite

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"
)

// codemirror is a process that has CodeMirror's own packages.
type codemirror struct {
	in  io.Writer
	out *bufio.Reader
}

// startCodemirror starts it. Without Node, or before the frontend's packages
// were installed, the test is skipped, and fails in CI.
func startCodemirror(t *testing.T) *codemirror {
	t.Helper()
	packages, err := filepath.Abs("../../frontend/package.json")
	if err != nil {
		t.Fatal(err)
	}
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(filepath.Dir(packages), "node_modules/@codemirror/collab"))
	}
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("SKIPPED: this test runs CodeMirror itself: install Node, and the frontend's packages with npm ci")
	}
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), node, "testdata/codemirror.mjs", packages)
	run.Stderr = os.Stderr
	in, err := run.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = run.Wait() // killed at the end of the context, where it does not end by itself
	})
	return &codemirror{in, bufio.NewReader(out)}
}

// ask has it do something, and decodes the answer.
func (c *codemirror) ask(t rapid.TB, answer any, do string, with map[string]any) {
	t.Helper()
	with["do"] = do
	line, err := json.Marshal(with)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	back, err := c.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if err := json.Unmarshal(back, answer); err != nil {
		t.Fatalf("%s gave %s: %v", line, back, err)
	}
}

// change has it make a change of a text, in one or more steps of one or more
// edits, and reads it.
func (c *codemirror) change(t *rapid.T, label, text string) (Changes, json.RawMessage) {
	edit := rapid.Custom(func(t *rapid.T) [3]any {
		return [3]any{rapid.IntRange(0, 30).Draw(t, "from"), rapid.IntRange(0, 4).Draw(t, "size"),
			rapid.SampledFrom([]string{"", "", "x", "yy", "z\nz", "\n", "𝄞", "ä𝄞", "\"\\"}).Draw(t, "insert")}
	})
	steps := rapid.SliceOfN(rapid.SliceOfN(edit, 1, 3), 1, 3).Draw(t, label)
	var made json.RawMessage
	c.ask(t, &made, "make", map[string]any{"text": text, "steps": steps})
	return parsed(t, made), made
}

func parsed(t rapid.TB, text json.RawMessage) Changes {
	t.Helper()
	var c Changes
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if back := encoded(t, c); back != string(text) {
		t.Fatalf("%s is written as %s", text, back)
	}
	return c
}

func encoded(t rapid.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestChangesAreThoseOfCodeMirror reads changes that CodeMirror made, and
// applies and moves them as it does.
func TestChangesAreThoseOfCodeMirror(t *testing.T) {
	c := startCodemirror(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ABCDEFGH\n𝄢")), 0, 9, -1).Draw(t, "text")
		a, aJSON := c.change(t, "a", text)
		b, bJSON := c.change(t, "b", text)
		var applied string
		c.ask(t, &applied, "apply", map[string]any{"a": aJSON, "text": text})
		if got := string(utf16.Decode(a.apply(utf16.Encode([]rune(text))))); got != applied {
			t.Fatalf("%s makes %q of %q, not %q", aJSON, got, text, applied)
		}
		for _, first := range []bool{false, true} {
			var moved json.RawMessage
			c.ask(t, &moved, "over", map[string]any{"a": aJSON, "b": bJSON, "first": first})
			if got := encoded(t, a.over(b, first)); got != string(moved) {
				t.Fatalf("%s over %s (first: %v) is %s, not %s", aJSON, bJSON, first, got, moved)
			}
			parsed(t, moved)
		}
	})
}
