package realtime

// past is what a room remembers of its topic: what came last, without gaps, each
// as it is sent. Who comes back after a lost connection gets it from here.
type past struct {
	start int64 // the number before the first item
	items [][]byte
}

// end is the last number that the room knows of.
func (p *past) end() int64 { return p.start + int64(len(p.items)) }

// add takes in what came behind the end, and forgets what is older than the
// last ones.
func (p *past) add(items [][]byte, keep int) {
	p.items = append(p.items, items...)
	if more := len(p.items) - 2*keep; more > 0 { // now and then, not at each event
		more += keep
		p.items = append(make([][]byte, 0, 2*keep), p.items[more:]...)
		p.start += int64(more)
	}
}

// reach takes in older items, which begin behind a number, where they close the
// gap to the others and are not too many.
func (p *past) reach(from int64, items [][]byte, keep int) bool {
	gap := p.start - from
	if gap > int64(len(items)) || gap+int64(len(p.items)) > 2*int64(keep) {
		return false
	}
	p.items = append(append(make([][]byte, 0, 2*keep), items[:gap]...), p.items...)
	p.start = from
	return true
}

// after gives at most so many items behind a number that is not older than the
// start.
func (p *past) after(seq int64, most int) [][]byte {
	items := p.items[seq-p.start:]
	return items[:min(len(items), most)]
}
