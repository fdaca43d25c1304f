package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// Proposals keeps proposals, their revisions and their reviews. Whether an
// actor may read a workshop at all is the caller's affair; who may do what to
// a proposal is decided here, by the table of transitions.
type Proposals struct {
	db       *gorm.DB
	journal  *journal.Journal
	taxonomy *taxonomy.Taxonomy
	text     *markdown.Renderer
	circle   Circle
	settled  atomic.Pointer[taxonomy.Snapshot] // how proposals stand is stored as of this
	names    atomic.Pointer[ownNames]
	guards   sync.Map // the latest ownGuard of each workshop
	texts    Texts    // is told what became of texts; nil: nobody is
	invited  Invited  // hears who is invited; nil: nobody does
	wrote    sync.Map // when it was last noted that a draft is written in, by proposal
}

// New makes the Proposals of a database.
func New(db *gorm.DB, j *journal.Journal, t *taxonomy.Taxonomy, text *markdown.Renderer, circle Circle) *Proposals {
	return &Proposals{db: db, journal: j, taxonomy: t, text: text, circle: circle}
}

type proposalRow struct {
	ID, WorkshopID string
	Number         int64
	Domain, Kind   string
	State          State
	Title, Subject string
	ObjectID       string
	BaseVersion    int64
	AuthorID       string
	Rationale      string
	Origin         string // JSON; empty: it began with no message
	Draft          string
	DraftVersion   int64
	Revision       int64
	ReleaseID      string
	Bump           string
	Turn           string
	Standing       string
	CreatedAt      time.Time
	UpdatedAt      time.Time `gorm:"autoUpdateTime:false"` // set by hand: events carry it

	coAuthors []string         // who writes in it with its author
	penned    []string         // whose suggestions were taken
	suggester string           // whose suggestion is answered
	party     bool             // the actor has a part in it
	texts     map[string]int64 // versions of the texts that Draft was brought up to date with, by field
}

func (proposalRow) TableName() string { return "proposals" }

type revisionRow struct {
	ProposalID            string
	Number                int64
	Content, Base, Checks string
	Parts                 string // JSON; empty: it is about one object
	Rationale             string
	MadeBy, Note          string
	Explained             string
	CreatedAt             time.Time
}

func (revisionRow) TableName() string { return "revisions" }

type reviewRow struct {
	ID, ProposalID string
	Revision       int64
	ReviewerID     string
	Verdict        string
	Note, NoteHTML string
	Explained      string
	CreatedAt      time.Time
}

func (reviewRow) TableName() string { return "reviews" }

func (r reviewRow) review() (Review, error) {
	explained, err := typed.ReadExplained(r.Explained)
	if err != nil {
		err = fmt.Errorf("review %s: %w", r.ID, err)
	}
	return Review{r.ID, r.Revision, r.ReviewerID, r.Verdict, r.Note, r.NoteHTML, r.CreatedAt.UTC(), explained}, err
}

// proposal makes what lists show.
func (r proposalRow) proposal(reviews []Review) (Proposal, error) {
	var s subject
	p := Proposal{ID: r.ID, Workshop: r.WorkshopID, Number: r.Number, Domain: r.Domain, Kind: r.Kind, State: r.State, Title: r.Title,
		Author: r.AuthorID, CoAuthors: append([]string{}, r.coAuthors...), Rationale: r.Rationale, Revision: r.Revision, Bump: r.Bump, Release: r.ReleaseID,
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(), Reviews: append([]Review{}, reviews...)}
	err := errors.Join(json.Unmarshal([]byte(r.Subject), &s), json.Unmarshal([]byte(r.Turn), &p.Turn))
	if err != nil {
		return p, fmt.Errorf("read proposal %s: %w", r.ID, err)
	}
	if form, ok := attack.FormOf(r.Kind); ok {
		p.Action = form.Action
	}
	p.Object, p.Tactics, p.Techniques, p.Refers, p.Makes = s.Object, s.Tactics, s.Techniques, append([]string{}, s.Refers...), s.Makes
	if r.Origin != "" {
		p.Origin = &Origin{}
		if err := json.Unmarshal([]byte(r.Origin), p.Origin); err != nil {
			return p, fmt.Errorf("read what proposal %s began with: %w", r.ID, err)
		}
	}
	if r.Standing != "" && slices.Contains(Open(), r.State) {
		p.Standing = &Standing{}
		if err := json.Unmarshal([]byte(r.Standing), p.Standing); err != nil {
			return p, fmt.Errorf("read how proposal %s stands: %w", r.ID, err)
		}
	}
	return p, nil
}

