package workshop

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/guard"
)

// Limits of what a facilitator may enter.
const (
	maxLine    = 200    // characters of a name, a place, a title
	maxText    = 10_000 // characters of a summary or a note
	maxAgenda  = 100    // items
	maxMinutes = 24 * 60
	maxLinks   = 50 // proposals of an item
)

// DefaultTechniqueIDs is where ATT&CK ids of new techniques start where a
// workshop does not say otherwise; MITRE is far below.
const DefaultTechniqueIDs = 9000

var clock = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)

// TLPs lists the markings of the Traffic Light Protocol 2.0, mildest first.
func TLPs() []string { return []string{"clear", "green", "amber", "amber+strict", "red"} }

// clean checks a workshop and puts in what was left out.
func (w Workshop) clean() (Workshop, error) {
	w.Name, w.Place, w.Summary = strings.TrimSpace(w.Name), strings.TrimSpace(w.Place), strings.TrimSpace(w.Summary)
	if w.Name == "" {
		return w, fault.InField("name", "Give the workshop a name.")
	}
	for _, f := range []struct{ field, text string }{{"name", w.Name}, {"place", w.Place}, {"domain", w.Domain}} {
		if err := typed.Line(f.field, f.text, maxLine); err != nil {
			return w, err
		}
	}
	if err := typed.Text("summary", w.Summary, maxText); err != nil {
		return w, err
	}
	if w.Domain == "" {
		return w, fault.InField("domain", "Choose the ATT&CK domain that the workshop works on.")
	}
	if err := dates(w.StartsOn, w.EndsOn); err != nil {
		return w, err
	}
	if !slices.Contains(TLPs(), w.TLP) {
		return w, fault.InField("tlp", "Choose one of %s.", strings.Join(TLPs(), ", "))
	}
	if w.Policy.Join == "" {
		w.Policy.Join = JoinByCode
	}
	if w.Policy.Join != JoinByCode && w.Policy.Join != JoinClosed {
		return w, fault.InField("policy.join", "Choose %s or %s.", JoinByCode, JoinClosed)
	}
	if w.Policy.TechniqueIDsFrom == 0 {
		w.Policy.TechniqueIDsFrom = DefaultTechniqueIDs
	}
	if n := w.Policy.TechniqueIDsFrom; n < 1000 || n > 9999 {
		return w, fault.InField("policy.technique_ids_from", "ATT&CK ids have four digits: choose a number from 1000 to 9999.")
	}
	var err error
	if w.Policy.Levels, err = cleanLevels(w.Policy.Levels); err != nil {
		return w, err
	}
	w.Agenda, err = cleanAgenda(w.Agenda)
	return w, err
}

// cleanLevels refuses levels that there are not, and leaves out those that a
// rule has anyway.
func cleanLevels(levels map[string]check.Level) (map[string]check.Level, error) {
	kept := map[string]check.Level{}
	for id, level := range levels {
		at := "policy.levels." + id
		rule, ok := check.RuleOf(id)
		switch {
		case !ok:
			return nil, fault.InField("policy.levels", "There is no rule %.40q.", id)
		case !slices.Contains(check.Levels(), level):
			return nil, fault.InField(at, "Choose off, hint, warning or error.")
		case rule.Fixed && level != rule.Level:
			return nil, fault.InField(at, "%s: what this rule finds would keep a release from being one, so it stays as it is.", rule.Title)
		case level != rule.Level:
			kept[id] = level
		}
	}
	return kept, nil
}

func dates(start, end string) error {
	from, err := time.Parse(time.DateOnly, start)
	if err != nil {
		return fault.InField("starts_on", "Give the first day as YYYY-MM-DD.")
	}
	to, err := time.Parse(time.DateOnly, end)
	if err != nil {
		return fault.InField("ends_on", "Give the last day as YYYY-MM-DD.")
	}
	if to.Before(from) {
		return fault.InField("ends_on", "The last day is before the first.")
	}
	return nil
}

func cleanAgenda(items []AgendaItem) ([]AgendaItem, error) {
	if len(items) > maxAgenda {
		return nil, fault.InField("agenda", "An agenda has at most %d items.", maxAgenda)
	}
	list := make([]AgendaItem, len(items)) // never null in JSON
	for i, item := range items {
		at := func(name string) string { return fmt.Sprintf("agenda[%d].%s", i, name) }
		item.Title = strings.TrimSpace(item.Title)
		if item.Title == "" {
			return nil, fault.InField(at("title"), "Give the item a title.")
		}
		if err := typed.Line(at("title"), item.Title, maxLine); err != nil {
			return nil, err
		}
		if err := typed.Text(at("notes"), item.Notes, maxText); err != nil {
			return nil, err
		}
		if err := typed.Text(at("goals"), item.Goals, maxText); err != nil {
			return nil, err
		}
		if err := cleanLinks(at("proposals"), item.Proposals); err != nil {
			return nil, err
		}
		if item.StartsAt != "" && !clock.MatchString(item.StartsAt) {
			return nil, fault.InField(at("starts_at"), "Give the time as HH:MM.")
		}
		if item.Minutes < 0 || item.Minutes > maxMinutes {
			return nil, fault.InField(at("minutes"), "Give the length in minutes, at most %d.", maxMinutes)
		}
		if uuid.Validate(item.ID) != nil || slices.ContainsFunc(list[:i], func(a AgendaItem) bool { return a.ID == item.ID }) {
			item.ID = uuid.NewString() // pages tell items apart by it
		}
		list[i] = item
	}
	return list, nil
}

// sharable refuses texts that have what must not be shared and were not so
// before: all who join read them.
func (w Workshop) sharable(before Workshop) error {
	known := check.Known{Guard: guard.New(guard.Known{TLP: w.TLP}, nil)}
	old := map[string]bool{}
	for _, text := range before.texts() {
		old[text] = true
	}
	texts := w.texts()
	for _, field := range slices.Sorted(maps.Keys(texts)) {
		if old[texts[field]] {
			continue
		}
		if c, failed := check.Failed(check.Notice(field, texts[field], known)); failed {
			return fault.InField(field, "All who join read this: %s Leave it out.", c.Message)
		}
	}
	return nil
}

// texts are what people read of a workshop, by the names of the fields.
func (w Workshop) texts() map[string]string {
	texts := map[string]string{"name": w.Name, "place": w.Place, "summary": w.Summary}
	for i, item := range w.Agenda {
		for name, text := range map[string]string{"title": item.Title, "notes": item.Notes, "goals": item.Goals} {
			texts[fmt.Sprintf("agenda[%d].%s", i, name)] = text
		}
	}
	return texts
}

// cleanLinks refuses what cannot be ids of proposals. Whether they are there is
// seen where they are shown: a proposal may go while the agenda stays.
func cleanLinks(field string, ids []string) error {
	if len(ids) > maxLinks {
		return fault.InField(field, "An item has at most %d proposals.", maxLinks)
	}
	for _, id := range ids {
		if uuid.Validate(id) != nil {
			return fault.InField(field, "%.40q is no proposal.", id)
		}
	}
	return nil
}
