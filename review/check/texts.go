package check

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/atelier-attack/atelier/review/attack"
)

// Codes of the rules about texts, stable for programs.
const (
	CodeBehaviour = "adversary_first"
	CodeShort     = "short_text"
	CodeProduct   = "product"
	CodeTerm      = "style_term"
	CodeTense     = "style_tense"
	CodePerson    = "style_person"
)

func textRules() []Rule {
	return []Rule{
		{ID: CodeBehaviour, Level: Warning, Group: groupText, Title: "Does not begin with what adversaries do", Link: linkContribute, Craft: true, find: (*run).behaviour,
			Why: "A description of a technique begins with the behaviour: “Adversaries may …”. All of ATT&CK's do.", How: "Begin with “Adversaries may …”, what they do, and what for."},
		{ID: CodeShort, Level: Warning, Group: groupText, Title: "A short description", Link: linkContribute, Craft: true, find: (*run).short,
			Why: "Who reads it wants to know what is done, how, and why it works.", How: "Say how it is done, and what it is good for to whom does it."},
		{ID: CodeProduct, Level: Warning, Group: groupText, Title: "Sounds like a product for sale", Link: linkContribute, Craft: true, find: (*run).product,
			Why: "ATT&CK favours no vendor: it says what is done, whatever product notices or stops it.", How: "Leave out what praises or sells something."},
		{ID: CodeTerm, Level: Warning, Group: groupText, Title: "Another word than ATT&CK's", Link: linkDesign, Craft: true, find: (*run).terminology,
			Why: "ATT&CK calls who attacks an adversary, in every text.", How: "Write adversary or adversaries."},
		{ID: CodeTense, Level: Warning, Group: groupText, Title: "Not in the present tense", Link: linkContribute, Craft: true, find: (*run).tense,
			Why: "A technique is what adversaries may do; what somebody did is a procedure example.", How: "Write “Adversaries may …”."},
		{ID: CodePerson, Level: Warning, Group: groupText, Title: "Speaks of us or you", Link: linkContribute, Craft: true, find: (*run).person,
			Why: "ATT&CK speaks of adversaries, users and organisations, never of its readers or authors.", How: "Say who it is."},
	}
}

