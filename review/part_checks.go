package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/compound"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// partChecks are the findings on a proposal that changes several objects: what
// only it says is looked at as it is, the rest where a part says it.
func partChecks(now *taxonomy.Snapshot, domain string, c compound.Proposal, base attack.Content, known check.Known) []Check {
	parts := compound.Expand(compound.In(now, domain), c)
	known = withParts(known, parts)
	own, covered := c.Form, map[string]bool{}
	for _, one := range parts {
		for _, f := range one.Form().Fields {
			covered[f.Name] = covered[f.Name] || !one.Content[f.Name].Empty() && one.Content[f.Name].Equal(c.Content[f.Name])
		}
	}
	own.Fields = slices.DeleteFunc(slices.Clone(own.Fields), func(f attack.Field) bool { return covered[f.Name] })
	checks := check.Run(check.Subject{Form: own, Self: c.About, Base: base, Content: c.Content}, known)
	// What must not be shared is looked for in what people wrote, which is all there.
	checks = append(slices.DeleteFunc(checks, shared), slices.DeleteFunc(check.Run(check.Subject{Form: c.Form, Base: base, Content: c.Content},
		check.Known{Guard: known.Guard, Reasons: known.Reasons}), func(c Check) bool { return !shared(c) })...)
	checks = slices.DeleteFunc(checks, func(found Check) bool { return taken(c.Content, base, found) && !shared(found) })
	checks = append(checks, compoundChecks(now, domain, c, parts)...)
	var told []partCheck
	for _, one := range parts {
		name := partObject(now, domain, one)
		for _, found := range newFindings(reduced(one, c.Form), knownFor(known, one)) {
			if found.Code == check.CodeElsewise && one.Object == c.About { // said of the whole
				continue
			}
			if _, ok := c.Form.Field(found.Field); ok && one.Content[found.Field].Equal(c.Content[found.Field]) {
				said := func(c Check) bool {
					return c.Same(found) || !covered[c.Field] && c.Field == found.Field && c.Code == found.Code
				}
				if !slices.ContainsFunc(checks, said) && !taken(c.Content, base, found) {
					checks = append(checks, found)
				}
				continue
			}
			told = append(told, partCheck{found, strings.TrimSpace(name.AttackID + " " + name.Name)})
		}
	}
	return check.Distinct(append(checks, gathered(told)...))
}

func shared(c Check) bool { return c.Shared != nil }

// taken says whether a finding is on what was taken over as it was, and about
// how that is written: that is not for this proposal to put right.
func taken(content, base attack.Content, found Check) bool {
	was, ok := base[found.Field]
	rule, _ := check.RuleOf(found.Code)
	written := rule.Craft || found.Level == check.Hint || found.Field == attack.FieldReferences
	return ok && written && content[found.Field].Equal(was) && found.Level != check.Error
}

// reduced is a part as checks look at it: of a change, no more than what it
// changes, and the references that a text cites. Fields that people filled in
// are called as in the form that they see.
func reduced(one compound.Part, seen attack.Form) check.Subject {
	s := check.Subject{Form: one.Form(), Self: one.Object, Base: one.Base, Content: one.Content}
	s.Form.Fields = slices.Clone(s.Form.Fields)
	for i, f := range s.Form.Fields {
		if own, ok := seen.Field(f.Name); ok {
			s.Form.Fields[i].Label = own.Label
		}
	}
	if s.Form.Action != attack.Modify || one.Kind == attack.HandOver {
		return s
	}
	changed := one.Changed()
	s.Form.Fields = slices.DeleteFunc(s.Form.Fields, func(f attack.Field) bool {
		return !slices.Contains(changed, f.Name) && !(f.Name == attack.FieldReferences && slices.Contains(changed, attack.FieldDescription))
	})
	return s
}

// newFindings leaves out what a change found there already, but for errors, and
// what must not be shared.
func newFindings(s check.Subject, known check.Known) []Check {
	found := slices.DeleteFunc(check.Run(s, known), shared)
	if len(found) == 0 || s.Form.Action != attack.Modify {
		return found
	}
	before := check.Run(check.Subject{Form: s.Form, Self: s.Self, Base: s.Base, Content: s.Base}, known)
	return slices.DeleteFunc(found, func(c Check) bool {
		return c.Level != check.Error && slices.ContainsFunc(before, func(was Check) bool { return was.Code == c.Code && was.Field == c.Field && was.Message == c.Message })
	})
}

// withParts knows the new objects of a proposal, and forgets those that it
// takes out of life when names are compared.
func withParts(known check.Known, parts []compound.Part) check.Known {
	made, gone := map[string]check.Object{}, map[string]bool{}
	for _, one := range parts {
		form := one.Form()
		if one.Makes() {
			made[one.Object] = check.Object{STIXID: one.Object, Type: form.Type, Name: one.Content[attack.FieldName].Text,
				Tactics: one.Content[attack.FieldTactics].List, Subtechnique: one.Kind == attack.NewSubtechnique, Of: one.Content[attack.FieldParent].Text}
		}
		gone[one.Object] = gone[one.Object] || form.Retires()
	}
	exists, similar, alike := known.Object, known.Similar, known.Alike
	stays := func(list []check.Object) []check.Object {
		return slices.DeleteFunc(list, func(o check.Object) bool { return gone[o.STIXID] })
	}
	known.Object = func(id string) (check.Object, bool) {
		if o, ok := made[id]; ok {
			return o, true
		}
		return exists(id)
	}
	known.Similar = func(name, objectType string) []check.Object { return stays(similar(name, objectType)) }
	known.Alike = func(name, text, objectType string) []check.Object { return stays(alike(name, text, objectType)) }
	return known
}

