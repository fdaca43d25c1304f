package review

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/letter"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// StartLetter makes a draft of an e-mail in the form that MITRE asks for. What
// has no field of its own stands in the rationale.
func (p *Proposals) StartLetter(ctx context.Context, actor Actor, domain, text string) (Draft, error) {
	if err := typed.Text("text", text, check.MaxText); err != nil {
		return Draft{}, err
	}
	in, err := proposalOf(p.taxonomy.Snapshot(), domain, letter.Read(text))
	if err != nil {
		return Draft{}, err
	}
	return p.Start(ctx, actor, domain, in)
}

func proposalOf(now *taxonomy.Snapshot, domain string, l letter.Letter) (in NewProposal, err error) {
	notes := []string{l.Note}
	note := func(label string, values []string) {
		if len(values) > 0 {
			notes = append(notes, label+": "+strings.Join(values, ", "))
		}
	}
	in.Content = attack.Content{attack.FieldName: {Text: l.Name}, attack.FieldDescription: {Text: l.Description}, attack.FieldReferences: {References: referencesOf(l.Sources)}}
	switch l.Kind {
	case letter.Nothing:
		return in, fault.InField("text", "No heading says what it is about. Begin with a line such as “Technique Name: …”, “Group Name: …” or “Software Name: …”.")
	case letter.Technique:
		in.Kind = attack.NewTechnique
		if parent, ok := now.ObjectFor(domain, l.Parent); ok && parent.Live() && parent.Type == attack.TypeTechnique && !parent.Subtechnique {
			in.Kind, in.ObjectID = attack.NewSubtechnique, parent.ID
		} else if l.Parent != "" {
			note("Sub-technique of", []string{l.Parent})
		}
	default:
		in.Kind = string(l.Kind)
	}
	form, ok := attack.FormOf(in.Kind)
	if !ok {
		return in, fmt.Errorf("a letter about %q has no form", l.Kind)
	}
	words := now.Vocabulary(domain)
	for _, one := range []struct {
		field, label string
		values       []string
		terms        []taxonomy.Term // nil: any word
	}{
		{attack.FieldTactics, "Tactic", l.Tactics, words.Tactics},
		{attack.FieldPlatforms, "Platform", l.Platforms, words.Platforms},
		{attack.FieldAliases, "Also known as", l.Aliases, nil},
		{attack.FieldContributors, "Contributors", l.Contributors, nil},
	} {
		if _, has := form.Field(one.field); !has {
			note(one.label, one.values)
			continue
		}
		known, unknown := one.values, []string(nil)
		if one.terms != nil {
			known, unknown = termsOf(one.values, one.terms)
		}
		note(one.label, unknown)
		if len(known) > 0 {
			in.Content[one.field] = attack.Value{List: known}
		}
	}
	in.Rationale = strings.TrimSpace(strings.Join(notes, "\n\n"))
	return in, nil
}

// termsOf finds words of a vocabulary, by their values or as people call them.
func termsOf(words []string, terms []taxonomy.Term) (known, unknown []string) {
	for _, word := range words {
		i := slices.IndexFunc(terms, func(t taxonomy.Term) bool {
			return strings.EqualFold(t.Value, word) || strings.EqualFold(t.Label, word)
		})
		if i < 0 {
			unknown = append(unknown, word)
		} else if !slices.Contains(known, terms[i].Value) {
			known = append(known, terms[i].Value)
		}
	}
	return known, unknown
}

// referencesOf makes references of a letter's sources, each with a name of its own to
// cite it by.
func referencesOf(sources []letter.Source) []attack.Reference {
	var list []attack.Reference
	for _, s := range sources {
		name := strings.TrimPrefix(hostOf(s.URL), "www.")
		taken := func(name string) bool {
			return slices.ContainsFunc(list, func(r attack.Reference) bool { return r.SourceName == name })
		}
		for n := 2; taken(name); n++ {
			name = fmt.Sprintf("%s %d", strings.TrimPrefix(hostOf(s.URL), "www."), n)
		}
		list = append(list, attack.Reference{SourceName: name, Description: s.Text, URL: s.URL})
	}
	return list
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Hostname()
}
