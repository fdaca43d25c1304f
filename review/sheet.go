package review

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/sheet"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// CodeSameRow is the code of a row that says what another one says.
const CodeSameRow = "same_as_row"

// shownText is how many characters of a description a dry run shows.
const shownText = 300

// atOnce is how many rows one statement writes.
const atOnce = 200

// SheetRow is what one row of a spreadsheet will be.
type SheetRow struct {
	Row         int                `json:"row" doc:"its number in the spreadsheet"`
	Who         string             `json:"who" doc:"as the row says"`
	Technique   string             `json:"technique" doc:"as the row says"`
	Source      *taxonomy.Link     `json:"source,omitempty" doc:"who it is"`
	Target      *taxonomy.Link     `json:"target,omitempty" doc:"the technique that it is"`
	Description string             `json:"description" doc:"its beginning"`
	References  []attack.Reference `json:"references"`
	Checks      []Check            `json:"checks"`
	content     attack.Content
}

// SheetReport is what a spreadsheet will be, row by row.
type SheetReport struct {
	Rows     []SheetRow `json:"rows"`
	Errors   int        `json:"errors" doc:"rows with an error; with one, nothing can be made"`
	Warnings int        `json:"warnings" doc:"rows with a warning and no error"`
}

// SheetMade is what a spreadsheet has made.
type SheetMade struct {
	Proposals []string `json:"proposals" doc:"ids, in the order of the rows"`
	First     int64    `json:"first" doc:"number of the first; the others follow it"`
	Submitted bool     `json:"submitted"`
}

// Sheet is a spreadsheet of procedure examples, and how it is read.
type Sheet struct {
	Table   sheet.Table
	Columns sheet.Mapping
	Submit  bool // hand all to the reviewers, too
}

// TrySheet says what a spreadsheet will be and changes nothing.
func (p *Proposals) TrySheet(ctx context.Context, actor Actor, domain string, in Sheet) (SheetReport, error) {
	return p.trySheet(p.db.WithContext(ctx), actor, domain, in)
}

func (p *Proposals) trySheet(db *gorm.DB, actor Actor, domain string, in Sheet) (SheetReport, error) {
	report := SheetReport{Rows: make([]SheetRow, len(in.Table.Rows))}
	if !actor.Has(Proposers()...) {
		return report, fault.New(fault.Forbidden, "Your role in this workshop does not let you propose.")
	}
	now := p.taxonomy.Snapshot()
	if _, ok := now.Conventions(domain); !ok {
		return report, fault.New(fault.Conflict, "The domain %q of this workshop is not loaded. A maintainer can import it.", domain)
	}
	if len(in.Table.Rows) > sheet.MaxRows {
		return report, fault.New(fault.TooLarge, "There are more than %d rows. Split the spreadsheet.", sheet.MaxRows)
	}
	r, err := p.newSheetReader(db, now, actor, domain, in)
	if err != nil {
		return report, err
	}
	for i, row := range in.Table.Rows {
		report.Rows[i] = r.row(row)
		switch checks := report.Rows[i].Checks; {
		case hasLevel(checks, check.Error):
			report.Errors++
		case hasLevel(checks, check.Warning):
			report.Warnings++
		}
	}
	return report, nil
}

func hasLevel(checks []Check, level check.Level) bool {
	return slices.ContainsFunc(checks, func(c Check) bool { return c.Level == level })
}

// sheetReader makes content of rows. All that it looks up is in memory.
type sheetReader struct {
	Sheet
	now     *taxonomy.Snapshot
	form    attack.Form
	known   check.Known
	who     *namer
	what    *namer
	sources map[string]attack.Reference // of the domain, by the name that cites them
	pairs   map[[2]string][]int         // the rows before, by who and what
	texts   map[string]int              // the row that said a content first
}

