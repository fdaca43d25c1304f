package review

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/cowrite"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review/attack"
)

// Texts is told, after the commit, what became of texts that several people
// write at once by other ways than theirs.
type Texts interface {
	Forget(topic string)           // they have ended
	Changed(names ...cowrite.Name) // they were replaced
}

// Tell sets who is told of texts; before that nobody is.
func (p *Proposals) Tell(t Texts) { p.texts = t }

// draftTopic begins the name of what the texts of a draft belong to.
const draftTopic = "draft:"

// TextsOf names what the texts of a proposal's draft belong to.
func TextsOf(proposal string) string { return draftTopic + proposal }

// ProposalOf gives the proposal whose draft texts belong to.
func ProposalOf(topic string) string { return strings.TrimPrefix(topic, draftTopic) }

// MayWrite says whether somebody may write in the texts of a proposal's draft,
// as it is now. It is asked for each letter, and reads no more than it needs.
func (p *Proposals) MayWrite(ctx context.Context, actor Actor, id string) error {
	db := p.db.WithContext(ctx)
	var rows []proposalRow
	err := db.Select("id", "workshop_id", "state", "revision", "author_id").Where("id = ? AND workshop_id = ?", id, actor.Workshop).Limit(1).Find(&rows).Error
	if err != nil {
		return fmt.Errorf("find a proposal: %w", err)
	}
	row, err := visible(db, actor, id, rows)
	if err != nil {
		return err
	}
	_, err = transition(actor, row, ActionEdit)
	return err
}

// wroteEvery is how often it is noted at most that a draft is written in: there
// is no write of its row for each letter.
const wroteEvery = time.Minute

// Wrote notes that somebody writes in the texts of a draft, which then stands
// first among theirs. Of what was submitted all others know when it was last
// changed, and by events only.
func (p *Proposals) Wrote(ctx context.Context, actor Actor, id string) error {
	now := journal.Now()
	if last, ok := p.wrote.Load(id); ok && now.Sub(last.(time.Time)) < wroteEvery {
		return nil
	}
	p.wrote.Store(id, now)
	err := p.db.WithContext(ctx).Model(&proposalRow{}).
		Where("id = ? AND workshop_id = ? AND state = ? AND revision = 0", id, actor.Workshop, StateDraft).UpdateColumn("updated_at", now).Error
	if err != nil {
		return fmt.Errorf("note that a draft is written in: %w", err)
	}
	return nil
}

// OpenTexts begins the texts of a draft, one for each field that holds
// Markdown, where that was not done, and gives them by field. From then on they
// are what those fields say.
func (p *Proposals) OpenTexts(ctx context.Context, actor Actor, id string) (map[string]cowrite.Text, error) {
	_, err := journal.Do(ctx, p.journal, func(_ context.Context, tx *journal.Tx) (struct{}, error) {
		var none struct{}
		if err := tx.Hold(actor.Workshop); err != nil {
			return none, err
		}
		row, err := find(tx.DB, actor, id)
		if err != nil {
			return none, err
		}
		if _, err := transition(actor, row, ActionEdit); err != nil {
			return none, err
		}
		return none, row.beginTexts(tx.DB)
	})
	if err != nil {
		return nil, err
	}
	now, err := cowrite.Now(p.db.WithContext(ctx), TextsOf(id))
	texts := make(map[string]cowrite.Text, len(now))
	for name, text := range now {
		texts[name.Field] = text
	}
	return texts, err
}

func (r proposalRow) beginTexts(db *gorm.DB) error {
	form, err := r.form()
	if err != nil {
		return err
	}
	w, err := r.draft()
	if err != nil {
		return err
	}
	for _, f := range form.Fields {
		if _, begun := r.texts[f.Name]; f.Kind != attack.Markdown || begun {
			continue
		}
		if err := cowrite.Begin(db, cowrite.Name{Topic: TextsOf(r.ID), Field: f.Name}, w.Content[f.Name].Text); err != nil {
			return err
		}
	}
	return nil
}

// abreast brings the drafts of rows that are in hand up to date with what people
// write in their texts. A row's own draft has the texts as they last were when
// it was saved.
func abreast(db *gorm.DB, rows []proposalRow) error {
	at := map[string]int{}
	var topics []string
	for i, r := range rows {
		if r.inHand() {
			topics = append(topics, TextsOf(r.ID))
			at[TextsOf(r.ID)] = i
		}
	}
	if len(topics) == 0 {
		return nil
	}
	texts, err := cowrite.Now(db, topics...)
	if err != nil {
		return err
	}
	for name, text := range texts {
		r := &rows[at[name.Topic]]
		w, err := r.draft()
		if err != nil {
			return err
		}
		if w.Content == nil {
			w.Content = attack.Content{}
		}
		w.Content[name.Field] = attack.Value{Text: text.Text}
		draft, err := json.Marshal(w)
		if err != nil {
			return fmt.Errorf("write a draft: %w", err)
		}
		if r.texts == nil {
			r.texts = map[string]int64{}
		}
		r.Draft, r.texts[name.Field] = string(draft), text.Version
	}
	return nil
}

// seen refuses to go on where a text is not as it was seen.
func (r proposalRow) seen(texts map[string]int64) bool {
	for field, version := range texts {
		if r.texts[field] != version {
			return false
		}
	}
	return true
}

// replaceTexts makes the texts of a row, which had the content before, those of
// other content, except for some fields.
func (p *Proposals) replaceTexts(tx *journal.Tx, actor Actor, row proposalRow, before, content attack.Content, except ...string) error {
	var changed []cowrite.Name
	for field := range row.texts {
		if slices.Contains(except, field) || strings.TrimSpace(before[field].Text) == strings.TrimSpace(content[field].Text) {
			continue
		}
		name := cowrite.Name{Topic: TextsOf(row.ID), Field: field}
		done, err := cowrite.Replace(tx.DB, name, actor.User, content[field].Text)
		if err != nil {
			return err
		}
		if done {
			changed = append(changed, name)
		}
	}
	if p.texts != nil && len(changed) > 0 {
		tx.Then(func() { p.texts.Changed(changed...) })
	}
	return nil
}

// endTexts lets nobody write in the texts of a row any more. The row's draft
// keeps what they say, and its authors who of them wrote.
func (p *Proposals) endTexts(tx *journal.Tx, row proposalRow) error {
	if len(row.texts) == 0 {
		return nil
	}
	topic := TextsOf(row.ID)
	if err := tx.Model(&proposalRow{}).Where("id = ?", row.ID).Update("draft", row.Draft).Error; err != nil {
		return fmt.Errorf("keep the texts of a draft: %w", err)
	}
	wrote, err := cowrite.Writers(tx.DB, topic)
	if err != nil {
		return err
	}
	if err := tx.Model(&authorRow{}).Where("proposal_id = ? AND user_id IN ?", row.ID, wrote).Update("wrote", true).Error; err != nil {
		return fmt.Errorf("keep who wrote: %w", err)
	}
	if err := cowrite.End(tx.DB, topic); err != nil {
		return err
	}
	if p.texts != nil {
		tx.Then(func() { p.texts.Forget(topic) })
	}
	return nil
}

func newerText() *fault.Error {
	return fault.New(fault.Stale, "The draft was changed since you saw it. Look at it once more and submit again.")
}
