//go:build !race

package seed_test

const underRace = false
