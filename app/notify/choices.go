package notify

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
)

// Channel is a way by which people are told.
type Channel string

// The channels.
const (
	Page Channel = "page"
	Push Channel = "push"
	Mail Channel = "mail"
)

// Choice is whether somebody is told of a kind by a channel.
type Choice struct {
	Kind    Kind    `json:"kind" enum:"mentioned,answered,review,turn,moved,invited,contact"`
	Channel Channel `json:"channel" enum:"page,push,mail"`
	On      bool    `json:"on"`
}

// KindChoices is a kind, with what its person chose.
type KindChoices struct {
	KindInfo
	Page bool `json:"page"`
	Push bool `json:"push"`
	Mail bool `json:"mail"`
}

type choiceRow struct {
	UserID  string
	Kind    Kind
	Channel Channel
	Chosen  bool
}

func (choiceRow) TableName() string { return "notice_choices" }

// chosen narrows a query of notices n to those of which their people want to
// know by a channel: all, unless they chose otherwise.
func chosen(by Channel) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		return db.Where(`NOT EXISTS (SELECT 1 FROM notice_choices c WHERE c.user_id = n.user_id AND c.kind = n.kind AND c.channel = ? AND NOT c.chosen)`, by)
	}
}

// Choices gives what a person chose, for each kind.
func (n *Notices) Choices(ctx context.Context, user string) ([]KindChoices, error) {
	var rows []choiceRow
	if err := n.db.WithContext(ctx).Where("user_id = ? AND NOT chosen", user).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read what somebody is told of: %w", err)
	}
	list := make([]KindChoices, len(Kinds()))
	for i, k := range Kinds() {
		on := func(by Channel) bool {
			return !slices.ContainsFunc(rows, func(r choiceRow) bool { return r.Kind == k.Kind && r.Channel == by })
		}
		list[i] = KindChoices{k, on(Page), on(Push), on(Mail)}
	}
	return list, nil
}

// Choose keeps choices of a person.
func (n *Notices) Choose(ctx context.Context, user string, choices []Choice) error {
	rows := make([]choiceRow, len(choices))
	for i, c := range choices {
		if !slices.ContainsFunc(Kinds(), func(k KindInfo) bool { return k.Kind == c.Kind }) || !slices.Contains([]Channel{Page, Push, Mail}, c.Channel) {
			return fault.InField("choices", "There is no %.40q by %.40q.", c.Kind, c.Channel)
		}
		rows[i] = choiceRow{user, c.Kind, c.Channel, c.On}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := journal.Do(ctx, n.journal, func(_ context.Context, tx *journal.Tx) (struct{}, error) {
		for _, r := range rows { // one after another, for one may be named twice
			if err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "user_id"}, {Name: "kind"}, {Name: "channel"}}, UpdateAll: true}).Create(&r).Error; err != nil {
				return struct{}{}, fmt.Errorf("keep what somebody is told of: %w", err)
			}
		}
		tx.Then(func() { n.told([]string{user}) })
		return struct{}{}, nil
	})
	return err
}
