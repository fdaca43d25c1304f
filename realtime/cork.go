package realtime

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// mostHeld is how much a cork holds back before it writes.
const mostHeld = 32 << 10

// cork is a connection that can hold back what is written, to write it at once:
// frames that wait behind each other cost one call of the system, not one each.
type cork struct {
	net.Conn

	mu       sync.Mutex // guards what follows
	held     *[]byte    // nil: nothing is held back
	deadline time.Time  // for what is held
}

// buffers are shared by all corks, for most hold nothing at any time.
var buffers = sync.Pool{New: func() any {
	b := make([]byte, 0, mostHeld)
	return &b
}}

// hold holds back what is written until release.
func (c *cork) hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = buffers.Get().(*[]byte)
}

// release writes what was held back.
func (c *cork) release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.flush()
	buffers.Put(c.held)
	c.held = nil
	return err
}

// flush is called with the lock held, while something is held back.
func (c *cork) flush() error {
	if len(*c.held) == 0 {
		return nil
	}
	err := c.Conn.SetWriteDeadline(c.deadline)
	if err == nil {
		_, err = c.Conn.Write(*c.held)
	}
	*c.held = (*c.held)[:0]
	return err
}

// Write is part of net.Conn.
func (c *cork) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		return c.Conn.Write(p)
	}
	if len(*c.held)+len(p) > mostHeld {
		if err := c.flush(); err != nil {
			return 0, err
		}
	}
	if len(p) > mostHeld {
		return c.Conn.Write(p)
	}
	*c.held = append(*c.held, p...)
	return len(p), nil
}

// SetWriteDeadline is part of net.Conn.
func (c *cork) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		return c.Conn.SetWriteDeadline(t)
	}
	c.deadline = t
	return nil
}

// corking is a response whose connection is taken out with a cork.
type corking struct{ http.ResponseWriter }

// Hijack is part of http.Hijacker.
func (w corking) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	h, ok := w.ResponseWriter.(http.Hijacker)
	if !ok {
		return nil, nil, errors.New("the connection cannot be taken out of the request")
	}
	conn, rw, err := h.Hijack()
	if err != nil {
		return nil, nil, err
	}
	return &cork{Conn: conn}, rw, nil
}
