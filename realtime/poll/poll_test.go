package poll_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/poll"
	"github.com/atelier-attack/atelier/realtime/typed"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var people = []string{"ana", "bo", "cy", "di"}

func aWorkshop(t *testing.T, db *gorm.DB) {
	t.Helper()
	for _, who := range people {
		if err := db.Exec(`INSERT INTO users (id, name, organisation, created_at) VALUES (?, ?, '', '2026-01-01 00:00:00')`, who, who).Error; err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Exec(`INSERT INTO workshops (id, name, summary, starts_on, ends_on, place, tlp, domain, agenda, policy, join_open, join_code, revision, created_by, created_at)
		VALUES ('w', 'W', '', '', '', '', 'clear', 'd', '[]', '{}', true, 'C', 1, 'ana', '2026-01-01 00:00:00')`).Error; err != nil {
		t.Fatal(err)
	}
}

// guarded is a guard that knows of one word.
func guarded(_ *gorm.DB, _, text string, _ map[string]string) ([]typed.Explained, error) {
	if strings.Contains(text, "krait") {
		return nil, fault.InField("body", "Change it.")
	}
	return nil, nil
}

func ask(t *testing.T, s *poll.Polls, n poll.NewPoll) poll.Poll {
	t.Helper()
	p, err := s.Make(t.Context(), "w", "ana", n)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// live is the state of the polls by what their events say, as a page keeps it.
func live(t *testing.T, j *journal.Journal) []poll.Poll {
	t.Helper()
	events, err := j.After(t.Context(), "w", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var list []poll.Poll
	at := func(id string) int {
		for i := range list {
			if list[i].ID == id {
				return i
			}
		}
		list = append(list, poll.Poll{})
		return len(list) - 1
	}
	for _, e := range events {
		var data struct {
			Poll *poll.Poll
			Vote *poll.Vote
		}
		if err := json.Unmarshal(e.Data, &data); err != nil {
			t.Fatal(err)
		}
		if p := data.Poll; p != nil {
			list[at(p.ID)] = *p
		}
		if v := data.Vote; v != nil {
			i := at(v.Poll)
			list[i].Votes[v.User] = v.Ballot
			if v.Tally != nil {
				list[i].Tally = v.Tally
			}
		}
	}
	return list
}

// TestPollsAreWhatTheirEventsSay goes through all kinds, by name and anonymous,
// and compares what is read afresh with what the events made, at each step.
func TestPollsAreWhatTheirEventsSay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		aWorkshop(t, db)
		j := journal.New(db)
		s := poll.New(db, j, guarded)
		same := func(when string) {
			t.Helper()
			fresh, err := s.List(t.Context(), "w")
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(fresh, live(t, j)); d != "" {
				t.Errorf("%s: read afresh (-) and by events (+):\n%s", when, d)
			}
		}
		abc := []string{"A", "B", "C"}
		for _, c := range []struct {
			new     poll.NewPoll
			ballots []poll.Ballot // of ana, bo, cy; and then ana again
			counts  []int
			first   []int
		}{
			{poll.NewPoll{Kind: poll.YesNo}, []poll.Ballot{{0}, {1}, {0}, {2}}, []int{1, 1, 1}, nil},
			{poll.NewPoll{Kind: poll.Choice, Options: abc}, []poll.Ballot{{2}, {2}, {1}, {0}}, []int{1, 1, 1}, nil},
			{poll.NewPoll{Kind: poll.Ranking, Options: abc}, []poll.Ballot{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {2, 1, 0}}, []int{6, 6, 6}, []int{1, 1, 1}},
			{poll.NewPoll{Kind: poll.Dots, Options: abc, Dots: 4}, []poll.Ballot{{4, 0, 0}, {1, 1, 2}, {0, 0, 1}, {0, 3, 0}}, []int{1, 4, 3}, nil},
		} {
			name := string(c.new.Kind)
			c.new.Question, c.new.About = "What of "+name+"?", "proposal:p"
			p := ask(t, s, c.new)
			same(name + " made")
			if _, err := s.Vote(t.Context(), "w", "ana", p.ID, c.ballots[0]); fault.CodeOf(err) != fault.Conflict {
				t.Errorf("a vote before it is open: %v", err)
			}
			if _, err := s.Open(t.Context(), "w", "ana", p.ID); err != nil {
				t.Fatal(err)
			}
			for i, b := range c.ballots {
				if _, err := s.Vote(t.Context(), "w", people[i%3], p.ID, b); err != nil {
					t.Fatal(err)
				}
				same(fmt.Sprintf("%s, vote %d", name, i))
			}
			p, err := s.Close(t.Context(), "w", "ana", p.ID)
			if err != nil || p.Tally.Ballots != 3 || cmp.Diff(p.Tally.Counts, c.counts) != "" || cmp.Diff(p.Tally.First, c.first) != "" {
				t.Errorf("%s: %+v, %v", name, p.Tally, err)
			}
			same(name + " closed")
			if known, err := s.Get(t.Context(), "w", p.ID); err != nil || cmp.Diff(known.Votes["ana"], c.ballots[3]) != "" || len(known.Votes) != 3 {
				t.Errorf("%s: votes are %v, %v", name, known.Votes, err)
			}

			c.new.Anonymous, c.new.Open = true, true
			p = ask(t, s, c.new)
			for i, b := range c.ballots[1:] {
				for range 2 { // a repeat changes nothing
					if _, err := s.Cast(t.Context(), "w", people[i], p.ID, b); err != nil {
						t.Fatal(err)
					}
				}
				same(name + ", anonymous")
			}
			if _, err := s.Vote(t.Context(), "w", "di", p.ID, c.ballots[0]); fault.CodeOf(err) != fault.Conflict {
				t.Errorf("a vote by name in an anonymous poll: %v", err)
			}
			p, err = s.Close(t.Context(), "w", "ana", p.ID)
			if err != nil || p.Tally.Ballots != 3 || cmp.Diff(p.Tally.Counts, c.counts) != "" || cmp.Diff(p.Tally.First, c.first) != "" {
				t.Errorf("%s, anonymous: %+v, %v", name, p.Tally, err)
			}
			same(name + ", anonymous, closed")
		}
	})
}