// knownFor leaves out what takes long and says nothing of a part: what is made
// of an object is like it, and a changed text is no new object.
func knownFor(known check.Known, one compound.Part) check.Known {
	known.Alike = nil
	if !slices.Contains(one.Changed(), attack.FieldName) {
		known.Similar = nil
	}
	return known
}

// compoundChecks are those that no rule has, for they are about all parts.
func compoundChecks(now *taxonomy.Snapshot, domain string, c compound.Proposal, parts []compound.Part) []Check {
	var checks []Check
	add := func(level check.Level, field, code, message string, args ...any) {
		checks = append(checks, Check{Level: level, Field: field, Code: code, Message: fmt.Sprintf(message, args...)})
	}
	if len(parts) == 0 {
		add(check.Error, "", check.CodeUnchanged, "Nothing is changed yet.")
	}
	if len(parts) > compound.MaxParts {
		add(check.Error, "", CodeTooMany, "It would change %d objects; %d are allowed. Make several proposals of it.", len(parts), compound.MaxParts)
	}
	parent, _ := now.Parent(c.About)
	to := c.Content[attack.FieldParent].Text
	if to != "" && to == c.About {
		add(check.Error, attack.FieldParent, check.CodeSelf, "It cannot be a sub-technique of itself.")
	}
	if c.Form.Kind == attack.MoveSubtechnique && parent != nil && to == parent.ID {
		add(check.Error, attack.FieldParent, check.CodeUnchanged, "It is a sub-technique of %s already.", parent.Name)
	}
	if c.Form.Kind == attack.SplitTechnique {
		return append(checks, splitChecks(c.Content)...)
	}
	for with, out := range map[string]string{attack.FieldAddPlatforms: attack.FieldRemovePlatforms, attack.FieldAddTactics: attack.FieldRemoveTactics} {
		for _, one := range c.Content[out].List {
			if slices.Contains(c.Content[with].List, one) {
				add(check.Error, out, CodeBothWays, "%q is added and taken out. Choose one of the two.", one)
			}
		}
	}
	if !c.Form.Merges() {
		return checks
	}
	if heir, ok := now.InDomain(domain, c.Content[attack.FieldReplacement].Text); ok && c.Content[attack.FieldDescription].Empty() && heir.Description != "" {
		checks = append(checks, Check{Level: check.Hint, Field: attack.FieldDescription, Code: CodeHeirText, Message: fmt.Sprintf("The text of %s stays as it is.", heir.Name),
			Fix: &check.Fix{Label: "Change it", Field: attack.FieldDescription, Value: attack.Value{Text: heir.Description}}})
	}
	return checks
}

// Codes of findings on proposals that change several objects.
const (
	CodeTooMany  = "too_many_parts"
	CodeHeirText = "text_of_heir"
	CodeOnePiece = "one_piece"
	CodeBothWays = "added_and_taken_out"
)

// splitChecks are about the pieces among each other, and what goes to them.
func splitChecks(content attack.Content) []Check {
	var checks []Check
	add := func(field, code, message string, args ...any) {
		checks = append(checks, Check{Level: check.Error, Field: field, Code: code, Message: fmt.Sprintf(message, args...)})
	}
	below, retire := !content[attack.FieldBelow].Empty(), !content[attack.FieldRetire].Empty()
	keys, names := map[string]bool{}, map[string]bool{}
	for _, row := range content[attack.FieldPieces].Rows {
		name := strings.ToLower(row[attack.FieldName])
		if names[name] && name != "" {
			add(attack.FieldPieces, check.CodeNameInTactic, "Two of the new ones are called %q.", row[attack.FieldName])
		}
		keys[row[attack.ColumnKey]], names[name] = true, true
	}
	if len(keys) == 1 && !below {
		add(attack.FieldPieces, CodeOnePiece, "One more is no split. Add another, or put it below.")
	}
	if below && retire {
		add(attack.FieldRetire, check.CodeChildren, "It cannot be deprecated while the new ones are its sub-techniques.")
	}
	for _, row := range content[attack.FieldExamples].Rows {
		if to := row[attack.ColumnPiece]; to != "" && !keys[to] {
			add(attack.FieldExamples, check.CodeDangling, "An example goes to a technique that is not among the new ones any more. Choose again.")
			break
		}
	}
	return checks
}

// partCheck is a finding on a part.
type partCheck struct {
	Check
	name string
}

// gathered tells findings with the parts that they are on, the same finding of
// many parts once.
func gathered(found []partCheck) []Check {
	var list []Check
	names := map[string][]string{}
	key := func(c Check) string { return string(c.Level) + "\x00" + c.Code + "\x00" + c.Field + "\x00" + c.Message }
	for _, one := range found {
		if k := key(one.Check); !slices.Contains(names[k], one.name) {
			if len(names[k]) == 0 {
				list = append(list, one.Check)
			}
			names[k] = append(names[k], one.name)
		}
	}
	for i, c := range list {
		all := names[key(c)]
		who := strings.Join(all[:min(len(all), 3)], ", ")
		if more := len(all) - 3; more > 0 {
			who += fmt.Sprintf(" and %d more", more)
		}
		list[i] = Check{Level: c.Level, Code: c.Code, Message: cmp.Or(who, untitled) + ": " + c.Message}
	}
	return list
}
