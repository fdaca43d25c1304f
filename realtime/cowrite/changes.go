package cowrite

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/atelier-attack/atelier/realtime/typed"
)

// Changes is what one step does to a whole text, as CodeMirror's ChangeSet: the
// parts of the text in their order, each of which stays or is replaced. Lengths
// are in UTF-16 code units, as browsers count. A value never changes.
type Changes struct {
	parts  []part
	before int // the length of the text that it is for
	after  int // the length of the text that it makes
}

// part is a piece of the text before: it stays, or text takes its place.
type part struct {
	length int
	stays  bool
	text   []uint16
}

// keep lets the next n units stay.
func (c *Changes) keep(n int) {
	if n == 0 {
		return
	}
	c.before += n
	c.after += n
	if last := c.last(); last != nil && last.stays {
		last.length += n
		return
	}
	c.parts = append(c.parts, part{length: n, stays: true})
}

// replace puts text in the place of the next n units. Neighbours that only
// delete, or only insert, are one part, as CodeMirror has them.
func (c *Changes) replace(n int, text []uint16) {
	if n == 0 && len(text) == 0 {
		return
	}
	c.before += n
	c.after += len(text)
	last := c.last()
	switch {
	case last == nil || last.stays:
	case len(text) == 0 && len(last.text) == 0:
		last.length += n
		return
	case n == 0 && last.length == 0:
		last.text = slices.Concat(last.text, text)
		return
	}
	c.parts = append(c.parts, part{length: n, text: text})
}

func (c *Changes) last() *part {
	if len(c.parts) == 0 {
		return nil
	}
	return &c.parts[len(c.parts)-1]
}

// between gives the change that makes one text of another, and leaves alone what
// both begin and end with.
func between(before, after []uint16) Changes {
	most := min(len(before), len(after))
	start, same := 0, 0
	for start < most && before[start] == after[start] {
		start++
	}
	for same < most-start && before[len(before)-1-same] == after[len(after)-1-same] {
		same++
	}
	if start > 0 && before[start-1]>>10 == 0xD800>>10 { // half of a character
		start--
	}
	if same > 0 && before[len(before)-same]>>10 == 0xDC00>>10 {
		same--
	}
	var c Changes
	c.keep(start)
	c.replace(len(before)-start-same, after[start:len(after)-same])
	c.keep(same)
	return c
}

// empty says whether the changes change nothing.
func (c Changes) empty() bool {
	return !slices.ContainsFunc(c.parts, func(p part) bool { return !p.stays })
}

// equal says whether two changes do the same in the same way.
func (c Changes) equal(d Changes) bool {
	return slices.EqualFunc(c.parts, d.parts, func(p, q part) bool {
		return p.length == q.length && p.stays == q.stays && slices.Equal(p.text, q.text)
	})
}

// apply makes the text after of the text before, which must have the right
// length.
func (c Changes) apply(text []uint16) []uint16 {
	made := make([]uint16, 0, c.after)
	at := 0
	for _, p := range c.parts {
		if p.stays {
			made = append(made, text[at:at+p.length]...)
		} else {
			made = append(made, p.text...)
		}
		at += p.length
	}
	return made
}

// tears says whether the changes, which made this text, have left half a
// character somewhere: one outside of the basic plane is two units.
func (c Changes) tears(made []uint16) bool {
	at := 0
	for _, p := range c.parts {
		if tornAt(made, at) {
			return true
		}
		if p.stays {
			at += p.length
		} else {
			at += len(p.text)
		}
	}
	return tornAt(made, at)
}

// tornAt says whether exactly one of the units around a place is half of a
// character that the other one does not complete.
func tornAt(text []uint16, at int) bool {
	first := at > 0 && text[at-1]>>10 == 0xD800>>10
	second := at < len(text) && text[at]>>10 == 0xDC00>>10
	return first != second
}

// MarshalJSON gives the form of ChangeSet.toJSON.
func (c Changes) MarshalJSON() ([]byte, error) {
	out := []byte{'['}
	for i, p := range c.parts {
		if i > 0 {
			out = append(out, ',')
		}
		if p.stays {
			out = strconv.AppendInt(out, int64(p.length), 10)
			continue
		}
		out = append(out, '[')
		out = strconv.AppendInt(out, int64(p.length), 10)
		if len(p.text) > 0 {
			for line := range strings.SplitSeq(string(utf16.Decode(p.text)), "\n") {
				var err error
				if out, err = jsontext.AppendQuote(append(out, ','), line); err != nil {
					return nil, fmt.Errorf("encode changes: %w", err)
				}
			}
		}
		out = append(out, ']')
	}
	return append(out, ']'), nil
}

// UnmarshalJSON reads the form of ChangeSet.toJSON. It takes only what toJSON
// gives: else the client would go on with another form of the same change.
func (c *Changes) UnmarshalJSON(data []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(data))
	read, err := readChanges(d)
	if err != nil {
		return err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("there is something behind the changes")
	}
	*c = read
	return nil
}

func readChanges(d *jsontext.Decoder) (Changes, error) {
	var c Changes
	if err := begin(d); err != nil {
		return c, err
	}
	for d.PeekKind() != ']' {
		n := len(c.parts)
		if err := readPart(d, &c); err != nil {
			return c, err
		}
		if len(c.parts) != n+1 {
			return c, errors.New("changes have empty parts, or neighbours that are one part")
		}
	}
	_, err := d.ReadToken()
	return c, err
}

func begin(d *jsontext.Decoder) error {
	t, err := d.ReadToken()
	if err != nil {
		return err
	}
	if t.Kind() != '[' {
		return errors.New("changes are lists of numbers and of lists")
	}
	return nil
}

// readPart reads a length that stays, or a list of a length and the lines that
// take its place.
func readPart(d *jsontext.Decoder, c *Changes) error {
	if d.PeekKind() == '0' {
		n, err := readLength(d, c)
		c.keep(n)
		return err
	}
	if err := begin(d); err != nil {
		return err
	}
	n, err := readLength(d, c)
	if err != nil {
		return err
	}
	var text []uint16
	lines := 0
	for ; d.PeekKind() == '"'; lines++ {
		t, err := d.ReadToken()
		if err != nil {
			return err
		}
		line := t.String()
		if strings.ContainsFunc(line, func(r rune) bool { return r != '\t' && typed.Hidden(r) }) {
			return errors.New("changes insert invisible control characters, which no text has")
		}
		if lines > 0 {
			text = append(text, '\n')
		}
		text = append(text, utf16.Encode([]rune(line))...)
	}
	c.replace(n, text)
	t, err := d.ReadToken()
	if err == nil && (t.Kind() != ']' || lines == 1 && len(text) == 0) {
		err = errors.New("a part that changes has a length and lines")
	}
	return err
}

// longest bounds lengths, so that no sum of them overflows.
const longest = 1 << 24

func readLength(d *jsontext.Decoder, c *Changes) (int, error) {
	t, err := d.ReadToken()
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(t.String())
	if t.Kind() != '0' || err != nil || n < 0 || c.before+n > longest {
		return 0, errors.New("a part of changes begins with a length")
	}
	return n, nil
}
