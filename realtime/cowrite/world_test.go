package cowrite

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"unicode/utf16"

	"gorm.io/gorm"
	"pgregory.net/rapid"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// editor is what a page has of a text: with what it typed, and which of it is
// not acknowledged.
type editor interface {
	open(t rapid.TB, client string, from Text)
	edit(t rapid.TB, from, to int, insert string)
	receive(t rapid.TB, updates []Update)
	state(t rapid.TB) editorState
}

type editorState struct {
	Text    string
	Version int64
	Pending []Changes
}

// modelled is an editor that does what @codemirror/collab does.
type modelled struct {
	client  string
	text    []uint16
	version int64
	pending []Changes
}

func (m *modelled) open(_ rapid.TB, client string, from Text) {
	*m = modelled{client: client, text: utf16.Encode([]rune(from.Text)), version: from.Version}
}

func (m *modelled) edit(_ rapid.TB, from, to int, insert string) {
	var c Changes
	c.keep(from)
	c.replace(to-from, utf16.Encode([]rune(insert)))
	c.keep(len(m.text) - to)
	m.text, m.pending = c.apply(m.text), append(m.pending, c)
}

func (m *modelled) receive(_ rapid.TB, updates []Update) {
	for _, u := range updates {
		m.version++
		if u.Client == m.client {
			m.pending = m.pending[1:]
			continue
		}
		theirs := u.Changes
		for i, own := range m.pending {
			m.pending[i], theirs = own.over(theirs, false), theirs.over(own, true)
		}
		m.text = theirs.apply(m.text)
	}
}

func (m *modelled) state(rapid.TB) editorState {
	return editorState{string(utf16.Decode(m.text)), m.version, slices.Clone(m.pending)}
}

// real is an editor of CodeMirror's own.
type real struct {
	*codemirror
	number int
}

func (r *real) open(t rapid.TB, client string, from Text) {
	r.ask(t, new(any), "open", map[string]any{"editor": r.number, "client": client, "text": from.Text, "version": from.Version})
}

func (r *real) edit(t rapid.TB, from, to int, insert string) {
	r.ask(t, new(any), "edit", map[string]any{"editor": r.number, "from": from, "to": to, "insert": insert})
}

func (r *real) receive(t rapid.TB, updates []Update) {
	r.ask(t, new(any), "receive", map[string]any{"editor": r.number, "updates": updates})
}

func (r *real) state(t rapid.TB) (s editorState) {
	r.ask(t, &s, "state", map[string]any{"editor": r.number})
	return s
}

// writer is a person with an editor, and a network that loses, doubles and
// turns around what is on its way.
type writer struct {
	editor
	author, client string
	acknowledged   int64 // how many of its own updates it has received
	pushes         []Push
	answers        [][]Update
}

// world is several people who write one text on one server.
type world struct {
	db      *gorm.DB
	limits  Limits
	servers []*Texts // on one database
	name    Name
	writers []*writer
	letters int           // that were typed; each is another one
	deleted map[rune]bool // by the person who saw it
}

// letter gives the n-th letter: every other one is two units.
func letter(n int) rune {
	if n%2 == 0 {
		return rune(0x4E00 + n/2)
	}
	return rune(0x20000 + n/2)
}

func (w *world) start(i int) {
	w.servers[i] = Start(w.db, slog.New(slog.DiscardHandler), w.limits)
}

