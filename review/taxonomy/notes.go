package taxonomy

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/atelier-attack/atelier/review/changes"
)

// WriteMarkdown writes a comparison for people.
func (c *Comparison) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s %s → %s\n\n", domainName(c.To.Domain), changes.Escape(c.From.label()), changes.Escape(c.To.label()))
	fmt.Fprintf(&b, "What changed from %s to %s.\n", changes.Escape(c.From.Title+" "+c.From.Version), changes.Escape(c.To.Title+" "+c.To.Version))
	changes.WriteSections(&b, c.Sections, c.name)
	if len(c.Others) > 0 {
		b.WriteString("\n# Objects that ATT&CK's changelogs leave out\n")
		changes.WriteSections(&b, c.Others, c.name)
	}
	if len(c.Relationships) > 0 {
		b.WriteString("\n# Relationships\n")
	}
	for _, group := range c.Relationships {
		fmt.Fprintf(&b, "\n## %s: %s\n\n", cmp.Or(changes.Heading(group.Key), "Changes"), changes.Escape(group.Kind))
		for _, r := range group.Items {
			fmt.Fprintf(&b, "- %s %s %s\n", changes.Escape(c.name(r.Source)), changes.Escape(group.Kind), changes.Escape(c.name(r.Target)))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// name names an object: by its ATT&CK id and name, or by its STIX id where it
// has neither.
func (c *Comparison) name(id string) string {
	link := c.Names[id]
	return cmp.Or(strings.TrimSpace(link.AttackID+" "+link.Name), id)
}

// label is the version of a collection, or what it is from where it has none.
func (c Collection) label() string { return cmp.Or(c.Version, c.Source) }
