package seed

// Link is a sign-in link to print.
type Link struct {
	Role string
	URL  string
}