// TestVotesAtOnceAreAllCounted has a poll closed while people vote: who was
// told that the vote counts is in the sums.
func TestVotesAtOnceAreAllCounted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		aWorkshop(t, db)
		s := poll.New(db, journal.New(db), guarded)
		for i := range 40 {
			if err := db.Exec(`INSERT INTO users (id, name, organisation, created_at) VALUES (?, 'V', '', '2026-01-01 00:00:00')`, fmt.Sprint("v", i)).Error; err != nil {
				t.Fatal(err)
			}
		}
		id := ask(t, s, poll.NewPoll{Kind: poll.YesNo, Question: "Now?", Anonymous: true, Open: true}).ID
		var p poll.Poll
		var voters sync.WaitGroup
		var mu sync.Mutex
		counted := 0
		for i := range 40 {
			voters.Go(func() {
				if _, err := s.Cast(t.Context(), "w", fmt.Sprint("v", i), id, poll.Ballot{i % 2}); err == nil {
					mu.Lock()
					counted++
					mu.Unlock()
				}
			})
			if i == 30 {
				voters.Go(func() {
					var err error
					if p, err = s.Close(t.Context(), "w", "ana", id); err != nil {
						t.Error(err)
					}
				})
			}
		}
		voters.Wait()
		if p.Tally.Ballots != counted && !(p.Tally.Withheld && counted < poll.MinAnonymous) {
			t.Errorf("%d were told that they voted, the result has %+v", counted, p.Tally)
		}
	})
}

// TestARestartForgetsAndAsksAgain opens the polls of a database as the process
// after does.
func TestARestartForgetsAndAsksAgain(t *testing.T) {
	db := storetest.Open(t)
	aWorkshop(t, db)
	j := journal.New(db)
	s := poll.New(db, j, guarded)
	named := ask(t, s, poll.NewPoll{Kind: poll.YesNo, Question: "By name?", Open: true})
	p := ask(t, s, poll.NewPoll{Kind: poll.YesNo, Question: "Anonymous?", Anonymous: true, Open: true})
	vote := func(who string) {
		t.Helper()
		if _, err := s.Cast(t.Context(), "w", who, p.ID, poll.Ballot{0}); err != nil {
			t.Fatal(err)
		}
	}
	vote("ana")
	if _, err := s.Vote(t.Context(), "w", "ana", named.ID, poll.Ballot{1}); err != nil {
		t.Fatal(err)
	}
	s = poll.New(db, j, guarded)
	if _, err := s.Cast(t.Context(), "w", "bo", p.ID, poll.Ballot{0}); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("a vote for the urn of another process: %v", err)
	}
	if _, err := s.Close(t.Context(), "w", "ana", p.ID); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("closing with the urn of another process: %v", err)
	}
	for range 2 { // the second finds nothing to do
		if err := s.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.List(t.Context(), "w")
	if err != nil || len(list[0].Votes) != 1 || len(list[1].Votes) != 0 || list[1].Restarts != 1 {
		t.Fatalf("after a restart: %+v, %v", list, err)
	}
	if d := cmp.Diff(list, live(t, j)); d != "" {
		t.Errorf("read afresh (-) and by events (+):\n%s", d)
	}
	vote("ana")
	vote("bo")
	if p, err = s.Close(t.Context(), "w", "ana", p.ID); err != nil || !p.Tally.Withheld || p.Tally.Ballots != 0 || len(p.Tally.Counts) != 0 {
		t.Errorf("two votes tell %+v, %v", p.Tally, err)
	}
}

