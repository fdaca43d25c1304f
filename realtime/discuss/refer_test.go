package discuss_test

import (
	"slices"
	"testing"

	"github.com/atelier-attack/atelier/realtime/discuss"
)

var people = []discuss.Person{{User: "1", Name: "Ana"}, {User: "2", Name: "Ana Duarte"}, {User: "3", Name: "Émile"}, {User: "4", Name: "Ana Duarte"}, {User: "5", Name: " "}}

func TestMentions(t *testing.T) {
	for words, want := range map[string][]string{
		"Ask @Ana, or @émile.":      {"@Ana 1", "@émile 3"},
		"@ana duarte and @Ana Du":   {"@ana duarte 2", "@ana duarte 4", "@Ana 1"},
		"ana@ana.example, @Anabel":  nil,
		"(@Ana)@Ana @ @@Ana_ @Ana1": {"@Ana 1", "@Ana 1"},
		"":                          nil,
	} {
		var got []string
		for _, r := range discuss.Mentions(people)(words) {
			got = append(got, words[r.From:r.To]+" "+r.User)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q mentions %q, want %q", words, got, want)
		}
	}
}

func FuzzMentions(f *testing.F) {
	f.Add("@Ana Duarte\xff@@é @Émile")
	f.Fuzz(func(t *testing.T, words string) {
		at := 0
		for _, r := range discuss.Mentions(people)(words) {
			if r.From < 0 || r.To <= r.From || r.To > len(words) || words[r.From] != '@' || r.From < at {
				t.Fatalf("%q has %+v", words, r)
			}
			at = r.From
		}
	})
}
