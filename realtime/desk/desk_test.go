package desk_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/desk"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/typed"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// table is a desk in a workshop of its own.
type table struct {
	*desk.Desk
	t *testing.T
	j *journal.Journal
}

func open(t *testing.T, db *gorm.DB) *table {
	t.Helper()
	for _, who := range []string{"fay", "ana", "bo", "cy"} {
		if err := db.Exec(`INSERT INTO users (id, name, organisation, created_at) VALUES (?, ?, '', '2026-01-01 00:00:00')`, who, who).Error; err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Exec(`INSERT INTO workshops (id, name, summary, starts_on, ends_on, place, tlp, domain, agenda, policy, join_open, join_code, revision, created_by, created_at)
		VALUES ('w', 'W', '', '', '', '', 'clear', 'd', '[]', '{}', true, 'C', 1, 'fay', '2026-01-01 00:00:00')`).Error; err != nil {
		t.Fatal(err)
	}
	j := journal.New(db)
	return &table{desk.New(db, j, guarded), t, j}
}

// guarded is a guard that knows of one word.
func guarded(_ *gorm.DB, _, text string, _ map[string]string) ([]typed.Explained, error) {
	if strings.Contains(text, "krait") {
		return nil, fault.InField("body", "Change it.")
	}
	return nil, nil
}

func (d *table) state() desk.State {
	d.t.Helper()
	s, err := d.State(d.t.Context(), "w")
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

// live is the desk by what its events say, as a page keeps it.
func (d *table) live() desk.State {
	d.t.Helper()
	events, err := d.j.After(d.t.Context(), "w", 0, 1000)
	if err != nil {
		d.t.Fatal(err)
	}
	s := desk.State{Floor: desk.Floor{Hands: []desk.Hand{}}, Parked: []desk.Topic{}}
	for _, e := range events {
		var data struct {
			Desk   map[string]json.RawMessage
			Topic  *desk.Topic
			Tick   *desk.Tick
			Groups []desk.Group
		}
		if err := json.Unmarshal(e.Data, &data); err != nil {
			d.t.Fatal(err)
		}
		whole, err := json.Marshal(data.Desk)
		if err != nil {
			d.t.Fatal(err)
		}
		for facet := range data.Desk { // a facet comes whole
			switch facet {
			case "spotlight":
				s.Spotlight = nil
			case "clock":
				s.Clock = nil
			case "floor":
				s.Floor = desk.Floor{}
			case "reading":
				s.Reading = nil
			case "writing":
				s.Writing = nil
			case "groups":
				s.Groups = nil
			}
		}
		if err := json.Unmarshal(whole, &s); err != nil {
			d.t.Fatal(err)
		}
		if data.Topic != nil {
			if at := slices.IndexFunc(s.Parked, func(t desk.Topic) bool { return t.ID == data.Topic.ID }); at >= 0 {
				s.Parked[at] = *data.Topic
			} else {
				s.Parked = append(s.Parked, *data.Topic)
			}
		}
		if m := data.Tick; m != nil && m.What == "reading" {
			s.Reading.Read = append(s.Reading.Read, m.User)
		} else if m != nil {
			s.Writing.Written = append(s.Writing.Written, m.User)
		}
		for _, g := range data.Groups {
			s.Groups.List[slices.IndexFunc(s.Groups.List, func(one desk.Group) bool { return one.ID == g.ID })] = g
		}
	}
	return s
}

// does runs one step after another; after each, what is read afresh is what the
// events say. A step whose name begins with "again" tells nobody.
func (d *table) does(steps ...any) {
	d.t.Helper()
	for i := 0; i < len(steps); i += 2 {
		name, step := steps[i].(string), steps[i+1].(func() error)
		before, err := d.j.Head(d.t.Context(), "w")
		if err != nil {
			d.t.Fatal(err)
		}
		if err := step(); err != nil {
			d.t.Fatalf("%s: %v", name, err)
		}
		after, err := d.j.Head(d.t.Context(), "w")
		if err != nil {
			d.t.Fatal(err)
		}
		if told := after - before; told != 1 && !strings.HasPrefix(name, "again") || told != 0 && strings.HasPrefix(name, "again") {
			d.t.Errorf("%s: %d events", name, told)
		}
		if diff := cmp.Diff(d.state(), d.live()); diff != "" {
			d.t.Errorf("%s: read afresh (-) and by events (+):\n%s", name, diff)
		}
	}
}

func is(code fault.Code, step func() error) func() error {
	return func() error {
		err := step()
		if fault.CodeOf(err) != code {
			return fmt.Errorf("%v is not %s", err, code)
		}
		return nil
	}
}

func TestTheDeskIsWhatItsEventsSay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d, ctx := open(t, db), t.Context()
		paper := &desk.Subject{On: "proposal:p", Label: "#1 Kettles"}
		show := func(what *desk.Subject) func() error {
			return func() error { _, err := d.Show(ctx, "w", "fay", what); return err }
		}
		d.does("again nothing shown", show(nil), "spotlight", show(paper), "the same anew", show(paper), "no spotlight", show(nil))

		start := func(item string) func() error {
			return func() error { _, err := d.StartClock(ctx, "w", "fay", item, "Item "+item, 10); return err }
		}
		extend := func() error { _, err := d.Extend(ctx, "w", "fay", "two", 5); return err }
		stop := func() error { _, err := d.StopClock(ctx, "w", "fay"); return err }
		d.does("start", start("one"), "again the same", start("one"), "next", start("two"), "extend", extend)
		if c := d.state().Clock; c.Minutes != 15 || c.Item != "two" {
			t.Errorf("the clock is %+v", c)
		}
		d.does("stop", stop, "again stop", stop)
		if _, err := d.Extend(ctx, "w", "fay", "two", 5); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("what does not run is extended: %v", err)
		}

		raise := func(who string, up bool) func() error {
			return func() error { _, err := d.Raise(ctx, "w", who, up); return err }
		}
		give := func(who string) func() error {
			return func() error { _, err := d.Give(ctx, "w", "fay", who); return err }
		}
		d.does("again down", raise("ana", false), "up", raise("ana", true), "again up", raise("ana", true), "bo", raise("bo", true), "cy", raise("cy", true), "down", raise("bo", false),
			"word", give("cy"), "again word", give("cy"), "once more", raise("cy", true), "and again the word", give("cy"))
		if f := d.state().Floor; f.Speaker != "cy" || len(f.Hands) != 1 || f.Hands[0].User != "ana" {
			t.Errorf("the floor is %+v", f)
		}
		d.does("free", give(""), "again free", give(""))

		var topic desk.Topic
		d.does("park", func() (err error) { topic, err = d.Park(ctx, "w", "ana", " Names \n", "m"); return err },
			"another", func() error { _, err := d.Park(ctx, "w", "bo", "More", ""); return err },
			"done", func() error { _, err := d.Settle(ctx, "w", "fay", topic.ID, true); return err },
			"again done", func() error { _, err := d.Settle(ctx, "w", "fay", topic.ID, true); return err })
		if list := d.state().Parked; len(list) != 2 || !list[0].Done || list[0].Text != "Names" || list[0].Message != "m" {
			t.Errorf("parked are %+v", list)
		}
		set := func() error { _, err := d.SetRules(ctx, "w", "fay", desk.Rules{Slow: 30, Length: 500}); return err }
		d.does("rules", set, "again rules", set)
		if r, err := desk.RulesIn(db, "w"); err != nil || r.Slow != 30 {
			t.Errorf("rules are %+v, %v", r, err)
		}
	})
}

