package notify

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review"
)

// MostShown is how many notices are listed, the latest ones, and MostMarked how
// many are marked at once.
const MostShown, MostMarked = 200, 1000

// maxExcerpt is how much of a message is shown beside a notice, in characters.
const maxExcerpt = 160

// Waiting is what a person is told.
type Waiting struct {
	Unread int      `json:"unread" doc:"how many are not read, also of those that are not listed"`
	Items  []Notice `json:"items" doc:"the latest first, at most 200"`
}

// Notice is a notice as its person sees it.
type Notice struct {
	ID           int64       `json:"id"`
	Kind         Kind        `json:"kind" enum:"mentioned,answered,review,turn,moved,invited,contact"`
	Workshop     string      `json:"workshop" doc:"id"`
	WorkshopName string      `json:"workshop_name"`
	Actor        people.User `json:"actor" doc:"who did it"`
	Text         string      `json:"text" doc:"what happened, in a sentence"`
	Excerpt      string      `json:"excerpt,omitempty" doc:"how the message begins that it is about"`
	Href         string      `json:"href" doc:"the page and the place that it is about"`
	At           time.Time   `json:"at"`
	Unread       bool        `json:"unread"`
}

// unread is the condition on a notice n that its person has not read: not itself
// nor, in its thread, what it is about.
const unread = `n.read_at IS NULL AND NOT EXISTS
	(SELECT 1 FROM read_marks r WHERE r.user_id = n.user_id AND r.thread_id = n.thread_id AND r.seq >= n.seq)`

// readable is the condition on a notice n that its person may still read what it
// is about: they are in the workshop, the message is there, the draft is theirs,
// the contact is still wanted.
const readable = `EXISTS (SELECT 1 FROM members m WHERE m.workshop_id = n.workshop_id AND m.user_id = n.user_id AND m.roles <> '[]')
	AND (n.message_id = '' OR EXISTS (SELECT 1 FROM messages m WHERE m.id = n.message_id AND m.deleted_at IS NULL))
	AND (n.proposal_id = '' OR EXISTS (SELECT 1 FROM proposals p WHERE p.id = n.proposal_id AND (p.revision > 0 OR p.state <> 'withdrawn' AND
		(p.author_id = n.user_id OR EXISTS (SELECT 1 FROM proposal_authors a WHERE a.proposal_id = p.id AND a.user_id = n.user_id)))))
	AND (n.kind <> 'invited' OR EXISTS (SELECT 1 FROM proposal_authors a WHERE a.proposal_id = n.proposal_id AND a.user_id = n.user_id))
	AND (n.kind <> 'contact' OR EXISTS (SELECT 1 FROM contact_wishes c WHERE c.workshop_id = n.workshop_id AND c.user_id = n.actor_id AND c.other_id = n.user_id))`

// found is a notice with what it leads to.
type found struct {
	Kept                 row `gorm:"embedded"`
	Unread               bool
	WorkshopName         string
	TLP                  string
	Name, Organisation   string // of the actor
	Body                 string
	AnchorType, AnchorID string
	Number               int64
	Title                string
}

// look begins a query for notices that may be read, with what they lead to.
func look(db *gorm.DB) *gorm.DB {
	return db.Table("notices n").Select(`n.*, CASE WHEN ` + unread + ` THEN 1 ELSE 0 END AS unread, w.name AS workshop_name, w.tlp,
		coalesce(u.name, '') AS name, coalesce(u.organisation, '') AS organisation, coalesce(m.body, '') AS body,
		coalesce(t.anchor_type, '') AS anchor_type, coalesce(t.anchor_id, '') AS anchor_id, coalesce(p.number, 0) AS number, coalesce(p.title, '') AS title`).
		Joins("JOIN workshops w ON w.id = n.workshop_id").
		Joins("LEFT JOIN users u ON u.id = n.actor_id").
		Joins("LEFT JOIN messages m ON m.id = n.message_id").
		Joins("LEFT JOIN threads t ON t.id = m.thread_id").
		Joins("LEFT JOIN proposals p ON p.id = n.proposal_id").
		Where(readable)
}

