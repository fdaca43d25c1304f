package release_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// everyKind accepts a proposal of every kind that the table of forms has, but
// for those to which the domain has no object. It gives them by kind.
func (d *desk) everyKind() map[string]review.Proposal {
	d.t.Helper()
	now, taken := d.tax.Snapshot(), map[string]bool{}
	// free finds an object of a type that no other proposal of the test is about.
	free := func(objectType string) *taxonomy.Object {
		for _, o := range now.Objects(d.domain) {
			newest, ok := now.InDomain(d.domain, o.ID)
			if ok && o.Type == objectType && newest.Live() && !taken[o.ID] && len(now.Children(o.ID)) == 0 && o.Kind != attack.SubtechniqueOf && o.Kind != attack.RevokedBy {
				taken[o.ID] = true
				return newest
			}
		}
		return nil
	}
	made := map[string]review.Proposal{}
	for _, form := range attack.Forms() {
		content, object := attack.Content{}, ""
		if form.Modifies {
			o := free(form.Type)
			for aside := []string{}; o != nil && form.Starts != attack.AnyTechnique && (form.Starts == attack.PartTechnique) != o.Subtechnique; o = free(form.Type) {
				aside = append(aside, o.ID)
				defer func() {
					for _, id := range aside {
						delete(taken, id)
					}
				}()
			}
			if o == nil {
				d.t.Logf("%s has no object for %s", d.domain, form.Kind)
				continue
			}
			object, content = o.ID, attack.ContentOf(o.Object, form)
		}
		for _, f := range form.Fields {
			d.fill(form, f, content, free)
		}
		if form.Kind == attack.SplitTechnique {
			content[attack.FieldExamples] = d.examplesOf(object)
		}
		p, err := d.accepted(form.Kind, object, "", content)
		if err != nil {
			d.t.Fatalf("%s: %v", form.Kind, err)
		}
		made[form.Kind] = p
	}
	return made
}

// fill writes a field as somebody might.
func (d *desk) fill(form attack.Form, f attack.Field, content attack.Content, free func(string) *taxonomy.Object) {
	words := d.tax.Snapshot().Vocabulary(d.domain)
	was := content[f.Name]
	switch f.Kind {
	case attack.Line:
		switch {
		case f.Name == attack.FieldFind:
			was.Text = "adversaries"
		case f.Name == attack.FieldReplace:
			was.Text = "teapot adversaries"
		case f.Name == attack.FieldName && form.Modifies && !form.Renames():
		case f.Name == attack.FieldName:
			was.Text = "Teapot " + strings.ToUpper(form.Kind[:1]) + form.Kind[1:]
		case f.Vocabulary == attack.VocabularyRelations:
			was.Text = attack.Mitigates
		default:
			was.Text = "(Citation: Kinds)"
		}
	case attack.Markdown:
		was.Text += " Teapots are used.(Citation: Kinds)"
	case attack.Day:
		was.Text = "2025-02-01"
	case attack.Flag:
		if f.Name != attack.FieldRetire { // what has new sub-techniques stays
			was.Text = "true"
		}
	case attack.List:
		if strings.HasPrefix(f.Name, "remove_") {
			return
		}
		switch f.Vocabulary {
		case attack.VocabularyTactics:
			was.List = []string{words.Tactics[0].Value}
		case attack.VocabularyPlatforms:
			was.List = []string{words.Platforms[0].Value}
		default:
			was.List = append(slices.Clone(was.List), append(f.Options, "Teapot "+f.Label)[0])
		}
	case attack.References:
		was.References = append(slices.Clone(was.References), source("Kinds").References...)
	case attack.ObjectRef:
		was.Text = d.end(form, f, free)
	case attack.ObjectRefs:
		if f.Name == attack.FieldLeftOut {
			return
		}
		was.List = append(slices.Clone(was.List), free(f.Refers[0]).ID)
		if f.Name == attack.FieldColumns { // a tactic stands in it once
			was.List = slices.Compact(slices.Sorted(slices.Values(was.List)))
		}
	case attack.Rows:
		if f.Name == attack.FieldPieces {
			for _, name := range []string{"Teapot", "Kettle"} {
				was.Rows = append(was.Rows, map[string]string{attack.ColumnKey: name, attack.FieldName: name + " Piece", attack.FieldDescription: "Adversaries may use it.(Citation: Kinds)"})
			}
			break
		}
		if f.Name == attack.FieldExamples {
			return
		}
		row := map[string]string{}
		for _, c := range f.Columns {
			row[c.Property] = "Teapot " + c.Label
			if c.Refers != nil {
				row[c.Property] = free(c.Refers[0]).ID
			}
		}
		was.Rows = append(slices.Clone(was.Rows), row)
	}
	content[f.Name] = was
}

