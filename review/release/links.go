package release

import (
	"cmp"
	"fmt"
	"maps"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
)

// linked gives content whose Markdown has links to MITRE's pages for those
// that were typed by id. A text that did not change is left as it was.
func (p *planner) linked(i int, form attack.Form, content, was attack.Content) attack.Content {
	content = maps.Clone(content)
	for _, f := range form.Fields {
		v := content[f.Name]
		if f.Kind != attack.Markdown || was != nil && v.Text == was[f.Name].Text {
			continue
		}
		v.Text = attack.ReplaceTypedLinks(v.Text, func(typed, id string) string {
			link, ok := p.link(id)
			if !ok && was != nil && strings.Contains(was[f.Name].Text, typed) {
				return typed // as it was
			}
			if !ok && p.needs(p.works[i].item, id) {
				return typed
			}
			if !ok {
				p.problem(i, "%s: nothing is known by the id %s that it links to.", f.Label, id)
				return typed
			}
			return link
		})
		content[f.Name] = v
	}
	return content
}

// link writes a Markdown link to an object's page at MITRE.
func (p *planner) link(id string) (string, bool) {
	for stixID, i := range p.made {
		w := p.works[i]
		if given := p.ids[stixID]; given != "" && (id == given || id == w.label || p.labels[id] == stixID) {
			return markdownLink(w.Content[attack.FieldName].Text, attack.PageOf(given)), true
		}
	}
	o, ok := p.find(cmp.Or(p.labels[id], id)) // an earlier release may have made it
	if !ok || o.ATTACK == "" || p.labels[id] == "" && o.ATTACK != id {
		return "", false
	}
	return markdownLink(o.Name, cmp.Or(o.References[0].URL, attack.PageOf(o.ATTACK))), true
}

func markdownLink(text, url string) string {
	return fmt.Sprintf("[%s](%s)", strings.NewReplacer(`[`, `\[`, `]`, `\]`).Replace(text), url)
}
