package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/atelier-attack/atelier/app/notify"
	"github.com/atelier-attack/atelier/app/store"
	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/realtime/fault"
)

// stopWithin is how long open requests may take when the server stops.
const stopWithin = 8 * time.Second

// lookEvery is how often a server looks whether another process, such as an
// import on the command line, has changed the taxonomy.
const lookEvery = 2 * time.Second

// How often a server looks for what is to be pushed, and for mail that is to be
// sent.
const pushEvery, mailEvery = 5 * time.Second, 15 * time.Second

// ServeConfig says how to serve.
type ServeConfig struct {
	Listen  string       // host:port
	BaseURL string       // as people type it; empty: made from Listen
	Build   fs.FS        // the frontend's build
	Pace    web.Pace     // of one person's writes; the zero value is web.DefaultPace
	SMTP    *notify.SMTP // sends mail; nil: none is sent
	anyHost bool         // BaseURL was made from Listen, and may not be what people type
}

// Server makes the web server of the application.
func (a *Atelier) Server(c ServeConfig) (*web.Server, error) {
	return web.New(web.Deps{Log: a.Log, BaseURL: c.BaseURL, AnyHost: c.anyHost, UploadDir: a.uploads(), Build: c.Build,
		Ready: func(ctx context.Context) error { return store.Ready(ctx, a.DB) },
		Text:  a.Text, Journal: a.Journal, People: a.People, Workshops: a.Workshops, Discussion: a.Discussion, Polls: a.Polls, Directory: a.Directory, Desk: a.Desk,
		Notices: a.Notices, Taxonomy: a.Taxonomy, Proposals: a.Proposals, Releases: a.Releases, Hub: a.Hub, Texts: a.Texts, Pace: c.Pace})
}

// Serve serves until the context ends, and then lets open requests finish.
// ready is called when nothing can be in the way any more: the port is taken,
// and who knocks from then on is served as soon as ready returns.
func (a *Atelier) Serve(ctx context.Context, c ServeConfig, ready func(url string) error) error {
	c.anyHost = c.BaseURL == ""
	if !c.anyHost {
		var err error
		if c.BaseURL, err = BaseURL(c.BaseURL); err != nil {
			return err
		}
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return cannotListen(c.Listen, err)
	}
	if c.anyHost {
		c.BaseURL = "http://" + visible(l.Addr())
	}
	a.Notices.Outside(notify.Outside{BaseURL: c.BaseURL, SMTP: c.SMTP, Present: a.Hub.Present})
	server, err := a.Server(c)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	if err := a.Polls.Recover(ctx); err != nil {
		return errors.Join(err, l.Close())
	}
	if err := ready(c.BaseURL); err != nil {
		if ctx.Err() != nil { // told to stop while it started
			err = nil
		}
		return errors.Join(err, l.Close())
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Listen(l) }()
	var indexing sync.WaitGroup
	indexing.Go(a.Taxonomy.Index) // beside the first requests; who searches meanwhile waits for it
	defer indexing.Wait()
	defer beside(ctx, a.Notices.Run)()
	defer a.every(ctx, pushEvery, "push", func(ctx context.Context) error { return a.Notices.SendPush(ctx, time.Now()) })()
	defer a.every(ctx, mailEvery, "send mail", func(ctx context.Context) error { return a.Notices.SendMail(ctx, time.Now()) })()
	defer a.every(ctx, time.Hour, "housework", func(ctx context.Context) error {
		return errors.Join(a.Journal.Forget(ctx), a.People.Forget(ctx), a.Notices.Forget(ctx))
	})()
	defer a.every(ctx, lookEvery, "look for new content", func(ctx context.Context) error {
		return errors.Join(a.Taxonomy.Refresh(ctx), a.Proposals.Settle(ctx))
	})()
	defer a.every(ctx, lookEvery, "end the sockets of sessions that are over", a.endSockets)()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	err = errors.Join(a.Hub.Close(stop), server.Shutdown(stop), closed(l), <-ended)
	if errors.Is(err, context.DeadlineExceeded) { // whoever still asks after so long is cut off
		a.Log.Warn("stopped while requests were open", "waited", stopWithin)
		return nil
	}
	return err
}

// endSockets ends the sockets of sessions that have expired, or that another
// process has ended; what this one ends, it ends at once.
func (a *Atelier) endSockets(ctx context.Context) error {
	over, err := a.People.Over(ctx, a.Hub.Sessions())
	if err != nil {
		return err
	}
	for _, id := range over {
		a.Hub.SignOut(id)
	}
	return nil
}

// closed closes a listener that may be closed already: a server that is shut
// down before it has begun to accept would begin then.
func closed(l net.Listener) error {
	if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close the port: %w", err)
	}
	return nil
}

// every does some work now and then again and again, until stop is called,
// which waits for its end.
func (a *Atelier) every(ctx context.Context, pause time.Duration, name string, work func(context.Context) error) (stop func()) {
	return beside(ctx, func(ctx context.Context) {
		again := time.NewTicker(pause)
		defer again.Stop()
		for {
			if err := work(ctx); err != nil && ctx.Err() == nil {
				a.Log.Error(name, "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-again.C:
			}
		}
	})
}

// beside runs some work until stop is called, which waits for its end.
func beside(ctx context.Context, work func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { work(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

// cannotListen says what to do where an address cannot be listened on.
func cannotListen(address string, cause error) error {
	problem := "cannot be listened on: give one of this machine as HOST:PORT with --listen"
	switch {
	case errors.Is(cause, syscall.EADDRINUSE):
		problem = "is taken: stop what listens there, or choose another with --listen"
	case errors.Is(cause, syscall.EACCES):
		problem = "is not for this user: choose a port above 1023 with --listen"
	}
	return fault.New(fault.Unavailable, "The address %s %s.", address, problem).Because(cause)
}

// visible makes an address that a browser can open of one that listens.
func visible(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || ip.IsLoopback() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
