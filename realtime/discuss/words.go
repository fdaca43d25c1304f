package discuss

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/realtime/span"
)

// KindFollowed is the journal's event of words in a text that threads are about
// and that are elsewhere in its next revision, or not there any more.
const KindFollowed = "thread.followed"

// MaxQuote is how many words, in characters, a thread can be about.
const MaxQuote = 1000

// around is how much of the text before and behind words is kept, in characters.
const around = 40

// Words are a part of a text that a thread is about.
type Words struct {
	Quote    string `json:"quote" doc:"as they were when the thread began"`
	Before   string `json:"before" doc:"the text before them then"`
	After    string `json:"after" doc:"the text behind them then"`
	Start    int    `json:"start" doc:"where they begin in the field's text of the revision, in UTF-16 units"`
	End      int    `json:"end" doc:"where they end there"`
	Revision int64  `json:"revision" doc:"the last one that has them"`
	Gone     bool   `json:"gone" doc:"true: they are no longer in the text"`
}

// Followed is where the words of a thread are now.
type Followed struct {
	Thread string `json:"thread"`
	Anchor string `json:"anchor" doc:"what the thread is about, as type:id"`
	Words  Words  `json:"words"`
}

// Quote makes the Words of a revision's text. The fault is Invalid where they
// are not there.
func Quote(text string, revision int64, quote string, start int) (Words, error) {
	from := bytesOf(text, start)
	switch {
	case quote == "":
		return Words{}, fault.InField("words", "Choose some words first.")
	case utf8.RuneCountInString(quote) > MaxQuote:
		return Words{}, fault.InField("words", "This is long: choose at most %d characters, or discuss the whole field.", MaxQuote)
	case from < 0 || len(text)-from < len(quote) || text[from:from+len(quote)] != quote:
		return Words{}, fault.InField("words", "The text does not have these words there. Load the page again and choose them once more.")
	}
	w := Words{Quote: quote, Before: lastOf(text[:from]), After: firstOf(text[from+len(quote):]), Revision: revision}
	w.Start, w.End = unitsOf(text[:from]), unitsOf(text[:from+len(quote)])
	return w, nil
}

// Follow finds the words in the text of a later revision; then is the text of
// the revision in which they are.
func (w Words) Follow(then, now string, revision int64) Words {
	start, end := bytesOf(then, w.Start), bytesOf(then, w.End)
	if start < 0 || end < start {
		w.Gone = true
		return w
	}
	found, ok := span.Follow(then, now, span.Span{Start: start, End: end})
	if w.Gone = !ok; ok {
		w.Start, w.End, w.Revision = unitsOf(now[:found.Start]), unitsOf(now[:found.End]), revision
	}
	return w
}

// FollowIn finds the words that threads about an anchor are about in its next
// revision, and tells where they are, in the transaction that makes it; text
// reads a field of a revision.
func FollowIn(tx *journal.Tx, workshop, actor string, about Anchor, revision int64, text func(revision int64, field string) (string, error)) error {
	var rows []thread
	err := tx.Where("workshop_id = ? AND anchor_type = ? AND anchor_id = ? AND words <> ''", workshop, about.Type, about.ID).Order("created_at, id").Find(&rows).Error
	if err != nil {
		return fmt.Errorf("list the threads about words: %w", err)
	}
	var told []Followed
	for _, t := range rows {
		was, is, err := t.follow(revision, text)
		if err != nil {
			return err
		}
		if is == was {
			continue
		}
		if t.Words, err = is.kept(); err != nil {
			return err
		}
		if err := tx.Model(&thread{}).Where("id = ?", t.ID).Update("words", t.Words).Error; err != nil {
			return fmt.Errorf("keep where the words of a thread are: %w", err)
		}
		told = append(told, Followed{t.ID, about.String(), is})
	}
	if told == nil {
		return nil
	}
	_, err = tx.Append(workshop, actor, KindFollowed, map[string]any{"followed": told})
	return err
}

// follow gives the words of a thread as they were, and as they are in a revision.
func (t thread) follow(revision int64, text func(revision int64, field string) (string, error)) (was, is Words, err error) {
	known, err := t.words()
	if err != nil {
		return was, is, err
	}
	then, err := text(known.Revision, t.Field)
	if err != nil {
		return was, is, err
	}
	now, err := text(revision, t.Field)
	return *known, known.Follow(then, now, revision), err
}

func (w Words) kept() (string, error) {
	text, err := json.Marshal(w)
	if err != nil {
		return "", fmt.Errorf("write the words that a thread is about: %w", err)
	}
	return string(text), nil
}

// words reads what a thread is about; nil: it is not about certain words.
func (t thread) words() (*Words, error) {
	if t.Words == "" {
		return nil, nil
	}
	var w Words
	if err := json.Unmarshal([]byte(t.Words), &w); err != nil {
		return nil, fmt.Errorf("read the words that thread %s is about: %w", t.ID, err)
	}
	return &w, nil
}

// bytesOf is where a number of UTF-16 units ends in a text; -1: nowhere.
func bytesOf(text string, units int) int {
	for at, r := range text {
		if units <= 0 {
			if units < 0 {
				return -1
			}
			return at
		}
		units -= unitsIn(r)
	}
	if units != 0 {
		return -1
	}
	return len(text)
}

func unitsOf(text string) int {
	n := 0
	for _, r := range text {
		n += unitsIn(r)
	}
	return n
}

// unitsIn is how many UTF-16 units a character takes.
func unitsIn(r rune) int {
	if r >= 0x10000 {
		return 2
	}
	return 1
}

// lastOf and firstOf give the end, and the beginning, of a text.
func lastOf(text string) string {
	at := len(text)
	for n := 0; n < around && at > 0; n++ {
		_, size := utf8.DecodeLastRuneInString(text[:at])
		at -= size
	}
	return text[at:]
}

func firstOf(text string) string {
	n := 0
	for at := range text {
		if n++; n > around {
			return text[:at]
		}
	}
	return text
}
