//go:build race

package review_test

const underRace = true