func TestAllReadAndWriteInQuiet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d, ctx := open(t, db), t.Context()
		var r *desk.Reading
		read := func(who string) func() error {
			return func() error { _, err := d.MarkRead(ctx, "w", who, r.ID); return err }
		}
		end := func() error { _, err := d.EndReading(ctx, "w", "fay", r.ID); return err }
		d.does("read", func() (err error) {
			r, err = d.StartReading(ctx, "w", "fay", desk.Subject{On: "proposal:p", Label: "#1"})
			return err
		}, "ana", read("ana"), "again ana", read("ana"), "bo", read("bo"), "end", end,
			"again too late", is(fault.Conflict, read("cy")), "again ended", is(fault.Conflict, end))

		var w *desk.Writing
		begin := func() (err error) { w, err = d.StartWriting(ctx, "w", "fay", "What is missing?"); return err }
		write := func(who, text string) func() error {
			return func() error { _, err := d.WriteNote(ctx, "w", who, w.ID, text); return err }
		}
		d.does("begin", begin, "cy", write("cy", "Pots"), "ana", write("ana", "Pans"), "again ana, otherwise", write("ana", "Kettles"),
			"again nothing said", is(fault.Invalid, write("bo", " ")), "again must not be said", is(fault.Invalid, write("bo", "krait")),
			"again not twice at once", is(fault.Conflict, func() error { _, err := d.StartWriting(ctx, "w", "fay", "Else?"); return err }))
		if s := d.state().Writing; len(s.Notes) > 0 || len(s.Written) != 2 {
			t.Errorf("before they are shown there is %+v", s)
		}
		events, err := d.j.After(ctx, "w", 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if strings.Contains(string(e.Data), "Pots") {
				t.Errorf("event %s tells what was written in quiet", e.Kind)
			}
		}
		show := func() error { _, err := d.ShowNotes(ctx, "w", "fay", w.ID); return err }
		d.does("show", show, "again show", show, "again too late", is(fault.Conflict, write("bo", "Late")))
		want := []desk.Note{{User: "ana", Text: "Kettles"}, {User: "cy", Text: "Pots"}}
		if diff := cmp.Diff(want, d.state().Writing.Notes); diff != "" {
			t.Errorf("shown (+):\n%s", diff)
		}
		d.does("begin anew", begin, "bo", write("bo", "Lids"), "end", func() error { _, err := d.EndWriting(ctx, "w", "fay", w.ID); return err })
		var left int64
		if err := db.Table("quiet_notes").Count(&left).Error; err != nil || left != 0 {
			t.Errorf("%d notes are left, %v", left, err)
		}
	})
}

