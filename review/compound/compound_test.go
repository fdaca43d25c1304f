package compound_test

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/compound"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

const (
	small        = "small-attack"
	overfill     = "attack-pattern--00000000-0000-4000-9000-000000000006" // T1001
	slowOverfill = "attack-pattern--00000000-0000-4000-9000-000000000007" // T1001.001
	redirect     = "attack-pattern--00000000-0000-4000-9000-000000000008" // T1002
	gang         = "intrusion-set--00000000-0000-4000-9000-000000000010"
	example      = "relationship--00000000-0000-4000-9000-000000000011" // gang uses overfill
)

func load(t testing.TB, name string, bundle *os.File) *taxonomy.Snapshot {
	t.Helper()
	tax := taxonomy.New(storetest.Open(t), slog.New(slog.DiscardHandler))
	if _, err := tax.Import(t.Context(), taxonomy.Source{Name: name, Reader: bundle}, nil); err != nil {
		t.Fatal(err)
	}
	return tax.Snapshot()
}

func kitchen(t testing.TB) *taxonomy.Snapshot {
	t.Helper()
	f, err := os.Open("../testdata/small.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return load(t, "small", f)
}

// expand takes a proposal apart that starts from an object as a person does.
func expand(t testing.TB, now *taxonomy.Snapshot, domain, kind, about string, change attack.Content) []compound.Part {
	t.Helper()
	form, ok := attack.FormOf(kind)
	if !ok {
		t.Fatalf("there is no form %s", kind)
	}
	content := attack.Content{}
	if o, ok := now.InDomain(domain, about); ok {
		content = attack.ContentOf(o.Object, form)
	}
	maps.Copy(content, change)
	p := compound.Proposal{ID: "p", Form: form, About: about, Content: content}
	parts := compound.Expand(compound.In(now, domain), p)
	if again := compound.Expand(compound.In(now, domain), p); !compound.Same(parts, again) {
		t.Errorf("%s: the second time it is %+v", kind, again)
	}
	return parts
}

// told says what parts do, each in a line.
func told(now *taxonomy.Snapshot, domain string, parts []compound.Part) []string {
	names := map[string]string{}
	for _, p := range parts {
		if p.Makes() {
			names[p.Object] = "+" + p.Content[attack.FieldName].Text
		}
	}
	name := func(id string) string {
		if o, ok := now.InDomain(domain, id); ok {
			return o.Label()
		}
		return names[id]
	}
	lines := []string{}
	for _, p := range parts {
		line := p.Kind + " " + name(p.Object)
		form := p.Form()
		for _, field := range p.Changed() {
			if p.Makes() && field != attack.FieldParent && field != attack.FieldTactics {
				continue
			}
			v := p.Content[field]
			f, _ := form.Field(field)
			text := v.Text
			switch {
			case f.Kind == attack.ObjectRef:
				text = name(v.Text)
			case f.Kind == attack.List:
				text = strings.Join(v.List, ",")
			case f.Kind == attack.References:
				text = fmt.Sprint(len(v.References))
			}
			line += " " + field + "=" + text
		}
		lines = append(lines, line)
	}
	return lines
}

func text(s string) attack.Value    { return attack.Value{Text: s} }
func list(s ...string) attack.Value { return attack.Value{List: s} }
func yes() attack.Value             { return text("true") }
func flag(on bool) attack.Value {
	if on {
		return yes()
	}
	return attack.Value{}
}

// TestEachKindIsTakenApart says for each kind what becomes of it on a small
// taxonomy.
func TestEachKindIsTakenApart(t *testing.T) {
	now := kitchen(t)
	for _, c := range []struct {
		name, kind, about string
		change            attack.Content
		want              []string
	}{
		{"a technique goes below another", attack.ToSubtechnique, redirect, attack.Content{attack.FieldParent: text(overfill), attack.FieldTactics: list("boiling")},
			[]string{"sub-technique +Spout Redirect parent=T1001 tactics=boiling", "revoke-technique T1002 replacement=+Spout Redirect carry=true"}},
		{"its parent is not chosen yet", attack.ToSubtechnique, redirect, nil,
			[]string{"sub-technique +Spout Redirect tactics=pouring", "revoke-technique T1002 replacement=+Spout Redirect carry=true"}},
		{"a sub-technique becomes a technique", attack.ToTechnique, slowOverfill, attack.Content{attack.FieldName: text("Slowness")},
			[]string{"technique +Slowness tactics=boiling", "revoke-technique T1001.001 replacement=+Slowness carry=true"}},
		{"a sub-technique moves", attack.MoveSubtechnique, slowOverfill, attack.Content{attack.FieldParent: text(redirect)},
			[]string{"sub-technique +Slow Overfill parent=T1002 tactics=boiling", "revoke-technique T1001.001 replacement=+Slow Overfill carry=true"}},
		{"a technique moves alone", attack.MoveTactics, overfill, attack.Content{attack.FieldTactics: list("pouring")}, []string{"refinement T1001 tactics=pouring"}},
		{"and with its sub-techniques", attack.MoveTactics, overfill, attack.Content{attack.FieldTactics: list("pouring"), attack.FieldWith: yes()},
			[]string{"refinement T1001 tactics=pouring", "refinement T1001.001 tactics=pouring"}},
		{"a tactic more", attack.MoveTactics, overfill, attack.Content{attack.FieldTactics: list("boiling", "pouring"), attack.FieldWith: yes()},
			[]string{"refinement T1001 tactics=boiling,pouring", "refinement T1001.001 tactics=boiling,pouring"}},
		{"no tactic", attack.MoveTactics, overfill, attack.Content{attack.FieldTactics: {}, attack.FieldWith: yes()}, []string{"refinement T1001 tactics="}},
		{"a name", "rename-technique", redirect, attack.Content{attack.FieldName: text("Spout Turning")}, []string{"refinement T1002 name=Spout Turning"}},
		{"a name that is the same", "rename-technique", redirect, nil, []string{}},
		{"a name that keeps the old one", "rename-group", gang, attack.Content{attack.FieldName: text("Kettle Gang"), attack.FieldKeepName: yes()},
			[]string{"refine-group G0901 name=Kettle Gang aliases=" + strings.Join(append(aliases(now), "Teapot Gang"), ",")}},
		{"two become one", "merge-technique", redirect, attack.Content{attack.FieldReplacement: text(overfill)}, []string{"revoke-technique T1002 replacement=T1001 carry=true"}},
		{"and its text is another", "merge-technique", redirect, attack.Content{attack.FieldReplacement: text(overfill), attack.FieldDescription: text("Both.")},
			[]string{"revoke-technique T1002 replacement=T1001 carry=true", "refinement T1001 description=Both."}},
		{"many get a platform", attack.BulkChange, "", attack.Content{attack.FieldObjects: list(overfill, slowOverfill, redirect, "attack-pattern--none"), attack.FieldAddPlatforms: list("Stove")},
			[]string{"refinement T1001.001 platforms=Kettle,Stove", "refinement T1002 platforms=Kettle,Stove"}},
		{"and lose one", attack.BulkChange, "", attack.Content{attack.FieldObjects: list(overfill, redirect), attack.FieldRemovePlatforms: list("Stove"), attack.FieldAddTactics: list("pouring")},
			[]string{"refinement T1001 tactics=boiling,pouring platforms=Kettle"}},
		{"nothing is chosen", attack.BulkChange, "", attack.Content{attack.FieldObjects: list(overfill)}, []string{}},
		{"words in names", attack.SearchReplace, "", attack.Content{attack.FieldObjects: list(overfill, slowOverfill, redirect), attack.FieldFind: text("overfill"),
			attack.FieldReplace: text("Flood"), attack.FieldNames: yes(), attack.FieldMatchCase: flag(false)}, nil},
		{"words in examples, too", attack.SearchReplace, "", attack.Content{attack.FieldObjects: list(overfill, gang), attack.FieldFind: text("filled"),
			attack.FieldReplace: text("flooded"), attack.FieldWithExamples: yes()}, []string{"refine-relationship " + example + " description=They flooded it.(Citation: Kettle Report)"}},
		{"but for what keeps them", attack.SearchReplace, "", attack.Content{attack.FieldObjects: list(overfill, redirect), attack.FieldFind: text("it"),
			attack.FieldReplace: text("this"), attack.FieldWholeWords: yes(), attack.FieldWithExamples: yes(), attack.FieldLeftOut: list(example)}, []string{}},
		{"no words", attack.SearchReplace, "", attack.Content{attack.FieldObjects: list(overfill)}, []string{}},
		{"a technique is split", attack.SplitTechnique, overfill, attack.Content{attack.FieldPieces: pieces("a", "Flood", "b", "Drip"),
			attack.FieldExamples: goes(example, "b")}, []string{"technique +Flood tactics=boiling", "technique +Drip tactics=boiling", "hand-over-relationship " + example + " target=+Drip"}},
		{"into sub-techniques", attack.SplitTechnique, overfill, attack.Content{attack.FieldPieces: pieces("a", "Flood"), attack.FieldBelow: yes()},
			[]string{"sub-technique +Flood parent=T1001 tactics=boiling"}},
		{"a sub-technique is split", attack.SplitTechnique, slowOverfill, attack.Content{attack.FieldPieces: pieces("a", "Flood", "b", "Drip"), attack.FieldRetire: yes()},
			[]string{"sub-technique +Flood parent=T1001 tactics=boiling", "sub-technique +Drip parent=T1001 tactics=boiling", "deprecate-technique T1001.001"}},
		{"examples of others, or for no piece", attack.SplitTechnique, redirect, attack.Content{attack.FieldPieces: pieces("a", "Flood", "a", "Again", "", "None"),
			attack.FieldExamples: {Rows: append(goes(example, "a").Rows, goes("relationship--none", "a").Rows...)}}, []string{"technique +Flood tactics=pouring"}},
		{"an object that is gone", attack.ToTechnique, "attack-pattern--none", nil, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := told(now, small, expand(t, now, small, c.kind, c.about, c.change))
			if c.want == nil { // names at least; texts say more
				for _, line := range got {
					if !strings.Contains(line, "Flood") || strings.Contains(line, "Overfill") {
						t.Error(line)
					}
				}
				if len(got) != 2 {
					t.Errorf("%q", got)
				}
				return
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func pieces(rows ...string) (v attack.Value) {
	for i := 0; i < len(rows); i += 2 {
		v.Rows = append(v.Rows, map[string]string{attack.ColumnKey: rows[i], attack.FieldName: rows[i+1], attack.FieldDescription: "It spills."})
	}
	return v
}

func goes(example, piece string) attack.Value {
	return attack.Value{Rows: []map[string]string{{attack.ColumnExample: example, attack.ColumnPiece: piece}}}
}

func aliases(now *taxonomy.Snapshot) []string {
	o, _ := now.Object(gang)
	return o.OtherNames()
}

func TestReplacer(t *testing.T) {
	for _, c := range []struct {
		find, replace string
		whole, exact  bool
		text, want    string
	}{
		{"hackers", "adversaries", false, false, "Hackers and hackers.", "adversaries and adversaries."},
		{"hackers", "adversaries", false, true, "Hackers and hackers.", "Hackers and adversaries."},
		{"cat", "dog", true, false, "cat concat cats cat-like _cat (cat)", "dog concat cats dog-like _cat (dog)"},
		{"Report", "Note", false, false, "The report.(Citation: Tea Report (May) 2025) Report", "The Note.(Citation: Tea Report (May) 2025) Note"},
		{"tea", "coffee", false, false, "[Tea](https://example.com/tea) tea (LinkById: T1055)", "[coffee](https://example.com/tea) coffee (LinkById: T1055)"},
		{"a.c", "x", false, false, "abc a.c", "abc x"},
		{"x", "$1", false, false, "x", "$1"},
		{"ß", "ss", true, false, "Straße ß", "Straße ss"},
		{" of", "", false, false, "cup of tea", "cup tea"},
	} {
		if got := compound.Replacer(c.find, c.replace, c.whole, c.exact)(c.text); got != c.want {
			t.Errorf("%q for %q in %q: %q", c.replace, c.find, c.text, got)
		}
	}
	if compound.Replacer("", "x", false, false) != nil {
		t.Error("there is something to look for in nothing")
	}
}

// FuzzReplacer makes sure that citations stay, and that what is replaced by
// itself stays as it is.
func FuzzReplacer(f *testing.F) {
	f.Add("tea", "A tea.(Citation: Tea) [tea](https://example.com/tea)", true)
	f.Add("(", "((Citation: a (b)) (LinkById: T1))", false)
	f.Add("\xff", "0", false)
	f.Fuzz(func(t *testing.T, find, text string, whole bool) {
		swap := compound.Replacer(find, find, whole, true)
		if swap != nil && utf8.ValidString(text) && utf8.ValidString(find) && swap(text) != text {
			t.Errorf("%q became %q", text, swap(text))
		}
		if swap = compound.Replacer(find, "\x00", whole, false); swap == nil {
			return
		}
		if got, want := markdown.Citations(swap(text)), markdown.Citations(text); !strings.Contains(find, "(") && !strings.Contains(find, ")") && len(got) < len(want) {
			t.Errorf("%q has the citations %q, and %q has %q", text, want, swap(text), got)
		}
	})
}

// TestOnlyWhatIsNamedChanges draws bulk changes and moves, and looks whether
// parts change what was said, and nothing else.
func TestOnlyWhatIsNamedChanges(t *testing.T) {
	now := kitchen(t)
	all := []string{overfill, slowOverfill, redirect}
	rapid.Check(t, func(t *rapid.T) {
		some := func(label string, from ...string) []string {
			return rapid.SliceOfDistinct(rapid.SampledFrom(from), rapid.ID).Draw(t, label)
		}
		picked, with, out := some("objects", all...), some("add", "Kettle", "Stove", "Cup"), some("remove", "Kettle", "Stove", "Cup")
		form, _ := attack.FormOf(attack.BulkChange)
		p := compound.Proposal{ID: "p", Form: form, Content: attack.Content{attack.FieldObjects: {List: picked}, attack.FieldAddPlatforms: {List: with}, attack.FieldRemovePlatforms: {List: out}}}
		parts := compound.Expand(compound.In(now, small), p)
		if again := compound.Expand(compound.In(now, small), p); !compound.Same(parts, again) {
			t.Fatalf("the second time it is %+v", again)
		}
		for _, part := range parts {
			if !slices.Contains(picked, part.Object) || !slices.Equal(part.Changed(), []string{attack.FieldPlatforms}) {
				t.Fatalf("%s changes %v", part.Object, part.Changed())
			}
			after := part.Content[attack.FieldPlatforms].List
			for _, one := range after {
				was := slices.Contains(part.Base[attack.FieldPlatforms].List, one)
				if !was && !slices.Contains(with, one) || was && slices.Contains(out, one) && !slices.Contains(with, one) {
					t.Fatalf("%v and %v of %v are %v", with, out, part.Base[attack.FieldPlatforms].List, after)
				}
			}
			if slim := part.Slim(); len(slim.Base) > 1 || len(slim.Content) > 1 || !slices.Equal(slim.Changed(), part.Changed()) {
				t.Fatalf("kept as %+v", slim)
			}
		}
	})
}
