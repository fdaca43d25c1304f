// Package markdown turns text that people wrote into HTML that is safe to show.
package markdown

import (
	"bytes"
	"cmp"
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	gmhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// longest is the longest text that is parsed, in bytes; the longest of ATT&CK
// has a twentieth of it.
const longest = 100_000

// Context is what the text stands in: what its citations and links mean.
type Context struct {
	// Cite gives the number of a cited source; ok is false where the object has
	// no such reference.
	Cite func(source string) (number int, ok bool)
	// Anchor begins the names of the footnotes that citations lead to, such as
	// ref-1, so that several texts can stand on one page; empty: ref.
	Anchor string
	// Mark gives the id under which the place of a citation can be found again,
	// from its number; nil: places have none.
	Mark func(number int) (id string)
	// Link gives the title of an ATT&CK id such as T1055.001; ok is false where
	// no such object is known.
	Link func(attackID string) (title string, ok bool)
	// Refer finds what plain words of the text stand for, in order and without
	// overlaps; it is not asked of code or of links. Nil: nothing.
	Refer func(words string) []Reference
}

// Rules say what texts link to by other means than Markdown's own. A nil rule
// links nothing.
type Rules struct {
	// IsID says whether text is the id of an object, as in "(LinkById: T1055)".
	IsID func(text string) bool
	// IsLabel says whether text stands for an object that has no page of its own
	// yet, as in "(LinkById: NEW-12)".
	IsLabel func(text string) bool
	// Page gives the id of the object that a page elsewhere is about, for a page
	// that has its like here.
	Page func(address string) (id string, ok bool)
}

// Renderer renders Markdown. It is safe for concurrent use; make one and keep
// it, its tables are dear.
type Renderer struct {
	rules    Rules
	markdown goldmark.Markdown
	policy   *bluemonday.Policy
	bare     *bluemonday.Policy
}

// New makes a Renderer. Raw HTML passes goldmark, because ATT&CK's own text
// uses <code>, and then the sanitizer, which is the one gate.
func New(rules Rules) *Renderer {
	policy := bluemonday.NewPolicy()
	policy.AllowElements("p", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li",
		"h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "sup")
	policy.AllowStandardURLs()
	policy.AllowAttrs("href").OnElements("a")
	policy.AllowAttrs("class").Matching(regexp.MustCompile(`^mention$`)).OnElements("span")
	policy.AllowAttrs("class").Matching(regexp.MustCompile(`^citation( unknown)?$`)).OnElements("sup")
	policy.AllowAttrs("id").Matching(regexp.MustCompile(`^cite-[a-z0-9-]+$`)).OnElements("sup")
	policy.RequireNoFollowOnLinks(false)
	policy.RequireNoFollowOnFullyQualifiedLinks(true)
	policy.RequireNoReferrerOnFullyQualifiedLinks(true)
	return &Renderer{
		rules: rules,
		markdown: goldmark.New(
			goldmark.WithExtensions(extension.Linkify, extension.Strikethrough, extension.Table),
			goldmark.WithParserOptions(parser.WithAttribute(), parser.WithASTTransformers(util.Prioritized(referrer{}, 1000))),
			goldmark.WithRendererOptions(gmhtml.WithUnsafe()),
		),
		policy: policy,
		bare:   bluemonday.StrictPolicy(),
	}
}

// Render gives safe HTML for text outside of any object, such as a message.
func (r *Renderer) Render(text string) string { return r.RenderIn(text, Context{}) }

var (
	citation = regexp.MustCompile(`\(Citation: ([^()]*(?:\([^()]*\)[^()]*)*)\)`)
	linkByID = regexp.MustCompile(`\(LinkById: ([A-Za-z0-9][A-Za-z0-9.-]{0,39})\)`)
	address  = regexp.MustCompile(`(\]\()?(https?://[^\s()\[\]<>"'` + "`" + `]*[^\s()\[\]<>"'` + "`" + `.,;:!?])`)
)

// Citations lists the sources that a text cites, each once, in order.
func Citations(text string) []string {
	var names []string
	seen := map[string]bool{}
	for {
		m := citation.FindStringSubmatchIndex(text) // one by one: a long text can have very many
		if m == nil {
			return names
		}
		if name := strings.TrimSpace(text[m[2]:m[3]]); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
		text = text[m[1]:]
	}
}

// Recite has a text cite one source instead of another. What it cites twice in
// a row then, it cites once.
func Recite(text, from, to string) string {
	one := "(Citation: " + to + ")"
	recited := citation.ReplaceAllStringFunc(text, func(cited string) string {
		if strings.TrimSpace(citation.FindStringSubmatch(cited)[1]) == from {
			return one
		}
		return cited
	})
	if recited == text {
		return text
	}
	for strings.Contains(recited, one+one) {
		recited = strings.ReplaceAll(recited, one+one, one)
	}
	return recited
}

// RenderIn gives safe HTML for the text of an object: "(Citation: X)" becomes
// a footnote, and what the rules know becomes links to the objects' pages here.
//
// A text of more than longest bytes is shown as it was typed: the parser takes
// time that grows with the square of some texts.
func (r *Renderer) RenderIn(text string, in Context) string {
	if len(text) > longest {
		return "<pre>" + html.EscapeString(text) + "</pre>"
	}
	var made swaps
	if r.rules.Page != nil {
		text = address.ReplaceAllStringFunc(text, func(found string) string {
			m := address.FindStringSubmatch(found)
			id, ok := r.rules.Page(m[2])
			switch {
			case !ok:
				return found
			case m[1] == "":
				return made.swap(found, in.link(id))
			}
			return m[1] + "/objects/" + id
		})
	}
	if r.rules.IsID != nil {
		text = linkByID.ReplaceAllStringFunc(text, func(found string) string {
			id := linkByID.FindStringSubmatch(found)[1]
			switch {
			case r.rules.IsID(id):
				return made.swap(found, in.link(id))
			case r.rules.IsLabel != nil && r.rules.IsLabel(id):
				return made.swap(found, in.label(id))
			}
			return found
		})
	}
	text = citation.ReplaceAllStringFunc(text, func(s string) string {
		return made.swap(s, in.cite(strings.TrimSpace(citation.FindStringSubmatch(s)[1])))
	})
	var out bytes.Buffer
	about := parser.NewContext()
	about.Set(referKey, in.Refer)
	if err := r.markdown.Convert([]byte(text), &out, parser.WithContext(about)); err != nil { // only a failing writer can do this
		return "<p>" + html.EscapeString(text) + "</p>"
	}
	return r.policy.Sanitize(made.undone(out.String()))
}

// swaps are pairs of what is written instead of a part of a text, as it reads
// where the parser takes it for no more than text, and of the part.
type swaps []string

func (s *swaps) swap(part, by string) string {
	*s = append(*s, string(util.EscapeHTML([]byte(by))), html.EscapeString(part))
	return by
}

// undone takes swaps back in code, which reads as it was typed.
func (s swaps) undone(rendered string) string {
	if len(s) == 0 || !strings.Contains(rendered, "<code") {
		return rendered
	}
	return strings.NewReplacer(s...).Replace(rendered)
}

// Plain gives the words of a text, on one line, without its citations.
func (r *Renderer) Plain(text string, in Context) string {
	text = r.bare.Sanitize(r.RenderIn(citation.ReplaceAllString(text, ""), in))
	return strings.Join(strings.Fields(html.UnescapeString(text)), " ")
}

func (in Context) link(id string) string {
	title := id
	if in.Link != nil {
		if t, ok := in.Link(id); ok {
			title = t
		}
	}
	return fmt.Sprintf(`<a href="/objects/%s">%s</a>`, id, html.EscapeString(title))
}

// label writes what stands for an object that has no page.
func (in Context) label(text string) string {
	if in.Link != nil {
		if title, ok := in.Link(text); ok {
			text = title
		}
	}
	return "<strong>" + html.EscapeString(text) + "</strong>"
}

func (in Context) cite(source string) string {
	if in.Cite == nil {
		return "(Citation: " + source + ")"
	}
	if n, ok := in.Cite(source); ok {
		id := ""
		if in.Mark != nil {
			id = fmt.Sprintf(` id="%s"`, html.EscapeString(in.Mark(n)))
		}
		return fmt.Sprintf(`<sup class="citation"%s><a href="#%s-%d">[%d]</a></sup>`, id, cmp.Or(in.Anchor, "ref"), n, n)
	}
	return `<sup class="citation unknown">[` + html.EscapeString(source) + `?]</sup>`
}
