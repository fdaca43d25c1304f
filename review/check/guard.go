package check

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/guard"
)

// How much one look tells of that must not be shared and is not explained, and
// in how many places. A text can be made of nothing else.
const (
	maxShared = 100
	maxPlaces = 100
)

// Text lists what a text has that must not be shared, as findings in a field.
func Text(field, text string, known Known) []Check {
	l := look{known: known}
	l.text(field, Place{}, text)
	return l.checks()
}

// Name lists what has no place in how a person is named.
func Name(field, text string, known Known) []Check {
	l := look{known: known}
	l.text(field, Place{}, text, credits...)
	return l.checks()
}

// Notice lists what has no place in what a workshop or a person says about
// itself: both may name organisations, and say how they are reached.
func Notice(field, text string, known Known) []Check {
	l := look{known: known}
	l.text(field, Place{}, text, guard.Organisation, guard.Victim, guard.User, guard.Domain, guard.URL, guard.Email, guard.Phone)
	return l.checks()
}

// Keys gives the keys of all in a content and in a text beside it that must not
// be shared, explained or not.
func Keys(s Subject, text string, known Known) map[string]bool {
	l := look{known: known, all: true}
	l.subject(s)
	l.text("", Place{}, text)
	return l.keys()
}

// guarded shows the guard all that people wrote.
func (r *run) guarded() {
	l := look{known: r.known}
	l.subject(r.Subject)
	r.checks = append(r.checks, l.checks()...)
}

// look is one look at texts for what must not be shared.
type look struct {
	known  Known
	all    bool              // tell of all of it
	before map[string]bool   // keys of what is there already
	at     map[[2]string]int // the place in found, by field and key
	found  []Check
	open   int // of the found, those that nobody explained
	more   int // that are not told
}

// subject shows content. What the base of a refinement has is public.
func (l *look) subject(s Subject) {
	if s.Form.Modifies {
		base := look{known: l.known, all: true}
		base.content(s.Form, s.Base)
		l.before = base.keys()
	}
	l.content(s.Form, s.Content)
}

func (l *look) keys() map[string]bool {
	keys := map[string]bool{}
	for _, c := range l.found {
		keys[c.Shared.Key] = true
	}
	return keys
}

// content shows all that people wrote in the fields of a form.
func (l *look) content(form attack.Form, content attack.Content) {
	for _, f := range form.Fields {
		v := content[f.Name]
		switch {
		case !written(f) || f.Options != nil:
		case f.Kind == attack.Line, f.Kind == attack.Markdown:
			l.text(f.Name, Place{}, v.Text)
		case f.Kind == attack.List:
			for i, one := range v.List {
				l.text(f.Name, Place{Item: i}, one, creditsName(f)...)
			}
		case f.Kind == attack.References:
			for i, ref := range v.References {
				l.reference(f.Name, i, ref)
			}
		case f.Kind == attack.Rows:
			l.rows(f, v.Rows)
		}
	}
}

func (l *look) rows(f attack.Field, rows []map[string]string) {
	for i, row := range rows {
		for _, c := range f.Columns {
			if c.Refers == nil && !c.Key {
				l.text(f.Name, Place{Item: i, Part: c.Property}, row[c.Property])
			}
		}
	}
}

// creditsName gives what is no finding in a field: credit names people and
// where they work, as they asked for.
func creditsName(f attack.Field) []guard.Kind {
	if f.Name == attack.FieldContributors {
		return credits
	}
	return nil
}

var credits = []guard.Kind{guard.Organisation, guard.Victim, guard.User, guard.Domain}

