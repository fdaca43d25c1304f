// Package bus carries what the processes of one installation tell each other:
// hints that something is new in the database, signals such as who is where, and
// questions to the one process that has something in its memory.
//
// Nothing that counts is on it alone. A message may get lost, and who hears of
// something reads it from the database; who asks and gets no answer looks there,
// too. Messages of one process arrive in their order, and a process does not hear
// itself.
package bus

import (
	"context"
	"errors"
)

// Bus is the end of one process.
type Bus interface {
	// Tell tells all other processes. It does not block.
	Tell(subject string, message []byte)
	// Hear has f called with each message on a subject, one after the other.
	Hear(subject string, f func(message []byte)) error
	// Ask asks the process that answers on a subject. The error is ErrNobody
	// where there is none; after any other it may have heard the question.
	Ask(ctx context.Context, subject string, question []byte) ([]byte, error)
	// Answer has f called with each question on a subject, several at once.
	Answer(subject string, f func(question []byte) []byte) error
	// Back has f called when messages may have got lost, and do not any more.
	Back(f func())
	// Close ends it. Nothing more arrives after that.
	Close() error
}

// ErrNobody says that no process answers on a subject.
var ErrNobody = errors.New("no process answers")
