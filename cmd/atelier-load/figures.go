package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// figures are what was measured of one host; 0 is what was not.
type figures struct {
	idle                float64 // kB of a socket
	p50, p99, steadyCPU float64 // ms
	saturated           float64 // deliveries a second
	perDelivery         float64 // µs of the processor
	storm               float64 // ms
	roomsCPU            float64 // ms
	join                float64 // ms
	events              int64
	presence            []presence
}

// presence is what it costs each of so many people each second.
type presence struct {
	people     int
	bytes, cpu float64 // cpu in µs
}

// roomOf is how many are in each of the small rooms.
const roomOf = 100

// rounds is how often the hosts take turns. The best of each counts, for all
// that disturbs a run makes it slower.
const rounds = 3

// subject is a host that is measured, and the crowd in its room.
type subject struct {
	*host
	*target
	people []person
	crowd  *crowd
	found  figures
}

// begin starts a host and brings its people in. The caller ends it, also where
// this fails.
func (cmd benchCmd) begin(ctx context.Context, kind string) (*subject, error) {
	h, err := startHost(ctx, kind, 1+(cmd.Sockets+roomOf-1)/roomOf)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kind, err)
	}
	s := &subject{host: h, target: newTarget(h.place, kind)}
	if s.people, err = s.gather(ctx, make([]person, cmd.Sockets), func(int) int { return 0 }); err == nil {
		err = cmd.sitDown(ctx, s)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", kind, err), s.end())
	}
	return s, nil
}

func (s *subject) end() error {
	if s.crowd != nil {
		s.crowd.cut()
	}
	s.client.CloseIdleConnections()
	return s.host.stop()
}

// sitDown opens the sockets, and measures what an idle one holds.
func (cmd benchCmd) sitDown(ctx context.Context, s *subject) error {
	before, err := s.host.settled()
	if err != nil {
		return err
	}
	if s.crowd, err = open(ctx, s.target, s.people); err != nil {
		return err
	}
	time.Sleep(time.Second)
	after, err := s.host.settled()
	s.found.idle = float64(after.Resident-before.Resident) / 1000 / float64(len(s.people))
	return err
}

// round measures one turn of a host and keeps what is better than before.
func (cmd benchCmd) round(ctx context.Context, s *subject) error {
	defer s.crowd.strolling(ctx)()
	lasts := cmd.Lasts / rounds
	if cmd.wants("steady", "rooms") {
		cpu, err := cmd.steady(ctx, s.host, s.crowd, lasts)
		if err != nil {
			return err
		}
		took := s.crowd.times()
		slices.Sort(took)
		better(&s.found.p50, milliseconds(took[len(took)/2]))
		better(&s.found.p99, milliseconds(took[len(took)*99/100]))
		better(&s.found.steadyCPU, cpu)
	}
	if cmd.wants("saturated") {
		if err := cmd.saturated(ctx, s, lasts); err != nil {
			return fmt.Errorf("saturated: %w", err)
		}
	}
	if cmd.wants("storm") {
		took, err := cmd.storm(ctx, s.crowd)
		if err != nil {
			return err
		}
		better(&s.found.storm, took)
	}
	return nil
}

// better keeps the lower one; 0 is none.
func better(best *float64, now float64) {
	if *best == 0 || now < *best {
		*best = now
	}
}

func (cmd benchCmd) saturated(ctx context.Context, s *subject, lasts time.Duration) error {
	before, err := s.host.used()
	if err != nil {
		return err
	}
	had := s.crowd.heard()
	rate, err := s.crowd.saturate(ctx, lasts)
	if err != nil {
		return err
	}
	after, err := s.host.used()
	if err != nil {
		return err
	}
	better(&s.found.perDelivery, float64((after.CPU-before.CPU).Nanoseconds())/1000/float64(s.crowd.heard()-had))
	s.found.saturated = max(s.found.saturated, rate)
	return s.crowd.settle(ctx)
}

// alone measures what has no floor but a number.
func (cmd benchCmd) alone(ctx context.Context, s *subject) (err error) {
	s.crowd.cut()
	if cmd.wants("join") {
		if s.found.events, err = s.head(ctx, s.people[0]); err == nil {
			s.found.join, err = s.firstView(ctx, s.people)
		}
		if err != nil {
			return err
		}
	}
	for _, n := range []int{100, 500, 2000} {
		if n > len(s.people) || !cmd.wants("presence") {
			break
		}
		p, err := cmd.presenceOf(ctx, s.host, s.target, s.people[:n])
		if err != nil {
			return err
		}
		s.found.presence = append(s.found.presence, p)
	}
	if cmd.wants("rooms") {
		if s.people, err = s.gather(ctx, s.people, func(i int) int { return 1 + i/roomOf }); err != nil {
			return err
		}
		s.found.roomsCPU, err = cmd.inRooms(ctx, s.host, s.target, s.people)
	}
	return err
}

