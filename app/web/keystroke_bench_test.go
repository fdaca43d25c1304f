package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/atelier-attack/atelier/app"
	"github.com/atelier-attack/atelier/realtime/cowrite"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
)

// What a letter may take from who types it to the others in its text, in the
// middle of all, while so many texts are written at once.
const (
	keystroke    = 50 * time.Millisecond
	writtenTexts = 25
	writers      = 8 // in each
	letters      = 25
	typing       = 200 * time.Millisecond // between two letters of one person
)

// BenchmarkKeystroke has 8 people in each of 25 texts type 5 letters a second,
// each over HTTP and with a websocket of their own, and measures when the
// others have each letter. The people's programs and the server share the
// machine. The floor is a websocket that says the same bytes back.
func BenchmarkKeystroke(b *testing.B) {
	a, address, _ := serveForBench(b, "enterprise-attack-18.1.json.gz")
	room := openTexts(b, a, address)
	var heard []time.Duration
	for b.Loop() {
		heard = room.write(b)
	}
	update, err := json.Marshal(map[string]any{"type": "updates", "text": review.TextsOf("00000000-0000-4000-9000-000000000001"), "field": attack.FieldDescription,
		"updates": []any{map[string]any{"version": 1000, "author": "00000000-0000-4000-9000-000000000002", "client": "00000000000000000000000000000000", "number": 100, "changes": []any{[]any{0, "x"}, 999}}}})
	if err != nil {
		b.Fatal(err)
	}
	reportHeard(b, heard, update, keystroke)
}

// texts are drafts of a workshop, in which all of it write.
type texts struct {
	benchRoom
	drafts []string
}

func openTexts(b *testing.B, a *app.Atelier, address string) texts {
	r := texts{benchRoom: openBenchRoom(b, a, address, writers)}
	actor := review.Actor{User: r.users[0], Workshop: r.workshop, Roles: []review.Role{review.Participant}}
	for range writtenTexts {
		d, err := a.Proposals.Start(b.Context(), actor, "enterprise-attack", review.NewProposal{Kind: attack.NewTechnique})
		if err != nil {
			b.Fatal(err)
		}
		if _, err = a.Proposals.Invite(b.Context(), actor, d.Proposal.ID, review.Authors{Users: r.users[1:]}); err != nil {
			b.Fatal(err)
		}
		if _, err = a.Proposals.OpenTexts(b.Context(), actor, d.Proposal.ID); err != nil {
			b.Fatal(err)
		}
		r.drafts = append(r.drafts, d.Proposal.ID)
	}
	return r
}

// write lets all type, and gives how long each letter took to each of the
// others.
func (r texts) write(b *testing.B) []time.Duration {
	var typed sync.Map // when each letter was typed, by its client and number
	heard := make([][]time.Duration, len(r.drafts)*writers)
	var listening, all sync.WaitGroup
	ctx, stop := context.WithCancel(b.Context())
	run := rand.Uint32()
	for i, draft := range r.drafts {
		for j, cookie := range r.cookies {
			client := fmt.Sprint(run, " ", i, " ", j)
			start, err := r.version(draft, cookie)
			if err != nil {
				b.Fatal(err)
			}
			ws := r.follow(b, draft, cookie, start)
			listening.Go(func() {
				stopped := context.AfterFunc(ctx, func() { _ = ws.Close() })
				defer stopped()
				heard[i*writers+j] = listen(ws, client, &typed)
			})
			all.Go(func() {
				if err := r.types(draft, cookie, client, start, &typed); err != nil {
					b.Error(err)
				}
			})
		}
	}
	all.Wait()
	time.Sleep(typing)
	stop()
	listening.Wait()
	return slices.Concat(heard...)
}

func (r texts) text(draft string) string {
	return "/api/workshops/" + r.workshop + "/proposals/" + draft + "/texts/" + attack.FieldDescription
}

func (r texts) version(draft, cookie string) (int64, error) {
	var now cowrite.Text
	err := r.ask("GET", r.text(draft), cookie, "", &now)
	return now.Version, err
}

func (r texts) follow(b *testing.B, draft, cookie string, after int64) *websocket.Conn {
	return r.subscribe(b, cookie, fmt.Sprintf(`{"type":"subscribe","workshop":%q,"text":%q,"field":%q,"after":%d}`, r.workshop, review.TextsOf(draft), attack.FieldDescription, after))
}

// types has one person type at the beginning of a text, in which every change
// is a letter: it is as long as its version says.
func (r texts) types(draft, cookie, client string, version int64, typed *sync.Map) error {
	time.Sleep(rand.N(typing))
	next := time.Now()
	for n := range letters {
		time.Sleep(time.Until(next))
		next = next.Add(typing)
		changes := fmt.Sprintf(`[[0,"x"],%d]`, version)
		if version == 0 {
			changes = `[[0,"x"]]`
		}
		typed.Store(fmt.Sprint(client, " ", n+1), time.Now())
		var pushed cowrite.Pushed
		body := fmt.Sprintf(`{"client":%q,"version":%d,"first":%d,"changes":[%s]}`, client, version, n+1, changes)
		if err := r.ask("POST", r.text(draft), cookie, body, &pushed); err != nil {
			return err
		}
		version = pushed.Version
	}
	return nil
}

// listen notes how long the letters of others took.
func listen(ws *websocket.Conn, own string, typed *sync.Map) []time.Duration {
	var heard []time.Duration
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			return heard
		}
		now := time.Now()
		var f struct{ Updates []cowrite.Update }
		if json.Unmarshal(text, &f) != nil {
			continue
		}
		for _, u := range f.Updates {
			if at, ok := typed.Load(fmt.Sprint(u.Client, " ", u.Number)); ok && u.Client != own {
				heard = append(heard, now.Sub(at.(time.Time)))
			}
		}
	}
}
