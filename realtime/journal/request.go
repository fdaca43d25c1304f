package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

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

// WithoutRequest forgets the request, for writes of which nothing may be kept:
// not even a hash of what they say.
func WithoutRequest(ctx context.Context) context.Context {
	return context.WithValue(ctx, requestKey{}, nil)
}

// RequestOf gives the key and the hash of the request that a context carries;
// empty: none.
func RequestOf(ctx context.Context) (key, hash string) {
	r, _ := ctx.Value(requestKey{}).(request)
	return r.key, r.hash
}

type answerRow struct {
	UserID    string
	Key       string
	Request   string
	Answer    string
	CreatedAt time.Time
}

func (answerRow) TableName() string { return "answers" }

// claim takes the key for this transaction; mine is false where an earlier one
// has answered, and then answer is filled. On SQLite nobody else writes until
// the end of this transaction. On PostgreSQL another one may have the key, and
// this waits for that one's end.
func (r request) claim(tx *Tx, answer any) (mine bool, err error) {
	if !alone(tx) {
		rows, err := tx.write("INSERT INTO answers (user_id, key, request, answer, created_at) VALUES ($1, $2, $3, '', $4) ON CONFLICT DO NOTHING", r.user, r.key, r.hash, Now())
		if err != nil {
			return false, fmt.Errorf("claim an idempotency key: %w", err)
		}
		if rows == 1 {
			return true, nil
		}
	}
	var asked, answered string
	err = tx.read([]any{&asked, &answered}, "SELECT request, answer FROM answers WHERE user_id = $1 AND key = $2", r.user, r.key)
	switch {
	case errors.Is(err, sql.ErrNoRows) && alone(tx):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("look for an earlier answer: %w", err)
	case asked != r.hash:
		return false, fault.New(fault.Conflict, "This Idempotency-Key was used for another request. Use a new key.")
	}
	if err := json.Unmarshal([]byte(answered), answer); err != nil {
		return false, fmt.Errorf("decode an earlier answer: %w", err)
	}
	return false, nil
}

// alone says whether nobody else writes until the end of a transaction.
func alone(tx *Tx) bool { return tx.Name() == "sqlite" }

func (r request) keep(tx *Tx, answer any) error {
	body, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	if alone(tx) {
		err = tx.Insert(&answerRow{r.user, r.key, r.hash, string(body), Now()})
	} else {
		_, err = tx.write("UPDATE answers SET answer = $1 WHERE user_id = $2 AND key = $3", string(body), r.user, r.key)
	}
	if err != nil {
		return fmt.Errorf("keep the answer: %w", err)
	}
	return nil
}

// Reanswer has the answers to earlier writes that begin so say what the thing
// that they gave is now, for what must not be read any more.
func (tx *Tx) Reanswer(begin string, answer any) error {
	body, err := json.Marshal(answer)
	if err == nil {
		err = tx.Exec("UPDATE answers SET answer = ? WHERE substr(answer, 1, ?) = ?", string(body), utf8.RuneCountInString(begin), begin).Error
	}
	if err != nil {
		return fmt.Errorf("rewrite earlier answers: %w", err)
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
