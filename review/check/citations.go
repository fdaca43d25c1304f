package check

import (
	"regexp"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
)

// Codes of the rules about citations, stable for programs.
const (
	CodeCitation   = "citation_form"
	CodeUnresolved = "unresolved_citation"
	CodeUnlisted   = "unlisted_citation"
	CodeOnly       = "citation_only"
	CodeUncitedAll = "uncited_text"
	CodeParagraph  = "uncited_paragraph"
)

func citationRules() []Rule {
	return []Rule{
		{ID: CodeCitation, Level: Warning, Group: groupReferences, Title: "A citation that is not read as one", Link: linkContribute, Craft: true, find: (*run).citationForm,
			Why: "A citation is written “(Citation: Source Name)”, to the letter; anything else stays text.", How: "Write it so."},
		{ID: CodeUnresolved, Level: Warning, Group: groupReferences, Title: "A citation without its source", Link: linkModel, find: (*run).unresolved,
			Why: "Readers want to see the source.",
			How: "Add the reference under that name, or cite one that is there."},
		{ID: CodeUnlisted, Level: Error, Group: groupReferences, Title: "A campaign's citation without its source", Fixed: true, Link: linkModel, find: (*run).unlisted,
			Why: "MITRE's data model refuses a campaign that cites what it does not list.", How: "Add the reference under that name, or cite one that is there."},
		{ID: CodeOnly, Level: Error, Group: groupReferences, Title: "More than citations", Fixed: true, Link: linkModel, find: (*run).citationOnly,
			Why: "The field holds citations and nothing else, one behind the other.", How: "Write (Citation: Source Name)."},
		{ID: CodeUncitedAll, Level: Warning, Group: groupReferences, Title: "No source", Link: linkContribute, Craft: true, find: (*run).uncitedText,
			Why: "ATT&CK rests on what was seen and published.", How: "Add a public source, and cite it behind what it says."},
		{ID: CodeParagraph, Level: Hint, Group: groupReferences, Title: "A paragraph without a source", Link: linkContribute, Craft: true, find: (*run).uncitedParagraph,
			Why: "Readers want to know which source says what.", How: "Cite a source in each paragraph, where there is one."},
	}
}

// cited lists what the fields cite, with the descriptions of references, which
// say where other names come from.
func (r *run) cited() map[string]bool {
	cited := map[string]bool{}
	add := func(text string) {
		for _, source := range markdown.Citations(text) {
			cited[source] = true
		}
	}
	for _, f := range r.fields(attack.Markdown, attack.Line) {
		add(r.Content[f.Name].Text)
	}
	for _, ref := range r.Content[attack.FieldReferences].References {
		add(ref.Description)
	}
	return cited
}

// almostCitation is what people write who mean a citation.
var almostCitation = regexp.MustCompile(`(?i)[(\[] ?(?:citations?|cite|source|ref) ?: ?([^()\[\]\n]{1,200}?) ?[)\]]`)

// openCitation is a citation whose bracket is not closed in its line.
var openCitation = regexp.MustCompile(`\(Citation: [^()\n]{1,200}(?:\n|$)`)

func (r *run) citationForm() {
	for _, f := range r.fields(attack.Markdown) {
		text := r.Content[f.Name].Text
		if open := strings.TrimSpace(openCitation.FindString(text)); open != "" {
			r.found(f.Name, "%q is not read as a citation: its bracket is not closed.", cut(open))
		}
		wrong := ""
		right := almostCitation.ReplaceAllStringFunc(text, func(s string) string {
			if strings.HasPrefix(s, "(Citation: ") && strings.HasSuffix(s, ")") {
				return s
			}
			wrong = s
			return "(Citation: " + almostCitation.FindStringSubmatch(s)[1] + ")"
		})
		if wrong != "" {
			r.fixable(f.Name, put("Write it as a citation", f.Name, attack.Value{Text: right}), "%q is not read as a citation.", cut(wrong))
		}
	}
}

func (r *run) unresolved() {
	if r.Form.Type != attack.TypeCampaign {
		r.lost()
	}
}

func (r *run) unlisted() {
	if r.Form.Type == attack.TypeCampaign {
		r.lost()
	}
}

// lost looks whether what a text cites is among the references.
func (r *run) lost() {
	references := r.Content[attack.FieldReferences].References
	for _, f := range r.fields(attack.Line, attack.Markdown) {
		if !written(f) {
			continue
		}
		for _, source := range markdown.Citations(r.Content[f.Name].Text) {
			if slices.ContainsFunc(references, func(ref attack.Reference) bool { return ref.SourceName == source }) {
				continue
			}
			r.fixable(f.Name, r.addSource(source), "The text cites %q, which is not among the references.", cut(source))
		}
	}
}

// addSource adds a reference that ATT&CK has under the name that is cited.
func (r *run) addSource(name string) *Fix {
	if _, ok := r.Form.Field(attack.FieldReferences); !ok || r.known.Source == nil {
		return nil
	}
	ref, ok := r.known.Source(name)
	if !ok {
		return nil
	}
	all := append(slices.Clone(r.Content[attack.FieldReferences].References), ref)
	return put("Add the reference", attack.FieldReferences, attack.Value{References: all})
}

// citationOnly looks at the lines that say where a day comes from.
func (r *run) citationOnly() {
	for _, f := range r.fields(attack.Line) {
		if !strings.HasSuffix(f.Name, "_citation") {
			continue
		}
		text := r.text(f.Name)
		var only strings.Builder
		for _, source := range markdown.Citations(text) {
			only.WriteString("(Citation: " + source + ")")
		}
		if only.String() == text {
			continue
		}
		var fix *Fix
		if only.Len() > 0 {
			fix = put("Keep only the citations", f.Name, attack.Value{Text: only.String()})
		}
		r.fixable(f.Name, fix, "%s holds citations only: (Citation: Source Name).", f.Label)
	}
}

// cites says whether objects of the form rest on sources.
func (r *run) cites() bool {
	_, ok := r.Form.Field(attack.FieldReferences)
	switch r.Form.Type {
	case attack.TypeTactic, attack.TypeMitigation, attack.TypeAsset, attack.TypeComponent, attack.TypeMatrix:
		return false // they are MITRE's own words
	case attack.TypeRelationship:
		return ok && r.isExample()
	}
	return ok
}

func (r *run) uncitedText() {
	text := r.Content[attack.FieldDescription].Text
	if r.cites() && strings.TrimSpace(text) != "" && len(markdown.Citations(text)) == 0 {
		r.found(attack.FieldDescription, "The description cites no source.")
	}
}

var paragraphEnd = regexp.MustCompile(`\n\s*\n|<br> ?<br>`)

func (r *run) uncitedParagraph() {
	text := r.Content[attack.FieldDescription].Text
	if !r.cites() || len(markdown.Citations(text)) == 0 {
		return
	}
	without := 0
	for _, p := range paragraphEnd.Split(text, -1) {
		if strings.TrimSpace(p) != "" && !strings.Contains(p, "(Citation: ") {
			without++
		}
	}
	switch {
	case without == 1:
		r.found(attack.FieldDescription, "One paragraph cites no source.")
	case without > 1:
		r.found(attack.FieldDescription, "%d paragraphs cite no source.", without)
	}
}
