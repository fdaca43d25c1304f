package main_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// floorFolder is the variable by which the test's binary is told to be a floor.
const floorFolder = "ATELIER_TEST_FLOOR"

// serveFloor is the least that a server of this router can do: it answers with
// the files of a folder, from memory, by name. It prints its address and serves
// until it is killed.
func serveFloor(folder string) error {
	names, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		return err
	}
	files := map[string][]byte{}
	for _, name := range names {
		if files["/"+filepath.Base(name)], err = os.ReadFile(name); err != nil {
			return err
		}
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/:name", func(c *fiber.Ctx) error {
		c.Type("json")
		c.Response().SetBodyRaw(files[c.Path()])
		return nil
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	return app.Listener(l)
}

// startFloor serves what is given, each under its name, in a process of its
// own, as the real program is one.
func startFloor(b *testing.B, files map[string][]byte) (address string) {
	b.Helper()
	folder := b.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := command(b)
	cmd.Path, cmd.Args = self, []string{self}
	cmd.Env = append(cmd.Env, floorFolder+"="+folder)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill() // it does not end by itself
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		b.Fatal("the floor does not serve")
	}
	return lines.Text()
}

// reader is one connection that asks again and again, as wrk's do: it writes
// requests that were made before, and looks at no more of an answer than where
// it ends.
type reader struct {
	net.Conn
	in *bufio.Reader
}

func dial(address string) (*reader, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &reader{conn, bufio.NewReaderSize(conn, 64<<10)}, nil
}

// ask sends a request and reads over its answer, of which it gives the length.
func (r *reader) ask(request []byte) (length int, err error) {
	if _, err := r.Write(request); err != nil {
		return 0, err
	}
	status, err := r.in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200 ")) {
		return 0, fmt.Errorf("it answers %q", status)
	}
	length = -1
	for {
		line, err := r.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) == 2 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, err
			}
		}
	}
	if length < 0 {
		return 0, errors.New("an answer without a length")
	}
	_, err = r.in.Discard(length)
	return length, err
}

// load asks on so many connections at once for a while. next gives each of
// them one request after another, or nil for no more; the lengths of the answers
// must be as wanted, where that is not 0. It gives how long each answer took.
func load(b *testing.B, address string, readers int, lasts time.Duration, wanted int, next func(reader, turn int) []byte) (rate float64, took []time.Duration) {
	b.Helper()
	var all sync.WaitGroup
	times, failed := make([][]time.Duration, readers), make([]error, readers)
	began := time.Now()
	for i := range readers {
		all.Go(func() {
			r, err := dial(address)
			if err != nil {
				failed[i] = err
				return
			}
			defer r.Close()
			for turn, last := 0, began; last.Sub(began) < lasts; turn++ {
				ask := next(i, turn)
				if ask == nil {
					return
				}
				length, err := r.ask(ask)
				if err == nil && wanted > 0 && length != wanted {
					err = fmt.Errorf("an answer of %d bytes, not %d", length, wanted)
				}
				if err != nil {
					failed[i] = err
					return
				}
				now := time.Now()
				times[i] = append(times[i], now.Sub(last))
				last = now
			}
		})
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		b.Fatal(err)
	}
	took = slices.Concat(times...)
	return float64(len(took)) / time.Since(began).Seconds(), took
}

// wired writes a request as it goes over the line; headers come in pairs.
func wired(path string, headers ...string) []byte {
	var text strings.Builder
	fmt.Fprintf(&text, "GET %s HTTP/1.1\r\nHost: localhost\r\n", path)
	for i := 0; i+1 < len(headers); i += 2 {
		fmt.Fprintf(&text, "%s: %s\r\n", headers[i], headers[i+1])
	}
	return []byte(text.String() + "\r\n")
}

// fetch gets an answer's bytes as they go over the line.
func (s *program) fetch(path string, headers ...string) []byte {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	got, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer got.Body.Close()
	content, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %s, %v", path, got.Status, err)
	}
	return content
}

func (s *program) address() string { return strings.TrimPrefix(s.url, "http://") }
