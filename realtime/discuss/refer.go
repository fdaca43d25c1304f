package discuss

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/markdown"
)

// Reference is a part of a message that stands for a thing or a person.
type Reference struct {
	markdown.Reference
	User string // who is mentioned; empty: it is a link
}

// Find lists what plain words stand for, in any order.
type Find func(words string) []Reference

// Refer makes the Find of a message of a workshop, from all of its text. The
// handle may be inside a transaction.
type Refer func(db *gorm.DB, workshop, body string) (Find, error)

// Refer says what messages link to and whom they mention; without it they do
// not. Call it before the first message.
func (d *Discussion) Refer(by Refer) { d.refer = by }

// render gives a message as HTML, and who is mentioned in it, each once.
func (d *Discussion) render(db *gorm.DB, workshop, body string) (html string, mentions []string, err error) {
	if d.refer == nil {
		return d.text.Render(body), nil, nil
	}
	find, err := d.refer(db, workshop, body)
	if err != nil {
		return "", nil, err
	}
	html = d.text.RenderIn(body, markdown.Context{Refer: func(words string) []markdown.Reference {
		var links []markdown.Reference
		for _, r := range apart(find(words)) {
			links = append(links, r.Reference)
			if r.User != "" && !slices.Contains(mentions, r.User) {
				mentions = append(mentions, r.User)
			}
		}
		return links
	}})
	return html, mentions, nil
}

// apart orders references and leaves out what lies within another; who shares a
// name with somebody is mentioned beside them.
func apart(refs []Reference) []Reference {
	slices.SortStableFunc(refs, func(a, b Reference) int { return cmp.Or(a.From-b.From, b.To-a.To) })
	end := 0
	return slices.DeleteFunc(refs, func(r Reference) bool {
		before := end
		end = max(end, r.To)
		return r.From < before && r.To != before
	})
}

// Person is somebody who can be mentioned.
type Person struct {
	User, Name, Organisation string
	Page                     string // where one reads who they are
}

// shortID is how much of a user's id tells people of one name and organisation
// apart.
const shortID = 8

// called lists what somebody can be mentioned by: their name, and for those who
// share it, their name with more, as in Ana (Example CERT).
func (p Person) called() []Person {
	id := p.User[:min(len(p.User), shortID)]
	as := []string{"", " (" + id + ")"}
	if p.Organisation != "" {
		as = append(as, " ("+p.Organisation+")", " ("+p.Organisation+", "+id+")")
	}
	all := make([]Person, len(as))
	for i, more := range as {
		all[i] = p
		all[i].Name += more
	}
	return all
}

// mostMentions bounds how many are looked for in one piece of a text.
const mostMentions = 50

// Mentions finds people who are mentioned as @Name, whatever the case; the
// longest name counts. A name that several bear mentions them all and leads to
// none, unless it says which one, as the completion of a page does.
func Mentions(everybody []Person) Find {
	var people []Person
	for _, p := range everybody {
		if strings.TrimSpace(p.Name) != "" {
			people = append(people, p.called()...)
		}
	}
	slices.SortStableFunc(people, func(a, b Person) int { return len(b.Name) - len(a.Name) })
	return func(words string) []Reference {
		var found []Reference
		at := 0
		for range mostMentions {
			next := strings.IndexByte(words[at:], '@')
			if next < 0 {
				break
			}
			from := at + next
			at = from + 1
			if before, _ := utf8.DecodeLastRuneInString(words[:from]); isWord(before) { // an address
				continue
			}
			length, first := 0, len(found)
			for _, p := range people {
				if length > 0 && len(p.Name) != length || !begins(words[at:], p.Name) {
					continue
				}
				length = len(p.Name)
				found = append(found, Reference{markdown.Reference{From: from, To: at + length, Href: p.Page, Names: true}, p.User})
			}
			if len(found) > first+1 {
				for i := range found[first:] {
					found[first+i].Href = ""
				}
			}
			at += length
		}
		return found
	}
}

// begins says whether words begin with a name that ends there.
func begins(words, name string) bool {
	if len(words) < len(name) || !strings.EqualFold(words[:len(name)], name) {
		return false
	}
	after, _ := utf8.DecodeRuneInString(words[len(name):])
	return !isWord(after)
}

func isWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
}

// writeMentions gives who is mentioned as a row keeps it.
func writeMentions(users []string) (string, error) {
	text, err := json.Marshal(append([]string{}, users...))
	if err != nil {
		return "", fmt.Errorf("write who is mentioned: %w", err)
	}
	return string(text), nil
}

// mentions says whether a row mentions a user.
func mentions(row, user string) (bool, error) {
	var users []string
	if err := json.Unmarshal([]byte(row), &users); err != nil {
		return false, fmt.Errorf("read who is mentioned: %w", err)
	}
	return slices.Contains(users, user), nil
}
