//go:build !race

package release_test

const underRace = false
