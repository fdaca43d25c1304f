package review_test

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// TestApprovalLooksOnceMore has an import take away a tactic between the
// submission and the review.
func TestApprovalLooksOnceMore(t *testing.T) {
	d := open(t, storetest.Open(t))
	p := d.submit(d.start(attack.NewTechnique, "", good()))
	bundle, err := os.ReadFile("testdata/small.json")
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{`"x_mitre_shortname": "boiling"`: `"x_mitre_shortname": "simmering"`, `"x_mitre_version": "3.1"`: `"x_mitre_version": "3.2"`} {
		if !bytes.Contains(bundle, []byte(from)) {
			t.Fatalf("the bundle has no %s", from)
		}
		bundle = bytes.ReplaceAll(bundle, []byte(from), []byte(to))
	}
	bundle = bytes.ReplaceAll(bundle, []byte(`"modified": "20`), []byte(`"modified": "21`))
	if _, err := d.tax.Import(t.Context(), taxonomy.Source{Name: "newer", Reader: bytes.NewReader(bundle)}, nil); err != nil {
		t.Fatal(err)
	}
	_, err = d.Review(t.Context(), d.rob, p.ID, review.ActionApprove, review.Verdict{Revision: 1})
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Invalid || f.Field != "content."+attack.FieldTactics {
		t.Fatalf("an approval of what has errors got %v", err)
	}
	if found, ok := f.Details.(review.Refused); !ok || found.Checks[0].Code != check.CodeUnknownTerm {
		t.Errorf("details are %+v", f.Details)
	}
	if p, err = d.Review(t.Context(), d.rob, p.ID, review.ActionRequestChanges, review.Verdict{Revision: 1, Note: "The tactic is gone."}); err != nil || len(p.Reviews) != 1 {
		t.Errorf("asked for changes: %+v, %v", p, err)
	}
}
