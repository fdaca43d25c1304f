package cowrite

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// textRow is a text at a version; what came since is in rows of updates.
type textRow struct {
	ID           int64
	Topic, Field string
	Version      int64
	Text         string
	CreatedAt    time.Time
}

func (textRow) TableName() string { return "texts" }

type updateRow struct {
	TextID  int64
	Version int64
	Author  string `gorm:"column:author_id"`
	Client  string
	Number  int64
	Changes string
	Size    int64 // bytes of the changes up to here
}

func (updateRow) TableName() string { return "text_updates" }

type writerRow struct {
	TextID    int64
	UserID    string
	CreatedAt time.Time
}

func (writerRow) TableName() string { return "text_writers" }

func (r updateRow) update() (Update, error) {
	u := Update{Version: r.Version, Author: r.Author, Client: r.Client, Number: r.Number}
	if err := json.Unmarshal([]byte(r.Changes), &u.Changes); err != nil {
		return u, fmt.Errorf("decode version %d of text %d: %w", r.Version, r.TextID, err)
	}
	return u, nil
}

// Begin makes a text at version 0, in a transaction of the caller, unless it is
// there already. Lines end as they do in editors; all else stays as it is,
// whatever may be typed.
func Begin(tx *gorm.DB, name Name, text string) error {
	row := textRow{Topic: name.Topic, Field: name.Field, Text: lines(text), CreatedAt: journal.Now()}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("begin a text: %w", err)
	}
	return nil
}

// Hold gives all texts of a topic, by field, with everything that was
// acknowledged, in a transaction of the caller. Until that ends, nothing more is
// taken; End or no End decides whether it is after that.
func Hold(tx *gorm.DB, topic string) (map[string]Text, error) {
	var rows []textRow
	if err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where("topic = ?", topic).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the texts of %s: %w", topic, err)
	}
	texts := make(map[string]Text, len(rows))
	for _, row := range rows {
		d, err := row.open(tx, 0)
		if err != nil {
			return nil, err
		}
		texts[row.Field] = d.whole()
	}
	return texts, nil
}

// lock keeps other processes from writing some texts until a transaction ends.
// All lock before they write, in one order, so that none waits for another that
// waits for it. On SQLite one transaction writes at a time anyway.
func lock(tx *gorm.DB, where string, these any) error {
	if tx.Name() == "sqlite" {
		return nil
	}
	var rows []textRow
	if err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Select("id").Where(where, these).Order("id").Find(&rows).Error; err != nil {
		return fmt.Errorf("lock texts: %w", err)
	}
	return nil
}

// Now gives the texts of topics, with everything that was acknowledged. In a
// transaction with Hold before it, nothing more is taken meanwhile.
func Now(db *gorm.DB, topics ...string) (map[Name]Text, error) {
	texts := map[Name]Text{}
	var rows []textRow
	if err := db.Where("topic IN ?", topics).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	for _, row := range rows {
		d, err := row.open(db, 0)
		if err != nil {
			return nil, err
		}
		texts[Name{row.Topic, row.Field}] = d.whole()
	}
	return texts, nil
}

// Replace makes a text another one, as a change of the author's that leaves
// alone what both begin and end with, in a transaction of the caller; changed is
// false where it was that already. After the commit, Changed is to be called.
func Replace(tx *gorm.DB, name Name, author, text string) (changed bool, err error) {
	var row textRow
	if err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where("topic = ? AND field = ?", name.Topic, name.Field).Take(&row).Error; err != nil {
		return false, fmt.Errorf("find a text: %w", err)
	}
	d, err := row.open(tx, 1)
	if err != nil {
		return false, err
	}
	c := between(d.text, utf16.Encode([]rune(lines(text))))
	if c.empty() {
		return false, nil
	}
	made, err := c.MarshalJSON()
	if err != nil {
		return false, err
	}
	update := updateRow{row.ID, d.version + 1, author, "server " + rand.Text(), 1, string(made), d.size + int64(len(made))}
	if err := tx.Create(&update).Error; err != nil {
		return false, fmt.Errorf("replace a text: %w", err)
	}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&writerRow{row.ID, author, journal.Now()}).Error; err != nil {
		return false, fmt.Errorf("write who wrote: %w", err)
	}
	return true, nil
}

