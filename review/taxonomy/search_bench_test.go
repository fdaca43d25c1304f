package taxonomy_test

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// mostIndex is how many bytes the index of Enterprise and Mobile may take.
const mostIndex = 16 << 20

// typedQueries are the queries of the tables as somebody types them: each also
// when half of it is there.
func typedQueries() []string {
	var list []string
	for _, c := range slices.Concat(first, among) {
		list = append(list, c.query, c.query[:len(c.query)/2+1])
	}
	return list
}

// BenchmarkSearch is one query of the tables, with all that is shown of it.
func BenchmarkSearch(b *testing.B) {
	s, queries := realATTACK(b), typedQueries()
	n := 0
	for b.Loop() {
		s.Search(taxonomy.Query{Text: queries[n%len(queries)], Limit: 20})
		n++
	}
}

// BenchmarkHostileSearch is the dearest of some queries that nobody types.
func BenchmarkHostileSearch(b *testing.B) {
	s := realATTACK(b)
	var queries []string
	for _, unit := range []string{"a ", "the of and ", "adversaries may use process windows ", "qzxj", "command and control server data ", "é\u0301茶\u202e", "s", "zz powershall mimikats ", "T1055.001 "} {
		queries = append(queries, strings.Repeat(unit, 500)[:500])
	}
	var worst time.Duration
	for b.Loop() {
		for _, q := range queries {
			start := time.Now()
			s.Search(taxonomy.Query{Text: strings.ToValidUTF8(q, ""), Limit: 100})
			worst = max(worst, time.Since(start))
		}
	}
	b.ReportMetric(float64(worst.Microseconds())/1000, "ms-worst")
}

// BenchmarkSimilar is a paraphrase that is compared with all techniques.
func BenchmarkSimilar(b *testing.B) {
	s := realATTACK(b)
	for b.Loop() {
		s.Similar(taxonomy.Draft{Name: "Locking files for money", Type: "attack-pattern", Limit: 5,
			Description: "After gaining control the intruder scrambles the files of servers and workstations with a strong cipher and leaves a note asking for a payment in return for the key."})
	}
}

// BenchmarkIndex makes the index of Enterprise 18.1 and Mobile 17.1.
func BenchmarkIndex(b *testing.B) {
	db := storetest.Open(b)
	tax := taxonomy.New(db, quiet())
	load(b, tax, "enterprise", attacktest.Unzipped(b, "enterprise-attack-18.1.json.gz"))
	load(b, tax, "mobile", attacktest.Unzipped(b, "mobile-attack-17.1.json.gz"))
	var size, words int
	for b.Loop() {
		b.StopTimer()
		fresh := taxonomy.New(db, quiet())
		if err := fresh.Load(b.Context()); err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		b.StartTimer()
		fresh.Index()
		b.StopTimer()
		size, words = fresh.Snapshot().IndexSize()
		b.StartTimer()
	}
	b.ReportMetric(float64(size)/(1<<20), "MB-index")
	b.ReportMetric(float64(words), "words")
	if size > mostIndex {
		b.Errorf("the index takes %d bytes", size)
	}
}
