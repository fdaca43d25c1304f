package attack

import "strings"

// The kill chain and the domain that ATT&CK began with; those that came later
// have the same name but for the word in front.
const (
	firstKillChain = "mitre-attack"
	firstDomain    = "enterprise-attack"
)

// DomainOf gives the domain whose tactics are of a kill chain: that of
// mitre-ics-attack is ics-attack. Empty: it is no kill chain of ATT&CK.
func DomainOf(killChain string) string {
	if killChain == firstKillChain {
		return firstDomain
	}
	domain, ok := strings.CutPrefix(killChain, "mitre-")
	if !ok {
		return ""
	}
	return domain
}
