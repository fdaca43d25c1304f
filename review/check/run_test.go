package check_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/guard"
)

const (
	boil   = "attack-pattern--00000000-0000-4000-8000-000000000001"
	gone   = "attack-pattern--00000000-0000-4000-8000-000000000002"
	pour   = "attack-pattern--00000000-0000-4000-8000-000000000003"
	mobile = "attack-pattern--00000000-0000-4000-8000-000000000004"
	gang   = "intrusion-set--00000000-0000-4000-8000-000000000005"
	own    = "attack-pattern--00000000-0000-4000-8000-000000000006"
)

// known is a small taxonomy with one open proposal.
func known() check.Known {
	objects := []check.Object{
		{STIXID: boil, AttackID: "T1001", Type: "attack-pattern", Name: "Boiling", Tactics: []string{"heat"}},
		{STIXID: gone, AttackID: "T1002", Type: "attack-pattern", Name: "Gone", Retired: true},
		{STIXID: pour, AttackID: "T1001.001", Type: "attack-pattern", Name: "Pouring", Subtechnique: true},
		{STIXID: mobile, AttackID: "T1003", Type: "attack-pattern", Name: "Mobile", Elsewhere: true},
		{STIXID: gang, AttackID: "G0001", Type: "intrusion-set", Name: "Teapot Gang", Aliases: []string{"Pot Crew"}},
	}
	return check.Known{
		HasTerm: func(vocabulary, value string) bool {
			return slices.Contains(map[string][]string{"tactics": {"heat", "pour"}, "platforms": {"Kettle"}}[vocabulary], value)
		},
		Object: func(id string) (check.Object, bool) {
			i := slices.IndexFunc(objects, func(o check.Object) bool { return o.STIXID == id || o.AttackID == id })
			if i < 0 {
				return check.Object{}, false
			}
			return objects[i], true
		},
		Similar: func(name, _ string) []check.Object {
			if strings.HasPrefix(strings.ToLower(name), "boil") {
				return objects[:1]
			}
			return nil
		},
		Alike: func(_, description, _ string) []check.Object {
			if strings.HasPrefix(description, "Heat") {
				return objects[:1]
			}
			return nil
		},
		Source: func(name string) (attack.Reference, bool) {
			return attack.Reference{SourceName: name, Description: "Ana. (2026). Kettles. Retrieved May 2, 2026.", URL: "https://example.com/almanac"}, name == "Almanac"
		},
		Relating: func(relation, source, target string) []string {
			if relation == attack.Uses && source == gang && target == boil {
				return []string{"relationship--1"}
			}
			return nil
		},
		Pending: []check.Pending{{Label: "NEW-7", Kind: attack.NewTechnique, Name: "Steaming"}, {Label: "#8", Source: gang, Target: pour}},
		Guard:   guard.New(guard.Known{Organisations: []string{"Teapot Guild"}, TLP: "green"}, nil),
	}
}

func text(s string) attack.Value    { return attack.Value{Text: s} }
func list(s ...string) attack.Value { return attack.Value{List: s} }
func ref(name, address string) attack.Value {
	return attack.Value{References: []attack.Reference{{SourceName: name, Description: "Ana. (2026, May 1). Kettles. Retrieved May 2, 2026.", URL: address}}}
}

// whistle is a text with which nothing is wrong; what is told behind it, too,
// is a part of its first paragraph.
const whistle = "Adversaries may whistle with a kettle, so that whoever hears it leaves the room. A kettle that whistles early is heard " +
	"in the next room, too, and nobody asks who put it on.(Citation: Report)"

func clean() map[string]attack.Content {
	technique := attack.Content{attack.FieldName: text("Whistling"), attack.FieldTactics: list("heat"), attack.FieldPlatforms: list("Kettle"),
		attack.FieldDescription: text(whistle), attack.FieldReferences: ref("Report", "https://example.com/r")}
	sub := maps.Clone(technique)
	sub[attack.FieldParent] = text(boil)
	return map[string]attack.Content{
		attack.NewTechnique: technique, attack.NewSubtechnique: sub,
		attack.ProcedureExample: {attack.FieldSource: text(gang), attack.FieldTarget: text(own), attack.FieldDescription: text("Teapot Gang has whistled with a kettle.(Citation: Report)"),
			attack.FieldReferences: technique[attack.FieldReferences]},
	}
}

func run(kind, field string, value attack.Value) []check.Check {
	form, _ := attack.FormOf(kind)
	content := clean()[kind]
	content[field] = value
	k := known()
	if kind == attack.ProcedureExample && field != attack.FieldTarget { // an example that is not there yet
		content[attack.FieldTarget], k.Relating = text(boil), nil
	}
	return check.Run(check.Subject{Form: form, Self: own, Content: content}, k)
}

