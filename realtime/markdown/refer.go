package markdown

import (
	"html"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Reference is a part of a text that stands for something.
type Reference struct {
	From, To int    // bytes
	Href     string // where it leads; empty: nowhere
	Names    bool   // somebody, and is marked as such
}

var referKey = parser.NewContextKey()

// referrer writes links where words of a text stand for something.
type referrer struct{}

// Transform implements parser.ASTTransformer.
func (referrer) Transform(doc *ast.Document, reader text.Reader, in parser.Context) {
	refer, _ := in.Get(referKey).(func(string) []Reference)
	if refer == nil {
		return
	}
	var found []*ast.Text
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the walker has no error of its own
		switch n.Kind() {
		case ast.KindLink, ast.KindAutoLink, ast.KindImage, ast.KindCodeSpan, ast.KindCodeBlock, ast.KindFencedCodeBlock:
			return ast.WalkSkipChildren, nil
		}
		if t, ok := n.(*ast.Text); ok && entering {
			found = append(found, t)
		}
		return ast.WalkContinue, nil
	})
	for _, t := range found {
		words := t.Segment.Value(reader.Source())
		if refs := refer(string(words)); len(refs) > 0 {
			replace(t, words, refs)
		}
	}
}

// replace puts links between the words of a text.
func replace(t *ast.Text, words []byte, refs []Reference) {
	parent, start, at := t.Parent(), t.Segment.Start, 0
	plain := func(to int) {
		if to > at {
			parent.InsertBefore(parent, t, ast.NewTextSegment(text.NewSegment(start+at, start+to)))
		}
	}
	for _, r := range refs {
		if r.From < at || r.To <= r.From || r.To > len(words) {
			continue
		}
		plain(r.From)
		parent.InsertBefore(parent, t, linkTo(r, string(words[r.From:r.To]), text.NewSegment(start+r.From, start+r.To)))
		at = r.To
	}
	t.Segment = t.Segment.WithStart(start + at) // what is left keeps how its line ends
}

func linkTo(r Reference, words string, where text.Segment) ast.Node {
	var said ast.Node = ast.NewTextSegment(where)
	if r.Names {
		named := ast.NewString([]byte(`<span class="mention">` + html.EscapeString(words) + `</span>`))
		named.SetCode(true) // written as it is
		said = named
	}
	if r.Href == "" {
		return said
	}
	link := ast.NewLink()
	link.Destination = []byte(r.Href)
	link.AppendChild(link, said)
	return link
}
