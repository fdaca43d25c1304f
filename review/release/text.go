package release

import (
	"fmt"
	"io"
	"strings"

	"github.com/atelier-attack/atelier/review/changes"
)

// WriteMarkdown writes the changelog of a release for people.
func (c Changelog) WriteMarkdown(w io.Writer, r Release) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", changes.Escape(r.Name))
	fmt.Fprintf(&b, "Release %d of %s, version %s", r.Number, r.Domain, r.Version)
	if r.PublishedAt != nil {
		fmt.Fprintf(&b, ", %s", r.PublishedAt.UTC().Format("2 January 2006, 15:04 UTC"))
	}
	b.WriteString(".\n")
	if notes := strings.TrimSpace(r.Notes); notes != "" {
		fmt.Fprintf(&b, "\n%s\n", notes)
	}
	changes.WriteSections(&b, c.Sections, nil)
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
				fmt.Fprintf(b, "%s- %s %s %s\n", title, changes.Escape(r.SourceName), r.Kind, changes.Escape(r.TargetName))
				title = ""
			}
		}
	}
}
