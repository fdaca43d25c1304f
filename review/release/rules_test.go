package release_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// mostWrong is how many of the living objects of a type may have errors, in
// percent: rules that refuse what MITRE itself published do not fit the field.
const mostWrong = 2

func enterpriseSnapshot(t testing.TB) *taxonomy.Snapshot {
	t.Helper()
	const name = "enterprise-attack-18.1.json.gz"
	tax := taxonomy.New(storetest.Open(t), slog.New(slog.DiscardHandler))
	if _, err := tax.Import(t.Context(), taxonomy.Source{Name: name, Reader: bytes.NewReader(attacktest.Unzipped(t, name))}, nil); err != nil {
		t.Fatal(err)
	}
	tax.Index()
	return tax.Snapshot()
}

// asDraft gives an object as if somebody proposed it newly.
func asDraft(now *taxonomy.Snapshot, o *taxonomy.Object) (s check.Subject, ok bool) {
	kind := ""
	for _, form := range attack.Forms() {
		if form.Type == o.Type && form.Action == attack.Add && kind == "" {
			kind = form.Kind
		}
	}
	parent, nested := now.Parent(o.ID)
	switch {
	case o.Kind == attack.SubtechniqueOf || o.Kind == attack.RevokedBy: // other forms make these
		return s, false
	case o.Type == attack.TypeTechnique && nested:
		kind = attack.NewSubtechnique
	case o.Type == attack.TypeRelationship && (o.Kind != attack.Uses || attack.TypeOf(o.Target) != attack.TypeTechnique):
		kind = attack.NewRelationship
	}
	form, ok := attack.FormOf(kind)
	if !ok {
		return s, false
	}
	content := attack.ContentOf(o.Object, form)
	if nested && kind == attack.NewSubtechnique {
		content[attack.FieldParent] = attack.Value{Text: parent.ID}
	}
	return check.Subject{Form: form, Self: o.ID, Content: content}, true
}

// tally counts the objects of each type, those with errors, and those in which
// each rule finds something. What the guard finds is no error here: how much it
// may find is measured with it.
type tally struct {
	objects, wrong map[string]int
	found          map[string]map[string]int
	examples       map[string]string
}

func (c tally) count(o *taxonomy.Object, checks []check.Check) {
	c.objects[o.Type]++
	own := slices.DeleteFunc(slices.Clone(checks), func(one check.Check) bool { return one.Shared != nil })
	if _, failed := check.Failed(own); failed {
		c.wrong[o.Type]++
	}
	seen := map[string]bool{}
	for _, one := range checks {
		if seen[one.Code] {
			continue
		}
		seen[one.Code] = true
		if c.found[one.Code] == nil {
			c.found[one.Code] = map[string]int{}
		}
		c.found[one.Code][o.Type]++
		c.examples[one.Code+" "+o.Type] = o.Label() + " " + o.Name + ": " + one.Message
	}
}

func (c tally) String() string {
	var b strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(c.objects)) {
		fmt.Fprintf(&b, "%s: %d, %d with errors\n", kind, c.objects[kind], c.wrong[kind])
		for _, rule := range check.Rules() {
			if n := c.found[rule.ID][kind]; n > 0 {
				fmt.Fprintf(&b, "  %-20s %-8s %5d  such as %s\n", rule.ID, rule.Level, n, c.examples[rule.ID+" "+kind])
			}
		}
	}
	return b.String()
}

// TestRulesFitTheField runs all rules over MITRE's own living objects, each as
// if it were a new draft.
func TestRulesFitTheField(t *testing.T) {
	attacktest.Heavy(t)
	const domain = "enterprise-attack"
	now := enterpriseSnapshot(t)
	known := review.Known(now, domain)
	c := tally{map[string]int{}, map[string]int{}, map[string]map[string]int{}, map[string]string{}}
	for _, o := range now.Objects(domain) {
		if s, ok := asDraft(now, o); ok && o.Live() {
			c.count(o, check.Run(s, known))
		}
	}
	t.Logf("what the rules find in Enterprise 18.1:\n%s", c)
	if c.objects[attack.TypeTechnique] < 600 {
		t.Errorf("only %d techniques were looked at", c.objects[attack.TypeTechnique])
	}
	for kind, n := range c.objects {
		if wrong := c.wrong[kind]; wrong*100 > n*mostWrong {
			t.Errorf("%s: %d of %d have errors", kind, wrong, n)
		}
	}
}

// TestVersionsOfAnUpgradeFollow looks at MITRE's own upgrade as if it were a
// bundle of somebody's changes: its versions follow on those before.
func TestVersionsOfAnUpgradeFollow(t *testing.T) {
	attacktest.Heavy(t)
	read := func(name string) map[string]attack.Object {
		objects := map[string]attack.Object{}
		_, err := attack.Decode(bytes.NewReader(attacktest.Unzipped(t, name)), func(raw jsontext.Value) error {
			o, err := attack.Parse(raw)
			objects[o.ID] = o
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return objects
	}
	before, wrong, all := read("enterprise-attack-17.1.json.gz"), 0, 0
	for id, o := range read("enterprise-attack-18.1.json.gz") {
		was, here := before[id]
		s := check.Subject{Self: id, Versions: check.Versions{Here: was.Version, Given: o.Version}}
		changes, editable := attack.FormFor(o.Type)
		switch {
		case !o.Live() || !editable || here && was.Modified == o.Modified:
			continue
		case here:
			s.Form, s.Base = changes, attack.ContentOf(was, changes)
		default:
			s.Form = attack.Form{Type: o.Type, Action: attack.Add, Fields: changes.Fields}
		}
		s.Content = attack.ContentOf(o, s.Form)
		all++
		for _, c := range check.Run(s, check.Known{}) {
			if c.Code == check.CodeVersion {
				wrong++
				t.Logf("%s %s: %s", o.AttackID(), o.Name, c.Message)
			}
		}
	}
	if all < 500 || wrong*100 > all*mostWrong {
		t.Errorf("of %d versions %d do not follow", all, wrong)
	}
}
