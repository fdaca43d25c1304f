// Package fault names what went wrong: a stable code for programs, a sentence
// for the person who has to act, and a private cause for the log.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Code is a stable name of a kind of failure. The table from code to HTTP
// status is in app/web.
type Code string

// The codes, from "you are not signed in" to "we are at fault".
const (
	Unauthenticated Code = "unauthenticated" // no valid session
	Forbidden       Code = "forbidden"       // signed in, but the role does not allow it
	NotFound        Code = "not_found"       // does not exist, or must not be known to exist
	Invalid         Code = "invalid"         // the input is wrong; Field says where
	Stale           Code = "stale"           // somebody else was faster; Details carries their state
	Conflict        Code = "conflict"        // the action does not fit the present state
	Gone            Code = "gone"            // was valid once: expired or used up
	TooLarge        Code = "too_large"       // over a size limit
	TooMany         Code = "too_many"        // more than may be at a time
	TooFast         Code = "too_fast"        // faster than one person may; the same is taken in a moment
	Unavailable     Code = "unavailable"     // try again later
	Internal        Code = "internal"        // our fault
)

// Error is a failure that a person can be told about.
type Error struct {
	Code    Code
	Message string        // a sentence that says what to do; safe to show
	Field   string        // JSON path of the offending input, if there is one
	Details any           // what the client needs to recover (for Stale: both sides)
	Wait    time.Duration // until it may be tried again; 0: nobody knows
	cause   error
}

// Error returns the message, and the cause where there is one.
func (e *Error) Error() string {
	if e.cause != nil {
		return e.Message + ": " + e.cause.Error()
	}
	return e.Message
}

// Unwrap gives the private cause.
func (e *Error) Unwrap() error { return e.cause }

// New makes an Error with a formatted message.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// InField makes an Invalid error about one input field.
func InField(field, format string, args ...any) *Error {
	return &Error{Code: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Because attaches the private cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// After says when it may be tried again.
func (e *Error) After(wait time.Duration) *Error {
	c := *e
	c.Wait = wait
	return &c
}

// With attaches details for the client.
func (e *Error) With(details any) *Error {
	c := *e
	c.Details = details
	return &c
}

// CodeOf finds the code of err; an error that carries none is Internal.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
