// Package realtime keeps the websockets: it sends each subscriber the journal
// of its workshop, first what was missed and then what comes, in order and
// once, and tells who is there. It only reads; writes go over HTTP.
package realtime