func TestEachRule(t *testing.T) {
	for _, c := range []struct {
		what, kind, field string
		value             attack.Value
		level             check.Level
		code              string
	}{
		{"clean", attack.NewTechnique, attack.FieldName, text("Whistling"), "", ""},
		{"clean below a parent", attack.NewSubtechnique, attack.FieldName, text("Whistling"), "", ""},
		{"clean example", attack.ProcedureExample, attack.FieldSource, text(gang), "", ""},
		{"no name", attack.NewTechnique, attack.FieldName, text(""), check.Error, check.CodeRequired},
		{"no tactic", attack.NewTechnique, attack.FieldTactics, list(), check.Error, check.CodeRequired},
		{"no parent", attack.NewSubtechnique, attack.FieldParent, text(""), check.Error, check.CodeRequired},
		{"an unknown tactic", attack.NewTechnique, attack.FieldTactics, list("freeze"), check.Error, check.CodeUnknownTerm},
		{"an unknown platform", attack.NewTechnique, attack.FieldPlatforms, list("Kettle", "Fridge"), check.Error, check.CodeUnknownTerm},
		{"a parent that is not", attack.NewSubtechnique, attack.FieldParent, text("attack-pattern--none"), check.Error, check.CodeDangling},
		{"a group as parent", attack.NewSubtechnique, attack.FieldParent, text(gang), check.Error, check.CodeWrongType},
		{"a revoked parent", attack.NewSubtechnique, attack.FieldParent, text(gone), check.Error, check.CodeRetired},
		{"a parent elsewhere", attack.NewSubtechnique, attack.FieldParent, text(mobile), check.Error, check.CodeElsewhere},
		{"a sub-technique as parent", attack.NewSubtechnique, attack.FieldParent, text(pour), check.Error, check.CodeNested},
		{"a tactic that the parent lacks", attack.NewSubtechnique, attack.FieldTactics, list("pour"), check.Warning, check.CodeTactic},
		{"a technique as actor", attack.ProcedureExample, attack.FieldSource, text(boil), check.Error, check.CodeWrongType},
		{"an example that is there", attack.ProcedureExample, attack.FieldTarget, text(boil), check.Warning, check.CodeDuplicate},
		{"an example that is proposed", attack.ProcedureExample, attack.FieldTarget, text(pour), check.Warning, check.CodeDuplicate},
		{"a name that exists", attack.NewSubtechnique, attack.FieldName, text("BOILING"), check.Warning, check.CodeNameTaken},
		{"a name that exists in its tactic", attack.NewTechnique, attack.FieldName, text("BOILING"), check.Error, check.CodeNameInTactic},
		{"a name that is proposed", attack.NewTechnique, attack.FieldName, text("steaming"), check.Warning, check.CodeNameTaken},
		{"a name like another", attack.NewTechnique, attack.FieldName, text("Boilings"), check.Hint, check.CodeSimilar},
		{"a citation of nothing", attack.NewTechnique, attack.FieldDescription, text("a(Citation: Report)(Citation: Lost)"), check.Warning, check.CodeUnresolved},
		{"a link to nothing", attack.NewTechnique, attack.FieldDescription, text("a (LinkById: T9999)(Citation: Report)"), check.Error, check.CodeTypedLink},
		{"a page that is not", attack.NewTechnique, attack.FieldDescription, text("a [b](https://attack.mitre.org/techniques/T9999)(Citation: Report)"), check.Warning, check.CodeLink},
		{"HTML", attack.NewTechnique, attack.FieldDescription, text("<b>a</b>(Citation: Report)"), check.Hint, check.CodeHTML},
		{"an uncited reference", attack.NewTechnique, attack.FieldDescription, text("a"), check.Warning, check.CodeUncited},
		{"a reference without a name", attack.NewTechnique, attack.FieldReferences, ref("", "https://example.com"), check.Error, check.CodeUnnamed},
		{"an address of a script", attack.NewTechnique, attack.FieldReferences, ref("Report", "javascript:alert(1)"), check.Error, check.CodeURL},
		{"two of one name", attack.NewTechnique, attack.FieldReferences, attack.Value{References: []attack.Reference{{SourceName: "Report"}, {SourceName: "Report"}}},
			check.Error, check.CodeRepeated},
		{"an address of a machine", attack.NewTechnique, attack.FieldDescription, text("It calls 10.1.2[.]3.(Citation: Report)"), check.Error, check.CodeIndicator},
		{"a documentation address", attack.NewTechnique, attack.FieldDescription, text(whistle + " It calls 192.0.2.1.(Citation: Report)"), "", ""},
		{"a version number", attack.NewTechnique, attack.FieldDescription, text(whistle + " Since 10.0.19041 it may.(Citation: Report)"), "", ""},
		{"a hash", attack.NewTechnique, attack.FieldDescription, text("d41d8cd98f00b204e9800998ecf8427e(Citation: Report)"), check.Error, check.CodeIndicator},
		{"a defanged domain", attack.NewTechnique, attack.FieldDescription, text("hxxps://bad[.]site/x (Citation: Report)"), check.Error, check.CodeIndicator},
		{"an example domain", attack.NewTechnique, attack.FieldDescription, text(whistle + " a@example.com (Citation: Report)"), "", ""},
		{"an organisation of the workshop", attack.NewTechnique, attack.FieldDescription, text("The Teapot Guild saw it.(Citation: Report)"), check.Error, check.CodeVictim},
		{"a stricter marking", attack.NewTechnique, attack.FieldDescription, text("TLP:RED (Citation: Report)"), check.Error, check.CodeMarking},
		{"a marking of the workshop", attack.NewTechnique, attack.FieldDescription, text(whistle + " TLP:GREEN (Citation: Report)"), "", ""},
		{"a victim", attack.NewTechnique, attack.FieldDescription, text("They were in our network.(Citation: Report)"), check.Error, check.CodeVictim},
	} {
		got := run(c.kind, c.field, c.value)
		if c.code == "" {
			if len(got) > 0 {
				t.Errorf("%s: found %+v", c.what, got)
			}
			continue
		}
		if !slices.ContainsFunc(got, func(x check.Check) bool { return x.Code == c.code && x.Level == c.level && x.Message != "" }) {
			t.Errorf("%s: wants %s %s, found %+v", c.what, c.level, c.code, got)
		}
		if first, failed := check.Failed(got); failed != (c.level == check.Error) || failed && first.Code != c.code {
			t.Errorf("%s: refused is %v by %+v", c.what, failed, got)
		}
	}
}

