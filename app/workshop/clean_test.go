package workshop

import (
	"errors"
	"testing"

	"github.com/atelier-attack/atelier/realtime/fault"
)

func TestTextOfAWorkshopIsText(t *testing.T) {
	for field, spoil := range map[string]func(w *Workshop){
		"":                func(w *Workshop) { w.Summary = "two\nlines" },
		"name":            func(w *Workshop) { w.Name = "Tea\u202e" },
		"place":           func(w *Workshop) { w.Place = "two\nlines" },
		"summary":         func(w *Workshop) { w.Summary = "a\u2066" },
		"agenda[0].title": func(w *Workshop) { w.Agenda = []AgendaItem{{Title: "a\x07"}} },
		"agenda[0].notes": func(w *Workshop) { w.Agenda = []AgendaItem{{Title: "Tea", Notes: "a\xff"}} },
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
