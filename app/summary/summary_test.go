package summary_test

import (
	"encoding/json"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-attack/atelier/app/summary"
	"github.com/atelier-attack/atelier/realtime/desk"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/poll"
	"github.com/atelier-attack/atelier/review"
)

var morning = time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)

// record is a journal of a day that tests write.
type record struct {
	t    *testing.T
	list []journal.Event
}

func (r *record) at(minute int, actor, kind string, data map[string]any) {
	r.t.Helper()
	text, err := json.Marshal(data)
	if err != nil {
		r.t.Fatal(err)
	}
	r.list = append(r.list, journal.Event{Seq: int64(len(r.list) + 1), At: morning.Add(time.Duration(minute) * time.Minute), Actor: actor, Kind: kind, Data: text})
}

func (r *record) all() iter.Seq2[journal.Event, error] {
	return func(yield func(journal.Event, error) bool) {
		for _, e := range r.list {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func proposal(number int64, state review.State, revision int64, authors ...string) map[string]any {
	id := string(rune('a' + number))
	return map[string]any{"proposal": review.Proposal{ID: id, Number: number, Title: "Title *" + id + "*", State: state, Revision: revision, Author: authors[0], CoAuthors: authors[1:]}}
}

func TestADayIsToldFromTheRecord(t *testing.T) {
	r := &record{t: t}
	r.at(-900, "ana", review.KindSubmitted, proposal(1, review.StateSubmitted, 1, "ana")) // the day before
	r.at(-800, "bo", review.KindSubmitted, proposal(9, review.StateSubmitted, 1, "bo"))
	clock := func(item string, at, minutes int) map[string]any {
		return map[string]any{"desk": map[string]any{"clock": desk.Clock{Item: item, Title: item, StartedAt: morning.Add(time.Duration(at) * time.Minute), Minutes: minutes}}}
	}
	r.at(0, "fay", desk.KindClock, clock("Tea", 0, 10))
	r.at(5, "fay", desk.KindClock, clock("Tea", 0, 15))
	r.at(12, "fay", desk.KindClock, clock("Work", 12, 60))
	r.at(20, "bo", review.KindSubmitted, proposal(2, review.StateSubmitted, 1, "bo", "cy"))
	r.at(25, "bo", review.KindSubmitted, proposal(2, review.StateSubmitted, 2, "bo", "cy"))
	r.at(30, "rob", review.KindChangesRequested, proposal(1, review.StateChangesRequested, 1, "ana"))
	r.at(40, "rob", review.KindApproved, proposal(1, review.StateAccepted, 2, "ana"))
	said := func(id, anchor string, deleted *discuss.Mark) map[string]any {
		return map[string]any{"message": discuss.Message{ID: id, Anchor: anchor, Deleted: deleted}}
	}
	r.at(41, "ana", discuss.KindPosted, said("m1", "proposal:c", nil))
	r.at(42, "ana", discuss.KindPosted, said("m2", "workshop:w", nil))
	r.at(43, "ana", discuss.KindDeleted, said("m2", "workshop:w", &discuss.Mark{By: "ana"}))
	asked := poll.Poll{ID: "q", Question: "Good?", Options: []string{"Yes", "No"}, State: poll.Closed, Tally: &poll.Tally{Ballots: 3, Counts: []int{2, 1}}}
	r.at(50, "fay", poll.KindClosed, map[string]any{"poll": asked})
	r.at(51, "ana", desk.KindParked, map[string]any{"topic": desk.Topic{ID: "t", Text: "Names"}})
	r.at(52, "fay", desk.KindSettled, map[string]any{"topic": desk.Topic{ID: "t", Text: "Names", Done: true}})
	r.at(53, "fay", desk.KindShown, map[string]any{"desk": map[string]any{"writing": desk.Writing{Question: "What?", Notes: []desk.Note{{User: "ana", Text: "Pots\n# no heading"}}}}})
	r.at(60, "fay", desk.KindClock, map[string]any{"desk": map[string]any{"clock": nil}})
	r.at(70, "fay", desk.KindClock, clock("Plans", 70, 20))
	r.at(24*60, "ana", review.KindSubmitted, proposal(3, review.StateSubmitted, 1, "ana")) // the day after

	s, err := summary.Build(r.all(), morning, morning.Add(24*time.Hour), morning.Add(72*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	one, two := summary.Line{ID: "b", Number: 1, Title: "Title *b*", State: review.StateAccepted, By: []string{"ana"}},
		summary.Line{ID: "c", Number: 2, Title: "Title *c*", State: review.StateSubmitted, By: []string{"bo", "cy"}}
	want := summary.Summary{From: morning, To: morning.Add(24 * time.Hour), Proposed: []summary.Line{two}, Decided: []summary.Decision{{Line: one, Verdict: "approved", Who: "rob"}},
		Open: []summary.Line{two}, Polls: s.Polls, Written: s.Written, Parked: s.Parked,
		Items: []summary.Ran{{Title: "Tea", Minutes: 12, Planned: 15}, {Title: "Work", Minutes: 48, Planned: 60}, {Title: "Plans", Minutes: 2, Planned: 20, Running: true}}, Releases: []string{}, Messages: 1,
		Pairs:  []summary.Pair{{[]string{"ana", "bo"}, []int64{2}}, {[]string{"ana", "cy"}, []int64{2}}, {[]string{"ana", "rob"}, []int64{1}}, {[]string{"bo", "cy"}, []int64{2}}},
		People: []string{"ana", "bo", "fay", "rob"}}
	if d := cmp.Diff(want, s); d != "" {
		t.Errorf("wanted (-), got (+):\n%s", d)
	}
	if len(s.Polls) != 1 || len(s.Parked) != 1 || !s.Parked[0].Done || len(s.Written) != 1 {
		t.Errorf("the room did %+v", s)
	}
	text := s.Markdown("A day", strings.ToUpper)
	for _, line := range []string{"# A day\n", `- #2 Title \*c\*, by BO, CY`, `- #1 Title \*b\*: approved by ROB`, "- Good?: Yes 2, No 1\n", "- Names (taken up)\n",
		"- ANA: Pots \\# no heading\n", "- Tea: 12 minutes of 15\n", "- Plans: 2 minutes of 20, and it goes on\n", "- ANA, ROB: #1\n", "People who did something: 4. Messages: 1."} {
		if !strings.Contains(text, line) {
			t.Errorf("no %q in:\n%s", line, text)
		}
	}
	if strings.Contains(text, "released") {
		t.Errorf("nothing was released:\n%s", text)
	}
	empty, err := summary.Build(r.all(), morning.Add(-72*time.Hour), morning.Add(-48*time.Hour), morning)
	if body, e := json.Marshal(empty); err != nil || e != nil || strings.Contains(string(body), "null") {
		t.Errorf("of a day without events: %s, %v, %v", body, err, e)
	}
}
