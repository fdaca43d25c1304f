// Package letter reads contributions that were written as an e-mail in the form
// that MITRE asks for: headings such as "Technique Name:", "Tactic:" and
// "Description:", each with text behind and below it. It knows nothing of the
// taxonomy, and loses nothing: what has no place of its own is kept as a note.
package letter

import (
	"io"
	"mime/quotedprintable"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Kind is what a letter is about.
type Kind string

// What letters are about; Nothing where no heading says so.
const (
	Nothing   Kind = ""
	Technique Kind = "technique"
	Group     Kind = "group"
	Malware   Kind = "malware"
	Tool      Kind = "tool"
)

// Letter is what an e-mail says, by its headings.
type Letter struct {
	Kind        Kind
	Name        string
	Aliases     []string
	Tactics     []string // as written: names, short names or ids
	Platforms   []string
	Parent      string // ATT&CK id of the technique that it is a sub-technique of
	Description string
	Sources     []Source
	// Contributors are those who want to be named, as written.
	Contributors []string
	Note         string // all else, with its headings
}

// Source is one reference of a letter.
type Source struct {
	Text string // what is said of it
	URL  string // with its scheme, no more defanged
}

// part is where a heading's text goes.
type part int

const (
	partNote part = iota
	partName
	partAliases
	partTactics
	partPlatforms
	partParent
	partDescription
	partSources
	partContributors
)

// heading is a way to begin a part. One that names the thing says what kind of
// letter it is.
type heading struct {
	words []string
	part  part
	kind  Kind
}

var headings = []heading{
	{[]string{"(sub-)technique name", "technique name", "sub-technique name", "subtechnique name"}, partName, Technique},
	{[]string{"group name"}, partName, Group},
	{[]string{"software name", "malware name"}, partName, Malware},
	{[]string{"tool name"}, partName, Tool},
	{[]string{"name"}, partName, Nothing},
	{[]string{"associated groups", "associated software", "associated names", "other names", "aliases", "also known as"}, partAliases, Nothing},
	{[]string{"tactic", "tactics", "tactic(s)"}, partTactics, Technique},
	{[]string{"platform", "platforms", "platform(s)"}, partPlatforms, Nothing},
	{[]string{"sub-techniques", "sub-technique", "sub-technique of", "parent technique", "parent"}, partParent, Nothing},
	{[]string{"description"}, partDescription, Nothing},
	{[]string{"additional references", "references", "reference"}, partSources, Nothing},
	{[]string{"required permissions", "permissions required", "permissions"}, partNote, Nothing},
	{[]string{"data sources", "data source"}, partNote, Nothing},
	{[]string{"detection", "detections"}, partNote, Nothing},
	{[]string{"mitigation", "mitigations"}, partNote, Nothing},
	{[]string{"adversary use", "procedure examples"}, partNote, Nothing},
	{[]string{"techniques used", "software used", "groups that use this software", "type"}, partNote, Nothing},
	{[]string{"contributor", "contributors", "contributor(s)"}, partContributors, Nothing},
	{[]string{"contact"}, partNote, Nothing},
}

var (
	headingLine = regexp.MustCompile(`^[\s>*#_•·–-]*([A-Za-z()][A-Za-z() -]{2,40}?)[\s*_]*[:：][*_]*(.*)$`)
	// A heading that nothing but a dash or the end of its line ends could be prose:
	// only words that are clearly one are taken for it.
	dashedLine = regexp.MustCompile(`^[\s>*#_•·–-]*([A-Za-z()][A-Za-z() -]{2,40}?)[\s*_]*(?:\s[-–—]\s(.*)|[*_]*)$`)
	soft       = regexp.MustCompile(`=\r?\n`)
	item       = regexp.MustCompile(`^\s*(?:[-*+•|>#]|\d+[.)]\s|    |\t)`)
	numbered   = regexp.MustCompile(`^\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\d{1,3}[.)])\s*`)
	quote      = regexp.MustCompile(`^(?:>\s?)+`)
	address    = regexp.MustCompile(`(?i)\b(?:(?:https?|hxxps?)(?:://|\[://\]|\[:\]//)|www(?:\.|\[\.\]))[^\s<>"']+`)
	below      = regexp.MustCompile(`(?i)^(?:this is a )?(?:sub-?technique of )?(T\d{4})(?:\.\d{3})?\.?$`)
	separators = regexp.MustCompile(`\s*[,;/\n]\s*|\s+and\s+`)
)

// ambiguous are headings that are words of prose, too.
var ambiguous = []string{"name", "type", "contact", "parent", "reference", "permissions"}

// Plain gives the text of an e-mail without what was done to it to send it: one
// that was copied from its source has ends of lines and letters in codes.
func Plain(text string) string {
	if !soft.MatchString(text) {
		return text
	}
	plain, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(text)))
	if err != nil || !utf8.Valid(plain) {
		return text
	}
	return string(plain)
}

