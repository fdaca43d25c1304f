package poll_test

import (
	"fmt"
	"sync"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/bus"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/poll"
)

// server is one of several on a database.
func server(t *testing.T, db *gorm.DB, line *bus.Line) (*poll.Polls, bus.Bus) {
	t.Helper()
	end := line.Join()
	t.Cleanup(func() {
		if err := end.Close(); err != nil {
			t.Error(err)
		}
	})
	s := poll.New(db, journal.New(db), guarded)
	if err := s.Join(end); err != nil {
		t.Fatal(err)
	}
	if err := s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, end
}

// TestServersHandVotesOn has people vote on two servers in a poll that one of
// them keeps, and closes it on the other.
func TestServersHandVotesOn(t *testing.T) {
	db, line := storetest.OpenPostgres(t), bus.NewLine()
	aWorkshop(t, db)
	one, _ := server(t, db, line)
	p := ask(t, one, poll.NewPoll{Kind: poll.YesNo, Question: "Anonymous?", Anonymous: true, Open: true})
	two, _ := server(t, db, line)
	var voting sync.WaitGroup
	for i, who := range people {
		for _, s := range []*poll.Polls{two, one, two} { // two times too many
			voting.Go(func() {
				if _, err := s.Cast(t.Context(), "w", who, p.ID, poll.Ballot{i % 2}); err != nil {
					t.Errorf("%s: %v", who, err)
				}
			})
		}
	}
	voting.Wait()
	if _, err := two.Cast(t.Context(), "w", "ana", p.ID, poll.Ballot{7}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("no ballot: %v", err)
	}
	ctx := journal.WithRequest(t.Context(), "ana", "key", "hash")
	first, err := two.Close(ctx, "w", "ana", p.ID)
	if err != nil || fmt.Sprint(first.Tally.Counts) != "[2 2 0]" {
		t.Fatalf("the result is %+v, %v", first.Tally, err)
	}
	for _, s := range []*poll.Polls{one, two} { // the answer may have been lost
		if again, err := s.Close(ctx, "w", "ana", p.ID); err != nil || fmt.Sprint(again.Tally) != fmt.Sprint(first.Tally) {
			t.Errorf("a repeat is answered %+v, %v", again.Tally, err)
		}
	}
	if _, err := two.Close(t.Context(), "w", "ana", p.ID); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("once more: %v", err)
	}
}

// TestAServerTakesOverFromOneThatIsGone has another vote come in after the one
// that kept the poll has gone, and come back.
func TestAServerTakesOverFromOneThatIsGone(t *testing.T) {
	db, line := storetest.OpenPostgres(t), bus.NewLine()
	aWorkshop(t, db)
	one, end := server(t, db, line)
	p := ask(t, one, poll.NewPoll{Kind: poll.YesNo, Question: "Anonymous?", Anonymous: true, Open: true})
	two, _ := server(t, db, line)
	cast := func(s *poll.Polls, who string) {
		t.Helper()
		if _, err := s.Cast(t.Context(), "w", who, p.ID, poll.Ballot{0}); err != nil {
			t.Fatal(err)
		}
	}
	cast(one, "ana")
	if err := end.Close(); err != nil {
		t.Fatal(err)
	}
	cast(two, "bo")
	now, err := two.Get(t.Context(), "w", p.ID)
	if err != nil || now.Restarts != 1 || len(now.Votes) != 1 {
		t.Errorf("it was restarted %d times, and has %v: %v", now.Restarts, now.Votes, err)
	}
	for _, who := range people {
		cast(two, who)
	}
	// The first one is alive after all, and reaches nobody.
	if _, err := one.Close(t.Context(), "w", "ana", p.ID); err == nil {
		t.Error("who does not have the votes closed the poll")
	}
	if p, err = two.Close(t.Context(), "w", "ana", p.ID); err != nil || p.Tally.Ballots != 4 {
		t.Errorf("the result is %+v, %v", p.Tally, err)
	}
}
