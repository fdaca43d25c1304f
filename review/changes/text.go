package changes

import (
	"fmt"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
)

// headings are the titles of the sections in a changelog for people.
var headings = map[string]string{
	Additions: "Additions", MajorChanges: "Major version changes", MinorChanges: "Minor version changes", OtherChanges: "Other version changes",
	Patches: "Patches", Revocations: "Revocations", Deprecations: "Deprecations", Deletions: "Deletions",
}

// Heading is the title of a section.
func Heading(key string) string { return headings[key] }

// WriteSections writes sections as Markdown. name gives the name of what
// replaces a revoked object; nil: it is not told.
func WriteSections(b *strings.Builder, sections []ChangelogSection, name func(stixID string) string) {
	for _, s := range sections {
		fmt.Fprintf(b, "\n## %s\n\n", headings[s.Key])
		for _, o := range s.Objects {
			fmt.Fprintf(b, "- %s (%s)", o.title(), o.versions())
			if o.ReplacedBy != "" && name != nil {
				fmt.Fprintf(b, ", revoked by %s", Escape(name(o.ReplacedBy)))
			}
			b.WriteString("\n")
		}
	}
}

func (c ChangelogObject) title() string {
	name := Escape(c.Name)
	if page := attack.PageOf(c.AttackID); page != "" {
		return fmt.Sprintf("[%s](%s) %s", c.AttackID, page, name)
	}
	return name
}

func (c ChangelogObject) versions() string {
	switch {
	case c.From == "" || c.From == c.To:
		return c.To
	case c.To == "":
		return c.From
	}
	return c.From + " → " + c.To
}

// Escape keeps a name from being read as Markdown.
func Escape(text string) string { return markdownMarks.Replace(text) }

var markdownMarks = strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "&lt;", ">", "&gt;", "&", "&amp;", "#", "\\#", "\n", " ")
