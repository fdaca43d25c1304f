package guard

// Steps gives how many bytes the passes over a text looked at, again and again
// counted.
func Steps(text string, known Known) int {
	s := newScanner(text, New(known, nil))
	s.scan()
	return s.steps
}
