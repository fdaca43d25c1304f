package notify

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/release"
)

// TestWhoIsToldOfWhat has one event each.
func TestWhoIsToldOfWhat(t *testing.T) {
	now := time.UnixMilli(1_000_000).UTC()
	known := facts{
		began: map[string]string{"t": "ana"},
		wrote: map[string][]string{"p": {"ana", "bo"}},
		actors: []review.Actor{
			{User: "ana", Roles: []review.Role{review.Participant}}, {User: "bo", Roles: []review.Role{review.Reviewer}},
			{User: "rob", Roles: []review.Role{review.Reviewer}}, {User: "ria", Roles: []review.Role{review.Reviewer}},
			{User: "max", Roles: []review.Role{review.Maintainer}}, {User: "obi", Roles: []review.Role{review.Observer}},
		},
	}
	said := func(id, thread, anchor, author string, mentions ...string) content {
		return content{Message: &discuss.Message{ID: id, Thread: thread, Anchor: anchor, Author: author, Mentions: mentions}}
	}
	gone := said("m", "m", "workshop:w", "rob")
	gone.Message.Deleted = &discuss.Mark{By: "rob", At: now}
	at := func(turn review.Turn, age time.Duration) content {
		turn.Since = now.Add(-age)
		return content{Proposal: &review.Proposal{ID: "p", Author: "ana", CoAuthors: []string{"bo"}, Turn: turn}}
	}
	many := content{Proposals: []review.Proposal{*at(review.Turn{}, 0).Proposal, {ID: "q", Author: "rob"}}}
	blocked := at(review.Turn{Role: review.Reviewer}, time.Hour)
	blocked.Message = said("m", "m", "proposal:p", "rob").Message
	waits := review.Turn{Role: review.Reviewer, Reason: "waits for a reviewer"}
	for name, c := range map[string]struct {
		kind, actor string
		content     content
		want        []string
	}{
		"a mention":                        {discuss.KindPosted, "rob", said("m", "m", "workshop:w", "rob", "obi"), []string{"obi mentioned message:m"}},
		"of several":                       {discuss.KindPosted, "rob", said("m", "m", "workshop:w", "rob", "obi", "max"), []string{"obi mentioned message:m", "max mentioned message:m"}},
		"of oneself":                       {discuss.KindPosted, "rob", said("m", "m", "workshop:w", "rob", "rob"), nil},
		"nobody":                           {discuss.KindPosted, "rob", said("m", "m", "workshop:w", "rob"), nil},
		"an answer":                        {discuss.KindPosted, "rob", said("m", "t", "workshop:w", "rob"), []string{"ana answered message:m thread"}},
		"an answer to oneself":             {discuss.KindPosted, "ana", said("m", "t", "workshop:w", "ana"), nil},
		"an answer that mentions is one":   {discuss.KindPosted, "rob", said("m", "t", "workshop:w", "rob", "ana"), []string{"ana mentioned message:m"}},
		"about a proposal":                 {discuss.KindPosted, "rob", said("m", "m", "proposal:p", "rob"), []string{"ana answered message:m proposal", "bo answered message:m proposal"}},
		"an answer about one's own is one": {discuss.KindPosted, "rob", said("m", "t", "proposal:p", "rob", "bo"), []string{"bo mentioned message:m", "ana answered message:m thread"}},
		"by who writes it":                 {discuss.KindPosted, "ana", said("m", "m", "proposal:p", "ana"), []string{"bo answered message:m proposal"}},
		"deleted before it was read":       {discuss.KindPosted, "rob", gone, nil},
		"an edit that mentions":            {discuss.KindEdited, "rob", said("m", "t", "workshop:w", "rob", "obi"), []string{"settle message m but for [obi]", "obi mentioned message:m"}},
		"an edit that does not":            {discuss.KindEdited, "rob", said("m", "t", "workshop:w", "rob"), []string{"settle message m but for []"}},
		"a deletion":                       {discuss.KindDeleted, "rob", gone, []string{"settle message m"}},
		"a moderation":                     {discuss.KindHidden, "max", gone, []string{"settle message m"}},

		"submitted": {review.KindSubmitted, "ana", at(waits, 0), []string{"settle turns of p but turn:p:1000000",
			"rob review turn:p:1000000 waits for a reviewer", "ria review turn:p:1000000 waits for a reviewer", "max review turn:p:1000000 waits for a reviewer"}},
		"revised for who asked": {review.KindSubmitted, "ana", at(review.Turn{Role: review.Reviewer, User: "ria", Reason: "was revised as asked"}, 0),
			[]string{"settle turns of p but turn:p:1000000", "ria review turn:p:1000000 was revised as asked"}},
		"an old turn is no news": {review.KindUpgraded, "ana", at(waits, time.Hour), []string{"settle turns of p but turn:p:-2600000"}},
		"started":                {review.KindStarted, "rob", at(review.Turn{User: "rob", Reason: "reviews it"}, 0), []string{"settle turns of p but turn:p:1000000"}},
		"changes requested is one each": {review.KindChangesRequested, "rob", at(review.Turn{User: "ana", Reason: "changes were requested"}, 0),
			[]string{"settle turns of p but turn:p:1000000", "ana turn turn:p:1000000 changes were requested", "bo moved moved:p:7 needs changes"}},
		"accepted": {review.KindApproved, "rob", at(review.Turn{Role: review.Maintainer, Reason: "waits for a release"}, 0),
			[]string{"settle turns of p but turn:p:1000000", "max turn turn:p:1000000 waits for a release", "ana moved moved:p:7 was accepted", "bo moved moved:p:7 was accepted"}},
		"rejected": {review.KindRejected, "rob", at(review.Turn{}, 0),
			[]string{"settle turns of p but turn:p:1000000", "ana moved moved:p:7 was rejected", "bo moved moved:p:7 was rejected"}},
		"withdrawn": {review.KindWithdrawn, "ana", at(review.Turn{}, 0), []string{"settle turns of p but turn:p:1000000"}},
		"suggested": {review.KindSuggested, "rob", at(review.Turn{User: "ana", Reason: "a reviewer suggested another text"}, 0),
			[]string{"settle turns of p but turn:p:1000000", "ana turn turn:p:1000000 a reviewer suggested another text"}},
		"declined": {review.KindDeclined, "ana", at(review.Turn{User: "ria", Reason: "the suggestion was declined"}, 0),
			[]string{"settle turns of p but turn:p:1000000", "ria review turn:p:1000000 the suggestion was declined"}},
		"held up": {review.KindBlocked, "rob", blocked, []string{"ana moved moved:p:7 is held up by a thread", "bo moved moved:p:7 is held up by a thread"}},
		"released": {release.KindPublished, "max", many, []string{"settle turns of p but turn:p:1000000", "ana moved moved:p:7 was released", "bo moved moved:p:7 was released",
			"settle turns of q but turn:q:-62135596800000", "rob moved moved:q:7 was released"}},
		"what is nobody's affair": {review.KindCredited, "ana", at(waits, 0), nil},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := json.Marshal(map[string]any{"message": c.content.Message, "proposal": c.content.Proposal, "proposals": c.content.Proposals})
			if err != nil {
				t.Fatal(err)
			}
			h, ok, err := read(journal.Event{Workshop: "w", Seq: 7, At: now, Actor: c.actor, Kind: c.kind, Data: data})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			if ok {
				got = told(derive(h, known))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// told writes changes down.
func told(changes []change) (lines []string) {
	for _, c := range changes {
		if c.turned != "" {
			lines = append(lines, fmt.Sprintf("settle turns of %s but %s", c.turned, c.turn))
		}
		if c.retold != "" {
			line := "settle message " + c.retold
			if c.mentions != nil {
				line += fmt.Sprintf(" but for %v", c.mentions)
			}
			lines = append(lines, line)
		}
		for _, r := range c.add {
			line := fmt.Sprintf("%s %s %s", r.UserID, r.Kind, r.Thing)
			if r.Reason != "" {
				line += " " + r.Reason
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// FuzzEvents feeds the derivation what no journal should have.
func FuzzEvents(f *testing.F) {
	f.Add(0, []byte(`{"message":{"id":"m","thread":"t","anchor":"proposal:p","mentions":["a"]}}`))
	f.Add(5, []byte(`{"proposal":{"id":"p","turn":{"role":"reviewer"}},"proposals":[{}]}`))
	f.Fuzz(func(_ *testing.T, kind int, data []byte) {
		kinds := concerned()
		h, ok, err := read(journal.Event{Kind: kinds[(kind%len(kinds)+len(kinds))%len(kinds)], Data: data})
		if err == nil && ok {
			told(derive(h, facts{}))
		}
	})
}
