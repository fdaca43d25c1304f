// Package cowrite lets several people write in one text at once. It is the one
// authority on each text: it takes changes in the form of CodeMirror's collab
// protocol, moves those that were made for an older version over what came
// since, numbers them, and knows the plain text at any time. It knows nothing
// of what the texts are.
//
// A change that Push answers for is in the database. The changes of a text have
// numbers without gaps, its versions; who has seen a version gets what came
// since, in order. A repeated change is known by its author, client and number,
// also after a crash, and is taken once.
//
// A change moves over others one at a time, here and in every client: moved over
// several that were composed into one it can end up elsewhere, and then two
// texts would differ. A client gives receiveUpdates one update at a time, too.
package cowrite