// working is what an author works on. Nobody else sees it before it is
// submitted: the row's own rationale and bump are those of the latest revision.
type working struct {
	Content   attack.Content `json:"content"`
	Rationale string         `json:"rationale"`
	Bump      string         `json:"bump"`
	Explained reasons        `json:"explained,omitempty"`
}

func (r proposalRow) draft() (w working, err error) {
	if err = json.Unmarshal([]byte(r.Draft), &w); err != nil {
		err = fmt.Errorf("read the draft of proposal %s: %w", r.ID, err)
	}
	return w, err
}

func (r proposalRow) form() (attack.Form, error) {
	form, ok := attack.FormOf(r.Kind)
	if !ok {
		return form, fmt.Errorf("proposal %s is of the unknown kind %q", r.ID, r.Kind)
	}
	return form, nil
}

// find gives the row of a proposal, with its draft as it is now. The fault is
// NotFound where it is of another workshop, or a draft of somebody else's that
// was never submitted.
func find(db *gorm.DB, actor Actor, id string) (proposalRow, error) {
	row, err := findRow(db, actor, id)
	if err != nil {
		return row, err
	}
	rows := []proposalRow{row}
	err = abreast(db, rows)
	return rows[0], err
}

// findRow gives the row as it is stored.
func findRow(db *gorm.DB, actor Actor, id string) (proposalRow, error) {
	var rows []proposalRow
	if err := db.Where("id = ? AND workshop_id = ?", id, actor.Workshop).Limit(1).Find(&rows).Error; err != nil {
		return proposalRow{}, fmt.Errorf("find a proposal: %w", err)
	}
	row, err := visible(db, actor, id, rows)
	if err != nil {
		return row, err
	}
	row.penned, err = pennedBy(db, id)
	return row, err
}

// visible gives the one row that was found, if the actor sees it, with who
// writes in it.
func visible(db *gorm.DB, actor Actor, id string, rows []proposalRow) (proposalRow, error) {
	authors, err := coAuthors(db, []string{id})
	if err != nil {
		return proposalRow{}, err
	}
	if len(rows) == 1 {
		rows[0].coAuthors = authors[id]
	}
	if len(rows) == 0 || rows[0].Revision == 0 && !rows[0].writes(actor.User) {
		return proposalRow{}, fault.New(fault.NotFound, "There is no such proposal in this workshop.")
	}
	return rows[0], nil
}

// List gives the proposals of the actor's workshop that were submitted, by
// number and without their content.
func (p *Proposals) List(ctx context.Context, actor Actor, f Filter) ([]Proposal, error) {
	db := p.db.WithContext(ctx).Where("workshop_id = ? AND revision > 0", actor.Workshop)
	if f.State != "" {
		db = db.Where("state = ?", f.State)
	}
	if f.Kind != "" {
		db = db.Where("kind = ?", f.Kind)
	}
	if f.Author != "" {
		db = db.Where("author_id = ?", f.Author)
	}
	return list(db)
}

// Drafts lists what the actor has to finish: drafts that were never submitted
// and proposals to which changes were requested, latest first.
func (p *Proposals) Drafts(ctx context.Context, actor Actor) ([]Proposal, error) {
	db := p.db.WithContext(ctx)
	shared := db.Model(&authorRow{}).Select("proposal_id").Where("user_id = ?", actor.User)
	return list(db.Where("workshop_id = ? AND (author_id = ? OR id IN (?)) AND state IN ?", actor.Workshop, actor.User, shared,
		[]State{StateDraft, StateChangesRequested}).Order("updated_at DESC"))
}

// list reads the proposals that a query finds, with their reviews and who had a
// part in them, in as many queries however many there are.
func list(query *gorm.DB) ([]Proposal, error) {
	query = query.Session(&gorm.Session{})
	var rows []proposalRow
	if err := query.Omit("draft").Order("number").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list proposals: %w", err)
	}
	var given []reviewRow
	err := query.Session(&gorm.Session{NewDB: true}).
		Where("proposal_id IN (?)", query.Model(&proposalRow{}).Select("id")).Order("created_at, id").Find(&given).Error
	if err != nil {
		return nil, fmt.Errorf("list reviews: %w", err)
	}
	reviews := map[string][]Review{}
	for _, r := range given {
		one, err := r.review()
		if err != nil {
			return nil, err
		}
		reviews[r.ProposalID] = append(reviews[r.ProposalID], one)
	}
	authors, err := coAuthors(query.Session(&gorm.Session{NewDB: true}), query.Model(&proposalRow{}).Select("id"))
	if err != nil {
		return nil, err
	}
	proposals := make([]Proposal, len(rows))
	for i, r := range rows {
		r.coAuthors = authors[r.ID]
		if proposals[i], err = r.proposal(reviews[r.ID]); err != nil {
			return nil, err
		}
	}
	err = complete(query.Session(&gorm.Session{NewDB: true}), query.Model(&proposalRow{}).Select("id"), proposals)
	return proposals, err
}

