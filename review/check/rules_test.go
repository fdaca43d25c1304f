package check_test

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
)

// TestEachRuleHasTwoSides looks at each rule with what it finds and with what
// comes close and is right; where there is a fix, what it makes is right, too.
func TestEachRuleHasTwoSides(t *testing.T) {
	long := strings.Repeat("Whistling ", 8)
	reference := func(description, address string) attack.Value {
		return attack.Value{References: []attack.Reference{{SourceName: "Report", Description: description, URL: address}}}
	}
	const good = "Ana. (2026, May 1). Kettles. Retrieved May 2, 2026."
	for _, c := range []struct {
		rule, kind, field string
		wrong             []attack.Value
		right             []attack.Value
		fixed             bool // what is wrong can be put right
	}{
		{check.CodeNameLength, attack.NewTechnique, attack.FieldName, values("W", "5555", long), values("At", "Whistling with a Kettle in the Next Room"), false},
		{check.CodeNameIsID, attack.NewTechnique, attack.FieldName, values("T1055", "t1055.001", "(T9000)", "NEW-7", own), values("Port 443 Tunnel", "C2", "A T1055 Story"), false},
		{check.CodeNameIsID, attack.NewTechnique, attack.FieldName, values("T1055 Whistling", "T1055.001: Whistling", "[NEW-7] - Whistling"), values("Whistling"), true},
		{check.CodeNameIsID, "malware", attack.FieldName, values("NEW-7", own), values("T9000", "TA2541"), false},
		{check.CodeNameCase, attack.NewTechnique, attack.FieldName, values("Whistling loudly", "whistling", "Abuse Of Kettles", "WHISTLING WITH A KETTLE"),
			values("Whistling via macOS", "rc.local Scripts", "Man-in-the-Middle", "DNS", "Exfiltration Over Kettle", "Space after Name", "Pass the Hash", "Kettle: The Lid"), true},
		{check.CodeNameCase, "malware", attack.FieldName, nil, values("gh0st kettle"), false},
		{check.CodeNameInTactic, attack.NewTechnique, attack.FieldName, values("Boiling", "boiling"), values("Boilings"), false},
		{check.CodeNameTaken, attack.NewSubtechnique, attack.FieldName, values("Boiling"), values("Boilings"), false},
		{check.CodeAlike, attack.NewTechnique, attack.FieldDescription, values("Heat of water. Heat."), values(whistle), false},
		{check.CodeBehaviour, attack.NewTechnique, attack.FieldDescription,
			values("Attackers may whistle.", "A hacker can whistle. Adversaries may, too.", "Threat actors whistle."),
			values("Adversaries may whistle.", "To whistle, an adversary may.", "`code` Adversaries may."), true},
		{check.CodeBehaviour, attack.NewTechnique, attack.FieldDescription, values("Whistling is loud."), nil, false},
		{check.CodeBehaviour, "malware", attack.FieldDescription, nil, values("It whistles."), false},
		{check.CodeShort, attack.NewTechnique, attack.FieldDescription, values("Adversaries may whistle."), values(whistle), false},
		{check.CodeShort, attack.ProcedureExample, attack.FieldDescription, values("They whistle."), values("Teapot Gang has whistled at night."), false},
		{check.CodeProduct, attack.NewTechnique, attack.FieldDescription,
			values("Our product stops it.", "An industry-leading kettle.", "Kettle™ whistles.", "For $49 it stops.", "Contact sales."),
			values("Adversaries may buy kettles.", "`Kettle™`", "The campaign Cutting Edge.", "Adversaries may lead the market."), false},
		{check.CodeTerm, attack.NewTechnique, attack.FieldDescription, values("Hackers whistle.", "A hacker may.", "The bad guys may.", "Cyber-attackers may."),
			values("Adversaries may.", "It was seen.(Citation: Hacker News)", "`hacker`", "See [it](https://hacker.example.com/).", "A criminal case."), true},
		{check.CodeTense, attack.NewTechnique, attack.FieldDescription, values("Adversaries will whistle.", "Adversaries would."), values("Adversaries may have used it.", "Adversaries may."), true},
		{check.CodeTense, attack.NewTechnique, attack.FieldDescription, values("Adversaries used kettles."), nil, false},
		{check.CodePerson, attack.NewTechnique, attack.FieldDescription, values("We saw it.", "It is in your room.", "It told us."), values("US servers", "`we`", "It used web pages."), false},
		{check.CodeHTML, attack.NewTechnique, attack.FieldDescription, values("<b>loud</b>"), values("`<b>`", "a <code>b</code>", "1 < 2"), false},
		{check.CodeLink, attack.NewTechnique, attack.FieldDescription, values("[x](https://attack.mitre.org/techniques/T9999/001)"),
			values("(LinkById: T9999)", "(LinkById: T1001)", "[x](https://attack.mitre.org/techniques/T1001/001)", "[x](https://example.com/T9999)"), false},
		{check.CodeTypedLink, attack.NewTechnique, attack.FieldDescription, values("(LinkById: T9999)"), values("(LinkById: T1001)", "[x](https://attack.mitre.org/techniques/T9999)"), false},
		{check.CodeRetiredLink, attack.NewTechnique, attack.FieldDescription, values("(LinkById: T1002)", "[x](https://attack.mitre.org/techniques/T1002)"), values("(LinkById: T1001)"), false},
		{check.CodeCitation, attack.NewTechnique, attack.FieldDescription, values("a(citation: Report)", "a[Citation: Report]", "a(Citation:Report)", "a(Cite: Report)"), values(whistle, "(see above)"), true},
		{check.CodeCitation, attack.NewTechnique, attack.FieldDescription, values("a(Citation: Report", "a(Citation: Report\nb"), values("a(Citation: Report (2024))", "(Citation: )"), false},
		{check.CodeUnresolved, attack.NewTechnique, attack.FieldDescription, values("a(Citation: Almanac)"), values(whistle), true},
		{check.CodeUnresolved, attack.NewTechnique, attack.FieldDescription, values("a(Citation: Lost)"), nil, false},
		{check.CodeOnly, "campaign", "first_seen_citation", values("see (Citation: Report)", "(Citation: Report), (Citation: Other)"), values("(Citation: Report)", "(Citation: A)(Citation: B)"), true},
		{check.CodeOnly, "campaign", "first_seen_citation", values("a report"), nil, false},
		{check.CodeUnlisted, "campaign", "first_seen_citation", values("(Citation: Almanac)"), values("(Citation: Report)"), true},
		{check.CodeUnlisted, "campaign", attack.FieldDescription, values("a(Citation: Lost)"), values("a(Citation: Report)"), false},
		{check.CodeOnePlatform, "analytic", attack.FieldPlatforms, []attack.Value{list("Kettle", "Stove")}, []attack.Value{list("Kettle")}, false},
		{check.CodeOnePlatform, attack.NewTechnique, attack.FieldPlatforms, nil, []attack.Value{list("Kettle", "Kettle 2")}, false},
		{check.CodeUncitedAll, attack.NewTechnique, attack.FieldDescription, values("Adversaries may."), values(whistle), false},
		{check.CodeUncitedAll, "mitigation", attack.FieldDescription, nil, values("Take the kettle off."), false},
		{check.CodeParagraph, attack.NewTechnique, attack.FieldDescription, values(whistle + "\n\nIt is loud."), values(whistle + "\n\n" + whistle), false},
		{check.CodeUncited, attack.NewTechnique, attack.FieldDescription, values("a"), values(whistle), true},
		{check.CodeAddress, attack.NewTechnique, attack.FieldReferences, []attack.Value{reference(good, "")}, []attack.Value{reference(good, "https://example.com/r")}, false},
		{check.CodeURL, attack.NewTechnique, attack.FieldReferences, []attack.Value{reference(good, "example.com/r")}, []attack.Value{reference(good, "http://example.com/r")}, true},
		{check.CodeURL, attack.NewTechnique, attack.FieldReferences, []attack.Value{reference(good, "javascript:alert(1)"), reference(good, "ftp://example.com")}, nil, false},
		{check.CodeForm, attack.NewTechnique, attack.FieldReferences,
			[]attack.Value{reference("", "https://example.com"), reference("(2026). Kettles. Retrieved May 2, 2026.", "https://example.com"), reference("Ana. (2026). Retrieved May 2, 2026.", "https://example.com"),
				reference("Ana. Kettles. Retrieved May 2, 2026.", "https://example.com"), reference("Ana. (2026). Kettles.", "https://example.com")},
			[]attack.Value{reference(good, "https://example.com"), reference("Ana, B. (n.d.). Kettles (and Pots). Retrieved 2 May 2026", "https://example.com")}, false},
		{check.CodeTidy, attack.NewTechnique, attack.FieldReferences,
			[]attack.Value{reference(good, "https://example.com/r?utm_source=x&a=1&utm_medium=y"), reference(good, "https://example.com/r.")},
			[]attack.Value{reference(good, "https://example.com/r?a=1"), reference(good, "https://example.com/r/")}, true},
		{check.CodeRepeated, attack.NewTechnique, attack.FieldReferences, []attack.Value{{References: append(reference(good, "").References, reference(good, "").References...)}},
			[]attack.Value{reference(good, "")}, true},
		{check.CodeSame, attack.NewTechnique, attack.FieldReferences,
			[]attack.Value{sources("Report", "https://example.com/r", "Other", "http://www.EXAMPLE.com/r/#top"), sources("Other", "https://example.com/r", "Report", "https://example.com/r")},
			[]attack.Value{sources("Report", "https://example.com/r", "Other", "https://example.com/r?page=2"), sources("Report", "https://example.com/r", "Report", "https://example.com/r"),
				sources("Report", "", "Other", ""), sources("Report", "example.com", "Other", "example.com")}, true},
		{check.CodeSame, "group", attack.FieldReferences, nil, []attack.Value{{References: []attack.Reference{
			{SourceName: "Report", Description: good, URL: "https://example.com/r"}, {SourceName: "Pot Crew", Description: "(Citation: Report)"}}}}, false},
		{check.CodeAlias, "group", attack.FieldAliases, []attack.Value{list("Whistling", "Other")}, []attack.Value{list("Other")}, true},
		{check.CodeTactic, attack.NewSubtechnique, attack.FieldTactics, []attack.Value{list("heat", "pour")}, []attack.Value{list("heat")}, true},
		{check.CodeWho, attack.ProcedureExample, attack.FieldDescription, values("Somebody whistled."), values("TEAPOT gang whistled.", "(LinkById: G0001) did.", "Pot Crew did."), false},
		{check.CodeDays, "campaign", "last_seen", values("2020-01-01"), values("2026-01-02"), false},
		{check.CodeTwice, "data-component", "log_sources", []attack.Value{rows("a", "b", "a", "b")}, []attack.Value{rows("a", "b", "a", "c")}, false},
		{check.CodeCell, "data-component", "log_sources", []attack.Value{rows("a", "")}, []attack.Value{rows("a", "b")}, false},
		{check.CodeRow, "analytic", "log_sources", []attack.Value{rows("a", "b")}, nil, false},
	} {
		for _, v := range c.wrong {
			found := of(c.rule, drafted(c.kind, c.field, v))
			if len(found) == 0 {
				t.Errorf("%s does not find %+v in %s", c.rule, v, c.field)
			}
			for _, one := range found {
				if c.fixed != (one.Fix != nil) {
					t.Errorf("%s: %+v has the fix %+v", c.rule, v, one.Fix)
				}
				if one.Fix == nil {
					continue
				}
				content := content(c.kind, c.field, v)
				content[one.Fix.Field] = one.Fix.Value
				maps.Copy(content, one.Fix.Also)
				if again := of(c.rule, looked(c.kind, content)); len(again) > 0 {
					t.Errorf("%s: %+v is put right as %+v, and then: %+v", c.rule, v, one.Fix.Value, again)
				}
			}
		}
		for _, v := range c.right {
			if found := of(c.rule, drafted(c.kind, c.field, v)); len(found) > 0 {
				t.Errorf("%s finds %+v in %+v", c.rule, found, v)
			}
		}
	}
}

