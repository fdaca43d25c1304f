package review

import (
	"cmp"
	"context"
	"maps"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// Unsaved is the text of a draft as it stands in its author's page.
type Unsaved struct {
	Content   attack.Content    `json:"content"`
	Rationale string            `json:"rationale"`
	Bump      string            `json:"bump,omitempty" enum:"major,minor,patch"`
	Explained map[string]string `json:"explained,omitempty" doc:"why what the guard finds may stand, by the keys of the findings"`
}

// Findings is what is found in a text.
type Findings struct {
	Checks  []Check          `json:"checks"`
	Similar []taxonomy.Alike `json:"similar" doc:"objects that may be the same, likeliest first"`
}

// LookAt finds what is wrong with a draft while it is typed. It keeps nothing:
// that is left to Save, which comes after a longer pause.
func (p *Proposals) LookAt(ctx context.Context, actor Actor, id string, in Unsaved) (Findings, error) {
	db := p.db.WithContext(ctx)
	row, err := findRow(db, actor, id)
	if err != nil {
		return Findings{}, err
	}
	if err := row.openTo(actor); err != nil {
		return Findings{}, err
	}
	form, err := row.form()
	if err != nil {
		return Findings{}, err
	}
	base, err := baseOf(db, row)
	if err != nil {
		return Findings{}, err
	}
	w := working{Rationale: in.Rationale, Bump: cmp.Or(in.Bump, attack.BumpMinor)}
	if w.Content, err = tidy(form, base, maps.Clone(in.Content)); err != nil {
		return Findings{}, err
	}
	if err := typed.Text(FieldRationale, in.Rationale, check.MaxNote); err != nil {
		return Findings{}, err
	}
	if w.Explained, err = reasons(in.Explained).clean(); err != nil {
		return Findings{}, err
	}
	return p.found(db, row, base, w)
}

func (p *Proposals) found(db *gorm.DB, row proposalRow, base attack.Content, w working) (Findings, error) {
	checks, err := p.checks(db, row, base, w)
	return Findings{checks, p.similar(row, w.Content, base[attack.FieldName].Text)}, err
}
