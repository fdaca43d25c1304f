package discuss_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/realtime/discuss"
)

var people = []discuss.Person{{User: "1", Name: "Ana", Page: "/ana"}, {User: "2", Name: "Ana Duarte"}, {User: "3", Name: "Émile"}, {User: "4", Name: "Ana Duarte", Organisation: "Example CERT"}, {User: "abcdefgh-6", Name: "Ana Duarte", Organisation: "Example CERT", Page: "/six"}, {User: "5", Name: " "}}

func TestMentions(t *testing.T) {
	for words, want := range map[string][]string{
		"Ask @Ana, or @émile.":                           {"@Ana 1 /ana", "@émile 3"},
		"@ana duarte and @Ana Du":                        {"@ana duarte 2", "@ana duarte 4", "@ana duarte abcdefgh-6", "@Ana 1 /ana"},
		"@Ana Duarte (Example CERT, abcdefgh).":          {"@Ana Duarte (Example CERT, abcdefgh) abcdefgh-6 /six"},
		"@Ana Duarte (2), @Ana Duarte (Example CERT, 4)": {"@Ana Duarte (2) 2", "@Ana Duarte (Example CERT, 4) 4"},
		"@Ana Duarte (Example CERT)":                     {"@Ana Duarte (Example CERT) 4", "@Ana Duarte (Example CERT) abcdefgh-6"},
		"ana@ana.example, @Anabel":                       nil,
		"(@Ana)@Ana @ @@Ana_ @Ana1":                      {"@Ana 1 /ana", "@Ana 1 /ana"},
		"":                                               nil,
	} {
		var got []string
		for _, r := range discuss.Mentions(people)(words) {
			got = append(got, strings.TrimSpace(words[r.From:r.To]+" "+r.User+" "+r.Href))
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