// List gives what a person is told, or of it what they have not read.
func (n *Notices) List(ctx context.Context, user string, onlyUnread bool) (w Waiting, err error) {
	db := n.db.WithContext(ctx)
	var count int64
	if err := db.Table("notices n").Where("n.user_id = ?", user).Scopes(chosen(Page)).Where(unread).Where(readable).Count(&count).Error; err != nil {
		return w, fmt.Errorf("count notices: %w", err)
	}
	query := look(db).Scopes(chosen(Page)).Where("n.user_id = ?", user)
	if onlyUnread {
		query = query.Where(unread)
	}
	var rows []found
	if err := query.Order("n.created_at DESC, n.id DESC").Limit(MostShown).Find(&rows).Error; err != nil {
		return w, fmt.Errorf("list notices: %w", err)
	}
	w.Unread, w.Items = int(count), make([]Notice, len(rows))
	for i, r := range rows {
		w.Items[i] = r.item()
	}
	return w, nil
}

func (r found) item() Notice {
	i := Notice{ID: r.Kept.ID, Kind: r.Kept.Kind, Workshop: r.Kept.WorkshopID, WorkshopName: r.WorkshopName, Actor: people.User{ID: r.Kept.ActorID, Name: r.Name, Organisation: r.Organisation},
		Text: r.Kept.sentence(r.actor(), r.proposal(true), r.where(true)), Href: r.place(), At: r.Kept.CreatedAt.UTC(), Unread: r.Unread}
	if r.Kept.Kind == Mentioned || r.Kept.Kind == Answered {
		i.Excerpt = excerpt(r.Body)
	}
	return i
}

func (r found) actor() string {
	if r.Name == "" {
		return "Somebody"
	}
	return r.Name
}

// proposal is what the proposal is called: its number, and its title where that
// may be told.
func (r found) proposal(titled bool) string {
	name := "#" + strconv.FormatInt(r.Number, 10)
	if titled && r.Title != "" {
		name += " " + r.Title
	}
	return name
}

// where says where a message is.
func (r found) where(titled bool) string {
	switch {
	case r.Kept.ProposalID != "":
		return "about " + r.proposal(titled)
	case r.AnchorType == "group":
		return "in a group"
	case r.AnchorType == "workshop":
		return "in the room"
	case r.AnchorType == "agenda":
		return "about the agenda"
	case r.AnchorType == "object":
		return "about an object of ATT&CK"
	}
	return "in a discussion"
}

// place is the address of what a notice is about.
func (r found) place() string {
	page := "/w/" + r.Kept.WorkshopID
	switch {
	case r.Kept.Kind == Contact:
		return page + "/people"
	case r.Kept.Kind == Invited:
		return page + "/proposals/" + r.Kept.ProposalID + "/edit"
	case r.Kept.ProposalID != "":
		page += "/proposals/" + r.Kept.ProposalID
	case r.AnchorType == "group":
		page += "/groups/" + r.AnchorID
	case r.AnchorType == "agenda":
		page += "/agenda/" + r.AnchorID
	case r.AnchorType == "object":
		page = "/objects/" + url.PathEscape(r.AnchorID) + "?w=" + r.Kept.WorkshopID
	}
	if r.Kept.MessageID != "" {
		page += "#message-" + r.Kept.MessageID
	}
	return page
}

// excerpt gives the beginning of a text, in one line, without what it quotes.
func excerpt(text string) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.HasPrefix(line, ">") })
	text = strings.Join(lines, "\n")
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= maxExcerpt {
		return text
	}
	short := string([]rune(text)[:maxExcerpt])
	if at := strings.LastIndexByte(short, ' '); at > maxExcerpt/2 {
		short = short[:at]
	}
	return short + " …"
}

