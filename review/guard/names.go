package guard

import "strings"

// names are those that a text is held against.
type names struct {
	table
	own *Names
}

// table has names by their first word, and those of several words by their
// second, for many may begin with the same.
type table map[string]*beginning

type beginning struct {
	alone []known
	more  map[string][]known
}

// known is one name.
type known struct {
	words []string
	kind  Kind   // empty: everybody's
	exact string // an abbreviation that is a word, too: its case counts
	large bool   // one word that may be an ordinary one: it begins with a capital
}

// Names are names that everybody may say, such as those of groups and software
// that a taxonomy is about. They are safe for concurrent use; make them once.
type Names struct{ table table }

// NewNames makes a table of names.
func NewNames(all []string) *Names {
	n := &Names{table{}}
	n.table.add("", all)
	return n
}

func newNames(k Known, own *Names) *names {
	n := &names{table: table{}, own: own}
	n.add(Organisation, k.Organisations)
	n.add(Victim, k.Victims)
	n.add(Marking, markings)
	return n
}

func (t table) add(kind Kind, all []string) {
	const abbreviation = 4
	for _, text := range all {
		folded := string(newView(text).b)
		words := strings.FieldsFunc(folded, func(r rune) bool { return r < 0x80 && classes[byte(r)]&alnum == 0 })
		for len(words) > 1 && legalForms[strings.ToLower(words[len(words)-1])] && kind != "" {
			words = words[:len(words)-1]
		}
		if len(words) == 0 || len(words) == 1 && len(words[0]) < 2 {
			continue
		}
		if kind == Organisation && len(words) == 1 && households[strings.ToLower(words[0])] {
			continue
		}
		entry := known{kind: kind, large: kind == Organisation && len(words) == 1 && classes[words[0][0]]&upper != 0}
		if len(words) == 1 && len(words[0]) <= abbreviation {
			entry.exact = words[0]
		}
		for _, w := range words {
			entry.words = append(entry.words, strings.ToLower(w))
		}
		of := t[entry.words[0]]
		if of == nil {
			of = &beginning{more: map[string][]known{}}
			t[entry.words[0]] = of
		}
		if len(words) == 1 {
			of.alone = append(of.alone, entry)
		} else {
			of.more[entry.words[1]] = append(of.more[entry.words[1]], entry)
		}
	}
}

// known reports a name that begins with a word, the longest one, and gives its
// end; nought where the word may still mean something else. Of two that are as
// long, it is everybody's.
func (s *scanner) known(start, end int, first string) int {
	best, far := s.longest(s.names.table[first], start, end)
	if s.names.own != nil {
		if _, to := s.longest(s.names.own.table[first], start, end); to > 0 && to >= far {
			s.own = append(s.own, [2]int{start, to})
			if to == end {
				return 0
			}
			return to
		}
	}
	if far > 0 {
		s.add(best.kind, start, far, "")
	}
	return far
}

// longest gives the longest name of those that begin with a word, and where it
// ends.
func (s *scanner) longest(among *beginning, start, end int) (best known, far int) {
	if among == nil {
		return best, 0
	}
	try := func(all []known) {
		for _, k := range all {
			if to := s.follows(k, start, end); to > far {
				best, far = k, to
			}
		}
	}
	try(among.alone)
	if next, to := s.nextWord(end); len(among.more) > 0 {
		try(among.more[s.lower(next, to)])
	}
	return best, far
}

// follows gives where a name ends whose first word is there, or nought.
func (s *scanner) follows(k known, start, end int) int {
	if k.exact != "" && k.exact != string(s.b[start:end]) || k.large && s.is(start, lower) {
		return 0
	}
	for _, w := range k.words[1:] {
		next, to := s.nextWord(end)
		if to-next != len(w) || !s.stands(next, w) {
			return 0
		}
		end = to
	}
	return end
}

// households are the names of companies and bodies whose products and papers
// everybody names: that one of them takes part says nothing.
var households = func() map[string]bool {
	all := map[string]bool{}
	for domain, v := range everyones {
		if v != aService && v != aDocument {
			continue
		}
		labels := strings.Split(domain, ".")
		all[labels[max(0, len(labels)-2)]] = true
	}
	return all
}()
