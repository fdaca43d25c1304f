//go:build !race

package attacktest

const underRace = false