func (w *world) stop(t rapid.TB, i int) {
	t.Helper()
	if err := w.servers[i].Close(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// texts gives any of the servers.
func (w *world) texts(t *rapid.T) *Texts { return rapid.SampledFrom(w.servers).Draw(t, "server") }

func (w *world) pick(t *rapid.T) *writer {
	return w.writers[rapid.IntRange(0, len(w.writers)-1).Draw(t, "writer")]
}

// typing has somebody replace a piece of what they see with new letters.
func (w *world) typing(t *rapid.T) {
	p := w.pick(t)
	runes := []rune(p.state(t).Text)
	from := rapid.IntRange(0, len(runes)).Draw(t, "from")
	to := from + rapid.SampledFrom([]int{0, 0, 0, 0, 1, 2, 5}).Draw(t, "deletes")
	to = min(to, len(runes))
	insert := ""
	for range rapid.IntRange(0, 3).Draw(t, "types") {
		insert += string(letter(w.letters))
		w.letters++
	}
	if rapid.IntRange(0, 9).Draw(t, "new line") == 0 {
		insert += "\n"
	}
	if from == to && insert == "" {
		return
	}
	for _, r := range runes[from:to] {
		w.deleted[r] = true
	}
	units := func(r []rune) int { return len(utf16.Encode(r)) }
	p.edit(t, units(runes[:from]), units(runes[:to]), insert)
}

// sending puts all that a page has not seen acknowledged on its way.
func (w *world) sending(t *rapid.T) {
	p := w.pick(t)
	s := p.state(t)
	if len(s.Pending) > 0 {
		p.pushes = append(p.pushes, Push{p.author, p.client, s.Version, p.acknowledged + 1, s.Pending})
	}
}

// arriving lets a push arrive that is not always the oldest, and perhaps arrives
// again later. Its answer may be lost.
func (w *world) arriving(t *rapid.T) {
	p := w.pick(t)
	push, ok := some(t, &p.pushes)
	if !ok {
		return
	}
	pushed, err := w.texts(t).Push(t.Context(), w.name, push)
	switch {
	case fault.CodeOf(err) == fault.Stale && err != nil:
	case err != nil:
		t.Fatalf("%s: %v", p.client, err)
	case rapid.IntRange(0, 3).Draw(t, "lost") > 0:
		p.answers = append(p.answers, pushed.Updates)
	}
}

// asking gets what a page has missed, as a new connection does.
func (w *world) asking(t *rapid.T) {
	p := w.pick(t)
	limit := rapid.IntRange(1, 20).Draw(t, "limit")
	updates, err := w.texts(t).Since(t.Context(), w.name, p.state(t).Version, limit)
	if err != nil {
		t.Fatalf("%s: %v", p.client, err)
	}
	p.answers = append(p.answers, updates)
}

// hearing lets an answer reach its page, in any order, and perhaps again.
func (w *world) hearing(t *rapid.T) {
	p := w.pick(t)
	if updates, ok := some(t, &p.answers); ok {
		p.hear(t, updates)
	}
}

// hear applies what follows on what the page has.
func (p *writer) hear(t *rapid.T, updates []Update) {
	next := p.state(t).Version + 1
	for i, u := range updates {
		if u.Version == next {
			for _, u := range updates[i:] {
				if u.Author == p.author && u.Client == p.client {
					p.acknowledged++
					if u.Number != p.acknowledged {
						t.Fatalf("%s hears of its number %d after %d", p.client, u.Number, p.acknowledged-1)
					}
				}
			}
			p.receive(t, updates[i:])
			return
		}
	}
}

// some takes a thing out of what is on its way, or leaves it there as well.
func some[T any](t *rapid.T, on *[]T) (one T, ok bool) {
	if len(*on) == 0 {
		return one, false
	}
	i := rapid.IntRange(0, len(*on)-1).Draw(t, "which")
	one = (*on)[i]
	if rapid.IntRange(0, 3).Draw(t, "again") > 0 {
		*on = slices.Delete(*on, i, i+1)
	}
	return one, true
}

// dropping breaks a connection: nothing that is on its way arrives.
func (w *world) dropping(t *rapid.T) {
	p := w.pick(t)
	p.pushes, p.answers = nil, nil
}

// restarting has a new server go on with what is in the database.
func (w *world) restarting(t *rapid.T) {
	i := rapid.IntRange(0, len(w.servers)-1).Draw(t, "which server")
	w.stop(t, i)
	w.start(i)
}

// settle repairs all connections and waits until nobody has anything to say.
func (w *world) settle(t *rapid.T) {
	for busy := true; busy; {
		busy = false
		for _, p := range w.writers {
			for {
				updates, err := w.texts(t).Since(t.Context(), w.name, p.state(t).Version, 1000)
				if err != nil {
					t.Fatal(err)
				}
				if len(updates) == 0 {
					break
				}
				p.hear(t, updates)
				busy = true
			}
			s := p.state(t)
			if len(s.Pending) == 0 {
				continue
			}
			pushed, err := w.texts(t).Push(t.Context(), w.name, Push{p.author, p.client, s.Version, p.acknowledged + 1, s.Pending})
			if err != nil {
				t.Fatal(err)
			}
			p.hear(t, pushed.Updates)
			busy = true
		}
	}
}

// agree makes sure that all have one text, with every letter once that nobody
// deleted.
func (w *world) agree(t *rapid.T) {
	now, err := w.texts(t).Read(t.Context(), w.name)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range w.writers {
		if s := p.state(t); s.Text != now.Text || s.Version != now.Version {
			t.Fatalf("%s has version %d, %q;\nthe server has %d, %q", p.client, s.Version, s.Text, now.Version, now.Text)
		}
	}
	found := map[rune]int{}
	for _, r := range now.Text {
		found[r]++
	}
	for n := range w.letters {
		l := letter(n)
		if want := map[bool]int{false: 1, true: 0}[w.deleted[l]]; found[l] != want {
			t.Fatalf("letter %c is there %d times, not %d:\n%q", l, found[l], want, now.Text)
		}
	}
	held, err := Hold(w.db, w.name.Topic)
	if err != nil {
		t.Fatal(err)
	}
	if held[w.name.Field] != now {
		t.Fatalf("the database has %v, not %v", held, now)
	}
}

// live lets people write over a bad network, and looks at what they have in
// the end, also after another start of the server.
func (w *world) live(t *rapid.T) {
	w.limits = DefaultLimits()
	w.limits.Recent = rapid.IntRange(5, 60).Draw(t, "recent")
	w.limits.Store = rapid.IntRange(1, 20).Draw(t, "store")
	w.deleted = map[rune]bool{}
	text := "The first line 𝄞.\n\nThe last line."
	if err := Begin(w.db, w.name, text); err != nil {
		t.Fatal(err)
	}
	for i, p := range w.writers {
		p.author, p.client = fmt.Sprintf("person %d", i/2), fmt.Sprintf("c%d", i)
		p.open(t, p.client, Text{Text: text})
	}
	for i := range w.servers {
		w.start(i)
		defer func() { w.stop(t, i) }()
	}
	t.Repeat(map[string]func(*rapid.T){
		"typing": w.typing, "typing more": w.typing, "sending": w.sending, "arriving": w.arriving, "arriving next": w.arriving,
		"asking": w.asking, "hearing": w.hearing, "hearing next": w.hearing, "dropping": w.dropping, "restarting": w.restarting,
	})
	w.settle(t)
	w.agree(t)
	w.restarting(t)
	w.agree(t)
}

// clients counts texts, so that each case has its own.
func cases(t *testing.T, db *gorm.DB, servers int, open func(i int) editor) {
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		w := &world{db: db, servers: make([]*Texts, servers), name: Name{fmt.Sprintf("case %d", n), "description"}}
		for i := range rapid.IntRange(2, 8).Draw(t, "writers") {
			w.writers = append(w.writers, &writer{editor: open(i)})
		}
		w.live(t)
	})
}
