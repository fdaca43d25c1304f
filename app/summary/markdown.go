package summary

import (
	"fmt"
	"strings"

	"github.com/atelier-attack/atelier/realtime/desk"
	"github.com/atelier-attack/atelier/realtime/poll"
)

// Markdown writes a summary to be read elsewhere. name says what a person is
// called.
func (s Summary) Markdown(title string, name func(user string) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", plain(title))
	names := func(users []string) string {
		list := make([]string, len(users))
		for i, u := range users {
			list[i] = plain(name(u))
		}
		return strings.Join(list, ", ")
	}
	section(&b, "What was proposed", s.Proposed, func(l Line) string { return fmt.Sprintf("%s, by %s", l, names(l.By)) })
	section(&b, "What was decided", s.Decided, func(d Decision) string { return fmt.Sprintf("%s: %s by %s", d.Line, d.Verdict, plain(name(d.Who))) })
	section(&b, "What is left open", s.Open, func(l Line) string { return fmt.Sprintf("%s (%s)", l, strings.ReplaceAll(string(l.State), "_", " ")) })
	section(&b, "What was asked", s.Polls, pollLine)
	for _, w := range s.Written {
		section(&b, "Written in quiet: "+plain(w.Question), w.Notes, func(n desk.Note) string { return plain(name(n.User)) + ": " + plain(n.Text) })
	}
	section(&b, "To come back to", s.Parked, func(t desk.Topic) string {
		if t.Done {
			return plain(t.Text) + " (taken up)"
		}
		return plain(t.Text)
	})
	section(&b, "The agenda", s.Items, func(i Ran) string {
		text := fmt.Sprintf("%s: %d minutes of %d", plain(i.Title), i.Minutes, i.Planned)
		if i.Running {
			text += ", and it goes on"
		}
		return text
	})
	section(&b, "What was released", s.Releases, plain)
	section(&b, "Who worked with whom", s.Pairs, func(p Pair) string {
		numbers := make([]string, len(p.Proposals))
		for i, n := range p.Proposals {
			numbers[i] = fmt.Sprintf("#%d", n)
		}
		return fmt.Sprintf("%s: %s", names(p.Users), strings.Join(numbers, ", "))
	})
	fmt.Fprintf(&b, "\nPeople who did something: %d. Messages: %d.\n", len(s.People), s.Messages)
	return b.String()
}

// section writes a list under a heading, where there is something.
func section[T any](b *strings.Builder, heading string, list []T, text func(T) string) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s\n\n", heading)
	for _, one := range list {
		fmt.Fprintf(b, "- %s\n", text(one))
	}
}

// String names a proposal.
func (l Line) String() string { return fmt.Sprintf("#%d %s", l.Number, plain(l.Title)) }

// pollLine says what was asked and how it came out.
func pollLine(p poll.Poll) string {
	said := plain(p.Question)
	switch {
	case p.Tally == nil:
		return said
	case p.Tally.Withheld:
		return said + ": fewer than three voted, and it is not told what"
	}
	parts := make([]string, len(p.Options))
	for i, o := range p.Options {
		parts[i] = fmt.Sprintf("%s %d", plain(o), p.Tally.Counts[i])
	}
	return said + ": " + strings.Join(parts, ", ")
}

// plain has a text that somebody typed say only what it says: on one line, and
// without what Markdown would make of it.
func plain(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, "#", `\#`).Replace(text)
}
