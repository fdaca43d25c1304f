package directory

import (
	"cmp"
	"context"
	"slices"

	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/review"
)

// ReasonKind is what two people have in common.
type ReasonKind string

// The kinds of reasons.
const (
	SharedInterest ReasonKind = "interest" // both named it
	SharedThread   ReasonKind = "thread"   // both wrote there
	SharedProposal ReasonKind = "proposal" // both had a part in it
	SharedObject   ReasonKind = "object"   // both proposed something of it
)

// Reason is one thing that two people have in common.
type Reason struct {
	Kind  ReasonKind `json:"kind" enum:"interest,thread,proposal,object"`
	About string     `json:"about" doc:"an interest's value, or what it is as type:id"`
	Label string     `json:"label" doc:"as people know it"`
}

// Meeting is somebody to talk to, with all that speaks for it: nothing else
// decides who is named, and in which order.
type Meeting struct {
	User    string   `json:"user" doc:"user id"`
	Reasons []Reason `json:"reasons"`
}

// meetings lists who has something in common with the actor. Only who shows a
// card is named, and only to who shows one.
func (s *Directories) meetings(ctx context.Context, actor review.Actor, all Directory) ([]Meeting, error) {
	list := []Meeting{}
	if !all.Mine.Shown || len(all.Cards) == 0 {
		return list, nil
	}
	said, err := s.discussion.Speakers(ctx, actor.Workshop)
	if err != nil {
		return nil, err
	}
	proposals, err := s.proposals.List(ctx, actor, review.Filter{})
	if err != nil {
		return nil, err
	}
	mine := traces(actor.User, all.Mine, said, proposals)
	for _, e := range all.Cards {
		var reasons []Reason
		for _, r := range traces(e.User, e.MemberCard, said, proposals) {
			if slices.ContainsFunc(mine, func(m Reason) bool { return m.Kind == r.Kind && m.About == r.About }) {
				reasons = append(reasons, r)
			}
		}
		if len(reasons) > 0 {
			list = append(list, Meeting{e.User, reasons})
		}
	}
	slices.SortStableFunc(list, func(a, b Meeting) int { return cmp.Compare(len(b.Reasons), len(a.Reasons)) })
	return list, nil
}

// traces lists what a member cares about and did, each once.
func traces(user string, card MemberCard, said []discuss.Spoke, proposals []review.Proposal) []Reason {
	var list []Reason
	add := func(r Reason) {
		if !slices.ContainsFunc(list, func(other Reason) bool { return other.Kind == r.Kind && other.About == r.About }) {
			list = append(list, r)
		}
	}
	for _, i := range card.Interests {
		add(Reason{SharedInterest, string(i.Kind) + ":" + i.Value, i.Label})
	}
	for _, p := range proposals {
		if slices.ContainsFunc(p.Credits, func(c review.Credit) bool { return c.User == user }) {
			add(Reason{SharedProposal, "proposal:" + p.ID, p.Title})
		}
	}
	for _, p := range proposals {
		if p.Author == user && p.Object.AttackID != "" {
			add(Reason{SharedObject, "object:" + p.Object.STIXID, p.Object.Label + " " + p.Object.Name})
		}
	}
	for _, one := range said {
		if one.User == user {
			add(Reason{SharedThread, one.About, ""})
		}
	}
	return list
}
