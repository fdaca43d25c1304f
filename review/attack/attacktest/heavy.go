package attacktest

import "testing"

// Heavy skips a test that goes through much in one goroutine, which the race
// detector makes ten times slower for nothing, and with -short. make soak runs it.
func Heavy(t testing.TB) {
	t.Helper()
	if underRace || testing.Short() {
		t.Skip("SKIPPED: too much for the race detector and for -short; make soak runs it")
	}
}