// one gives the proposal of a row with its reviews.
func one(db *gorm.DB, r proposalRow) (Proposal, error) {
	var given []reviewRow
	if err := db.Where("proposal_id = ?", r.ID).Order("created_at, id").Find(&given).Error; err != nil {
		return Proposal{}, fmt.Errorf("list reviews: %w", err)
	}
	reviews := make([]Review, len(given))
	for i, g := range given {
		var err error
		if reviews[i], err = g.review(); err != nil {
			return Proposal{}, err
		}
	}
	authors, err := coAuthors(db, []string{r.ID})
	if err != nil {
		return Proposal{}, err
	}
	r.coAuthors = authors[r.ID]
	proposal, err := r.proposal(reviews)
	if err != nil {
		return proposal, err
	}
	all := []Proposal{proposal}
	err = complete(db, []string{r.ID}, all)
	return all[0], err
}

// Get gives a proposal with the content of its latest revision, if it has one.
func (p *Proposals) Get(ctx context.Context, actor Actor, id string) (Proposal, error) {
	db := p.db.WithContext(ctx)
	row, err := find(db, actor, id)
	if err != nil {
		return Proposal{}, err
	}
	proposal, err := one(db, row)
	if err != nil || row.Revision == 0 {
		return proposal, err
	}
	content, err := p.revision(db, row, row.Revision)
	proposal.Content = &content
	return proposal, err
}

// Revisions lists the revisions of a proposal, oldest first.
func (p *Proposals) Revisions(ctx context.Context, actor Actor, id string) ([]RevisionBrief, error) {
	db := p.db.WithContext(ctx)
	row, err := find(db, actor, id)
	if err != nil {
		return nil, err
	}
	var rows []revisionRow
	if err := db.Select("number", "rationale", "made_by", "note", "created_at").Where("proposal_id = ?", row.ID).Order("number").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list revisions: %w", err)
	}
	briefs := make([]RevisionBrief, len(rows))
	for i, r := range rows {
		briefs[i] = RevisionBrief{r.Number, r.CreatedAt.UTC(), r.Rationale, r.MadeBy, r.Note}
	}
	return briefs, nil
}

// Revision gives one revision of a proposal, field by field against its base.
func (p *Proposals) Revision(ctx context.Context, actor Actor, id string, number int64) (RevisionContent, error) {
	db := p.db.WithContext(ctx)
	row, err := find(db, actor, id)
	if err != nil {
		return RevisionContent{}, err
	}
	return p.revision(db, row, number)
}

func (p *Proposals) revision(db *gorm.DB, row proposalRow, number int64) (RevisionContent, error) {
	stored, err := findRevision(db, row.ID, number)
	if err != nil {
		return RevisionContent{}, err
	}
	return p.shown(row, stored)
}

func findRevision(db *gorm.DB, proposal string, number int64) (revisionRow, error) {
	var rows []revisionRow
	if err := db.Where("proposal_id = ? AND number = ?", proposal, number).Limit(1).Find(&rows).Error; err != nil {
		return revisionRow{}, fmt.Errorf("find a revision: %w", err)
	}
	if len(rows) == 0 {
		return revisionRow{}, fault.New(fault.NotFound, "This proposal has no revision %d.", number)
	}
	return rows[0], nil
}

// Discussed says that a proposal can be talked about: it was submitted, and it
// has the field, where one is named.
func (p *Proposals) Discussed(ctx context.Context, actor Actor, id, field string) error {
	row, err := find(p.db.WithContext(ctx), actor, id)
	if err != nil {
		return err
	}
	form, err := row.form()
	if err != nil {
		return err
	}
	if _, ok := form.Field(field); field != "" && !ok {
		return fault.InField("field", "A proposal of this kind has no field %.40q.", field)
	}
	if row.Revision == 0 {
		return fault.New(fault.Conflict, "Only its authors see this draft. Submit it first, then it can be discussed.")
	}
	return nil
}
