// Package summary tells a day of a workshop from its journal: what was proposed
// and decided, what is left open, what was asked, written and parked, and who
// worked with whom. It says nothing that the journal does not have.
package summary

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/atelier-attack/atelier/realtime/desk"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/poll"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/release"
)

// Summary is what happened in a time.
type Summary struct {
	From     time.Time      `json:"from"`
	To       time.Time      `json:"to" doc:"before this"`
	Proposed []Line         `json:"proposed" doc:"what was submitted for the first time"`
	Decided  []Decision     `json:"decided" doc:"the last verdict of the time on each"`
	Open     []Line         `json:"open" doc:"what waits at the end, of what was touched"`
	Polls    []poll.Poll    `json:"polls" doc:"those that were closed, with their results"`
	Written  []desk.Writing `json:"written" doc:"what was written in quiet and shown"`
	Parked   []desk.Topic   `json:"parked" doc:"what was parked or taken up, as it stands"`
	Items    []Ran          `json:"items" doc:"what of the agenda was run"`
	Releases []string       `json:"releases" doc:"names of what was published"`
	Pairs    []Pair         `json:"pairs" doc:"who worked with whom, the most first"`
	Messages int            `json:"messages" doc:"how many were written and not taken away"`
	People   []string       `json:"people" doc:"user ids of who did something"`
}

// Line is a proposal as a summary names it.
type Line struct {
	ID     string       `json:"id"`
	Number int64        `json:"number"`
	Title  string       `json:"title"`
	State  review.State `json:"state"`
	By     []string     `json:"by" doc:"user ids of who wrote it"`
}

// Decision is a verdict on a proposal.
type Decision struct {
	Line
	Verdict string `json:"verdict"`
	Who     string `json:"who" doc:"user id"`
}

// Ran is an item of the agenda that was run.
type Ran struct {
	Title   string `json:"title"`
	Minutes int    `json:"minutes" doc:"how long it was"`
	Planned int    `json:"planned"`
	Running bool   `json:"running,omitempty" doc:"it goes on"`
}

// Pair is two people, and on how many proposals they worked with each other:
// wrote together, or one reviewed or discussed what the other wrote.
type Pair struct {
	Users     []string `json:"users"`
	Proposals []int64  `json:"proposals" doc:"their numbers"`
}

// data is what of an event a summary reads.
type data struct {
	Proposal  *review.Proposal
	Proposals []review.Proposal
	Message   *discuss.Message
	Poll      *poll.Poll
	Topic     *desk.Topic
	Release   *struct{ Name string }
	Desk      *struct {
		Writing *desk.Writing
		Clock   *desk.Clock
	}
}

// builder gathers what events say.
type builder struct {
	Summary
	proposals map[string]review.Proposal // as they stand
	touched   map[string]bool
	with      map[string]map[string]bool // proposal to who had a part in it in this time
	decisions map[string]Decision
	messages  map[string]bool
	parked    map[string]desk.Topic
	people    map[string]bool
	running   *desk.Clock
	since     time.Time
}

// Build makes the summary of a workshop from a time to another, from the events
// of the workshop in their order. Those before that time say what proposals are
// called and how they stood; now is how far what goes on has come.
func Build(events iter.Seq2[journal.Event, error], from, to, now time.Time) (Summary, error) {
	b := &builder{Summary: Summary{From: from.UTC(), To: to.UTC()}, proposals: map[string]review.Proposal{}, touched: map[string]bool{},
		with: map[string]map[string]bool{}, decisions: map[string]Decision{}, messages: map[string]bool{}, parked: map[string]desk.Topic{}, people: map[string]bool{}}
	for e, err := range events {
		if err != nil {
			return b.Summary, err
		}
		if !e.At.Before(to) {
			break
		}
		if err := b.take(e); err != nil {
			return b.Summary, err
		}
	}
	if b.running != nil {
		b.ended(earlier(now, to), now.Before(to))
	}
	b.finish()
	return b.Summary, nil
}

// take takes one event.
func (b *builder) take(e journal.Event) error {
	d, err := read(e)
	if err != nil {
		return err
	}
	if e.At.Before(b.From) {
		for _, p := range d.all() {
			b.proposals[p.ID] = p
		}
		return nil
	}
	if e.Actor != "" {
		b.people[e.Actor] = true
	}
	b.proposal(e, d)
	b.room(e, d)
	b.clock(e, d)
	return nil
}

func read(e journal.Event) (d data, err error) {
	if err = json.Unmarshal(e.Data, &d); err != nil {
		err = fmt.Errorf("read event %d: %w", e.Seq, err)
	}
	return d, err
}

func (d data) all() []review.Proposal {
	if d.Proposal != nil {
		return append([]review.Proposal{*d.Proposal}, d.Proposals...)
	}
	return d.Proposals
}

