package web

import (
	"slices"

	"github.com/atelier-attack/atelier/review"
)

// Allowed says what the table of access lets somebody do: a role in the
// operation's workshop, or anonymous, host, administrator, or the maintainer
// of another workshop.
func Allowed(operation, who string) bool {
	r, ok := accessTable()[operation]
	switch {
	case !ok:
		return false
	case r.resource == everyone:
		return true
	case who == "anonymous" || who == "foreign cookie":
		return false
	case r.resource == account:
		return true
	case r.resource == hosting:
		return who == "host" || who == "administrator"
	case r.resource == importing && (who == "administrator" || who == "elsewhere"):
		return true
	}
	return slices.Contains(r.roles, review.Role(who))
}
