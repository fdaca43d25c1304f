package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
)

// Limits of templates.
const (
	maxTemplateName = 100
	maxTemplates    = 200 // in a workshop
)

// Template is what a proposal may start from: content in which hints, in
// {{ }}, say what to write.
type Template struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`
	Kind      string         `json:"kind" doc:"of its form"`
	Content   attack.Content `json:"content"`
	Rationale string         `json:"rationale"`
	BuiltIn   bool           `json:"built_in" doc:"it is there in every workshop"`
	Revision  int64          `json:"revision" doc:"counts up with each change"`
	UpdatedAt time.Time      `json:"updated_at"`
}

// NewTemplate is a template to be made: of a proposal, or of what is given.
type NewTemplate struct {
	Name      string         `json:"name" maxLength:"400"`
	Proposal  string         `json:"proposal,omitempty" maxLength:"100" doc:"id of a proposal of which it is made; then it has the kind and the content of that"`
	Kind      string         `json:"kind,omitempty" maxLength:"60" doc:"of a form that makes something new"`
	Content   attack.Content `json:"content,omitempty"`
	Rationale string         `json:"rationale,omitempty" maxLength:"10000"`
}

// TemplateChange changes a template that was seen at Revision.
type TemplateChange struct {
	Revision  int64          `json:"revision"`
	Name      string         `json:"name" maxLength:"400"`
	Content   attack.Content `json:"content"`
	Rationale string         `json:"rationale" maxLength:"10000"`
}

type templateRow struct {
	ID, WorkshopID, Name, Kind string
	Content, Rationale         string
	Revision                   int64
	MadeBy                     string
	CreatedAt                  time.Time
	UpdatedAt                  time.Time `gorm:"autoUpdateTime:false"`
}

func (templateRow) TableName() string { return "templates" }

func (r templateRow) template() (Template, error) {
	t := Template{ID: r.ID, Name: r.Name, Kind: r.Kind, Rationale: r.Rationale, Revision: r.Revision, UpdatedAt: r.UpdatedAt.UTC()}
	if err := json.Unmarshal([]byte(r.Content), &t.Content); err != nil {
		return t, fmt.Errorf("read template %s: %w", r.ID, err)
	}
	return t, nil
}

// Templates lists what the proposals of a workshop may start from: its own by
// name, and behind them those that are there in every workshop.
func (p *Proposals) Templates(ctx context.Context, actor Actor) ([]Template, error) {
	var rows []templateRow
	if err := p.db.WithContext(ctx).Where("workshop_id = ?", actor.Workshop).Order("name, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	list := make([]Template, len(rows))
	for i, r := range rows {
		var err error
		if list[i], err = r.template(); err != nil {
			return nil, err
		}
	}
	return append(list, builtIn()...), nil
}

// MakeTemplate keeps what proposals of the actor's workshop may start from.
func (p *Proposals) MakeTemplate(ctx context.Context, actor Actor, in NewTemplate) (Template, error) {
	return journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (Template, error) {
		if err := tx.Hold(actor.Workshop); err != nil {
			return Template{}, err
		}
		var n int64
		if err := tx.Model(&templateRow{}).Where("workshop_id = ?", actor.Workshop).Count(&n).Error; err != nil {
			return Template{}, fmt.Errorf("count templates: %w", err)
		}
		if n >= maxTemplates {
			return Template{}, fault.New(fault.Conflict, "This workshop has %d templates already. Delete one that nobody needs.", n)
		}
		in, err := p.modelled(tx.DB, actor, in)
		if err != nil {
			return Template{}, err
		}
		row := templateRow{ID: uuid.NewString(), WorkshopID: actor.Workshop, Kind: in.Kind, MadeBy: actor.User, CreatedAt: journal.Now()}
		if row, err = p.filled(tx.DB, row, TemplateChange{Name: in.Name, Content: in.Content, Rationale: in.Rationale}); err != nil {
			return Template{}, err
		}
		if err := tx.Create(&row).Error; err != nil {
			return Template{}, fmt.Errorf("keep a template: %w", err)
		}
		return row.template()
	})
}

// modelled takes over kind and content of a proposal. Who is to be credited for
// that is not for its like.
func (p *Proposals) modelled(db *gorm.DB, actor Actor, in NewTemplate) (NewTemplate, error) {
	if in.Proposal == "" {
		return in, nil
	}
	row, err := find(db, actor, in.Proposal)
	if err != nil {
		return in, err
	}
	w, err := row.draft()
	if err != nil {
		return in, err
	}
	if row.Revision > 0 {
		stored, err := findRevision(db, row.ID, row.Revision)
		if err != nil {
			return in, err
		}
		if w, _, err = stored.working(row); err != nil {
			return in, err
		}
	}
	in.Kind, in.Content, in.Rationale = row.Kind, maps.Clone(w.Content), w.Rationale
	delete(in.Content, attack.FieldContributors)
	return in, nil
}

// ChangeTemplate changes a template of the actor's workshop. The fault is Stale,
// with the template as it is, where somebody changed it meanwhile.
func (p *Proposals) ChangeTemplate(ctx context.Context, actor Actor, id string, in TemplateChange) (Template, error) {
	return journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (Template, error) {
		if err := tx.Hold(actor.Workshop); err != nil {
			return Template{}, err
		}
		row, err := findTemplate(tx.DB, actor, id)
		if err != nil {
			return Template{}, err
		}
		if row.Revision != in.Revision {
			now, err := row.template()
			return now, errors.Join(err, fault.New(fault.Stale, "This template was changed meanwhile. Look at it as it is now.").With(now))
		}
		if row, err = p.filled(tx.DB, row, in); err != nil {
			return Template{}, err
		}
		if err := tx.Save(&row).Error; err != nil {
			return Template{}, fmt.Errorf("change a template: %w", err)
		}
		return row.template()
	})
}

// DropTemplate takes a template away; proposals that started from it stay.
func (p *Proposals) DropTemplate(ctx context.Context, actor Actor, id string) error {
	_, err := journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (struct{}, error) {
		row, err := findTemplate(tx.DB, actor, id)
		if err != nil {
			return struct{}{}, err
		}
		if err := tx.Delete(&row).Error; err != nil {
			return struct{}{}, fmt.Errorf("delete a template: %w", err)
		}
		return struct{}{}, nil
	})
	return err
}

func findTemplate(db *gorm.DB, actor Actor, id string) (templateRow, error) {
	var rows []templateRow
	if err := db.Where("workshop_id = ? AND id = ?", actor.Workshop, id).Limit(1).Find(&rows).Error; err != nil {
		return templateRow{}, fmt.Errorf("find a template: %w", err)
	}
	if len(rows) == 0 {
		return templateRow{}, fault.New(fault.NotFound, "There is no such template in this workshop.")
	}
	return rows[0], nil
}

// filled gives a row with what a template says. It has to be of a kind that
// makes something new, for a change says what its object says; and it is read by
// all, so what must not be shared may not stand in it.
func (p *Proposals) filled(db *gorm.DB, row templateRow, in TemplateChange) (templateRow, error) {
	row.Name, row.Rationale = strings.TrimSpace(in.Name), in.Rationale
	form, ok := attack.FormOf(row.Kind)
	switch {
	case row.Name == "":
		return row, fault.InField("name", "Give the template a name.")
	case !ok || row.Kind == attack.HandOver:
		return row, fault.InField("kind", "%.40q is no kind of proposal.", row.Kind)
	case form.Action != attack.Add:
		return row, fault.InField("kind", "A template is for something new. A proposal of this kind (%s) starts from what its object says.", form.Label)
	}
	content, err := tidy(form, nil, in.Content)
	if err := errors.Join(err, typed.Line("name", row.Name, maxTemplateName), typed.Text("rationale", row.Rationale, check.MaxNote)); err != nil {
		return row, err
	}
	var known check.Known
	if known.Guard, err = p.guardIn(db, row.WorkshopID); err != nil {
		return row, err
	}
	found := slices.DeleteFunc(check.Run(check.Subject{Form: form, Content: content}, known), func(c Check) bool { return c.Shared == nil })
	if err := refuse(append(found, check.Text(FieldRationale, row.Rationale, known)...), "Everybody here reads a template"); err != nil {
		return row, err
	}
	text, err := json.Marshal(content)
	if err != nil {
		return row, fmt.Errorf("write a template: %w", err)
	}
	row.Content, row.UpdatedAt = string(text), journal.Now()
	row.Revision++
	return row, nil
}

// templated puts what a template says where nothing was given.
func templated(db *gorm.DB, actor Actor, in NewProposal, given attack.Content) (NewProposal, error) {
	if in.Template == "" {
		return in, nil
	}
	i := slices.IndexFunc(builtIn(), func(t Template) bool { return t.ID == in.Template })
	var t Template
	if i >= 0 {
		t = builtIn()[i]
	} else {
		row, err := findTemplate(db, actor, in.Template)
		if fault.CodeOf(err) == fault.NotFound {
			return in, fault.InField("template", "This template is not there any more. Start from another, or from nothing.")
		}
		if err != nil {
			return in, err
		}
		if t, err = row.template(); err != nil {
			return in, err
		}
	}
	if t.Kind != in.Kind {
		return in, fault.InField("template", "%s is a template for another kind of proposal.", t.Name)
	}
	content := maps.Clone(t.Content)
	maps.Copy(content, given)
	maps.Copy(content, in.Content)
	in.Content = content
	if in.Rationale == "" {
		in.Rationale = t.Rationale
	}
	return in, nil
}
