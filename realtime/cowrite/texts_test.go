package cowrite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(killedIn); folder != "" {
		writeUntilKilled(folder)
	}
	os.Exit(storetest.Main(m))
}

// TestAllHaveTheSameTextInTheEnd is the promise of the package.
func TestAllHaveTheSameTextInTheEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		servers := 1
		if db.Name() == "postgres" {
			servers = 2
		}
		cases(t, db, servers, func(int) editor { return &modelled{} })
	})
}

// TestTwoServersWriteOneTextAtOnce has people press keys as fast as they can, on
// both.
func TestTwoServersWriteOneTextAtOnce(t *testing.T) {
	db := storetest.OpenPostgres(t)
	servers := []*Texts{begun(t, db, DefaultLimits(), ""), started(t, db, DefaultLimits())}
	const people, letters = 6, 40
	var writing sync.WaitGroup
	for i := range people {
		writing.Go(func() {
			texts := servers[i%2]
			for n := range letters {
				now, err := texts.Read(t.Context(), essay)
				if err == nil {
					var c Changes
					c.replace(0, utf16.Encode([]rune{letter(2 * (i*letters + n))}))
					c.keep(len(utf16.Encode([]rune(now.Text))))
					_, err = texts.Push(t.Context(), essay, Push{"ana", fmt.Sprint(i), now.Version, int64(n) + 1, []Changes{c}})
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writing.Wait()
	found := map[rune]int{}
	for i, texts := range servers {
		now, err := texts.Read(t.Context(), essay)
		if err != nil || now.Version != people*letters {
			t.Errorf("server %d has version %d: %v", i, now.Version, err)
		}
		for _, l := range now.Text {
			found[l]++
		}
	}
	for n := range people * letters {
		if l := letter(2 * n); found[l] != 2 {
			t.Errorf("letter %d of %d is there %d times on both", n, people*letters, found[l])
		}
	}
}

// TestAllHaveTheSameTextInTheEndWithCodeMirror has the editors of browsers.
func TestAllHaveTheSameTextInTheEndWithCodeMirror(t *testing.T) {
	c := startCodemirror(t)
	cases(t, storetest.Open(t), 1, func(i int) editor { return &real{c, i} })
}

var essay = Name{"draft:1", "description"}

// begun gives the authority of a database with one text.
func begun(t *testing.T, db *gorm.DB, l Limits, text string) *Texts {
	t.Helper()
	if err := Begin(db, essay, text); err != nil {
		t.Fatal(err)
	}
	return started(t, db, l)
}

func started(t testing.TB, db *gorm.DB, l Limits) *Texts {
	t.Helper()
	texts := Start(db, slog.New(slog.DiscardHandler), l)
	t.Cleanup(func() {
		if err := texts.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return texts
}

// push makes a push of changes as JSON.
func push(t testing.TB, client string, version, first int64, changes ...string) Push {
	t.Helper()
	p := Push{Author: "ana", Client: client, Version: version, First: first}
	for _, text := range changes {
		p.Changes = append(p.Changes, parsed(t, json.RawMessage(text)))
	}
	return p
}

func mustPush(t testing.TB, texts *Texts, p Push) Pushed {
	t.Helper()
	pushed, err := texts.Push(t.Context(), essay, p)
	if err != nil {
		t.Fatal(err)
	}
	return pushed
}

func refused(t testing.TB, texts *Texts, p Push, want fault.Code) *fault.Error {
	t.Helper()
	_, err := texts.Push(t.Context(), essay, p)
	var known *fault.Error
	if !errors.As(err, &known) || known.Code != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	return known
}

func reads(t testing.TB, texts *Texts, version int64, text string) {
	t.Helper()
	now, err := texts.Read(t.Context(), essay)
	if err != nil {
		t.Fatal(err)
	}
	if now != (Text{version, text}) {
		t.Fatalf("it reads %v, not %d %q", now, version, text)
	}
}

func TestARepeatIsTakenOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		texts := begun(t, db, DefaultLimits(), "ab")
		first := push(t, "one", 0, 1, `[1,[0,"x"],1]`)
		if got := mustPush(t, texts, first); got.Version != 1 || len(got.Updates) != 1 {
			t.Errorf("the answer is %v", got)
		}
		mustPush(t, texts, push(t, "two", 0, 1, `[[1],1]`)) // deletes the a
		again := started(t, db, DefaultLimits())            // as after a crash
		if got := mustPush(t, again, first); got.Version != 2 || len(got.Updates) != 2 {
			t.Errorf("the answer to the repeat is %v", got)
		}
		reads(t, again, 2, "xb")
		// The page did not hear of it, and has typed on.
		more := push(t, "one", 0, 1, `[1,[0,"x"],1]`, `[2,[0,"y"],1]`)
		if got := mustPush(t, again, more); got.Version != 3 || got.Updates[2].Number != 2 {
			t.Errorf("the answer is %v", got)
		}
		mustPush(t, again, first) // comes late
		reads(t, again, 3, "xyb")
	})
}

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	limits := DefaultLimits()
	limits.Length, limits.Changes = 10, 3
	texts := begun(t, storetest.Open(t), limits, "a𝄞b")
	refused(t, texts, push(t, "one", 0, 1, `[3]`), fault.Invalid)
	refused(t, texts, push(t, "one", 0, 1, `[4,[0,"x"]]`, `[4]`), fault.Invalid)
	refused(t, texts, push(t, "one", 0, 1, `[2,[0,"x"],2]`), fault.Invalid)
	refused(t, texts, push(t, "one", 0, 1, `[4,[0,"1234567"]]`), fault.TooLarge)
	refused(t, texts, push(t, "one", 0, 1, `[4]`, `[4]`, `[4]`, `[4]`), fault.Invalid)
	refused(t, texts, push(t, "", 0, 1, `[4]`), fault.Invalid)
	refused(t, texts, push(t, "one\x00", 0, 1, `[4]`), fault.Invalid)
	refused(t, texts, push(t, "one", 0, 0, `[4]`), fault.Invalid)
	refused(t, texts, push(t, "one", -1, 1, `[4]`), fault.Stale)
	gone := refused(t, texts, push(t, "one", 7, 1, `[4]`), fault.Gone)
	if gone.Details != (Text{0, "a𝄞b"}) {
		t.Errorf("it offers %v", gone.Details)
	}
	reads(t, texts, 0, "a𝄞b")
	mustPush(t, texts, push(t, "one", 0, 1, `[4,[0,"123456"]]`))
	reads(t, texts, 1, "a𝄞b123456")
	if _, err := texts.Push(t.Context(), Name{"draft:1", "other"}, push(t, "one", 0, 1, `[1]`)); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a text that is not there: %v", err)
	}
}

// TestTwoPagesWithOneNameAreFound is what a browser's "duplicate tab" can do.
func TestTwoPagesWithOneNameAreFound(t *testing.T) {
	texts := begun(t, storetest.Open(t), DefaultLimits(), "ab")
	mustPush(t, texts, push(t, "one", 0, 1, `[2,[0,"x"]]`))
	refused(t, texts, push(t, "one", 0, 1, `[2,[0,"y"]]`), fault.Conflict)          // another first change
	refused(t, texts, push(t, "one", 1, 1, `[3,[0,"y"]]`), fault.Conflict)          // another one of that number
	refused(t, texts, push(t, "one", 1, 3, `[3,[0,"y"]]`), fault.Conflict)          // one is missing
	refused(t, texts, push(t, "one", 0, 2, `[2,[0,"x"]]`), fault.Conflict)          // a number that is another's
	refused(t, texts, push(t, "one", 0, 1, `[1,[0,"x"],1]`, `[3]`), fault.Conflict) // another place
	bo := push(t, "one", 0, 1, `[2,[0,"z"]]`)
	bo.Author = "bo" // somebody else's editor may have any name
	mustPush(t, texts, bo)
	reads(t, texts, 2, "abxz")
}

func TestWhoIsFarBehindCatchesUp(t *testing.T) {
	limits := DefaultLimits()
	limits.Recent, limits.Store, limits.History = 5, 10, 0
	texts := begun(t, storetest.Open(t), limits, "")
	var all string
	for i := range 40 {
		mustPush(t, texts, push(t, "one", int64(i), int64(i+1), fmt.Sprintf(`[%s[0,"%c"]]`, map[bool]string{true: fmt.Sprintf("%d,", i)}[i > 0], 'а'+i)))
		all += string(rune('а' + i))
	}
	reads(t, texts, 40, all)
	refused(t, texts, push(t, "two", 33, 1, fmt.Sprintf(`[[0,"!"],%d]`, 33-20)), fault.Stale)
	for from := int64(36); from < 40; { // with what has to be read from the database
		updates, err := texts.Since(t.Context(), essay, from, 3)
		if err != nil || len(updates) == 0 || updates[0].Version != from+1 {
			t.Fatalf("since %d: %v, %v", from, updates, err)
		}
		from += int64(len(updates))
	}
	_, err := texts.Since(t.Context(), essay, 3, 100)
	var gone *fault.Error
	if !errors.As(err, &gone) || gone.Code != fault.Gone || gone.Details != (Text{40, all}) {
		t.Errorf("what is dropped: %v", err)
	}
	if _, err := texts.Since(t.Context(), essay, 41, 100); fault.CodeOf(err) != fault.Gone {
		t.Errorf("what never was: %v", err)
	}
	if none, err := texts.Since(t.Context(), essay, 40, 100); err != nil || len(none) > 0 {
		t.Errorf("nothing new: %v, %v", none, err)
	}
}

// TestManyChangesOverManyAreNotWaitedFor has somebody ask for more work than
// one push may make.
func TestManyChangesOverManyAreNotWaitedFor(t *testing.T) {
	limits := DefaultLimits()
	limits.Work = 100
	texts := begun(t, storetest.Open(t), limits, "")
	mustPush(t, texts, push(t, "one", 0, 1, `[[0,"a"]]`, `[1,[0,"b"]]`, `[2,[0,"c"]]`, `[3,[0,"d"]]`, `[4,[0,"e"]]`))
	many := push(t, "two", 0, 1, `[[0,"1"]]`, `[1,[0,"2"]]`, `[2,[0,"3"]]`, `[3,[0,"4"]]`, `[4,[0,"5"]]`, `[5,[0,"6"]]`, `[6,[0,"7"]]`)
	refused(t, texts, many, fault.Stale)
	many.Changes = many.Changes[:2]
	mustPush(t, texts, many)
	reads(t, texts, 7, "abcde12")
}

// TestTwoServersWriteOneText lets each of them have an old text in memory.
func TestTwoServersWriteOneText(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		a := begun(t, db, DefaultLimits(), "")
		b := started(t, db, DefaultLimits())
		mustPush(t, a, push(t, "one", 0, 1, `[[0,"a"]]`))
		mustPush(t, b, push(t, "two", 0, 1, `[[0,"b"]]`))
		mustPush(t, a, push(t, "one", 1, 2, `[1,[0,"c"]]`))
		mustPush(t, b, push(t, "two", 2, 2, `[2,[0,"d"]]`))
		texts := started(t, db, DefaultLimits())
		now, err := texts.Read(t.Context(), essay)
		if err != nil || now.Version != 4 || len(now.Text) != 4 {
			t.Errorf("in the end it is %v, %v", now, err)
		}
	})
}

func TestATextEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		texts := begun(t, db, DefaultLimits(), "a\r\nb")
		mustPush(t, texts, push(t, "one", 0, 1, `[3,[0,"c"]]`))
		bo := push(t, "two", 1, 1, `[4,[0,"d"]]`)
		bo.Author = "bo"
		mustPush(t, texts, bo)
		if err := Begin(db, Name{essay.Topic, "detection"}, "other"); err != nil {
			t.Fatal(err)
		}
		err := db.Transaction(func(tx *gorm.DB) error {
			held, err := Hold(tx, essay.Topic)
			if err != nil {
				return err
			}
			if len(held) != 2 || held["description"] != (Text{2, "a\nbcd"}) || held["detection"] != (Text{0, "other"}) {
				t.Errorf("held are %v", held)
			}
			writers, err := Writers(tx, essay.Topic)
			if fmt.Sprint(writers) != "[ana bo]" {
				t.Errorf("writers are %v", writers)
			}
			return errors.Join(err, End(tx, essay.Topic))
		})
		if err != nil {
			t.Fatal(err)
		}
		refused(t, texts, push(t, "one", 2, 2, `[5,[0,"late"]]`), fault.NotFound)
		if err := Begin(db, essay, "anew"); err != nil {
			t.Fatal(err)
		}
		texts.Forget(essay.Topic)
		mustPush(t, texts, push(t, "one", 0, 1, `[4,[0,"!"]]`))
		reads(t, texts, 1, "anew!")
	})
}

