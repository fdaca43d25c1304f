package taxonomy

import (
	"slices"
	"unicode/utf8"

	"github.com/atelier-attack/atelier/review/attack"
)

// Habit is what the living objects of a type have in one field, for whoever
// writes another one.
type Habit struct {
	Type   string `json:"type" doc:"STIX type"`
	Field  string `json:"field" doc:"its name in the forms"`
	Of     int    `json:"of" doc:"living objects of the type"`
	Filled int    `json:"filled" doc:"those that have something in it"`
	// Four of five of those that are filled are between Low and High.
	Low   int            `json:"low" doc:"characters of a text, entries of anything else: one of ten has less"`
	High  int            `json:"high" doc:"one of ten has more"`
	Terms map[string]int `json:"terms,omitempty" doc:"how many have each word of a vocabulary"`
}

// findHabits counts what the fields of all types hold.
func (s *state) findHabits() []Habit {
	living := map[string][]*Object{}
	for _, o := range s.once {
		if o.Live() {
			living[o.Type] = append(living[o.Type], o)
		}
	}
	habits := []Habit{}
	for _, form := range attack.Forms() {
		if form.Action == attack.Modify && len(living[form.Type]) > 0 {
			habits = append(habits, habitsOf(form, living[form.Type])...)
		}
	}
	return habits
}

// habitsOf counts what the fields of a form hold in objects of its type.
func habitsOf(form attack.Form, objects []*Object) []Habit {
	sizes := make([][]int, len(form.Fields))
	terms := make([]map[string]int, len(form.Fields))
	for _, o := range objects {
		content := attack.ContentOf(o.Object, form)
		for i, f := range form.Fields {
			v := content[f.Name]
			if size := utf8.RuneCountInString(v.Text) + len(v.List) + len(v.References) + len(v.Rows); size > 0 {
				sizes[i] = append(sizes[i], size)
			}
			if f.Vocabulary == "" && f.Options == nil {
				continue
			}
			for _, one := range v.List {
				if terms[i] == nil {
					terms[i] = map[string]int{}
				}
				terms[i][one]++
			}
		}
	}
	habits := make([]Habit, len(form.Fields))
	for i, f := range form.Fields {
		n := len(sizes[i])
		habits[i] = Habit{Type: form.Type, Field: f.Name, Of: len(objects), Filled: n, Terms: terms[i]}
		if n > 0 {
			slices.Sort(sizes[i])
			habits[i].Low, habits[i].High = sizes[i][n/10], sizes[i][n-1-n/10]
		}
	}
	return habits
}