func TestPollsAndBallotsThatAreRefused(t *testing.T) {
	db := storetest.Open(t)
	aWorkshop(t, db)
	j := journal.New(db)
	s := poll.New(db, j, guarded)
	long := strings.Repeat("é", 301)
	for name, c := range map[string]struct {
		field string
		new   poll.NewPoll
	}{
		"no question":       {"question", poll.NewPoll{Kind: poll.YesNo, Question: " "}},
		"long question":     {"question", poll.NewPoll{Kind: poll.YesNo, Question: long}},
		"two lines":         {"question", poll.NewPoll{Kind: poll.YesNo, Question: "a\nb"}},
		"no kind":           {"kind", poll.NewPoll{Kind: "else", Question: "a", Options: []string{"a", "b"}}},
		"one option":        {"options", poll.NewPoll{Kind: poll.Choice, Question: "a", Options: []string{"a", ""}}},
		"twice":             {"options", poll.NewPoll{Kind: poll.Choice, Question: "a", Options: []string{"a", "a "}}},
		"long option":       {"options[1]", poll.NewPoll{Kind: poll.Choice, Question: "a", Options: []string{"a", long}}},
		"too many":          {"options", poll.NewPoll{Kind: poll.Choice, Question: "a", Options: strings.Split(strings.Repeat("ab ", 3)+"c d e f g h i j k l m n o p q r s t u v w", " ")}},
		"less than no dots": {"dots", poll.NewPoll{Kind: poll.Dots, Question: "a", Options: []string{"a", "b"}, Dots: -1}},
		"must not be said":  {"body", poll.NewPoll{Kind: poll.Choice, Question: "a", Options: []string{"a", "krait"}}},
	} {
		_, err := s.Make(t.Context(), "w", "ana", c.new)
		if f, ok := err.(*fault.Error); !ok || f.Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	for kind, ballots := range map[poll.Kind][]poll.Ballot{
		poll.YesNo:   {nil, {3}, {-1}, {0, 1}},
		poll.Choice:  {{}, {2}},
		poll.Ranking: {{0}, {0, 0}, {0, 2}, {-1, 0}, {0, 1, 0}},
		poll.Dots:    {{1}, {0, 0}, {2, 2}, {-1, 1}, {1, 1, 0}, {1 << 62, 1 << 62}},
	} {
		p := ask(t, s, poll.NewPoll{Kind: kind, Question: "a", Options: []string{"a", "b"}, Open: true})
		for _, b := range ballots {
			_, err := s.Vote(t.Context(), "w", "ana", p.ID, b)
			if f, ok := err.(*fault.Error); !ok || f.Field != "ballot" {
				t.Errorf("%s %v: %v", kind, b, err)
			}
		}
		if _, err := s.Open(t.Context(), "w", "ana", p.ID); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("opened twice: %v", err)
		}
	}
	for _, fn := range []func(string) error{
		func(id string) error { _, err := s.Get(t.Context(), "w", id); return err },
		func(id string) error { _, err := s.Open(t.Context(), "w", "ana", id); return err },
		func(id string) error { _, err := s.Close(t.Context(), "w", "ana", id); return err },
		func(id string) error { _, err := s.Vote(t.Context(), "w", "ana", id, poll.Ballot{0}); return err },
		func(id string) error { _, err := s.Cast(t.Context(), "w", "ana", id, poll.Ballot{0}); return err },
	} {
		if err := fn("nothing"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("no such poll: %v", err)
		}
	}
	if head, err := j.Head(t.Context(), "w"); err != nil || head != 4 {
		t.Errorf("head is %d, %v", head, err)
	}
}
