package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// moves is how often each person is elsewhere, on average.
const moves = 10 * time.Second

type benchCmd struct {
	Sockets int           `help:"People in the room, each with a socket." default:"2000"`
	Rate    int           `help:"Messages a second." default:"20"`
	Lasts   time.Duration `help:"How long each measurement lasts, in all its rounds." default:"9s"`
	Strict  bool          `help:"Fail where a limit is missed; what is lost always fails."`
	Only    []string      `help:"Only these: ${enum}." enum:"idle,steady,saturated,storm,rooms,join,presence,durable" placeholder:"NAME"`
}

// limits are what the issue of this asks for: a ratio, and whether it is the
// most or the least.
type limit struct {
	ratio float64
	least bool
}

// line is one row of the table.
type line struct {
	name, unit  string
	ours, floor float64
	limit       *limit
}

func (l line) ratio() float64 { return l.ours / l.floor }

func (l line) kept() bool {
	return l.limit == nil || l.limit.least && l.ratio() >= l.limit.ratio || !l.limit.least && l.ratio() <= l.limit.ratio
}

func most(ratio float64) *limit  { return &limit{ratio, false} }
func least(ratio float64) *limit { return &limit{ratio, true} }

// Run measures all that was asked for and prints the table.
func (cmd benchCmd) Run(ctx context.Context, out io.Writer) error {
	began, before := time.Now(), loadAverage()
	lines, err := cmd.measure(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%d sockets, %d messages a second; load before %s, after %s; took %s\n", cmd.Sockets, cmd.Rate, before, loadAverage(), time.Since(began).Round(time.Second))
	if err := printed(out, lines); err != nil || !cmd.Strict {
		return err
	}
	return passed(lines)
}

func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(text), " ")
	return one
}

func printed(out io.Writer, lines []line) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\tatelier\tfloor\t\tratio\tlimit")
	for _, l := range lines {
		bound := ""
		if l.limit != nil {
			sign := "at most"
			if l.limit.least {
				sign = "at least"
			}
			bound = fmt.Sprintf("%s %.2f", sign, l.limit.ratio)
			if !l.kept() {
				bound += " MISSED"
			}
		}
		floor, ratio := "", ""
		if l.floor != 0 {
			floor, ratio = fmt.Sprintf("%.4g", l.floor), fmt.Sprintf("%.2f", l.ratio())
		}
		fmt.Fprintf(w, "%s\t%.4g\t%s\t%s\t%s\t%s\n", l.name, l.ours, floor, l.unit, ratio, bound)
	}
	return w.Flush()
}

func passed(lines []line) error {
	var names []string
	for _, l := range lines {
		if !l.kept() {
			names = append(names, l.name)
		}
	}
	if len(names) > 0 {
		return fmt.Errorf("over the limit: %s", strings.Join(names, "; "))
	}
	return nil
}

func (cmd benchCmd) wants(names ...string) bool {
	return len(cmd.Only) == 0 || slices.ContainsFunc(names, func(name string) bool { return slices.Contains(cmd.Only, name) })
}

func (cmd benchCmd) measure(ctx context.Context) (lines []line, err error) {
	if cmd.wants("durable") {
		if lines, err = durable(ctx, cmd.Lasts/2); err != nil {
			return nil, err
		}
	}
	if !cmd.wants("idle", "steady", "saturated", "storm", "rooms", "join", "presence") {
		return lines, nil
	}
	var subjects []*subject
	defer func() {
		for _, s := range subjects {
			err = errors.Join(err, s.end())
		}
	}()
	for _, kind := range []string{kindBare, kindCentrifuge, kindAtelier} {
		s, err := cmd.begin(ctx, kind)
		if err != nil {
			return nil, err
		}
		subjects = append(subjects, s)
	}
	for range rounds {
		for _, s := range subjects {
			if err := cmd.round(ctx, s); err != nil {
				return nil, fmt.Errorf("%s: %w", s.host.kind, err)
			}
		}
	}
	bare, centrifuge, ours := subjects[0], subjects[1], subjects[2]
	if err := cmd.alone(ctx, ours); err != nil {
		return nil, err
	}
	return append(lines, cmd.compare(bare.found, centrifuge.found, ours.found)...), nil
}

func (cmd benchCmd) compare(bare, centrifuge, ours figures) (lines []line) {
	add := func(l line) {
		if l.ours != 0 {
			lines = append(lines, l)
		}
	}
	add(line{"memory of an idle socket", "kB", ours.idle, 25, most(1)})
	add(line{"  beside the bare hub's", "kB", ours.idle, bare.idle, nil})
	add(line{"  beside centrifuge's", "kB", ours.idle, centrifuge.idle, nil})
	add(line{"post to arrival, p50", "ms", ours.p50, bare.p50, most(1.5)})
	add(line{"post to arrival, p99", "ms", ours.p99, bare.p99, most(1.5)})
	add(line{"  p50 beside centrifuge's", "ms", ours.p50, centrifuge.p50, nil})
	add(line{"  p99 beside centrifuge's", "ms", ours.p99, centrifuge.p99, nil})
	add(line{"  processor of a second", "ms", ours.steadyCPU, bare.steadyCPU, nil})
	add(line{"saturated, deliveries a second", "", ours.saturated, bare.saturated, least(0.9)})
	add(line{"  beside centrifuge's", "", ours.saturated, centrifuge.saturated, least(1.1)})
	add(line{"  processor of a delivery", "µs", ours.perDelivery, bare.perDelivery, nil})
	add(line{"    beside centrifuge's", "µs", ours.perDelivery, centrifuge.perDelivery, nil})
	add(line{"all cut and back in sync", "ms", ours.storm, bare.storm, most(3)})
	add(line{"rooms of 100, processor of a second", "ms", ours.roomsCPU, ours.steadyCPU, most(1)})
	add(line{fmt.Sprintf("first view of a room with %d events", ours.events), "ms", ours.join, 300, most(1)})
	for _, p := range ours.presence {
		add(line{fmt.Sprintf("presence of %d: bytes a person and second", p.people), "", p.bytes, ours.presence[0].bytes, nil})
		add(line{fmt.Sprintf("presence of %d: processor a person and second", p.people), "µs", p.cpu, ours.presence[0].cpu, nil})
	}
	return lines
}