// Read reads the text of an e-mail.
func Read(text string) Letter {
	var l Letter
	var note strings.Builder
	seen := map[part]bool{}
	for _, s := range sections(Plain(text)) {
		if l.Kind == Nothing {
			l.Kind = s.kind
		}
		if s.body = strings.TrimSpace(s.body); s.body == "" {
			if s.own {
				note.WriteString(s.as + ":\n\n")
			}
			continue
		}
		if seen[s.part] && s.part != partSources { // what is said twice is said to people
			s.part = partNote
		}
		seen[s.part] = true
		s.body = l.take(s)
		s.note(&note)
	}
	l.Note = strings.TrimSpace(note.String())
	return l
}

// take gives what of a section has no place of its own.
func (l *Letter) take(s section) (rest string) {
	switch s.part {
	case partName:
		l.Name = strings.Join(strings.Fields(s.body), " ")
	case partAliases:
		l.Aliases = list(s.body)
	case partTactics:
		l.Tactics = list(s.body)
	case partPlatforms:
		l.Platforms = list(s.body)
	case partDescription:
		l.Description = unwrapped(s.body)
	case partSources:
		found, rest := sources(s.body)
		l.Sources = append(l.Sources, found...)
		return rest
	case partContributors:
		l.Contributors, rest = contributors(s.body)
		return rest
	case partParent:
		if m := below.FindStringSubmatch(s.body); m != nil {
			l.Parent = m[1]
			return ""
		}
		return s.body
	case partNote:
		if s.title == "type" && l.Kind == Malware && strings.Contains(strings.ToLower(s.body), "tool") {
			l.Kind = Tool
		}
		if s.title == "adversary use" || s.title == "procedure examples" {
			found, _ := sources(s.body)
			l.Sources = append(l.Sources, found...)
		}
		return s.body
	}
	return ""
}

// section is a heading with its text; one without a heading is what stands
// before the first.
type section struct {
	heading
	title string // in small letters; empty before the first heading
	as    string // the heading as it was written
	body  string
	own   bool // the heading is the writer's own
}

func (s section) note(to *strings.Builder) {
	if s.body == "" {
		return
	}
	if s.as != "" {
		to.WriteString(s.as + ": ")
	}
	to.WriteString(s.body + "\n\n")
}

func sections(text string) []section {
	list := []section{{}}
	var lines []string
	end := func() {
		list[len(list)-1].body = strings.Join(lines, "\n")
		lines = nil
	}
	for line := range strings.Lines(text) {
		line = quote.ReplaceAllString(strings.TrimRight(line, "\r\n"), "")
		if s, rest, ok := begins(line, list[len(list)-1].part); ok {
			end()
			list = append(list, s)
			line = rest
		}
		lines = append(lines, line)
	}
	end()
	return list
}

