package web_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/atelier-attack/atelier/app"
	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// What a search may take while an import comes in.
const (
	searching     = 16 // people who type without a pause
	mostSearching = 15 * time.Millisecond
)

// BenchmarkSearchDuringImport lets 16 people search over HTTP without a pause
// while a new release of Enterprise comes in, is indexed and takes the place of
// the one before; the searching programs and the server share the machine. 95
// of 100 answers may take 15 ms.
func BenchmarkSearchDuringImport(b *testing.B) {
	next, queries := attacktest.Unzipped(b, "enterprise-attack-18.1.json.gz"), typed()
	var took []time.Duration
	for b.Loop() {
		b.StopTimer()
		a, address, cookie := serveForBench(b, "enterprise-attack-17.1.json.gz", "mobile-attack-17.1.json.gz")
		b.StartTimer()
		took = append(took, searchUntil(b, address, cookie, queries, func() {
			if _, err := a.Taxonomy.Import(b.Context(), taxonomy.Source{Name: "next", Reader: bytes.NewReader(next)}, nil); err != nil {
				b.Error(err)
			}
		})...)
	}
	slices.Sort(took)
	at := func(share float64) time.Duration { return took[int(share*float64(len(took)-1))] }
	for _, p := range []float64{0.5, 0.95, 0.99} {
		b.ReportMetric(float64(at(p).Microseconds())/1000, fmt.Sprintf("ms-p%.0f", 100*p))
	}
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "searches/s")
	if at(0.95) > mostSearching {
		b.Errorf("95 of 100 searches take up to %s during an import", at(0.95))
	}
}

// typed lists queries as a person types them, letter by letter from the third.
func typed() []string {
	var list []string
	for _, query := range []string{"process injection", "T1059.001", "mimikats", "cozy bear", "dump lsass memory", "steal browser cookies", "apt 29", "scheduled task"} {
		for n := 3; n <= len(query); n++ {
			list = append(list, query[:n])
		}
	}
	return list
}

// serveForBench starts a server with real files, and signs somebody in.
func serveForBench(b *testing.B, files ...string) (a *app.Atelier, address, cookie string) {
	b.Helper()
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	a, err := app.Open(b.Context(), app.Config{DataDir: b.TempDir(), Log: slog.New(slog.DiscardHandler)})
	must(err)
	for _, name := range files {
		_, err := a.ImportFile(b.Context(), attacktest.File(b, name), nil)
		must(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		config := app.ServeConfig{Listen: "127.0.0.1:0", Pace: web.Pace{Rate: 1e6, Burst: 1e6}, // a few stand for many
			Build: fstest.MapFS{"index.html": {Data: []byte("<title>Atelier</title>")}}}
		ended <- a.Serve(ctx, config, func(url string) error { ready <- url; return nil })
	}()
	select {
	case address = <-ready:
	case err := <-ended:
		b.Fatal(err)
	}
	b.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			b.Errorf("stop: %v", err)
		}
		if err := a.Close(); err != nil {
			b.Errorf("close: %v", err)
		}
	})
	account, err := a.People.Add(b.Context(), people.Account{User: people.User{Name: "Ana"}})
	must(err)
	cookie, _, err = a.People.Start(b.Context(), account.ID)
	must(err)
	a.Taxonomy.Index() // is made beside the first requests; waits for it
	return a, address, cookie
}

// searchUntil lets people search until work is done, and tells how long each
// search took.
func searchUntil(b *testing.B, address, cookie string, queries []string, work func()) []time.Duration {
	client := newClient()
	defer client.CloseIdleConnections()
	done := make(chan struct{})
	took := make([][]time.Duration, searching)
	var all sync.WaitGroup
	for i := range searching {
		all.Go(func() {
			for n := i * 7; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				start := time.Now()
				if err := searchOnce(client, address, cookie, queries[n%len(queries)]); err != nil {
					b.Error(err)
					return
				}
				took[i] = append(took[i], time.Since(start))
			}
		})
	}
	work()
	close(done)
	all.Wait()
	return slices.Concat(took...)
}

func searchOnce(client *http.Client, address, cookie, query string) error {
	r, err := http.NewRequest(http.MethodGet, address+"/api/search?limit=20&q="+url.QueryEscape(query), nil)
	if err != nil {
		return err
	}
	r.AddCookie(&http.Cookie{Name: "atelier_session", Value: cookie})
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && (answer.StatusCode != http.StatusOK || !strings.Contains(string(body), `"hits"`)) {
		err = fmt.Errorf("search %q: %d %.200s", query, answer.StatusCode, body)
	}
	return err
}

func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: searching}}
}
