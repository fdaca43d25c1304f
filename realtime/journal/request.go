package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
)

type requestKey struct{}

// request is a write that its sender may repeat.
type request struct{ user, key, hash string }

// WithRequest marks the context of a write that carries an idempotency key;
// hash stands for all that was asked for.
func WithRequest(ctx context.Context, user, key, hash string) context.Context {
	return context.WithValue(ctx, requestKey{}, request{user, key, hash})
}

type answerRow struct {
	UserID    string
	Key       string
	Request   string
	Answer    string
	CreatedAt time.Time
}

func (answerRow) TableName() string { return "answers" }

// answered fills answer with the stored one, if there is one.
func (r request) answered(db *gorm.DB, answer any) (bool, error) {
	var rows []answerRow
	if err := db.Where(&answerRow{UserID: r.user, Key: r.key}).Limit(1).Find(&rows).Error; err != nil {
		return false, fmt.Errorf("look for an earlier answer: %w", err)
	}
	if len(rows) == 0 {
		return false, nil
	}
	if rows[0].Request != r.hash {
		return false, fault.New(fault.Conflict, "This Idempotency-Key was used for another request. Use a new key.")
	}
	if err := json.Unmarshal([]byte(rows[0].Answer), answer); err != nil {
		return false, fmt.Errorf("decode an earlier answer: %w", err)
	}
	return true, nil
}

func (r request) keep(db *gorm.DB, answer any) error {
	body, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	if err := db.Create(&answerRow{r.user, r.key, r.hash, string(body), Now()}).Error; err != nil {
		return fmt.Errorf("keep the answer: %w", err)
	}
	return nil
}

// AnswersLast is how long the first answer to a write is kept for its repeat.
const AnswersLast = 24 * time.Hour

// Forget drops the answers to writes that nobody will repeat any more.
func (j *Journal) Forget(ctx context.Context) error {
	err := j.db.WithContext(ctx).Where("created_at < ?", Now().Add(-AnswersLast)).Delete(&answerRow{}).Error
	if err != nil {
		return fmt.Errorf("drop old answers: %w", err)
	}
	return nil
}
