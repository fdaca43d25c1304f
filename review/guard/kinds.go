package guard

import "slices"

// Kind is a sort of thing that must not be shared.
type Kind string

// The kinds.
const (
	IPv4         Kind = "ipv4"
	IPv6         Kind = "ipv6"
	CIDR         Kind = "cidr"
	Domain       Kind = "domain"
	URL          Kind = "url"
	Email        Kind = "email"
	Hash         Kind = "hash"
	Registry     Kind = "registry"
	Path         Kind = "path"
	Host         Kind = "host"
	User         Kind = "user"
	IBAN         Kind = "iban"
	Phone        Kind = "phone"
	Victim       Kind = "victim"
	Organisation Kind = "organisation"
	Marking      Kind = "marking"
)

// KindInfo says what people read about a kind.
type KindInfo struct {
	Kind  Kind
	Label string // in the singular, as in "an e-mail address"
	Why   string

	replacement string // where all of a kind have the same
	address     bool   // replaced by an address of the same form
}

// Kinds is the table of all kinds.
func Kinds() []KindInfo { return slices.Clone(kinds) }

const indicators = " Describe the behaviour; indicators belong into a reference."

var kinds = []KindInfo{
	{IPv4, "IPv4 address", "An address points to one machine at one time." + indicators, "192.0.2.1", true},
	{IPv6, "IPv6 address", "An address points to one machine at one time." + indicators, "2001:db8::1", true},
	{CIDR, "network", "A network range points to whoever uses it." + indicators, "", true},
	{Domain, "domain", "A domain points to one attack or one victim." + indicators, "example.com", true},
	{URL, "web address", "A web address points to one attack or one victim." + indicators, "https://example.com/", true},
	{Email, "e-mail address", "An e-mail address points to a person or a crew." + indicators, "someone@example.com", true},
	{Hash, "hash", "A hash points to one file." + indicators, "", false},
	{Registry, "registry path of a user", "This registry path names somebody's account.", "", false},
	{Path, "path of a user", "This path has the name of a user.", "", false},
	{Host, "host name", "A host name points to one machine of a victim.", "<host>", false},
	{User, "user name", "A user name points to one person or account.", "<user>", false},
	{IBAN, "bank account", "A bank account points to whoever holds it.", "a bank account", false},
	{Phone, "phone number", "A phone number points to a person or a crew.", "a phone number", false},
	{Victim, "victim", "This speaks of a victim. Only what attackers do belongs here.", "a victim", false},
	{Organisation, "organisation", "This names an organisation that takes part in the workshop.", "an organization", false},
	{Marking, "marking", "This marking is stricter than that of the workshop: the text may not be shared here.", "", false},
}

func kindOf(k Kind) KindInfo {
	for _, info := range kinds {
		if info.Kind == k {
			return info
		}
	}
	return KindInfo{Kind: k}
}
