package taxonomy

import (
	"cmp"
	"slices"

	"github.com/atelier-attack/atelier/review/attack"
)

// WithoutTactic is what the column is called that lists the techniques which
// name no tactic.
const WithoutTactic = "Without a tactic"

// Matrix is a domain as a table: tactics as columns, techniques in them. Every
// live technique is in it.
type Matrix struct {
	Domain    string         `json:"domain"`
	Name      string         `json:"name"`
	Version   string         `json:"version"`
	Matrices  []MatrixObject `json:"matrices" doc:"the domain's matrix objects; with several, a page shows one or all"`
	Tactics   []MatrixTactic `json:"tactics" doc:"the columns, as the matrix objects order them, then what no matrix names"`
	Platforms []string       `json:"platforms"`
	Users     []string       `json:"users" doc:"STIX types of the objects that use techniques"`
}

// MatrixObject is one of a domain's matrices.
type MatrixObject struct {
	STIXID  string   `json:"stix_id"`
	Name    string   `json:"name"`
	Tactics []string `json:"tactics" doc:"STIX ids of its columns"`
}

// MatrixTactic is one column.
type MatrixTactic struct {
	Shortname  string            `json:"shortname" doc:"empty: the column of techniques without a tactic"`
	Name       string            `json:"name"`
	AttackID   string            `json:"attack_id"`
	STIXID     string            `json:"stix_id" doc:"empty: techniques name a tactic that no live object describes"`
	Techniques []MatrixTechnique `json:"techniques"`
}

// MatrixTechnique is one cell, with the sub-techniques that unfold from it.
type MatrixTechnique struct {
	STIXID        string            `json:"stix_id"`
	AttackID      string            `json:"attack_id"`
	Name          string            `json:"name"`
	Platforms     []string          `json:"platforms"`
	Subtechniques []MatrixTechnique `json:"subtechniques,omitempty"`
}

// Term is one word of a vocabulary.
type Term struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Count int    `json:"count" doc:"live techniques that use it"`
}

// Vocabulary is the words that the data itself uses.
type Vocabulary struct {
	Tactics   []Term `json:"tactics" doc:"in the matrix's order"`
	Platforms []Term `json:"platforms" doc:"by name"`
	// Relations are the kinds of relationships that people may add.
	Relations []Relation `json:"relations" doc:"most used first"`
	Habits    []Habit    `json:"habits" doc:"what is in the fields of what lives"`
}

// Relation is a kind of relationship between objects of two types.
type Relation struct {
	Kind   string `json:"kind"`
	Source string `json:"source" doc:"STIX type"`
	Target string `json:"target" doc:"STIX type"`
	Count  int    `json:"count" doc:"living relationships"`
}

// Matrix gives a domain's matrix; ok is false where it is not loaded.
func (s *Snapshot) Matrix(domain string) (m Matrix, ok bool) {
	state := s.of(domain)
	if state == nil {
		return m, false
	}
	return state.matrix, true
}

// Vocabulary gives a domain's words; empty where it is not loaded.
func (s *Snapshot) Vocabulary(domain string) Vocabulary {
	state := s.of(domain)
	if state == nil {
		return Vocabulary{}
	}
	v := state.vocabulary
	v.Habits = state.habits()
	return v
}

// living lists the live objects of a type, each once, in the order of the
// bundle.
func (s *state) living(kind string) []*Object {
	var list []*Object
	for _, o := range s.once {
		if o.Type == kind && o.Live() {
			list = append(list, o)
		}
	}
	return list
}

// matrices lists the matrix objects with those of their columns that live.
func (s *state) matrices() []MatrixObject {
	list := []MatrixObject{}
	for _, m := range s.living(attack.TypeMatrix) {
		one := MatrixObject{m.ID, m.Name, []string{}}
		for _, ref := range m.TacticRefs {
			t := s.byID[ref]
			if t != nil && t.Type == attack.TypeTactic && t.Live() && !slices.Contains(one.Tactics, ref) {
				one.Tactics = append(one.Tactics, ref)
			}
		}
		list = append(list, one)
	}
	return list
}

// tactics lists the live tactics in the order that the matrix objects give,
// and behind them those that no matrix names.
func (s *state) tactics() []*Object {
	var list []*Object
	named := map[string]bool{}
	for _, m := range s.matrices() {
		for _, ref := range m.Tactics {
			if !named[ref] {
				named[ref] = true
				list = append(list, s.byID[ref])
			}
		}
	}
	rest := slices.DeleteFunc(s.living(attack.TypeTactic), func(t *Object) bool { return named[t.ID] })
	sortByAttackID(rest)
	return append(list, rest...)
}

func (s *state) buildMatrix() Matrix {
	techniques := s.living(attack.TypeTechnique)
	m := Matrix{Domain: s.domain.ID, Name: s.domain.Name, Version: s.domain.Version, Matrices: s.matrices(),
		Tactics: s.columns(techniques), Platforms: []string{}, Users: []string{}}
	for _, o := range techniques {
		m.Platforms = append(m.Platforms, o.Platforms...)
	}
	for _, r := range s.ends(attack.Uses) {
		m.Users = append(m.Users, r.source.Type)
	}
	for _, list := range []*[]string{&m.Platforms, &m.Users} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return m
}

