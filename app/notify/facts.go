package notify

import (
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/discuss"
)

// facts looks up what some events do not carry, in a query for each kind of
// fact.
func (n *Notices) facts(db *gorm.DB, workshop string, list []happening) (f facts, err error) {
	var threads, proposals []string
	turned := false
	for _, h := range list {
		turned = turned || len(h.proposals()) > 0
		if h.Kind != discuss.KindPosted || h.Message == nil {
			continue
		}
		if h.Message.ID != h.Message.Thread {
			threads = append(threads, h.Message.Thread)
		}
		if id := h.about(row{}).ProposalID; id != "" {
			proposals = append(proposals, id)
		}
	}
	if f.began, err = began(db, threads); err != nil {
		return f, err
	}
	if f.wrote, err = wrote(db, proposals); err != nil {
		return f, err
	}
	if turned {
		f.actors, err = n.actors(db, workshop)
	}
	return f, err
}

// began says who wrote the messages that opened threads.
func began(db *gorm.DB, threads []string) (map[string]string, error) {
	by := map[string]string{}
	if len(threads) == 0 {
		return by, nil
	}
	var rows []struct{ ID, AuthorID string }
	if err := db.Table("messages").Select("id, author_id").Where("id IN ?", unique(threads)).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("find who began threads: %w", err)
	}
	for _, r := range rows {
		by[r.ID] = r.AuthorID
	}
	return by, nil
}

// wrote says who writes proposals: their authors first.
func wrote(db *gorm.DB, proposals []string) (map[string][]string, error) {
	by := map[string][]string{}
	if len(proposals) == 0 {
		return by, nil
	}
	var rows []struct{ ID, UserID string }
	err := db.Raw(`SELECT id, author_id AS user_id, 0 AS later FROM proposals WHERE id IN ?
		UNION ALL SELECT proposal_id, user_id, 1 FROM proposal_authors WHERE proposal_id IN ? ORDER BY later, user_id`, unique(proposals), unique(proposals)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find who writes proposals: %w", err)
	}
	for _, r := range rows {
		by[r.ID] = append(by[r.ID], r.UserID)
	}
	return by, nil
}

func unique(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}
