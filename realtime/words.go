package realtime

import "github.com/gorilla/websocket"

// words are what is said of presence at one moment: each frame is encoded once
// for all who get it.
type words struct {
	room    *room
	before  presence
	next    presence
	counted bool // the count is another
	whole   map[string]*websocket.PreparedMessage
	changed map[string]*websocket.PreparedMessage // nil where nothing did
}

func newWords(r *room, next presence, counted bool) *words {
	return &words{room: r, before: r.presence, next: next, counted: counted, whole: map[string]*websocket.PreparedMessage{}, changed: map[string]*websocket.PreparedMessage{}}
}

// to gives what one is told who is on a page now; nil: nothing.
func (w *words) to(s seen, page string) *websocket.PreparedMessage {
	known, say := w.changed, w.changes
	if !s.any || s.page != page {
		known, say = w.whole, w.all
	}
	message, ok := known[page]
	if !ok {
		message = say(page)
		known[page] = message
	}
	return message
}

func (w *words) frame() frame {
	return frame{Type: "presence", Topic: w.room.topic, Count: w.next.count}
}

// all names everybody on a page.
func (w *words) all(page string) *websocket.PreparedMessage {
	f := w.frame()
	f.Full = true
	for _, at := range w.next.named[page] {
		f.Here = append(f.Here, at)
	}
	return w.room.hub.prepare(f)
}

// changes names who came to a page, moved there, or left.
func (w *words) changes(page string) *websocket.PreparedMessage {
	f, before, now := w.frame(), w.before.named[page], w.next.named[page]
	for user, at := range now {
		if old, known := before[user]; !known || old != at {
			f.Here = append(f.Here, at)
		}
	}
	for user := range before {
		if _, there := now[user]; !there {
			f.Left = append(f.Left, user)
		}
	}
	if len(f.Here)+len(f.Left) == 0 && !w.counted {
		return nil
	}
	return w.room.hub.prepare(f)
}
