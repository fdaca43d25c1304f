package cowrite

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/atelier-attack/atelier/app/store"
)

// killedIn names the folder for a process that writes until it is killed, and
// killedRound says which one it is, so that each has letters of its own.
const killedIn, killedRound = "COWRITE_KILLED_IN", "COWRITE_KILLED_ROUND"

const killedTexts, killedWriters, killedLetters = 3, 4, 60

// writeUntilKilled has several people type letters, each a new one, and prints
// each as soon as it is acknowledged.
func writeUntilKilled(folder string) {
	ctx := context.Background()
	round, err := strconv.Atoi(os.Getenv(killedRound))
	if err != nil {
		log.Fatal(err)
	}
	db, err := store.Open(ctx, store.Config{DataDir: folder})
	if err != nil {
		log.Fatal(err)
	}
	texts := Start(db, slog.Default(), DefaultLimits())
	var said sync.Mutex
	var writing sync.WaitGroup
	for i := range killedTexts * killedWriters {
		writing.Go(func() {
			name := Name{fmt.Sprint("killed ", i%killedTexts), "text"}
			for number := range killedLetters {
				now, err := texts.Read(ctx, name)
				if err != nil {
					log.Fatal(err)
				}
				var c Changes
				l := string(letter((round*killedTexts*killedWriters+i)*killedLetters + number))
				c.replace(0, utf16.Encode([]rune(l)))
				c.keep(len(utf16.Encode([]rune(now.Text))))
				if _, err := texts.Push(ctx, name, Push{"ana", fmt.Sprint(round, " ", i), now.Version, int64(number) + 1, []Changes{c}}); err != nil {
					log.Fatal(err)
				}
				said.Lock()
				fmt.Println(name.Topic + "=" + l)
				said.Unlock()
			}
		})
	}
	writing.Wait()
	select {} // until it is killed
}

// TestAKillLosesNothingAcknowledged kills a process that writes, again and
// again.
func TestAKillLosesNothingAcknowledged(t *testing.T) {
	folder := t.TempDir()
	db, err := store.Open(t.Context(), store.Config{DataDir: folder})
	if err != nil {
		t.Fatal(err)
	}
	for i := range killedTexts {
		if err := Begin(db, Name{fmt.Sprint("killed ", i), "text"}, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(db); err != nil {
		t.Fatal(err)
	}
	acknowledged := map[string][]string{}
	for kill := range 5 {
		killAfter(t, folder, kill, 20+70*kill, acknowledged)
		db, err := store.Open(t.Context(), store.Config{DataDir: folder})
		if err != nil {
			t.Fatal(err)
		}
		for topic, letters := range acknowledged {
			held, err := Hold(db, topic)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range letters {
				if n := strings.Count(held["text"].Text, l); n != 1 {
					t.Errorf("%s was acknowledged and is there %d times", l, n)
				}
			}
		}
		if err := store.Close(db); err != nil {
			t.Fatal(err)
		}
	}
}

func killAfter(t *testing.T, folder string, round, lines int, acknowledged map[string][]string) {
	t.Helper()
	run := exec.CommandContext(t.Context(), os.Args[0])
	run.Env = append(os.Environ(), killedIn+"="+folder, fmt.Sprint(killedRound, "=", round))
	run.Stderr = os.Stderr
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	for n := 0; said.Scan(); n++ {
		topic, l, _ := strings.Cut(said.Text(), "=")
		acknowledged[topic] = append(acknowledged[topic], l)
		if n == lines {
			if err := run.Process.Kill(); err != nil { // what it said before is still read
				t.Fatal(err)
			}
		}
	}
	if err := run.Wait(); err == nil || len(acknowledged) == 0 {
		t.Fatalf("it was not killed while it wrote: %v, %v", err, acknowledged)
	}
}