// lines ends lines as editors do.
func lines(text string) string { return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text) }

// Writers lists who has written in the texts of a topic, first come first.
func Writers(tx *gorm.DB, topic string) ([]string, error) {
	var users []string
	err := tx.Model(&writerRow{}).Select("user_id").Joins("JOIN texts ON texts.id = text_id").
		Where("topic = ?", topic).Group("user_id").Order("min(text_writers.created_at), user_id").Scan(&users).Error
	if err != nil {
		return nil, fmt.Errorf("list who wrote %s: %w", topic, err)
	}
	return users, nil
}

// End takes the texts of a topic away, in a transaction of the caller. Whoever
// still writes in them is told so.
func End(tx *gorm.DB, topic string) error {
	if err := tx.Where("topic = ?", topic).Delete(&textRow{}).Error; err != nil {
		return fmt.Errorf("end the texts of %s: %w", topic, err)
	}
	return nil
}

// open reads what came since the row was written, and so many updates before
// it.
func (r textRow) open(db *gorm.DB, recent int) (*document, error) {
	d := &document{id: r.ID, version: r.Version, text: utf16.Encode([]rune(r.Text)), stored: r.Version, writers: map[string]bool{}}
	var rows []updateRow
	if err := db.Where("text_id = ? AND version > ?", r.ID, r.Version-int64(recent)).Order("version").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the updates of text %d: %w", r.ID, err)
	}
	for _, row := range rows {
		u, err := row.update()
		if err != nil {
			return nil, err
		}
		if u.Version > d.version {
			if u.Version != d.version+1 || u.Changes.before != len(d.text) {
				return nil, fmt.Errorf("text %d is damaged at version %d", r.ID, u.Version)
			}
			d.version, d.text = u.Version, u.Changes.apply(d.text)
		}
		d.size = row.Size
		d.recent = append(d.recent, u)
	}
	return d, nil
}

// load reads a document from the database.
func (t *Texts) load(db *gorm.DB, name Name) (*document, error) {
	var row []textRow
	if err := db.Where("topic = ? AND field = ?", name.Topic, name.Field).Limit(1).Find(&row).Error; err != nil {
		return nil, fmt.Errorf("read a text: %w", err)
	}
	if len(row) == 0 {
		return nil, fault.New(fault.NotFound, "Nobody writes this text any more. Copy what you wrote, and load the page again.")
	}
	d, err := row[0].open(db, t.limits.Recent)
	if err != nil {
		return nil, err
	}
	var users []string
	if err := db.Model(&writerRow{}).Where("text_id = ?", d.id).Pluck("user_id", &users).Error; err != nil {
		return nil, fmt.Errorf("read who wrote text %d: %w", d.id, err)
	}
	for _, u := range users {
		d.writers[u] = true
	}
	return d, nil
}

// renew gives a document with what another process has written since.
func (t *Texts) renew(ctx context.Context, name Name, d *document) (*document, error) {
	var rows []struct {
		ID     int64
		Update updateRow `gorm:"embedded"`
	}
	err := t.db.WithContext(ctx).Table("texts").Select("texts.id, text_updates.*").
		Joins("LEFT JOIN text_updates ON text_updates.text_id = texts.id AND text_updates.version > ?", d.version).
		Where("topic = ? AND field = ?", name.Topic, name.Field).Order("text_updates.version").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read what is new of a text: %w", err)
	}
	if len(rows) == 0 || rows[0].ID != d.id { // it has ended, and another one may have begun
		return t.load(t.db.WithContext(ctx), name)
	}
	if rows[0].Update.Version == 0 {
		return d, nil
	}
	next := *d
	next.recent, next.writers = slices.Clone(d.recent), maps.Clone(d.writers)
	for _, row := range rows {
		u, err := row.Update.update()
		if err != nil {
			return nil, err
		}
		if u.Version != next.version+1 || u.Changes.before != len(next.text) { // it was dropped meanwhile
			return t.load(t.db.WithContext(ctx), name)
		}
		next.version, next.text, next.size = u.Version, u.Changes.apply(next.text), row.Update.Size
		next.recent = lately(next.recent, []Update{u}, t.limits.Recent)
		next.writers[u.Author] = true
	}
	return &next, nil
}