func (p *Proposals) newSheetReader(db *gorm.DB, now *taxonomy.Snapshot, actor Actor, domain string, in Sheet) (*sheetReader, error) {
	form, _ := attack.FormOf(attack.ProcedureExample)
	known, err := p.known(db, proposalRow{WorkshopID: actor.Workshop, Domain: domain})
	if err != nil {
		return nil, err
	}
	who, _ := form.Field(attack.FieldSource)
	what, _ := form.Field(attack.FieldTarget)
	r := &sheetReader{Sheet: in, now: now, form: form, known: known, who: newNamer(now, domain, who, known.Pending), what: newNamer(now, domain, what, known.Pending),
		sources: map[string]attack.Reference{}, pairs: map[[2]string][]int{}, texts: map[string]int{}}
	mine, err := p.unsubmitted(db, actor)
	if err != nil {
		return nil, err
	}
	r.known.Pending = append(r.known.Pending, mine...)
	for _, o := range now.Objects(domain) {
		for _, ref := range o.References {
			if ref.ExternalID == "" && ref.Description != "" {
				r.sources[ref.SourceName] = attack.Reference{SourceName: ref.SourceName, Description: ref.Description, URL: ref.URL}
			}
		}
	}
	return r, nil
}

// unsubmitted lists the actor's own drafts of procedure examples, so that a
// sheet that was used already says so.
func (p *Proposals) unsubmitted(db *gorm.DB, actor Actor) ([]check.Pending, error) {
	var rows []proposalRow
	err := db.Select("number", "kind", "subject").Where("workshop_id = ? AND author_id = ? AND revision = 0 AND state = ? AND kind = ?", actor.Workshop,
		actor.User, StateDraft, attack.ProcedureExample).Order("number").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list drafts: %w", err)
	}
	list := make([]check.Pending, len(rows))
	for i, row := range rows {
		var s subject
		if err := json.Unmarshal([]byte(row.Subject), &s); err != nil {
			return nil, fmt.Errorf("read draft #%d: %w", row.Number, err)
		}
		list[i] = check.Pending{Label: fmt.Sprintf("#%d, a draft of yours,", row.Number), Kind: row.Kind, Relation: s.Relation, Source: s.Source, Target: s.Target}
	}
	return list, nil
}

func (r *sheetReader) row(row sheet.Row) SheetRow {
	line := func(column int) string { return strings.Join(strings.Fields(row.Cell(column)), " ") }
	out := SheetRow{Row: row.Number, Who: line(r.Columns.Who), Technique: line(r.Columns.Technique), Checks: []Check{}, References: []attack.Reference{}}
	content := attack.Content{attack.FieldDescription: {Text: row.Cell(r.Columns.Description)}}
	ref := r.reference(attack.Reference{SourceName: line(r.Columns.Source), URL: line(r.Columns.URL), Description: line(r.Columns.Citation)})
	if ref != (attack.Reference{}) {
		content[attack.FieldReferences] = attack.Value{References: []attack.Reference{ref}}
	}
	content = cited(content, ref.SourceName)
	tried := map[string]bool{} // fields of which it is said already what is wrong
	for _, one := range []struct {
		field, text string
		namer       *namer
	}{{attack.FieldSource, out.Who, r.who}, {attack.FieldTarget, out.Technique, r.what}} {
		if one.text == "" {
			continue
		}
		m := one.namer.find(one.text)
		for _, c := range m.checks {
			c.Field = one.field
			out.Checks = append(out.Checks, c)
		}
		content[one.field] = attack.Value{Text: m.object.id}
		tried[one.field] = m.object.id == ""
	}
	out.Source, out.Target = r.link(content, attack.FieldSource), r.link(content, attack.FieldTarget)
	r.check(&out, content, tried)
	out.Description = cut(content[attack.FieldDescription].Text, shownText)
	out.References = append(out.References, content[attack.FieldReferences].References...)
	return out
}

