package taxonomy

import (
	"cmp"
	"slices"

	"github.com/atelier-attack/atelier/review/attack"
)

// Matrix is a domain as a table: tactics as columns, techniques in them.
type Matrix struct {
	Domain    string         `json:"domain"`
	Name      string         `json:"name"`
	Version   string         `json:"version"`
	Tactics   []MatrixTactic `json:"tactics"`
	Platforms []string       `json:"platforms"`
}

// MatrixTactic is one column.
type MatrixTactic struct {
	Shortname  string            `json:"shortname"`
	Name       string            `json:"name"`
	AttackID   string            `json:"attack_id"`
	STIXID     string            `json:"stix_id"`
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
	return state.vocabulary
}

// tactics lists the live tactics in the order that the matrix objects give,
// and behind them those that no matrix names.
func (s *state) tactics() []*Object {
	byID := map[string]*Object{}
	var rest, list []*Object
	for _, o := range s.objects {
		if o.Type == attack.TypeTactic && o.Live() {
			byID[o.ID] = o
		}
	}
	for _, m := range s.objects {
		if m.Type != attack.TypeMatrix || !m.Live() {
			continue
		}
		for _, ref := range m.TacticRefs {
			if t := byID[ref]; t != nil {
				list = append(list, t)
				delete(byID, ref)
			}
		}
	}
	for _, t := range byID {
		rest = append(rest, t)
	}
	sortByAttackID(rest)
	return append(list, rest...)
}

func (s *state) buildMatrix() Matrix {
	m := Matrix{Domain: s.domain.ID, Name: s.domain.Name, Version: s.domain.Version, Tactics: []MatrixTactic{}, Platforms: []string{}}
	byTactic, children := map[string][]*Object{}, s.children()
	platforms := map[string]bool{}
	for _, o := range s.objects {
		if o.Type != attack.TypeTechnique || !o.Live() {
			continue
		}
		for _, p := range o.Platforms {
			platforms[p] = true
		}
		if o.Subtechnique {
			continue
		}
		for _, t := range o.Tactics() {
			byTactic[t] = append(byTactic[t], o)
		}
	}
	for _, t := range s.tactics() {
		column := MatrixTactic{Shortname: t.Shortname, Name: t.Name, AttackID: t.ATTACK, STIXID: t.ID, Techniques: []MatrixTechnique{}}
		list := byTactic[t.Shortname]
		slices.SortFunc(list, func(a, b *Object) int { return cmp.Compare(a.name, b.name) })
		for _, o := range list {
			cell := newCell(o)
			for _, child := range children[o.ID] {
				cell.Subtechniques = append(cell.Subtechniques, newCell(child))
			}
			column.Techniques = append(column.Techniques, cell)
		}
		m.Tactics = append(m.Tactics, column)
	}
	for p := range platforms {
		m.Platforms = append(m.Platforms, p)
	}
	slices.Sort(m.Platforms)
	return m
}

func newCell(o *Object) MatrixTechnique {
	return MatrixTechnique{STIXID: o.ID, AttackID: o.ATTACK, Name: o.Name, Platforms: append([]string{}, o.Platforms...)}
}

// children lists the live sub-techniques within this domain by parent.
func (s *state) children() map[string][]*Object {
	techniques := map[string]*Object{}
	for _, o := range s.objects {
		if o.Type == attack.TypeTechnique && o.Live() {
			techniques[o.ID] = o
		}
	}
	list := map[string][]*Object{}
	for _, r := range s.objects {
		if r.Kind == attack.SubtechniqueOf && r.Live() && techniques[r.Source] != nil {
			list[r.Target] = append(list[r.Target], techniques[r.Source])
		}
	}
	for _, l := range list {
		sortByAttackID(l)
	}
	return list
}

func (s *state) buildVocabulary() Vocabulary {
	tactics, platforms := map[string]int{}, map[string]int{}
	for _, o := range s.objects {
		if o.Type != attack.TypeTechnique || !o.Live() {
			continue
		}
		for _, t := range o.Tactics() {
			tactics[t]++
		}
		for _, p := range o.Platforms {
			platforms[p]++
		}
	}
	v := Vocabulary{Tactics: []Term{}, Platforms: []Term{}}
	for _, t := range s.tactics() {
		v.Tactics = append(v.Tactics, Term{t.Shortname, t.Name, tactics[t.Shortname]})
	}
	for _, p := range s.matrix.Platforms {
		v.Platforms = append(v.Platforms, Term{p, p, platforms[p]})
	}
	return v
}