// strolling lets people move until the function that it gives is called.
func (c *crowd) strolling(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.stroll(ctx, moves)
	}()
	return func() {
		cancel()
		<-done
	}
}

// steady posts as fast as people do, and gives what a second of it takes of the
// host's processor.
func (cmd benchCmd) steady(ctx context.Context, h *host, c *crowd, lasts time.Duration) (cpu float64, err error) {
	c.times()
	before, err := h.used()
	if err != nil {
		return 0, err
	}
	if err := c.steadily(ctx, cmd.Rate, lasts); err != nil {
		return 0, err
	}
	after, err := h.used()
	if err != nil {
		return 0, err
	}
	if err := c.settle(ctx); err != nil {
		return 0, fmt.Errorf("steady: %w", err)
	}
	return milliseconds(after.CPU-before.CPU) / lasts.Seconds(), nil
}

// storm cuts all sockets at once while messages go on, and gives how long it
// takes until all are in sync again. The floors resume nothing, and so are asked
// for no message of that time.
func (cmd benchCmd) storm(ctx context.Context, c *crowd) (took float64, err error) {
	posting, ctx := errgroup.WithContext(ctx)
	posting.Go(func() error { return c.steadily(ctx, cmd.Rate, 1500*time.Millisecond) })
	time.Sleep(300 * time.Millisecond)
	c.cut()
	start := time.Now()
	if err := c.connect(ctx, len(c.listeners)); err != nil {
		return 0, fmt.Errorf("come back: %w", err)
	}
	took = milliseconds(time.Since(start))
	if err := posting.Wait(); err != nil {
		return 0, err
	}
	if c.kind != kindAtelier {
		c.forget()
		return took, nil
	}
	if err := c.settle(context.WithoutCancel(ctx)); err != nil {
		return 0, fmt.Errorf("after all were cut off: %w", err)
	}
	return took, nil
}

// inRooms measures the same load as in one room where the people are in many.
func (cmd benchCmd) inRooms(ctx context.Context, h *host, t *target, people []person) (cpu float64, err error) {
	c, err := open(ctx, t, people)
	if err != nil {
		return 0, err
	}
	defer c.cut()
	defer c.strolling(ctx)()
	for range rounds {
		once, err := cmd.steady(ctx, h, c, cmd.Lasts/rounds)
		if err != nil {
			return 0, err
		}
		better(&cpu, once)
	}
	return cpu, nil
}

// presenceOf measures what people who move and say nothing cost.
func (cmd benchCmd) presenceOf(ctx context.Context, h *host, t *target, people []person) (p presence, err error) {
	c, err := open(ctx, t, people)
	if err != nil {
		return p, err
	}
	defer c.cut()
	defer c.strolling(ctx)()
	time.Sleep(2 * time.Second) // until all have heard of all
	bytes := c.received.Load()
	before, err := h.used()
	if err != nil {
		return p, err
	}
	time.Sleep(cmd.Lasts)
	after, err := h.used()
	each := cmd.Lasts.Seconds() * float64(len(people))
	return presence{len(people), float64(c.received.Load()-bytes) / each, float64((after.CPU - before.CPU).Microseconds()) / each}, err
}

// firstView gives how long it takes one who joins to have all that the room's
// page starts from, and to be in sync: the middle of several.
func (t *target) firstView(ctx context.Context, people []person) (float64, error) {
	var all []float64
	for _, p := range people[:min(9, len(people))] {
		start := time.Now()
		var room struct{ Seq int64 }
		asking, ctx := errgroup.WithContext(ctx)
		for _, path := range []string{"/api/workshops/" + p.workshop, "/api/workflow", "/api/types"} {
			asking.Go(func() (err error) {
				if path == "/api/workshops/"+p.workshop {
					_, err = t.ask(ctx, p, http.MethodGet, path, nil, &room)
				} else {
					_, err = t.ask(ctx, p, http.MethodGet, path, nil, nil)
				}
				return err
			})
		}
		if err := asking.Wait(); err != nil {
			return 0, err
		}
		c := &crowd{target: t, began: start, inRoom: map[string]int32{p.workshop: 1}}
		l := &listener{crowd: c, person: p, synced: make(chan struct{}, 1)}
		l.last.Store(room.Seq)
		c.listeners = []*listener{l}
		if err := l.connect(context.WithoutCancel(ctx)); err != nil {
			return 0, err
		}
		all = append(all, milliseconds(time.Since(start)))
		c.cut()
	}
	slices.Sort(all)
	return all[len(all)/2], nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