func values(texts ...string) []attack.Value {
	var list []attack.Value
	for _, one := range texts {
		list = append(list, text(one))
	}
	return list
}

// sources are references by name and address.
func sources(pairs ...string) attack.Value {
	var v attack.Value
	for pair := range slices.Chunk(pairs, 2) {
		v.References = append(v.References, attack.Reference{SourceName: pair[0], Description: "Ana. (2026, May 1). Kettles. Retrieved May 2, 2026.", URL: pair[1]})
	}
	return v
}

// rows are logs by name and channel.
func rows(cells ...string) attack.Value {
	var v attack.Value
	for pair := range slices.Chunk(cells, 2) {
		v.Rows = append(v.Rows, map[string]string{"name": pair[0], "channel": pair[1]})
	}
	return v
}

// content is a clean draft of a kind with another value in a field.
func content(kind, field string, v attack.Value) attack.Content {
	content, ok := clean()[kind]
	if !ok {
		form, _ := attack.FormOf(kind)
		content = attack.Content{}
		for name, value := range clean()[attack.NewTechnique] {
			if _, has := form.Field(name); has {
				content[name] = value
			}
		}
		content["first_seen"] = text("2026-01-01")
	}
	content = maps.Clone(content)
	content[field] = v
	return content
}

func drafted(kind, field string, v attack.Value) []check.Check {
	return looked(kind, content(kind, field, v))
}

