// Package search finds documents by words: by their keys and names, by what
// their own texts say, and by passages, which are texts about one or several
// documents. It knows nothing of what the documents are.
//
// An Index is built once, in one go, and never changes: it is safe for
// concurrent use and needs no lock. It keeps postings and no text, so who shows
// a hit marks the words in the text itself, with the Marker of the answer.
//
// Words are folded (case, accents, forms) and stemmed; the last word of a query
// may be unfinished, a word that is not known may be misspelled by one or two
// letters. The work of a query is bounded, whatever it says.
package search
