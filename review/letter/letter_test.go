package letter_test

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/review/letter"
)

const mail = `Hello,

this is what we saw.

> **Technique Name:** Kettle
>   Boiling
Tactic: Impact, Defense Evasion
Platform(s): Linux and macOS
Required Permissions: User
Sub-techniques: This is a sub-technique of T1485
Data Sources: Sensor: steam
Description: Adversaries may boil a kettle dry.

Note: they wait for it.
Detection: Listen for the whistle.
Adversary Use: A public report tells of it: (hxxps://www[.]example[.]com/kettles).
Additional References:
- Tea Research. (2025). On Steam. https://example.org/steam.
- www[.]example[.]net/lids
`

// TestRead takes a whole letter apart, and keeps what has no place of its own.
func TestRead(t *testing.T) {
	want := letter.Letter{Kind: letter.Technique, Name: "Kettle Boiling", Tactics: []string{"Impact", "Defense Evasion"}, Platforms: []string{"Linux", "macOS"},
		Parent: "T1485", Description: "Adversaries may boil a kettle dry.\n\nNote: they wait for it.",
		Sources: []letter.Source{
			{Text: "A public report tells of it", URL: "https://www.example.com/kettles"},
			{Text: "Tea Research. (2025). On Steam", URL: "https://example.org/steam"},
			{Text: "", URL: "https://www.example.net/lids"},
		},
		Note: "Hello,\n\nthis is what we saw.\n\nRequired Permissions: User\n\nData Sources: Sensor: steam\n\nDetection: Listen for the whistle.\n\n" +
			"Adversary Use: A public report tells of it: (hxxps://www[.]example[.]com/kettles)."}
	if got := letter.Read(strings.ReplaceAll(mail, "\n", "\r\n")); !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%+v\nwant\n%+v", got, want)
	}
}

// TestKinds tells letters on groups and software from those on techniques, and
// from what is none.
func TestKinds(t *testing.T) {
	for text, want := range map[string]letter.Letter{
		"Group Name: Teapot Gang\nAssociated Groups: Kettle Crew; Lid Lifters":  {Kind: letter.Group, Name: "Teapot Gang", Aliases: []string{"Kettle Crew", "Lid Lifters"}},
		"Software Name: Whistle\nType: malware":                                 {Kind: letter.Malware, Name: "Whistle", Note: "Type: malware"},
		"Software Name: Whistle\nType: Tool":                                    {Kind: letter.Tool, Name: "Whistle", Note: "Type: Tool"},
		"Name: Whistle":                                                         {Name: "Whistle"},
		"Just a text: with a colon.":                                            {Note: "Just a text: with a colon."},
		"Sub-techniques: T1485 would be one of it":                              {Note: "Sub-techniques: T1485 would be one of it"},
		"Name: Whistle\nContributors: Ana Pour, Teapot Guild; Bo Steam\n- @lee": {Name: "Whistle", Contributors: []string{"Ana Pour, Teapot Guild", "Bo Steam"}, Note: "Contributors: @lee"},
		"• Technique Name：Kettle Boiling\n– *Tactic* - Impact\nDescription\n\nAdversaries may boil\nkettles dry, or\n- steal them.\n\nThey do so.": {Kind: letter.Technique,
			Name: "Kettle Boiling", Tactics: []string{"Impact"}, Description: "Adversaries may boil kettles dry, or\n- steal them.\n\nThey do so."},
		"Software Name: Whistle\nFirst seen: 2024\nDescription: Whistles.\nNote: loudly.": {Kind: letter.Malware, Name: "Whistle",
			Description: "Whistles. Note: loudly.", Note: "First seen: 2024"},
		"Name: Whistle\nDescription: Steam=20is\nhot.":       {Name: "Whistle", Description: "Steam=20is hot."},
		"Name: Whistle\nDescription: Steam=20is=\n h=C3=B6t": {Name: "Whistle", Description: "Steam is höt"},
		"Name: Whistle\nReferences:\n[1] Tea. https://example.org/a\n2) https://example.org/b": {Name: "Whistle",
			Sources: []letter.Source{{Text: "Tea", URL: "https://example.org/a"}, {URL: "https://example.org/b"}}},
		"Parent: T1485.001":  {Parent: "T1485"},
		"References: a book": {Note: "References: a book"},
		"":                   {},
	} {
		if got := letter.Read(text); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: read %+v, want %+v", text, got, want)
		}
	}
}

var words = regexp.MustCompile(`[\p{L}\p{N}]+`)

// FuzzRead loses no word of any letter, but for those that are its form.
func FuzzRead(f *testing.F) {
	f.Add(mail)
	f.Add("Contributor(s): Ana Pour, Teapot Guild; - bo@example.org\nContributor: Lee")
	f.Add("Name:\nName: a\n> Tactic:")
	f.Add("References: a book, see www.example.com/a and hxxp://b[.]example\nanother book")
	f.Add("Technique Name - a\nDescription\n```\nb\n```\nc=\nd\n[1] www.example.com")
	form := map[string]bool{}
	for _, word := range strings.Fields("and this is a hxxp hxxps sub subtechnique subtechniques technique techniques of name group groups software malware tool " +
		"associated names other aliases also known as tactic tactics s platform platforms parent description additional reference references " +
		"required permissions data source sources detection detections mitigation mitigations adversary use procedure examples used that type contributor contributors contact") {
		form[word] = true
	}
	f.Fuzz(func(t *testing.T, text string) {
		l := letter.Read(text)
		var said strings.Builder
		fmt.Fprint(&said, l.Name, " ", l.Aliases, l.Tactics, l.Platforms, l.Contributors, l.Parent, " ", l.Description, " ", l.Note)
		for _, s := range l.Sources {
			fmt.Fprint(&said, " ", s.Text, " ", s.URL)
			if !strings.Contains(s.URL, "://") {
				t.Errorf("the source %q has no address", s.URL)
			}
		}
		for _, word := range words.FindAllString(letter.Plain(text), -1) {
			if !form[strings.ToLower(word)] && !strings.Contains(strings.ToLower(said.String()), strings.ToLower(word)) {
				t.Errorf("%q is lost: %+v", word, l)
			}
		}
	})
}