// notProse is what stands in a text and is not read as a sentence.
var notProse = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`|<code>.*?</code>|\\(Citation: [^()]*(?:\\([^()]*\\)[^()]*)*\\)|\\(LinkById: [^()]*\\)|\\]\\([^()\\s]*\\)|https?://\\S+")

// prose is a text with blanks in place of what is not read, each sentence where
// it was.
func (r *run) prose(field string) string {
	if p, ok := r.proses[field]; ok {
		return p
	}
	if r.proses == nil {
		r.proses = map[string]string{}
	}
	p := notProse.ReplaceAllStringFunc(r.Content[field].Text, func(s string) string { return strings.Repeat(" ", len(s)) })
	r.proses[field] = p
	return p
}

// isTechnique says whether the content is a technique's, which ATT&CK writes in
// a way of its own.
func (r *run) isTechnique() bool { return r.Form.Type == attack.TypeTechnique }

var (
	sentenceEnd = regexp.MustCompile(`[.!?](?:\s|$)|\n\s*\n`)
	adversary   = regexp.MustCompile(`(?i)\badversar(?:y|ies)\b`)
	otherActor  = regexp.MustCompile(`(?i)^(?:an? |the )?(?:hackers?|attackers?|intruders?|(?:threat |malicious |bad )?actors?|(?:cyber)?criminals?)\b( (?:may|might|can|could|will|would)\b)?`)
)

func firstSentence(prose string) string {
	prose = strings.TrimSpace(prose)
	if at := sentenceEnd.FindStringIndex(prose); at != nil {
		return prose[:at[0]]
	}
	return prose
}

func (r *run) behaviour() {
	text := r.Content[attack.FieldDescription].Text
	first := firstSentence(r.prose(attack.FieldDescription))
	if !r.isTechnique() || first == "" || adversary.MatchString(first) {
		return
	}
	var fix *Fix
	if m := otherActor.FindString(strings.TrimLeft(text, " \n")); m != "" {
		next := "Adversaries"
		if strings.Contains(m, " ") && modal.MatchString(m) {
			next = "Adversaries may"
		}
		fix = put("Begin with “"+next+"”", attack.FieldDescription, attack.Value{Text: next + strings.TrimLeft(text, " \n")[len(m):]})
	}
	r.fixable(attack.FieldDescription, fix, "ATT&CK's techniques begin with what adversaries do: “Adversaries may …”.")
}

var modal = regexp.MustCompile(`(?i) (?:may|might|can|could|will|would)$`)

// leastText is how long a description is at least, in characters: a technique
// says how and why, a relationship is a sentence.
func leastText(objectType string) int {
	switch objectType {
	case attack.TypeTechnique:
		return 150
	case attack.TypeRelationship:
		return 25
	}
	return 60
}

func (r *run) short() {
	for _, f := range r.fields(attack.Markdown) {
		n := utf8.RuneCountInString(strings.Join(strings.Fields(r.Content[f.Name].Text), " "))
		if least := leastText(r.Form.Type); n < least {
			r.found(f.Name, "%s is short: it has %d of at least %d characters.", f.Label, n, least)
		}
	}
}

var sold = regexp.MustCompile(`(?i)\bour (?:product|solution|platform|customer|service|tool)s?\b|\b(?:industry|market)[- ]leading\b|\bbest[- ]in[- ]class\b|\bworld[- ]class\b|\baward[- ]winning\b|\b(?:request|book) a demo\b|\bcontact (?:us|sales|our)\b|\bbuy (?:now|our)\b|(?-i:\bcutting[- ]edge\b)|\bstate[- ]of[- ]the[- ]art\b|\bfor (?:only )?(?:\$|€|£|USD ?)\d|[™®]`)

// sellers are words of which each of the above has one. Few texts have any, and
// to look for them is much quicker.
var sellers = []string{"our ", "leading", "class", "winning", " a demo", "contact ", "buy ", "cutting", "the art", "the-art", "for only", "for $", "for €", "for £", "for usd", "™", "®"}

func (r *run) product() {
	for _, f := range r.fields(attack.Markdown) {
		prose := r.prose(f.Name)
		for _, line := range strings.Split(prose, "\n") {
			lower := strings.ToLower(line)
			if !slices.ContainsFunc(sellers, func(word string) bool { return strings.Contains(lower, word) }) {
				continue
			}
			if m := sold.FindString(line); m != "" {
				r.found(f.Name, "%q sounds like a product for sale.", m)
				break
			}
		}
	}
}

// otherWords are what others call an adversary. Who breaks the law is a
// criminal in ATT&CK, too.
var otherWords = regexp.MustCompile(`(?i)\b(?:hackers?|(?:bad|black[- ]hat) (?:guys?|actors?|hackers?)|black[- ]hats?|crooks?|cyber[- ]?attackers?|miscreants?|baddies)\b`)

func (r *run) terminology() {
	for _, f := range r.fields(attack.Markdown) {
		found := otherWords.FindAllStringIndex(r.prose(f.Name), -1)
		if len(found) == 0 {
			continue
		}
		text := r.Content[f.Name].Text
		word := text[found[0][0]:found[0][1]]
		fix := put("Write adversary", f.Name, attack.Value{Text: renamed(text, found)})
		r.fixable(f.Name, fix, "ATT&CK says %q, not %q.", adversaryFor(strings.ToLower(word)), word)
	}
}

// adversaryFor is ATT&CK's word in place of another, in its number and case.
func adversaryFor(word string) string {
	to := "adversary"
	if strings.HasSuffix(word, "s") || strings.HasSuffix(word, "S") {
		to = "adversaries"
	}
	if word[:1] != strings.ToLower(word[:1]) {
		to = "A" + to[1:]
	}
	return to
}

func renamed(text string, places [][]int) string {
	var b strings.Builder
	end := 0
	for _, at := range places {
		to := adversaryFor(text[at[0]:at[1]])
		before := text[end:at[0]]
		if strings.HasSuffix(before, " a ") || strings.HasPrefix(before, "a ") && len(before) == 2 || strings.HasSuffix(before, "A ") {
			before = before[:len(before)-1] + "n "
		}
		b.WriteString(before)
		b.WriteString(to)
		end = at[1]
	}
	return b.String() + text[end:]
}

var otherTense = regexp.MustCompile(`(?i)^adversar(?:y|ies) (will|would|did|were|was|had|used|could)\b`)

func (r *run) tense() {
	text := strings.TrimSpace(r.Content[attack.FieldDescription].Text)
	m := otherTense.FindStringSubmatchIndex(text)
	if !r.isTechnique() || m == nil {
		return
	}
	var fix *Fix
	if word := strings.ToLower(text[m[2]:m[3]]); word == "will" || word == "would" || word == "could" {
		fix = put("Write “may”", attack.FieldDescription, attack.Value{Text: text[:m[2]] + "may" + text[m[3]:]})
	}
	r.fixable(attack.FieldDescription, fix, "A technique is what adversaries may do, not what they %s.", text[m[2]:m[3]])
}

var persons = regexp.MustCompile(`\b(?:[Ww]e|[Oo]ur|[Oo]urs|us|[Yy]ou|[Yy]ours?)\b`)

func (r *run) person() {
	if r.Form.Type == attack.TypeTactic { // ATT&CK's tell of “your network”
		return
	}
	for _, f := range r.fields(attack.Markdown) {
		if m := persons.FindString(r.prose(f.Name)); m != "" {
			r.found(f.Name, "%q: ATT&CK does not speak of its readers or authors.", m)
		}
	}
}

var (
	tagPattern  = regexp.MustCompile(`(?i)<(?:/?(?:[a-z][a-z0-9-]*)(?:\s[^<>]*)?/?|!--)>?`)
	codePattern = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
)

// htmlIn gives the first HTML tag outside of code, other than <code>, which
// ATT&CK's own text uses.
func htmlIn(text string) string {
	for _, tag := range tagPattern.FindAllString(codePattern.ReplaceAllString(text, ""), -1) {
		name := strings.ToLower(strings.Trim(tag, "</>"))
		if name != "code" {
			return tag
		}
	}
	return ""
}