// proposal takes what an event says of proposals.
func (b *builder) proposal(e journal.Event, d data) {
	for _, p := range d.all() {
		b.proposals[p.ID], b.touched[p.ID] = p, true
	}
	p := d.Proposal
	if p == nil {
		return
	}
	b.part(p.ID, e.Actor)
	switch e.Kind {
	case review.KindSubmitted:
		if p.Revision == 1 {
			b.Proposed = append(b.Proposed, line(*p))
		}
	case review.KindApproved, review.KindRejected, review.KindChangesRequested:
		verdict := map[string]string{review.KindApproved: "approved", review.KindRejected: "rejected", review.KindChangesRequested: "asked for changes"}[e.Kind]
		b.decisions[p.ID] = Decision{line(*p), verdict, e.Actor}
	}
}

func (b *builder) part(proposal, user string) {
	if user == "" {
		return
	}
	if b.with[proposal] == nil {
		b.with[proposal] = map[string]bool{}
	}
	b.with[proposal][user] = true
}

// room takes what an event says of the room.
func (b *builder) room(e journal.Event, d data) {
	if m := d.Message; m != nil {
		b.messages[m.ID] = m.Deleted == nil
		if id, ok := strings.CutPrefix(m.Anchor, "proposal:"); ok && e.Kind == discuss.KindPosted {
			b.part(id, e.Actor)
		}
	}
	if d.Poll != nil && e.Kind == poll.KindClosed {
		b.Polls = append(b.Polls, *d.Poll)
	}
	if d.Topic != nil {
		b.parked[d.Topic.ID] = *d.Topic
	}
	if d.Desk != nil && d.Desk.Writing != nil && e.Kind == desk.KindShown {
		b.Written = append(b.Written, *d.Desk.Writing)
	}
	if d.Release != nil && e.Kind == release.KindPublished {
		b.Releases = append(b.Releases, d.Release.Name)
	}
}

// clock follows which item of the agenda runs.
func (b *builder) clock(e journal.Event, d data) {
	if e.Kind != desk.KindClock || d.Desk == nil {
		return
	}
	now := d.Desk.Clock
	if b.running != nil && (now == nil || now.Item != b.running.Item) {
		b.ended(e.At, false)
	}
	if now != nil && (b.running == nil || b.running.Item != now.Item) {
		b.since = now.StartedAt
	}
	b.running = now
}

func (b *builder) ended(at time.Time, goesOn bool) {
	b.Items = append(b.Items, Ran{b.running.Title, int(at.Sub(b.since).Round(time.Minute) / time.Minute), b.running.Minutes, goesOn})
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func line(p review.Proposal) Line {
	return Line{p.ID, p.Number, p.Title, p.State, append([]string{p.Author}, p.CoAuthors...)}
}

// finish sorts what was gathered.
func (b *builder) finish() {
	byNumber := func(x, y Line) int { return cmp.Compare(x.Number, y.Number) }
	for _, d := range b.decisions {
		d.State = b.proposals[d.ID].State
		b.Decided = append(b.Decided, d)
	}
	slices.SortFunc(b.Decided, func(x, y Decision) int { return byNumber(x.Line, y.Line) })
	for id := range b.touched {
		if p := b.proposals[id]; slices.Contains([]review.State{review.StateSubmitted, review.StateInReview, review.StateChangesRequested}, p.State) {
			b.Open = append(b.Open, line(p))
		}
	}
	slices.SortFunc(b.Open, byNumber)
	for i := range b.Proposed {
		b.Proposed[i].State = b.proposals[b.Proposed[i].ID].State
	}
	for _, t := range b.parked {
		b.Parked = append(b.Parked, t)
	}
	slices.SortFunc(b.Parked, func(x, y desk.Topic) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.ID, y.ID)) })
	for _, there := range b.messages {
		if there {
			b.Messages++
		}
	}
	for user := range b.people {
		b.People = append(b.People, user)
	}
	slices.Sort(b.People)
	b.pairs()
	b.lists()
}

// pairs finds who had a part in what somebody else wrote.
func (b *builder) pairs() {
	pairs := map[[2]string]map[int64]bool{}
	for id, users := range b.with {
		p, ok := b.proposals[id]
		if !ok {
			continue
		}
		authors := line(p).By
		for _, author := range authors {
			users[author] = true
		}
		for _, author := range authors {
			for user := range users {
				if user == author {
					continue
				}
				key := [2]string{min(user, author), max(user, author)}
				if pairs[key] == nil {
					pairs[key] = map[int64]bool{}
				}
				pairs[key][p.Number] = true
			}
		}
	}
	for key, numbers := range pairs {
		one := Pair{Users: key[:]}
		for n := range numbers {
			one.Proposals = append(one.Proposals, n)
		}
		slices.Sort(one.Proposals)
		b.Pairs = append(b.Pairs, one)
	}
	slices.SortFunc(b.Pairs, func(x, y Pair) int {
		return cmp.Or(cmp.Compare(len(y.Proposals), len(x.Proposals)), slices.Compare(x.Users, y.Users))
	})
}

// lists makes lists of what there was none of, as JSON wants them.
func (b *builder) lists() {
	list(&b.Proposed)
	list(&b.Decided)
	list(&b.Open)
	list(&b.Polls)
	list(&b.Written)
	list(&b.Parked)
	list(&b.Items)
	list(&b.Releases)
	list(&b.Pairs)
	list(&b.People)
}

func list[T any](l *[]T) {
	if *l == nil {
		*l = []T{}
	}
}
