package taxonomy

import (
	"bufio"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Picture is a matrix as it is drawn.
type Picture struct {
	Matrix Matrix
	About  string          // a line below the title, such as what it is filtered by
	Fits   map[string]bool // the techniques that fit a filter themselves; nil: all
	Heat   map[string]int  // a number for each technique that has one
	Unfold bool            // sub-techniques are drawn, too
}

// Measures of the drawing, in pixels of 96 to the inch.
const (
	drawnMargin = 16
	drawnColumn = 150
	drawnGap    = 6
	drawnIndent = 12
	drawnLine   = 13 // height of a line of text
	drawnEm     = 11 // size of its letters
	drawnPad    = 5
	drawnLines  = 6 // of a cell at most; the whole name is its title
	drawnTitle  = 300
)

// box is a cell that has its place.
type box struct {
	x, y, width, height int
	lines               []string
	title, fill, ink    string
	bold                bool
	heat                int
}

// WriteSVG draws the picture as an SVG of its own: real text, no script, no
// style sheet and no font of its own, so that any viewer shows it.
func (p Picture) WriteSVG(w io.Writer) error {
	title := strings.TrimSpace(p.Matrix.Name + " " + p.Matrix.Version)
	about := wrapped(p.About, max(len(p.Matrix.Tactics), 3)*(drawnColumn+drawnGap))
	top := drawnMargin + 30 + len(about)*drawnLine
	boxes, bottom := p.place(top)
	out := bufio.NewWriter(w)
	width := 2*drawnMargin + max(len(p.Matrix.Tactics), 3)*(drawnColumn+drawnGap) - drawnGap
	fmt.Fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "+
		"font-family=\"Inter, 'Segoe UI', 'Liberation Sans', Arial, sans-serif\" font-size=\"%d\">\n", width, bottom, width, bottom, drawnEm)
	fmt.Fprintf(out, "<title>%s</title>\n<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n", text(title), width, bottom)
	fmt.Fprintf(out, "<text x=\"%d\" y=\"%d\" font-size=\"20\" font-weight=\"bold\" fill=\"#1c2429\">%s</text>\n", drawnMargin, drawnMargin+18, text(clipped(title)))
	for i, line := range about {
		fmt.Fprintf(out, "<text x=\"%d\" y=\"%d\" fill=\"#4d585e\">%s</text>\n", drawnMargin, drawnMargin+34+i*drawnLine, text(line))
	}
	for _, b := range boxes {
		b.draw(out)
	}
	fmt.Fprint(out, "</svg>\n")
	return out.Flush() // tells the first error of all writes
}

// place gives every cell its place, column by column, and the bottom of all.
func (p Picture) place(top int) (boxes []box, bottom int) {
	heads, high := make([]box, len(p.Matrix.Tactics)), 0
	for i, t := range p.Matrix.Tactics {
		words := append(wrapped(t.Name, drawnColumn-2*drawnPad), fmt.Sprintf("%d techniques", len(t.Techniques)))
		if len(t.Techniques) == 1 {
			words[len(words)-1] = "1 technique"
		}
		heads[i] = box{x: drawnMargin + i*(drawnColumn+drawnGap), y: top, width: drawnColumn, lines: words, title: t.Name, fill: "#14566b", ink: "#ffffff", bold: true}
		high = max(high, len(words)*drawnLine+2*drawnPad)
	}
	bottom = top
	for i, head := range heads {
		head.height = high
		boxes = append(boxes, head)
		y := top + high + drawnGap
		for _, cell := range p.Matrix.Tactics[i].Techniques {
			b := p.cell(cell, head.x, y, 0)
			boxes = append(boxes, b)
			y += b.height + 3
			for _, sub := range cell.Subtechniques {
				if p.Unfold {
					b := p.cell(sub, head.x, y, drawnIndent)
					boxes = append(boxes, b)
					y += b.height + 3
				}
			}
		}
		bottom = max(bottom, y)
	}
	return boxes, bottom + drawnMargin
}

func (p Picture) cell(t MatrixTechnique, x, y, indent int) box {
	b := box{x: x + indent, y: y, width: drawnColumn - indent, title: strings.TrimSpace(t.AttackID + " " + t.Name), fill: "#fffefa", ink: "#1c2429", heat: p.Heat[t.STIXID]}
	b.lines = wrapped(cmp.Or(b.title, t.STIXID), b.width-2*drawnPad)
	if p.Fits != nil && !p.Fits[t.STIXID] {
		b.fill, b.ink = "#edeae0", "#4d585e" // it is there for its sub-techniques
	}
	if heats := []string{"", "#fdf0d5", "#f9d89c", "#f0b45c", "#e08e2b"}; b.heat > 0 {
		b.fill = heats[min(b.heat, len(heats)-1)]
		b.lines = append(b.lines, fmt.Sprintf("proposals: %d", b.heat))
	}
	b.height = len(b.lines)*drawnLine + 2*drawnPad
	return b
}

func (b box) draw(out io.Writer) {
	weight := ""
	if b.bold {
		weight = ` font-weight="bold"`
	}
	fmt.Fprintf(out, "<g><title>%s</title><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\" fill=\"%s\" stroke=\"#d6d1c2\"/><text fill=\"%s\"%s>",
		text(clipped(b.title)), b.x, b.y, b.width, b.height, b.fill, b.ink, weight)
	for i, line := range b.lines {
		fmt.Fprintf(out, "<tspan x=\"%d\" y=\"%d\">%s</tspan>", b.x+drawnPad, b.y+drawnPad+10+i*drawnLine, text(line))
	}
	fmt.Fprint(out, "</text></g>\n")
}

// text escapes text for XML; what XML cannot hold becomes U+FFFD.
func text(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder never fails
	return b.String()
}

// clipped cuts what is too long for a title.
func clipped(s string) string {
	if runes := []rune(s); len(runes) > drawnTitle {
		return string(runes[:drawnTitle]) + "…"
	}
	return s
}

// wrapped breaks text into lines of a width, between words where it can. SVG
// does not wrap, and who draws does not know the viewer's font, so letters
// count as a little wider than they are on average.
func wrapped(s string, width int) []string {
	var lines []string
	line, used := []rune{}, 0
	space := 0 // behind the last space in the line
	for _, r := range clipped(strings.Join(strings.Fields(s), " ")) {
		if used+advance(r) > width && len(line) > 0 {
			cut := space
			if cut == 0 {
				cut = len(line)
			}
			lines = append(lines, strings.TrimSpace(string(line[:cut])))
			line, used, space = append([]rune{}, line[cut:]...), 0, 0
			for _, kept := range line {
				used += advance(kept)
			}
			if len(lines) == drawnLines {
				lines[drawnLines-1] += "…"
				return lines
			}
		}
		line, used = append(line, r), used+advance(r)
		if r == ' ' {
			space = len(line)
		}
	}
	if rest := strings.TrimSpace(string(line)); rest != "" {
		lines = append(lines, rest)
	}
	return lines
}

// advance is about how wide a letter is drawn.
func advance(r rune) int {
	switch {
	case unicode.Is(unicode.Mn, r) || unicode.IsControl(r):
		return 0
	case r >= 0x1100:
		return drawnEm
	case unicode.IsUpper(r) || r == '@' || r == 'm' || r == 'w' || r == '%':
		return 8
	case strings.ContainsRune("iljtf.,;:'|! ()[]", r):
		return 4
	}
	return 6
}
