package cowrite

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/atelier-attack/atelier/app/store/storetest"
)

// BenchmarkKeystroke has 8 writers in each of 25 texts type 5 letters a second,
// each, into a real database, and measures how long it takes from a letter to
// its acknowledgement, which is also when the others are told. What comes of it
// on the way through the network is measured in app/web.
func BenchmarkKeystroke(b *testing.B) {
	const texts, writers, pause = 25, 8, 200 * time.Millisecond
	db := storetest.Open(b)
	authority := started(b, db, DefaultLimits())
	var mu sync.Mutex // guards took
	var took []time.Duration
	begun := time.Now()
	for b.Loop() {
		took = nil
		var typing sync.WaitGroup
		for i := range texts {
			name := Name{fmt.Sprint("draft ", i, b.N, time.Now()), "description"}
			if err := Begin(db, name, ""); err != nil {
				b.Fatal(err)
			}
			for w := range writers {
				typing.Go(func() {
					one := types(b, authority, name, fmt.Sprint("c", w), 50, pause)
					mu.Lock()
					defer mu.Unlock()
					took = append(took, one...)
				})
			}
		}
		typing.Wait()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(len(took)*b.N)/time.Since(begun).Seconds(), "letters/s")
	b.ReportMetric(0, "ns/op")
}

// types has one editor type letters at a pace, whatever the server does, and
// gives how long each took.
func types(b *testing.B, texts *Texts, name Name, client string, letters int, pause time.Duration) []time.Duration {
	m := &modelled{}
	m.open(b, client, Text{})
	var took []time.Duration
	var typed []time.Time
	next := time.Now().Add(rand.N(pause))
	for len(took) < letters {
		time.Sleep(time.Until(next))
		for !next.After(time.Now()) && len(took)+len(typed) < letters {
			at := rand.IntN(len(m.text) + 1)
			m.edit(b, at, at, "x")
			typed = append(typed, next)
			next = next.Add(pause)
		}
		if len(typed) == 0 {
			continue
		}
		pushed, err := texts.Push(context.Background(), name, Push{client, client, m.version, int64(len(took)) + 1, m.pending})
		if err != nil {
			b.Error(err)
			return took
		}
		m.receive(b, pushed.Updates)
		for _, at := range typed {
			took = append(took, time.Since(at))
		}
		typed = nil
	}
	return took
}

// BenchmarkOver moves a change over another.
func BenchmarkOver(b *testing.B) {
	var one, two Changes
	one.keep(1000)
	one.replace(0, []uint16{'x'})
	one.keep(9000)
	two.keep(3000)
	two.replace(5, []uint16{'x', 'y'})
	two.keep(6995)
	for b.Loop() {
		one.over(two, false)
	}
}