func (r *sheetReader) link(content attack.Content, field string) *taxonomy.Link {
	id := content[field].Text
	if o, ok := r.now.InDomain(r.who.domain, id); ok {
		link := o.Link()
		return &link
	}
	if o, ok := r.known.Object(id); ok {
		return &taxonomy.Link{STIXID: o.STIXID, AttackID: o.AttackID, Type: o.Type, Name: o.Name}
	}
	return nil
}

// reference takes what a row leaves out from the source of that name that the
// domain has.
func (r *sheetReader) reference(ref attack.Reference) attack.Reference {
	known, ok := r.sources[ref.SourceName]
	if ok && ref.Description == "" && (ref.URL == "" || ref.URL == known.URL) {
		return known
	}
	return ref
}

// cited lets a description that cites nothing cite its source.
func cited(content attack.Content, source string) attack.Content {
	text := strings.TrimSpace(content[attack.FieldDescription].Text)
	if text != "" && source != "" && len(markdown.Citations(text)) == 0 {
		content[attack.FieldDescription] = attack.Value{Text: text + "(Citation: " + source + ")"}
	}
	return content
}

// check finds what is wrong with the content of a row, and what other rows say
// of the same.
func (r *sheetReader) check(out *SheetRow, content attack.Content, tried map[string]bool) {
	normal, err := tidy(r.form, nil, content)
	var wrong *fault.Error
	if errors.As(err, &wrong) {
		out.Checks = append(out.Checks, Check{Level: check.Error, Field: strings.TrimPrefix(wrong.Field, "content."), Code: string(wrong.Code), Message: wrong.Message})
		return
	}
	out.content = normal
	for _, c := range check.Run(check.Subject{Form: r.form, Content: normal}, r.known) {
		if c.Shared != nil {
			const advice = " Change it in the spreadsheet. If it may stand, leave the row out and write it as a proposal of its own, where you can say why."
			shared := *c.Shared
			shared.Why += advice
			c.Shared, c.Message = &shared, c.Message+advice
		}
		if c.Code != check.CodeRequired || !tried[c.Field] {
			out.Checks = append(out.Checks, c)
		}
	}
	pair := [2]string{normal[attack.FieldSource].Text, normal[attack.FieldTarget].Text}
	if pair[0] == "" || pair[1] == "" {
		return
	}
	text := strings.Join(append(pair[:], bare(normal[attack.FieldDescription].Text)), " ")
	if first, ok := r.texts[text]; ok {
		out.Checks = append(out.Checks, finding(check.Error, CodeSameRow, "Row %d says the same. Take one of them away.", first))
		return
	}
	r.texts[text] = out.Row
	if before := r.pairs[pair]; len(before) > 0 {
		c := finding(check.Warning, check.CodeDuplicate, "Row %d is about the same two. ATT&CK has one example of each; put both texts into one.", before[0])
		c.Field = attack.FieldTarget
		out.Checks = append(out.Checks, c)
	}
	r.pairs[pair] = append(r.pairs[pair], out.Row)
}

// MakeSheet makes a draft of each row for the actor, or with Submit a submitted
// proposal, all or none. The fault is Invalid, with the report, where a row has
// an error.
func (p *Proposals) MakeSheet(ctx context.Context, actor Actor, domain string, in Sheet) (SheetMade, error) {
	if in.Submit && !actor.Has(RolesFor(ActionSubmit)...) {
		return SheetMade{}, fault.New(fault.Forbidden, "Your role in this workshop does not let you submit.")
	}
	return journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (SheetMade, error) {
		if err := tx.Hold(actor.Workshop); err != nil {
			return SheetMade{}, err
		}
		report, err := p.trySheet(tx.DB, actor, domain, in)
		if err != nil {
			return SheetMade{}, err
		}
		if report.Errors > 0 {
			return SheetMade{}, fault.New(fault.Invalid, "%d of %d rows have errors, and nothing was made. Put them right and try again.",
				report.Errors, len(report.Rows)).With(report)
		}
		return p.makeSheet(tx, actor, domain, report, in.Submit)
	})
}

