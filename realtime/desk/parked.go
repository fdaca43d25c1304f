package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// Topic is something to come back to.
type Topic struct {
	ID      string    `json:"id"`
	Text    string    `json:"text"`
	Message string    `json:"message,omitempty" doc:"id of the message that it came from"`
	By      string    `json:"by" doc:"user id"`
	At      time.Time `json:"at"`
	Done    bool      `json:"done"`
}

// Limits of the parking lot.
const (
	MaxTopic  = 500 // characters
	maxTopics = 200
)

// Park puts a topic into the parking lot.
func (d *Desk) Park(ctx context.Context, workshop, actor, text, message string) (Topic, error) {
	text = strings.TrimSpace(text)
	return change(ctx, d, workshop, actor, parked, KindParked, func(t *turn, list *[]Topic) (Topic, error) {
		if err := d.say(t, "text", text, MaxTopic); err != nil {
			return Topic{}, err
		}
		if len(*list) >= maxTopics {
			return Topic{}, fault.New(fault.Conflict, "The parking lot is full: it has %d topics.", maxTopics)
		}
		made := Topic{ID: uuid.NewString(), Text: text, Message: message, By: actor, At: t.now}
		*list = append(*list, made)
		t.told = map[string]any{"topic": made}
		return made, nil
	})
}

// Settle says that a topic was taken up, or puts it back.
func (d *Desk) Settle(ctx context.Context, workshop, actor, id string, done bool) (Topic, error) {
	return change(ctx, d, workshop, actor, parked, KindSettled, func(t *turn, list *[]Topic) (Topic, error) {
		at := slices.IndexFunc(*list, func(t Topic) bool { return t.ID == id })
		if at < 0 {
			return Topic{}, fault.New(fault.NotFound, "There is no such topic in the parking lot.")
		}
		topic := &(*list)[at]
		if topic.Done == done {
			return *topic, errSame
		}
		topic.Done = done
		t.told = map[string]any{"topic": *topic}
		return *topic, nil
	})
}
