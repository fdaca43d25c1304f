// Package journal keeps what happened in a workshop, in order and for good: every
// change of shared state appends an event in the transaction that makes it.
package journal

import (
	"encoding/json"
	"time"
)

// Event is one entry of a workshop's journal. Seq starts at 1 and has no gaps;
// its order is the order of the commits.
type Event struct {
	Workshop string          `json:"workshop"`
	Seq      int64           `json:"seq"`
	At       time.Time       `json:"at"`
	Actor    string          `json:"actor" doc:"id of the person who did it"`
	Kind     string          `json:"kind"`
	Data     json.RawMessage `json:"data" doc:"the whole of what changed, by entity: proposal, message, member, workshop, release"`
}
