package check_test

import (
	"strings"
	"testing"
	"time"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
)

// BenchmarkRun looks at a draft of 20 kB, with citations, links and code, and
// compares with the 20 ms that it may take.
func BenchmarkRun(b *testing.B) {
	const floor = 20 * time.Millisecond
	unit := whistle + " See (LinkById: T1001) and [it](https://attack.mitre.org/techniques/T1001/001), `kettle --whistle` at 10.0.19041.\n\n"
	draft := content(attack.NewTechnique, attack.FieldDescription, text(strings.Repeat(unit, 20_000/len(unit)+1)))
	form, _ := attack.FormOf(attack.NewTechnique)
	k := known()
	for b.Loop() {
		check.Run(check.Subject{Form: form, Self: own, Content: draft}, k)
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(floor), "of-20ms")
}