// Mark says that a person has read some of their notices, or that they have not;
// none named: that they have read all. It gives those that this changed, so that
// it can be taken back.
func (n *Notices) Mark(ctx context.Context, user string, ids []int64, read bool) ([]int64, error) {
	if len(ids) > MostMarked {
		return nil, fault.InField("ids", "Mark at most %d at once.", MostMarked)
	}
	if len(ids) == 0 && !read {
		return nil, fault.InField("ids", "Name those that you have not read.")
	}
	return journal.Do(ctx, n.journal, func(_ context.Context, tx *journal.Tx) ([]int64, error) {
		was := "n.read_at IS NOT NULL"
		if read {
			was = unread
		}
		query := tx.Table("notices n").Where("n.user_id = ?", user).Where(was)
		if len(ids) > 0 {
			query = query.Where("n.id IN ?", ids)
		}
		changed := []int64{}
		if err := query.Order("n.id").Limit(MostMarked).Pluck("n.id", &changed).Error; err != nil {
			return nil, fmt.Errorf("find notices: %w", err)
		}
		if len(changed) == 0 {
			return changed, nil
		}
		now := journal.Now()
		to := map[string]any{"read_at": nil, "touched": now.UnixMilli()}
		if read {
			to["read_at"] = now
		}
		if err := tx.Model(&row{}).Where("id IN ?", changed).Updates(to).Error; err != nil {
			return nil, fmt.Errorf("mark notices: %w", err)
		}
		tx.Then(func() { signal(n.moved) })
		return changed, nil
	})
}

// Seen says that a person has read threads. That what notices are about is read,
// the marks of the threads say; here the notices follow, and pages are told.
func (n *Notices) Seen(ctx context.Context, user string, threads []string) error {
	var ids []int64
	err := n.db.WithContext(ctx).Table("notices n").Where("n.user_id = ? AND n.thread_id IN ? AND n.read_at IS NULL", user, threads).
		Where("NOT ("+unread+")").Pluck("n.id", &ids).Error
	if err != nil {
		return fmt.Errorf("look for notices on threads: %w", err)
	}
	if len(ids) == 0 {
		return nil
	}
	if err := done(n.db.WithContext(ctx).Where("id IN ?", ids)); err != nil {
		return err
	}
	signal(n.moved)
	return nil
}

// Invite tells people that somebody lets them write in a draft, within the
// transaction that does.
func (n *Notices) Invite(tx *journal.Tx, p review.Proposal, by string, users []string) error {
	var list []row
	for _, user := range users {
		list = append(list, row{UserID: user, WorkshopID: p.Workshop, Kind: Invited, Thing: "draft:" + p.ID, ActorID: by, ProposalID: p.ID, CreatedAt: journal.Now()})
	}
	tx.Then(func() { signal(n.moved) })
	return add(tx.DB, list)
}

// Ask tells a person that another would like to exchange contacts or, where they
// asked first, that the other agrees, within the transaction that notes it. What
// the other one was asked is answered then.
func (n *Notices) Ask(tx *journal.Tx, workshop, by, user string, agrees bool) error {
	one := row{UserID: user, WorkshopID: workshop, Kind: Contact, Thing: "contact:" + by, Reason: contactAsked, ActorID: by, CreatedAt: journal.Now()}
	tx.Then(func() { signal(n.moved) })
	if agrees {
		one.Reason = contactAccepted
		if err := done(tx.Where("user_id = ? AND workshop_id = ? AND thing = ?", by, workshop, "contact:"+user)); err != nil {
			return err
		}
	}
	return add(tx.DB, []row{one})
}

// keptFor is how long notices are kept that were read.
const keptFor = 90 * 24 * time.Hour

// Forget drops notices that were read long ago, mails of that time, and tokens
// that have expired. What followed from an event does not follow from it again.
func (n *Notices) Forget(ctx context.Context) error {
	db, now := n.db.WithContext(ctx), journal.Now()
	err := errors.Join(db.Where("read_at < ?", now.Add(-keptFor)).Delete(&row{}).Error,
		db.Where("created_at < ?", now.Add(-keptFor)).Delete(&letter{}).Error,
		db.Where("expires_at < ?", now).Delete(&tokenRow{}).Error)
	if err != nil {
		return fmt.Errorf("drop old notices: %w", err)
	}
	return nil
}
