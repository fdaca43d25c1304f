package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"
)

// mostPosts is how many messages one crowd can say.
const mostPosts = 1 << 17

// A message of ours says its number behind this.
var marker = []byte(`"body":"post-`)

// crowd is many sockets, each of a person in a room.
type crowd struct {
	*target
	listeners []*listener
	began     time.Time
	posted    atomic.Int64
	from      int64                   // messages before this one are not asked for
	sent      [mostPosts]atomic.Int64 // when each message was, since began
	arrived   [mostPosts]atomic.Int32 // at so many
	whole     chan struct{}           // a message is everywhere
	waited    atomic.Bool             // somebody waits for that
	inRoom    map[string]int32        // listeners of a workshop
	received  atomic.Int64            // bytes
	reading   sync.WaitGroup          // every listener
	closing   atomic.Bool
}

// listener is one socket and what it has heard.
type listener struct {
	*crowd
	person
	synced chan struct{}

	mu sync.Mutex // guards ws
	ws *websocket.Conn

	last   atomic.Int64 // the number of the newest event
	count  atomic.Int64 // messages that came
	own    sync.Mutex   // guards what follows
	order  uint64       // a sum of all numbers, in their order
	took   []time.Duration
	failed atomic.Pointer[error]
}

// open connects everybody and waits until each is in sync.
func open(ctx context.Context, t *target, people []person) (*crowd, error) {
	c := &crowd{target: t, began: time.Now(), inRoom: map[string]int32{}, whole: make(chan struct{}, mostPosts)}
	heads := map[string]int64{}
	for _, p := range people {
		c.inRoom[p.workshop]++
		if _, known := heads[p.workshop]; known {
			continue
		}
		head, err := t.head(ctx, p)
		if err != nil {
			return nil, err
		}
		heads[p.workshop] = head
	}
	for _, p := range people {
		l := &listener{crowd: c, person: p, synced: make(chan struct{}, 1)}
		l.last.Store(heads[p.workshop])
		c.listeners = append(c.listeners, l)
	}
	return c, c.connect(ctx, atOnce)
}

// connect connects everybody, so many at a time, from where each has been.
func (c *crowd) connect(ctx context.Context, limit int) error {
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(limit)
	for _, l := range c.listeners {
		all.Go(func() error { return l.connect(ctx) })
	}
	return all.Wait()
}

func (l *listener) connect(ctx context.Context) error {
	ws, err := l.dial(ctx, l.person, l.last.Load())
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.ws = ws
	l.mu.Unlock()
	l.reading.Go(func() { l.read(ws) })
	select {
	case <-l.synced:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Minute):
		return errors.New("a socket is not in sync within a minute")
	}
}

func (l *listener) read(ws *websocket.Conn) {
	var text bytes.Buffer
	for {
		_, r, err := ws.NextReader()
		text.Reset()
		if err == nil {
			_, err = text.ReadFrom(r)
		}
		if err != nil {
			var closed *websocket.CloseError
			if !l.closing.Load() && errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure {
				failed := fmt.Errorf("a socket was closed: %w", err)
				l.failed.Store(&failed)
			}
			return
		}
		l.hear(ws, text.Bytes(), time.Since(l.began))
	}
}

// hear takes in one frame.
func (l *listener) hear(ws *websocket.Conn, text []byte, now time.Duration) {
	l.received.Add(int64(len(text)))
	if l.kind == kindCentrifuge && string(text) == "{}" {
		_ = ws.WriteMessage(websocket.TextMessage, text) // its ping; who cannot answer is found out by reading
	}
	if bytes.HasPrefix(text, l.target.synced()) || l.kind == kindCentrifuge && bytes.Contains(text, l.target.synced()) {
		select {
		case l.synced <- struct{}{}:
		default:
		}
	}
	if at := bytes.LastIndex(text, []byte(`"seq":`)); at >= 0 && bytes.HasPrefix(text, []byte(`{"type":"events"`)) {
		l.last.Store(number(text[at+len(`"seq":`):]))
	}
	for {
		at := bytes.Index(text, marker)
		if at < 0 {
			return
		}
		text = text[at+len(marker):]
		l.got(number(text), now)
	}
}

func number(text []byte) (n int64) {
	for _, digit := range text {
		if digit < '0' || digit > '9' {
			break
		}
		n = 10*n + int64(digit-'0')
	}
	return n
}

func (l *listener) got(n int64, now time.Duration) {
	l.own.Lock()
	sum := fnv.New64a()
	fmt.Fprint(sum, l.order, n)
	l.order = sum.Sum64()
	l.took = append(l.took, now-time.Duration(l.sent[n].Load()))
	l.own.Unlock()
	l.count.Add(1)
	if l.arrived[n].Add(1) == l.inRoom[l.workshop] && l.waited.Load() {
		l.whole <- struct{}{}
	}
}

// say posts the next message, as one of those who listen.
func (c *crowd) say(ctx context.Context) error {
	n := c.posted.Add(1) - 1
	if n >= mostPosts {
		return errors.New("more messages than can be counted")
	}
	p := c.listeners[rand.N(len(c.listeners))].person
	c.sent[n].Store(int64(time.Since(c.began)))
	return c.post(ctx, p, "post-"+strconv.FormatInt(n, 10)+" What if the procedure named the tool as well? It would help the reader.")
}

