package notify

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/release"
)

// aNewTurn is how long before its event a turn may have begun that the event
// brings: events also carry proposals whose turn is old.
const aNewTurn = time.Minute

// change is what an event does to notices.
type change struct {
	add []row
	// Of a proposal whose turn moved: what said that it was somebody's turn is
	// done, but for this thing.
	turned, turn string
	// Of a message: what it is about is gone, but for whom it mentions still.
	retold   string
	mentions []string
}

// facts are what events do not carry.
type facts struct {
	began  map[string]string   // who began threads, by thread
	wrote  map[string][]string // who writes proposals, by proposal
	actors []review.Actor      // the members
}

// content is what of an event notices follow from.
type content struct {
	Message   *discuss.Message
	Proposal  *review.Proposal
	Proposals []review.Proposal
}

func (c content) proposals() []review.Proposal {
	if c.Proposal != nil {
		return append([]review.Proposal{*c.Proposal}, c.Proposals...)
	}
	return c.Proposals
}

// happening is an event of which notices follow.
type happening struct {
	journal.Event
	content
}

// concerned are the kinds of events of which notices can follow.
func concerned() []string {
	kinds := []string{discuss.KindPosted, discuss.KindEdited, discuss.KindDeleted, discuss.KindHidden, review.KindBlocked}
	return append(kinds, turning()...)
}

// turning are the kinds of events after which somebody else may be to act.
func turning() []string {
	return []string{review.KindSubmitted, review.KindStarted, review.KindChangesRequested, review.KindApproved, review.KindRejected, review.KindWithdrawn,
		review.KindUpgraded, review.KindSuggested, review.KindTaken, review.KindDeclined, review.KindDropped, review.KindUndone,
		release.KindChanged, release.KindPublished}
}

// read decodes an event; ok is false where no notice follows from its kind.
func read(e journal.Event) (h happening, ok bool, err error) {
	if !slices.Contains(concerned(), e.Kind) {
		return h, false, nil
	}
	h.Event = e
	if err := json.Unmarshal(e.Data, &h.content); err != nil {
		return h, false, fmt.Errorf("read event %d of %s: %w", e.Seq, e.Workshop, err)
	}
	return h, true, nil
}

// derive gives what an event does to notices. The same event and facts give the
// same.
func derive(h happening, f facts) []change {
	switch h.Kind {
	case discuss.KindPosted:
		return h.posted(f)
	case discuss.KindEdited:
		if h.Message == nil {
			return nil
		}
		changes := []change{{retold: h.Message.ID, mentions: append([]string{}, h.Message.Mentions...)}}
		return append(changes, change{add: h.mentioned()})
	case discuss.KindDeleted, discuss.KindHidden:
		if h.Message == nil {
			return nil
		}
		return []change{{retold: h.Message.ID}}
	}
	var changes []change
	for _, p := range h.proposals() {
		changes = append(changes, h.moved(p, f))
	}
	return changes
}

// notice begins a notice that follows from an event; the actor gets none.
func (h happening) notice(user string, kind Kind, thing, reason string) row {
	return row{UserID: user, WorkshopID: h.Workshop, Kind: kind, Thing: thing, Reason: reason, ActorID: h.Actor, Seq: h.Seq, CreatedAt: h.At}
}

// about is what a notice on the message of an event is about.
func (h happening) about(r row) row {
	r.MessageID, r.ThreadID = h.Message.ID, h.Message.Thread
	if id, ok := strings.CutPrefix(h.Message.Anchor, review.AnchorType+":"); ok {
		r.ProposalID = id
	}
	return r
}

func (h happening) mentioned() []row {
	if h.Message.Deleted != nil {
		return nil
	}
	var list []row
	for _, user := range h.Message.Mentions {
		if user != h.Message.Author {
			list = append(list, h.about(h.notice(user, Mentioned, "message:"+h.Message.ID, "")))
		}
	}
	return list
}

// posted tells whom a message mentions, who began its thread, and who writes
// what it is about: each once.
func (h happening) posted(f facts) []change {
	if h.Message == nil || h.Message.Deleted != nil {
		return nil
	}
	list := h.mentioned()
	tell := func(user, reason string) {
		if user != "" && user != h.Message.Author && !slices.ContainsFunc(list, func(r row) bool { return r.UserID == user }) {
			list = append(list, h.about(h.notice(user, Answered, "message:"+h.Message.ID, reason)))
		}
	}
	if h.Message.ID != h.Message.Thread {
		tell(f.began[h.Message.Thread], inTheirThread)
	}
	for _, user := range f.wrote[h.about(row{}).ProposalID] {
		tell(user, aboutTheirs)
	}
	if len(list) == 0 {
		return nil
	}
	return []change{{add: list}}
}

// moved tells those whose turn it is now, and those who write a proposal what
// became of it: each once.
func (h happening) moved(p review.Proposal, f facts) change {
	var c change
	if slices.Contains(turning(), h.Kind) {
		c.turned, c.turn = p.ID, fmt.Sprintf("turn:%s:%d", p.ID, p.Turn.Since.UnixMilli())
		for _, a := range f.actors {
			if a.User == h.Actor || h.At.Sub(p.Turn.Since) > aNewTurn || !p.WaitsFor(a) {
				continue
			}
			kind := Turn
			if p.Turn.Role != review.Maintainer && !p.Writes(a.User) {
				kind = Review
			}
			n := h.notice(a.User, kind, c.turn, p.Turn.Reason)
			n.ProposalID = p.ID
			c.add = append(c.add, n)
		}
	}
	reason, moved := moves()[h.Kind]
	if !moved {
		return c
	}
	for _, user := range append([]string{p.Author}, p.CoAuthors...) {
		if user == h.Actor || slices.ContainsFunc(c.add, func(r row) bool { return r.UserID == user }) {
			continue
		}
		n := h.notice(user, Moved, fmt.Sprintf("moved:%s:%d", p.ID, h.Seq), reason)
		if n.ProposalID = p.ID; h.Message != nil {
			n.MessageID = h.Message.ID
		}
		c.add = append(c.add, n)
	}
	return c
}
