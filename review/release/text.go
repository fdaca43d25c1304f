package release

import (
	"fmt"
	"io"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
)

// headings are the titles of the sections in a changelog for people.
var headings = map[string]string{
	Additions: "Additions", MajorChanges: "Major version changes", MinorChanges: "Minor version changes", OtherChanges: "Other version changes",
	Patches: "Patches", Revocations: "Revocations", Deprecations: "Deprecations", Deletions: "Deletions",
}

// WriteMarkdown writes the changelog of a release for people.
func (c Changelog) WriteMarkdown(w io.Writer, r Release) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", escape(r.Name))
	fmt.Fprintf(&b, "Release %d of %s, version %s", r.Number, r.Domain, r.Version)
	if r.PublishedAt != nil {
		fmt.Fprintf(&b, ", %s", r.PublishedAt.UTC().Format("2 January 2006, 15:04 UTC"))
	}
	b.WriteString(".\n")
	if notes := strings.TrimSpace(r.Notes); notes != "" {
		fmt.Fprintf(&b, "\n%s\n", notes)
	}
	for _, s := range c.Sections {
		fmt.Fprintf(&b, "\n## %s\n\n", headings[s.Key])
		for _, o := range s.Objects {
			fmt.Fprintf(&b, "- %s (%s)\n", o.title(), o.versions())
		}
	}
	c.relationships(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (c Changelog) relationships(b *strings.Builder) {
	for _, kind := range []struct {
		added bool
		title string
	}{{true, "New relationships"}, {false, "Changed relationships"}} {
		title := "\n## " + kind.title + "\n\n"
		for _, r := range c.Relationships {
			if r.Added == kind.added {
				fmt.Fprintf(b, "%s- %s %s %s\n", title, escape(r.SourceName), r.Kind, escape(r.TargetName))
				title = ""
			}
		}
	}
}

func (c ChangelogObject) title() string {
	name := escape(c.Name)
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

// escape keeps a name from being read as Markdown.
func escape(text string) string {
	return markdownMarks.Replace(text)
}

var markdownMarks = strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "&lt;", ">", "&gt;", "&", "&amp;", "#", "\\#")
