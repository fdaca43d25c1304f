package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The kinds of hosts.
const (
	kindAtelier    = "atelier"
	kindBare       = "bare"
	kindCentrifuge = "centrifuge"
)

// hostCmd is one of those that are measured, in a process of its own, so that
// its time and memory are its own. It says where it is, answers each line of
// its input with what it has used, and ends with its input.
type hostCmd struct {
	Kind  string `arg:"" enum:"atelier,bare,centrifuge"`
	Rooms int    `default:"1"`
}

// place is where a host is, and the join codes of its rooms.
type place struct {
	URL   string   `json:"url"`
	Codes []string `json:"codes"`
}

// usage is what a host has used since its start, and holds after it has let go
// of what it can.
type usage struct {
	CPU      time.Duration `json:"cpu"`
	Resident int64         `json:"resident"`
}

// Run serves until the input ends.
func (cmd hostCmd) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ready, ended := make(chan place, 1), make(chan error, 1)
	serve := map[string]func(context.Context, int, chan<- place) error{
		kindAtelier: serveAtelier, kindBare: serveBare, kindCentrifuge: serveCentrifuge}[cmd.Kind]
	go func() { ended <- serve(ctx, cmd.Rooms, ready) }()
	select {
	case p := <-ready:
		if err := json.NewEncoder(out).Encode(p); err != nil {
			return fmt.Errorf("say where it is: %w", err)
		}
	case err := <-ended:
		return err
	}
	asked := bufio.NewScanner(in)
	for asked.Scan() {
		u, err := used(asked.Text() == "settled")
		if err == nil {
			err = json.NewEncoder(out).Encode(u)
		}
		if err != nil {
			return err
		}
	}
	cancel()
	return <-ended
}

// used asks the system; settled lets go of all memory first.
func used(settled bool) (u usage, err error) {
	if settled {
		debug.FreeOSMemory()
	}
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return u, fmt.Errorf("ask for the time that was used: %w", err)
	}
	u.CPU = time.Duration(r.Utime.Nano() + r.Stime.Nano())
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return u, fmt.Errorf("this system does not tell how much memory a program has: %w", err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return u, errors.New("this system does not tell how much memory a program has")
	}
	kilobytes, err := strconv.ParseInt(fields[0], 10, 64)
	u.Resident = kilobytes << 10
	return u, err
}

// host is a process that is measured.
type host struct {
	place
	kind string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *json.Decoder
}

// startHost starts this program as a host.
func startHost(ctx context.Context, kind string, rooms int) (*host, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	h := &host{kind: kind, cmd: exec.CommandContext(ctx, self, "host", kind, "--rooms", strconv.Itoa(rooms))}
	h.cmd.Env = append(os.Environ(), hostVariable+"=1")
	h.cmd.Stderr = os.Stderr
	if h.in, err = h.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start %s: %w", kind, err)
	}
	out, err := h.cmd.StdoutPipe()
	if err == nil {
		err = h.cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", kind, err)
	}
	h.out = json.NewDecoder(out)
	if err := h.out.Decode(&h.place); err != nil {
		return nil, errors.Join(fmt.Errorf("%s does not say where it is: %w", kind, err), h.stop())
	}
	return h, nil
}

// hostVariable tells a test's binary that it is a host.
const hostVariable = "ATELIER_LOAD_HOST"

func (h *host) stop() error {
	err := errors.Join(h.in.Close(), h.cmd.Wait())
	if err != nil {
		return fmt.Errorf("stop %s: %w", h.kind, err)
	}
	return nil
}

func (h *host) ask(what string) (u usage, err error) {
	if _, err := fmt.Fprintln(h.in, what); err != nil {
		return u, fmt.Errorf("ask %s what it uses: %w", h.kind, err)
	}
	if err := h.out.Decode(&u); err != nil {
		return u, fmt.Errorf("ask %s what it uses: %w", h.kind, err)
	}
	return u, nil
}

// used gives what it uses at the moment.
func (h *host) used() (usage, error) { return h.ask("used") }

// settled gives what it uses after it has let go of all that it can.
func (h *host) settled() (usage, error) { return h.ask("settled") }

// serveHTTP serves a floor until the context ends.
func serveHTTP(ctx context.Context, handler http.Handler, ready chan<- place) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	ready <- place{URL: "http://" + l.Addr().String()}
	<-ctx.Done()
	err = server.Close() // sockets are the process's, which ends
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
