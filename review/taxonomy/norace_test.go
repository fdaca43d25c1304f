//go:build !race

package taxonomy_test

const underRace = false
