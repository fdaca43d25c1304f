package bus_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/atelier-attack/atelier/realtime/bus"
	"github.com/atelier-attack/atelier/realtime/bus/bustest"
)

// each runs a test on a bus of each kind; join gives another end.
func each(t *testing.T, fn func(t *testing.T, join func() bus.Bus)) {
	t.Run("memory", func(t *testing.T) {
		line := bus.NewLine()
		fn(t, func() bus.Bus { return closed(t, line.Join()) })
	})
	t.Run("nats", func(t *testing.T) {
		address := bustest.NATS(t).ClientURL()
		fn(t, func() bus.Bus { return dial(t, address) })
	})
}

func dial(t *testing.T, address string) bus.Bus {
	t.Helper()
	b, err := bus.Dial(address, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return closed(t, b)
}

func closed(t *testing.T, b bus.Bus) bus.Bus {
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func hear(t *testing.T, b bus.Bus, subject string) <-chan string {
	t.Helper()
	heard := make(chan string, 100)
	if err := b.Hear(subject, func(m []byte) { heard <- string(m) }); err != nil {
		t.Fatal(err)
	}
	return heard
}

func next(t *testing.T, heard <-chan string) string {
	t.Helper()
	select {
	case m := <-heard:
		return m
	case <-time.After(10 * time.Second):
		t.Fatal("nothing is heard")
		return ""
	}
}

func TestTheOthersHearInOrder(t *testing.T) {
	each(t, func(t *testing.T, join func() bus.Bus) {
		one, two, three := join(), join(), join()
		own, first, second, other := hear(t, one, "news"), hear(t, two, "news"), hear(t, three, "news"), hear(t, two, "else")
		for i := range 50 {
			one.Tell("news", []byte(fmt.Sprint(i)))
		}
		for i := range 50 {
			if a, b := next(t, first), next(t, second); a != fmt.Sprint(i) || b != a {
				t.Fatalf("they hear %s and %s, not %d", a, b, i)
			}
		}
		two.Tell("news", []byte("from two"))
		if got := next(t, own); got != "from two" || len(other) > 0 || len(first) > 0 {
			t.Errorf("one hears %q first; elsewhere are %d, by itself %d", got, len(other), len(first))
		}
	})
}

func TestWhoIsThereAnswers(t *testing.T) {
	each(t, func(t *testing.T, join func() bus.Bus) {
		one, two := join(), join()
		if err := two.Answer("urn", func(q []byte) []byte { return []byte(strings.ToUpper(string(q))) }); err != nil {
			t.Fatal(err)
		}
		ask := func() (string, error) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			a, err := one.Ask(ctx, "urn", []byte("is it?"))
			return string(a), err
		}
		if a, err := ask(); err != nil || a != "IS IT?" {
			t.Errorf("the answer is %q, %v", a, err)
		}
		if err := two.Close(); err != nil {
			t.Fatal(err)
		}
		var err error
		for end := time.Now().Add(10 * time.Second); !errors.Is(err, bus.ErrNobody) && time.Now().Before(end); {
			_, err = ask()
		}
		if !errors.Is(err, bus.ErrNobody) {
			t.Errorf("when it is gone: %v", err)
		}
	})
}

// TestNATSComesBack stops the server and starts another one at its place.
func TestNATSComesBack(t *testing.T) {
	first := bustest.NATS(t)
	one, two := dial(t, first.ClientURL()), dial(t, first.ClientURL())
	heard, back := hear(t, two, "news"), make(chan bool, 10)
	two.Back(func() { back <- true })
	port := first.Addr()
	first.Shutdown()
	first.WaitForShutdown()
	one.Tell("news", []byte("lost"))
	bustest.At(t, port)
	select {
	case <-back:
	case <-time.After(20 * time.Second):
		t.Fatal("nobody says that it is back")
	}
	got := ""
	for end := time.Now().Add(20 * time.Second); got == "" && time.Now().Before(end); {
		one.Tell("news", []byte("here"))
		select {
		case got = <-heard:
		case <-time.After(50 * time.Millisecond):
		}
	}
	if got != "here" {
		t.Errorf("it hears %q", got)
	}
}

func TestAnAddressWithoutNATS(t *testing.T) {
	_, err := bus.Dial("nats://ana:secret@127.0.0.1:1", slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "NATS cannot be reached at nats://ana:xxxxx@127.0.0.1:1") || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}
