package release

import (
	"fmt"
	"slices"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// succession is an object that another takes the place of.
type succession struct {
	work  int
	old   *taxonomy.Object
	next  string // STIX id
	carry bool   // its relationships, too
}

// carry notes what takes the place of a revoked object.
func (p *planner) carry(i int, o *taxonomy.Object, content attack.Content) {
	if next := content[attack.FieldReplacement].Text; next != "" {
		p.heirs = append(p.heirs, succession{i, o, next, content[attack.FieldCarry].Text == "true"})
	}
}

// succeed writes that an object is revoked by another and, where that was
// asked for, has its relationships be the other's. One that the other has
// already is deprecated.
func (p *planner) succeed(s succession) error {
	if len(p.of(s.work).Problems) > 0 {
		return nil
	}
	if heir := p.edits[s.next]; heir != nil && heir.retired.Retires() {
		p.problem(s.work, "What takes the place of %s is to live no more by %s, which is on this release, too.", s.old.Label(), p.called(heir.by))
		return nil
	}
	raw, err := attack.Relate(attack.RevokedBy, s.old.ID, s.next, p.stamp(p.beside(s.work, attack.RevokedBy)))
	if err == nil {
		err = p.put(written{raw: raw})
	}
	if err != nil || !s.carry {
		return err
	}
	has := map[[3]string]bool{}
	for _, r := range p.related(s.next) {
		has[[3]string{r.Kind, r.Source, r.Target}] = true
	}
	for _, r := range p.related(s.old.ID) {
		if r.Kind == attack.RevokedBy || r.Kind == attack.SubtechniqueOf && r.Source != s.old.ID {
			continue
		}
		if e := p.edits[r.ID]; e != nil && e.retired.Retires() {
			continue
		}
		if err := p.hand(r, s, has); err != nil {
			return fmt.Errorf("hand %s over: %w", r.ID, err)
		}
	}
	return nil
}

// hand gives one relationship to the heir.
func (p *planner) hand(r *taxonomy.Object, s succession, has map[[3]string]bool) error {
	was, old, err := p.handed(r)
	if err != nil {
		return err
	}
	key := [3]string{was.Kind, was.Source, was.Target}
	for i, end := range key {
		if end == s.old.ID {
			key[i] = s.next
		}
	}
	stamp := p.stamp(r.ID)
	stamp.Modified = after(p.moment, r.Stamp())
	raw, err := attack.Redirect(old, s.old.ID, s.next, stamp)
	if has[key] || key[1] == key[2] || r.Kind == attack.SubtechniqueOf { // who takes its place has a parent of its own
		raw, err = attack.Retire(old, attack.Deprecate, stamp)
	}
	if err != nil {
		return err
	}
	has[key] = true
	if i := slices.IndexFunc(p.out, func(w written) bool { return w.before == r }); i >= 0 {
		p.out[i].raw = raw
		p.out[i].after, err = attack.Parse(raw)
		return err
	}
	return p.put(written{before: r, raw: raw})
}

// handed gives a relationship as it is by now: it may have been refined, or its
// other end handed over before.
func (p *planner) handed(r *taxonomy.Object) (attack.Object, []byte, error) {
	for _, w := range p.out {
		if w.before == r {
			return w.after, w.raw, nil
		}
	}
	raw, err := p.raw(r.Row)
	return r.Object, raw, err
}

// orphans looks for new relationships and sub-techniques that hang on an object
// that another work of the release takes out of life.
func (p *planner) orphans() {
	for i, w := range p.works {
		if !w.Makes() {
			continue
		}
		for _, field := range []string{attack.FieldSource, attack.FieldTarget, attack.FieldParent} {
			if e := p.edits[w.Content[field].Text]; e != nil && e.retired.Kind != "" {
				p.problem(i, "%s %s is to live no more by %s, which is on this release, too. Release this one first, or change what it names.", e.object.Label(), e.object.Name, p.called(e.by))
			}
		}
	}
}

// column makes a new tactic the last column of the domain's matrix.
func (p *planner) column(tactic string) error {
	for _, o := range p.objects {
		if o.Type != attack.TypeMatrix || !o.Live() {
			continue
		}
		e, err := p.editOf(o)
		if err != nil {
			return err
		}
		columns := e.content[attack.FieldColumns]
		columns.List = append(columns.List[:len(columns.List):len(columns.List)], tactic)
		e.content[attack.FieldColumns] = columns
		e.bump = larger(e.bump, attack.BumpMinor)
		return nil
	}
	return nil
}