// reference shows a source, which is public: it may be on any domain, and it
// may name who published it. A machine's address is no source.
func (l *look) reference(field string, i int, ref attack.Reference) {
	for _, part := range []struct{ name, text string }{{"source_name", ref.SourceName}, {"description", ref.Description}} {
		l.text(field, Place{Item: i, Part: part.name}, part.text, guard.Organisation, guard.Victim, guard.Domain, guard.URL, guard.Hash, guard.Host)
	}
	u, err := url.Parse(ref.URL)
	if err != nil || u.Hostname() == "" {
		return
	}
	// Only the host is looked at: a path may be anything.
	if at := strings.Index(ref.URL, u.Hostname()); at >= 0 {
		place := Place{Item: i, Part: "url", From: inUnits(ref.URL[:at])}
		l.text(field, place, u.Hostname(), guard.Organisation, guard.Victim, guard.Domain, guard.URL, guard.Hash, guard.User, guard.Phone)
	}
}

// text shows one text, of which some kinds are no finding. From of the place is
// where the text begins.
func (l *look) text(field string, place Place, text string, unless ...guard.Kind) {
	of := l.known.Guard
	if of == nil {
		of = nobodys
	}
	read, begin := 0, place.From
	for _, f := range of.Find(text) {
		begin += inUnits(text[read:f.Start])
		read, place.From, place.To = f.End, begin, begin+inUnits(text[f.Start:f.End])
		begin = place.To
		if l.known.Guard == nil && f.Kind == guard.Marking || slices.Contains(unless, f.Kind) {
			continue
		}
		l.add(field, place, f)
	}
}

// nobodys is the guard of no workshop.
var nobodys = guard.New(guard.Known{}, nil)

// inUnits is how long a text is in units of UTF-16. A byte that is no text is
// written as one character.
func inUnits(text string) int {
	n := 0
	for _, r := range text {
		if n++; r > 0xffff {
			n++
		}
	}
	return n
}

func (l *look) add(field string, place Place, f guard.Finding) {
	key := f.Key()
	if l.before[key] {
		return
	}
	if i, ok := l.at[[2]string{field, key}]; ok {
		if s := l.found[i].Shared; len(s.Places) < maxPlaces {
			s.Places = append(s.Places, place)
		}
		return
	}
	c := l.check(field, place, key, f)
	if c.Level == Error {
		if l.open++; l.open > maxShared && !l.all {
			l.more++
			return
		}
	}
	if l.at == nil {
		l.at = map[[2]string]int{}
	}
	l.at[[2]string{field, key}] = len(l.found)
	l.found = append(l.found, c)
}

func (l *look) check(field string, place Place, key string, f guard.Finding) Check {
	reason, why, explained := l.known.Reasons[key], f.Why, false
	if reason != "" {
		if other, ok := l.within(reason, key); ok {
			why += fmt.Sprintf(" The reason that is given has %q, which must not be shared either.", cut(other))
		} else {
			explained = true
		}
	}
	c := Check{Level: Error, Field: field, Code: codeOf(f.Kind), Message: fmt.Sprintf("%q: %s", cut(f.Text), why),
		Shared: &Shared{Key: key, Kind: f.Kind, Text: f.Text, Why: why, Places: []Place{place}, Replacement: f.Replacement}}
	if explained {
		c.Level, c.Shared.Reason = Warning, reason
	}
	return c
}

// within gives what a reason has that must not be shared and is not explained.
func (l *look) within(reason, key string) (text string, found bool) {
	for _, f := range cmp.Or(l.known.Guard, nobodys).Find(reason) {
		marking := l.known.Guard == nil && f.Kind == guard.Marking
		if k := f.Key(); k != key && l.known.Reasons[k] == "" && !marking {
			return f.Text, true
		}
	}
	return "", false
}

func codeOf(kind guard.Kind) string {
	switch kind {
	case guard.Victim, guard.Organisation:
		return CodeVictim
	case guard.Marking:
		return CodeMarking
	default:
		return CodeIndicator
	}
}

func (l *look) checks() []Check {
	if l.more > 0 {
		l.found = append(l.found, Check{Level: Error, Field: l.found[len(l.found)-1].Field, Code: CodeShared,
			Message: fmt.Sprintf("There are %d more places with something that must not be shared. Put these right, then they are told.", l.more)})
	}
	return l.found
}
