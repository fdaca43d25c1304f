package merge_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/merge"
)

func form(t interface{ Fatal(...any) }) attack.Form {
	f, ok := attack.FormOf(attack.Refinement)
	if !ok {
		t.Fatal("there is no form for a refinement")
	}
	return f
}

// contents draws small contents from few values, so that sides often meet.
func contents(f attack.Form) *rapid.Generator[attack.Content] {
	word := rapid.SampledFrom([]string{"a", "b", "c", "d"})
	source := rapid.Custom(func(t *rapid.T) attack.Reference {
		return attack.Reference{SourceName: word.Draw(t, "source"), URL: rapid.SampledFrom([]string{"u", "v"}).Draw(t, "url")}
	})
	return rapid.Custom(func(t *rapid.T) attack.Content {
		c := attack.Content{}
		for _, field := range f.Fields {
			var v attack.Value
			switch field.Kind {
			case attack.List:
				v.List = rapid.SliceOfNDistinct(word, 0, 4, rapid.ID[string]).Draw(t, field.Name)
			case attack.References:
				v.References = rapid.SliceOfNDistinct(source, 0, 4, func(r attack.Reference) string { return r.SourceName }).Draw(t, field.Name)
			default:
				v.Text = rapid.SampledFrom([]string{"", "x", "y", "z"}).Draw(t, field.Name)
			}
			if !v.Empty() {
				c[field.Name] = v
			}
		}
		return c
	})
}

func equal(t *rapid.T, f attack.Form, want, got attack.Content, what string) {
	t.Helper()
	if names := merge.Changed(f, want, got); len(names) > 0 {
		t.Fatalf("%s: %v differ: want %v, got %v", what, names, want, got)
	}
}

func TestMergeKeepsTheOnlyChange(t *testing.T) {
	f := form(t)
	rapid.Check(t, func(t *rapid.T) {
		base, side := contents(f).Draw(t, "base"), contents(f).Draw(t, "side")
		for what, got := range map[string]merge.Result{
			"only we changed":   merge.Merge(f, base, side, base),
			"only they changed": merge.Merge(f, base, base, side),
			"both the same":     merge.Merge(f, base, side, side),
		} {
			if len(got.Conflicts) > 0 {
				t.Fatalf("%s: conflicts %v", what, got.Conflicts)
			}
			equal(t, f, side, got.Content, what)
		}
	})
}

func TestMergeIsSymmetric(t *testing.T) {
	f := form(t)
	rapid.Check(t, func(t *rapid.T) {
		base, ours, theirs := contents(f).Draw(t, "base"), contents(f).Draw(t, "ours"), contents(f).Draw(t, "theirs")
		one, other := merge.Merge(f, base, ours, theirs), merge.Merge(f, base, theirs, ours)
		if !slices.Equal(fields(one), fields(other)) {
			t.Fatalf("conflicts %v and, with sides exchanged, %v", fields(one), fields(other))
		}
		for _, name := range fields(one) { // only there the sides may be told apart
			delete(one.Content, name)
			delete(other.Content, name)
		}
		equal(t, f, one.Content, other.Content, "sides exchanged")
	})
}

func TestMergeLosesNothing(t *testing.T) {
	f := form(t)
	rapid.Check(t, func(t *rapid.T) {
		base, ours, theirs := contents(f).Draw(t, "base"), contents(f).Draw(t, "ours"), contents(f).Draw(t, "theirs")
		got := merge.Merge(f, base, ours, theirs)
		for _, field := range f.Fields {
			b, o, th := base[field.Name], ours[field.Name], theirs[field.Name]
			if field.Kind == attack.List {
				checkSet(t, b.List, o.List, th.List, got.Content[field.Name].List)
				continue
			}
			conflict := slices.Contains(fields(got), field.Name)
			both := !merge.Same(field.Kind, b, o) && !merge.Same(field.Kind, b, th) && !merge.Same(field.Kind, o, th)
			if conflict && !both {
				t.Fatalf("%s is in conflict though at most one side changed it", field.Name)
			}
			if both && !conflict && field.Kind != attack.References {
				t.Fatalf("%s was changed by both sides differently, without a conflict", field.Name)
			}
		}
	})
}

// checkSet states what a merged set is, element by element.
func checkSet(t *rapid.T, base, ours, theirs, got []string) {
	for _, x := range []string{"a", "b", "c", "d"} {
		b, o, th := slices.Contains(base, x), slices.Contains(ours, x), slices.Contains(theirs, x)
		want := o
		if o == b {
			want = th
		}
		if slices.Contains(got, x) != want {
			t.Fatalf("%q in base %t, ours %t, theirs %t: merged %v", x, b, o, th, got)
		}
	}
}

func fields(r merge.Result) []string {
	names := []string{}
	for _, c := range r.Conflicts {
		names = append(names, c.Field)
	}
	return names
}

func TestMerge(t *testing.T) {
	ref := func(name, url string) attack.Reference { return attack.Reference{SourceName: name, URL: url} }
	list := func(xs ...string) attack.Value { return attack.Value{List: xs} }
	refs := func(xs ...attack.Reference) attack.Value { return attack.Value{References: xs} }
	text := func(s string) attack.Value { return attack.Value{Text: s} }
	for _, c := range []struct {
		name, field              string
		base, ours, theirs, want attack.Value
		conflict                 bool
	}{
		{"text on one side", "description", text("a"), text("b"), text("a"), text("b"), false},
		{"text on both sides", "description", text("a"), text("b"), text("c"), text("b"), true},
		{"list: put in and taken out", "platforms", list("Linux", "Windows"), list("Linux", "macOS"), list("IaaS", "Linux", "Windows"), list("IaaS", "Linux", "macOS"), false},
		{"list: both put in the same", "platforms", list(), list("Linux"), list("Linux"), list("Linux"), false},
		{"list: all taken out", "platforms", list("Linux"), list(), list("Linux"), list(), false},
		{"references of both", "references", refs(ref("A", "1")), refs(ref("A", "1"), ref("B", "2")), refs(ref("A", "1"), ref("C", "3")), refs(ref("A", "1"), ref("C", "3"), ref("B", "2")), false},
		{"one reference, two addresses", "references", refs(ref("A", "1")), refs(ref("A", "2")), refs(ref("A", "3")), refs(ref("A", "2")), true},
		{"a reference corrected and another taken out", "references", refs(ref("A", "1"), ref("B", "1")), refs(ref("A", "2"), ref("B", "1")), refs(ref("A", "1")), refs(ref("A", "2")), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			of := func(v attack.Value) attack.Content { return attack.Content{c.field: v} }
			got := merge.Merge(form(t), of(c.base), of(c.ours), of(c.theirs))
			if diff := cmp.Diff(c.want, got.Content[c.field], cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("merged (-want +got):\n%s", diff)
			}
			if conflict := len(got.Conflicts) > 0; conflict != c.conflict {
				t.Errorf("conflicts %v, want some: %t", got.Conflicts, c.conflict)
			}
		})
	}
}
