package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/bus/bustest"
)

// vessel is how a server is started.
type vessel struct{ args, flags []string }

func (p vessel) serve(t *testing.T, first bool) (*server, string) {
	t.Helper()
	return serveWith(t, first, p.args, p.flags...)
}

// tempest is how bad it gets.
type tempest struct {
	people int
	lasts  time.Duration
	pause  time.Duration // between what one person writes, on average
	stops  int           // how often a server is stopped or killed
}

// TestNothingIsLostOrDoubledInAStorm has people write and follow over a network
// that stalls and cuts their connections, in the middle of frames too, while the
// server is killed and started again. With ATELIER_SOAK it is a large one.
func TestNothingIsLostOrDoubledInAStorm(t *testing.T) {
	t.Parallel()
	w := tempest{people: 20, lasts: 4 * time.Second, pause: 100 * time.Millisecond, stops: 2}
	if os.Getenv("ATELIER_SOAK") != "" {
		w = tempest{people: 200, lasts: time.Minute, pause: time.Second, stops: 8}
	}
	w.rage(t, vessel{args: []string{"--data", t.TempDir()}})
}

// TestTwoServersLoseNothingInAStorm does the same with two servers on one
// PostgreSQL, which tell each other by NATS; each is killed in turn.
func TestTwoServersLoseNothingInAStorm(t *testing.T) {
	w := tempest{people: 200, lasts: time.Minute, pause: time.Second, stops: 8}
	if os.Getenv("ATELIER_SOAK") == "" {
		w = tempest{people: 20, lasts: 3 * time.Second, pause: 100 * time.Millisecond, stops: 2}
	}
	t.Parallel()
	dsn, nats := storetest.PostgresDSN(t, true), bustest.NATS(t).ClientURL()
	var fleet []vessel
	for range 2 {
		fleet = append(fleet, vessel{[]string{"--data", t.TempDir(), "--database", dsn}, []string{"--nats", nats}})
	}
	w.rage(t, fleet...)
}