// end gives an object that a field may name.
func (d *desk) end(form attack.Form, f attack.Field, free func(string) *taxonomy.Object) string {
	switch {
	case f.Name == attack.FieldSource && f.Refers == nil:
		return free(attack.TypeMitigation).ID
	case f.Refers == nil:
		return free(attack.TypeTechnique).ID
	case f.Name == attack.FieldParent:
		for _, one := range d.tax.Snapshot().Objects(d.domain) {
			if n := len(d.tax.Snapshot().Children(one.ID)); one.Type == attack.TypeTechnique && one.Live() && !one.Subtechnique && n > 0 && n < 3 {
				return one.ID
			}
		}
	}
	return free(f.Refers[0]).ID
}

// TestEveryKindIsReleased makes one proposal of each kind and looks at what a
// release writes of them.
func TestEveryKindIsReleased(t *testing.T) {
	attacktest.Heavy(t)
	base := attacktest.Unzipped(t, "enterprise-attack-18.1.json.gz")
	d := open(t, storetest.Open(t), "enterprise-attack", strings.NewReader(string(base)))
	before := d.tax.Snapshot()
	made := d.everyKind()
	r := d.openRelease()
	if preview := d.preview(r); !preview.Publishable {
		for _, item := range preview.Items {
			if len(item.Problems) > 0 {
				t.Errorf("%s: %v", item.Proposal.Kind, item.Problems)
			}
		}
		t.Fatal(preview.Problems)
	}
	r = d.publish(r)
	bundle := d.bundle(r)
	wellFormed(t, bundle)
	now := d.tax.Snapshot()
	for kind, p := range made {
		form, _ := attack.FormOf(kind)
		if form.Action == attack.Several {
			d.changed(p, before, now)
			continue
		}
		o, ok := now.InDomain(d.domain, p.Object.STIXID)
		if !ok {
			t.Errorf("%s: the object is not there", kind)
			continue
		}
		was, existed := before.InDomain(d.domain, o.ID)
		if existed != form.Modifies || o.Deprecated != (form.Action == attack.Deprecate) || o.Revoked != (form.Action == attack.Revoke) {
			t.Errorf("%s: existed %v, deprecated %v, revoked %v", kind, existed, o.Deprecated, o.Revoked)
		}
		letters := attack.Describe(form.Type).Letters
		if form.Action == attack.Add && letters != "" && (!strings.HasPrefix(o.ATTACK, letters) || o.Version != attack.FirstVersion) {
			t.Errorf("%s has the id %q and the version %s", kind, o.ATTACK, o.Version)
		}
		if form.Action == attack.Modify && letters != "" && o.Version == was.Version {
			t.Errorf("%s: the version is still %s", kind, o.Version)
		}
		if form.Action == attack.Revoke {
			d.revoked(was, before, now)
		}
	}
}

// examplesOf sends all procedure examples of a technique to its first piece.
func (d *desk) examplesOf(technique string) (v attack.Value) {
	for _, r := range d.tax.Snapshot().Incoming(technique) {
		if own, ok := d.tax.Snapshot().InDomain(d.domain, r.ID); ok && own.Kind == attack.Uses {
			v.Rows = append(v.Rows, map[string]string{attack.ColumnExample: r.ID, attack.ColumnPiece: "Teapot"})
		}
	}
	return v
}

// changed looks at the objects of a proposal that changes several.
func (d *desk) changed(p review.Proposal, before, now *taxonomy.Snapshot) {
	d.t.Helper()
	parts, err := d.proposals.Parts(d.t.Context(), d.ana, p.ID, p.Revision)
	if err != nil || len(parts) == 0 {
		d.t.Errorf("%s has the parts %v, %v", p.Kind, parts, err)
	}
	for _, part := range parts {
		o, ok := now.InDomain(d.domain, part.Object.STIXID)
		was, existed := before.InDomain(d.domain, part.Object.STIXID)
		switch {
		case !ok || existed == (part.Action == attack.Add) || o.Revoked != (part.Action == attack.Revoke):
			d.t.Errorf("%s: %s is there %v, was there %v: %+v", p.Kind, part.Object.STIXID, ok, existed, o)
		case part.Action == attack.Add && (o.Version != attack.FirstVersion || o.ATTACK == ""):
			d.t.Errorf("%s made %s in version %s", p.Kind, o.ATTACK, o.Version)
		case part.Action == attack.Revoke:
			d.revoked(was, before, now)
		}
	}
}

// revoked looks whether an object has an heir, which has its relationships.
func (d *desk) revoked(was *taxonomy.Object, before, now *taxonomy.Snapshot) {
	d.t.Helper()
	i := slices.IndexFunc(now.Outgoing(was.ID), func(o *taxonomy.Object) bool { return o.Kind == attack.RevokedBy })
	if i < 0 {
		d.t.Errorf("%s is revoked by nothing", was.Label())
		return
	}
	heir := now.Outgoing(was.ID)[i].Target
	for _, r := range slices.Concat(before.Outgoing(was.ID), before.Incoming(was.ID)) {
		if r.Kind == attack.SubtechniqueOf || r.Kind == attack.RevokedBy {
			continue
		}
		after, _ := now.InDomain(d.domain, r.ID)
		if after.Live() && after.Source != heir && after.Target != heir {
			d.t.Errorf("%s: %s is still that of %s", was.Label(), r.ID, was.Label())
		}
	}
}
