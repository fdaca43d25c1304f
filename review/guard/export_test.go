package guard

// Steps gives how many bytes the passes over a text looked at, again and again
// counted.
func Steps(text string, known Known) int { return StepsOf(text, New(known, nil)) }

// StepsOf does what Steps does, for a Guard.
func StepsOf(text string, g *Guard) int {
	s := newScanner(text, g)
	s.scan()
	return s.steps
}
