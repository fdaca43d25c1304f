// Package review is how the taxonomy is changed by people: proposals with
// drafts and immutable revisions, reviews, the state machine that governs
// them, and the queue of what waits for whom. It knows no HTTP.
package review