// cells are the techniques of one column, and what is below each by its id.
type cells struct {
	top   []*Object
	below map[string][]*Object
}

// columns puts every technique into the column of each tactic that it names,
// below its parent where that is in the same column. Tactics that techniques
// name but no live object describes get columns behind the others.
func (s *state) columns(techniques []*Object) []MatrixTactic {
	parents := s.parents(techniques)
	by := map[string]*cells{}
	for _, o := range techniques {
		for _, tactic := range phases(o, parents[o.ID]) {
			if by[tactic] == nil {
				by[tactic] = &cells{below: map[string][]*Object{}}
			}
			nested := false
			for _, p := range parents[o.ID] {
				if slices.Contains(phases(p, nil), tactic) {
					by[tactic].below[p.ID] = append(by[tactic].below[p.ID], o)
					nested = true
				}
			}
			if !nested {
				by[tactic].top = append(by[tactic].top, o)
			}
		}
	}
	columns := []MatrixTactic{}
	described := map[string]bool{}
	for _, t := range s.tactics() {
		described[t.Shortname] = true
		columns = append(columns, by[t.Shortname].column(MatrixTactic{Shortname: t.Shortname, Name: t.Name, AttackID: t.ATTACK, STIXID: t.ID}))
	}
	var rest []string
	for shortname := range by {
		if !described[shortname] {
			rest = append(rest, shortname)
		}
	}
	slices.SortFunc(rest, func(a, b string) int { // without a tactic comes last
		return cmp.Or(-cmp.Compare(min(len(a), 1), min(len(b), 1)), cmp.Compare(a, b))
	})
	for _, shortname := range rest {
		columns = append(columns, by[shortname].column(MatrixTactic{Shortname: shortname, Name: cmp.Or(shortname, WithoutTactic)}))
	}
	return columns
}

func (c *cells) column(t MatrixTactic) MatrixTactic {
	t.Techniques = []MatrixTechnique{}
	if c == nil {
		return t
	}
	slices.SortFunc(c.top, func(a, b *Object) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.ATTACK, b.ATTACK), cmp.Compare(a.ID, b.ID))
	})
	for _, o := range c.top {
		cell := newCell(o)
		sortByAttackID(c.below[o.ID])
		for _, child := range c.below[o.ID] {
			cell.Subtechniques = append(cell.Subtechniques, newCell(child))
		}
		t.Techniques = append(t.Techniques, cell)
	}
	return t
}

// phases lists the tactics in whose columns a technique stands: those that it
// names, or else its parents', or else the empty one.
func phases(o *Object, parents []*Object) []string {
	list := o.Tactics()
	for _, p := range parents {
		if len(o.Phases) == 0 {
			list = append(list, phases(p, nil)...)
		}
	}
	if len(list) == 0 {
		return []string{""}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func newCell(o *Object) MatrixTechnique {
	return MatrixTechnique{STIXID: o.ID, AttackID: o.ATTACK, Name: o.Name, Platforms: listed(o.Platforms)}
}

// parents lists the techniques that each technique is below. What is below one
// has itself nothing below it, so that a chain or a cycle of sub-techniques
// hides nobody.
func (s *state) parents(techniques []*Object) map[string][]*Object {
	here := make(map[string]bool, len(techniques))
	for _, o := range techniques {
		here[o.ID] = true
	}
	all := map[string][]*Object{}
	for _, r := range s.living(attack.TypeRelationship) {
		if r.Kind != attack.SubtechniqueOf || r.Source == r.Target || !here[r.Source] || !here[r.Target] {
			continue
		}
		if p := s.byID[r.Target]; !slices.Contains(all[r.Source], p) {
			all[r.Source] = append(all[r.Source], p)
		}
	}
	roots := make(map[string][]*Object, len(all))
	for id, list := range all {
		for _, p := range list {
			if len(all[p.ID]) == 0 {
				roots[id] = append(roots[id], p)
			}
		}
	}
	return roots
}

// relations lists the kinds of relationships. That one object is revoked by
// another, or a part of it, is said by other ways of proposing.
func (s *state) relations() []Relation {
	counts := map[Relation]int{}
	for _, r := range s.living(attack.TypeRelationship) {
		if r.Kind != attack.RevokedBy && r.Kind != attack.SubtechniqueOf {
			counts[Relation{Kind: r.Kind, Source: attack.TypeOf(r.Source), Target: attack.TypeOf(r.Target)}]++
		}
	}
	list := make([]Relation, 0, len(counts))
	for r, n := range counts {
		r.Count = n
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b Relation) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.Kind+a.Source+a.Target, b.Kind+b.Source+b.Target))
	})
	return list
}

func (s *state) buildVocabulary() Vocabulary {
	tactics, platforms := map[string]int{}, map[string]int{}
	for _, o := range s.living(attack.TypeTechnique) {
		for _, t := range o.Tactics() {
			tactics[t]++
		}
		for _, p := range o.Platforms {
			platforms[p]++
		}
	}
	v := Vocabulary{Tactics: []Term{}, Platforms: []Term{}, Relations: s.relations()}
	for _, t := range s.tactics() {
		v.Tactics = append(v.Tactics, Term{t.Shortname, t.Name, tactics[t.Shortname]})
	}
	for _, p := range s.matrix.Platforms {
		v.Platforms = append(v.Platforms, Term{p, p, platforms[p]})
	}
	return v
}