// steadily posts so many messages a second for a while.
func (c *crowd) steadily(ctx context.Context, rate int, lasts time.Duration) error {
	all, ctx := errgroup.WithContext(ctx)
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for end := time.Now().Add(lasts); time.Now().Before(end) && ctx.Err() == nil; {
		<-tick.C
		all.Go(func() error { return c.say(ctx) })
	}
	return all.Wait()
}

// window is how many messages are on their way at a time when the crowd is
// saturated, and posters how many post them.
const window, posters = 32, 8

// saturate posts as fast as all others have heard what came before, and gives
// how many deliveries a second that made.
func (c *crowd) saturate(ctx context.Context, lasts time.Duration) (rate float64, err error) {
	for len(c.whole) < window {
		c.whole <- struct{}{}
	}
	c.waited.Store(true)
	defer c.waited.Store(false)
	before, start := c.heard(), time.Now()
	all, ctx := errgroup.WithContext(ctx)
	for range posters {
		all.Go(func() error {
			for time.Since(start) < lasts {
				select {
				case <-c.whole:
				case <-ctx.Done():
					return ctx.Err()
				case <-time.After(20 * time.Second):
					return errors.New("a message did not arrive everywhere within 20 s")
				}
				if err := c.say(ctx); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err = all.Wait()
	return float64(c.heard()-before) / time.Since(start).Seconds(), err
}

// stroll lets each person say now and then that they are elsewhere, on average
// once in a while, until the context ends.
func (c *crowd) stroll(ctx context.Context, pause time.Duration) {
	if c.kind != kindAtelier {
		return
	}
	tick := time.NewTicker(max(pause/time.Duration(len(c.listeners)), time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			l := c.listeners[rand.N(len(c.listeners))]
			l.mu.Lock()
			if l.ws != nil {
				at := fmt.Sprintf(`{"type":"at","workshop":%q,"place":"proposal:%d"}`, l.workshop, rand.N(len(c.listeners)/10+1))
				_ = l.ws.WriteMessage(websocket.TextMessage, []byte(at)) // a signal; a lost socket is found by its reader
			}
			l.mu.Unlock()
		}
	}
}

func (c *crowd) heard() (n int64) {
	for _, l := range c.listeners {
		n += l.count.Load()
	}
	return n
}

// settle waits until all that was posted is everywhere, and makes sure that
// everybody has heard the same in the same order, and each message once.
func (c *crowd) settle(ctx context.Context) error {
	missing := func() bool {
		for n := c.from; n < c.posted.Load(); n++ {
			if len(c.inRoom) == 1 && int(c.arrived[n].Load()) < len(c.listeners) {
				return true
			}
		}
		return false
	}
	for end := time.Now().Add(20 * time.Second); missing() && time.Now().Before(end) && ctx.Err() == nil; {
		time.Sleep(20 * time.Millisecond)
	}
	time.Sleep(200 * time.Millisecond) // what comes twice may come late
	var lost []error
	first := map[string]*listener{}
	for i, l := range c.listeners {
		if failed := l.failed.Load(); failed != nil {
			lost = append(lost, *failed)
		}
		one := first[l.workshop]
		if one == nil {
			first[l.workshop], one = l, l
		}
		if l.count.Load() != one.count.Load() || l.sum() != one.sum() {
			lost = append(lost, fmt.Errorf("socket %d heard %d messages, another %d, or in another order", i, l.count.Load(), one.count.Load()))
		}
	}
	var all int64
	for _, one := range first {
		all += one.count.Load()
	}
	if posted := c.posted.Load() - c.from; all != posted {
		lost = append(lost, fmt.Errorf("%d messages of %d arrived", all, posted))
	}
	if len(lost) > 5 {
		lost = append(lost[:5], fmt.Errorf("and %d more", len(lost)-5))
	}
	return errors.Join(lost...)
}

func (l *listener) sum() uint64 {
	l.own.Lock()
	defer l.own.Unlock()
	return l.order
}

// times takes what each message took to each socket since the last time.
func (c *crowd) times() (all []time.Duration) {
	for _, l := range c.listeners {
		l.own.Lock()
		all = append(all, l.took...)
		l.took = nil
		l.own.Unlock()
	}
	return all
}

// forget starts the count anew: what was posted is not asked for any more.
func (c *crowd) forget() {
	time.Sleep(200 * time.Millisecond) // until what still comes has come
	c.from = c.posted.Load()
	for _, l := range c.listeners {
		l.own.Lock()
		l.order = 0
		l.own.Unlock()
		l.count.Store(0)
	}
}

// cut ends all sockets at once, without goodbye, as a network does.
func (c *crowd) cut() {
	c.closing.Store(true)
	for _, l := range c.listeners {
		l.mu.Lock()
		if l.ws != nil {
			if tcp, ok := l.ws.NetConn().(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
			_ = l.ws.Close()
		}
		l.ws = nil
		l.mu.Unlock()
	}
	c.reading.Wait()
	c.closing.Store(false)
}