// begins reads a line that begins a section, and gives what stands behind its
// heading. After what has one line, an unknown heading begins a note.
func begins(line string, after part) (s section, rest string, ok bool) {
	title := func(m []string) (string, int) {
		t := strings.ToLower(strings.TrimSpace(m[1]))
		return t, slices.IndexFunc(headings, func(h heading) bool { return slices.Contains(h.words, t) })
	}
	if m := headingLine.FindStringSubmatch(line); m != nil {
		t, i := title(m)
		switch {
		case i >= 0:
			return section{heading: headings[i], title: t, as: strings.TrimSpace(m[1])}, m[2], true
		case (after == partName || after == partTactics || after == partPlatforms || after == partAliases) && len(strings.Fields(t)) <= 4:
			return section{title: t, as: strings.TrimSpace(m[1]), own: true}, m[2], true
		}
	}
	if m := dashedLine.FindStringSubmatch(line); m != nil {
		if t, i := title(m); i >= 0 && !slices.Contains(ambiguous, t) {
			return section{heading: headings[i], title: t, as: strings.TrimSpace(m[1])}, m[2], true
		}
	}
	return s, "", false
}

// unwrapped joins the lines of each paragraph, which e-mails break at a width.
// What Markdown reads line by line stays.
func unwrapped(text string) string {
	var out strings.Builder
	before, fenced := "", false
	for i, line := range strings.Split(text, "\n") {
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		next := line
		switch {
		case i == 0:
		case !fenced && !fence && joins(before, line):
			next = " " + strings.TrimLeft(line, " ")
		default:
			next = "\n" + line
		}
		out.WriteString(next)
		before, fenced = line, fenced != fence
	}
	return out.String()
}

// joins says whether a line goes on with what the line before it says.
func joins(before, line string) bool {
	before, line = strings.TrimLeft(before, " "), strings.TrimRight(line, " ")
	ends := strings.HasSuffix(before, "  ") || strings.HasSuffix(before, `\`) || strings.HasPrefix(before, "|") || strings.HasPrefix(before, "#") || strings.HasPrefix(before, "```")
	return strings.TrimSpace(before) != "" && line != "" && !ends && !item.MatchString(line)
}

// longestName bounds what is taken for somebody's name, in bytes.
const longestName = 150

// contributors splits names, each of which may have a comma before where
// somebody works; what has an address in it is none.
func contributors(body string) (names []string, rest string) {
	var others []string
	for _, one := range strings.FieldsFunc(body, func(r rune) bool { return r == ';' || r == '\n' }) {
		switch one = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(one), "-*•")); {
		case one == "":
		case len(one) > longestName || strings.ContainsAny(one, "@<>/["):
			others = append(others, one)
		default:
			names = append(names, one)
		}
	}
	return names, strings.Join(others, "\n")
}

// list splits what stands in one line or in several.
func list(body string) []string {
	var items []string
	for _, one := range separators.Split(body, -1) {
		one = strings.Trim(one, " \t.*-•")
		if one != "" && !slices.Contains(items, one) {
			items = append(items, one)
		}
	}
	return items
}

// sources finds the addresses in a text, each with what its line says, and
// gives the lines that have none.
func sources(body string) (found []Source, rest string) {
	var others []string
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		first := len(found)
		line, number := numbered.ReplaceAllString(line, ""), line
		said := address.ReplaceAllStringFunc(line, func(at string) string {
			whole, ok := refanged(at)
			if !ok {
				return at
			}
			found = append(found, Source{URL: whole})
			return ""
		})
		if first == len(found) && number != "" {
			others = append(others, number)
		}
		for i := range found[first:] {
			found[first+i].Text = strings.Join(strings.Fields(strings.Trim(said, " \t()<>[]:.,;*-•")), " ")
		}
	}
	return found, strings.Join(others, "\n")
}

// refanged gives an address as a browser takes it.
func refanged(at string) (string, bool) {
	at = strings.NewReplacer("[.]", ".", "(.)", ".", "[:]//", "://", "[://]", "://").Replace(at)
	at = strings.TrimRight(at, ").,;]>")
	scheme, rest, ok := strings.Cut(at, "://")
	switch scheme = strings.Replace(strings.ToLower(scheme), "hxxp", "http", 1); {
	case !ok:
		at = "https://" + at
	case scheme == "http" || scheme == "https":
		at = scheme + "://" + rest
	default:
		return "", false
	}
	u, err := url.Parse(at)
	return at, err == nil && u.Host != ""
}
