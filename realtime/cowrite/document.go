package cowrite

import (
	"unicode/utf16"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// Name is the name of a text: what it belongs to, and which field of it it is.
type Name struct{ Topic, Field string }

// Text is a text at a version.
type Text struct {
	Version int64  `json:"version"`
	Text    string `json:"text"`
}

// Update is one change as everybody gets it: it makes version Version of the
// text out of the one before.
type Update struct {
	Version int64   `json:"version"`
	Author  string  `json:"author" doc:"user id"`
	Client  string  `json:"client" doc:"the author's editor that made it"`
	Number  int64   `json:"number" doc:"counts the updates of the client from 1"`
	Changes Changes `json:"changes" doc:"a ChangeSet of CodeMirror as JSON"`
}

func (u Update) from(p Push) bool { return u.Author == p.Author && u.Client == p.Client }

// Push is what a client has written since a version: all of it that is not
// acknowledged, in order, each change for the text that the one before made.
// Two editors never have the same client, and an editor that comes back with
// what the device kept has the one that it had.
type Push struct {
	Author  string
	Client  string
	Version int64 // that the client had seen
	First   int64 // the number of the first change
	Changes []Changes
}

// document is a text in memory. A value never changes, so that one that is read
// stays whole while the next is made.
type document struct {
	id      int64
	version int64
	text    []uint16
	recent  []Update // the latest, the last of which made version
	stored  int64    // the version of the text in its row
	size    int64    // bytes of all updates that there ever were
	writers map[string]bool
}

// since gives the updates behind a version; ok is false where memory has not all
// of them.
func (d *document) since(version int64) (updates []Update, ok bool) {
	behind := d.version - version
	if behind < 0 || behind > int64(len(d.recent)) {
		return nil, false
	}
	return d.recent[len(d.recent)-int(behind):], true
}

// whole gives the text as it is.
func (d *document) whole() Text { return Text{d.version, string(utf16.Decode(d.text))} }

// take gives the document with what was pushed, and the updates that were made
// of it: none where all was there before.
func (d *document) take(p Push, l Limits) (*document, []Update, error) {
	since, ok := d.since(p.Version)
	if p.Version > d.version { // the database is older than what the client has seen
		return nil, nil, historyGone(d.whole())
	}
	if !ok || work(p, since) > l.Work {
		return nil, nil, farBehind()
	}
	length := len(d.text)
	if len(since) > 0 {
		length = since[0].Changes.before
	}
	for _, c := range p.Changes {
		if c.before != length {
			return nil, nil, doesNotFit()
		}
		length = c.after
	}
	own, known, err := rebase(p, since)
	if err != nil || len(own) == 0 {
		return d, nil, err
	}
	first := p.First + int64(known)
	if last, ok := d.lastOf(p); ok && first != last+1 {
		return nil, nil, twoSenders()
	}
	return d.with(p, first, own, l)
}

// work is about how many parts rebasing has to look at.
func work(p Push, since []Update) int {
	own, others := 0, 0
	for _, c := range p.Changes {
		own += len(c.parts) + 1
	}
	for _, u := range since {
		others += len(u.Changes.parts) + 1
	}
	return own*len(since) + others*len(p.Changes)
}

// lastOf gives the number of the latest update of a client, where it is recent.
func (d *document) lastOf(p Push) (number int64, ok bool) {
	for i := len(d.recent) - 1; i >= 0; i-- {
		if d.recent[i].from(p) {
			return d.recent[i].Number, true
		}
	}
	return 0, false
}

// with gives the document after changes that are for it as it is.
func (d *document) with(p Push, first int64, own []Changes, l Limits) (*document, []Update, error) {
	next := *d
	updates := make([]Update, len(own))
	for i, c := range own {
		next.text = c.apply(next.text)
		if c.tears(next.text) {
			return nil, nil, doesNotFit()
		}
		next.version++
		updates[i] = Update{Version: next.version, Author: p.Author, Client: p.Client, Number: first + int64(i), Changes: c}
	}
	if n := len(next.text); n > l.Length && n > len(d.text) {
		return nil, nil, fault.New(fault.TooLarge, "This text has %d characters; %d are allowed. Shorten it.", n, l.Length)
	}
	next.recent = lately(d.recent, updates, l.Recent)
	return &next, updates, nil
}

// lately adds updates to those in memory and drops the oldest, not each time.
func lately(recent, more []Update, limit int) []Update {
	if len(recent)+len(more) < 2*limit {
		return append(recent, more...)
	}
	all := append(recent, more...)
	return append(make([]Update, 0, 2*limit), all[max(0, len(all)-limit):]...)
}

// What Push says where it does not take something.

func historyGone(now Text) *fault.Error {
	return fault.New(fault.Gone, "This text has changed too much since this page saw it last. Copy what you wrote, and load the text as it is now.").With(now)
}

func farBehind() *fault.Error {
	return fault.New(fault.Stale, "This text has changed much since this page saw it last. Get what came since, and send again.")
}

func doesNotFit() *fault.Error {
	return fault.New(fault.Invalid, "This change is not one of the text that it is said to be of. Copy what you wrote, and load the text as it is now.")
}

func twoSenders() *fault.Error {
	return fault.New(fault.Conflict, "Another page has sent changes in the name of this one. Copy what you wrote, and load the text as it is now.")
}
