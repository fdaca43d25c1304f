package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// Messages on NATS begin with this.
const prefix = "atelier."

// reconnectEvery is how long a process waits between two tries to reach NATS
// again, about.
const reconnectEvery = 250 * time.Millisecond

type onNATS struct {
	conn *nats.Conn
	work sync.WaitGroup // every answer

	mu    sync.Mutex // guards backs
	backs []func()
}

// Dial makes the end of a process on a NATS server, whose address may have a
// user and a password, or several servers with commas between. Once it was
// reached, it is tried for ever to reach it again. What is told meanwhile is
// lost, as the rest of what it carries is.
func Dial(address string, log *slog.Logger) (Bus, error) {
	b := &onNATS{}
	lost := func(_ *nats.Conn, err error) {
		if err != nil {
			log.Warn("the connection to NATS was lost", "error", err)
		}
	}
	back := func(*nats.Conn) {
		log.Info("NATS is reached again")
		b.back()
	}
	slow := func(_ *nats.Conn, s *nats.Subscription, err error) {
		log.Warn("a message on NATS was lost", "error", err)
		b.back() // look at what it may have told
	}
	var err error
	b.conn, err = nats.Connect(address, nats.Name("Atelier"), nats.NoEcho(), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectEvery),
		nats.ReconnectBufSize(-1), nats.PingInterval(5*time.Second), nats.MaxPingsOutstanding(2), nats.Timeout(5*time.Second),
		nats.DisconnectErrHandler(lost), nats.ReconnectHandler(back), nats.ErrorHandler(slow))
	if err != nil {
		return nil, fault.New(fault.Unavailable, "NATS cannot be reached at %s: is it running, and is the address right?", hidden(address)).Because(err)
	}
	return b, nil
}

// hidden gives an address without its password.
func hidden(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the address that was given"
	}
	return u.Redacted()
}

func (b *onNATS) back() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.backs {
		f()
	}
}

// Tell is part of Bus.
func (b *onNATS) Tell(subject string, message []byte) {
	_ = b.conn.Publish(prefix+subject, message) // it may get lost
}

// Hear is part of Bus.
func (b *onNATS) Hear(subject string, f func([]byte)) error {
	_, err := b.conn.Subscribe(prefix+subject, func(m *nats.Msg) { f(m.Data) })
	return b.subscribed(subject, err)
}

// subscribed waits until the server knows of a subscription.
func (b *onNATS) subscribed(subject string, err error) error {
	if err == nil {
		err = b.conn.FlushTimeout(5 * time.Second)
	}
	if err != nil {
		return fmt.Errorf("listen to %s on NATS: %w", subject, err)
	}
	return nil
}

// Ask is part of Bus.
func (b *onNATS) Ask(ctx context.Context, subject string, question []byte) ([]byte, error) {
	m, err := b.conn.RequestWithContext(ctx, prefix+subject, question)
	if errors.Is(err, nats.ErrNoResponders) {
		return nil, ErrNobody
	}
	if err != nil {
		return nil, fmt.Errorf("ask on NATS: %w", err)
	}
	return m.Data, nil
}

// Answer is part of Bus.
func (b *onNATS) Answer(subject string, f func([]byte) []byte) error {
	_, err := b.conn.Subscribe(prefix+subject, func(m *nats.Msg) {
		b.work.Go(func() { _ = m.Respond(f(m.Data)) }) // who asks looks into the database where no answer comes
	})
	return b.subscribed(subject, err)
}

// Back is part of Bus.
func (b *onNATS) Back(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.backs = append(b.backs, f)
}

// Close is part of Bus.
func (b *onNATS) Close() error {
	b.conn.Close()
	b.work.Wait()
	return nil
}
