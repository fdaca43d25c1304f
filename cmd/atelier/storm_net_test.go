package main_test

import (
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// storm is a bad network between people and one or more servers: each connection
// gets to any of the servers that run, and has a fate of its own in both
// directions.
type storm struct {
	t        testing.TB
	listener net.Listener
	work     sync.WaitGroup

	mu      sync.Mutex // guards what follows
	random  *rand.Rand
	servers []string // addresses; empty: it does not run
	open    map[net.Conn]bool
	calm    bool
	closed  bool
}

// fate is what happens to what goes in one direction of a connection.
type fate struct {
	delay time.Duration // of each piece, at most
	piece int           // bytes that go at once; 0: all
	left  int           // bytes until it stalls; negative: it does not
	stall time.Duration
	cut   bool // after that; else it goes on
	reset bool // without goodbye
}

func newStorm(t testing.TB, seed uint64, servers int) *storm {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &storm{t: t, listener: l, random: rand.New(rand.NewPCG(seed, 1)), servers: make([]string, servers), open: map[net.Conn]bool{}}
	s.work.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			s.work.Go(func() { s.carry(client) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		s.cut(1)
		s.work.Wait()
	})
	return s
}

func (s *storm) url() string { return "http://" + s.listener.Addr().String() }

// up says where a server is. Empty: it is gone.
func (s *storm) up(server int, url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.servers[server] = strings.TrimPrefix(url, "http://")
}

// begin draws the lot of a connection.
func (s *storm) begin(client net.Conn) (server string, up, down fate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.open[client] = true
		server = s.servers[s.random.IntN(len(s.servers))]
	}
	return server, s.fate(2_000), s.fate(20_000)
}

// fate draws one of them; bytes is how many go before it strikes, at most.
func (s *storm) fate(bytes int) fate {
	f := fate{left: -1}
	if s.calm {
		return f
	}
	one := func(in int) bool { return s.random.IntN(in) == 0 }
	if one(3) {
		f.delay = time.Duration(s.random.IntN(100)) * time.Millisecond
	}
	if one(4) {
		f.piece = 1 + s.random.IntN(500)
	}
	if one(3) {
		f.left, f.cut, f.reset = s.random.IntN(bytes), !one(4), one(2)
		if one(2) {
			f.stall = time.Duration(s.random.IntN(2500)) * time.Millisecond
		}
	}
	return f
}

// carry carries what two ends say to each other, until one of them or its fate
// ends it.
func (s *storm) carry(client net.Conn) {
	address, up, down := s.begin(client)
	defer s.end(client)
	if address == "" {
		return
	}
	server, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return
	}
	var both sync.WaitGroup
	pump := func(to, from net.Conn, f fate) {
		f.pump(to, from)
		if tcp, ok := client.(*net.TCPConn); ok && f.reset {
			_ = tcp.SetLinger(0)
		}
		_, _ = client.Close(), server.Close()
	}
	both.Go(func() { pump(server, client, up) })
	both.Go(func() { pump(client, server, down) })
	both.Wait()
}

func (s *storm) end(client net.Conn) {
	_ = client.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, client)
}

// pump carries one direction.
func (f fate) pump(to, from net.Conn) {
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		for rest := buffer[:n]; len(rest) > 0; {
			part := rest
			if f.piece > 0 {
				part = part[:min(len(part), f.piece)]
			}
			if f.left >= 0 {
				part = part[:min(len(part), f.left)]
			}
			if f.delay > 0 {
				time.Sleep(rand.N(f.delay))
			}
			if _, err := to.Write(part); err != nil {
				return
			}
			rest = rest[len(part):]
			if f.left < 0 {
				continue
			}
			if f.left -= len(part); f.left == 0 {
				time.Sleep(f.stall)
				if f.cut {
					return
				}
				f.left = -1
			}
		}
		if err != nil {
			return
		}
	}
}

// cut cuts one of so many connections, at random.
func (s *storm) cut(of int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		if s.random.IntN(of) == 0 {
			_ = c.Close()
		}
	}
}

// blow cuts many connections at once now and then, until done is closed, and
// then lets it be calm.
func (s *storm) blow(done <-chan struct{}) {
	gust := time.NewTicker(1500 * time.Millisecond)
	defer gust.Stop()
	for {
		select {
		case <-gust.C:
			s.cut(3)
		case <-done:
			s.mu.Lock()
			s.calm = true
			s.mu.Unlock()
			s.cut(1)
			return
		}
	}
}
