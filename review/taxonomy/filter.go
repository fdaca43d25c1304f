package taxonomy

import (
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
)

// Choice is what a filter asks of something that techniques have or lack;
// empty: nothing.
type Choice string

// The choices.
const (
	With    Choice = "with"
	Without Choice = "without"
)

// Filter says which part of a matrix is meant; an empty member does not narrow
// it.
type Filter struct {
	Matrix   string // STIX id of a matrix object
	Tactic   string // short name; NoTactic for techniques without one
	Platform string
	Text     string   // within id and name
	Have     []Wanted // what techniques have or lack
	Within   []Marks  // sets that a technique is in
}

// NoTactic stands for the column without a tactic where a tactic is named.
const NoTactic = "-"

// Wanted asks for techniques with or without something.
type Wanted struct {
	Having Having
	Choice Choice
}

// Filtered gives the part of a domain's matrix that a filter leaves: a
// technique stays where it fits or one of its sub-techniques does. fits says
// which of them fit themselves.
func (s *Snapshot) Filtered(domain string, f Filter) (m Matrix, fits map[string]bool, ok bool) {
	state := s.of(domain)
	if state == nil {
		return m, nil, false
	}
	fits = state.fitting(f)
	m = state.matrix
	m.Tactics = []MatrixTactic{}
	for _, t := range state.matrix.Tactics {
		if !f.shows(state.matrix, t) {
			continue
		}
		column := t
		column.Techniques = []MatrixTechnique{}
		for _, cell := range t.Techniques {
			subs := slices.DeleteFunc(slices.Clone(cell.Subtechniques), func(sub MatrixTechnique) bool { return !fits[sub.STIXID] })
			if fits[cell.STIXID] || len(subs) > 0 {
				cell.Subtechniques = subs
				column.Techniques = append(column.Techniques, cell)
			}
		}
		m.Tactics = append(m.Tactics, column)
	}
	return m, fits, true
}

// shows says whether a filter leaves a column.
func (f Filter) shows(m Matrix, t MatrixTactic) bool {
	switch f.Tactic {
	case "", t.Shortname:
	case NoTactic:
		if t.Shortname != "" {
			return false
		}
	default:
		return false
	}
	if f.Matrix == "" {
		return true
	}
	i := slices.IndexFunc(m.Matrices, func(one MatrixObject) bool { return one.STIXID == f.Matrix })
	return i >= 0 && slices.Contains(m.Matrices[i].Tactics, t.STIXID)
}

// fitting finds the techniques that fit a filter, wherever they stand.
func (s *state) fitting(f Filter) map[string]bool {
	fits := map[string]bool{}
	text := strings.ToLower(strings.TrimSpace(f.Text))
	for _, o := range s.living(attack.TypeTechnique) {
		fits[o.ID] = (f.Platform == "" || slices.Contains(o.Platforms, f.Platform)) &&
			(text == "" || strings.Contains(strings.ToLower(o.ATTACK+" "+o.Name), text))
	}
	narrow := func(keep func(id string) bool) {
		for id := range fits {
			fits[id] = fits[id] && keep(id)
		}
	}
	for _, one := range f.Have {
		if one.Choice != "" {
			counts := s.counts(one.Having)
			narrow(func(id string) bool { return (counts[id] > 0) == (one.Choice == With) })
		}
	}
	for _, one := range f.Within {
		in := map[string]bool{}
		for _, id := range one.Techniques {
			in[id] = true
		}
		narrow(func(id string) bool { return in[id] })
	}
	return fits
}