func TestBreakoutGroups(t *testing.T) {
	db := storetest.Open(t)
	d, ctx := open(t, db), t.Context()
	two := []desk.NewGroup{{Name: "Pots"}, {Name: "Pans", Proposals: []string{"p"}}}
	people := []string{"ana", "bo", "cy", "fay"}
	var g *desk.Groups
	made := func(mode desk.Mode) func() error {
		return func() (err error) {
			g, err = d.MakeGroups(ctx, "w", "fay", mode, two, people, map[string]int{"cy": 1, "bo": 1, "fay": 7})
			return err
		}
	}
	sizes := func() (n []int) {
		for _, one := range d.state().Groups.List {
			n = append(n, len(one.Members))
		}
		return n
	}
	d.does("random", made(desk.Random))
	if !slices.Equal(sizes(), []int{2, 2}) {
		t.Errorf("spread as %v", sizes())
	}
	d.does("by topic", made(desk.ByTopic))
	if in := d.state().Groups.List[1].Members; !slices.Contains(in, "cy") || !slices.Contains(in, "bo") || !slices.Equal(sizes(), []int{2, 2}) {
		t.Errorf("by topic there are %v", d.state().Groups.List)
	}
	move := func(at int, who string, chosen bool) error {
		_, err := d.Move(ctx, "w", who, g.List[at].ID, who, chosen)
		return err
	}
	d.does("again not theirs to choose", is(fault.Forbidden, func() error { return move(0, "cy", true) }), "moved", func() error { return move(0, "cy", false) },
		"by choice", made(desk.Chosen), "chosen", func() error { return move(0, "cy", true) }, "again chosen", func() error { return move(0, "cy", true) },
		"changed", func() error { return move(1, "cy", true) })
	if !slices.Equal(sizes(), []int{0, 1}) {
		t.Errorf("chosen as %v", sizes())
	}
	work := func() error { _, err := d.WorkOn(ctx, "w", "cy", g.List[0].ID, []string{"p", "q"}); return err }
	d.does("work", work, "again work", work)
	if one, err := d.GroupOf(ctx, "w", g.List[0].ID); err != nil || len(one.Proposals) != 2 {
		t.Errorf("works on %v, %v", one, err)
	}
	for name, err := range map[string]error{
		"one group": func() error { _, err := d.MakeGroups(ctx, "w", "fay", desk.Random, two[:1], nil, nil); return err }(),
		"no mode":   func() error { _, err := d.MakeGroups(ctx, "w", "fay", "else", two, nil, nil); return err }(),
		"no name": func() error {
			_, err := d.MakeGroups(ctx, "w", "fay", desk.Random, append([]desk.NewGroup{{}}, two...), nil, nil)
			return err
		}(),
	} {
		if fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	end := func() error { _, err := d.EndGroups(ctx, "w", "fay"); return err }
	d.does("end", end, "again end", end, "again no group", is(fault.NotFound, func() error { return move(0, "cy", false) }))
}

func TestWhatADeskRefuses(t *testing.T) {
	d := open(t, storetest.Open(t))
	ctx := t.Context()
	for name, step := range map[string]func() error{
		"empty topic":    func() error { _, err := d.Park(ctx, "w", "ana", " ", ""); return err },
		"long topic":     func() error { _, err := d.Park(ctx, "w", "ana", strings.Repeat("é", desk.MaxTopic+1), ""); return err },
		"topic by krait": func() error { _, err := d.Park(ctx, "w", "ana", "krait", ""); return err },
		"no question":    func() error { _, err := d.StartWriting(ctx, "w", "fay", ""); return err },
		"slower":         func() error { _, err := d.SetRules(ctx, "w", "fay", desk.Rules{Slow: 4000}); return err },
		"faster":         func() error { _, err := d.SetRules(ctx, "w", "fay", desk.Rules{Slow: -1}); return err },
		"shorter":        func() error { _, err := d.SetRules(ctx, "w", "fay", desk.Rules{Length: 9}); return err },
	} {
		if err := step(); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := d.Settle(ctx, "w", "fay", "none", true); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("no topic: %v", err)
	}
	for i := range 100 {
		if _, err := d.Raise(ctx, "w", fmt.Sprint(i), true); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Raise(ctx, "w", "ana", true); fault.CodeOf(err) != fault.TooMany {
		t.Errorf("a hand too many: %v", err)
	}
}
