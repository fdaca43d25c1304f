package taxonomy

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/atelier-attack/atelier/review/attack"
)

// Hit is one object that a search found.
type Hit struct {
	Link
	Context string `json:"context" doc:"the text around what was found"`
	Where   string `json:"where" enum:"id,name,alias,text" doc:"what was found in"`
}

// contextRunes is how much text a hit shows on each side.
const contextRunes = 60

// ranks of a hit; lower is better. What is revoked or deprecated comes behind
// everything else.
const (
	rankID = iota
	rankIDPrefix
	rankName
	rankNamePrefix
	rankWord
	rankInName
	rankAlias
	rankText
	none
	deadBehind = 100
)

// Search finds objects by id, name, other names and text; all words must be
// there. types narrows to STIX types where it is not empty. Best first.
//
// It looks at the whole text of the snapshot: that takes a few milliseconds
// and needs no index in either database.
func (s *Snapshot) Search(query string, types []string, limit int) []Hit {
	query = strings.ToLower(strings.TrimSpace(query))
	words := strings.Fields(query)
	if len(words) == 0 || limit <= 0 {
		return []Hit{}
	}
	type found struct {
		*Object
		rank int
	}
	var list []found
	for _, o := range s.all {
		if o.Type == attack.TypeRelationship || o.Name == "" || len(types) > 0 && !slices.Contains(types, o.Type) {
			continue
		}
		if rank := o.rank(query, words); rank < none {
			if !o.Live() {
				rank += deadBehind
			}
			list = append(list, found{o, rank})
		}
	}
	slices.SortFunc(list, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.ATTACK, b.ATTACK), cmp.Compare(a.ID, b.ID))
	})
	hits := make([]Hit, 0, min(limit, len(list)))
	for _, f := range list[:min(limit, len(list))] {
		hits = append(hits, f.hit(f.rank%deadBehind, words))
	}
	return hits
}

func (o *Object) rank(query string, words []string) int {
	id := strings.ToLower(o.ATTACK)
	switch {
	case query == id || query == o.ID:
		return rankID
	case o.name == query:
		return rankName
	case len(query) > 1 && strings.HasPrefix(id, query):
		return rankIDPrefix
	case strings.HasPrefix(o.name, query):
		return rankNamePrefix
	case strings.Contains(o.name, " "+query):
		return rankWord
	case containsAll(o.name, words):
		return rankInName
	}
	for _, other := range o.OtherNames() {
		if containsAll(strings.ToLower(other), words) {
			return rankAlias
		}
	}
	for _, w := range words {
		if !strings.Contains(o.text, w) && !strings.Contains(o.name, w) {
			return none
		}
	}
	return rankText
}

func containsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func (o *Object) hit(rank int, words []string) Hit {
	h := Hit{Link: o.Link()}
	switch {
	case rank <= rankIDPrefix && rank != rankName:
		h.Where = "id"
	case rank < rankAlias:
		h.Where = "name"
	case rank == rankAlias:
		h.Where = "alias"
		h.Context = strings.Join(o.OtherNames(), ", ")
	default:
		h.Where = "text"
		h.Context = around(o.Description, words)
	}
	return h
}

// around gives the text near the first of the words that is in it.
func around(text string, words []string) string {
	lower := strings.ToLower(text)
	if len(lower) != len(text) { // lower case of a few letters has another length
		lower = text
	}
	at := 0
	for _, w := range words {
		if i := strings.Index(lower, w); i >= 0 {
			at = i
			break
		}
	}
	start, end := at, at
	for n := 0; n < contextRunes && start > 0; n++ {
		_, size := utf8.DecodeLastRuneInString(text[:start])
		start -= size
	}
	for n := 0; n < 2*contextRunes && end < len(text); n++ {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	out := strings.Join(strings.Fields(text[start:end]), " ")
	if start > 0 {
		out = "…" + out
	}
	if end < len(text) {
		out += "…"
	}
	return out
}

// similarEnough is the share of common letter triples from which two names
// are shown as similar.
const similarEnough = 0.3

// Similar finds live objects of a type whose names are like name, most like
// first.
func (s *Snapshot) Similar(name, objectType string, limit int) []Hit {
	want := triples(name)
	if len(want) == 0 {
		return []Hit{}
	}
	type found struct {
		*Object
		share float64
	}
	var list []found
	for _, o := range s.all {
		if o.Type != objectType || !o.Live() {
			continue
		}
		best := share(want, triples(o.name))
		for _, other := range o.OtherNames() {
			best = max(best, share(want, triples(other)))
		}
		if best >= similarEnough {
			list = append(list, found{o, best})
		}
	}
	slices.SortFunc(list, func(a, b found) int { return cmp.Or(cmp.Compare(b.share, a.share), cmp.Compare(a.ATTACK, b.ATTACK)) })
	hits := make([]Hit, 0, limit)
	for _, f := range list[:min(limit, len(list))] {
		hits = append(hits, Hit{Link: f.Link(), Where: "name"})
	}
	return hits
}

// triples are the groups of three letters of the words of a name, which small
// differences of spelling change little.
func triples(name string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		runes := []rune(" " + word + " ")
		for i := 0; i+3 <= len(runes); i++ {
			set[string(runes[i:i+3])] = true
		}
	}
	return set
}

// share is the Dice coefficient of two sets.
func share(a, b map[string]bool) float64 {
	common := 0
	for t := range a {
		if b[t] {
			common++
		}
	}
	if len(a)+len(b) == 0 {
		return 0
	}
	return 2 * float64(common) / float64(len(a)+len(b))
}
