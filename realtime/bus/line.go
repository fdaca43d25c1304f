package bus

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// Line is a bus in memory: for one process, which has nobody to tell, and for
// tests of several.
type Line struct {
	mu   sync.Mutex // guards what follows, and what its ends hear
	ends []*end
	cut  bool
}

// NewLine makes a line without ends.
func NewLine() *Line { return &Line{} }

// Join adds an end.
func (l *Line) Join() Bus {
	e := &end{line: l, queue: make(chan func(), mostWaiting), ended: make(chan struct{}), hears: map[string]func([]byte){}, answers: map[string]func([]byte) []byte{}}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ends = append(l.ends, e)
	e.work.Go(e.run)
	return e
}

// Cut loses all messages, until it is mended.
func (l *Line) Cut(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut = cut; cut {
		return
	}
	for _, e := range l.ends {
		for _, f := range e.backs {
			e.later(f)
		}
	}
}

// mostWaiting is how many messages wait for one end; more are lost.
const mostWaiting = 1024

type end struct {
	line    *Line
	queue   chan func()
	ended   chan struct{} // closed when nothing more is called
	work    sync.WaitGroup
	hears   map[string]func([]byte)
	answers map[string]func([]byte) []byte
	backs   []func()
}

func (e *end) run() {
	for {
		select {
		case f := <-e.queue:
			f()
		case <-e.ended:
			return
		}
	}
}

func (e *end) later(f func()) {
	select {
	case e.queue <- f:
	default:
	}
}

// Tell is part of Bus.
func (e *end) Tell(subject string, message []byte) {
	e.line.mu.Lock()
	defer e.line.mu.Unlock()
	if e.line.cut {
		return
	}
	for _, other := range e.line.ends {
		if f := other.hears[subject]; f != nil && other != e {
			other.later(func() { f(message) })
		}
	}
}

// Hear is part of Bus.
func (e *end) Hear(subject string, f func([]byte)) error {
	e.line.mu.Lock()
	defer e.line.mu.Unlock()
	e.hears[subject] = f
	return nil
}

// Ask is part of Bus.
func (e *end) Ask(_ context.Context, subject string, question []byte) ([]byte, error) {
	select {
	case <-e.ended:
		return nil, errors.New("this end is closed")
	default:
	}
	if f := e.line.answering(e, subject); f != nil {
		return f(question), nil
	}
	return nil, ErrNobody
}

func (l *Line) answering(asks *end, subject string) func([]byte) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, other := range l.ends {
		if f := other.answers[subject]; f != nil && other != asks && !l.cut {
			return f
		}
	}
	return nil
}

// Answer is part of Bus.
func (e *end) Answer(subject string, f func([]byte) []byte) error {
	e.line.mu.Lock()
	defer e.line.mu.Unlock()
	e.answers[subject] = f
	return nil
}

// Back is part of Bus.
func (e *end) Back(f func()) {
	e.line.mu.Lock()
	defer e.line.mu.Unlock()
	e.backs = append(e.backs, f)
}

// Close is part of Bus.
func (e *end) Close() error {
	e.line.mu.Lock()
	if at := slices.Index(e.line.ends, e); at >= 0 {
		e.line.ends = slices.Delete(e.line.ends, at, at+1)
		close(e.ended)
	}
	e.line.mu.Unlock()
	e.work.Wait()
	return nil
}