func looked(kind string, content attack.Content) []check.Check {
	form, _ := attack.FormOf(kind)
	return check.Run(check.Subject{Form: form, Self: own, Content: content}, known())
}

func of(rule string, found []check.Check) []check.Check {
	return slices.DeleteFunc(slices.Clone(found), func(c check.Check) bool { return c.Code != rule })
}

// TestFixesChangeNoMore looks at what some fixes write.
func TestFixesChangeNoMore(t *testing.T) {
	for _, c := range []struct{ rule, field, before, after string }{
		{check.CodeNameCase, attack.FieldName, "abuse Of the kettle via macOS", "Abuse of the Kettle via macOS"},
		{check.CodeNameCase, attack.FieldName, "WHISTLING WITH A KETTLE", "Whistling with a Kettle"},
		{check.CodeTerm, attack.FieldDescription, "A hacker, or Hackers, `hacker` (Citation: Hacker News) and bad guys.", "An adversary, or Adversaries, `hacker` (Citation: Hacker News) and adversaries."},
		{check.CodeBehaviour, attack.FieldDescription, "Attackers can whistle.\n\nHackers, too.", "Adversaries may whistle.\n\nHackers, too."},
		{check.CodeTense, attack.FieldDescription, "Adversaries will whistle. They will.", "Adversaries may whistle. They will."},
		{check.CodeCitation, attack.FieldDescription, "a[citation: B c] (Citation: D)(see E)", "a(Citation: B c) (Citation: D)(see E)"},
	} {
		found := of(c.rule, drafted(attack.NewTechnique, c.field, text(c.before)))
		if len(found) != 1 || found[0].Fix == nil || found[0].Fix.Value.Text != c.after {
			t.Errorf("%s: %+v", c.rule, found)
		}
	}
	found := of(check.CodeUnresolved, drafted(attack.NewTechnique, attack.FieldDescription, text("a(Citation: Almanac)(Citation: Report)")))
	if len(found) != 1 || len(found[0].Fix.Value.References) != 2 || found[0].Fix.Value.References[1].URL != "https://example.com/almanac" {
		t.Errorf("a reference of the taxonomy: %+v", found)
	}
}

