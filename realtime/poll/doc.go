// Package poll keeps polls: yes, no or abstain, a choice, a ranking, dots. They
// are made, opened and closed by who runs the room; the result is an event of
// the journal.
//
// # Votes by name
//
// A ballot is kept with its voter, may be changed until the poll is closed, and
// the bars move with each.
//
// # Anonymous votes
//
// That somebody has voted is kept; what they voted is not, nowhere. A ballot is
// added to sums in the memory of the process and then forgotten: it is written
// to no table, no event, no log, and the answers that are kept for repeated
// requests know nothing of it either, not even a hash. The sums are written
// once, when the poll is closed, so that nobody can compare two states of the
// database, of its log or of a backup; no bar moves before. Of a ranking, points
// and first places are summed up: a whole order would be as good as a signature.
// Where fewer than MinAnonymous have voted the sums are not written at all.
//
// What this costs: a vote cannot be changed, and one that was cast before the
// process ended is gone with it. Recover then forgets, too, who had voted and
// tells the room, whose pages send their votes again or ask for them. One
// process at a time keeps the votes of a poll; others on the same database hand
// on to it what they are asked, by way of NATS, which keeps nothing of it, and
// take the poll over where it is gone.
//
// What it cannot hide: where all agree, the result says what each voted. Who
// has the running process in hand (a debugger, a memory dump, the network
// before encryption, NATS when it is told to trace what it carries) sees votes
// come in; and a database server that is told to log every statement with its
// time logs who voted when, though not what.
package poll
