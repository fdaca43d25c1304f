package release_test

import (
	"strings"
	"testing"
	"time"

	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// largeDraft is a draft of 20 kB, made of descriptions of real techniques.
func largeDraft(now *taxonomy.Snapshot) check.Subject {
	form, _ := attack.FormOf(attack.NewTechnique)
	var text strings.Builder
	for _, o := range now.Objects("enterprise-attack") {
		if o.Type == attack.TypeTechnique && o.Live() && text.Len() < 20_000 {
			text.WriteString(o.Description + "\n\n")
		}
	}
	return check.Subject{Form: form, Self: "attack-pattern--new", Content: attack.Content{
		attack.FieldName: {Text: "Process Whistling"}, attack.FieldTactics: {List: []string{"impact"}}, attack.FieldPlatforms: {List: []string{"Linux"}},
		attack.FieldDescription: {Text: text.String()}}}
}

// BenchmarkChecks looks at a draft of 20 kB against all of Enterprise, and
// compares with the 20 ms that it may take.
func BenchmarkChecks(b *testing.B) {
	now := enterpriseSnapshot(b)
	known, draft := review.Known(now, "enterprise-attack"), largeDraft(now)
	check.Run(draft, known) // makes what is made once
	for b.Loop() {
		check.Run(draft, known)
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(20*time.Millisecond), "of-20ms")
}

// BenchmarkSimilarList is the list of similar objects beside such a draft, and
// compares with the 30 ms that it may take.
func BenchmarkSimilarList(b *testing.B) {
	now := enterpriseSnapshot(b)
	content := largeDraft(now).Content
	for b.Loop() {
		now.Similar(taxonomy.Draft{Name: content[attack.FieldName].Text, Description: content[attack.FieldDescription].Text, Type: attack.TypeTechnique,
			Domain: "enterprise-attack", Limit: 6})
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(30*time.Millisecond), "of-30ms")
}