// TestOneSourceGetsOneName has texts cite what stays, which is what ATT&CK has,
// and leaves all else as it was.
func TestOneSourceGetsOneName(t *testing.T) {
	draft := content("campaign", attack.FieldReferences, sources("Mine", "http://www.example.com/almanac#2", "Almanac", "https://example.com/almanac", "Report", "https://example.com/r"))
	draft[attack.FieldDescription] = text("One.(Citation: Mine)(Citation: Almanac) Two.(Citation: Report)(Citation: Mine)")
	draft["first_seen_citation"] = text("(Citation: Mine)")
	draft["last_seen_citation"] = text("(Citation: Report)")
	found := of(check.CodeSame, looked("campaign", draft))
	if len(found) != 1 || found[0].Message != `"Mine" and "Almanac" are one address.` {
		t.Fatalf("found %+v", found)
	}
	fix := found[0].Fix
	want := attack.Content{attack.FieldDescription: text("One.(Citation: Almanac) Two.(Citation: Report)(Citation: Almanac)"), "first_seen_citation": text("(Citation: Almanac)")}
	if diff := cmp.Diff(want, fix.Also); diff != "" {
		t.Errorf("other fields (-want +got):\n%s", diff)
	}
	if refs := fix.Value.References; len(refs) != 2 || refs[0].SourceName != "Almanac" || refs[1].SourceName != "Report" {
		t.Errorf("the references become %+v", refs)
	}
}

func TestTheTableIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, rule := range check.Rules() {
		if seen[rule.ID] {
			t.Errorf("%s is there twice", rule.ID)
		}
		seen[rule.ID] = true
		link, err := url.Parse(rule.Link)
		if rule.Title == "" || rule.Why == "" || rule.How == "" || rule.Group == "" || err != nil || link.Scheme != "https" {
			t.Errorf("%s does not explain itself: %+v", rule.ID, rule)
		}
		if !slices.Contains(check.Levels()[1:], rule.Level) {
			t.Errorf("%s has the level %q", rule.ID, rule.Level)
		}
		if again, ok := check.RuleOf(rule.ID); !ok || again.Title != rule.Title {
			t.Errorf("%s is not found", rule.ID)
		}
	}
	if _, ok := check.RuleOf("no_such_rule"); ok {
		t.Error("a rule that is not there is found")
	}
}

// TestAWorkshopChoosesLevels has levels of rules changed, and those of fixed
// rules kept.
func TestAWorkshopChoosesLevels(t *testing.T) {
	form, _ := attack.FormOf(attack.NewTechnique)
	k := known()
	k.Levels = map[string]check.Level{check.CodeTerm: check.Error, check.CodePerson: check.Off, check.CodeRequired: check.Off}
	draft := content(attack.NewTechnique, attack.FieldDescription, text(whistle+" We saw hackers."))
	delete(draft, attack.FieldName)
	found := check.Run(check.Subject{Form: form, Self: own, Content: draft}, k)
	levels := map[string]check.Level{}
	for _, c := range found {
		levels[c.Code] = c.Level
	}
	if want := map[string]check.Level{check.CodeTerm: check.Error, check.CodeRequired: check.Error}; !maps.Equal(levels, want) {
		t.Errorf("found %v", found)
	}
}

// TestARefinementIsToldOfItsOwnWords leaves out what the text that it starts
// from had already, though the field was changed.
func TestARefinementIsToldOfItsOwnWords(t *testing.T) {
	form, _ := attack.FormOf(attack.Refinement)
	base := content(attack.NewTechnique, attack.FieldDescription, text(whistle+" You hear hackers."))
	next := maps.Clone(base)
	next[attack.FieldDescription] = text(whistle + " You hear hackers. Our product stops it.")
	found := check.Run(check.Subject{Form: form, Self: own, Base: base, Content: next}, known())
	if len(found) != 1 || found[0].Code != check.CodeProduct {
		t.Errorf("found %+v", found)
	}
}
