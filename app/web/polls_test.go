package web_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/atelier-attack/atelier/app"
	"github.com/atelier-attack/atelier/app/web"
	"github.com/atelier-attack/atelier/realtime/poll"
)

// logged is a log that tests read while it is written.
type logged struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.text.Bytes())
}

// member makes somebody a participant.
func (s *site) member(host *browser, workshop, name string) *browser {
	s.t.Helper()
	in := get[web.Invitation](host, "/api/workshops/"+workshop+"/invitation")
	b := s.signIn(name, false, false)
	if _, err := s.Workshops.Join(s.t.Context(), in.Code, b.user.ID); err != nil {
		s.t.Fatal(err)
	}
	return b
}

// TestAnAnonymousVoteIsInNoByte has four people spread so many dots that each
// number says who it is from, and looks for these, for their sums before the
// end, and for hashes of what was asked for, in every byte of the database, its
// log, a copy, and all that was logged. The sums at the end are found, else the
// search would be worth nothing.
func TestAnAnonymousVoteIsInNoByte(t *testing.T) {
	data, log := folder(t), &logged{}
	s := startLogged(t, data, app.ServeConfig{Listen: "127.0.0.1:0"}, slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	fay := s.signIn("Fay", true, false)
	w := fay.newWorkshop().ID
	polls := "/api/workshops/" + w + "/polls"
	p := must[poll.Poll](fay, "POST", polls, `{"kind":"dots","question":"Where next?","options":["Here","There"],"dots":900000,"anonymous":true,"open":true}`)
	hashes, secret := map[string]string{}, map[string][2]int{} // what must not be found
	var sums [2]int
	path := polls + "/" + p.ID + "/cast"
	for i, ballot := range [][2]int{{734159, 120847}, {418337, 351193}, {292561, 567143}, {645653, 131727}} {
		voter := s.member(fay, w, fmt.Sprint("Voter ", i))
		body := fmt.Sprintf(`{"ballot":[%d,%d]}`, ballot[0], ballot[1])
		for range 2 {
			v := must[poll.Vote](voter, "POST", path, body, "Idempotency-Key", "k")
			if v.Tally != nil || len(v.Ballot) > 0 {
				t.Errorf("a vote was answered with %+v", v)
			}
		}
		if r := voter.ask("POST", path, `{"ballot":[1000000,1]}`); r.status != 422 {
			t.Errorf("too many dots: %d", r.status)
		}
		if r := voter.ask("POST", polls+"/"+p.ID+"/vote", body, "Idempotency-Key", "n"); r.status != 409 {
			t.Errorf("the same by name: %d", r.status)
		}
		for option := range sums {
			sums[option] += ballot[option]
		}
		secret[fmt.Sprint("ballot ", i)] = ballot
		if i > 0 && i < 3 {
			secret[fmt.Sprint("the sums after ballot ", i)] = sums
		}
		for _, text := range []string{body, fmt.Sprintf("POST %s\n%s", path, body), fmt.Sprintf("[%d,%d]", ballot[0], ballot[1])} {
			sum := sha256.Sum256([]byte(text))
			hashes[string(sum[:])], hashes[hex.EncodeToString(sum[:])] = fmt.Sprint("hash of ballot ", i), fmt.Sprint("hash of ballot ", i)
		}
	}
	final := map[string][2]int{"the result": sums}
	before := everyByte(t, s, data, log)
	if what := append(pairs(before, secret), found(before, hashes)...); len(what) > 0 {
		t.Errorf("before the end there is %v", what)
	}
	if what := pairs(before, final); len(what) > 0 {
		t.Errorf("the result is there before the end: %v", what)
	}
	done := must[poll.Poll](fay, "POST", polls+"/"+p.ID+"/close", "", "Idempotency-Key", "c")
	if done.Tally == nil || done.Tally.Ballots != 4 || done.Tally.Counts[0] != sums[0] || done.Tally.Counts[1] != sums[1] || len(done.Votes) > 0 {
		t.Fatalf("closed as %+v", done)
	}
	after := everyByte(t, s, data, log)
	if what := append(pairs(after, secret), found(after, hashes)...); len(what) > 0 {
		t.Errorf("at the end there is %v", what)
	}
	if len(pairs(after, final)) == 0 || !bytes.Contains(after, []byte(path[:20])) && !bytes.Contains(after, []byte("poll.closed")) {
		t.Error("the search does not find what is there")
	}
	if !bytes.Contains(log.bytes(), []byte("/cast")) {
		t.Errorf("the log was not looked at: %.200s", log.bytes())
	}
	if known := get[poll.Poll](fay, polls+"/"+p.ID); len(known.Votes) != 4 { // who has voted is known
		t.Errorf("voted have %v", known.Votes)
	}
}

// written gives the ways in which a number could be written: as digits, and as
// the three bytes that a column of SQLite or a Go program needs for it.
func written(n int) map[string][]byte {
	return map[string][]byte{
		"decimal": []byte(strconv.Itoa(n)), "hexadecimal": fmt.Appendf(nil, "%x", n),
		"big endian": {byte(n >> 16), byte(n >> 8), byte(n)}, "little endian": {byte(n), byte(n >> 8), byte(n >> 16)},
	}
}

// pairs names those of which both numbers are there, near each other and written
// in one way. A single one stands in megabytes of ids by chance.
func pairs(in []byte, what map[string][2]int) (names []string) {
	const near = 512
	for name, both := range what {
		second := written(both[1])
		for way, first := range written(both[0]) {
			for at := 0; ; at++ {
				next := bytes.Index(in[at:], first)
				if next < 0 {
					break
				}
				at += next
				if bytes.Contains(in[max(0, at-near):min(len(in), at+near)], second[way]) {
					names = append(names, name+", "+way)
					break
				}
			}
		}
	}
	return names
}

// TestPairs finds ballots however they are written, and no number alone.
func TestPairs(t *testing.T) {
	ballot := [2]int{734159, 120847}
	for way, first := range written(ballot[0]) {
		second := written(ballot[1])[way]
		there := slices.Concat([]byte("before"), first, make([]byte, 300), second)
		if got := pairs(there, map[string][2]int{"it": ballot}); !slices.Equal(got, []string{"it, " + way}) {
			t.Errorf("%s: %v", way, got)
		}
		if got := pairs(slices.Concat(first, make([]byte, 600), second), map[string][2]int{"it": ballot}); len(got) > 0 {
			t.Errorf("%s, far away: %v", way, got)
		}
	}
}

func found(in []byte, what map[string]string) (names []string) {
	for text, name := range what {
		if bytes.Contains(in, []byte(text)) {
			names = append(names, fmt.Sprintf("%s as %q", name, text))
		}
	}
	return names
}

// everyByte gives all files of a folder, a copy of its database as a backup
// makes it, and the log.
func everyByte(t *testing.T, s *site, data string, log *logged) []byte {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "backup.db")
	if err := s.DB.Exec("VACUUM INTO ?", copied).Error; err != nil {
		t.Fatal(err)
	}
	all := log.bytes()
	wal := false
	for _, folder := range []string{data, filepath.Dir(copied)} {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			wal = wal || strings.HasSuffix(path, "-wal") && len(content) > 0
			all = append(all, content...)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !wal {
		t.Error("there is no write-ahead log to look at")
	}
	return all
}

// TestPollsByRole has each role try what there is.
func TestPollsByRole(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	w := fay.newWorkshop().ID
	ana, olga := s.member(fay, w, "Ana"), s.member(fay, w, "Olga")
	must[json.RawMessage](fay, "PATCH", "/api/workshops/"+w+"/members/"+olga.user.ID, `{"roles":["observer"]}`)
	polls := "/api/workshops/" + w + "/polls"
	ask := `{"kind":"yes_no","question":"Is it good?"}`
	if r := ana.ask("POST", polls, ask); r.status != 403 {
		t.Errorf("a participant makes a poll: %d", r.status)
	}
	for _, about := range []string{"proposal:none", "object:none", "else:x"} {
		if r := fay.ask("POST", polls, ask[:len(ask)-1]+`,"about":"`+about+`"}`); r.status != 404 && r.status != 422 {
			t.Errorf("about %s: %d %s", about, r.status, r.body)
		}
	}
	p := must[poll.Poll](fay, "POST", polls, ask)
	one := polls + "/" + p.ID
	for _, b := range []*browser{ana, olga} {
		if r := b.ask("POST", one+"/open", ""); r.status != 403 {
			t.Errorf("%s opens a poll: %d", b.user.Name, r.status)
		}
	}
	must[poll.Poll](fay, "POST", one+"/open", "")
	if r := olga.ask("POST", one+"/vote", `{"ballot":[0]}`); r.status != 403 {
		t.Errorf("an observer votes: %d", r.status)
	}
	first := ana.ask("POST", one+"/vote", `{"ballot":[0]}`, "Idempotency-Key", "k")
	again := ana.ask("POST", one+"/vote", `{"ballot":[0]}`, "Idempotency-Key", "k")
	if first.status != 200 || !bytes.Equal(first.body, again.body) {
		t.Errorf("a repeat: %d %s and %s", first.status, first.body, again.body)
	}
	room := get[web.Room](olga, "/api/workshops/"+w)
	if len(room.Polls) != 1 || room.Polls[0].Tally.Counts[0] != 1 || room.Polls[0].Votes[ana.user.ID] == nil || room.Feed[0].Kind != poll.KindVoted {
		t.Errorf("an observer sees %+v", room.Polls)
	}
	if r := ana.ask("POST", one+"/close", ""); r.status != 403 {
		t.Errorf("a participant closes a poll: %d", r.status)
	}
	must[poll.Poll](fay, "POST", one+"/close", "")
	if r := ana.ask("POST", one+"/vote", `{"ballot":[1]}`); r.status != 409 {
		t.Errorf("a vote after the end: %d", r.status)
	}
}
