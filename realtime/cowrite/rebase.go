package cowrite

// over gives the changes as they are for the text that others have changed,
// where both are made for the same text. Where both insert at one place, the
// others' text comes first, or, where first is true, the own. For all a and b of
// one text, a and then b.over(a, false) makes the same as b and then
// a.over(b, true). The order is that of CodeMirror's ChangeSet.map in all cases,
// for clients do the same on their side.
func (c Changes) over(others Changes, first bool) Changes {
	var moved Changes
	own, other := walk{parts: c.parts}, walk{parts: others.parts}
	for !own.done() || !other.done() {
		switch {
		case own.stays() && other.stays():
			n := min(own.left(), other.left())
			moved.keep(n)
			own.skip(n)
			other.skip(n)
		case other.changes() && (!own.changes() || own.written || own.whole() && other.comesBefore(own, first)):
			moved.pass(&own, &other)
		default:
			moved.carry(&own, &other)
		}
	}
	return moved
}

// pass goes past a change of the others. What they replaced is there no more, so
// that what the own changes delete of it is dropped; what these insert in it
// comes behind what the others inserted.
func (c *Changes) pass(own, other *walk) {
	c.keep(len(other.part().text))
	for n := other.left(); n > 0; {
		piece := min(own.left(), n)
		n -= piece
		if own.changes() && !own.written && own.left() == piece {
			c.replace(0, own.write())
		}
		own.skip(piece)
	}
	other.next()
}

// carry takes an own change over, as far as the next place where the others
// inserted. What they deleted of it already is left out.
func (c *Changes) carry(own, other *walk) {
	deletes, left := 0, own.left()
	for left > 0 {
		if other.stays() {
			n := min(left, other.left())
			deletes += n
			left -= n
			other.skip(n)
			continue
		}
		if len(other.part().text) > 0 || other.left() >= left {
			break
		}
		left -= other.left()
		other.next()
	}
	c.replace(deletes, own.write())
	own.skip(own.left() - left)
}

// walk is a place within changes.
type walk struct {
	parts   []part
	at      int  // the part
	used    int  // units of it that lie behind
	written bool // the text of the part has been carried over
}

func (w *walk) done() bool    { return w.at == len(w.parts) }
func (w *walk) part() *part   { return &w.parts[w.at] }
func (w *walk) stays() bool   { return !w.done() && w.part().stays }
func (w *walk) changes() bool { return !w.done() && !w.part().stays }
func (w *walk) whole() bool   { return w.used == 0 }

// left is how many units of the part lie ahead; none at the end.
func (w *walk) left() int {
	if w.done() {
		return 0
	}
	return w.part().length - w.used
}

// write gives the text of the part once.
func (w *walk) write() []uint16 {
	if w.written {
		return nil
	}
	w.written = true
	return w.part().text
}

// skip goes on by n units, and past a part that is used up.
func (w *walk) skip(n int) {
	if w.used += n; w.left() == 0 {
		w.next()
	}
}

func (w *walk) next() {
	w.at, w.used, w.written = w.at+1, 0, false
}

// comesBefore says which of two changes at one place is first: the one that
// deletes less, and of equals the others'.
func (w *walk) comesBefore(own walk, first bool) bool {
	return w.left() < own.left() || w.left() == own.left() && !first
}

// rebase moves what a client has pushed over the updates since the version that
// it had seen, and leaves out the first ones where they are among these already.
// The client has moved those just so, or it is not the one that sent them.
func rebase(p Push, since []Update) (own []Changes, known int, err error) {
	own = p.Changes
	for _, u := range since {
		switch {
		case len(own) == 0: // a late repeat
			return nil, known, nil
		case !u.from(p):
			own = moveOver(own, u.Changes)
		case u.Number != p.First+int64(known) || !u.Changes.equal(own[0]):
			return nil, known, twoSenders()
		default:
			own, known = own[1:], known+1
		}
	}
	return own, known, nil
}

// moveOver moves changes that follow one another over those of somebody else,
// which were made for the same text as the first of them.
func moveOver(own []Changes, theirs Changes) []Changes {
	moved := make([]Changes, len(own))
	for i, c := range own {
		moved[i] = c.over(theirs, false)
		theirs = theirs.over(c, true)
	}
	return moved
}