// TestAFullDiskAcknowledgesNothing has SQLite refuse to let the file grow.
func TestAFullDiskAcknowledgesNothing(t *testing.T) {
	db := storetest.Open(t)
	texts := begun(t, db, DefaultLimits(), "")
	var pages int
	if err := db.Raw("PRAGMA page_count").Scan(&pages).Error; err != nil {
		t.Fatal(err)
	}
	if err := db.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Error; err != nil {
		t.Fatal(err)
	}
	large := push(t, "one", 0, 1, fmt.Sprintf(`[[0,"%s"]]`, strings.Repeat("x", 40_000)))
	refused(t, texts, large, fault.Unavailable)
	reads(t, texts, 0, "")
	if err := db.Exec("PRAGMA max_page_count = 1000000").Error; err != nil {
		t.Fatal(err)
	}
	mustPush(t, texts, large)
	reads(t, texts, 1, strings.Repeat("x", 40_000))
}

func TestNoMoreTextsAreInMemoryThanMay(t *testing.T) {
	limits := DefaultLimits()
	limits.Open = 3
	db := storetest.Open(t)
	texts := started(t, db, limits)
	for round := range int64(2) {
		for i := range 10 {
			name := Name{fmt.Sprint(i), "f"}
			if round == 0 {
				if err := Begin(db, name, ""); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := texts.Push(t.Context(), name, push(t, "one", round, round+1, []string{`[[0,"a"]]`, `[1,[0,"b"]]`}[round])); err != nil {
				t.Fatal(err)
			}
			if n := len(texts.open); n > 3 {
				t.Fatalf("%d texts are in memory", n)
			}
		}
	}
}

func TestCloseWritesWhatWaits(t *testing.T) {
	db := storetest.Open(t)
	if err := Begin(db, essay, ""); err != nil {
		t.Fatal(err)
	}
	texts := Start(db, slog.New(slog.DiscardHandler), DefaultLimits())
	var pushing sync.WaitGroup
	acknowledged := make(chan rune, 50)
	some := make(chan bool, 50)
	for i := range 50 {
		pushing.Go(func() {
			_, err := texts.Push(t.Context(), essay, push(t, fmt.Sprint(i), 0, 1, fmt.Sprintf(`[[0,"%c"]]`, 'а'+i)))
			if err == nil {
				acknowledged <- 'а' + rune(i)
			} else if fault.CodeOf(err) != fault.Unavailable {
				t.Error(err)
			}
			some <- true
		})
	}
	<-some
	if err := texts.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	held, err := Hold(db, essay.Topic) // nothing is written after this
	if err != nil {
		t.Fatal(err)
	}
	pushing.Wait()
	close(acknowledged)
	n := 0
	for r := range acknowledged {
		n++
		if !strings.ContainsRune(held[essay.Field].Text, r) {
			t.Errorf("%c was acknowledged", r)
		}
	}
	if written := utf8.RuneCountInString(held[essay.Field].Text); n == 0 || n != written {
		t.Errorf("%d were acknowledged, %d are written", n, written)
	}
	refused(t, texts, push(t, "late", 0, 1, `[[0,"!"]]`), fault.Unavailable)
}

// TestEverybodyIsToldAfterTheCommit has who is told come and look.
func TestEverybodyIsToldAfterTheCommit(t *testing.T) {
	texts := begun(t, storetest.Open(t), DefaultLimits(), "")
	heard := make(chan []Update, 10)
	texts.Notify(func(name Name) {
		updates, err := texts.Since(context.Background(), name, 0, 10)
		if err != nil {
			t.Error(err)
		}
		heard <- updates
	})
	mustPush(t, texts, push(t, "one", 0, 1, `[[0,"a"]]`))
	select {
	case updates := <-heard: // before the answer
		if len(updates) != 1 || updates[0].Author != "ana" {
			t.Errorf("heard of %v", updates)
		}
	default:
		t.Error("nobody was told")
	}
}
