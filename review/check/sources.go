package check

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
)

// Codes of the rules about references, stable for programs.
const (
	CodeUnnamed  = "unnamed_reference"
	CodeRepeated = "repeated_reference"
	CodeUncited  = "uncited_reference"
	CodeURL      = "invalid_url"
	CodeAddress  = "reference_address"
	CodeForm     = "reference_form"
	CodeTidy     = "untidy_address"
	CodeSame     = "same_address"
)

func sourceRules() []Rule {
	return []Rule{
		{ID: CodeUnnamed, Level: Error, Group: groupReferences, Title: "A reference without a name", Fixed: true, Link: linkModel, find: (*run).unnamed,
			Why: "Citations name the reference that they mean.", How: "Give it a short name, such as “Publisher Subject Month Year”."},
		{ID: CodeRepeated, Level: Error, Group: groupReferences, Title: "Two references of one name", Link: linkModel, find: (*run).repeated,
			Why: "A citation cannot say which of the two it means.", How: "Remove one, or give it another name."},
		{ID: CodeSame, Level: Warning, Group: groupReferences, Title: "One source under two names", Link: linkContribute, Craft: true, find: (*run).same,
			Why: "Readers take two names for two sources, which say the same, and the list of references has it twice.", How: "Keep one of the two, and cite that everywhere."},
		{ID: CodeUncited, Level: Warning, Group: groupReferences, Title: "A reference that is not cited", Link: linkContribute, find: (*run).uncited,
			Why: "Readers want to know what the source is for.", How: "Cite it behind what it says, or remove it."},
		{ID: CodeURL, Level: Error, Group: groupReferences, Title: "An address that is none", Fixed: true, Link: linkModel, find: (*run).addresses,
			Why: "Readers follow it.", How: "Write the whole address, with https:// in front."},
		{ID: CodeAddress, Level: Warning, Group: groupReferences, Title: "A reference without an address", Link: linkContribute, Craft: true, find: (*run).noAddress,
			Why: "ATT&CK rests on public sources, and says where they are.", How: "Add the address at which the source is read."},
		{ID: CodeForm, Level: Warning, Group: groupReferences, Title: "A reference not in ATT&CK's form", Link: linkContribute, Craft: true, find: (*run).referenceForm,
			Why: "ATT&CK's references read “Author. (date). Title. Retrieved date.”, so that a source is found again when its address is gone.",
			How: "Write who, when, what, and when you read it; (n.d.) where it has no date."},
		{ID: CodeTidy, Level: Hint, Group: groupReferences, Title: "An address with more than it needs", Link: linkContribute, Craft: true, find: (*run).untidy,
			Why: "Marks of campaigns, and full stops at the end, are not part of the address.", How: "Take them off."},
	}
}

func (r *run) references() []attack.Reference {
	if _, ok := r.Form.Field(attack.FieldReferences); !ok {
		return nil
	}
	return r.Content[attack.FieldReferences].References
}

// sources lists the references that are sources: others say where an alias
// comes from, and have its name.
func (r *run) sources() []attack.Reference {
	names := append([]string{r.text(attack.FieldName)}, r.Content[attack.FieldAliases].List...)
	_, aliased := r.Form.Field(attack.FieldAliases)
	return slices.DeleteFunc(slices.Clone(r.references()), func(ref attack.Reference) bool {
		return aliased && (slices.Contains(names, ref.SourceName) || strings.HasPrefix(ref.Description, "(Citation: "))
	})
}

func (r *run) unnamed() {
	for _, ref := range r.references() {
		if ref.SourceName == "" {
			r.found(attack.FieldReferences, "A reference has no name to cite it by.")
		}
	}
}

func (r *run) repeated() {
	refs := r.references()
	for i, ref := range refs {
		at := slices.IndexFunc(refs[:i], func(one attack.Reference) bool { return one.SourceName == ref.SourceName })
		if ref.SourceName == "" || at < 0 {
			continue
		}
		var fix *Fix
		if refs[at] == ref {
			fix = put("Remove the second", attack.FieldReferences, attack.Value{References: slices.Delete(slices.Clone(refs), i, i+1)})
		}
		r.fixable(attack.FieldReferences, fix, "Two references are called %q.", cut(ref.SourceName))
	}
}

// same looks for sources of one address. Which of them ATT&CK has under its
// name stays, else the first.
func (r *run) same() {
	sources := r.sources()
	kept := map[string]attack.Reference{}
	for _, ref := range sources {
		if ref.SourceName == "" || !webAddress(ref.URL) {
			continue
		}
		address := attack.SameAddress(ref.URL)
		one, again := kept[address]
		if !again || !r.listed(one) && r.listed(ref) {
			kept[address] = ref
		}
	}
	for _, ref := range sources {
		one, ok := kept[attack.SameAddress(ref.URL)]
		if ok && webAddress(ref.URL) && ref.SourceName != "" && one.SourceName != ref.SourceName {
			r.fixable(attack.FieldReferences, r.merged(ref, one), "%q and %q are one address.", cut(ref.SourceName), cut(one.SourceName))
		}
	}
}