// kept reads updates that memory has no more.
func (t *Texts) kept(ctx context.Context, d *document, version int64, limit int) ([]Update, error) {
	var rows []updateRow
	err := t.db.WithContext(ctx).Where("text_id = ? AND version > ?", d.id, version).Order("version").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read old updates of text %d: %w", d.id, err)
	}
	updates := make([]Update, len(rows))
	for i, row := range rows {
		if updates[i], err = row.update(); err != nil {
			return nil, err
		}
	}
	if len(updates) == 0 || updates[0].Version != version+1 { // they were dropped
		return nil, historyGone(d.whole())
	}
	return updates, nil
}

// batch is what one transaction writes.
type batch struct {
	updates []updateRow
	writers []writerRow
	stores  []*document // whose rows become the present text
}

// add notes the updates that made a document what it is. Now and then the text
// as a whole is written too, and old updates are dropped.
func (b *batch) add(d *document, updates []Update, l Limits) error {
	for _, u := range updates {
		text, err := u.Changes.MarshalJSON()
		if err != nil {
			return err
		}
		d.size += int64(len(text))
		b.updates = append(b.updates, updateRow{d.id, u.Version, u.Author, u.Client, u.Number, string(text), d.size})
		if !d.writers[u.Author] {
			d.writers = with(d.writers, u.Author)
			b.writers = append(b.writers, writerRow{d.id, u.Author, journal.Now()})
		}
	}
	if d.version-d.stored >= int64(l.Store) {
		d.stored = d.version
		b.stores = append(b.stores, d)
	}
	return nil
}

func with(set map[string]bool, member string) map[string]bool {
	more := map[string]bool{member: true}
	for m := range set {
		more[m] = true
	}
	return more
}

// write is one transaction. Where another process has written the same text, a
// version is taken, and all of it fails.
func (b *batch) write(tx *gorm.DB, l Limits) error {
	texts := make([]int64, len(b.updates))
	for i, u := range b.updates {
		texts[i] = u.TextID
	}
	if err := lock(tx, "id IN ?", texts); err != nil {
		return err
	}
	for rows := range slices.Chunk(b.updates, 500) {
		if err := tx.Create(rows).Error; err != nil {
			return fmt.Errorf("write updates of texts: %w", err)
		}
	}
	if len(b.writers) > 0 {
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(b.writers).Error; err != nil {
			return fmt.Errorf("write who wrote: %w", err)
		}
	}
	for _, d := range b.stores {
		if err := d.store(tx, l); err != nil {
			return err
		}
	}
	return nil
}

// store writes the text as a whole, and drops updates that are so old that
// hardly anybody comes back to them.
func (d *document) store(tx *gorm.DB, l Limits) error {
	err := tx.Model(&textRow{}).Where("id = ?", d.id).Select("version", "text").Updates(textRow{Version: d.version, Text: d.whole().Text}).Error
	if err != nil {
		return fmt.Errorf("write text %d: %w", d.id, err)
	}
	old := tx.Where("text_id = ? AND version <= ? AND size < ?", d.id, d.version-int64(l.Recent), d.size-l.History)
	if err := old.Delete(&updateRow{}).Error; err != nil {
		return fmt.Errorf("drop old updates of text %d: %w", d.id, err)
	}
	return nil
}
