package taxonomy

import (
	"cmp"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/atelier-attack/atelier/review/attack"
)

// Statistics say what a domain holds and where work is needed.
type Statistics struct {
	Domain     string             `json:"domain"`
	Name       string             `json:"name"`
	Version    string             `json:"version"`
	HasText    bool               `json:"has_text" doc:"false: only facts of the built-in index are known, so no text has a length"`
	Types      []TypeCount        `json:"types" doc:"by type"`
	Techniques []TechniqueNeeds   `json:"techniques" doc:"live techniques and sub-techniques by ATT&CK id"`
	Tactics    []TechniquesInTerm `json:"tactics" doc:"in the matrix's order; a technique of several tactics counts in each"`
	Platforms  []TechniquesInTerm `json:"platforms" doc:"by name"`
	Total      TechniquesInTerm   `json:"total" doc:"all techniques, each once"`
}

// TypeCount is how many objects of a type a domain holds.
type TypeCount struct {
	Type       string `json:"type"`
	Label      string `json:"label"`
	Live       int    `json:"live"`
	Revoked    int    `json:"revoked"`
	Deprecated int    `json:"deprecated" doc:"and not revoked"`
}

// TechniqueNeeds is what a technique has and lacks.
type TechniqueNeeds struct {
	STIXID       string   `json:"stix_id"`
	AttackID     string   `json:"attack_id"`
	Name         string   `json:"name"`
	Subtechnique bool     `json:"subtechnique"`
	Tactics      []string `json:"tactics"`
	Platforms    []string `json:"platforms"`
	Examples     int      `json:"examples"`
	Mitigations  int      `json:"mitigations"`
	Detections   int      `json:"detections"`
	TextLength   int      `json:"text_length" doc:"characters of the description"`
	Modified     string   `json:"modified"`
}

// TechniquesInTerm sums up the techniques of a tactic or a platform.
type TechniquesInTerm struct {
	Value              string `json:"value" doc:"what a filter names it by"`
	Label              string `json:"label"`
	Techniques         int    `json:"techniques" doc:"sub-techniques too"`
	WithoutExamples    int    `json:"without_examples"`
	WithoutMitigations int    `json:"without_mitigations"`
	WithoutDetection   int    `json:"without_detection"`
	MedianText         int    `json:"median_text" doc:"characters of a description, in the middle"`
	MedianModified     string `json:"median_modified" doc:"when a technique was changed last, in the middle"`
}

// Statistics counts what a domain holds; ok is false where it is not loaded.
func (s *Snapshot) Statistics(domain string) (st Statistics, ok bool) {
	state := s.of(domain)
	if state == nil {
		return st, false
	}
	st = Statistics{Domain: domain, Name: state.domain.Name, Version: state.domain.Version, HasText: state.domain.HasText,
		Types: state.types(), Techniques: state.needs()}
	st.Total = sum(Term{}, st.Techniques)
	st.Tactics, st.Platforms = []TechniquesInTerm{}, []TechniquesInTerm{}
	for _, t := range state.matrix.Tactics {
		term := Term{Value: cmp.Or(t.Shortname, NoTactic), Label: t.Name}
		st.Tactics = append(st.Tactics, sum(term, st.within(func(n TechniqueNeeds) bool {
			return slices.Contains(n.Tactics, t.Shortname) || t.Shortname == "" && len(n.Tactics) == 0
		})))
	}
	for _, p := range state.matrix.Platforms {
		st.Platforms = append(st.Platforms, sum(Term{Value: p, Label: p}, st.within(func(n TechniqueNeeds) bool { return slices.Contains(n.Platforms, p) })))
	}
	return st, true
}

func (st Statistics) within(in func(TechniqueNeeds) bool) []TechniqueNeeds {
	var list []TechniqueNeeds
	for _, n := range st.Techniques {
		if in(n) {
			list = append(list, n)
		}
	}
	return list
}

// types counts every object once, in its newest version.
func (s *state) types() []TypeCount {
	by := map[string]*TypeCount{}
	for _, o := range s.byID {
		one := by[o.Type]
		if one == nil {
			one = &TypeCount{Type: o.Type, Label: attack.Describe(o.Type).Plural}
			by[o.Type] = one
		}
		switch {
		case o.Revoked:
			one.Revoked++
		case o.Deprecated:
			one.Deprecated++
		default:
			one.Live++
		}
	}
	list := make([]TypeCount, 0, len(by))
	for _, one := range by {
		list = append(list, *one)
	}
	slices.SortFunc(list, func(a, b TypeCount) int { return cmp.Compare(a.Type, b.Type) })
	return list
}

func (s *state) needs() []TechniqueNeeds {
	examples, mitigations, detections := s.counts(HasExamples), s.counts(HasMitigations), s.counts(HasDetection)
	techniques := s.living(attack.TypeTechnique)
	parents := s.parents(techniques)
	sortByAttackID(techniques)
	list := make([]TechniqueNeeds, len(techniques))
	for i, o := range techniques {
		list[i] = TechniqueNeeds{STIXID: o.ID, AttackID: o.ATTACK, Name: o.Name, Subtechnique: len(parents[o.ID]) > 0,
			Tactics: slices.DeleteFunc(phases(o, parents[o.ID]), func(name string) bool { return name == "" }), Platforms: listed(o.Platforms),
			Examples: examples[o.ID], Mitigations: mitigations[o.ID], Detections: detections[o.ID],
			TextLength: utf8.RuneCountInString(o.Description), Modified: o.Stamp()}
	}
	return list
}

func sum(t Term, list []TechniqueNeeds) TechniquesInTerm {
	all := TechniquesInTerm{Value: t.Value, Label: t.Label, Techniques: len(list)}
	texts, stamps := make([]int, len(list)), make([]string, len(list))
	for i, n := range list {
		texts[i], stamps[i] = n.TextLength, n.Modified
		for _, one := range []struct {
			has  int
			lack *int
		}{{n.Examples, &all.WithoutExamples}, {n.Mitigations, &all.WithoutMitigations}, {n.Detections, &all.WithoutDetection}} {
			if one.has == 0 {
				*one.lack++
			}
		}
	}
	if len(list) > 0 {
		slices.Sort(texts)
		slices.Sort(stamps)
		all.MedianText, all.MedianModified = texts[len(list)/2], stamps[len(list)/2]
	}
	return all
}

// WriteCSV writes the techniques as a table for spreadsheets.
func (st Statistics) WriteCSV(w io.Writer) error {
	table := csv.NewWriter(w)
	table.UseCRLF = true
	rows := [][]string{{"id", "name", "sub-technique", "tactics", "platforms", "procedure examples", "mitigations", "detections",
		"characters of the description", "modified", "STIX id"}}
	for _, n := range st.Techniques {
		rows = append(rows, []string{n.AttackID, n.Name, strconv.FormatBool(n.Subtechnique), strings.Join(n.Tactics, "; "), strings.Join(n.Platforms, "; "),
			strconv.Itoa(n.Examples), strconv.Itoa(n.Mitigations), strconv.Itoa(n.Detections), strconv.Itoa(n.TextLength), n.Modified, n.STIXID})
	}
	for _, row := range rows {
		for i := range row {
			row[i] = inert(row[i])
		}
		if err := table.Write(row); err != nil {
			return err
		}
	}
	table.Flush()
	return table.Error()
}

// inert keeps a spreadsheet from taking a text for a formula, also behind
// space, which some take away.
func inert(text string) string {
	bare := strings.TrimSpace(text)
	if bare != text || bare != "" && strings.ContainsRune("=+-@|%＝＋－＠", []rune(bare)[0]) {
		return "'" + text
	}
	return text
}
