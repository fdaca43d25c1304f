package notify

import (
	"fmt"

	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/release"
)

// Kind is why somebody is told of something.
type Kind string

// The kinds.
const (
	Mentioned Kind = "mentioned"
	Answered  Kind = "answered"
	Review    Kind = "review"
	Turn      Kind = "turn"
	Moved     Kind = "moved"
	Invited   Kind = "invited"
	Contact   Kind = "contact"
)

// KindInfo is a kind as its person chooses it.
type KindInfo struct {
	Kind  Kind   `json:"kind" enum:"mentioned,answered,review,turn,moved,invited,contact"`
	Label string `json:"label"`
}

// Kinds is the one table of the kinds.
func Kinds() []KindInfo {
	return []KindInfo{
		{Mentioned, "Somebody mentions me"},
		{Answered, "Somebody answers me, or writes about a proposal of mine"},
		{Review, "A proposal waits for my review"},
		{Turn, "It is my turn: changes were requested, something was suggested, a release waits"},
		{Moved, "A proposal of mine was accepted, rejected, released or held up"},
		{Invited, "Somebody invites me to write in a draft"},
		{Contact, "Somebody would like to exchange contacts"},
	}
}

// ofProposals are the kinds that say how a proposal stands: of each proposal,
// only the latest counts.
func ofProposals() []Kind { return []Kind{Review, Turn, Moved} }

// moves are the events that move a proposal, and what its authors read of it.
func moves() map[string]string {
	return map[string]string{
		review.KindApproved:         "was accepted",
		review.KindRejected:         "was rejected",
		review.KindChangesRequested: "needs changes",
		review.KindBlocked:          "is held up by a thread",
		release.KindPublished:       "was released",
	}
}

// Why a message concerns somebody whom it does not mention.
const (
	inTheirThread   = "thread"
	aboutTheirs     = "proposal"
	contactAsked    = "asked"
	contactAccepted = "accepted"
)

// sentence says what happened; proposal is what the proposal that it is about
// is called, and where the place of a message.
// asUsual is a reason that says no more than that a review is asked for.
const asUsual = "waits for a reviewer"

func (r row) sentence(actor, proposal, where string) string {
	switch r.Kind {
	case Mentioned:
		return fmt.Sprintf("%s mentioned you %s", actor, where)
	case Answered:
		if r.Reason == aboutTheirs {
			return fmt.Sprintf("%s wrote about your proposal %s", actor, proposal)
		}
		return fmt.Sprintf("%s answered you %s", actor, where)
	case Review:
		if r.Reason == asUsual {
			return proposal + " asks for your review"
		}
		return fmt.Sprintf("%s asks for your review (%s)", proposal, r.Reason)
	case Turn:
		return fmt.Sprintf("%s waits for you (%s)", proposal, r.Reason)
	case Moved:
		return fmt.Sprintf("%s %s, by %s", proposal, r.Reason, actor)
	case Invited:
		return fmt.Sprintf("%s invited you to write in %s", actor, proposal)
	case Contact:
		if r.Reason == contactAccepted {
			return fmt.Sprintf("%s exchanged contacts with you", actor)
		}
		return fmt.Sprintf("%s would like to exchange contacts with you", actor)
	}
	return actor
}