// listed says whether ATT&CK has a reference under its name.
func (r *run) listed(ref attack.Reference) bool {
	if r.known.Source == nil {
		return false
	}
	known, ok := r.known.Source(ref.SourceName)
	return ok && attack.SameAddress(known.URL) == attack.SameAddress(ref.URL)
}

// merged leaves out a reference, and cites another one where it was cited.
func (r *run) merged(gone, stays attack.Reference) *Fix {
	recite := func(text string) string { return markdown.Recite(text, gone.SourceName, stays.SourceName) }
	var refs []attack.Reference
	for _, ref := range r.references() {
		if ref != gone {
			ref.Description = recite(ref.Description)
			refs = append(refs, ref)
		}
	}
	fix := put("Use one name", attack.FieldReferences, attack.Value{References: refs})
	fix.Also = attack.Content{}
	for _, f := range r.fields(attack.Markdown, attack.Line, attack.Rows) {
		v := r.Content[f.Name]
		v.Text = recite(v.Text)
		v.Rows = slices.Clone(v.Rows)
		for i, row := range v.Rows {
			v.Rows[i] = maps.Clone(row)
			for column, text := range row {
				v.Rows[i][column] = recite(text)
			}
		}
		if !v.Equal(r.Content[f.Name]) {
			fix.Also[f.Name] = v
		}
	}
	return fix
}

func (r *run) uncited() {
	cited := r.cited()
	for _, ref := range r.sources() {
		if ref.SourceName == "" || cited[ref.SourceName] {
			continue
		}
		rest := slices.DeleteFunc(slices.Clone(r.references()), func(one attack.Reference) bool { return one == ref })
		r.fixable(attack.FieldReferences, put("Remove it", attack.FieldReferences, attack.Value{References: rest}), "The text does not cite %q.", cut(ref.SourceName))
	}
}

func (r *run) addresses() {
	for _, ref := range r.references() {
		if ref.URL != "" && !webAddress(ref.URL) {
			r.fixable(attack.FieldReferences, r.readdressed(ref, "https://"+ref.URL, "Put https:// in front"),
				"The address of %q must begin with https:// or http://.", cut(ref.SourceName))
		}
	}
}

func webAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// bareAddress is an address that lacks only its beginning.
var bareAddress = regexp.MustCompile(`^(?:https?://)?(?:[a-zA-Z0-9-]+\.)+[a-zA-Z]{2,}(?:[/?#].*)?$`)

// readdressed gives a reference another address, where that is one.
func (r *run) readdressed(ref attack.Reference, address, label string) *Fix {
	if !webAddress(address) || !bareAddress.MatchString(ref.URL) && !webAddress(ref.URL) {
		return nil
	}
	refs := slices.Clone(r.references())
	refs[slices.Index(refs, ref)].URL = address
	return put(label, attack.FieldReferences, attack.Value{References: refs})
}

func (r *run) noAddress() {
	for _, ref := range r.sources() {
		if ref.SourceName != "" && ref.URL == "" {
			r.found(attack.FieldReferences, "%q has no address.", cut(ref.SourceName))
		}
	}
}

var (
	yearOrNone = regexp.MustCompile(`\((?:n\.d\.?|no date|[^()]*\b(?:19|20)\d\d\b[^()]*)\)`)
	retrieved  = regexp.MustCompile(`(?i)\bRetrieved:? .*\b(?:19|20)\d\d\b`)
)

func (r *run) referenceForm() {
	for _, ref := range r.sources() {
		if missing := missingIn(ref.Description); ref.SourceName != "" && len(missing) > 0 {
			r.found(attack.FieldReferences, "%q lacks %s: “Author. (date). Title. Retrieved date.”", cut(ref.SourceName), strings.Join(missing, ", "))
		}
	}
}

// missingIn lists what the description of a reference lacks.
func missingIn(description string) []string {
	if strings.TrimSpace(description) == "" {
		return []string{"its description"}
	}
	var missing []string
	at := yearOrNone.FindStringIndex(description)
	end := len(description)
	if read := retrieved.FindStringIndex(description); read == nil {
		missing = append(missing, "when it was retrieved")
	} else {
		end = read[0]
	}
	if at == nil {
		return append(missing, "its date in brackets")
	}
	if blank(description[:at[0]]) {
		missing = append(missing, "its author")
	}
	if at[1] >= end || blank(description[at[1]:end]) {
		missing = append(missing, "its title")
	}
	return missing
}

func blank(text string) bool { return strings.Trim(text, " .,;:\n") == "" }

func (r *run) untidy() {
	for _, ref := range r.references() {
		if !webAddress(ref.URL) {
			continue
		}
		if tidy := attack.TidyAddress(ref.URL); tidy != ref.URL {
			r.fixable(attack.FieldReferences, r.readdressed(ref, tidy, "Shorten the address"), "The address of %q has more than it needs.", cut(ref.SourceName))
		}
	}
}
