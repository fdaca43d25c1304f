package directory

import (
	"cmp"
	"net/mail"
	"net/url"
	"slices"
	"strings"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// Limits of a card, in characters; and how many interests it has.
const (
	MaxSaid      = 500
	MaxInterests = 30
	maxLine      = 200
)

// MemberCard is what a member says about themselves to the workshop.
type MemberCard struct {
	Shown     bool       `json:"shown" doc:"others in the workshop see it"`
	Offers    string     `json:"offers" maxLength:"5000" doc:"what they can help with"`
	Seeks     string     `json:"seeks" maxLength:"5000" doc:"what they look for"`
	Interests []Interest `json:"interests" maxItems:"100"`
}

// InterestKind is what an interest is in.
type InterestKind string

// The kinds of interests, all words or objects of the taxonomy.
const (
	InTactic   InterestKind = "tactic"
	InPlatform InterestKind = "platform"
	InGroup    InterestKind = "group"
)

// Interest is something of the taxonomy that a member cares about.
type Interest struct {
	Kind  InterestKind `json:"kind" enum:"tactic,platform,group"`
	Value string       `json:"value" maxLength:"200" doc:"short name of a tactic, a platform, or the STIX id of a group"`
	Label string       `json:"label,omitempty" readOnly:"true" doc:"as people know it"`
}

// labels gives what people call an interest in a domain.
func labels(now *taxonomy.Snapshot, domain string) func(Interest) string {
	tactics := map[string]string{}
	for _, t := range now.Vocabulary(domain).Tactics {
		tactics[t.Value] = t.Label
	}
	return func(i Interest) string {
		switch i.Kind {
		case InTactic:
			return cmp.Or(tactics[i.Value], i.Value)
		case InGroup:
			if o, ok := now.Object(i.Value); ok {
				return o.Name
			}
		}
		return i.Value
	}
}

// in says whether an interest is one that a domain has.
func (i Interest) in(now *taxonomy.Snapshot, domain string) bool {
	has := func(terms []taxonomy.Term) bool {
		return slices.ContainsFunc(terms, func(t taxonomy.Term) bool { return t.Value == i.Value })
	}
	switch i.Kind {
	case InTactic:
		return has(now.Vocabulary(domain).Tactics)
	case InPlatform:
		return has(now.Vocabulary(domain).Platforms)
	case InGroup:
		o, ok := now.Object(i.Value)
		return ok && o.Type == "intrusion-set"
	}
	return false
}

// clean checks a card.
func (c MemberCard) clean(now *taxonomy.Snapshot, domain string) (MemberCard, error) {
	c.Offers, c.Seeks = strings.TrimSpace(c.Offers), strings.TrimSpace(c.Seeks)
	if err := typed.Text("offers", c.Offers, MaxSaid); err != nil {
		return c, err
	}
	if err := typed.Text("seeks", c.Seeks, MaxSaid); err != nil {
		return c, err
	}
	for _, one := range []struct{ field, text string }{{"offers", c.Offers}, {"seeks", c.Seeks}} {
		if found, failed := check.Failed(check.Notice(one.field, one.text, check.Known{})); failed {
			return c, fault.InField(one.field, "Others read this: %s Leave it out.", found.Message)
		}
	}
	list := []Interest{}
	for _, i := range c.Interests {
		i.Label = ""
		if !i.in(now, domain) {
			return c, fault.InField("interests", "%.60q is no %s of this workshop's ATT&CK.", i.Value, i.Kind)
		}
		if !slices.Contains(list, i) {
			list = append(list, i)
		}
	}
	if len(list) > MaxInterests {
		return c, fault.InField("interests", "Choose at most %d interests; the fewer, the more they tell.", MaxInterests)
	}
	c.Interests = list
	return c, nil
}

// Contact is how somebody can be reached. Only who exchanged contacts with them
// sees it.
type Contact struct {
	Email string `json:"email" maxLength:"1000"`
	Phone string `json:"phone" maxLength:"1000"`
	Web   string `json:"web" maxLength:"1000" doc:"an address that begins with https://"`
	Other string `json:"other" maxLength:"1000" doc:"such as a handle in a chat"`
}

func (c Contact) clean() (Contact, error) {
	for name, text := range map[string]*string{"email": &c.Email, "phone": &c.Phone, "web": &c.Web, "other": &c.Other} {
		*text = strings.TrimSpace(*text)
		if err := typed.Line("contact."+name, *text, maxLine); err != nil {
			return c, err
		}
	}
	if c.Email != "" {
		if a, err := mail.ParseAddress(c.Email); err != nil || a.Address != c.Email {
			return c, fault.InField("contact.email", "This is no e-mail address.")
		}
	}
	if strings.ContainsFunc(c.Phone, func(r rune) bool { return !strings.ContainsRune("+0123456789 ()-/.", r) }) {
		return c, fault.InField("contact.phone", "A phone number has digits, spaces and + ( ) - / . only.")
	}
	if c.Web != "" {
		if u, err := url.Parse(c.Web); err != nil || u.Scheme != "https" || u.Host == "" {
			return c, fault.InField("contact.web", "Give an address that begins with https://.")
		}
	}
	return c, nil
}
