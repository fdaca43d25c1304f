package web

import (
	"maps"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/time/rate"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// Pace is how fast one person may write: so many requests at once, and then so
// many a second. It is counted by person and never by address, for a whole room
// sits behind one.
type Pace struct {
	Rate  float64
	Burst int
}

// DefaultPace is beyond what a person does who types in several texts at once.
func DefaultPace() Pace { return Pace{Rate: 30, Burst: 300} }

// paces are the paces of those who wrote of late.
type paces struct {
	Pace

	mu    sync.Mutex // guards what follows
	of    map[string]*rate.Limiter
	swept time.Time
}

func newPaces(p Pace) *paces {
	if p == (Pace{}) {
		p = DefaultPace()
	}
	return &paces{Pace: p, of: map[string]*rate.Limiter{}}
}

// wait counts a request of a person, or says how long it has to wait and does
// not count it.
func (p *paces) wait(user string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.swept) > time.Minute { // who has rested is as who never wrote
		maps.DeleteFunc(p.of, func(_ string, l *rate.Limiter) bool { return l.TokensAt(now) >= float64(p.Burst) })
		p.swept = now
	}
	l := p.of[user]
	if l == nil {
		l = rate.NewLimiter(rate.Limit(p.Rate), p.Burst)
		p.of[user] = l
	}
	r := l.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// paced refuses the write of a person who writes faster than anybody can.
func (s *Server) paced(c *fiber.Ctx) error {
	session, ok := sessionOf(c.UserContext())
	if !ok || !write(c.Method()) {
		return c.Next()
	}
	if wait := s.paces.wait(session.User.ID, time.Now()); wait > 0 {
		return fault.New(fault.TooFast, "You do very much at once. This is sent again in a moment.").After(wait)
	}
	return c.Next()
}