func (p *Proposals) makeSheet(tx *journal.Tx, actor Actor, domain string, report SheetReport, submit bool) (SheetMade, error) {
	done := SheetMade{Proposals: []string{}, Submitted: submit}
	var err error
	if done.First, err = nextNumber(tx.DB, actor.Workshop); err != nil {
		return done, err
	}
	proposed, err := made(tx.DB, actor.Workshop)
	if err != nil {
		return done, err
	}
	known, err := p.known(tx.DB, proposalRow{WorkshopID: actor.Workshop, Domain: domain, AuthorID: actor.User})
	if err != nil {
		return done, err
	}
	rows, revisions := make([]proposalRow, len(report.Rows)), make([]revisionRow, len(report.Rows))
	for i, one := range report.Rows {
		row := proposalRow{ID: uuid.NewString(), WorkshopID: actor.Workshop, Number: done.First + int64(i), Domain: domain, Kind: attack.ProcedureExample,
			State: StateDraft, ObjectID: attack.TypeRelationship + "--" + uuid.NewString(), AuthorID: actor.User, DraftVersion: 1, CreatedAt: journal.Now()}
		if rows[i], err = p.written(tx.DB, known.Object, row, wording{content: one.content}, proposed); err != nil {
			return done, err
		}
		if submit {
			if rows[i], revisions[i], err = rows[i].submitted(one); err != nil {
				return done, err
			}
		}
		done.Proposals = append(done.Proposals, row.ID)
	}
	if err := tx.CreateInBatches(rows, atOnce).Error; err != nil {
		return done, fmt.Errorf("make proposals: %w", err)
	}
	if !submit {
		return done, nil
	}
	if err := tx.CreateInBatches(revisions, atOnce).Error; err != nil {
		return done, fmt.Errorf("keep revisions: %w", err)
	}
	return done, p.announce(tx, actor, rows, revisions)
}

// written gives a row with its content and how it stands.
func (p *Proposals) written(db *gorm.DB, look lookUp, row proposalRow, t wording, proposed map[string]bool) (proposalRow, error) {
	form, err := row.form()
	if err != nil {
		return row, err
	}
	now := p.taxonomy.Snapshot()
	if row, err = row.write(now, look, form, working{Content: t.content, Bump: cmp.Or(row.Bump, attack.BumpMinor)}); err != nil {
		return row, err
	}
	if row, err = row.turnTo(Turn{User: row.AuthorID, Reason: "is being written"}); err != nil {
		return row, err
	}
	s, err := row.stand(db, now, t, proposed)
	if err != nil {
		return row, err
	}
	return row.standing(s)
}

// submitted gives the row as it waits for a reviewer, and its first revision.
func (r proposalRow) submitted(one SheetRow) (proposalRow, revisionRow, error) {
	content, errContent := json.Marshal(one.content)
	checks, errChecks := json.Marshal(one.Checks)
	r.State, r.Revision = StateSubmitted, 1
	r, errTurn := r.turnTo(Turn{Role: Reviewer, Reason: "waits for a reviewer"})
	return r, revisionRow{ProposalID: r.ID, Number: 1, Content: string(content), Base: "null", Checks: string(checks), Explained: "{}", CreatedAt: r.UpdatedAt},
		errors.Join(errContent, errChecks, errTurn)
}

// announce appends the event of each submission.
func (p *Proposals) announce(tx *journal.Tx, actor Actor, rows []proposalRow, revisions []revisionRow) error {
	for i, row := range rows {
		proposal, err := one(tx.DB, row)
		if err != nil {
			return err
		}
		shown, err := p.shown(row, revisions[i])
		if err != nil {
			return err
		}
		proposal.Content = &shown
		if _, err := tx.Append(row.WorkshopID, actor.User, KindSubmitted, map[string]any{"proposal": proposal}); err != nil {
			return err
		}
	}
	return nil
}

// cut gives the beginning of a text.
func cut(text string, limit int) string {
	if r := []rune(text); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return text
}