// rage runs as many servers as are given by their arguments.
func (w tempest) rage(t *testing.T, fleet ...vessel) {
	seed := rand.Uint64()
	if text := os.Getenv("ATELIER_STORM"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("ATELIER_STORM=%d", seed)
	if code, _, errs := atelier(t, append(slices.Clone(fleet[0].args), "import", odd)...); code != 0 {
		t.Fatal(errs)
	}
	net := newStorm(t, seed, len(fleet))
	servers := make([]*server, len(fleet))
	var token string
	for i, p := range fleet {
		s, first := p.serve(t, i == 0)
		if servers[i] = s; i == 0 {
			token = first
		}
		net.up(i, s.url)
	}
	people := w.gather(t, net, servers[0], token, seed)

	blowing, calm := context.WithTimeout(t.Context(), w.lasts)
	defer calm()
	following, over := context.WithCancel(t.Context())
	var all, writing sync.WaitGroup
	for _, p := range people {
		all.Go(func() { p.follow(following) })
		writing.Go(func() { p.write(blowing, w.pause) })
	}
	all.Go(func() { net.blow(blowing.Done()) })
	dice := rand.New(rand.NewPCG(seed, 3))
	for n := 0; ; n++ {
		select {
		case <-time.After(w.lasts / time.Duration(w.stops+1)):
		case <-blowing.Done():
		}
		if blowing.Err() != nil {
			break
		}
		i := n % len(fleet)
		net.up(i, "")
		if dice.IntN(3) > 0 || n == 0 {
			servers[i].kill(t)
		} else {
			servers[i].stop(t)
		}
		servers[i], _ = fleet[i].serve(t, false)
		net.up(i, servers[i].url)
	}
	writing.Wait()
	w.compare(t, servers, people)
	over()
	all.Wait()
	for _, s := range servers {
		s.stop(t)
	}
}

// gather makes a room with a poll, and lets people come in while the weather is
// good.
func (w tempest) gather(t *testing.T, net *storm, s *server, token string, seed uint64) (people []*sailor) {
	t.Helper()
	clients, host := enter(t, s, token, w.people)
	var made struct{ ID string }
	s.must(t, host.post("/polls", `{"kind":"yes_no","question":"Is it rough?","open":true}`), &made)
	var now json.RawMessage
	s.must(t, request{"GET", host.room, "", host.cookie, ""}, &now)
	for i, c := range clients {
		p := net.sailor(c, strings.TrimPrefix(host.room, "/api/workshops/"), made.ID, seed+uint64(i))
		var r room
		if err := json.Unmarshal(now, &r); err != nil {
			t.Fatal(err)
		}
		p.page = r.page()
		people = append(people, p)
	}
	return people
}

// compare makes sure that everybody has in the end what who comes fresh gets,
// and that in it everything is that was answered, as it was written last, once,
// and in the order in which it was.
func (w tempest) compare(t *testing.T, servers []*server, people []*sailor) {
	t.Helper()
	for _, p := range people {
		if _, _, wrong := p.at(); wrong != nil {
			t.Fatal(wrong)
		}
	}
	var now room
	servers[0].must(t, request{"GET", people[0].room, "", people[0].cookie, ""}, &now)
	fresh := now.page()
	for until := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		behind, first := 0, ""
		for _, p := range people {
			if seq, synced, wrong := p.at(); seq != now.Seq || !synced || wrong != nil {
				behind, first = behind+1, fmt.Sprintf("%s is at %d of %d, in sync: %t, %v", p.name, seq, now.Seq, synced, wrong)
			}
		}
		if behind == 0 {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("%d people are behind; %s", behind, first)
		}
	}
	var tries, answers, sockets, anew int64
	for _, p := range people {
		if !reflect.DeepEqual(p.page, fresh) {
			t.Errorf("%s (-) has something else than who comes fresh (+):\n%s", p.name, cmp.Diff(p.page, fresh))
		}
		p.proves(t, fresh)
		tries, answers = tries+p.tries.Load(), answers+p.answers.Load()
		sockets, anew = sockets+int64(p.socket), anew+int64(p.anew)
	}
	said := 0
	for _, p := range people {
		said += len(p.said)
	}
	if said != len(fresh.Messages) {
		t.Errorf("%d messages were answered, %d are there", said, len(fresh.Messages))
	}
	numbers(t, servers[0], people[0].client, now.Seq)
	t.Logf("%d people: %d writes were answered, in %d tries; %d sockets, %d times read anew; %d events", len(people), answers, tries, sockets, anew, now.Seq)
}

// proves looks for all that was answered to one person.
func (c *sailor) proves(t *testing.T, fresh page) {
	t.Helper()
	last := 0.0
	for _, s := range c.said {
		m := fresh.Messages[s.id]
		want := s.body
		if s.deleted {
			want = ""
		}
		if m == nil || m["body"] != want || m["seq"].(float64) <= last {
			t.Errorf("%s wrote %+v after %v, and there is %v", c.name, s, last, m)
			return
		}
		last = m["seq"].(float64)
	}
	if c.voted < 0 {
		return
	}
	votes := fresh.Polls[c.poll]["votes"].(map[string]any)
	if got := fmt.Sprint(votes[c.id]); got != fmt.Sprintf("[%d]", c.voted) {
		t.Errorf("%s voted %d, and there is %s", c.name, c.voted, got)
	}
}

// numbers makes sure that the journal has each number once, up to the last.
func numbers(t *testing.T, s *server, c client, last int64) {
	t.Helper()
	for before := last + 1; before > 1; {
		var events []event
		s.must(t, request{"GET", fmt.Sprintf("%s/events?limit=200&before=%d", c.room, before), "", c.cookie, ""}, &events)
		for _, e := range events {
			if before--; e.Seq != before {
				t.Fatalf("event %d is where %d should be", e.Seq, before)
			}
		}
		if len(events) == 0 {
			t.Fatalf("there are no events before %d", before)
		}
	}
}

// stop stops a server as a service manager does.
func (s *server) stop(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("stopped: %v: %s", err, s.log)
	}
}
