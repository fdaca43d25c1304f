package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// TestMain is a host where the test's binary is started as one.
func TestMain(m *testing.M) {
	if os.Getenv(hostVariable) != "" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// TestEveryHostDeliversEverything drives each of them with few sockets.
func TestEveryHostDeliversEverything(t *testing.T) {
	cmd := benchCmd{Sockets: 12, Rate: 20, Lasts: 300 * time.Millisecond, Only: []string{"steady", "saturated", "storm"}}
	for _, kind := range []string{kindBare, kindCentrifuge, kindAtelier} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s, err := cmd.begin(t.Context(), kind)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(cmd.round(t.Context(), s), s.end()); err != nil {
				t.Fatal(err)
			}
			if f := s.found; f.p50 <= 0 || f.p99 < f.p50 || f.saturated <= 0 || f.storm <= 0 {
				t.Errorf("it found %+v", f)
			}
		})
	}
}

// TestWhatIsLostDoubledOrInAnotherOrderIsFound lets two sockets hear.
func TestWhatIsLostDoubledOrInAnotherOrderIsFound(t *testing.T) {
	for name, heard := range map[string][2][]int64{
		"lost":    {{0, 1, 2}, {0, 2}},
		"doubled": {{0, 1, 2}, {0, 1, 2, 2}},
		"order":   {{0, 1, 2}, {0, 2, 1}},
		"by all":  {{0, 1}, {0, 1}},
		"":        {{0, 1, 2}, {0, 1, 2}},
	} {
		c := &crowd{target: newTarget(place{}, kindBare), inRoom: map[string]int32{channel: 2}}
		for _, numbers := range heard {
			l := &listener{crowd: c, person: person{workshop: channel}}
			c.listeners = append(c.listeners, l)
			for _, n := range numbers {
				l.got(n, 0)
			}
		}
		c.posted.Store(3)
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // nothing more will come
		if err := c.settle(ctx); (err != nil) != (name != "") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestArguments(t *testing.T) {
	for text, code := range map[string]int{"--help": 0, "bench --help": 0, "": 2, "bench --only nothing": 2, "run": 2, "run --url http://127.0.0.1:1 --code X": 1} {
		var out, errs bytes.Buffer
		if got := run(t.Context(), strings.Fields(text), strings.NewReader(""), &out, &errs); got != code {
			t.Errorf("%q ends with %d: %s", text, got, errs.String())
		}
	}
}

func TestATableSaysWhatIsOverItsLimit(t *testing.T) {
	lines := []line{{"slow", "ms", 3, 1, most(1.5)}, {"fast", "ms", 1, 1, most(1.5)}, {"much", "", 1, 1, least(0.9)}, {"little", "", 1, 2, least(0.9)}}
	var out bytes.Buffer
	if err := printed(&out, lines); err != nil || strings.Count(out.String(), "MISSED") != 2 {
		t.Errorf("%v\n%s", err, out.String())
	}
	if err := passed(lines); err == nil || err.Error() != "over the limit: slow; little" {
		t.Error(err)
	}
}
