package attack_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-attack/atelier/review/attack"
)

func convert(t *testing.T, raw, dialect string) string {
	t.Helper()
	out, err := attack.Convert([]byte(raw), dialect)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestConvert(t *testing.T) {
	for _, c := range []struct{ in20, in21 string }{
		{`{"type":"campaign","id":"c"}`, `{"type":"campaign","spec_version":"2.1","id":"c"}`},
		{`{"id":"c","type":"campaign","x":1.50E+2,"é":"\u00e9\/"}`, `{"id":"c","type":"campaign","spec_version":"2.1","x":1.50E+2,"é":"\u00e9\/"}`},
		{`{"type":"malware","labels":["malware"],"is_family":true}`, `{"type":"malware","spec_version":"2.1","is_family":true}`},
		{`{"labels":["malware"],"id":"m","type":"malware"}`, `{"labels":["malware"],"id":"m","type":"malware","spec_version":"2.1","is_family":true}`},
		{`{"type":"tool","labels":["tool"],"id":"t"}`, `{"type":"tool","spec_version":"2.1","id":"t"}`},
		{`{"type":"tool","id":"t","labels":["tool"]}`, `{"type":"tool","spec_version":"2.1","id":"t","labels":["tool"]}`},
	} {
		if got := convert(t, c.in20, "2.1"); got != c.in21 {
			t.Errorf("%s\nbecame %s\nand not %s", c.in20, got, c.in21)
		}
		if got := convert(t, c.in21, "2.0"); got != c.in20 {
			t.Errorf("%s\nbecame %s\nand not %s", c.in21, got, c.in20)
		}
		for dialect, raw := range map[string]string{"2.0": c.in20, "2.1": c.in21} {
			if got := convert(t, raw, dialect); got != raw {
				t.Errorf("%s was in %s already and became %s", raw, dialect, got)
			}
		}
	}
}

// TestThereAndBackIsTheSame: any object says the same as before, in whatever
// order its properties stand. One kind is excepted: malware in 2.1 that has
// labels and lacks is_family, which 2.1 demands, gets it.
func TestThereAndBackIsTheSame(t *testing.T) {
	for i := range 3000 {
		r := rand.New(rand.NewPCG(uint64(i), 3))
		kind := []string{"malware", "tool", "campaign"}[r.IntN(3)]
		from, to := "2.0", "2.1"
		list := []string{fmt.Sprintf(`"type":%q`, kind), `"id":"x"`, `"x_a":[1.0,{"b":null}]`}
		labels, family := r.IntN(4), r.IntN(3)
		if labels > 0 {
			list = append(list, []string{"", fmt.Sprintf(`"labels":[%q]`, kind), `"labels":["trojan"]`, `"labels":["malware","tool"]`}[labels])
		}
		if r.IntN(2) == 0 {
			from, to = to, from
			list = append(list, `"spec_version":"2.1"`)
			if kind == "malware" && labels > 0 && family == 0 {
				family = 1
			}
		}
		if family > 0 {
			list = append(list, []string{"", `"is_family":true`, `"is_family":false`}[family])
		}
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		raw := "{" + strings.Join(list, ",") + "}"
		there := convert(t, raw, to)
		back := convert(t, there, from)
		var a, b any
		if json.Unmarshal([]byte(raw), &a) != nil || json.Unmarshal([]byte(back), &b) != nil || cmp.Diff(a, b) != "" {
			t.Fatalf("%s (%s)\nbecame %s\nand %s", raw, from, there, back)
		}
		if kind != "campaign" && to == "2.0" && !strings.Contains(there, `"labels"`) && !strings.HasPrefix(raw, `{"spec_version"`) {
			t.Fatalf("%s has no labels in 2.0: %s", raw, there)
		}
	}
}
