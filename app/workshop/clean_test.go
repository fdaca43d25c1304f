package workshop

import (
	"errors"
	"maps"
	"testing"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/check"
)

func TestTextOfAWorkshopIsText(t *testing.T) {
	for field, spoil := range map[string]func(w *Workshop){
		"":                    func(w *Workshop) { w.Summary = "two\nlines" },
		"name":                func(w *Workshop) { w.Name = "Tea\u202e" },
		"place":               func(w *Workshop) { w.Place = "two\nlines" },
		"summary":             func(w *Workshop) { w.Summary = "a\u2066" },
		"agenda[0].title":     func(w *Workshop) { w.Agenda = []AgendaItem{{Title: "a\x07"}} },
		"agenda[0].notes":     func(w *Workshop) { w.Agenda = []AgendaItem{{Title: "Tea", Notes: "a\xff"}} },
		"agenda[0].goals":     func(w *Workshop) { w.Agenda = []AgendaItem{{Title: "Tea", Goals: "a\x07"}} },
		"agenda[0].proposals": func(w *Workshop) { w.Agenda = []AgendaItem{{Title: "Tea", Proposals: []string{"p"}}} },
	} {
		w := Workshop{Brief: Brief{Name: "Tea", StartsOn: "2026-12-01", EndsOn: "2026-12-01", TLP: "clear"}, Domain: "small-attack"}
		spoil(&w)
		_, err := w.clean()
		var f *fault.Error
		if field == "" && err != nil || field != "" && (!errors.As(err, &f) || f.Code != fault.Invalid || f.Field != field) {
			t.Errorf("%q: %v", field, err)
		}
	}
}

// TestAWorkshopSharesNoIndicators looks at each text that all who join read, and
// lets through how a workshop is reached, and what stood there before.
func TestAWorkshopSharesNoIndicators(t *testing.T) {
	const address, reached = "Seen at 185.12.13.14", "Ask info@teapot-guild.org, +44 20 7946 0999, or see https://teapot-guild.org/day"
	for field, write := range map[string]func(w *Workshop, text string){
		"name":            func(w *Workshop, text string) { w.Name = text },
		"place":           func(w *Workshop, text string) { w.Place = text },
		"summary":         func(w *Workshop, text string) { w.Summary = text },
		"agenda[0].title": func(w *Workshop, text string) { w.Agenda = []AgendaItem{{Title: text}} },
		"agenda[0].notes": func(w *Workshop, text string) { w.Agenda = []AgendaItem{{Title: "Tea", Notes: text}} },
		"agenda[0].goals": func(w *Workshop, text string) { w.Agenda = []AgendaItem{{Title: "Tea", Goals: text}} },
	} {
		w := Workshop{Brief: Brief{TLP: "green"}}
		write(&w, reached)
		if err := w.sharable(Workshop{}); err != nil {
			t.Errorf("%s: how it is reached: %v", field, err)
		}
		write(&w, address)
		var f *fault.Error
		if err := w.sharable(Workshop{}); !errors.As(err, &f) || f.Code != fault.Invalid || f.Field != field {
			t.Errorf("%s: %v", field, err)
		}
		if err := w.sharable(w); err != nil {
			t.Errorf("%s: what was there before: %v", field, err)
		}
	}
}

// TestLevelsOfRules keeps what differs from the rules, and refuses what there is
// not and what a workshop cannot choose.
func TestLevelsOfRules(t *testing.T) {
	type levels = map[string]check.Level
	rule, _ := check.RuleOf(check.CodeTerm)
	for name, c := range map[string]struct {
		given, kept levels
		field       string
	}{
		"none":             {nil, levels{}, ""},
		"as usual":         {levels{rule.ID: rule.Level}, levels{}, ""},
		"another":          {levels{rule.ID: check.Error}, levels{rule.ID: check.Error}, ""},
		"off":              {levels{rule.ID: check.Off}, levels{rule.ID: check.Off}, ""},
		"no level":         {levels{rule.ID: "loud"}, nil, "policy.levels." + rule.ID},
		"no rule":          {levels{"no_such_rule": check.Off}, nil, "policy.levels"},
		"a fixed rule":     {levels{check.CodeRequired: check.Hint}, nil, "policy.levels." + check.CodeRequired},
		"fixed, as usual":  {levels{check.CodeRequired: check.Error}, levels{}, ""},
		"the guard is too": {levels{check.CodeIndicator: check.Off}, nil, "policy.levels." + check.CodeIndicator},
	} {
		w := Workshop{Brief: Brief{Name: "Tea", StartsOn: "2026-12-01", EndsOn: "2026-12-01", TLP: "clear"}, Domain: "small-attack", Policy: Policy{Levels: c.given}}
		w, err := w.clean()
		var f *fault.Error
		switch {
		case c.field == "" && (err != nil || !maps.Equal(w.Policy.Levels, c.kept)):
			t.Errorf("%s: kept %v, %v", name, w.Policy.Levels, err)
		case c.field != "" && (!errors.As(err, &f) || f.Code != fault.Invalid || f.Field != c.field):
			t.Errorf("%s: %v", name, err)
		}
	}
}
