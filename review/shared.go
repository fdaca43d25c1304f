package review

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/guard"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// FieldRationale is the field of findings on what an author tells reviewers.
const FieldRationale = "rationale"

// mustChange says what to do about what must not be shared.
const mustChange = " Change it, or say in a line why it may stand."

// Standards is by what a workshop has its proposals looked at.
type Standards struct {
	Guard  guard.Known
	Levels map[string]check.Level // of rules by id, where it chose another than theirs
}

// Circle gives a workshop's standards, by a handle that may be inside a
// transaction.
type Circle func(db *gorm.DB, workshop string) (Standards, error)

// ownNames are the names that a taxonomy is about.
type ownNames struct {
	of    *taxonomy.Snapshot
	names *guard.Names
}

// ownGuard is the guard of a workshop, and what it was made from.
type ownGuard struct {
	known guard.Known
	names *guard.Names
	guard *guard.Guard
}

// KnownIn is what checks may look up of a domain as it is, and of a workshop.
func (p *Proposals) KnownIn(db *gorm.DB, workshop, domain string) (known check.Known, err error) {
	known = Known(p.taxonomy.Snapshot(), domain)
	known.Guard, known.Levels, err = p.standards(db, workshop)
	return known, err
}

func (p *Proposals) guardIn(db *gorm.DB, workshop string) (*guard.Guard, error) {
	g, _, err := p.standards(db, workshop)
	return g, err
}

// standards gives the guard of a workshop and what rules weigh there. Names of
// the taxonomy's own groups, software and campaigns are no findings.
func (p *Proposals) standards(db *gorm.DB, workshop string) (*guard.Guard, map[string]check.Level, error) {
	s, err := p.circle(db, workshop)
	if err != nil {
		return nil, nil, fmt.Errorf("look what a workshop knows of itself: %w", err)
	}
	now := p.taxonomy.Snapshot()
	own := p.names.Load()
	if own == nil || own.of != now {
		own = &ownNames{now, guard.NewNames(namesIn(now))}
		p.names.Store(own)
	}
	return p.guardOf(workshop, s.Guard, own.names), s.Levels, nil
}

// guardOf makes the guard of a workshop, unless the latest was made from the
// same: with hundreds of organisations it takes longer than to look at a message.
func (p *Proposals) guardOf(workshop string, known guard.Known, names *guard.Names) *guard.Guard {
	if last, ok := p.guards.Load(workshop); ok {
		if last := last.(*ownGuard); last.names == names && reflect.DeepEqual(last.known, known) {
			return last.guard
		}
	}
	made := &ownGuard{known, names, guard.New(known, names)}
	p.guards.Store(workshop, made)
	return made.guard
}

// namesIn lists what the actors and their tools are called.
func namesIn(now *taxonomy.Snapshot) []string {
	var names []string
	for _, d := range now.Domains() {
		for _, o := range now.Objects(d.ID) {
			switch o.Type {
			case attack.TypeGroup, attack.TypeMalware, attack.TypeTool, attack.TypeCampaign:
				names = append(append(names, o.Name), o.OtherNames()...)
			}
		}
	}
	return names
}

// reasons say why what the guard finds may stand, by the keys of the findings.
type reasons map[string]string

// all is never null in JSON.
func (r reasons) all() map[string]string {
	if r == nil {
		return map[string]string{}
	}
	return r
}

// of gives the reasons that findings have, as they are stored.
func (r reasons) of(checks []Check) (string, error) {
	needed := reasons{}
	for _, c := range checks {
		if c.Shared != nil && r[c.Shared.Key] != "" {
			needed[c.Shared.Key] = r[c.Shared.Key]
		}
	}
	text, err := json.Marshal(needed)
	if err != nil {
		return "", fmt.Errorf("write explanations: %w", err)
	}
	return string(text), nil
}

// readReasons reads stored reasons.
func readReasons(text string) (r reasons, err error) {
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return nil, fmt.Errorf("read explanations: %w", err)
	}
	return r, nil
}

var keyPattern = regexp.MustCompile(`^[0-9a-f]{16}$`)

// clean refuses reasons that cannot be kept and leaves out empty ones.
func (r reasons) clean() (reasons, error) {
	if len(r) > check.MaxReasons {
		return nil, fault.InField("explained", "There are %d explanations; %d are allowed.", len(r), check.MaxReasons)
	}
	kept := reasons{}
	for key, reason := range r {
		if !keyPattern.MatchString(key) {
			return nil, fault.InField("explained", "%.40q is not the key of a finding.", key)
		}
		reason = strings.TrimSpace(reason)
		if err := typed.Line("explained."+key, reason, check.MaxReason); err != nil {
			return nil, err
		}
		if reason != "" {
			kept[key] = reason
		}
	}
	return kept, nil
}

// explained gives the reasons of a draft without those of what is not found in
// it any more.
func (p *Proposals) explained(db *gorm.DB, row proposalRow, base attack.Content, w working) (reasons, error) {
	kept, err := w.Explained.clean()
	if err != nil || len(kept) == 0 {
		return nil, err
	}
	form, err := row.form()
	if err != nil {
		return nil, err
	}
	var known check.Known
	if known.Guard, err = p.guardIn(db, row.WorkshopID); err != nil {
		return nil, err
	}
	found := check.Keys(check.Subject{Form: form, Base: base, Content: w.Content}, w.Rationale, known)
	for key := range kept {
		if !found[key] {
			delete(kept, key)
		}
	}
	return kept, nil
}

// Look lists what a text that is being written has that must not be shared.
func (p *Proposals) Look(ctx context.Context, actor Actor, text string, given map[string]string) ([]Check, error) {
	if err := typed.Text("body", text, check.MaxText); err != nil {
		return nil, err
	}
	return p.LookIn(p.db.WithContext(ctx), actor.Workshop, "body", text, given)
}

// LookIn is Look for a text of a workshop's that is in hand, by the name of its
// field. The fault is Invalid where a reason cannot be kept.
func (p *Proposals) LookIn(db *gorm.DB, workshop, field, text string, given map[string]string) ([]Check, error) {
	kept, err := reasons(given).clean()
	if err != nil {
		return nil, err
	}
	known := check.Known{Reasons: kept}
	if known.Guard, err = p.guardIn(db, workshop); err != nil {
		return nil, err
	}
	return append([]Check{}, check.Text(field, text, known)...), nil
}

// MessageIn refuses a message that has what must not be shared and that nobody
// explained, with the findings, and gives what was explained.
func (p *Proposals) MessageIn(db *gorm.DB, workshop, text string, given map[string]string) ([]typed.Explained, error) {
	return p.sharableIn(db, workshop, "body", text, given)
}

func (p *Proposals) sharableIn(db *gorm.DB, workshop, field, text string, given reasons) ([]typed.Explained, error) {
	checks, err := p.LookIn(db, workshop, field, text, given)
	if err != nil {
		return nil, err
	}
	if c, failed := check.Failed(checks); failed {
		return nil, fault.InField(field, "This has something that must not be shared: %s%s", c.Message, mustChange).With(Refused{checks})
	}
	var explained []typed.Explained
	for _, c := range checks {
		explained = append(explained, typed.Explained{Key: c.Shared.Key, Text: cut(c.Shared.Text, check.MaxReason), Reason: c.Shared.Reason})
	}
	return explained, nil
}