// TestARefinementIsNotBlamedForWhatItFound softens the faults of a base.
func TestARefinementIsNotBlamedForWhatItFound(t *testing.T) {
	form, _ := attack.FormOf(attack.Refinement)
	base := attack.Content{attack.FieldName: text("Boiling"), attack.FieldTactics: list("old"), attack.FieldPlatforms: list("Kettle"),
		attack.FieldDescription: text("In our network <b>it</b> boils.")}
	same := check.Run(check.Subject{Form: form, Self: boil, Base: base, Content: base}, known())
	if len(same) != 2 || same[0].Code != check.CodeUnknownTerm || same[0].Level != check.Warning || same[1].Code != check.CodeUnchanged || same[1].Level != check.Error {
		t.Errorf("unchanged: %+v", same)
	}
	next := maps.Clone(base)
	next[attack.FieldTactics] = list("old", "new")
	got := check.Run(check.Subject{Form: form, Self: boil, Base: base, Content: next}, known())
	if first, failed := check.Failed(got); !failed || first.Field != attack.FieldTactics {
		t.Errorf("a field that was touched is not looked at: %+v", got)
	}
}

func TestShapeRefusesWhatCannotBeKept(t *testing.T) {
	form, _ := attack.FormOf(attack.NewTechnique)
	many := make([]string, check.MaxItems+1)
	for what, content := range map[string]attack.Content{
		"no such field":        {"colour": text("red")},
		"two lines":            {attack.FieldName: text("a\nb")},
		"a long name":          {attack.FieldName: text(strings.Repeat("é", check.MaxLine+1))},
		"no text":              {attack.FieldName: text("a\xff")},
		"a control character":  {attack.FieldDescription: text("a\x07")},
		"turned text":          {attack.FieldDescription: text("a\u202e")},
		"a mark of direction":  {attack.FieldName: text("a\u200f")},
		"a long description":   {attack.FieldDescription: text(strings.Repeat("x", check.MaxText+1))},
		"a list as text":       {attack.FieldName: list("a")},
		"text as a list":       {attack.FieldTactics: text("a")},
		"many values":          {attack.FieldTactics: attack.Value{List: many}},
		"a reference of lines": {attack.FieldReferences: ref("a\nb", "")},
	} {
		if err := check.Shape(form, nil, content); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	odd := attack.Content{attack.FieldName: text("a\nb\u200f")}
	if err := check.Shape(form, odd, odd); err != nil {
		t.Errorf("what was imported so: %v", err)
	}
}
