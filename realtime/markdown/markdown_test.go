package markdown_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/realtime/markdown"
)

func TestRenderIn(t *testing.T) {
	in := markdown.Context{
		Cite: func(s string) (int, bool) { return 2, s == "Report (2020)" },
		Link: func(id string) (string, bool) { return "Process <Injection>", id == "T1055" },
	}
	rules := markdown.Rules{
		IsID:    func(text string) bool { return text == "T1055" || text == "ZZ0001" },
		IsLabel: func(text string) bool { return text == "NEW-12" },
		Page: func(address string) (string, bool) {
			id, ok := strings.CutPrefix(address, "https://elsewhere.example/")
			return strings.ReplaceAll(id, "/", "."), ok
		},
	}
	for _, c := range []struct{ name, text, want string }{
		{"paragraph", "One *two*.", "<p>One <em>two</em>.</p>\n"},
		{"citation", "Seen.(Citation: Report (2020))", `<p>Seen.<sup class="citation"><a href="#ref-2">[2]</a></sup></p>` + "\n"},
		{"unknown citation", "Seen.(Citation: Other)", `<p>Seen.<sup class="citation unknown">[Other?]</sup></p>` + "\n"},
		{"link by id", "Like (LinkById: T1055).", `<p>Like <a href="/objects/T1055">Process &lt;Injection&gt;</a>.</p>` + "\n"},
		{"link to what is not known", "(LinkById: ZZ0001)", `<p><a href="/objects/ZZ0001">ZZ0001</a></p>` + "\n"},
		{"link to what is not released", "(LinkById: NEW-12)", "<p><strong>NEW-12</strong></p>\n"},
		{"link to what is no id", "(LinkById: NEW-1)", "<p>(LinkById: NEW-1)</p>\n"},
		{"page elsewhere", "[A](https://elsewhere.example/T1055/001)", `<p><a href="/objects/T1055.001">A</a></p>` + "\n"},
		{"address of a page elsewhere", "See https://elsewhere.example/T1055.", `<p>See <a href="/objects/T1055">Process &lt;Injection&gt;</a>.</p>` + "\n"},
		{"code of MITRE", "Run <code>cmd</code>", "<p>Run <code>cmd</code></p>\n"},
		{"code that links and cites", "`(LinkById: T1055) & (Citation: Report (2020))`\n\n    https://elsewhere.example/T1055/001 (Citation: Other)", "<p><code>(LinkById: T1055) &amp; (Citation: Report (2020))</code></p>\n" +
			"<pre><code>https://elsewhere.example/T1055/001 (Citation: Other)\n</code></pre>\n"},
		{"script", "a<script>alert(1)</script>b", "<p>ab</p>\n"},
		{"javascript link", "[x](javascript:alert(1))", "<p>x</p>\n"},
		{"handler", `<img src=x onerror=alert(1)>`, ""},
		{"outer link", "[x](https://example.org/a)", `<p><a href="https://example.org/a" rel="nofollow noreferrer">x</a></p>` + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := markdown.New(rules).RenderIn(c.text, in); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestPlacesOfCitationsCanBeFoundAgain(t *testing.T) {
	seen := 0
	got := markdown.New(markdown.Rules{}).RenderIn(`a(Citation: B)<sup id="login">x</sup>`, markdown.Context{
		Cite: func(string) (int, bool) { return 7, true },
		Mark: func(number int) string { seen += number; return "cite-here-7-1" },
	})
	if want := `<p>a<sup class="citation" id="cite-here-7-1"><a href="#ref-7">[7]</a></sup><sup>x</sup></p>` + "\n"; got != want || seen != 7 {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestWordsReferToThings(t *testing.T) {
	in := markdown.Context{Refer: func(words string) []markdown.Reference {
		var refs []markdown.Reference
		for name, href := range map[string]string{"#12": "/p", "@Ana": "", "@Bo": "/people"} {
			if at := strings.Index(words, name); at >= 0 {
				refs = append(refs, markdown.Reference{From: at, To: at + len(name), Href: href, Names: name[0] == '@'})
			}
		}
		slices.SortFunc(refs, func(a, b markdown.Reference) int { return a.From - b.From })
		return refs
	}}
	for text, want := range map[string]string{
		"See #12, *and #12*\nor @Ana.":   "<p>See <a href=\"/p\">#12</a>, <em>and <a href=\"/p\">#12</a></em>\nor <span class=\"mention\">@Ana</span>.</p>\n",
		"Ask @Bo":                        "<p>Ask <a href=\"/people\"><span class=\"mention\">@Bo</span></a></p>\n",
		"`#12` [#12](https://a.example)": "<p><code>#12</code> <a href=\"https://a.example\" rel=\"nofollow noreferrer\">#12</a></p>\n",
		"```\n#12\n```":                  "<pre><code>#12\n</code></pre>\n",
	} {
		if got := markdown.New(markdown.Rules{}).RenderIn(text, in); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	got := markdown.New(markdown.Rules{}).Plain("One *two*(Citation: B), `a < b`\n\n* [x](https://example.org) &amp; y", markdown.Context{})
	if got != "One two, a < b x & y" {
		t.Errorf("%q", got)
	}
}

func TestATextWithoutEndIsShownAsTyped(t *testing.T) {
	got := markdown.New(markdown.Rules{}).Render(strings.Repeat("> <script>", 1<<20))
	if !strings.HasPrefix(got, "<pre>&gt; &lt;script&gt;") || strings.Contains(got, "<script") {
		t.Errorf("got %.100s", got)
	}
}

func TestRecite(t *testing.T) {
	for text, want := range map[string]string{
		"a (Citation: B) (Citation: B )":               "a (Citation: C (1)) (Citation: C (1))",
		"(Citation: C (1))(Citation: B)(Citation: B).": "(Citation: C (1)).",
		"(Citation: BB)(Citation: BB), B":              "(Citation: BB)(Citation: BB), B",
		"":                                             "",
	} {
		if got := markdown.Recite(text, "B", "C (1)"); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestCitations(t *testing.T) {
	got := markdown.Citations("a (Citation: B)(Citation: C (1)) and (Citation: B)")
	if want := []string{"B", "C (1)"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzRender(f *testing.F) {
	f.Add("<a href=\"java&#x73;cript:alert(1)\" onclick=x>y</a> (Citation: <script>)")
	f.Add("```html\n<script>\n```\n| a | b |\n|--|--|\n")
	r := markdown.New(markdown.Rules{})
	tag := regexp.MustCompile(`<[^>]*>`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, tag := range tag.FindAllString(strings.ToLower(r.Render(text)), -1) {
			if strings.HasPrefix(tag, "<script") || strings.Contains(tag, "href=\"javascript:") || regexp.MustCompile(`\son\w+=`).MatchString(regexp.MustCompile(`"[^"]*"`).ReplaceAllString(tag, "")) {
				t.Errorf("unsafe %q from %q", tag, text)
			}
		}
	})
}
